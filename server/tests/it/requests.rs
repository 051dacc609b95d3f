//! Requests as browsers without scripts ask for them, decide on them and take them back.

use reqwest::Method;
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    MIGRATOR,
    browser::{Browser, hidden},
    house::{DIRECTORY, House},
};

const DECIDE: &str = "/api/requests/decide";

/// A house with an offering of 40 EUR a month, one of 30, and two cost centres: mgarcia's own by Active Directory, and his people's.
struct Office {
    house: House,
    desktop: String,
    smaller: String,
    own: String,
    centre: String,
}

impl Office {
    async fn open(db: PgPool) -> Self {
        let house = House::open(db).await;
        for sql in [
            "update bundle set root_gib = 80, user_gib = 50",
            "insert into bundle (bundle_id, name, owner, compute, root_gib, user_gib, seen_at)
             values ('wsb-own000002', 'Small-Desk', '123456789012', 'VALUE', 80, 50, now())",
            "insert into price_sheet (id, region, currency, valid_from, note, kept_at, kept_by, kept_by_name)
             values ('00000000-0000-0000-0000-000000000007', 'eu-central-1', 'EUR', '2020-01-01', 'test', now(), 't', 'T')",
            "insert into price_line (sheet_id, compute, root_gib, user_gib, always_on_month)
             values ('00000000-0000-0000-0000-000000000007', 'STANDARD', 80, 50, 40),
                    ('00000000-0000-0000-0000-000000000007', 'VALUE', 80, 50, 30)",
        ] {
            sqlx::query(sql).execute(&house.db).await.unwrap();
        }
        let desktop = offering(&house, "Office desktop", ("wsb-own000001", "STANDARD")).await;
        let smaller = offering(&house, "Small desktop", ("wsb-own000002", "VALUE")).await;
        let (own, centre) = (cost_centre(&house, "4700").await, cost_centre(&house, "4716").await);
        Self { house, desktop, smaller, own, centre }
    }

    /// The step "What and why", for a day that is not near: nothing is launched by an approval.
    fn form<'a>(&'a self, id: &'a str, reason: &'a str, day: &'a str) -> Vec<(&'static str, &'a str)> {
        vec![
            ("id", id),
            ("offering", self.desktop.as_str()),
            ("reason", reason),
            ("cost_centre", self.centre.as_str()),
            ("needed_by", day),
            ("until", ""),
        ]
    }

    fn day(&self) -> String {
        self.house.place.sandbox.clock().now().date_naive().iter_days().nth(14).unwrap().to_string()
    }

    /// A draft with these people in it.
    async fn begun(&self, manager: &mut Browser, accounts: &[&str]) -> String {
        let people = manager.post("/api/requests/begin", &[]).await.location();
        let id = people.split('/').nth(3).unwrap().to_owned();
        let guids: Vec<_> = accounts.iter().map(|account| self.house.guid(account).to_string()).collect();
        let mut form = vec![("id", id.as_str())];
        form.extend(guids.iter().map(|guid| ("guids[]", guid.as_str())));
        assert_eq!(manager.post("/api/requests/add", &form).await.location(), people);
        id
    }

    /// Fills in the step "What and why" and hands in what the check shows.
    async fn hand_in(&self, manager: &mut Browser, id: &str, reason: &str) {
        let day = self.day();
        let check = manager.post("/api/requests/save", &self.form(id, reason, &day)).await.location();
        assert_eq!(check, format!("/requests/new/{id}/check"));
        let page = manager.get(&check).await.body;
        assert!(page.contains("Hand it in"), "{page}");
        let (seen, shown) = (hidden(&page, "seen"), hidden(&page, "shown"));
        let form = [("id", id), ("seen", seen.as_str()), ("shown", shown.as_str())];
        assert_eq!(manager.post("/api/requests/submit", &form).await.location(), format!("/requests/{id}"));
    }

    /// A request that was handed in.
    async fn asked(&self, manager: &mut Browser, accounts: &[&str]) -> String {
        let id = self.begun(manager, accounts).await;
        self.hand_in(manager, &id, "New colleagues").await;
        id
    }

    /// The states of all requests, the oldest first.
    async fn states(&self) -> Vec<String> {
        sqlx::query_scalar("select state from request order by created_at, id").fetch_all(&self.house.db).await.unwrap()
    }

    /// Everybody who is asked for, with what was decided and what they get.
    async fn rows(&self) -> Vec<(String, String, String)> {
        let sql = "select account, state, offering_name from request_item order by position";
        sqlx::query_as(sql).fetch_all(&self.house.db).await.unwrap()
    }
}

