//! SIGTERM: what is under way ends, what does not end holds nobody up, and all within ten seconds.

use std::time::{Duration, Instant};

use sandbox::Options;
use sqlx::{Acquire, PgPool};

use crate::{
    MIGRATOR,
    browser::Browser,
    house::Place,
    program::{Frontdesk, free_port},
    wizard::launch,
};

/// Those who stop processes by force, systemd and container engines, wait for ten seconds.
const LIMIT: Duration = Duration::from_secs(10);

async fn started(db: &PgPool) -> (Place, Frontdesk, Browser, String) {
    let place = Place::open(Options::default().behaviour).await;
    backend::db::prepare(db).await.unwrap();
    let port = free_port();
    let (config, _) = place.configure(db, port);
    let frontdesk = Frontdesk::start(config, port).await;
    let mut browser = Browser::new(&frontdesk.url);
    assert_eq!(browser.sign_in("hkeller", "/").await, "/");
    let launch = launch(&mut browser, &place.ordinary(1)).await;
    (place, frontdesk, browser, format!("/events/launches/{launch}"))
}

/// Waits until the list of launches stands before the lock; a worker may stand there too.
async fn under_way(db: &PgPool) {
    let end = Instant::now() + Duration::from_secs(30);
    let waits = "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
                                and query like 'select l.id, l.directory_id,%')";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(db).await.unwrap() {
        assert!(Instant::now() < end, "the request does not come as far as the lock");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn streams_end_and_a_request_under_way_is_answered(db: PgPool) {
    let (_place, mut frontdesk, mut browser, events) = started(&db).await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        streams.push(browser.listen(&events).await);
    }
    // Nobody gets past the lock.
    let mut connection = db.acquire().await.unwrap();
    let mut lock = connection.begin().await.unwrap();
    sqlx::query("lock table launch in access exclusive mode").execute(&mut *lock).await.unwrap();
    let slow = tokio::spawn(async move { browser.get("/launches").await });
    under_way(&db).await;
    let asked = Instant::now();
    frontdesk.ask_to_stop();
    for stream in &mut streams {
        while tokio::time::timeout(Duration::from_secs(3), stream.chunk()).await.expect("a stream stays open").unwrap().is_some()
        {
        }
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!slow.is_finished(), "the request was not under way");
    lock.rollback().await.unwrap();
    assert_eq!(slow.await.unwrap().status, 200);
    let status = frontdesk.ended(LIMIT).await.expect("it does not end");
    assert!(status.success() && asked.elapsed() < LIMIT, "{status} {:?}", asked.elapsed());
    assert!(
        frontdesk.log().contains("stopped") && !frontdesk.log().contains("not all that was under way"),
        "{}",
        frontdesk.log()
    );
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_request_that_does_not_end_holds_nobody_up(db: PgPool) {
    let (_place, mut frontdesk, mut browser, events) = started(&db).await;
    let _stream = browser.listen(&events).await;
    let mut connection = db.acquire().await.unwrap();
    let mut lock = connection.begin().await.unwrap();
    sqlx::query("lock table launch in access exclusive mode").execute(&mut *lock).await.unwrap();
    let slow = tokio::spawn(async move {
        let _ = reqwest::Client::new()
            .get(format!("{}/launches", browser.base()))
            .header("cookie", browser.cookie_line())
            .send()
            .await;
    });
    under_way(&db).await;
    let asked = Instant::now();
    frontdesk.ask_to_stop();
    let status = frontdesk.ended(LIMIT).await.expect("it does not end within ten seconds");
    assert!(status.success() && asked.elapsed() < LIMIT, "{status} {:?}", asked.elapsed());
    assert!(frontdesk.log().contains("not all that was under way"), "{}", frontdesk.log());
    slow.await.unwrap();
}
