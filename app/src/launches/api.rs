//! The server functions of launches.

use std::collections::HashMap;

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    DraftId, ItemId, LaunchId, Page, PageRequest, PersonGuid,
    directories::Freshness,
    launches::{Check, Draft, DraftSummary, Filter, Item, ItemState, Launch, Summary},
    workspaces::Bundle,
};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use backend::launches::{self, drafts};
#[cfg(feature = "ssr")]
use model::{
    DirectoryId,
    access::Act,
    launches::{DesktopForm, Step},
};

/// One page of launches.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/list", name = ListLaunches)]
pub async fn list(filter: Filter, page: PageRequest) -> Result<Page<Summary>, Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(launches::list(&services, &actor, filter, page).await?)
}

/// One launch and one page of its rows.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/get", name = GetLaunch)]
pub async fn get(id: LaunchId, state: Option<ItemState>, page: PageRequest) -> Result<(Launch, Page<Item>), Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    let launch = launches::get(&services, &actor, id).await?;
    Ok((launch, launches::items(&services, &actor, id, state, page).await?))
}

/// Drafts of one's own that wait to be gone on with.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/drafts")]
pub async fn my_drafts() -> Result<Vec<DraftSummary>, Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    Ok(launches::today(&services, &actor).await?.drafts)
}

/// One's own draft.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/draft", name = GetDraft)]
pub async fn draft(id: DraftId) -> Result<Draft, Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    Ok(drafts::get(&services, &actor, id).await?)
}

/// One's own draft with the bundles to choose from.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/desktop", name = GetDesktop)]
pub async fn desktop(id: DraftId) -> Result<(Draft, Vec<Bundle>, Freshness), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let draft = drafts::get(&services, &actor, id).await?;
    let (bundles, freshness) = backend::workspaces::bundles(&services, &actor).await?;
    Ok((draft, bundles, freshness))
}

/// Everything that will be sent.
#[server(output = Postcard, prefix = "/api", endpoint = "launches/check", name = GetCheck)]
pub async fn check(id: DraftId) -> Result<Check, Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    Ok(drafts::check(&services, &actor, id).await?)
}

#[cfg(feature = "ssr")]
fn go_to(draft: DraftId, step: Step) {
    leptos_axum::redirect(&format!("/launches/new/{draft}/{}", step.as_str()));
}

/// Begins a draft.
#[server(prefix = "/api", endpoint = "launches/begin")]
pub async fn begin() -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    go_to(drafts::create(&services, &actor).await?, Step::Directory);
    Ok(())
}

/// Chooses the draft's directory.
#[server(prefix = "/api", endpoint = "launches/choose_directory")]
pub async fn choose_directory(draft: DraftId, #[server(default)] directory: String) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let directory: DirectoryId =
        directory.parse().map_err(|_| model::Error::invalid("directory", "Choose a directory. Nothing was changed."))?;
    drafts::choose_directory(&services, &actor, draft, directory).await?;
    go_to(draft, Step::People);
    Ok(())
}

/// Adds people to the draft and goes back to the search they were found by.
#[server(prefix = "/api", endpoint = "launches/add_people")]
pub async fn add_people(
    draft: DraftId,
    #[server(default)] guids: Vec<PersonGuid>,
    #[server(default)] back: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    if guids.is_empty() {
        return Err(model::Error::invalid("guids", "Choose at least one person of the list.").into());
    }
    let added = drafts::add_people(&services, &actor, draft, guids).await?;
    let outcome = format!("added={}&refused={}", added.added, added.refused);
    leptos_axum::redirect(&format!("/launches/new/{draft}/people?{}{outcome}", own_query(&back)));
    Ok(())
}

/// The search's part of the address, cleaned of what is no query of ours.
#[cfg(feature = "ssr")]
fn own_query(back: &str) -> String {
    let known = |pair: &&str| ["q=", "all=", "page="].iter().any(|name| pair.starts_with(name));
    let plain = |pair: &&str| pair.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"=%+._-".contains(&byte));
    back.trim_start_matches('?').split('&').filter(known).filter(plain).map(|pair| format!("{pair}&")).collect()
}

/// Takes people off the draft.
#[server(prefix = "/api", endpoint = "launches/remove_people")]
pub async fn remove_people(
    draft: DraftId,
    #[server(default)] guids: Vec<PersonGuid>,
    #[server(default)] to: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    drafts::remove_people(&services, &actor, draft, guids).await?;
    go_to(draft, if to == "check" { Step::Check } else { Step::People });
    Ok(())
}

/// Keeps the desktop step, right or wrong, and goes on if it is right.
#[server(prefix = "/api", endpoint = "launches/save_desktop")]
pub async fn save_desktop(
    draft: DraftId,
    #[server(default)] bundle: String,
    #[server(default)] running_mode: String,
    #[server(default)] auto_stop_hours: String,
    #[server(default)] tags: String,
    /// Bundle ids by `of-` and the person's guid; an empty one is the default bundle. A bare guid may begin with a digit,
    /// and would be taken for a place in a list.
    #[server(default)]
    bundles: HashMap<String, String>,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let form = DesktopForm { bundle, running_mode, auto_stop_hours, tags };
    let mut chosen = Vec::with_capacity(bundles.len());
    for (person, bundle) in bundles {
        let unknown = || model::Error::invalid("bundles", "One person's bundle is not one of the list.");
        let person = person.strip_prefix("of-").and_then(|guid| guid.parse().ok()).ok_or_else(unknown)?;
        let bundle = Some(bundle).filter(|bundle| !bundle.is_empty()).map(|bundle| bundle.parse()).transpose();
        chosen.push((person, bundle.map_err(|_| unknown())?));
    }
    let right = drafts::save_desktop(&services, &actor, draft, form, chosen).await?;
    go_to(draft, if right { Step::Check } else { Step::Desktop });
    Ok(())
}

/// Throws the draft away.
#[server(prefix = "/api", endpoint = "launches/discard")]
pub async fn discard(draft: DraftId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    drafts::discard(&services, &actor, draft).await?;
    leptos_axum::redirect("/launches/new");
    Ok(())
}

/// Starts the launch; a second time finds the first.
#[server(prefix = "/api", endpoint = "launches/start")]
pub async fn start(draft: DraftId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    let id = launches::start(&services, &actor, draft).await?;
    leptos_axum::redirect(&format!("/launches/{id}"));
    Ok(())
}

/// Sends failed rows again; all of them if none is named.
#[server(prefix = "/api", endpoint = "launches/retry")]
pub async fn retry(launch: LaunchId, #[server(default)] items: Vec<ItemId>) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    launches::retry(&services, &actor, launch, items).await?;
    leptos_axum::redirect(&format!("/launches/{launch}"));
    Ok(())
}

/// Takes back rows that were not sent yet; all of them if none is named.
#[server(prefix = "/api", endpoint = "launches/cancel")]
pub async fn cancel(launch: LaunchId, #[server(default)] items: Vec<ItemId>) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Launch).await?;
    launches::cancel(&services, &actor, launch, items).await?;
    leptos_axum::redirect(&format!("/launches/{launch}"));
    Ok(())
}