async fn offering(house: &House, name: &str, (bundle, compute): (&str, &str)) -> String {
    let id = Uuid::now_v7();
    let mut tx = house.db.begin().await.unwrap();
    sqlx::query(
        "insert into offering (id, name, state, version, changed_at, changed_by_name) values ($1, $2, 'open', 1, now(), 'T')",
    )
    .bind(id)
    .bind(name)
    .execute(&mut *tx)
    .await
    .unwrap();
    sqlx::query(
        "insert into offering_version (offering_id, version, name, description, picture, directory_id, bundle_id, bundle_name, compute,
           bundle_root_gib, bundle_user_gib, running_mode, encrypt_root, encrypt_user, tags, hours, roles, groups, departments,
           needs_approval, made_at, made_by, made_by_name)
         values ($1, 1, $2, 'A desktop', 'desktop', $3, $4, 'Bundle', $5, 80, 50, 'ALWAYS_ON', false, false, '[]', 0, '{}', '{}', '{}',
           false, now(), 't', 'T')",
    )
    .bind(id)
    .bind(name)
    .bind(DIRECTORY)
    .bind(bundle)
    .bind(compute)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id.to_string()
}

/// One without a cap, which is ncostas's.
async fn cost_centre(house: &House, number: &str) -> String {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into cost_centre (id, number, name, owner_guid, owner_account, owner_name, currency, created_at, changed_at)
         values ($1, $2, 'Centre', $3, 'ncostas', 'Nadia Costas', 'EUR', now(), now())",
    )
    .bind(id)
    .bind(number)
    .bind(house.guid("ncostas"))
    .execute(&house.db)
    .await
    .unwrap();
    id.to_string()
}

