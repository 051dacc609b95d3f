//! The signing key, and what a token says of a person.

use anyhow::Context;
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::people::{Company, PERSONAS, REQUESTERS};

const KEY_ID: &str = "sandbox-1";
/// Seconds that an ID token is valid.
const LIFETIME: i64 = 3_600;

/// Signs with ES256; the key lives as long as the process.
pub(super) struct Signer {
    key: EncodingKey,
    public: Vec<u8>,
}

impl Signer {
    pub(super) fn new() -> anyhow::Result<Self> {
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).context("making a key")?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).context("reading the key")?;
        Ok(Self { key: EncodingKey::from_ec_der(pkcs8.as_ref()), public: pair.public_key().as_ref().to_vec() })
    }

    /// The public point is `04 ‖ x ‖ y` with 32 bytes each.
    pub(super) fn jwks(&self) -> Value {
        let coordinate =
            |range: std::ops::Range<usize>| BASE64_URL_SAFE_NO_PAD.encode(self.public.get(range).unwrap_or_default());
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": KEY_ID, "x": coordinate(1..33), "y": coordinate(33..65) }] })
    }

    #[expect(clippy::indexing_slicing, reason = "claims are an object")]
    pub(super) fn id_token(&self, claims: Value, issuer: &str, now: i64, nonce: Option<&str>) -> anyhow::Result<String> {
        let mut claims = claims;
        claims["iss"] = json!(issuer);
        claims["aud"] = json!(super::CLIENT_ID);
        claims["iat"] = json!(now);
        claims["auth_time"] = json!(now);
        claims["exp"] = json!(now + LIFETIME);
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::ES256) };
        Ok(jsonwebtoken::encode(&header, &claims, &self.key)?)
    }
}

/// Claims of an account, its groups as they are now; `None` if nobody has it.
pub(super) fn claims_of(company: &Company, account: &str) -> Option<Value> {
    let roster = company.read();
    if let Some(person) = roster.person(account) {
        let groups: Vec<_> = roster.groups_of(&person.account).iter().map(|group| group.name.as_str()).collect();
        return Some(json!({
            "sub": person.guid.to_string(), "name": person.display, "given_name": person.given, "family_name": person.family,
            "preferred_username": person.account, "upn": person.upn(), "email": person.mail, "objectsid": person.sid(), "groups": groups,
        }));
    }
    let stranger = PERSONAS.iter().find(|persona| persona.account == account)?;
    Some(json!({
        "sub": format!("external:{account}"), "name": stranger.name, "preferred_username": account,
        "email": format!("{account}@partner.example"), "groups": [REQUESTERS],
    }))
}
