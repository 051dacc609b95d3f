//! Groups from the provider's token, asked for again with a refresh token.
//!
//! The refresh token is sealed with a key that only the session's cookie gives, of which the database knows the hash: who has
//! the database alone can ask the provider for nothing. Providers take such a token once and give a new one, so it is claimed
//! before it is used.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    error::Unspecified,
    hkdf,
};
use model::{
    Error,
    access::Actor,
    audit::{Action, Outcome},
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{
    Session, object,
    store::{self, Renewal},
};
use crate::{Fault, Services, audit, fault::told, oidc::OidcFault};

/// The key that a cookie's value gives: HKDF (RFC 5869) with SHA-256.
fn key(cookie: &SecretString) -> Result<RandomizedNonceKey, Unspecified> {
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, b"frontdesk session").extract(cookie.expose_secret().as_bytes());
    let mut bytes = [0; 32];
    secret.expand(&[b"refresh token"], hkdf::HKDF_SHA256)?.fill(&mut bytes)?;
    RandomizedNonceKey::new(&AES_256_GCM, &bytes)
}

/// The nonce, then the token under AES-256-GCM, bound to the session.
pub(super) fn seal(cookie: &SecretString, session: Uuid, token: &SecretString) -> Result<Vec<u8>, Fault> {
    let mut text = token.expose_secret().as_bytes().to_vec();
    let sealed = key(cookie).and_then(|key| key.seal_in_place_append_tag(Aad::from(session.as_bytes()), &mut text));
    let nonce = sealed.map_err(|_| Fault::Bug("a refresh token can't be sealed".to_owned()))?;
    Ok([nonce.as_ref().as_slice(), &text].concat())
}

fn open(cookie: &SecretString, session: Uuid, sealed: &[u8]) -> Option<SecretString> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
    let mut text = text.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let opened = key(cookie).ok()?.open_in_place(nonce, Aad::from(session.as_bytes()), &mut text).ok()?;
    std::str::from_utf8(opened).ok().map(SecretString::from)
}

/// The groups that the provider's token names now; `None` while another request asks for the same session.
///
/// # Errors
/// [`Error::SignIn`] if the provider has ended the session, which ends it here too, [`Error::Unavailable`] if it can't be asked.
pub(super) async fn groups(services: &Services, session: &Session, claim: &str) -> model::Result<Option<Vec<String>>> {
    let holder = Uuid::now_v7();
    let sealed = match store::claim_renewal(services, session.handle, holder).await.map_err(told)? {
        Renewal::Ours(sealed) => sealed,
        Renewal::Taken => return Ok(None),
        // Opened before groups came from the token.
        Renewal::Missing => return Err(over(services, session).await?),
    };
    let Some(token) = open(&session.cookie, session.handle, &sealed) else { return Err(over(services, session).await?) };
    let tokens = match services.oidc.refresh(&token).await {
        Ok(tokens) => tokens,
        Err(OidcFault::Refused(why)) => {
            tracing::info!(session = %session.handle, why, "the provider ended a session");
            return Err(over(services, session).await?);
        }
        Err(fault) => {
            store::keep_renewal(services, session.handle, holder, &sealed).await.map_err(told)?;
            return Err(told(fault));
        }
    };
    let next = tokens.refresh.as_ref().unwrap_or(&token);
    let sealed = seal(&session.cookie, session.handle, next).map_err(told)?;
    store::keep_renewal(services, session.handle, holder, &sealed).await.map_err(told)?;
    if tokens.claims.text("sub") != Some(&session.subject) {
        return Err(told(OidcFault::Unusable("the refreshed ID token is somebody else's".to_owned())));
    }
    tokens.claims.list(claim).map(Some).map_err(told)
}

/// Ends a session for which the provider vouches no more.
async fn over(services: &Services, session: &Session) -> model::Result<Error> {
    let mut tx = services.db.begin().await.map_err(told)?;
    let ended = store::end(&mut tx, session.handle, services.clock.now(), "provider").await.map_err(told)?;
    if let Some(name) = ended {
        let detail = Some("the sign-in service no longer vouches for it".to_owned());
        let record = audit::Record { action: Action::EndSession, object: object(session.handle, &name), person: None, detail };
        let nobody = Actor::System { on_behalf_of: None };
        audit::noted(&mut tx, services, &nobody, &record, Outcome::Succeeded).await.map_err(told)?;
    }
    tx.commit().await.map_err(told)?;
    Ok(Error::SignIn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_cookie_of_the_session_opens_the_token() {
        let (cookie, other) = (SecretString::from("one cookie"), SecretString::from("another"));
        let (session, token) = (Uuid::now_v7(), SecretString::from("refresh-token"));
        let sealed = seal(&cookie, session, &token).unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("refresh"));
        assert_ne!(sealed, seal(&cookie, session, &token).unwrap());
        assert_eq!(open(&cookie, session, &sealed).unwrap().expose_secret(), "refresh-token");
        assert!(open(&other, session, &sealed).is_none());
        assert!(open(&cookie, Uuid::now_v7(), &sealed).is_none());
        assert!(open(&cookie, session, &sealed[..5]).is_none());
    }
}
