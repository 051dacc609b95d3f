//! Actions on WorkSpaces as browsers without scripts ask for them.

use sqlx::PgPool;

use crate::{MIGRATOR, house::House};

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_desktop_is_terminated_after_a_page_that_says_what_is_lost(db: PgPool) {
    let house = House::open(db).await;
    house.workspace("ws-000000001", "carsten.nordwind").await;
    let mut browser = house.signed_in("amoreau").await;
    let page = browser.get("/workspaces/ws-000000001").await.body;
    assert!(page.contains("Terminate") && page.contains("Close for maintenance") && !page.contains("End maintenance"), "{page}");

    let chosen = [("act", "terminate"), ("workspaces[]", "ws-000000001"), ("reason", ""), ("back", "/workspaces")];
    let plan = browser.post("/api/workspaces/prepare", &chosen).await.location();
    let id = plan.strip_prefix("/workspaces/act/").unwrap().to_owned();
    let page = browser.get(&plan).await.body;
    for words in ["Terminate 1 WorkSpace?", "What is lost with it", "The user volume (D:)", "Type the user name carsten.nordwind"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }

    let wrong = [("id", id.as_str()), ("act", "terminate"), ("typed", "1"), ("reason", "the project ended")];
    browser.post("/api/workspaces/start", &wrong).await.location();
    assert_eq!(house.count("workspace_batch").await, 0);
    let page = browser.get(&plan).await.body;
    assert!(page.contains("value=\"the project ended\""), "what was typed is kept: {page}");
    let said = browser.script().post("/api/workspaces/start", &wrong).await;
    assert!(said.status == 422 && said.body.contains("carsten.nordwind"), "{}", said.body);

    let right = [("id", id.as_str()), ("act", "terminate"), ("typed", "carsten.nordwind"), ("reason", "the project ended")];
    for _ in 0..2 {
        let progress = browser.post("/api/workspaces/start", &right).await.location();
        assert_eq!(progress, format!("/workspaces/batches/{id}"));
        let page = browser.get(&progress).await.body;
        assert!(page.contains("0 of 1 done") && page.contains("the project ended") && page.contains("Queued"), "{page}");
        assert!(page.contains("http-equiv=\"refresh\""), "it turns by itself: {page}");
    }
    assert_eq!((house.count("workspace_batch").await, house.count("workspace_batch_item").await), (1, 1));
    let page = browser.get("/workspaces/ws-000000001").await.body;
    assert!(page.contains("is under way") && !page.contains("Close for maintenance"), "{page}");
    let page = browser.get("/workspaces/batches").await.body;
    assert!(page.contains("Terminate 1 WorkSpace"), "{page}");
    let page = browser.get(&plan).await.body;
    assert!(page.contains("This was started already"), "{page}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_can_not_be_chosen_is_said(db: PgPool) {
    let house = House::open(db).await;
    house.workspace("ws-000000001", "carsten.nordwind").await;
    let mut helpdesk = house.signed_in("hkeller").await.script();
    let choose = async |browser: &mut crate::browser::Browser, act: &str, id: &str| {
        browser.post("/api/workspaces/prepare", &[("act", act), ("workspaces[]", id)]).await.status.as_u16()
    };
    assert_eq!(choose(&mut helpdesk, "", "ws-000000001").await, 422);
    assert_eq!(choose(&mut helpdesk, "rebuild", "ws-000000001").await, 422);
    assert_eq!(choose(&mut helpdesk, "reboot", "ws-999999999").await, 404);
    assert_eq!(choose(&mut helpdesk, "terminate", "ws-000000001").await, 403);
    assert_eq!(house.count("audit where action = 'refused' and phase = 'finished'").await, 1);
    let nothing = helpdesk.post("/api/workspaces/prepare", &[("act", "reboot")]).await;
    assert!(nothing.status == 422 && nothing.body.contains("at least one"), "{}", nothing.body);
    assert_eq!(house.count("workspace_batch_draft").await, 0);
    // Starting asks for nothing that the state does not allow.
    let mut browser = house.signed_in("hkeller").await;
    let plan = browser.post("/api/workspaces/prepare", &[("act", "start"), ("workspaces[]", "ws-000000001")]).await.location();
    let page = browser.get(&plan).await.body;
    assert!(page.contains("This can be done to none of them") && page.contains("only a STOPPED one can be started"), "{page}");
    let page = browser.get("/workspaces/ws-000000001").await.body;
    assert!(page.contains("Reboot") && !page.contains("Terminate"), "{page}");
}
