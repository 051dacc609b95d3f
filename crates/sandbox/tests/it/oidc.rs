//! The OpenID provider, as a relying party uses it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::{Client, Response, StatusCode, header, redirect::Policy};
use sandbox::{
    Options, Sandbox,
    oidc::{CLIENT_ID, CLIENT_SECRET},
    people::PERSONAS,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123456789";
const BACK: &str = "http://127.0.0.1:3000/sign-in/back";

struct Party {
    sandbox: Sandbox,
    http: Client,
}

impl Party {
    async fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let sandbox = sandbox::start(Options { people: 0, ..Options::default() }).await.unwrap();
        Self { sandbox, http: Client::builder().redirect(Policy::none()).build().unwrap() }
    }

    fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.sandbox.issuer())
    }

    /// The fields of a good authorization request, changed as told; an empty value leaves the field out.
    fn request<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, String)> {
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let good = [
            ("client_id", CLIENT_ID),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("state", "st&te \"1\""),
            ("nonce", "n-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let changed = |name: &str| changes.iter().find(|(changed, _)| *changed == name).map(|(_, value)| (*value).to_owned());
        let fields = good.map(|(name, value)| (name, changed(name).unwrap_or_else(|| value.to_owned())));
        fields.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    async fn page(&self, changes: &[(&str, &str)]) -> Response {
        self.http.get(self.at("authorize")).query(&Self::request(changes)).send().await.unwrap()
    }

    async fn pick(&self, account: &str, changes: &[(&str, &str)]) -> Response {
        let mut form = Self::request(changes);
        form.push(("account", account.to_owned()));
        self.http.post(self.at("authorize")).form(&form).send().await.unwrap()
    }

    /// Signs in and gives the code.
    async fn code(&self, account: &str) -> String {
        let answer = self.pick(account, &[]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let back = Url::parse(answer.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        assert!(back.as_str().starts_with(BACK), "{back}");
        let field = |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_eq!(field("state").as_deref(), Some("st&te \"1\""));
        field("code").unwrap()
    }

    async fn token(&self, fields: &[(&str, &str)]) -> Response {
        self.http.post(self.at("token")).basic_auth(CLIENT_ID, Some(CLIENT_SECRET)).form(fields).send().await.unwrap()
    }

    async fn exchange(&self, code: &str) -> Response {
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)])
            .await
    }

    async fn refresh(&self, tokens: &Value) -> Response {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())]).await
    }

    async fn sign_in(&self, account: &str) -> Value {
        let answer = self.exchange(&self.code(account).await).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
        answer.json().await.unwrap()
    }

    /// The ID token's claims, its signature, issuer, audience and time checked.
    async fn claims(&self, tokens: &Value) -> Value {
        let keys: Value = self.http.get(self.at("jwks")).send().await.unwrap().json().await.unwrap();
        let token = tokens["id_token"].as_str().unwrap();
        let id = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == id).unwrap();
        let key = DecodingKey::from_ec_components(key["x"].as_str().unwrap(), key["y"].as_str().unwrap()).unwrap();
        let mut rules = Validation::new(Algorithm::ES256);
        rules.set_audience(&[CLIENT_ID]);
        rules.set_issuer(&[self.sandbox.issuer()]);
        jsonwebtoken::decode::<Value>(token, &key, &rules).unwrap().claims
    }
}

fn has_group(claims: &Value, group: &str) -> bool {
    claims["groups"].as_array().is_some_and(|groups| groups.iter().any(|name| name == group))
}

async fn refused(answer: Response, status: StatusCode, error: &str) {
    assert_eq!(answer.status(), status);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"], error);
}

