//! Signing in and out, and what a session is good for.

use reqwest::Url;
use sandbox::{
    faults::{Fault, Kind},
    oidc::TOKEN,
};
use sqlx::PgPool;

use crate::{MIGRATOR, browser::Browser, house::House};

const COOKIE: &str = "__Host-frontdesk";

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_lands_where_one_was_going(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.browser();
    let away = browser.get("/launches?status=failed").await;
    assert_eq!(away.location(), "/sign-in?to=%2Flaunches%3Fstatus%3Dfailed");
    assert_eq!(browser.get(&away.location()).await.status, 200);
    assert_eq!(browser.sign_in("hkeller", "/launches?status=failed").await, "/launches?status=failed");
    let page = browser.get("/launches?status=failed").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Helena Keller"), "{}", page.body);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_other_site_is_landed_on(db: PgPool) {
    let house = House::open(db).await;
    for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        assert_eq!(house.browser().sign_in("hkeller", elsewhere).await, "/", "{elsewhere}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_cookie_is_for_this_host_alone_and_no_script(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.browser();
    let provider = browser.leave("/").await;
    assert!(provider.query_pairs().any(|(name, value)| name == "code_challenge_method" && value == "S256"));
    let back = browser.pick(&provider, "hkeller").await;
    let landed = browser.get(&back[url::Position::BeforePath..]).await;
    let set = landed
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap())
        .find(|value| value.starts_with("__Host-frontdesk="))
        .unwrap();
    for flag in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(set.contains(flag), "{set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    // The database knows the value's hash only.
    let value = browser.cookies[COOKIE].clone();
    let leaked: i64 = sqlx::query_scalar("select count(*) from session s where strpos(s::text, $1) > 0")
        .bind(value)
        .fetch_one(&house.db)
        .await
        .unwrap();
    assert_eq!(leaked, 0);
}

/// Where a way back that is not right leads, and that it opens no session.
async fn refused(house: &House, browser: &mut Browser, back: &Url) -> String {
    let before = house.count("session").await;
    let answer = browser.get(&back[url::Position::BeforePath..]).await;
    assert_eq!(house.count("session").await, before);
    assert!(!browser.cookies.contains_key(COOKIE));
    answer.location()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_way_back_that_is_not_right_opens_nothing(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.browser();
    let provider = browser.leave("/").await;
    let back = browser.pick(&provider, "hkeller").await;

    // Somebody else's browser, which never left for the provider.
    assert_eq!(refused(&house, &mut house.browser(), &back).await, "/sign-in?problem=expired");
    let mut other = back.clone();
    other.query_pairs_mut().clear().append_pair("code", "x").append_pair("state", "guessed");
    assert_eq!(refused(&house, &mut browser, &other).await, "/sign-in?problem=expired");
    // The provider said no.
    let state = back.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let mut denied = back.clone();
    denied.query_pairs_mut().clear().append_pair("error", "access_denied").append_pair("state", &state);
    assert_eq!(refused(&house, &mut browser, &denied).await, "/sign-in?problem=denied");
    // A code that was made up.
    let mut forged = back.clone();
    forged.query_pairs_mut().clear().append_pair("code", "made-up").append_pair("state", &state);
    assert_eq!(refused(&house, &mut browser, &forged).await, "/sign-in?problem=failed");
    let recorded = house.count("audit where action = 'sign_in' and outcome = 'failed'").await;
    assert_eq!(recorded, 4);

    // The real one still works, once.
    assert_eq!(browser.get(&back[url::Position::BeforePath..]).await.location(), "/");
    browser.cookies.remove(COOKIE);
    assert_eq!(refused(&house, &mut browser, &back).await, "/sign-in?problem=expired");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn signing_out_ends_both_sessions(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let kept = browser.clone();
    let answer = browser.post("/sign-out", &[]).await;
    let provider: Url = answer.location().parse().unwrap();
    assert!(answer.location().starts_with(&format!("{}/end_session", house.place.sandbox.issuer())), "{}", answer.location());
    let back = provider.query_pairs().find(|(name, _)| name == "post_logout_redirect_uri").unwrap().1.into_owned();
    assert_eq!(back, format!("{}/sign-in?problem=signed-out", house.url));
    assert!(!browser.cookies.contains_key(COOKIE));
    // The old cookie is worth nothing, wherever it was kept.
    assert_eq!(kept.clone().script().post("/api/access/me", &[]).await.status, 401);
    assert_eq!(house.count("audit where action = 'sign_out' and outcome = 'succeeded'").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_admin_ends_anyones_session(db: PgPool) {
    let house = House::open(db).await;
    let mut helpdesk = house.signed_in("hkeller").await;
    let mut admin = house.signed_in("amoreau").await;
    let page = admin.get("/settings/sessions").await;
    assert!(page.body.contains("Helena Keller") && page.body.contains("Adèle Moreau"));
    let handle: uuid::Uuid =
        sqlx::query_scalar("select handle from session where name = 'Helena Keller'").fetch_one(&house.db).await.unwrap();
    assert_eq!(helpdesk.get("/launches").await.status, 200);
    assert_eq!(admin.script().post("/api/access/end_session", &[("handle", &handle.to_string())]).await.status, 200);
    assert_eq!(helpdesk.get("/launches").await.location(), "/sign-in?to=%2Flaunches");
    assert_eq!(admin.get("/launches").await.status, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_wrong_role_reads_which_one_it_takes(db: PgPool) {
    let house = House::open(db).await;
    for account in ["jsmith", "external.guest", "mgarcia"] {
        let mut browser = house.signed_in(account).await;
        let page = browser.get("/launches").await;
        assert_eq!(page.status, 403, "{account}");
        assert!(page.body.contains("Not for your role") && page.body.contains("<b>helpdesk"), "{}", page.body);
    }
    // Those who only ask or approve have a start page nevertheless.
    assert_eq!(house.signed_in("mgarcia").await.get("/").await.status, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_role_that_was_taken_back_ends_with_the_next_act(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await.script();
    assert_eq!(browser.post("/api/launches/begin", &[]).await.status, 200);
    let company = house.place.sandbox.company();
    company.set_member("Service Desk Berlin", "hkeller", false);
    assert_eq!(browser.post("/api/launches/begin", &[]).await.status, 403);
    assert_eq!(house.count("launch_draft").await, 1);
    company.set_member("Service Desk Berlin", "hkeller", true);
    assert_eq!(browser.post("/api/launches/begin", &[]).await.status, 200);
    company.change("hkeller", |person| person.user_account_control |= 0x2);
    assert_eq!(browser.post("/api/launches/begin", &[]).await.status, 403);
    assert_eq!(house.count("launch_draft").await, 2);
}

/// Roles from the groups that the provider's token names.
const FROM_TOKEN: &str = r#", groups_claim = "groups""#;

#[sqlx::test(migrator = "MIGRATOR")]
async fn groups_of_the_token_give_roles_and_take_them(db: PgPool) {
    let house = House::open_with(db, FROM_TOKEN).await;
    let mut browser = house.signed_in("hkeller").await.script();
    assert_eq!(browser.post("/api/launches/begin", &[]).await.status, 200);
    assert_eq!(house.signed_in("jsmith").await.get("/launches").await.status, 403);
    let company = house.place.sandbox.company();
    company.set_member("Service Desk Berlin", "hkeller", false);
    assert_eq!(browser.post("/api/launches/begin", &[]).await.status, 403);
    company.set_member("Service Desk Berlin", "hkeller", true);
    assert_eq!(browser.post("/api/launches/begin", &[]).await.status, 200);
    assert_eq!(house.count("launch_draft").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn acts_at_the_same_time_use_a_refresh_token_one_after_the_other(db: PgPool) {
    let house = House::open_with(db, FROM_TOKEN).await;
    let browser = house.signed_in("hkeller").await.script();
    let act = async || browser.clone().post("/api/launches/begin", &[]).await.status.as_u16();
    let statuses = futures::join!(act(), act(), act(), act(), act());
    assert_eq!(statuses, (200, 200, 200, 200, 200));
    assert_eq!(house.count("session where ended_at is null").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_session_that_the_provider_ended_is_over(db: PgPool) {
    let house = House::open_with(db, FROM_TOKEN).await;
    let mut browser = house.signed_in("external.guest").await;
    // In no Active Directory, and a requester by what their token says.
    assert_eq!(browser.get("/").await.status, 200);
    assert_eq!(browser.get("/launches").await.status, 403);
    house.place.sandbox.sign_ins().forget();
    assert_eq!(browser.clone().script().post("/api/launches/begin", &[]).await.status, 401);
    assert_eq!(browser.get("/launches").await.location(), "/sign-in?to=%2Flaunches");
    assert_eq!(house.count("session where ended_by = 'provider'").await, 1);
    assert_eq!(house.count("session_renewal").await, 0);
    assert_eq!(house.count("audit where action = 'end_session' and phase = 'finished'").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_the_provider_nobody_acts(db: PgPool) {
    let house = House::open_with(db, FROM_TOKEN).await;
    let mut browser = house.signed_in("hkeller").await;
    assert_eq!(browser.get("/launches").await.status, 200);
    let fault = Fault::new(TOKEN, Kind::ServerError);
    house.place.sandbox.faults().add(fault);
    assert_eq!(browser.clone().script().post("/api/launches/begin", &[]).await.status, 503);
    assert_eq!(browser.get("/launches").await.status, 200, "roles of a moment ago do for looking");
    assert_eq!(house.count("launch_draft").await, 0);
    house.place.sandbox.faults().clear();
    assert_eq!(browser.script().post("/api/launches/begin", &[]).await.status, 200);
}
