//! The session layer: who asks is known before anything else is read, and strangers get no further than the open paths.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use backend::{Services, access};
use model::Error;

use super::plain::{self, accepts_html};

/// The session's cookie. `__Host-` makes browsers refuse it without `Secure` and from other hosts.
pub(super) const COOKIE: &str = "__Host-frontdesk";

/// Paths that strangers may ask for: exactly these, or everything below those that end in a slash.
pub(super) const OPEN: [&str; 6] = ["/favicon.svg", "/pkg/", "/sign-in", "/sign-in/return", "/sign-in/start", "/welcome/"];

fn is_open(path: &str) -> bool {
    OPEN.iter().any(|open| if open.ends_with('/') { path.starts_with(open) } else { path == *open })
}

/// Puts the open session into the request's extensions. Without one, `/api` is refused before its body is read, and pages
/// lead to the sign-in and back. What is open to strangers is the same for everybody, so that nobody is looked up for it: it
/// is answered whether the database is there or not.
pub(super) async fn layer(State(services): State<Services>, mut request: Request, next: Next) -> Response {
    if let Some(clean) = without_strange_error(&request) {
        return Redirect::to(&clean).into_response();
    }
    if is_open(request.uri().path()) {
        return next.run(request).await;
    }
    let session = match cookie(request.headers(), COOKIE) {
        Some(value) => match access::session(&services, value).await {
            Ok(session) => session,
            Err(error) => return plain::away(&request.into_parts().0, &error),
        },
        None => None,
    };
    let Some(session) = session else { return stranger(&request) };
    tracing::Span::current().record("session", tracing::field::display(session.handle));
    request.extensions_mut().insert(session);
    next.run(request).await
}

/// An error in the address is one of ours only where a form of this site led: another site could put any words there. The
/// address without it, if it is to be left out.
fn without_strange_error(request: &Request) -> Option<String> {
    let query = request.uri().query().filter(|query| query.contains("__err="))?;
    let site = request.headers().get("sec-fetch-site")?;
    if site == "same-origin" {
        return None;
    }
    let kept: Vec<_> = query.split('&').filter(|pair| !pair.starts_with("__err=") && !pair.starts_with("__path=")).collect();
    let (path, mark) = (request.uri().path(), if kept.is_empty() { "" } else { "?" });
    Some(format!("{path}{mark}{}", kept.join("&")))
}

fn stranger(request: &Request) -> Response {
    if !accepts_html(request.headers()) {
        return (StatusCode::UNAUTHORIZED, [("serverfnerror", "true")], Json(Error::SignIn)).into_response();
    }
    let to = request.uri().path_and_query().map_or("/", |path| path.as_str());
    // A form's own address is no place to come back to.
    let to = if request.method().is_safe() && !to.starts_with("/api/") { to } else { "/" };
    Redirect::to(&format!("/sign-in?to={}", encode(to))).into_response()
}

pub(super) fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// A path of this site and nothing else: one slash in front, no second one, no backslash, no control character.
pub(super) fn own_path(to: &str) -> &str {
    let own = to.starts_with('/') && !to.starts_with("//") && !to.contains('\\') && !to.chars().any(char::is_control);
    if own { to } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_open_paths() {
        insta::assert_snapshot!(OPEN.join(" "), @"/favicon.svg /pkg/ /sign-in /sign-in/return /sign-in/start /welcome/");
        assert!(!is_open("/") && !is_open("/api/launches/start") && !is_open("/sign-in/other") && !is_open("/welcome"));
    }

    #[test]
    fn only_paths_of_this_site_are_come_back_to() {
        for wrong in ["", "//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nSet-Cookie: x=y", "\\/evil"]
        {
            assert_eq!(own_path(wrong), "/", "{wrong:?}");
        }
        assert_eq!(own_path("/launches?q=a"), "/launches?q=a");
    }
}