#[tokio::test]
async fn discovery_names_endpoints_that_are_there() {
    let party = Party::new().await;
    let found: Value = party.http.get(party.at(".well-known/openid-configuration")).send().await.unwrap().json().await.unwrap();
    assert_eq!(found["issuer"], party.sandbox.issuer());
    assert_eq!(found["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    for name in ["authorization_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"] {
        let status = party.http.get(found[name].as_str().unwrap()).send().await.unwrap().status();
        assert_ne!(status, StatusCode::NOT_FOUND, "{name}");
    }
}

#[tokio::test]
async fn a_persona_signs_in_and_the_token_says_who_it_is() {
    let party = Party::new().await;
    let claims = party.claims(&party.sign_in("hkeller").await).await;
    let person = party.sandbox.company().read().person("hkeller").unwrap().clone();
    assert_eq!(claims["objectsid"], person.sid());
    assert_eq!(claims["upn"], "hkeller@corp.example.com");
    assert_eq!((claims["preferred_username"].as_str(), claims["nonce"].as_str()), (Some("hkeller"), Some("n-1")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3_600);
    assert!(has_group(&claims, "Service Desk Berlin") && has_group(&claims, "Frontdesk-Helpdesk"), "{claims}");
    assert!(!has_group(&claims, "Frontdesk-Admins"));
}

#[tokio::test]
async fn every_persona_is_on_the_page_and_can_sign_in() {
    let party = Party::new().await;
    let page = party.page(&[]).await.text().await.unwrap();
    for persona in &PERSONAS {
        assert!(page.contains(&format!(r#"value="{}""#, persona.account)), "{}", persona.account);
        let claims = party.claims(&party.sign_in(persona.account).await).await;
        assert_eq!(claims["name"], persona.name);
    }
    let claims = party.claims(&party.sign_in("external.guest").await).await;
    assert_eq!((&claims["objectsid"], &claims["groups"]), (&Value::Null, &json!(["Frontdesk-Requesters"])));
    assert!(party.sandbox.company().read().person("external.guest").is_none());
    assert_eq!(party.claims(&party.sign_in("anna.nordwind").await).await["preferred_username"], "anna.nordwind");
}

#[tokio::test]
async fn what_came_in_the_request_cannot_become_markup() {
    let party = Party::new().await;
    let page = party.page(&[("state", r#""><script>alert(1)</script>"#)]).await.text().await.unwrap();
    assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
    let page = party.pick("<script>", &[]).await;
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    assert!(!page.text().await.unwrap().contains("<script>"));
}

#[tokio::test]
async fn a_bad_authorization_request_is_never_redirected() {
    let party = Party::new().await;
    for change in [
        ("client_id", "somebody"),
        ("redirect_uri", "http://evil.example/back"),
        ("redirect_uri", "https://127.0.0.1.evil.example/"),
        ("redirect_uri", "http://127.0.0.1@evil.example/"),
        ("redirect_uri", "javascript:alert(1)"),
        ("response_type", "token"),
        ("code_challenge", ""),
        ("code_challenge_method", "plain"),
        ("code_challenge_method", ""),
    ] {
        for answer in [party.page(&[change]).await, party.pick("hkeller", &[change]).await] {
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{change:?}");
            assert!(!answer.headers().contains_key(header::LOCATION), "{change:?}");
        }
    }
}

#[tokio::test]
async fn a_code_works_once_and_only_for_who_asked() {
    let party = Party::new().await;
    let code = party.code("hkeller").await;
    assert_eq!(party.exchange(&code).await.status(), StatusCode::OK);
    refused(party.exchange(&code).await, StatusCode::BAD_REQUEST, "invalid_grant").await;
    for change in
        [("code_verifier", "another-verifier"), ("redirect_uri", "http://127.0.0.1:3000/elsewhere"), ("code", "made-up")]
    {
        let code = party.code("hkeller").await;
        let mut fields =
            vec![("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)];
        fields.iter_mut().filter(|(name, _)| *name == change.0).for_each(|field| field.1 = change.1);
        refused(party.token(&fields).await, StatusCode::BAD_REQUEST, "invalid_grant").await;
    }
}

#[tokio::test]
async fn the_client_proves_itself_by_header_or_body() {
    let party = Party::new().await;
    let code = party.code("hkeller").await;
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)];
    let send = |secret: Option<&'static str>| {
        let mut form = fields.to_vec();
        form.extend(secret.map(|secret| ("client_secret", secret)));
        form.push(("client_id", CLIENT_ID));
        party.http.post(party.at("token")).form(&form).send()
    };
    refused(send(None).await.unwrap(), StatusCode::UNAUTHORIZED, "invalid_client").await;
    refused(send(Some("wrong")).await.unwrap(), StatusCode::UNAUTHORIZED, "invalid_client").await;
    assert_eq!(send(Some(CLIENT_SECRET)).await.unwrap().status(), StatusCode::OK);
    refused(party.token(&[("grant_type", "password")]).await, StatusCode::BAD_REQUEST, "unsupported_grant_type").await;
}

#[tokio::test]
async fn a_refresh_reads_the_groups_again_and_its_token_works_once() {
    let party = Party::new().await;
    let first = party.sign_in("hkeller").await;
    party.sandbox.company().set_member("Service Desk Berlin", "hkeller", false);
    let second: Value = party.refresh(&first).await.json().await.unwrap();
    let claims = party.claims(&second).await;
    assert!(!has_group(&claims, "Frontdesk-Helpdesk") && !has_group(&claims, "Service Desk Berlin"), "{claims}");
    refused(party.refresh(&first).await, StatusCode::BAD_REQUEST, "invalid_grant").await;
}

#[tokio::test]
async fn who_left_the_company_gets_no_more_tokens() {
    let party = Party::new().await;
    let tokens = party.sign_in("anna.nordwind").await;
    let code = party.code("anna.nordwind").await;
    party.sandbox.company().remove("anna.nordwind");
    refused(party.refresh(&tokens).await, StatusCode::BAD_REQUEST, "invalid_grant").await;
    refused(party.exchange(&code).await, StatusCode::BAD_REQUEST, "invalid_grant").await;
    assert_eq!(party.pick("anna.nordwind", &[]).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn userinfo_answers_to_its_token() {
    let party = Party::new().await;
    let tokens = party.sign_in("amoreau").await;
    let ask = |token: &str| party.http.get(party.at("userinfo")).bearer_auth(token).send();
    let told: Value = ask(tokens["access_token"].as_str().unwrap()).await.unwrap().json().await.unwrap();
    assert_eq!((told["name"].as_str(), &told["sub"]), (Some("Adèle Moreau"), &party.claims(&tokens).await["sub"]));
    assert_eq!(ask("made-up").await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn signing_out_returns_to_this_machine_only() {
    let party = Party::new().await;
    let end = |back: &'static str| {
        party.http.get(party.at("end_session")).query(&[("post_logout_redirect_uri", back), ("state", "s 1")]).send()
    };
    let answer = end("http://127.0.0.1:3000/bye").await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[header::LOCATION], "http://127.0.0.1:3000/bye?state=s+1");
    let answer = end("http://evil.example/").await.unwrap();
    assert_eq!((answer.status(), answer.headers().contains_key(header::LOCATION)), (StatusCode::OK, false));
}
