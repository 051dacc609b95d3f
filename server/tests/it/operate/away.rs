//! The database is away: what is said then, and what still answers.

use std::time::{Duration, Instant};

use reqwest::Method;
use sandbox::Options;
use sqlx::PgPool;

use super::wire::Wire;
use crate::{
    MIGRATOR,
    browser::{Answer, Browser},
    house::{House, Place},
    program::{Frontdesk, free_port},
};

fn is_honest(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert_eq!(answer.header("retry-after"), "15");
    let policy = answer.header("content-security-policy");
    let nonce = policy.split_once("style-src 'nonce-").and_then(|(_, rest)| rest.split_once('\'')).unwrap().0;
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("script-src"), "{policy}");
    assert!(answer.body.contains(&format!("<style nonce=\"{nonce}\">")) && !answer.body.contains("<script"), "{}", answer.body);
    for words in ["The database does not answer", "What still works", answer.header("x-request-id")] {
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_the_database_pages_say_so_and_the_rest_answers_at_once(db: PgPool) {
    let mut wire = Wire::open(&db).await;
    let place = Place { edits: vec![wire.edit()], ..Place::open(Options::default().behaviour).await };
    let house = House::open_in(place, db).await;
    let mut browser = house.signed_in("hkeller").await;
    assert_eq!(browser.get("/launches").await.status, 200);
    wire.cut().await;

    // With the cookie of a session, which can't be looked up now.
    for (path, status) in [("/healthz", 200), ("/favicon.svg", 404), ("/sign-in", 200)] {
        let asked = Instant::now();
        assert_eq!(browser.get(path).await.status, status, "{path}");
        assert!(asked.elapsed() < Duration::from_secs(3), "{path}: {:?}", asked.elapsed());
    }
    let (mut page, mut script, mut form, mut ready, mut welcome) =
        (browser.clone(), browser.script(), browser.clone(), browser.clone(), browser.clone());
    let launch = [("launch", "00000000-0000-7000-8000-000000000000")];
    let unknown = format!("/welcome/{}", "A".repeat(43));
    let (page, script, form, ready, welcome) = tokio::join!(
        page.get("/launches?q=anna"),
        script.ask(Method::POST, "/api/launches/cancel", Some(String::new()), &[]),
        form.post("/api/launches/cancel", &launch),
        ready.get("/readyz"),
        welcome.get(&unknown),
    );
    is_honest(&page);
    assert!(page.body.contains("href=\"/launches?q=anna\"") && page.body.contains("http-equiv=\"refresh\""), "{}", page.body);
    is_honest(&form);
    assert!(form.body.contains("What you just sent was not taken") && !form.body.contains("http-equiv"), "{}", form.body);
    assert_eq!((script.status.as_u16(), script.header("serverfnerror")), (503, "true"), "{}", script.body);
    assert_eq!(
        serde_json::from_str::<model::Error>(&script.body).unwrap(),
        model::Error::Unavailable { part: model::Part::Database }
    );
    assert_eq!(ready.status, 503);
    assert_eq!(ready.body, r#"{"ready":false,"parts":{"database":"does not answer","schema":"not known"}}"#);
    assert_eq!((welcome.status.as_u16(), welcome.header("retry-after")), (503, "30"), "{}", welcome.body);

    wire.mend().await;
    assert_eq!(browser.get("/launches").await.status, 200);
    assert_eq!(
        browser.get("/readyz").await.body,
        r#"{"ready":true,"parts":{"database":"answers","schema":"the schema is up to date"}}"#
    );
}

/// The worker's queue gives up when it can't fetch jobs; the process must not.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_process_with_a_worker_outlives_the_database_and_starts_without_it(db: PgPool) {
    backend::db::prepare(&db).await.unwrap();
    let mut wire = Wire::open(&db).await;
    let place = Place { edits: vec![wire.edit()], ..Place::open(Options::default().behaviour).await };
    wire.cut().await;
    let port = free_port();
    let (config, _) = place.configure(&db, port);
    let mut frontdesk = Frontdesk::launch(config, port);
    let mut browser = Browser::new(&frontdesk.url);
    let end = Instant::now() + Duration::from_secs(20);
    while reqwest::get(format!("{}/healthz", frontdesk.url)).await.is_err() {
        assert!(Instant::now() < end, "{}", frontdesk.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(browser.get("/readyz").await.status, 503);
    wire.mend().await;
    frontdesk.ready().await;
    swept(&db).await;
    wire.cut().await;
    let end = Instant::now() + Duration::from_secs(30);
    while !frontdesk.log().contains("the worker stopped") {
        assert!(Instant::now() < end, "the worker goes on: {}", frontdesk.log());
        assert_eq!(frontdesk.ended(Duration::from_millis(200)).await, None, "{}", frontdesk.log());
    }
    assert_eq!(frontdesk.ended(Duration::from_secs(3)).await, None, "{}", frontdesk.log());
    sqlx::query("update mirror set read_at = null").execute(&db).await.unwrap();
    wire.mend().await;
    swept(&db).await;
}

/// Waits until a worker has read the directories.
async fn swept(db: &PgPool) {
    let end = Instant::now() + Duration::from_secs(120);
    while sqlx::query_scalar::<_, bool>("select read_at is null from mirror where part = 'directories'")
        .fetch_one(db)
        .await
        .unwrap()
    {
        assert!(Instant::now() < end, "no worker");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
