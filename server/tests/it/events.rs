//! What a page that watches a launch is told.

use std::time::Duration;

use sqlx::PgPool;

use crate::{MIGRATOR, forms::prepared, house::House};

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_change_of_a_row_reaches_those_who_watch(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let launch = prepared(&house, &mut browser, "anna.nordwind").await;
    browser.post("/api/launches/start", &[("draft", &launch)]).await;
    let mut stream = browser.clone().listen(&format!("/events/launches/{launch}")).await;
    assert_eq!(stream.status(), 200);
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    browser.post("/api/launches/cancel", &[("launch", &launch)]).await;
    let mut heard = String::new();
    while !heard.contains("\n\n") {
        let chunk = tokio::time::timeout(Duration::from_secs(30), stream.chunk()).await.unwrap().unwrap().unwrap();
        heard.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    // WHATWG HTML 9.2.6: an event without a `data` line is not dispatched.
    assert_eq!(heard, "event: changed\ndata: rows\n\n");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_watches_what_they_may_not_see(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let launch = prepared(&house, &mut browser, "anna.nordwind").await;
    browser.post("/api/launches/start", &[("draft", &launch)]).await;
    let path = format!("/events/launches/{launch}");
    assert_eq!(house.browser().script().get(&path).await.status, 401);
    assert_eq!(house.signed_in("mgarcia").await.get(&path).await.status, 403);
    let other = path.replace(&launch, "00000000-0000-7000-8000-000000000000");
    assert_eq!(browser.get(&other).await.status, 403);
}
