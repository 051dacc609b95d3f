//! The server functions of signing in and of sessions.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{Page, PageRequest, access::OpenSession};
use uuid::Uuid;

use super::{Me, Theme};
use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::{caller, signed_in};
#[cfg(feature = "ssr")]
use model::access::Act;

/// Who is signed in, for the frame around the page; open to every session.
#[server(output = Postcard, prefix = "/api", endpoint = "access/me", name = ReadMe)]
pub async fn me() -> Result<Me, Failure> {
    let theme = use_context::<http::request::Parts>().map(|parts| Theme::of(&parts)).unwrap_or_default();
    let (services, session) = signed_in()?;
    let person = backend::access::person(&services, &session, backend::access::Freshness::Recent).await;
    let acts = person.map(|person| Act::ALL.into_iter().filter(|act| person.may(*act)).collect()).unwrap_or_default();
    Ok(Me { name: session.name, acts, theme })
}

/// Keeps the choice of colours in a cookie; open to every session.
#[server(prefix = "/api", endpoint = "access/theme")]
pub async fn set_theme(theme: Theme) -> Result<(), Failure> {
    signed_in()?;
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.append_header(http::header::SET_COOKIE, theme.cookie());
    }
    Ok(())
}

/// One page of the open sessions.
#[server(output = Postcard, prefix = "/api", endpoint = "access/sessions")]
pub async fn sessions(page: PageRequest) -> Result<Page<OpenSession>, Failure> {
    let (services, actor) = caller(Act::EndSessions).await?;
    Ok(backend::access::sessions(&services, &actor, page).await?)
}

/// Ends a session, anyone's.
#[server(prefix = "/api", endpoint = "access/end_session")]
pub async fn end_session(handle: Uuid) -> Result<(), Failure> {
    let (services, actor) = caller(Act::EndSessions).await?;
    Ok(backend::access::end_sessions_of(&services, &actor, handle).await?)
}
