//! The whole sign-in, the roles that follow from it, and its end.

use serde_json::json;
use sqlx::PgPool;

use crate::{
    MIGRATOR,
    browser::Browser,
    house::House,
    provider::{Provider, Visit, account, change_keys, forget, guest, sign_in},
};

const COOKIE: &str = "__Host-frontdesk";
/// Roles from the groups that the provider's token names.
const FROM_TOKEN: &str = r#", groups_claim = "groups""#;
const HELPDESK: &[&str] = &["Frontdesk-Helpdesk"];

/// A browser in which somebody is signed in, and their subject.
async fn signed_in(house: &House, name: &str, groups: &[&str]) -> (Browser, String) {
    let subject = account(house, name, groups).await;
    let mut browser = house.browser();
    assert_eq!(sign_in(&mut browser, &mut Visit::new(), &subject, "/").await, "/");
    (browser, subject)
}

/// Whether the act that needs fresh roles is allowed: the status of its answer.
async fn act(browser: &Browser) -> u16 {
    browser.script().post("/api/launches/begin", &[]).await.status.as_u16()
}

/// Discovery, PKCE, the nonce and the ID token's signature are checked by both sides on the way.
#[sqlx::test(migrator = "MIGRATOR")]
async fn one_signs_in_and_has_the_roles_of_active_directory(db: PgPool) {
    let house = Provider::Usual.house(db, json!({}), "").await;
    let helena = account(&house, "hkeller", &[]).await;
    let mut browser = house.browser();
    let provider = browser.leave("/launches?status=failed").await;
    let asked = |name: &str| provider.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!((asked("response_type").as_deref(), asked("code_challenge_method").as_deref()), (Some("code"), Some("S256")));
    assert!(asked("nonce").is_some() && asked("state").is_some());
    let back = Visit::new().pick(&provider, &helena).await;
    assert_eq!(browser.get(&back[url::Position::BeforePath..]).await.location(), "/launches?status=failed");
    let page = browser.get("/launches?status=failed").await;
    assert!(page.status == 200 && page.body.contains("hkeller at the provider"), "{}", page.body);
    assert_eq!(act(&browser).await, 200);
    // Who has an account at the provider and no role.
    let (mut other, _) = signed_in(&house, "jsmith", &[]).await;
    assert_eq!(other.get("/launches").await.status, 403);
    let stranger = guest(&house).await;
    let mut browser = house.browser();
    assert_eq!(sign_in(&mut browser, &mut Visit::new(), &stranger, "/").await, "/");
    assert_eq!(browser.get("/launches").await.status, 403);
    assert_eq!(house.count("session where person_guid is null").await, 1);
}

