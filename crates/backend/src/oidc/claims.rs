//! What an ID token says.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use super::OidcFault;

/// The claims of an ID token that was verified.
#[derive(Debug)]
pub struct Claims(Value);

impl Claims {
    /// The payload of a token (RFC 7519) in the compact form; its signature was checked before.
    pub(super) fn of_verified(token: &str) -> Option<Self> {
        let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        serde_json::from_slice(&payload).ok().map(Self)
    }

    /// A claim that is a text and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A claim that is a list of texts, or a single one; empty without the claim.
    ///
    /// # Errors
    /// The claim is somewhere else: Entra ID names no groups in the token of somebody who is in more than 200, but where they
    /// could be asked for (Microsoft identity platform, "Groups overage claim").
    pub fn list(&self, name: &str) -> Result<Vec<String>, OidcFault> {
        let elsewhere = self.0.get("_claim_names").is_some_and(|names| names.get(name).is_some());
        match self.0.get(name) {
            Some(Value::Array(values)) => Ok(values.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()),
            Some(Value::String(value)) => Ok(vec![value.clone()]),
            _ if elsewhere => Err(OidcFault::Unusable(format!("the ID token has no room for the claim {name}"))),
            _ => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_texts_and_lists() {
        let payload = BASE64_URL_SAFE_NO_PAD.encode(json!({ "upn": "a@b", "empty": "", "groups": ["A", 7, "B"] }).to_string());
        let claims = Claims::of_verified(&format!("header.{payload}.signature")).unwrap();
        assert_eq!((claims.text("upn"), claims.text("empty"), claims.text("groups")), (Some("a@b"), None, None));
        assert_eq!(claims.list("groups").unwrap(), ["A", "B"]);
        assert_eq!(claims.list("upn").unwrap(), ["a@b"]);
        assert_eq!(claims.list("none").unwrap(), [""; 0]);
        assert!(Claims::of_verified("nonsense").is_none());
    }

    #[test]
    fn groups_that_did_not_fit_are_not_no_groups() {
        let claims = Claims(json!({ "_claim_names": { "groups": "src1" } }));
        assert!(matches!(claims.list("groups"), Err(OidcFault::Unusable(_))));
    }
}