/// The values of all fields of that name, in the page's order.
fn values(page: &str, name: &str) -> Vec<String> {
    let field = format!("name=\"{name}\" value=\"");
    page.split(field.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// The page to which an answer leads back, if the form stood on that one.
async fn led_back(browser: &mut Browser, location: &str, page: &str) -> String {
    assert!(location.contains("/from?") && location.contains("__err="), "{location}");
    browser.get(&location.replace("/from?", &format!("{page}?"))).await.body
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn several_are_approved_or_refused_at_once(db: PgPool) {
    let office = Office::open(db).await;
    let mut manager = office.house.signed_in("mgarcia").await;
    let mut ids = Vec::new();
    for account in ["anna.nordwind", "ben.nordwind", "clara.nordwind", "david.nordwind"] {
        ids.push(office.asked(&mut manager, &[account]).await);
    }
    let mut approver = office.house.signed_in("plindqvist").await;
    let page = approver.get("/approvals").await.body;
    assert!(page.contains("Approve selected") && page.contains("Refuse selected"), "{page}");
    let ticks = values(&page, "requests[]");
    let shown: Vec<_> = ticks.iter().map(|tick| tick.split('.').next().unwrap()).collect();
    assert_eq!(shown, ids, "the longest first");
    let decide = async |browser: &mut Browser, what: &str, note: &str, ticked: &[String]| {
        let mut form: Vec<_> = ticked.iter().map(|tick| ("requests[]", tick.as_str())).collect();
        form.extend([("note", note), ("what", what)]);
        browser.post("/api/requests/decide_all", &form).await.location()
    };

    // Sent twice, it finds the first.
    for _ in 0..2 {
        assert_eq!(decide(&mut approver, "approve", "", &ticks[..2]).await, "/approvals?done=2&failed=0");
    }
    assert_eq!(office.house.count("request_decision where what = 'approve'").await, 2);
    let page = approver.get("/approvals?done=2&failed=0").await.body;
    assert!(page.contains("2 requests decided") && !page.contains("could not be decided"), "{page}");
    assert_eq!(values(&page, "requests[]"), ticks[2..]);

    let before = office.house.fingerprint().await;
    for (what, ticked, words) in [
        ("refuse", &ticks[2..], "Say in a few words why."),
        ("approve", &ticks[..0], "Choose 1 to 100 requests."),
        ("", &ticks[2..], "Say what you decide."),
    ] {
        let back = decide(&mut approver, what, "", ticked).await;
        let page = led_back(&mut approver, &back, "/approvals").await;
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(office.house.fingerprint().await, before);

    // Somebody else decides on one of them while the page is open.
    let mut other = office.house.signed_in("jbergman").await;
    let (id, seen) = ticks[2].split_once('.').unwrap();
    let form = [("id", id), ("seen", seen), ("what", "approve")];
    assert_eq!(other.post(DECIDE, &form).await.location(), format!("/requests/{id}"));
    let told = decide(&mut approver, "refuse", "Not this year", &ticks[2..]).await;
    assert!(told.starts_with("/approvals?done=1&failed=1&why="), "{told}");
    let page = approver.get(&told).await.body;
    for words in ["1 request decided", "1 could not be decided.", "This request has gone on", "Nothing waits for you"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(office.states().await, ["approved", "approved", "approved", "refused"]);
    let page = manager.get(&format!("/requests/{}", ids[3])).await.body;
    assert!(page.contains("Refused") && page.contains("Not this year"), "{page}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_is_decided_person_by_person(db: PgPool) {
    let office = Office::open(db).await;
    let mut manager = office.house.signed_in("mgarcia").await;
    let id = office.asked(&mut manager, &["anna.nordwind", "ben.nordwind", "clara.nordwind"]).await;
    let mut approver = office.house.signed_in("plindqvist").await;
    let shown = format!("/requests/{id}");
    let page = approver.get(&shown).await.body;
    for words in ["Decide person by person", "Office desktop, as asked", "Small desktop (30.00 EUR, prices of 1 Jan 2020)"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // The fields of the three, in their order.
    let names = |kind: &str| -> Vec<String> {
        let field = format!("name=\"single[{kind}]");
        page.split(field.as_str()).skip(1).map(|rest| format!("single[{kind}]{}", rest.split('"').next().unwrap())).collect()
    };
    let (give, instead, seen) = (names("give"), names("instead"), hidden(&page, "seen"));
    assert_eq!((give.len(), instead.len()), (3, 3), "{page}");
    let form = |note, third| {
        let mut form = vec![("id", id.as_str()), ("seen", seen.as_str()), ("note", note), ("what", "approve")];
        form.extend(give.iter().map(String::as_str).zip(["", "no", ""]));
        form.extend(instead.iter().map(String::as_str).zip(["", "", third]));
        form
    };

    let before = office.house.fingerprint().await;
    let unknown = Uuid::now_v7().to_string();
    for (form, words) in [
        (form("", office.smaller.as_str()), "Say in a few words why."),
        (form("One is enough", unknown.as_str()), "Only something that is offered now"),
    ] {
        let back = approver.post(DECIDE, &form).await.location();
        let page = led_back(&mut approver, &back, &shown).await;
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(office.house.fingerprint().await, before);

    let right = form("One is enough", office.smaller.as_str());
    assert_eq!(approver.post(DECIDE, &right).await.location(), shown);
    let row = |account: &str, state: &str, gets: &str| (account.to_owned(), state.to_owned(), gets.to_owned());
    let rows = [
        row("anna.nordwind", "approved", "Office desktop"),
        row("ben.nordwind", "refused", "Office desktop"),
        row("clara.nordwind", "approved", "Small desktop"),
    ];
    assert_eq!(office.rows().await, rows);
    assert_eq!(office.house.count("cost_centre_entry where state = 'committed' and amount in (40, 30)").await, 2);
    assert_eq!(office.house.count("cost_centre_entry where state = 'freed'").await, 1);
    let page = manager.get(&shown).await.body;
    for words in ["Small desktop", "30.00 EUR a month, prices of 1 Jan 2020", "One is enough", "Refused"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_asked_changes_copies_and_withdraws(db: PgPool) {
    let office = Office::open(db).await;
    let mut manager = office.house.signed_in("mgarcia").await;
    let id = office.asked(&mut manager, &["anna.nordwind", "ben.nordwind"]).await;
    let shown = format!("/requests/{id}");
    let mut approver = office.house.signed_in("plindqvist").await;
    let before = hidden(&approver.get(&shown).await.body, "seen");
    let page = manager.get(&shown).await.body;
    for words in ["Ask for the same again", "Change it", "Withdraw it"] {
        assert!(page.contains(words), "{words}: {page}");
    }

    // Back to the draft, where everything is as it was; sent twice, it finds the first.
    let seen = hidden(&page, "seen");
    let form = [("id", id.as_str()), ("seen", seen.as_str())];
    for _ in 0..2 {
        assert_eq!(manager.post("/api/requests/reopen", &form).await.location(), format!("/requests/new/{id}/desktop"));
    }
    let page = manager.get(&format!("/requests/new/{id}/desktop")).await.body;
    assert!(page.contains("New colleagues") && page.contains(&format!("value=\"{}\" selected", office.centre)), "{page}");
    assert_eq!(office.house.count("cost_centre_entry where state <> 'freed'").await, 0);
    let late = [("id", id.as_str()), ("seen", before.as_str()), ("what", "approve")];
    assert_eq!(approver.script().post(DECIDE, &late).await.status, 409, "the page was open all the while");
    office.hand_in(&mut manager, &id, "For the new office").await;
    let page = manager.get(&shown).await.body;
    assert!(page.contains("For the new office") && page.contains("Waiting"), "{page}");
    let stale = manager.script().post("/api/requests/withdraw", &form).await;
    assert!(stale.status == 409 && stale.body.contains("request_changed"), "{} {}", stale.status, stale.body);

    // Nobody else takes it back or copies it.
    let seen = hidden(&page, "seen");
    let form = [("id", id.as_str()), ("seen", seen.as_str())];
    let mut other = office.house.signed_in("skowalska").await.script();
    for path in ["reopen", "withdraw", "copy"] {
        assert_eq!(other.post(&format!("/api/requests/{path}"), &form).await.status, 404, "{path}");
    }
    assert_eq!(office.states().await, ["waiting"]);

    let copy = manager.post("/api/requests/copy", &[("id", id.as_str())]).await.location();
    let copied = copy.split('/').nth(3).unwrap().to_owned();
    assert!(copied != id && copy.ends_with("/people"), "{copy}");
    assert!(manager.get(&copy).await.body.contains("Chosen: 2"));
    assert!(manager.get(&format!("/requests/new/{copied}/desktop")).await.body.contains("For the new office"));
    office.hand_in(&mut manager, &copied, "The same again").await;

    for _ in 0..2 {
        assert_eq!(manager.post("/api/requests/withdraw", &form).await.location(), shown);
    }
    let page = manager.get(&shown).await.body;
    assert!(page.contains("Withdrawn") && !page.contains("Withdraw it") && page.contains("Ask for the same again"), "{page}");
    assert_eq!(office.states().await, ["withdrawn", "waiting"]);
    assert_eq!(office.house.count("request_decision where what = 'withdraw'").await, 1);
    assert_eq!(office.house.count("cost_centre_entry where state = 'reserved'").await, 2, "those of the copy");
    let waits = values(&approver.get("/approvals").await.body, "requests[]");
    assert_eq!(waits.len(), 1);
    assert!(waits[0].starts_with(&copied), "{waits:?}");
}

/// Mail scanners open links, and some submit what they find.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_link_decides_nothing(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&mut office.house.signed_in("mgarcia").await, &["anna.nordwind"]).await;
    let shown = format!("/requests/{id}");
    let mut approver = office.house.signed_in("plindqvist").await;
    let seen = hidden(&approver.get(&shown).await.body, "seen");
    let fields = format!("id={id}&seen={seen}&what=approve&note=");
    let several = format!("/api/requests/decide_all?requests[]={id}.{seen}&what=approve&note=");
    let (one, mut stranger) = (format!("{DECIDE}?{fields}"), office.house.browser());
    let before = office.house.fingerprint().await;

    for path in [one.as_str(), several.as_str()] {
        for method in [Method::GET, Method::HEAD] {
            let answer = approver.ask(method.clone(), path, None, &[]).await;
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.body);
        }
        assert!(!stranger.get(path).await.status.is_success(), "{path}");
    }
    // The mailed link, with or without what a form would send.
    for link in [shown.clone(), format!("{shown}?{fields}"), format!("/approvals?{fields}")] {
        assert_eq!(approver.get(&link).await.status, 200, "{link}");
        assert!(stranger.get(&link).await.location().starts_with("/sign-in?to="), "{link}");
    }
    let unknown = stranger.script().post_body(DECIDE, &fields).await;
    assert_eq!(unknown.status, 401, "{}", unknown.body);
    let elsewhere = [("origin", "https://mail.example"), ("sec-fetch-site", "cross-site")];
    let forged = approver.ask(Method::POST, DECIDE, Some(fields.clone()), &elsewhere).await;
    assert_eq!(forged.status, 403, "{}", forged.body);
    assert_eq!(office.house.fingerprint().await, before);

    // The same fields decide when the page's form posts them.
    assert_eq!(approver.post_body(DECIDE, &fields).await.location(), shown);
    assert_eq!(office.states().await, ["approved"]);
    assert_ne!(office.house.fingerprint().await, before);
}

/// `departmentNumber` of who asks, as long as nothing else was chosen.
#[sqlx::test(migrator = "MIGRATOR")]
async fn the_cost_centre_of_who_asks_is_proposed(db: PgPool) {
    let office = Office::open(db).await;
    let mut manager = office.house.signed_in("mgarcia").await;
    let id = office.begun(&mut manager, &["anna.nordwind"]).await;
    let step = format!("/requests/new/{id}/desktop");
    let proposed = async |browser: &mut Browser| {
        let page = browser.get(&step).await.body;
        let chosen = |centre: &str| page.contains(&format!("value=\"{centre}\" selected"));
        assert!(page.contains("4700 Centre") && page.contains("4716 Centre"), "{page}");
        (chosen(&office.own), chosen(&office.centre))
    };
    assert_eq!(proposed(&mut manager).await, (true, false));
    let pays = |numbers: &[&str]| {
        let numbers: Vec<_> = numbers.iter().map(|number| (*number).to_owned()).collect();
        assert!(office.house.place.sandbox.company().change("mgarcia", |person| person.cost_centres = numbers));
    };
    pays(&["4716"]);
    assert_eq!(proposed(&mut manager).await, (false, true));
    // Nobody can tell which of two.
    pays(&["4700", "4716"]);
    assert_eq!(proposed(&mut manager).await, (false, false));

    pays(&["4716"]);
    let (day, own) = (office.day(), office.own.as_str());
    let mut form = office.form(&id, "", &day);
    form.retain(|(name, _)| *name != "cost_centre");
    form.push(("cost_centre", own));
    assert_eq!(manager.post("/api/requests/save", &form).await.location(), step, "no reason was given");
    assert_eq!(proposed(&mut manager).await, (true, false), "what was chosen stays");
}
