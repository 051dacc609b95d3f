//! A DNS change as a browser without scripts takes its steps, and the files that are taken away from it.

use sqlx::PgPool;

use crate::{
    MIGRATOR,
    browser::Browser,
    house::{DIRECTORY, House},
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
