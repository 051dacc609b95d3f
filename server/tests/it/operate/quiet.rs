//! Looking costs no call at AWS: pages show what the mirror knows.

use std::time::{Duration, Instant};

use sandbox::Options;
use sqlx::PgPool;

use super::password::drafted;
use crate::{
    MIGRATOR,
    browser::Browser,
    house::{DIRECTORY, Place},
    program::{Frontdesk, free_port},
};

/// How often AWS was asked, all in all.
fn calls(place: &Place) -> u64 {
    place.sandbox.calls().counts().values().map(|count| count.calls).sum()
}

/// With a worker that sweeps once and no more, and credentials with which calls would be made.
#[sqlx::test(migrator = "MIGRATOR")]
async fn pages_of_directories_ask_aws_nothing(db: PgPool) {
    let place = Place::open(Options::default().behaviour).await;
    backend::db::prepare(&db).await.unwrap();
    let port = free_port();
    let (config, _) = place.configure(&db, port);
    let frontdesk = Frontdesk::start(config.clone(), port).await;
    let mut admin = Browser::new(&frontdesk.url);
    assert_eq!(admin.sign_in("amoreau", "/").await, "/");
    let draft = drafted(&mut admin).await;
    let end = Instant::now() + Duration::from_secs(60);
    while sqlx::query_scalar::<_, bool>("select bool_or(read_at is null) from mirror").fetch_one(&db).await.unwrap() {
        assert!(Instant::now() < end, "the mirror stays empty: {}", frontdesk.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(frontdesk);

    // The same without a worker, whose sweeps would be counted too.
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("worker = false\n{text}")).unwrap();
    let frontdesk = Frontdesk::start(config, port).await;
    let before = calls(&place);
    let one = format!("/directories/{DIRECTORY}");
    let new = format!("/directories/new/{draft}");
    let parts = ["", "/settings", "/register", "/dns", "/take-down"].map(|part| format!("{one}{part}"));
    let steps = ["/network", "/directory", "/preflight", "/check"].map(|step| format!("{new}{step}"));
    let others = ["/directories", "/directories/ip-groups", "/directories/readiness", "/"].map(ToOwned::to_owned);
    for path in parts.iter().chain(&steps).chain(&others) {
        let page = admin.get(path).await;
        assert!(page.status == 200 && page.body.contains("<h1"), "{path}: {} {}", page.status, page.body);
        assert_eq!(calls(&place), before, "{path}");
    }
    // Somebody who asks for it is answered by AWS, and that is seen here.
    admin.post("/api/directories/read_network", &[("draft", draft.as_str())]).await;
    assert!(calls(&place) > before, "{}", frontdesk.log());
}
