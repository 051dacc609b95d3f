//! The server functions of signing in and of sessions.

use leptos::prelude::*;
use model::{Page, PageRequest, access::OpenSession};
use uuid::Uuid;

use super::{Me, Theme};
use crate::failure::Failure;

/// Who is signed in, for the frame around the page; open to every session.
#[server(prefix = "/api", endpoint = "access/me")]
pub async fn me() -> Result<Me, Failure> {
    let theme = use_context::<http::request::Parts>().map(|parts| Theme::of(&parts)).unwrap_or_default();
    let (services, session) = crate::caller::signed_in()?;
    let acts = backend::access::acts(&services, &session).await;
    Ok(Me { name: session.name, acts, theme })
}

/// Keeps the choice of colours in a cookie; open to every session.
#[server(prefix = "/api", endpoint = "access/theme")]
pub async fn set_theme(theme: Theme) -> Result<(), Failure> {
    crate::caller::signed_in()?;
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.append_header(http::header::SET_COOKIE, theme.cookie());
    }
    Ok(())
}

/// One page of the open sessions.
#[server(prefix = "/api", endpoint = "access/sessions")]
pub async fn sessions(page: PageRequest) -> Result<Page<OpenSession>, Failure> {
    let (services, actor) = crate::caller::caller(model::access::Act::EndSessions).await?;
    Ok(backend::access::sessions(&services, &actor, page).await?)
}

/// Ends a session, anyone's.
#[server(prefix = "/api", endpoint = "access/end_session")]
pub async fn end_session(handle: Uuid) -> Result<(), Failure> {
    let (services, actor) = crate::caller::caller(model::access::Act::EndSessions).await?;
    Ok(backend::access::end_sessions_of(&services, &actor, handle).await?)
}
