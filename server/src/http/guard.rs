//! The outermost layers: a request's id, panics, and headers that every answer carries.

use std::{panic::AssertUnwindSafe, time::Instant};

use app::{directories::dns::api::ReadDns, launches::api::ReadList};
use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use http_body_util::Limited;
use leptos::{nonce::Nonce, server_fn::ServerFn};
use tracing::Instrument;
use uuid::Uuid;

use super::{Public, plain};
use crate::metrics::Metrics;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The template of the route, for logs and metrics: a path may hold a token, and there is no end of paths.
fn template(request: &Request) -> String {
    match request.extensions().get::<MatchedPath>() {
        Some(matched) => matched.as_str().to_owned(),
        None if request.uri().path().starts_with("/pkg/") => "/pkg/{file}".to_owned(),
        None => "none".to_owned(),
    }
}

/// Routes whose answers are logged only where more is asked for: machines ask for them all the time.
const QUIET: [&str; 3] = ["/healthz", "/readyz", "/pkg/{file}"];

/// Gives the request an id, which logs, audit rows and error pages name, counts and logs its answer, and turns a panic into one.
pub(super) async fn request(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = Uuid::now_v7().simple().to_string();
    let (route, method) = (template(&request), request.method().clone());
    // What collectors call it: `GET /launches/{id}`.
    let name = format!("{method} {route}");
    let span = tracing::info_span!(
        "request", id, %method, route, otel.name = name, otel.kind = "server", session = tracing::field::Empty
    );
    let (parts, body) = request.into_parts();
    let asked = backend::request::scope(id.clone(), async { plain::asked(&parts) }).await;
    let answering = backend::request::scope(id.clone(), next.run(Request::from_parts(parts, body)));
    let answer = AssertUnwindSafe(answering.instrument(span.clone())).catch_unwind().await;
    let mut response = answer.unwrap_or_else(|_| plain::crash(&asked));
    let (status, took) = (response.status(), started.elapsed());
    metrics.answered(&route, &method, status, took);
    let (status, milliseconds) = (status.as_u16(), u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    span.in_scope(|| {
        if QUIET.contains(&route.as_str()) {
            tracing::debug!(status, milliseconds, "answered");
        } else {
            tracing::info!(status, milliseconds, "answered");
        }
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Headers for every answer that did not set its own. The nonce is made here, where the policy that names it is sent, and
/// reaches the page in the request: no page can then come without its policy.
pub(super) async fn headers(State(public): State<Public>, mut request: Request, next: Next) -> Response {
    let nonce = Nonce::new();
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    let policy = if is_page(response.headers()) {
        policy(&nonce, &public.provider)
    } else {
        "default-src 'none'; frame-ancestors 'none'".to_owned()
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.entry(name).or_insert(value);
        }
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::CONTENT_SECURITY_POLICY, &policy);
    set(header::CACHE_CONTROL, "no-store");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if public.secure {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// The longest form in bytes: the ids of a page of people and what was typed beside them.
const LONGEST_FORM: usize = 1 << 20;
/// The longest upload in bytes. A list may be much shorter, but then the page says so at the field.
const LONGEST_UPLOAD: usize = 32 << 20;
/// The forms that send one.
const UPLOADS: [&str; 2] = [ReadList::PATH, ReadDns::PATH];

/// Refuses what is too long: at once if it says so itself, and else while it is read.
pub(super) async fn limits(request: Request, next: Next) -> Response {
    let most = if UPLOADS.contains(&request.uri().path()) { LONGEST_UPLOAD } else { LONGEST_FORM };
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > most) {
        return (StatusCode::PAYLOAD_TOO_LARGE, "That is too long. Nothing was changed.").into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, most)))).await
}

pub(super) fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

fn policy(nonce: &str, provider: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self' {provider}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware::from_fn_with_state, routing::get};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_with_a_page_and_its_policy() {
        let public = Public { secure: false, provider: "https://sign-in.example.com".to_owned() };
        let handler = async || -> StatusCode { panic!("on purpose") };
        let counted = from_fn_with_state(Metrics::new().unwrap(), request);
        let router = Router::new().route("/", get(handler)).layer(counted).layer(from_fn_with_state(public, headers));
        let answer = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let id = answer.headers()[REQUEST_ID].to_str().unwrap().to_owned();
        assert!(
            answer.headers()[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap()
                .starts_with("default-src 'none'; style-src 'nonce-")
        );
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains(&id));
    }

    #[test]
    fn the_policy_lets_in_nothing_inline_but_what_has_the_nonce() {
        let policy = policy("abc", "https://sign-in.example.com");
        assert!(policy.starts_with("default-src 'none'; "));
        assert!(policy.contains("script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval';"));
        assert!(policy.contains("form-action 'self' https://sign-in.example.com;"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    }
}
