//! The server functions of endings.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    EndingId, PageRequest,
    endings::{EndingPage, Filter, Overview},
};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use backend::{endings, requests::drafts};
#[cfg(feature = "ssr")]
use model::{Error, access::Act, endings::Decision};

/// One page of desktops that are to end.
#[server(output = Postcard, prefix = "/api", endpoint = "endings/list", name = ListEndings)]
pub async fn list(filter: Filter, page: PageRequest) -> Result<Overview, Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(endings::list(&services, &actor, filter, page).await?)
}

/// One of them.
#[server(output = Postcard, prefix = "/api", endpoint = "endings/get", name = GetEnding)]
pub async fn get(id: EndingId) -> Result<EndingPage, Failure> {
    let (services, actor) = caller(Act::SeeEndings).await?;
    Ok(endings::get(&services, &actor, id).await?)
}

/// Decides on the version that was looked at; a second time finds the first.
#[server(prefix = "/api", endpoint = "endings/decide", name = DecideEnding)]
pub async fn decide(id: EndingId, #[server(default)] what: String, seen: i64) -> Result<(), Failure> {
    let (services, actor) = caller(Act::DecideEndings).await?;
    let decision = Decision::parse(&what).ok_or_else(|| Error::invalid("what", "Choose what is to become of the desktop."))?;
    endings::decide(&services, &actor, id, decision, seen).await?;
    leptos_axum::redirect(&format!("/endings/{id}"));
    Ok(())
}

/// Begins a request for more time, or goes to the one that is under way.
#[server(prefix = "/api", endpoint = "endings/extend", name = ExtendEnding)]
pub async fn extend(id: EndingId, #[server(default)] until: String) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Ask).await?;
    let request = endings::extend(&services, &actor, id, &until).await?;
    let draft = drafts::head(&services, &actor, request).await?;
    let place = if draft.state == model::requests::State::Draft {
        format!("/requests/new/{request}/{}", draft.furthest().as_str())
    } else {
        format!("/requests/{request}")
    };
    leptos_axum::redirect(&place);
    Ok(())
}
