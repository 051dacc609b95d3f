//! Cost centres as browsers without scripts use them.

use sqlx::PgPool;

use crate::{MIGRATOR, browser::hidden, house::House};

const PAGE: &str = "/cost-centres";

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_is_made_changed_and_closed_without_scripts(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("amoreau").await;
    let page = browser.get(PAGE).await.body;
    assert!(page.contains("No cost centre yet") && page.contains("href=\"/cost-centres/new\""), "{page}");
    let id = hidden(&browser.get(&format!("{PAGE}/new")).await.body, "id");
    let mut form = vec![("id", id.as_str()), ("seen", "0"), ("form[number]", "4716"), ("form[name]", "Logistics & more")];
    form.extend([("form[currency]", "EUR"), ("form[q]", "costas"), ("form[cap]", "5,000")]);

    let looking = [form.clone(), vec![("act", "find")]].concat();
    assert_eq!(browser.post("/api/cost_centres/save", &looking).await.location(), format!("{PAGE}/{id}#q"));
    let page = browser.get(&format!("{PAGE}/{id}")).await.body;
    let nadia = house.guid("ncostas").to_string();
    assert!(page.contains(&format!("value=\"{nadia}\"")) && page.contains("Nadia Costas"), "{page}");
    assert!(page.contains("value=\"5,000\"") && !page.contains("Please look at this again"), "{page}");

    form.push(("form[owner]", &nadia));
    assert_eq!(browser.post("/api/cost_centres/save", &form).await.location(), format!("{PAGE}/{id}"));
    let page = browser.get(&format!("{PAGE}/{id}")).await.body;
    assert!(page.contains("digits, and two after a point") && page.contains("Logistics &amp; more"), "{page}");
    assert_eq!(house.count("cost_centre").await, 0);

    form.push(("form[cap]", "5000.00"));
    let form: Vec<_> = form.into_iter().filter(|(_, value)| *value != "5,000").collect();
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let (first, second) = tokio::join!(one.post("/api/cost_centres/save", &form), two.post("/api/cost_centres/save", &form));
    assert_eq!((first.location(), second.location()), (format!("{PAGE}?saved=1"), format!("{PAGE}?saved=1")));
    assert_eq!((house.count("cost_centre").await, house.count("cost_centre_draft").await), (1, 0));
    let page = browser.get(&format!("{PAGE}?saved=1")).await.body;
    for words in ["Saved.", "4716 Logistics &amp; more", "0.00 EUR of 5000.00 EUR a month", "5000.00 EUR left", "Nadia Costas"] {
        assert!(page.contains(words), "{words}: {page}");
    }

    // Somebody changed it while another had it open.
    let page = browser.get(&format!("{PAGE}/{id}")).await.body;
    assert_eq!((hidden(&page, "seen").as_str(), page.contains("value=\"5000\"")), ("1", true), "{page}");
    let change = |cap| {
        let form = form.iter().filter(|(name, _)| !matches!(*name, "seen" | "form[cap]")).copied();
        form.chain([("seen", "1"), ("form[cap]", cap)]).collect::<Vec<_>>()
    };
    assert_eq!(browser.post("/api/cost_centres/save", &change("6000")).await.location(), format!("{PAGE}?saved=1"));
    let late = browser.post("/api/cost_centres/save", &change("7000")).await.location();
    let page = browser.get(&late.replace("/from?", &format!("{PAGE}?"))).await.body;
    assert!(page.contains("Somebody else has changed this cost centre") && page.contains("6000.00 EUR left"), "{page}");

    let close = [("id", id.as_str()), ("seen", "2"), ("open", "false")];
    assert_eq!(browser.post("/api/cost_centres/set_open", &close).await.location(), format!("{PAGE}?saved=1&closed=1"));
    assert!(browser.get(PAGE).await.body.contains("No cost centre yet"));
    let page = browser.get(&format!("{PAGE}?closed=1")).await.body;
    assert!(page.contains("4716 Logistics") && page.contains("Closed"), "{page}");
    assert!(browser.get(&format!("{PAGE}/{id}")).await.body.contains("Open to new requests"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_list_is_read_and_what_is_wrong_is_told_by_line(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("amoreau").await;
    let upload = async |browser: &mut crate::browser::Browser, list: &[u8]| {
        browser.upload("/api/cost_centres/import", &[("text", b"".as_slice()), ("file", list)]).await.location()
    };
    let wrong = upload(&mut browser, b"4711,Engineering,mgarcia,,EUR\n4712,Sales,nobody.there,1,EUR").await;
    assert_eq!(wrong, format!("{PAGE}/list"));
    let page = browser.get(&wrong).await.body;
    assert!(page.contains("Line 2: Nobody in Active Directory is") && page.contains("4711,Engineering,mgarcia,,EUR"), "{page}");
    assert!(browser.get(PAGE).await.body.contains("No cost centre yet"));
    let right =
        upload(&mut browser, b"number,name,owner,cap,currency\n4711,Engineering,mgarcia,,EUR\n4712,Sales,skowalska,1,EUR").await;
    assert_eq!(right, format!("{PAGE}?made=2&changed=0&same=0"));
    let page = browser.get(&right).await.body;
    assert!(!browser.get(&wrong).await.body.contains("4711,"), "what is taken is forgotten");
    assert!(page.contains("List read: 2 made, 0 changed, 0 as they were.") && page.contains("no cap"), "{page}");

    // Who may only look sees no way to change anything.
    let mut auditor = house.signed_in("tokafor").await;
    let page = auditor.get(PAGE).await.body;
    assert!(page.contains("4711 Engineering") && !page.contains("/cost-centres/new") && !page.contains("Read a list"), "{page}");
    for page in ["new", "list"] {
        assert_eq!(auditor.get(&format!("{PAGE}/{page}")).await.status, 403);
    }
    assert_eq!(house.signed_in("mgarcia").await.get(PAGE).await.status, 403);
    let unknown = "/cost-centres/00000000-0000-7000-8000-000000000000";
    assert_eq!((browser.get(unknown).await.status, browser.get("/cost-centres/nonsense").await.status), (http(404), http(404)));
}

fn http(status: u16) -> reqwest::StatusCode {
    reqwest::StatusCode::from_u16(status).unwrap()
}
