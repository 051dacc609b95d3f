//! The OpenID provider: where sign-in and sign-out lead, and codes and refresh tokens redeemed for claims.
//!
//! Authorization code with PKCE. What is remembered between leaving and coming back is the caller's business.

mod claims;
mod web;

use std::sync::Arc;

use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndSessionUrl, IssuerUrl, LogoutRequest, Nonce,
    NonceVerifier as _, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, RefreshToken, RequestTokenError, Scope, TokenResponse as _,
    core::{
        CoreAuthPrompt, CoreClient, CoreErrorResponseType, CoreIdToken, CoreRequestTokenError, CoreResponseType,
        CoreTokenResponse,
    },
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::RwLock;
use url::Url;

pub use claims::Claims;

use crate::settings::{self, Groups, Prompt, SettingError, Settings};
use web::Web;

/// Why the provider was of no help.
#[derive(Debug, thiserror::Error)]
pub enum OidcFault {
    #[error("{0}")]
    Unreachable(String),
    /// The code or the refresh token was used before, has expired or was taken back.
    #[error("refused: {0}")]
    Refused(String),
    /// An answer that can't be trusted, or that lacks what was asked for.
    #[error("{0}")]
    Unusable(String),
}

/// The provider and what is known of it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Oidc(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: settings::Oidc,
    scopes: Vec<String>,
    web: Web,
    redirect: RedirectUrl,
    after_sign_out: Url,
    metadata: RwLock<Option<Arc<ProviderMetadataWithLogout>>>,
}

/// What the provider publishes, and what it has to know of us.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Where people sign in.
    pub sign_in: Url,
    /// How many keys it signs with.
    pub keys: usize,
    /// Whether it ends its own session at sign-out.
    pub ends_sessions: bool,
    /// What has to be registered there as redirect URI.
    pub redirect: Url,
}

/// The way to the provider, and what has to be remembered until somebody comes back from there.
#[derive(Debug)]
pub struct Leaving {
    pub url: Url,
    pub state: String,
    pub nonce: String,
    /// PKCE's code verifier.
    pub verifier: String,
}

/// What the provider says of somebody.
#[derive(Debug)]
pub struct Tokens {
    /// Of the ID token, whose signature was verified.
    pub claims: Claims,
    pub refresh: Option<SecretString>,
}

/// The client for a provider. Its type says which endpoints are known, which is why it is made where it is used.
macro_rules! relying_party {
    ($inner:expr, $metadata:expr) => {
        CoreClient::from_provider_metadata(
            $metadata.as_ref().clone(),
            ClientId::new($inner.settings.client_id.clone()),
            $inner.settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose_secret().to_owned())),
        )
        .set_redirect_uri($inner.redirect.clone())
    };
}

impl Oidc {
    /// # Errors
    /// A setting that can't be used.
    pub fn open(settings: &Settings) -> Result<Self, SettingError> {
        let at = |path: &str| settings.public_url.join(path).map_err(|error| SettingError::new("public_url", error));
        let mut scopes = settings.oidc.scopes.clone();
        // Without it many providers give no refresh token (OpenID Connect Core, 11).
        if matches!(settings.access.groups, Groups::Token { .. }) && !scopes.iter().any(|scope| scope == "offline_access") {
            scopes.push("offline_access".to_owned());
        }
        Ok(Self(Arc::new(Inner {
            settings: settings.oidc.clone(),
            scopes,
            web: Web::open().map_err(|fault| SettingError::new("oidc.issuer", fault))?,
            redirect: RedirectUrl::from_url(at("sign-in/return")?),
            after_sign_out: at("sign-in?problem=signed-out")?,
            metadata: RwLock::new(None),
        })))
    }

    /// Reads what the provider publishes; for `doctor`.
    ///
    /// # Errors
    /// The provider does not answer, or not as one.
    pub async fn probe(&self) -> Result<Provider, OidcFault> {
        let metadata = self.metadata(true).await?;
        Ok(Provider {
            sign_in: metadata.authorization_endpoint().url().clone(),
            keys: metadata.jwks().keys().len(),
            ends_sessions: metadata.additional_metadata().end_session_endpoint.is_some(),
            redirect: self.0.redirect.url().clone(),
        })
    }

    /// # Errors
    /// The provider does not answer, or not as one.
    pub async fn leave(&self) -> Result<Leaving, OidcFault> {
        let metadata = self.metadata(false).await?;
        let client = relying_party!(self.0, metadata);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let scopes = self.0.scopes.iter().map(|scope| Scope::new(scope.clone()));
        let prompts = self.0.settings.prompt.map(|prompt| match prompt {
            Prompt::Login => CoreAuthPrompt::Login,
            Prompt::Consent => CoreAuthPrompt::Consent,
            Prompt::SelectAccount => CoreAuthPrompt::SelectAccount,
        });
        let request = prompts.into_iter().fold(request.add_scopes(scopes), |request, prompt| request.add_prompt(prompt));
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        Ok(Leaving { url, state: state.secret().clone(), nonce: nonce.secret().clone(), verifier: verifier.secret().clone() })
    }

