//! The page of readiness as browsers without scripts use it, and the policy as a file.

use sqlx::PgPool;

use crate::{MIGRATOR, house::House};

const PAGE: &str = "/directories/readiness";

#[sqlx::test(migrator = "MIGRATOR")]
async fn it_is_checked_and_the_quota_entered_without_scripts(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("amoreau").await;
    let page = browser.get("/directories").await.body;
    assert!(page.contains("href=\"/directories/readiness\""), "{page}");
    let page = browser.get(PAGE).await.body;
    for words in
        ["Nothing was checked yet", "AWS account", "each domain controller by itself", "Check now", "workspaces:CreateWorkspaces"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    // There are no credentials for AWS here; Active Directory answers.
    assert_eq!(browser.post("/api/directories/check", &[]).await.location(), PAGE);
    let page = browser.get(PAGE).await.body;
    for words in ["stand in the way", "Not ready", "Checked by ", "binds, and reads people in pages", "AWS does not tell"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("Nothing was checked yet"));

    let wrong = browser.post("/api/directories/enter_quota", &[("quota", "many")]).await.location();
    let page = browser.get(&wrong.replace("/from?", &format!("{PAGE}?"))).await.body;
    assert!(page.contains("from 1 to 100000, in digits only"), "{page}");
    assert_eq!(house.count("workspace_quota").await, 0);
    let saved = browser.post("/api/directories/enter_quota", &[("quota", "200")]).await.location();
    assert_eq!(saved, format!("{PAGE}?saved=quota"));
    let page = browser.get(&saved).await.body;
    assert!(page.contains("AWS allows 200, as ") && page.contains("value=\"200\"") && page.contains("Saved"), "{page}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_policy_is_chosen_in_the_address_and_downloaded(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("amoreau").await;
    let chosen = "chosen=true&act=true";
    let page = browser.get(&format!("{PAGE}?{chosen}")).await.body;
    assert!(page.contains("workspaces:RebootWorkspaces") && !page.contains("workspaces:TerminateWorkspaces"), "{page}");
    assert!(page.contains("/directories/readiness/policy.json?chosen=true&amp;act=true"), "{page}");
    let file = browser.get(&format!("{PAGE}/policy.json?{chosen}")).await;
    assert_eq!(file.status, 200, "{}", file.body);
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"frontdesk-iam-policy.json\"");
    assert_eq!((file.header("content-type"), file.header("cache-control")), ("application/json", "no-store"));
    let policy: serde_json::Value = serde_json::from_str(&file.body).unwrap();
    let names: Vec<_> = policy["Statement"].as_array().unwrap().iter().map(|one| one["Sid"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["ReadDesktops", "ReadNetwork", "Launch", "TagWhatIsLaunched", "ActOnDesktops", "SendInvitations", "AskHowMailStands"]
    );
    assert!(file.body.contains("arn:aws:workspaces:eu-central-1:ACCOUNT:workspace/*"), "{}", file.body);
    assert!(browser.get(&format!("{PAGE}/policy.json")).await.body.contains("TerminateDesktops"), "everything, until chosen");

    let mut helpdesk = house.signed_in("hkeller").await;
    assert_eq!(helpdesk.get(PAGE).await.status, 403);
    let refused = helpdesk.get(&format!("{PAGE}/policy.json")).await;
    assert!(refused.status == 403 && !refused.body.contains("Statement"), "{}", refused.body);
    let stranger = house.browser().get(&format!("{PAGE}/policy.json")).await;
    assert!(stranger.location().starts_with("/sign-in?to="), "{}", stranger.location());
}
