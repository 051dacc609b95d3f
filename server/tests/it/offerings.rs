//! Offerings and prices as a browser without scripts makes them, and the files that are taken away.

use reqwest::Method;
use sqlx::PgPool;

use crate::{
    MIGRATOR,
    browser::{Browser, multipart},
    house::{DIRECTORY, House},
};

const SHEET: &str = "compute,root_gib,user_gib,always_on_month,auto_stop_month,auto_stop_hour,volume_gib_month\nSTANDARD,80,50,44,9.75,0.3,0.10\n";

fn last(address: &str) -> &str {
    address.rsplit('/').next().unwrap()
}

/// Posts the form of a sheet; where it leads to.
async fn keep(browser: &mut Browser, fields: &[(&str, &str)]) -> String {
    let page = browser.post("/api/offerings/begin_sheet", &[]).await.location();
    let draft = last(&page).to_owned();
    let mut all = vec![("draft", draft.as_str())];
    all.extend(fields);
    let parts: Vec<_> = all.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let body = String::from_utf8(multipart(&parts)).unwrap();
    browser.post_body("/api/offerings/keep_sheet", &body).await.location()
}

fn terms() -> [(&'static str, &'static str); 4] {
    [("region", "eu-central-1"), ("currency", "EUR"), ("valid_from", "2026-01-01"), ("note", "contract <17>")]
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_offering_is_made_changed_and_closed_by_forms(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("amoreau").await;
    let empty = browser.get("/offerings").await.body;
    assert!(empty.contains("Nothing can be asked for yet") && empty.contains("href=\"/offerings/prices\""), "{empty}");
    let edit = browser.post("/api/offerings/begin", &[]).await.location();
    let draft = last(&edit).to_owned();
    let wrong = [
        ("draft", draft.as_str()),
        ("form[name]", ""),
        ("form[description]", "</textarea><script>alert(1)</script>"),
        ("form[picture]", "code"),
        ("form[directory]", DIRECTORY),
        ("form[hours]", "900"),
        ("form[groups]", "No such group"),
        ("desktop[bundle]", "wsb-own000001"),
        ("desktop[running_mode]", "AUTO_STOP"),
        ("desktop[auto_stop_hours]", "1"),
        ("desktop[root_gib]", "100"),
    ];
    assert_eq!(browser.post("/api/offerings/save", &wrong).await.location(), edit);
    let page = browser.get(&edit).await.body;
    for words in ["Give it a name", "Whole hours from 1 to 744", "value=\"900\"", "No such group", "value=\"100\""] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("<script>alert(1)"), "{page}");
    // Narrowing the bundles keeps what was typed.
    let narrow = [("draft", draft.as_str()), ("form[name]", "Kept"), ("turn[to]", "narrow"), ("turn[narrow]", "office & co")];
    let narrowed = browser.post("/api/offerings/save", &narrow).await.location();
    assert_eq!(narrowed, format!("{edit}?bundle_q=office%20%26%20co"));
    assert!(browser.get(&narrowed).await.body.contains("value=\"Kept\""));

    let right = [
        ("draft", draft.as_str()),
        ("form[name]", "Office desktop"),
        ("form[description]", "For mail"),
        ("form[picture]", "paper"),
        ("form[directory]", DIRECTORY),
        ("form[hours]", "80"),
        ("form[roles][]", "helpdesk"),
        ("form[roles][]", "requester"),
        ("form[needs_approval]", "true"),
        ("desktop[bundle]", "wsb-own000001"),
        ("desktop[running_mode]", "AUTO_STOP"),
        ("desktop[auto_stop_hours]", "1"),
        ("desktop[encrypt_user]", "true"),
    ];
    let preview = browser.post("/api/offerings/save", &right).await.location();
    assert_eq!(preview, format!("{edit}/preview"));
    let page = browser.get(&preview).await.body;
    for words in
        ["Price not known", "Somebody has to approve it", "Role requester or role helpdesk", "user volume, with AWS", "Publish"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let seen = page.split_once("name=\"seen\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let form = [("draft", draft.as_str()), ("seen", seen.as_str())];
    let one = browser.post("/api/offerings/publish", &form).await.location();
    assert_eq!(browser.post("/api/offerings/publish", &form).await.location(), one, "a second time finds the first");
    assert_eq!(house.count("offering_version").await, 1);
    let page = browser.get(&one).await.body;
    assert!(page.contains("Office desktop") && page.contains("Version 1, last changed by"), "{page}");

    let id = last(&one).to_owned();
    let close = [("id", id.as_str()), ("open", "false"), ("seen", "1")];
    assert_eq!(browser.post("/api/offerings/set_open", &close).await.location(), one);
    let page = browser.get(&one).await.body;
    assert!(page.contains("Nobody can ask for it") && page.contains("Open it again"), "{page}");
    let again = browser.post("/api/offerings/begin", &[("of", id.as_str())]).await.location();
    let page = browser.get(&again).await.body;
    assert!(page.contains("value=\"Office desktop\"") && page.contains("Change an offering"), "{page}");
    let stale = browser.script().post("/api/offerings/set_open", &[("id", id.as_str()), ("open", "true"), ("seen", "7")]).await;
    assert_eq!(stale.status, 409, "{}", stale.body);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sheet_is_uploaded_shown_and_downloaded(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("amoreau").await;
    let page = browser.get("/offerings/prices").await.body;
    assert!(page.contains("No price sheet yet") && page.contains("/offerings/prices/template.csv"), "{page}");
    let template = browser.get("/offerings/prices/template.csv").await;
    assert_eq!(template.body.trim_end(), SHEET.lines().next().unwrap());
    assert_eq!(template.header("content-disposition"), "attachment; filename=\"prices.csv\"");

    let mut wrong = terms().to_vec();
    let typed = SHEET.replace("44", "4,4");
    wrong[1].1 = "EURO";
    wrong.push(("text", typed.as_str()));
    let back = keep(&mut browser, &wrong).await;
    assert!(back.starts_with("/offerings/prices/draft/"), "{back}");
    let page = browser.get(&back).await.body;
    for words in ["A currency has three letters", "Line 2: it has 8 cells", "value=\"EURO\"", "value=\"2026-01-01\"", "4,4,9.75"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(house.count("price_sheet").await, 0);

    let mut right = terms().to_vec();
    right.push(("text", SHEET));
    let sheet = keep(&mut browser, &right).await;
    let page = browser.get(&sheet).await.body;
    for words in ["eu-central-1 from 1 Jan 2026", "In force", "contract &lt;17&gt;", "9.75"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let file = browser.get(&format!("{sheet}/prices.csv")).await;
    assert_eq!((file.status.as_u16(), file.body.as_str()), (200, SHEET));
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"prices-eu-central-1-"));
    assert!(browser.get("/offerings/prices").await.body.contains("In force"));

    let mut helpdesk = house.signed_in("hkeller").await;
    for path in ["/offerings", "/offerings/prices", &sheet, &format!("{sheet}/prices.csv"), "/offerings/prices/template.csv"] {
        assert_eq!(helpdesk.get(path).await.status, 403, "{path}");
    }
    let stranger = house.browser().get("/offerings/prices/template.csv").await;
    assert!(stranger.location().starts_with("/sign-in?to="), "{}", stranger.location());
    for path in
        ["/offerings/nonsense", "/offerings/prices/nonsense", "/offerings/draft/nonsense", "/offerings/draft/nonsense/preview"]
    {
        let answer = browser.ask(Method::GET, path, None, &[]).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}
