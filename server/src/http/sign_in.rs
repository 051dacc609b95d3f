//! Sign-in with OpenID Connect: authorization code with PKCE.
//!
//! What has to be remembered between leaving and coming back is in a short-lived cookie that no other site can set, so that
//! nothing is stored for strangers.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use backend::{
    Services,
    access::{self, Identity, Session},
    settings::SettingError,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use openidconnect::{
    AsyncHttpClient, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndSessionUrl, HttpRequest,
    HttpResponse, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse as _,
    core::{CoreClient, CoreIdToken, CoreResponseType},
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;
use url::Url;

use super::{
    Shared,
    session::{COOKIE, cookie, encode, own_path},
};
use crate::config::Provider;

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

/// A failure on the way, for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ProviderFault(String);

/// The provider and what is known of it.
pub(super) struct SignIn {
    provider: Provider,
    web: Web,
    redirect: RedirectUrl,
    after_sign_out: Url,
    metadata: RwLock<Option<Arc<ProviderMetadataWithLogout>>>,
}

/// What is remembered while somebody is at the provider.
#[derive(Debug, Serialize, Deserialize)]
struct InFlight {
    state: String,
    nonce: String,
    verifier: String,
    to: String,
}

impl SignIn {
    pub(super) fn new(provider: Provider, public_url: &Url) -> Result<Self, SettingError> {
        let at = |path: &str| public_url.join(path).map_err(|error| SettingError::new("public_url", error));
        Ok(Self {
            provider,
            web: Web::open().map_err(|fault| SettingError::new("oidc.issuer", fault))?,
            redirect: RedirectUrl::from_url(at("sign-in/return")?),
            after_sign_out: at("sign-in?problem=signed-out")?,
            metadata: RwLock::new(None),
        })
    }

    /// The provider's metadata, asked for once; `afresh` asks again, as when its keys were changed.
    async fn metadata(&self, afresh: bool) -> Result<Arc<ProviderMetadataWithLogout>, ProviderFault> {
        if !afresh && let Some(known) = &*self.metadata.read().await {
            return Ok(Arc::clone(known));
        }
        let found = Arc::new(discover(&self.provider, &self.web).await?);
        *self.metadata.write().await = Some(Arc::clone(&found));
        Ok(found)
    }
}

/// What speaks to the provider. It trusts what the system trusts, and follows no redirects.
#[derive(Debug, Clone)]
pub struct Web(reqwest::Client);

impl Web {
    /// # Errors
    /// The system's certificates can't be read.
    pub fn open() -> Result<Self, ProviderFault> {
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(10)).build();
        client.map(Self).map_err(|error| ProviderFault(error.to_string()))
    }
}

impl<'c> AsyncHttpClient<'c> for Web {
    type Error = ProviderFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ProviderFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let fault = |error: reqwest::Error| ProviderFault(error.to_string());
            let answer = self.0.execute(request.try_into().map_err(fault)?).await.map_err(fault)?;
            let mut response = http::Response::builder().status(answer.status());
            if let Some(headers) = response.headers_mut() {
                headers.clone_from(answer.headers());
            }
            let body = answer.bytes().await.map_err(fault)?;
            response.body(body.to_vec()).map_err(|error| ProviderFault(error.to_string()))
        })
    }
}

/// Reads the provider's metadata and keys.
///
/// # Errors
/// The provider does not answer, or not as one.
pub async fn discover(provider: &Provider, web: &Web) -> Result<ProviderMetadataWithLogout, ProviderFault> {
    // The URL type puts a slash behind a bare host; the issuer has to match to the letter.
    let text = provider.issuer.as_str();
    let issuer =
        IssuerUrl::new(text.strip_suffix('/').unwrap_or(text).to_owned()).map_err(|error| ProviderFault(error.to_string()))?;
    ProviderMetadataWithLogout::discover_async(issuer, web).await.map_err(|error| ProviderFault(format!("{error:?}")))
}

/// The client for a provider. Its type says which endpoints are known, which is why it is made where it is used.
macro_rules! relying_party {
    ($sign_in:expr, $metadata:expr) => {
        CoreClient::from_provider_metadata(
            $metadata.as_ref().clone(),
            ClientId::new($sign_in.provider.client_id.clone()),
            $sign_in.provider.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose_secret().to_owned())),
        )
        .set_redirect_uri($sign_in.redirect.clone())
    };
}

#[derive(Debug, Deserialize)]
pub(super) struct Start {
    #[serde(default)]
    to: String,
}

