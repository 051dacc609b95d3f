//! Forms as browsers without scripts post them, and as nobody should.

use reqwest::Method;
use sqlx::PgPool;

use crate::{
    MIGRATOR,
    browser::Browser,
    house::{DIRECTORY, House},
};

/// The draft's id out of the address of one of its steps.
fn draft_of(location: &str) -> String {
    location.split('/').nth(3).unwrap().to_owned()
}

/// A draft with one person in it, ready to be launched.
pub async fn prepared(house: &House, browser: &mut Browser, account: &str) -> String {
    let draft = draft_of(&browser.post("/api/launches/begin", &[]).await.location());
    let chosen = browser.post("/api/launches/choose_directory", &[("draft", &draft), ("directory", DIRECTORY)]).await;
    assert_eq!(chosen.location(), format!("/launches/new/{draft}/people"));
    let added = browser
        .post(
            "/api/launches/add_people",
            &[("draft", &draft), ("guids[]", &house.guid(account).to_string()), ("back", "?q=anna")],
        )
        .await;
    assert_eq!(added.location(), format!("/launches/new/{draft}/people?q=anna&added=1&refused=0"));
    let of_one = format!("bundles[of-{}]", house.guid(account));
    let form = [
        ("draft", draft.as_str()),
        ("desktop[bundle]", "wsb-own000001"),
        ("desktop[running_mode]", "AUTO_STOP"),
        ("desktop[auto_stop_hours]", "2"),
        ("desktop[tags]", "cost centre=4711"),
        (of_one.as_str(), "wsb-own000001"),
    ];
    assert_eq!(browser.post("/api/launches/save_desktop", &form).await.location(), format!("/launches/new/{draft}/check"));
    draft
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_launch_posted_twice_is_one(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let draft = prepared(&house, &mut browser, "anna.nordwind").await;
    let page = browser.get(&format!("/launches/new/{draft}/check")).await;
    assert!(page.body.contains("Launch 1 WorkSpace") && page.body.contains("cost centre=4711"), "{}", page.body);
    let form = [("draft", draft.as_str())];
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let (first, second) = tokio::join!(one.post("/api/launches/start", &form), two.post("/api/launches/start", &form));
    assert_eq!((first.location(), second.location()), (format!("/launches/{draft}"), format!("/launches/{draft}")));
    assert_eq!(browser.post("/api/launches/start", &form).await.location(), format!("/launches/{draft}"));
    assert_eq!((house.count("launch").await, house.count("launch_item").await), (1, 1));
    assert_eq!(house.count("audit where action = 'start_launch' and phase = 'finished'").await, 1);
    // The old steps still open, and say that it was started.
    let old = browser.get(&format!("/launches/new/{draft}/desktop")).await;
    assert!(old.body.contains("This launch was started"), "{}", old.body);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn another_site_posts_nothing(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    for headers in [
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        vec![("sec-fetch-site", "same-site")],
    ] {
        for path in ["/api/launches/begin", "/sign-out"] {
            let answer = browser.ask(Method::POST, path, Some(String::new()), &headers).await;
            assert_eq!(answer.status, 403, "{path} {headers:?}");
        }
    }
    assert_eq!((house.count("launch_draft").await, house.count("session where ended_at is null").await), (0, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn somebody_elses_draft_is_not_found(db: PgPool) {
    let house = House::open(db).await;
    let draft = prepared(&house, &mut house.signed_in("hkeller").await, "anna.nordwind").await;
    let mut other = house.signed_in("tbrandt").await;
    for step in ["directory", "people", "desktop", "check"] {
        let page = other.get(&format!("/launches/new/{draft}/{step}")).await;
        assert_eq!(page.status, 404, "{step}");
        assert!(!page.body.contains("Anna"), "{step}");
    }
    let before = house.fingerprint().await;
    for path in ["start", "discard", "remove_people", "save_desktop"] {
        let answer = other.script().post(&format!("/api/launches/{path}"), &[("draft", &draft)]).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
    assert_eq!(house.fingerprint().await, before);
}

/// Ticks belong to their page, so the next one is a way to take them along.
#[sqlx::test(migrator = "MIGRATOR")]
async fn who_is_ticked_is_added_on_the_way_to_the_next_page(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let draft = prepared(&house, &mut browser, "anna.nordwind").await;
    let steps = format!("/launches/new/{draft}/people");
    let page = browser.get(&format!("{steps}?all=1")).await.body;
    assert!(page.contains("Add selected, next page"), "{page}");
    let next = page.split_once("name=\"next\" value=\"").unwrap().1.split_once('"').unwrap().0.replace("&amp;", "&");
    let clara = house.guid("clara.nordwind").to_string();
    let form = [("draft", draft.as_str()), ("guids[]", &clara), ("back", "?all=1"), ("next", &next), ("act", "next")];
    let there = browser.post("/api/launches/add_people", &form).await.location();
    assert_eq!(there, format!("{steps}?all=1&page=2&added=1&refused=0"));
    assert!(browser.get(&there).await.body.contains("Chosen: 2"));

    let mut manager = house.signed_in("mgarcia").await;
    let request = draft_of(&manager.post("/api/requests/begin", &[]).await.location());
    let form = [("id", request.as_str()), ("guids[]", &clara), ("next", "2"), ("act", "next")];
    let there = manager.post("/api/requests/add", &form).await.location();
    assert_eq!(there, format!("/requests/new/{request}/people?page=2"));
}

/// What is wrong is said on the page that one comes back to, and what was typed is still there.
#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_typed_is_lost(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let draft = prepared(&house, &mut browser, "anna.nordwind").await;
    let form = [
        ("draft", draft.as_str()),
        ("desktop[bundle]", "wsb-own000001"),
        ("desktop[running_mode]", "AUTO_STOP"),
        ("desktop[auto_stop_hours]", "1.5"),
        ("desktop[tags]", "aws:x=1\nteam=\"></textarea><script>alert(1)</script>"),
    ];
    let back = browser.post("/api/launches/save_desktop", &form).await.location();
    assert_eq!(back, format!("/launches/new/{draft}/desktop"));
    let page = browser.get(&back).await.body;
    assert!(page.contains("AutoStop takes whole hours from 1 to 48"), "{page}");
    assert!(page.contains("Line 1: keys that start with aws: or frontdesk: are reserved"), "{page}");
    assert!(page.contains("value=\"1.5\"") && page.contains("aws:x=1"), "{page}");
    assert!(!page.contains("<script>alert(1)"), "{page}");
    // A step that is not right yet is not gone past.
    let check = browser.script().post("/api/launches/start", &[("draft", &draft)]).await;
    assert_eq!(check.status, 422, "{}", check.body);
    assert_eq!(house.count("launch").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nonsense_gets_a_clear_answer(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let draft = prepared(&house, &mut browser, "anna.nordwind").await;
    let mut script = browser.script();
    for (path, body, status) in [
        ("/api/launches/start", "draft=nonsense".to_owned(), 422),
        ("/api/launches/start", String::new(), 422),
        ("/api/launches/choose_directory", format!("draft={draft}&directory=d-nonsense"), 422),
        ("/api/launches/choose_directory", format!("draft={draft}&directory=d-0123456789"), 404),
        ("/api/launches/add_people", format!("draft={draft}"), 422),
        (
            "/api/launches/save_desktop",
            format!(
                "draft={draft}&desktop[bundle]=wsb-own000001%00&desktop[running_mode]=%00&desktop[auto_stop_hours]=%00&desktop[root_gib]=%00&desktop[tags]=%00"
            ),
            200,
        ),
        ("/api/people/search", format!("directory={DIRECTORY}&q=%00%00&all=false&page[number]=1&page[size]=25"), 422),
        ("/api/people/search", format!("directory={DIRECTORY}&q=*)(uid=*&all=false&page[number]=1&page[size]=25"), 200),
        ("/api/people/search", format!("directory={DIRECTORY}&q=a&all=false&page[number]=1&page[size]=25"), 422),
        ("/api/workspaces/list", "filter[q]=%00&filter[not_invited]=false&page[number]=4000000000&page[size]=7".to_owned(), 200),
    ] {
        let answer = script.post_body(path, &body).await;
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.body);
    }
    let long = script.post_body("/api/launches/start", &format!("draft={draft}&x={}", "x".repeat(2 << 20))).await;
    assert_eq!(long.status, 413);
    for path in ["/launches/nonsense", "/launches/new/nonsense/people", "/people/nonsense", "/workspaces/nonsense", "/nowhere"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

/// More than a browser sends is answered like anything else from a stranger, and whoever is signed in goes on.
#[sqlx::test(migrator = "MIGRATOR")]
async fn headers_and_cookies_of_64_kb_are_a_strangers(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let much = "a".repeat(64 << 10);
    let mut stranger = house.browser();
    stranger.cookies.insert("__Host-frontdesk".to_owned(), much.clone());
    let answer = stranger.ask(Method::GET, "/launches", None, &[("x-much", &much)]).await;
    assert!(answer.location().starts_with("/sign-in?"), "{}", answer.location());
    let answer = browser.ask(Method::GET, "/launches", None, &[("x-much", &much)]).await;
    assert_eq!(answer.status, 200);
}

/// Without a way to the domain controller nobody is launched on old knowledge.
#[sqlx::test(migrator = "MIGRATOR")]
async fn roles_that_can_not_be_read_allow_nothing(db: PgPool) {
    let mut house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let draft = prepared(&house, &mut browser, "anna.nordwind").await;
    let url = house.url.clone();
    // The sandbox ends, and Active Directory with it.
    let other = crate::house::Place::open(sandbox::Options::default().behaviour).await;
    // What the pages need of the folder stays.
    drop(std::mem::replace(&mut house.place.sandbox, other.sandbox));
    let answer = browser.script().post("/api/launches/start", &[("draft", &draft)]).await;
    assert_eq!(answer.status, 503, "{url}: {}", answer.body);
    assert!(answer.body.contains("active_directory"), "{}", answer.body);
    assert_eq!(house.count("launch").await, 0);
    // What does not need Active Directory still works while the last reading is fresh.
    assert_eq!(browser.get("/launches").await.status, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_list_is_pasted_or_uploaded_and_reported_on(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let draft = draft_of(&browser.post("/api/launches/begin", &[]).await.location());
    browser.post("/api/launches/choose_directory", &[("draft", &draft), ("directory", DIRECTORY)]).await;
    let id = draft.clone();
    let pasted =
        browser.upload("/api/launches/read_list", &[("draft", id.as_bytes()), ("text", b"anna.nordwind\nnobody.here")]).await;
    assert_eq!(pasted.location(), format!("/launches/new/{draft}/list#report"));
    let page = browser.get(&format!("/launches/new/{draft}/list")).await;
    assert!(page.body.contains("Anna Nordwind") && page.body.contains("1 added, 1 not found"), "{}", page.body);
    // As a spreadsheet of Windows saves it, with a name that would be markup.
    let utf16: Vec<u8> = "\u{feff}account\tx\r\n<script>alert(1)</script>\t\r\nben.nordwind\t\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    browser.upload("/api/launches/read_list", &[("draft", id.as_bytes()), ("text", b""), ("file", &utf16)]).await;
    let page = browser.get(&format!("/launches/new/{draft}/list?kind=not_found")).await;
    assert!(page.body.contains("&lt;script&gt;alert(1)") && !page.body.contains("<script>alert(1)"), "{}", page.body);
    assert!(page.body.contains("people.csv") && page.body.contains("Continue to desktop with 2"), "{}", page.body);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_list_that_is_too_large_says_so_at_the_field(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let draft = draft_of(&browser.post("/api/launches/begin", &[]).await.location());
    browser.post("/api/launches/choose_directory", &[("draft", &draft), ("directory", DIRECTORY)]).await;
    let large = vec![b'a'; 20 << 20];
    let said = async |fields: &[(&str, &[u8])]| {
        let answer = browser.script().upload("/api/launches/read_list", fields).await;
        (answer.status.as_u16(), answer.body)
    };
    let (status, body) = said(&[("draft", draft.as_bytes()), ("file", &large)]).await;
    assert!(status == 422 && body.contains("\"list\"") && body.contains("larger than 4 MB"), "{status} {body}");
    let (status, body) = said(&[("draft", draft.as_bytes()), ("text", b"  ")]).await;
    assert!(status == 422 && body.contains("Paste a list or choose a file"), "{status} {body}");
    let (status, _) = said(&[("draft", b"nonsense"), ("text", b"anna")]).await;
    assert_eq!(status, 404);
    // Without a script the words come back to the page of the form.
    let answer = browser.upload("/api/launches/read_list", &[("draft", draft.as_bytes()), ("file", &large)]).await;
    assert!(answer.location().contains("__err="), "{}", answer.location());
    let form = browser.post("/api/launches/remove_people", &[("draft", &draft), ("to", &"x".repeat(2 << 20))]).await;
    assert_eq!(form.status, 413);
    assert_eq!(house.count("launch_list").await, 0);
}
