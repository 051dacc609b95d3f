//! The start page: what waits there, and what can be done about it by a browser without scripts.

use sqlx::PgPool;

use crate::{MIGRATOR, house::House};

/// Two mails of which it is not known whether they were sent.
async fn two_lost(house: &House) -> [String; 2] {
    let mut ids = Vec::new();
    for (workspace, account) in [("ws-000000001", "anna.nordwind"), ("ws-000000002", "ben.nordwind")] {
        house.workspace(workspace, account).await;
        ids.push(house.unconfirmed(workspace, account).await.to_string());
    }
    ids.try_into().unwrap()
}

/// The sentence that only the forms have.
const ASKS: &str = "How you know";

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_mail_is_decided_on_the_start_page(db: PgPool) {
    let house = House::open(db).await;
    let [first, second] = two_lost(&house).await;
    let mut helena = house.signed_in("hkeller").await;
    let page = helena.get("/").await.body;
    assert!(page.contains("Sent or not?") && page.matches(ASKS).count() == 2, "{page}");
    let mut ids: Vec<_> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands on the page twice");

    let confirm = "/api/invitations/confirm";
    let refused = helena.post(confirm, &[("id", &first), ("reason", ""), ("back", "/")]).await.location();
    let path = refused.strip_prefix(&house.url).unwrap_or(&refused).replace("/from?", "/?");
    let page = helena.ask(reqwest::Method::GET, &path, None, &[("sec-fetch-site", "same-origin")]).await.body;
    assert!(page.contains("Say in a few words why.") && page.contains(&format!("href=\"#sent-{first}\"")), "{page}");
    assert!(page.contains(&format!(" id=\"sent-{first}\"")), "the error leads to the field");

    assert_eq!(helena.post(confirm, &[("id", &first), ("reason", "has the mail"), ("back", "/")]).await.location(), "/");
    let again = [("id", second.as_str()), ("reason", "nothing came"), ("back", "/people/x")];
    assert_eq!(helena.post("/api/invitations/send_again", &again).await.location(), "/people/x");
    let page = helena.get("/").await.body;
    assert!(!page.contains("Sent or not?"), "{page}");
    // Another tab, in which the form still stands.
    let late = helena.script().post(confirm, &[("id", &first), ("reason", "has the mail"), ("back", "/")]).await;
    assert_eq!((late.status.as_u16(), late.body.contains("decided")), (409, true), "{}", late.body);
    let list = helena.get("/invitations").await.body;
    assert!(list.contains("taken as sent by Helena Keller") && list.contains(": has the mail"), "{list}");
    assert!(list.contains("sent again by Helena Keller") && list.contains(": nothing came"), "{list}");
    // Nobody is led to another site.
    let away = [("id", second.as_str()), ("reason", "has the mail"), ("back", "//evil.example")];
    let answer = helena.post(confirm, &away).await.location();
    assert!(!answer.starts_with("//"), "{answer}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_may_only_look_sees_no_form(db: PgPool) {
    let house = House::open(db).await;
    two_lost(&house).await;
    let page = house.signed_in("tokafor").await.get("/").await.body;
    assert!(page.contains("Sent or not?") && page.contains("anna.nordwind") && !page.contains(ASKS), "{page}");
    let page = house.signed_in("mgarcia").await.get("/").await.body;
    assert!(!page.contains("Sent or not?") && !page.contains("anna.nordwind"), "{page}");
}
