//! The provider: where Frontdesk is registered, who has an account, and the way through its pages.

use reqwest::{Method, Url};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    browser::{Answer, Browser},
    house::House,
};

/// As an installation sets its provider up for Frontdesk, or nearly so.
#[derive(Clone, Copy)]
pub enum Provider {
    /// Claims are in the ID token, and who is registered for refresh tokens gets them.
    Usual,
    /// Refresh tokens take the user's consent.
    Consent,
    /// And claims are at the userinfo endpoint alone.
    Strict,
}

fn origin() -> String {
    std::env::var("WITNESS_OIDC")
        .unwrap_or_else(|_| panic!("WITNESS_OIDC is not set: run this by `cargo xtask test --only witness`"))
}

impl Provider {
    fn issuer(self) -> String {
        match self {
            Self::Usual => origin(),
            Self::Consent => format!("{}/consent", origin()),
            Self::Strict => format!("{}/strict", origin()),
        }
    }

    /// A Frontdesk that is registered there, as its own documentation says (Dynamic Client Registration 1.0), and whose settings
    /// end with `more`.
    pub async fn house(self, db: PgPool, registration: Value, more: &str) -> House {
        House::open_at(db, async |place, url| {
            let mut client = json!({
                "redirect_uris": [format!("{url}/sign-in/return")],
                "post_logout_redirect_uris": [format!("{url}/sign-in?problem=signed-out")],
                "grant_types": ["authorization_code", "refresh_token"],
            });
            client.as_object_mut().unwrap().extend(registration.as_object().unwrap().clone());
            let answer = ask(Method::POST, &format!("{}/reg", self.issuer()), &client).await;
            let made: Value = serde_json::from_str(&answer.body).unwrap();
            let text = |name: &str| made.get(name).and_then(Value::as_str);
            let client_id = text("client_id").unwrap_or_else(|| panic!("{}", answer.body));
            place.oidc = format!(r#"issuer = "{}", client_id = "{client_id}""#, self.issuer());
            if let Some(secret) = text("client_secret") {
                place.oidc.push_str(&format!(r#", client_secret = "{secret}""#));
            }
            place.oidc.push_str(more);
        })
        .await
    }
}

async fn ask(method: Method, url: &str, body: &Value) -> Answer {
    // The browser has installed what reqwest looks for.
    let _ = Browser::new(&origin());
    let request = reqwest::Client::new().request(method, url).header("content-type", "application/json").body(body.to_string());
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    let (status, headers) = (answer.status(), answer.headers().clone());
    Answer { status, headers, body: answer.text().await.unwrap() }
}

/// Gives somebody of the sandbox's Active Directory an account, under a subject that no other test has.
pub async fn account(house: &House, name: &str, groups: &[&str]) -> String {
    let subject = format!("{name}-{}", house.url.rsplit(':').next().unwrap_or_default());
    let sid = house.place.sandbox.company().read().person(name).unwrap().sid();
    let claims = json!({ "name": format!("{name} at the provider"), "objectsid": sid, "groups": groups });
    ask(Method::PUT, &format!("{}/_accounts/{subject}", origin()), &claims).await;
    subject
}

/// Somebody whom Active Directory does not know.
pub async fn guest(house: &House) -> String {
    let subject = format!("guest-{}", house.url.rsplit(':').next().unwrap_or_default());
    ask(Method::PUT, &format!("{}/_accounts/{subject}", origin()), &json!({ "name": "A Guest" })).await;
    subject
}

pub async fn forget(subject: &str) {
    ask(Method::DELETE, &format!("{}/_accounts/{subject}", origin()), &json!({})).await;
}

pub async fn change_keys() {
    ask(Method::POST, &format!("{}/_keys", origin()), &json!({})).await;
}

/// The provider's half of the same browser.
pub struct Visit(Browser);

impl Visit {
    pub fn new() -> Self {
        Self(Browser::new(&origin()))
    }

    /// From the authorization request through the provider's pages to the address on which one comes back.
    pub async fn pick(&mut self, provider: &Url, subject: &str) -> Url {
        let mut next = provider.to_string();
        for _ in 0..8 {
            let answer = self.0.get(&next).await;
            if answer.status.is_redirection() {
                next = answer.location();
            } else {
                assert_eq!(answer.status, 200, "{}", answer.body);
                assert!(answer.body.contains("name=\"account\""), "{}", answer.body);
                next = self.0.post(&next, &[("account", subject)]).await.location();
            }
            if next.contains("/sign-in") {
                return next.parse().unwrap();
            }
        }
        panic!("the provider does not lead back: {next}")
    }

    /// Confirms the end of the session at the provider: where that leads.
    pub async fn sign_out(&mut self, provider: &str) -> String {
        let page = self.0.get(provider).await;
        let field = |name: &str| {
            let (_, rest) = page.body.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{}", page.body));
            rest.split('"').next().unwrap_or_default().to_owned()
        };
        let confirm = format!("{}/session/end/confirm", origin());
        self.0.post(&confirm, &[("xsrf", &field("xsrf")), ("logout", "yes")]).await.location()
    }
}

/// Signs in through both, and says where one lands.
pub async fn sign_in(browser: &mut Browser, visit: &mut Visit, subject: &str, to: &str) -> String {
    let provider = browser.leave(to).await;
    let back = visit.pick(&provider, subject).await;
    browser.get(&back[url::Position::BeforePath..]).await.location()
}