/// Leaves for the provider.
pub(super) async fn start(State(shared): State<Shared>, Query(query): Query<Start>) -> Response {
    let sign_in = &shared.sign_in;
    let metadata = match sign_in.metadata(false).await {
        Ok(metadata) => metadata,
        Err(fault) => return refuse(&shared, "nobody yet", Problem::Unavailable, &fault.0).await,
    };
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let client = relying_party!(sign_in, metadata);
    let mut request =
        client.authorize_url(AuthenticationFlow::<CoreResponseType>::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
    for scope in &sign_in.provider.scopes {
        request = request.add_scope(Scope::new(scope.clone()));
    }
    let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
    let in_flight = InFlight {
        state: state.secret().clone(),
        nonce: nonce.secret().clone(),
        verifier: verifier.secret().clone(),
        to: own_path(&query.to).to_owned(),
    };
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
    let claims = match redeem(&shared, code, &in_flight).await {
        Ok(claims) => claims,
        Err(fault) => return refuse(&shared, "nobody yet", Problem::Failed, &fault.0).await,
    };
    match identify(&shared.services, &claims).await {
        Ok(identity) => welcome_in(&shared, identity, &in_flight.to).await,
        Err(error) => refuse(&shared, claims.text("name").unwrap_or("somebody"), Problem::Unavailable, &error.to_string()).await,
    }
}

/// The claims of an ID token that was verified.
struct Claims(serde_json::Value);

impl Claims {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }
}

/// Redeems the code and verifies the ID token. Keys that changed since they were read are read again, once.
async fn redeem(shared: &Shared, code: String, in_flight: &InFlight) -> Result<Claims, ProviderFault> {
    let sign_in = &shared.sign_in;
    let metadata = sign_in.metadata(false).await?;
    let client = relying_party!(sign_in, metadata);
    let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| ProviderFault(error.to_string()))?;
    let verifier = PkceCodeVerifier::new(in_flight.verifier.clone());
    let answer = request
        .set_pkce_verifier(verifier)
        .request_async(&sign_in.web)
        .await
        .map_err(|error| ProviderFault(format!("{error:?}")))?;
    let token: &CoreIdToken = answer.id_token().ok_or_else(|| ProviderFault("no ID token".to_owned()))?;
    let nonce = Nonce::new(in_flight.nonce.clone());
    if token.claims(&client.id_token_verifier(), &nonce).is_err() {
        let metadata = sign_in.metadata(true).await?;
        let client = relying_party!(sign_in, metadata);
        token.claims(&client.id_token_verifier(), &nonce).map_err(|error| ProviderFault(error.to_string()))?;
    }
    let _ = answer.access_token();
    let payload = token.to_string().split('.').nth(1).and_then(|payload| BASE64_URL_SAFE_NO_PAD.decode(payload).ok());
    let claims = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
    claims.map(Claims).ok_or_else(|| ProviderFault("the ID token's claims are not readable".to_owned()))
}

/// Finds the person in Active Directory by the configured claim; without one there are no roles, but a session.
async fn identify(services: &Services, claims: &Claims) -> model::Result<Identity> {
    let claim = &services.settings.access.person_claim.claim;
    let entry = match claims.text(claim) {
        Some(value) => access::find_entry(services, value).await?,
        None => None,
    };
    let subject = claims.text("sub").unwrap_or_default();
    let name = claims.text("name").or_else(|| claims.text("preferred_username")).unwrap_or(subject);
    Ok(Identity { subject: subject.to_owned(), name: name.chars().take(200).collect(), entry })
}

async fn welcome_in(shared: &Shared, identity: Identity, to: &str) -> Response {
    match access::open_session(&shared.services, identity).await {
        Ok(new) => {
            let mut response = Redirect::to(own_path(to)).into_response();
            set_cookie(&mut response, COOKIE, new.cookie.expose_secret(), None);
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
    let sign_in = &shared.sign_in;
    let end: Option<EndSessionUrl> = match sign_in.metadata(false).await {
        Ok(metadata) => metadata.additional_metadata().end_session_endpoint.clone(),
        Err(_) => None,
    };
    let to = match end {
        Some(end) => LogoutRequest::from(end)
            .set_client_id(ClientId::new(sign_in.provider.client_id.clone()))
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(sign_in.after_sign_out.clone()))
            .http_get_url(),
        None => sign_in.after_sign_out.clone(),
    };
    let mut response = Redirect::to(to.as_str()).into_response();
    set_cookie(&mut response, COOKIE, "", Some(0));
    response
}
