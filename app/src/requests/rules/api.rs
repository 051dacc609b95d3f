//! The server functions of the rules.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    RuleId,
    requests::{RuleForm, RulePage, RulesPage, Trial},
};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use backend::requests::rules;
#[cfg(feature = "ssr")]
use model::access::Act;

#[cfg(feature = "ssr")]
const LIST: &str = "/requests/rules";

/// The rules that count, those being written with what they would have decided, and some earlier ones.
#[server(output = Postcard, prefix = "/api", endpoint = "rules/list", name = ListRules)]
pub async fn list() -> Result<(RulesPage, Option<Trial>), Failure> {
    let (services, actor) = caller(Act::ManageRules).await?;
    let page = rules::page(&services, &actor).await?;
    let trial = if page.draft.is_some() { Some(rules::trial(&services, &actor).await?) } else { None };
    Ok((page, trial))
}

/// One rule of the draft.
#[server(output = Postcard, prefix = "/api", endpoint = "rules/get", name = GetRule)]
pub async fn get(id: RuleId) -> Result<RulePage, Failure> {
    let (services, actor) = caller(Act::ManageRules).await?;
    Ok(rules::one(&services, &actor, id).await?)
}

/// Begins to change the rules.
#[server(prefix = "/api", endpoint = "rules/begin", name = BeginRules)]
pub async fn begin() -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageRules).await?;
    rules::begin(&services, &actor).await?;
    leptos_axum::redirect(LIST);
    Ok(())
}

/// Adds a rule to the draft and opens it.
#[server(prefix = "/api", endpoint = "rules/add", name = AddRule)]
pub async fn add(#[server(default)] seen: i64) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageRules).await?;
    let id = rules::add(&services, &actor, seen).await?;
    leptos_axum::redirect(&format!("{LIST}/{id}"));
    Ok(())
}

/// Keeps a rule, right or wrong.
#[server(prefix = "/api", endpoint = "rules/save", name = SaveRule)]
pub async fn save(id: RuleId, #[server(default)] seen: i64, #[server(default)] rule: RuleForm) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageRules).await?;
    let right = rules::save(&services, &actor, id, rule, seen).await?;
    leptos_axum::redirect(&if right { LIST.to_owned() } else { format!("{LIST}/{id}") });
    Ok(())
}

/// Moves a rule one place up.
#[server(prefix = "/api", endpoint = "rules/raise", name = RaiseRule)]
pub async fn raise(id: RuleId, #[server(default)] seen: i64) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageRules).await?;
    rules::raise(&services, &actor, id, seen).await?;
    leptos_axum::redirect(LIST);
    Ok(())
}

/// Takes a rule out of the draft.
#[server(prefix = "/api", endpoint = "rules/remove", name = RemoveRule)]
pub async fn remove(id: RuleId, #[server(default)] seen: i64) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageRules).await?;
    rules::remove(&services, &actor, id, seen).await?;
    leptos_axum::redirect(LIST);
    Ok(())
}

/// Throws the draft away.
#[server(prefix = "/api", endpoint = "rules/discard", name = DiscardRules)]
pub async fn discard(#[server(default)] seen: i64) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageRules).await?;
    rules::discard(&services, &actor, seen).await?;
    leptos_axum::redirect(LIST);
    Ok(())
}

/// Has the draft count from now on.
#[server(prefix = "/api", endpoint = "rules/switch_on", name = SwitchRulesOn)]
pub async fn switch_on(#[server(default)] seen: i64) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageRules).await?;
    rules::switch_on(&services, &actor, seen).await?;
    leptos_axum::redirect(LIST);
    Ok(())
}
