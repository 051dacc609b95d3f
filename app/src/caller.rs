//! The server's side of a request: who calls, and which HTTP status the answer has.

use backend::{Services, access};
use http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use model::{
    Error,
    access::{Act, Actor},
};

use crate::Failure;

/// The services and the person who calls, allowed the act.
///
/// # Errors
/// [`Error::SignIn`] without a session, [`Error::NotAllowed`] without a role that allows the act (which is recorded),
/// [`Error::Unavailable`] if the roles can't be read.
pub async fn caller(act: Act) -> Result<(Services, Actor), Failure> {
    let (services, session) = signed_in()?;
    let actor = access::actor_for(&services, &session, act).await?;
    Ok((services, actor))
}

/// The services and the session, whatever its roles allow.
///
/// # Errors
/// [`Error::SignIn`] without a session.
pub fn signed_in() -> Result<(Services, access::Session), Failure> {
    let session = use_context::<Parts>().and_then(|parts| parts.extensions.get::<access::Session>().cloned());
    let session = session.ok_or(Error::SignIn)?;
    let services = use_context::<Services>().ok_or_else(|| {
        tracing::error!("no services in the context of this request");
        Error::Internal { request_id: backend::request::id().unwrap_or_default() }
    })?;
    Ok((services, session))
}

/// Gives the answer of a server function the error's status. Nothing happens while a page is rendered, whose status its
/// error panel decides, and nothing for a form posted without JavaScript, because a status would take the place of the
/// redirect that leads back to the form.
pub fn answer_call_with(error: &Error) {
    let Some(parts) = use_context::<Parts>() else { return };
    let accepts_html = parts
        .headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if parts.uri.path().starts_with("/api/") && !accepts_html {
        answer_page_with(error);
    }
}

/// Gives the page that is being rendered the error's status.
pub fn answer_page_with(error: &Error) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    response.set_status(status(error));
    if let Error::Busy { retry_after_seconds } = error {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(*retry_after_seconds));
    }
}

/// The HTTP status of an error.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Error::SignIn => StatusCode::UNAUTHORIZED,
        Error::NotAllowed { .. } => StatusCode::FORBIDDEN,
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Conflict { .. } | Error::Refused { .. } => StatusCode::CONFLICT,
        Error::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
