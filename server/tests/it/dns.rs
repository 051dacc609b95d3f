//! A DNS change as a browser without scripts takes its steps, and the files that are taken away from it.

use std::time::{Duration, Instant};

use sandbox::Options;
use sqlx::PgPool;

use crate::{
    MIGRATOR,
    browser::Browser,
    house::{DIRECTORY, House, Place},
    program::{Frontdesk, free_port},
    wizard,
};

const LIST: &str = "/directories/d-906731a2b4/dns";

/// A connector with one DNS server and one WorkSpace, and a change of it that was just begun: its page.
async fn begun(house: &House, browser: &mut Browser) -> String {
    sqlx::query("update directory set dns_addresses = array['10.20.0.10']").execute(&house.db).await.unwrap();
    house.workspace("ws-000000001", "carsten.nordwind").await;
    let form = [("directory", DIRECTORY), ("form[old]", "10.20.0.10"), ("form[new]", "127.0.0.1"), ("form[unreachable]", "true")];
    browser.post("/api/directories/begin_dns", &form).await.location()
}

fn ids(page: &str) -> [(&str, &str); 2] {
    [("directory", DIRECTORY), ("id", page.rsplit('/').next().unwrap())]
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_steps_are_forms(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("amoreau").await;
    let page = begun(&house, &mut browser).await;
    assert!(page.starts_with(LIST), "{page}");
    let seen = browser.get("/directories/d-906731a2b4").await.body;
    assert!(seen.contains("Change DNS servers") && seen.contains("Takes launches"), "{seen}");
    // Nobody listens there from here; the form says so, and begins nothing.
    let silent = [("directory", DIRECTORY), ("form[old]", "10.20.0.10"), ("form[new]", "127.0.0.1")];
    let said = browser.script().post("/api/directories/begin_dns", &silent).await;
    assert!(said.status == 422 && said.body.contains("unreachable") && said.body.contains("Nothing was begun"), "{}", said.body);

    let seen = browser.get(&page).await.body;
    for words in ["0 of 1 done", "change-dns.ps1", "carsten.nordwind", "Go on although 1 of the WorkSpaces"] {
        assert!(seen.contains(words), "{words}: {seen}");
    }
    let [directory, id] = ids(&page);
    let mark = [directory, id, ("workspaces[]", "ws-000000001"), ("told", "done"), ("note", "<b>"), ("query", "?outcome=open")];
    assert_eq!(browser.post("/api/directories/settle_dns", &mark).await.location(), format!("{page}?outcome=open#workspaces"));
    let elsewhere = [directory, id, ("workspaces[]", "ws-000000001"), ("told", "done"), ("query", "//evil.example")];
    assert_eq!(browser.post("/api/directories/settle_dns", &elsewhere).await.location(), format!("{page}#workspaces"));
    assert_eq!(browser.post("/api/directories/freeze_dns", &[directory, id]).await.location(), page);
    let seen = browser.get(&page).await.body;
    assert!(seen.contains("Launches in this directory stand still") && seen.contains("Wait before the connector"), "{seen}");
    assert!(seen.contains("http-equiv=\"refresh\""), "it opens the way by itself: {seen}");
    let seen = browser.get("/directories/d-906731a2b4").await.body;
    assert!(seen.contains("Launches wait"), "{seen}");
    let record = browser.get(&format!("{page}/record")).await.body;
    assert!(
        record.contains("Launches frozen") && record.contains("carsten.nordwind") && record.contains("1 of 1 done"),
        "{record}"
    );
}

/// Who launches meanwhile is told before and after, and no longer than it lasts.
#[sqlx::test(migrator = "MIGRATOR")]
async fn launches_say_that_they_wait(db: PgPool) {
    let house = House::open(db).await;
    let mut admin = house.signed_in("amoreau").await;
    let page = begun(&house, &mut admin).await;
    let [directory, id] = ids(&page);
    admin.post("/api/directories/freeze_dns", &[directory, id, ("meant", "true")]).await.location();

    let mut helpdesk = house.signed_in("hkeller").await;
    let people = house.place.ordinary(2);
    let draft = wizard::draft(&mut helpdesk, &people[..1]).await;
    let launch = wizard::launch(&mut helpdesk, &people[1..]).await;
    let (check, launch) = (format!("/launches/new/{draft}/check"), format!("/launches/{launch}"));
    let nobody_is_lost = "A DNS server of this directory is being changed";
    let seen = helpdesk.get(&check).await.body;
    assert!(seen.contains("You can launch now, and it waits") && seen.contains(nobody_is_lost), "{seen}");
    let seen = helpdesk.get(&launch).await.body;
    assert!(seen.contains("1 person waits while a DNS server is changed") && seen.contains(nobody_is_lost), "{seen}");

    let why = [directory, id, ("reason", "another day")];
    admin.post("/api/directories/abandon_dns", &why).await.location();
    for page in [check, launch] {
        let seen = helpdesk.get(&page).await.body;
        assert!(seen.contains("corp.example.com") && !seen.contains(nobody_is_lost), "{page}: {seen}");
    }
}

async fn until(db: &PgPool, sql: &'static str) {
    let end = Instant::now() + Duration::from_secs(60);
    while !sqlx::query_scalar::<_, bool>(sql).fetch_one(db).await.unwrap() {
        assert!(Instant::now() < end, "{sql}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The way through AWS's console and back; a worker looks at AWS.
#[sqlx::test(migrator = "MIGRATOR")]
async fn the_connector_is_changed_in_the_console_then_seen_verified_and_closed(db: PgPool) {
    let mut place = Place::open(Options::default().behaviour).await;
    // So that the new server answers.
    let dns = format!("[directories]\ndns_port = {}\n[launch]", place.sandbox.dns_address().port());
    place.edits = vec![("[launch]".to_owned(), dns)];
    backend::db::prepare(&db).await.unwrap();
    let port = free_port();
    let (config, _) = place.configure(&db, port);
    let frontdesk = Frontdesk::start(config, port).await;
    let mut browser = Browser::new(&frontdesk.url);
    assert_eq!(browser.sign_in("amoreau", "/").await, "/");
    until(
        &db,
        "select exists (select from directory where directory_id = 'd-906731a2b4' and '10.20.0.10' = any (dns_addresses))",
    )
    .await;

    let form = [("directory", DIRECTORY), ("form[old]", "10.20.0.10"), ("form[new]", "127.0.0.1")];
    let page = browser.post("/api/directories/begin_dns", &form).await.location();
    assert!(page.starts_with(LIST), "{page}");
    let [directory, id] = ids(&page);
    browser.post("/api/directories/freeze_dns", &[directory, id, ("meant", "true")]).await.location();
    let (link, button) = ("directoryservicev2/home?region=eu-central-1#!/directories/d-906731a2b4/details", "ask AWS now");
    let seen = browser.get(&page).await.body;
    assert!(!seen.contains("Directory Service, details") && !seen.contains(button), "too early: {seen}");
    sqlx::query("update dns_change set frozen_at = frozen_at - interval '16 minutes'").execute(&db).await.unwrap();
    let seen = browser.get(&page).await.body;
    for words in [link, button, "Change exactly this address", "/api/directories/ask_dns"] {
        assert!(seen.contains(words), "{words}: {seen}");
    }

    for connector in &mut place.sandbox.state().memory().connectors {
        if connector.id == DIRECTORY {
            connector.dns = vec!["127.0.0.1".to_owned()];
        }
    }
    assert_eq!(browser.post("/api/directories/ask_dns", &[directory, id]).await.location(), page);
    until(&db, "select state = 'changed' from dns_change").await;
    let seen = browser.get(&page).await.body;
    assert!(seen.contains("Verify now") && !seen.contains("Close this change") && !seen.contains(button), "{seen}");
    assert_eq!(browser.post("/api/directories/verify_dns", &[directory, id]).await.location(), page);
    let seen = browser.get(&page).await.body;
    assert!(seen.contains("Nothing is wrong.") && seen.contains("Close this change"), "{seen}");
    assert_eq!(browser.post("/api/directories/finish_dns", &[directory, id]).await.location(), page);
    let seen = browser.get(&page).await.body;
    assert!(seen.contains("This change is done") && !seen.contains("Verify again"), "{seen}");
    let record = browser.get(&format!("{page}/record")).await.body;
    for words in ["Launches frozen", "New address seen at AWS", "Verified", "Ended", "DNS addresses at AWS", "127.0.0.1"] {
        assert!(record.contains(words), "{words}: {record}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn files_are_made_for_admins_only(db: PgPool) {
    let house = House::open(db).await;
    let mut admin = house.signed_in("amoreau").await;
    let page = begun(&house, &mut admin).await;
    let (script, csv) = (format!("{page}/change-dns.ps1"), format!("{page}/workspaces.csv"));
    let answer = admin.get(&script).await;
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"change-dns.ps1\"");
    assert!(answer.body.contains("$new = '127.0.0.1'"), "{}", answer.body);
    let answer = admin.get(&csv).await;
    assert!(answer.header("content-type").starts_with("text/csv") && answer.body.contains("ws-000000001,,carsten.nordwind"));
    assert_eq!(admin.get(&script.replace("906731a2b4", "90673c5d6e")).await.status, 404);
    let mut helpdesk = house.signed_in("hkeller").await;
    let mut stranger = house.browser().script();
    for path in [&script, &csv] {
        assert_eq!(helpdesk.get(path).await.status, 403);
        assert_eq!(stranger.get(path).await.status, 401);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_list_of_outcomes_is_uploaded_and_told(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("amoreau").await;
    let page = begun(&house, &mut browser).await;
    let [(_, directory), (_, id)] = ids(&page);
    let fields = |list: &'static [u8]| [("directory", directory.as_bytes()), ("id", id.as_bytes()), ("file", list)];
    let read = browser.upload("/api/directories/read_dns", &fields(b"ws-000000001,done\n<i>nobody</i>,done\n")).await;
    assert_eq!(read.location(), format!("{page}#outcomes"));
    let seen = browser.get(&page).await.body;
    assert!(
        seen.contains("1 of 1 done") && seen.contains("&lt;i&gt;nobody") && seen.contains("1 taken over, 1 not understood"),
        "{seen}"
    );
    let large: &'static [u8] = vec![b'a'; 3 << 20].leak();
    let said = browser.script().upload("/api/directories/read_dns", &fields(large)).await;
    assert!(said.status == 422 && said.body.contains("larger than 1 MB"), "{} {}", said.status, said.body);
    let said = browser.script().upload("/api/directories/read_dns", &fields(b"PK\x03\x04\0\0\0")).await;
    assert!(said.status == 422 && said.body.contains("binary"), "{} {}", said.status, said.body);
}
