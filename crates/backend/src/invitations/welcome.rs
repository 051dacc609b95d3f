//! The welcome link: its token, and what it opens.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use model::{
    Result,
    access::Actor,
    audit::{Action, Outcome},
    invitations::{LinkProblem, Readiness, Welcome},
    workspaces::{Protocol, System, web_access},
};
use sha2::{Digest, Sha256};

use super::store;
use crate::{Services, audit, directories::desk, fault::told};

/// 256 random bits. The raw value is in the mail and in nobody else's hands: the database knows only its hash.
pub(super) struct Token([u8; 32]);

impl Token {
    pub(super) fn new() -> Self {
        Self(rand::random())
    }

    /// As it stands in the link: 43 characters of base64url.
    pub(super) fn expose(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        (length == bytes.len()).then_some(Self(bytes))
    }
}

/// Opens a welcome link: counts the opening, records the first, and tells what its owner needs, about nobody else.
///
/// # Errors
/// [`model::Error::Unavailable`] when the database is away.
pub async fn welcome(services: &Services, token: &str) -> Result<std::result::Result<Welcome, LinkProblem>> {
    let Some(token) = Token::parse(token) else { return Ok(Err(LinkProblem::Unknown)) };
    let now = services.clock.now();
    let Some(found) = store::by_token(services, &token.hash()).await.map_err(told)? else { return Ok(Err(LinkProblem::Unknown)) };
    if found.superseded {
        return Ok(Err(LinkProblem::Superseded));
    }
    if found.expires_at <= now {
        return Ok(Err(LinkProblem::Expired));
    }
    let mut tx = services.db.begin().await.map_err(told)?;
    if store::opened(&mut tx, found.id, now).await.map_err(told)? {
        let record = audit::Record {
            action: Action::OpenWelcome,
            object: audit::Object { kind: "invitation", id: found.id.to_string(), name: found.name.clone() },
            person: found.person,
            detail: None,
        };
        audit::noted(&mut tx, services, &Actor::Invitee, &record, Outcome::Succeeded).await.map_err(told)?;
        if let Some(launch) = found.launch {
            crate::db::announce(&mut tx, crate::db::Topic::Launch(launch)).await.map_err(told)?;
        }
    }
    tx.commit().await.map_err(told)?;
    let desk = desk::of(services, &found.directory).await.map_err(told)?;
    let bundle = found.bundle_name.as_deref().map(|name| (System::from_bundle_name(name), Protocol::from_bundle_name(name)));
    Ok(Ok(Welcome {
        name: found.name,
        account: found.account,
        registration_code: found.registration_code,
        readiness: Readiness::from_state(found.state.as_deref()),
        devices: found.devices,
        web: web_access(found.devices, bundle.as_ref().map(|(system, protocol)| (system, *protocol))),
        contact: desk.contact_or(&services.settings.mail.contact),
        language: desk.language,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_43_characters_and_nothing_else_parses() {
        let token = Token::new();
        assert_eq!(token.expose().len(), 43);
        assert_eq!(Token::parse(&token.expose()).unwrap().hash(), token.hash());
        for wrong in ["", "a", &token.expose()[1..], &format!("{}A", token.expose()), "../../etc/passwd", &"ä".repeat(43)] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
    }
}
