//! The server functions of one's own mails.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::notices::{MailPage, PreferencesForm};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use backend::notices;
#[cfg(feature = "ssr")]
use model::access::Act;

/// What the caller is told, and the last mails.
#[server(output = Postcard, prefix = "/api", endpoint = "notices/get", name = GetMailPage)]
pub async fn get() -> Result<MailPage, Failure> {
    let (services, actor) = caller(Act::SeeToday).await?;
    Ok(notices::get(&services, &actor).await?)
}

/// Keeps what the caller chose.
#[server(prefix = "/api", endpoint = "notices/prefer", name = PreferMail)]
pub async fn prefer(#[server(default)] form: PreferencesForm) -> Result<(), Failure> {
    let (services, actor) = caller(Act::SeeToday).await?;
    notices::prefer(&services, &actor, &form).await?;
    leptos_axum::redirect("/settings/mail?kept=1");
    Ok(())
}
