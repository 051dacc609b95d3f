//! An OpenID provider: discovery, authorization code with PKCE, refresh, JWKS, end of session. The people are those of the
//! company; signing in means picking one.

mod pages;
mod tokens;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    Inner,
    faults::{Kind, Whom},
};
use tokens::Signer;

/// The name by which faults know the token endpoint.
pub const TOKEN: &str = "Token";

/// The one client.
pub const CLIENT_ID: &str = "frontdesk";
pub const CLIENT_SECRET: &str = "sandbox-oidc-secret";

#[derive(Clone)]
struct Provider {
    issuer: String,
    inner: Arc<Inner>,
    signer: Arc<Signer>,
}

/// Who has signed in: what codes and refresh tokens stand for.
#[derive(Debug, Default)]
pub struct SignIns(Mutex<Grants>);

impl SignIns {
    /// Takes all of them back: no code and no refresh token is worth anything any more.
    pub fn forget(&self) {
        *self.grants() = Grants::default();
    }

    fn grants(&self) -> MutexGuard<'_, Grants> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct Grants {
    codes: HashMap<String, Grant>,
    refresh: HashMap<String, Grant>,
}

/// What a code or refresh token stands for.
#[derive(Debug, Clone)]
struct Grant {
    account: String,
    redirect_uri: String,
    nonce: Option<String>,
    challenge: String,
}

/// The query of an authorization request, repeated by the sign-in page's form.
#[derive(Debug, Clone, Deserialize)]
struct Authorize {
    client_id: String,
    redirect_uri: String,
    response_type: String,
    #[serde(default)]
    state: String,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    /// Only in the form: who signs in.
    account: Option<String>,
}

/// Routes relative to the issuer.
pub(crate) fn router(issuer: String, inner: Arc<Inner>) -> anyhow::Result<Router> {
    let provider = Provider { issuer, inner, signer: Arc::new(Signer::new()?) };
    Ok(Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(async |State(provider): State<Provider>| Json(provider.signer.jwks())))
        .route("/authorize", get(choose).post(sign_in))
        .route("/token", post(token))
        .route("/userinfo", get(userinfo))
        .route("/end_session", get(end_session))
        .with_state(provider))
}

async fn discovery(State(provider): State<Provider>) -> Json<serde_json::Value> {
    let at = |path: &str| format!("{}/{path}", provider.issuer);
    Json(json!({
        "issuer": provider.issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at("jwks"),
        "end_session_endpoint": at("end_session"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
    }))
}

/// Why an authorization request is refused, told on the page: an unknown client is never redirected to.
fn refuse(request: &Authorize) -> Option<&'static str> {
    let loopback = Url::parse(&request.redirect_uri)
        .is_ok_and(|uri| uri.scheme() == "http" && matches!(uri.host_str(), Some("127.0.0.1" | "localhost")));
    if request.client_id != CLIENT_ID {
        Some("unknown client_id")
    } else if !loopback {
        Some("redirect_uri must be http on 127.0.0.1 or localhost")
    } else if request.response_type != "code" {
        Some("only response_type=code")
    } else if request.code_challenge_method.as_deref() != Some("S256") || request.code_challenge.is_none() {
        Some("PKCE with S256 is required")
    } else {
        None
    }
}

async fn choose(Query(request): Query<Authorize>) -> Response {
    match refuse(&request) {
        Some(problem) => (StatusCode::BAD_REQUEST, Html(pages::problem(problem))).into_response(),
        None => Html(pages::choose(&request, None)).into_response(),
    }
}

async fn sign_in(State(provider): State<Provider>, Form(request): Form<Authorize>) -> Response {
    if let Some(problem) = refuse(&request) {
        return (StatusCode::BAD_REQUEST, Html(pages::problem(problem))).into_response();
    }
    let account = request.account.clone().unwrap_or_default();
    if tokens::claims_of(&provider.inner.company, &account).is_none() {
        return (StatusCode::BAD_REQUEST, Html(pages::choose(&request, Some("Nobody has this account.")))).into_response();
    }
    let Ok(mut back) = Url::parse(&request.redirect_uri) else { return StatusCode::BAD_REQUEST.into_response() };
    let code = random();
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", &request.state);
    let challenge = request.code_challenge.unwrap_or_default();
    let grant = Grant { account, redirect_uri: request.redirect_uri, nonce: request.nonce, challenge };
    provider.inner.sign_ins.grants().codes.insert(code, grant);
    Redirect::to(back.as_str()).into_response()
}

fn random() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

#[derive(Debug, Deserialize)]
struct TokenRequest {
    grant_type: String,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, Form(request): Form<TokenRequest>) -> Response {
    let refuse = |code: StatusCode, error: &str| (code, Json(json!({ "error": error }))).into_response();
    if provider.inner.faults.takes(TOKEN, Whom::Call(""), &Kind::ServerError) {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "server_error");
    }
    let (id, secret) = basic(&headers).or(request.client_id.zip(request.client_secret)).unwrap_or_default();
    if (id.as_str(), secret.as_str()) != (CLIENT_ID, CLIENT_SECRET) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let grant = match request.grant_type.as_str() {
        // Each code and each refresh token works once.
        "authorization_code" => {
            let verifier = request.code_verifier.unwrap_or_default();
            let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
            let code = request.code.unwrap_or_default();
            let redirect_uri = request.redirect_uri.unwrap_or_default();
            let grant = provider.inner.sign_ins.grants().codes.remove(&code);
            grant.filter(|grant| grant.challenge == challenge && grant.redirect_uri == redirect_uri)
        }
        "refresh_token" => provider.inner.sign_ins.grants().refresh.remove(&request.refresh_token.unwrap_or_default()),
        _ => return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    };
    let Some(grant) = grant else { return refuse(StatusCode::BAD_REQUEST, "invalid_grant") };
    let Some(claims) = tokens::claims_of(&provider.inner.company, &grant.account) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let now = provider.inner.clock.now().timestamp();
    let Ok(id_token) = provider.signer.id_token(claims, &provider.issuer, now, grant.nonce.as_deref()) else {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "server_error");
    };
    let refresh = random();
    let mut grants = provider.inner.sign_ins.grants();
    // The access token is only good for /userinfo and names the account by its refresh grant.
    let access = format!("{}.{}", random(), BASE64_URL_SAFE_NO_PAD.encode(&grant.account));
    grants.refresh.insert(refresh.clone(), grant);
    let answer = json!({ "access_token": access, "token_type": "Bearer", "expires_in": 3600, "refresh_token": refresh, "id_token": id_token });
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(value).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

async fn userinfo(State(provider): State<Provider>, headers: HeaderMap) -> Response {
    let bearer =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    let account =
        bearer.and_then(|token| token.split_once('.')).and_then(|(_, account)| BASE64_URL_SAFE_NO_PAD.decode(account).ok());
    let account = account.and_then(|account| String::from_utf8(account).ok());
    match account.and_then(|account| tokens::claims_of(&provider.inner.company, &account)) {
        Some(claims) => Json(claims).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

#[derive(Debug, Deserialize)]
struct EndSession {
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

async fn end_session(Query(request): Query<EndSession>) -> Response {
    let back = request.post_logout_redirect_uri.and_then(|uri| Url::parse(&uri).ok());
    match back.filter(|uri| matches!(uri.host_str(), Some("127.0.0.1" | "localhost"))) {
        Some(mut uri) => {
            if let Some(state) = request.state {
                uri.query_pairs_mut().append_pair("state", &state);
            }
            Redirect::to(uri.as_str()).into_response()
        }
        None => Html(pages::signed_out()).into_response(),
    }
}
