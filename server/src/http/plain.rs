//! Answers for when Frontdesk can't show one of its own pages.

use app::{access::Theme, plain};
use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use leptos::nonce::Nonce;
use model::Error;

use super::session::own_path;

/// Whether a page is asked for; a page's script asks for JSON.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// What such a page needs to know of the request.
pub(super) fn asked(parts: &Parts) -> plain::Asked {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    plain::Asked {
        theme: Theme::of(parts),
        nonce: parts.extensions.get::<Nonce>().map(ToString::to_string).unwrap_or_default(),
        request_id: backend::request::id().unwrap_or_default(),
        again: (parts.method.is_safe() && !path.starts_with("/api/")).then(|| own_path(path).to_owned()),
    }
}

/// A part without which nothing can be answered is away.
pub(super) fn away(parts: &Parts, error: &Error) -> Response {
    let status = match error {
        Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let asked = asked(parts);
    let mut response = match error {
        _ if !accepts_html(&parts.headers) => (status, [("serverfnerror", "true")], Json(error)).into_response(),
        Error::Unavailable { part } => page(status, plain::unavailable_page(*part, &asked), &asked.nonce),
        _ => page(status, plain::crash_page(&asked), &asked.nonce),
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(plain::RETRY_AFTER));
    }
    response
}

/// A handler panicked.
pub(super) fn crash(asked: &plain::Asked) -> Response {
    page(StatusCode::INTERNAL_SERVER_ERROR, plain::crash_page(asked), &asked.nonce)
}

fn page(status: StatusCode, page: String, nonce: &str) -> Response {
    let mut response = (status, Html(page)).into_response();
    if let Ok(policy) = HeaderValue::from_str(&plain::policy(nonce)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
