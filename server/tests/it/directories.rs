//! The pages of directories, as a browser without scripts sees them.

use sqlx::PgPool;

use crate::{
    MIGRATOR,
    house::{DIRECTORY, House},
};

const REFRESH: &str = "http-equiv=\"refresh\"";
const AGAIN: &str = "Start again with these values";

impl House {
    /// As AWS says how far the directory is.
    async fn stands(&self, stage: &str, registration: Option<&str>) {
        let sql = "update directory set stage = $1, registration_state = $2, stage_reason = null";
        sqlx::query(sql).bind(stage).bind(registration).execute(&self.db).await.unwrap();
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_that_says_that_it_turns_by_itself_does(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("amoreau").await;
    let path = format!("/directories/{DIRECTORY}");
    for (stage, registration, turns) in [
        ("Requested", None, true),
        ("Creating", None, true),
        ("Active", Some("REGISTERING"), true),
        ("Active", Some("REGISTERED"), false),
        ("Failed", None, false),
    ] {
        house.stands(stage, registration).await;
        let page = browser.get(&path).await.body;
        assert_eq!(page.contains(REFRESH), turns, "{stage} {registration:?}: {page}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn trouble_without_a_reason_is_explained_all_the_same(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("amoreau").await;
    for (stage, words) in [
        ("Failed", "only made anew"),
        ("Impaired", "part of it has trouble"),
        ("Inoperable", "account, network or domain controllers"),
    ] {
        house.stands(stage, Some("REGISTERED")).await;
        let page = browser.get(&format!("/directories/{DIRECTORY}")).await.body;
        // Once beside the stage, and once where the trouble is told.
        assert!(page.matches(words).count() >= 2, "{stage}: {page}");
        assert_eq!(page.contains(AGAIN), stage == "Failed", "{stage}");
    }
}

/// Who looks after some directories may not set up another one, and is not led to it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_admin_of_one_directory_is_offered_no_new_connector(db: PgPool) {
    let scoped = r#"admin = [{ group = "Frontdesk-Admins", directories = ["d-906731a2b4"] }]"#;
    let edit = (r#"admin = ["Frontdesk-Admins"]"#.to_owned(), scoped.to_owned());
    let house = House::open_at(db, async |place, _| place.edits.push(edit)).await;
    let mut browser = house.signed_in("amoreau").await;
    let list = browser.get("/directories").await.body;
    assert!(list.contains("IP access groups") && !list.contains("New AD Connector"), "{list}");
    house.stands("Failed", None).await;
    let page = browser.get(&format!("/directories/{DIRECTORY}")).await.body;
    assert!(page.contains("AWS could not make this connector") && !page.contains(AGAIN), "{page}");
    let begun = browser.script().post("/api/directories/begin", &[("like", DIRECTORY)]).await;
    assert_eq!(begun.status, 403, "{}", begun.body);
    assert_eq!(house.count("directory_connect").await, 0);
}