    /// Redeems the code with which somebody came back.
    ///
    /// # Errors
    /// The provider does not answer, refuses the code, or its ID token can't be trusted.
    pub async fn redeem(&self, code: String, verifier: String, nonce: String) -> Result<Tokens, OidcFault> {
        let metadata = self.metadata(false).await?;
        let client = relying_party!(self.0, metadata);
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(unusable)?;
        let answer = request.set_pkce_verifier(PkceCodeVerifier::new(verifier)).request_async(&self.0.web).await;
        self.tokens(answer, Some(&Nonce::new(nonce))).await
    }

    /// Asks for somebody's claims as they are now. Many providers take a refresh token once and give a new one.
    ///
    /// # Errors
    /// The provider does not answer, refuses the token, or its ID token can't be trusted.
    pub async fn refresh(&self, token: &SecretString) -> Result<Tokens, OidcFault> {
        let metadata = self.metadata(false).await?;
        let client = relying_party!(self.0, metadata);
        let token = RefreshToken::new(token.expose_secret().to_owned());
        let answer = client.exchange_refresh_token(&token).map_err(unusable)?.request_async(&self.0.web).await;
        self.tokens(answer, None).await
    }

    /// Where signing out leads: to the provider, if it ends sessions, and back.
    pub async fn sign_out(&self) -> Url {
        let end: Option<EndSessionUrl> = match self.metadata(false).await {
            Ok(metadata) => metadata.additional_metadata().end_session_endpoint.clone(),
            Err(_) => None,
        };
        match end {
            Some(end) => LogoutRequest::from(end)
                .set_client_id(ClientId::new(self.0.settings.client_id.clone()))
                .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(self.0.after_sign_out.clone()))
                .http_get_url(),
            None => self.0.after_sign_out.clone(),
        }
    }

    /// What the provider publishes, asked for once; `afresh` asks again, as when its keys were changed.
    async fn metadata(&self, afresh: bool) -> Result<Arc<ProviderMetadataWithLogout>, OidcFault> {
        if !afresh && let Some(known) = &*self.0.metadata.read().await {
            return Ok(Arc::clone(known));
        }
        // The URL type puts a slash behind a bare host; the issuer has to match to the letter.
        let text = self.0.settings.issuer.as_str();
        let issuer = IssuerUrl::new(text.strip_suffix('/').unwrap_or(text).to_owned()).map_err(unusable)?;
        let found = ProviderMetadataWithLogout::discover_async(issuer, &self.0.web).await;
        let found = Arc::new(found.map_err(|error| OidcFault::Unreachable(chain(&error)))?);
        *self.0.metadata.write().await = Some(Arc::clone(&found));
        Ok(found)
    }

    /// The tokens of an answer. Keys that changed since they were read are read again, once. A refreshed ID token need not
    /// repeat the nonce (OpenID Connect Core, 12.2).
    async fn tokens(
        &self,
        answer: Result<CoreTokenResponse, CoreRequestTokenError<OidcFault>>,
        nonce: Option<&Nonce>,
    ) -> Result<Tokens, OidcFault> {
        let answer = answer.map_err(refusal)?;
        let token: &CoreIdToken = answer.id_token().ok_or_else(|| unusable("no ID token"))?;
        let right = |found: Option<&Nonce>| match nonce {
            Some(nonce) => nonce.verify(found),
            None => Ok(()),
        };
        let metadata = self.metadata(false).await?;
        if token.claims(&relying_party!(self.0, metadata).id_token_verifier(), right).is_err() {
            let metadata = self.metadata(true).await?;
            token.claims(&relying_party!(self.0, metadata).id_token_verifier(), right).map_err(unusable)?;
        }
        let claims = Claims::of_verified(&token.to_string()).ok_or_else(|| unusable("the ID token's claims are not readable"))?;
        Ok(Tokens { claims, refresh: answer.refresh_token().map(|token| SecretString::from(token.secret().as_str())) })
    }
}

fn unusable(problem: impl std::fmt::Display) -> OidcFault {
    OidcFault::Unusable(problem.to_string())
}

fn refusal(error: CoreRequestTokenError<OidcFault>) -> OidcFault {
    match error {
        RequestTokenError::Request(fault) => fault,
        RequestTokenError::ServerResponse(answer) if *answer.error() == CoreErrorResponseType::InvalidGrant => {
            OidcFault::Refused(answer.to_string())
        }
        other => OidcFault::Unusable(chain(&other)),
    }
}

/// The error and what caused it, in words. Not as `Debug` has it: that shows the answer's body, and with it tokens.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let words = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string);
    words.collect::<Vec<_>>().join(": ")
}
