//! Sign-in with OpenID Connect: authorization code with PKCE.
//!
//! What has to be remembered between leaving and coming back is in a short-lived cookie that no other site can set, so that
//! nothing is stored for strangers.

use axum::{
    Extension,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use backend::{
    Services,
    access::{self, Identity, Session},
    oidc::{Leaving, Tokens},
    settings::Groups,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::{
    Shared,
    session::{COOKIE, cookie, encode, own_path},
};

const IN_FLIGHT: &str = "__Host-frontdesk-sign-in";
/// How long a sign-in may take, in seconds.
const PATIENCE: u32 = 600;

/// Why a sign-in did not work: the code in the sign-in page's address, where its words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    Denied,
    Expired,
    Failed,
    Unavailable,
}

impl Problem {
    fn code(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Unavailable => "unavailable",
        }
    }
}

/// What is remembered while somebody is at the provider.
#[derive(Debug, Serialize, Deserialize)]
struct InFlight {
    state: String,
    nonce: String,
    verifier: String,
    to: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Start {
    #[serde(default)]
    to: String,
}

/// Leaves for the provider.
pub(super) async fn start(State(shared): State<Shared>, Query(query): Query<Start>) -> Response {
    let Leaving { url, state, nonce, verifier } = match shared.services.oidc.leave().await {
        Ok(leaving) => leaving,
        Err(fault) => return refuse(&shared, "nobody yet", Problem::Unavailable, &fault.to_string()).await,
    };
    let in_flight = InFlight { state, nonce, verifier, to: own_path(&query.to).to_owned() };
    let value = serde_json::to_vec(&in_flight).map(|json| BASE64_URL_SAFE_NO_PAD.encode(json)).unwrap_or_default();
    let mut response = Redirect::to(url.as_str()).into_response();
    set_cookie(&mut response, IN_FLIGHT, &value, Some(PATIENCE));
    response
}

fn set_cookie(response: &mut Response, name: &str, value: &str, seconds: Option<u32>) {
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let cookie = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Return {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Comes back from the provider.
pub(super) async fn finish(State(shared): State<Shared>, Query(query): Query<Return>, headers: HeaderMap) -> Response {
    let in_flight = cookie(&headers, IN_FLIGHT).and_then(|value| BASE64_URL_SAFE_NO_PAD.decode(value).ok());
    let in_flight: Option<InFlight> = in_flight.and_then(|json| serde_json::from_slice(&json).ok());
    let Some(in_flight) = in_flight.filter(|in_flight| query.state.as_ref() == Some(&in_flight.state)) else {
        return refuse(&shared, "nobody yet", Problem::Expired, "no sign-in of this browser").await;
    };
    let Some(code) = query.code else {
        return refuse(&shared, "nobody yet", Problem::Denied, &query.error.unwrap_or_default()).await;
    };
    let tokens = match shared.services.oidc.redeem(code, in_flight.verifier, in_flight.nonce).await {
        Ok(tokens) => tokens,
        Err(fault) => return refuse(&shared, "nobody yet", Problem::Failed, &fault.to_string()).await,
    };
    // Roles that could be read once only would be gone in five minutes.
    let settings = &shared.services.settings.access;
    if tokens.refresh.is_none() && settings.groups != Groups::Directory {
        return refuse(&shared, "nobody yet", Problem::Failed, "the provider gives no refresh token to read groups with").await;
    }
    let name = tokens.claims.text("name").unwrap_or("somebody").to_owned();
    match identify(&shared.services, tokens).await {
        Ok(identity) => welcome_in(&shared, identity, &in_flight.to).await,
        Err(error) => refuse(&shared, &name, Problem::Unavailable, &error.to_string()).await,
    }
}

/// Finds the person in Active Directory by the configured claim; without one there is a session all the same.
async fn identify(services: &Services, Tokens { claims, refresh }: Tokens) -> model::Result<Identity> {
    let access = &services.settings.access;
    let entry = match claims.text(&access.person_claim.claim) {
        Some(value) => access::find_entry(services, value).await?,
        None => None,
    };
    let subject = claims.text("sub").unwrap_or_default();
    let name = claims.text("name").or_else(|| claims.text("preferred_username")).unwrap_or(subject);
    // Kept only where it is needed.
    let refresh = refresh.filter(|_| access.groups != Groups::Directory);
    Ok(Identity { subject: subject.to_owned(), name: name.chars().take(200).collect(), entry, refresh })
}

async fn welcome_in(shared: &Shared, identity: Identity, to: &str) -> Response {
    match access::open_session(&shared.services, identity).await {
        Ok(session) => {
            let mut response = Redirect::to(own_path(to)).into_response();
            set_cookie(&mut response, COOKIE, session.cookie.expose_secret(), None);
            set_cookie(&mut response, IN_FLIGHT, "", Some(0));
            response
        }
        Err(_) => back_to_sign_in(Problem::Unavailable),
    }
}

fn back_to_sign_in(problem: Problem) -> Response {
    Redirect::to(&format!("/sign-in?problem={}", encode(problem.code()))).into_response()
}

async fn refuse(shared: &Shared, who: &str, problem: Problem, why: &str) -> Response {
    tracing::warn!(problem = problem.code(), why, "a sign-in did not work");
    // Without the database the refusal can't be recorded either; it is in the log.
    let _ = access::sign_in_failed(&shared.services, who, problem.code()).await;
    back_to_sign_in(problem)
}

/// Ends the session here and at the provider.
pub(super) async fn sign_out(State(shared): State<Shared>, Extension(session): Extension<Session>) -> Response {
    if access::end_session(&shared.services, &session).await.is_err() {
        return back_to_sign_in(Problem::Unavailable);
    }
    let mut response = Redirect::to(shared.services.oidc.sign_out().await.as_str()).into_response();
    set_cookie(&mut response, COOKIE, "", Some(0));
    response
}