/// Somebody signs in where ID tokens are signed so.
async fn signed_by(db: PgPool, algorithm: &str) {
    let house = Provider::Usual.house(db, json!({ "id_token_signed_response_alg": algorithm }), "").await;
    let (browser, _) = signed_in(&house, "hkeller", &[]).await;
    assert_eq!(act(&browser).await, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_token_signed_by_ps256_is_understood(db: PgPool) {
    signed_by(db, "PS256").await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_token_signed_by_es256_is_understood(db: PgPool) {
    signed_by(db, "ES256").await;
}

/// An application without a secret has PKCE alone.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_application_without_a_secret_signs_in(db: PgPool) {
    let house = Provider::Usual.house(db, json!({ "token_endpoint_auth_method": "none" }), "").await;
    assert!(!house.place.oidc.contains("client_secret"));
    let (browser, _) = signed_in(&house, "hkeller", &[]).await;
    assert_eq!(act(&browser).await, 200);
}

/// Where a way back leads that the provider does not vouch for, and that it opens no session.
async fn refused(house: &House, browser: &mut Browser, back: &url::Url) -> String {
    let before = house.count("session").await;
    let answer = browser.get(&back[url::Position::BeforePath..]).await;
    assert_eq!(house.count("session").await, before);
    assert!(!browser.cookies.contains_key(COOKIE));
    answer.location()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_code_is_good_once_and_for_one_browser(db: PgPool) {
    let house = Provider::Usual.house(db, json!({}), "").await;
    let helena = account(&house, "hkeller", &[]).await;
    let (mut hers, mut theirs) = (house.browser(), house.browser());
    let her_way = hers.leave("/").await;
    let her_code = Visit::new().pick(&her_way, &helena).await;
    // Her code, slipped into a sign-in that began elsewhere: the code verifier is another.
    let their_way = theirs.leave("/").await;
    let state = their_way.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let code = her_code.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let mut slipped = her_code.clone();
    slipped.query_pairs_mut().clear().append_pair("code", &code).append_pair("state", &state);
    assert_eq!(refused(&house, &mut theirs, &slipped).await, "/sign-in?problem=failed");

    let way = hers.leave("/").await;
    let back = Visit::new().pick(&way, &helena).await;
    let kept = hers.clone();
    assert_eq!(hers.get(&back[url::Position::BeforePath..]).await.location(), "/");
    // The same code again, with all that the browser had.
    let mut again = kept;
    assert_eq!(refused(&house, &mut again, &back).await, "/sign-in?problem=failed");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_does_not_sign_in_there_is_not_signed_in_here(db: PgPool) {
    let house = Provider::Usual.house(db, json!({}), "").await;
    let mut browser = house.browser();
    let way = browser.leave("/").await;
    let back = Visit::new().pick(&way, "nobody that the provider knows").await;
    assert!(back.query_pairs().any(|(name, value)| name == "error" && value == "access_denied"), "{back}");
    assert_eq!(refused(&house, &mut browser, &back).await, "/sign-in?problem=denied");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn keys_that_changed_are_read_again(db: PgPool) {
    let house = Provider::Usual.house(db, json!({}), "").await;
    let (first, _) = signed_in(&house, "hkeller", &[]).await;
    assert_eq!(act(&first).await, 200);
    change_keys().await;
    let (second, _) = signed_in(&house, "tbrandt", &[]).await;
    assert_eq!(act(&second).await, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn signing_out_ends_the_session_at_the_provider(db: PgPool) {
    let house = Provider::Usual.house(db, json!({}), "").await;
    let helena = account(&house, "hkeller", &[]).await;
    let (mut browser, mut visit) = (house.browser(), Visit::new());
    assert_eq!(sign_in(&mut browser, &mut visit, &helena, "/").await, "/");
    // While the session there lasts nobody is asked.
    let mut second = house.browser();
    assert_eq!(sign_in(&mut second, &mut visit, "nobody", "/").await, "/");
    let provider = browser.post("/sign-out", &[]).await.location();
    assert_eq!(visit.sign_out(&provider).await, format!("{}/sign-in?problem=signed-out", house.url));
    let mut third = house.browser();
    assert_eq!(sign_in(&mut third, &mut visit, "nobody", "/").await, "/sign-in?problem=denied");
}

/// The provider takes a refresh token once and gives another, each time with the groups as they are.
#[sqlx::test(migrator = "MIGRATOR")]
async fn groups_of_the_token_give_roles_and_take_them(db: PgPool) {
    let house = Provider::Usual.house(db, json!({}), FROM_TOKEN).await;
    // Who is helpdesk in Active Directory is not by that, and the other way round.
    let (browser, _) = signed_in(&house, "hkeller", &[]).await;
    assert_eq!(act(&browser).await, 403);
    let (browser, _) = signed_in(&house, "jsmith", HELPDESK).await;
    for _ in 0..3 {
        assert_eq!(act(&browser).await, 200);
    }
    account(&house, "jsmith", &["Everybody"]).await;
    assert_eq!(act(&browser).await, 403);
    account(&house, "jsmith", HELPDESK).await;
    assert_eq!(act(&browser).await, 200);
    let together = async || act(&browser.clone()).await;
    assert_eq!(futures::join!(together(), together(), together()), (200, 200, 200));
    assert_eq!(house.count("session where ended_at is null").await, 2);
}

/// OpenID Connect Core, 11: a provider need not hear offline_access unless it is asked to have the user consent.
#[sqlx::test(migrator = "MIGRATOR")]
async fn refresh_tokens_that_take_consent_are_given_with_it(db: PgPool) {
    let more = format!(r#"{FROM_TOKEN}, prompt = "consent""#);
    let house = Provider::Consent.house(db, json!({}), &more).await;
    let (browser, _) = signed_in(&house, "jsmith", HELPDESK).await;
    assert_eq!(act(&browser).await, 200);
    assert_eq!(act(&browser).await, 200);
}

/// Roles that could be read once only would be gone in five minutes, so nobody is let in with them.
#[sqlx::test(migrator = "MIGRATOR")]
async fn without_a_refresh_token_there_are_no_roles_from_tokens(db: PgPool) {
    let house = Provider::Consent.house(db, json!({}), FROM_TOKEN).await;
    let subject = account(&house, "jsmith", HELPDESK).await;
    let mut browser = house.browser();
    assert_eq!(sign_in(&mut browser, &mut Visit::new(), &subject, "/").await, "/sign-in?problem=failed");
    assert!(!browser.cookies.contains_key(COOKIE));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whom_the_provider_forgets_is_signed_out(db: PgPool) {
    let house = Provider::Usual.house(db, json!({}), FROM_TOKEN).await;
    let (mut browser, subject) = signed_in(&house, "jsmith", HELPDESK).await;
    assert_eq!(act(&browser).await, 200);
    forget(&subject).await;
    assert_eq!(act(&browser).await, 401);
    assert_eq!(browser.get("/launches").await.location(), "/sign-in?to=%2Flaunches");
    assert_eq!(house.count("session where ended_by = 'provider'").await, 1);
}

/// Frontdesk reads the ID token alone, and says so in its README: with a provider that keeps claims to its userinfo endpoint one
/// can sign in, and is nobody.
#[sqlx::test(migrator = "MIGRATOR")]
async fn claims_that_are_not_in_the_token_are_not_there(db: PgPool) {
    let house = Provider::Strict.house(db, json!({}), "").await;
    let helena = account(&house, "hkeller", &[]).await;
    let mut browser = house.browser();
    assert_eq!(sign_in(&mut browser, &mut Visit::new(), &helena, "/").await, "/");
    assert_eq!(browser.get("/launches").await.status, 403);
    assert_eq!(house.count("session where person_guid is null").await, 1);
}
