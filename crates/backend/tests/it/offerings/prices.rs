//! Price sheets: taken in whole or not at all, in force by their date, and what an offering costs by them.

use backend::offerings::{self, drafts, prices};
use model::{
    Error, PriceSheetId,
    access::{Role, Scope},
    offerings::{OfferingForm, SheetForm, Standing},
};
use sqlx::PgPool;

use super::{MIGRATOR, admin, form, house, publish, requester, somebody};
use crate::house::{House, UNREGISTERED, count, helpdesk};

const HEAD: &str = "compute,root_gib,user_gib,always_on_month,auto_stop_month,auto_stop_hour,volume_gib_month\n";

fn terms(valid_from: &str) -> SheetForm {
    SheetForm {
        region: "eu-central-1".into(),
        currency: "eur".into(),
        valid_from: valid_from.into(),
        note: "contract 17".into(),
        text: String::new(),
    }
}

/// What is wrong with a sheet; nothing of it is taken in.
async fn errors(house: &House, terms: SheetForm, bytes: &[u8]) -> Vec<(String, String)> {
    let draft = prices::begin(&house.services, &admin()).await.unwrap();
    assert_eq!(prices::keep(&house.services, &admin(), draft, terms, bytes).await, Ok(None));
    assert_eq!((count(&house.db, "price_sheet").await, count(&house.db, "price_line").await), (0, 0));
    let kept = prices::draft(&house.services, &admin(), draft).await.unwrap();
    kept.errors.into_iter().map(|error| (error.field, error.message)).collect()
}

async fn taken(house: &House, terms: SheetForm, text: &str) -> PriceSheetId {
    let draft = prices::begin(&house.services, &admin()).await.unwrap();
    prices::keep(&house.services, &admin(), draft, terms, text.as_bytes()).await.unwrap().expect("nothing is wrong with it")
}

/// The day by the house's clock, and others by it.
fn day(house: &House, days: i64) -> String {
    let now = house.services.clock.now().with_timezone(&house.services.settings.time_zone);
    (now.date_naive() + chrono::TimeDelta::days(days)).to_string()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_offering_costs_what_the_sheet_in_force_says(db: PgPool) {
    let house = house(db).await;
    let id = publish(&house, None, form("Office")).await.unwrap();
    let price = async || offerings::askable(&house.services, &requester(&house, "mgarcia"), id).await.unwrap().price;
    assert_eq!(price().await, None, "no sheet, no price");
    let yesterday = day(&house, -1);
    let first = taken(&house, terms(&yesterday), &format!("{HEAD}STANDARD,80,50,44,9.75,0.3,0.10\n")).await;
    let tag = price().await.unwrap().tag();
    assert_eq!((tag.monthly.as_str(), tag.sheet, tag.example), ("33.75 EUR", first, false));
    assert!(tag.hourly.unwrap().contains("From 115 hours a month on"));
    // One for later changes nothing until its date has come, one of another Region never, one from long ago neither.
    let later = taken(&house, terms(&day(&house, 10)), &format!("{HEAD}STANDARD,80,50,50,10,0.4,\n")).await;
    taken(&house, terms(&day(&house, -400)), &format!("{HEAD}STANDARD,80,50,1,1,1,\n")).await;
    let elsewhere = SheetForm { region: "us-east-1".into(), ..terms(&day(&house, 0)) };
    taken(&house, elsewhere, &format!("{HEAD}STANDARD,80,50,2,2,2,\n")).await;
    assert_eq!(price().await.unwrap().sheet, first);
    house.sandbox.clock().advance(chrono::TimeDelta::days(10));
    assert_eq!((price().await.unwrap().sheet, price().await.unwrap().tag().monthly), (later, "42.00 EUR".to_owned()));
    // A correction of the same date counts from when it is taken in; without a line there is no price.
    let corrected = taken(&house, terms(&day(&house, 0)), &format!("{HEAD}POWER,175,100,80,,,\n")).await;
    assert_eq!(price().await, None);
    let (sheets, region) = prices::list(&house.services, &admin()).await.unwrap();
    assert_eq!(region, "eu-central-1");
    let standing = |id| sheets.iter().find(|sheet| sheet.id == id).unwrap().standing;
    assert_eq!((standing(first), standing(later), standing(corrected)), (Standing::Past, Standing::Past, Standing::InForce));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn larger_volumes_add_and_always_on_is_the_month(db: PgPool) {
    let house = house(db).await;
    taken(&house, terms(&day(&house, 0)), &format!("{HEAD}STANDARD,80,50,44,9.75,0.3,0.10\n")).await;
    let mut larger = form("Large");
    larger.desktop.user_gib = "100".into();
    larger.desktop.running_mode = "ALWAYS_ON".into();
    let draft = drafts::begin(&house.services, &admin(), None).await.unwrap();
    assert!(drafts::save(&house.services, &admin(), draft, larger).await.unwrap());
    let card = drafts::preview(&house.services, &admin(), draft).await.unwrap().card.unwrap();
    let price = card.price.unwrap();
    assert_eq!((price.monthly.as_str(), price.hourly), ("49.00 EUR", None));
    let unpriced = OfferingForm { name: "Other".into(), ..form("Other") };
    let id = publish(&house, None, unpriced).await.unwrap();
    house.execute("update price_line set compute = 'VALUE'").await;
    assert_eq!(offerings::version(&house.services, id, 1).await.unwrap().price, None);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sheet_is_taken_in_whole_or_not_at_all(db: PgPool) {
    let house = house(db).await;
    let now = day(&house, 0);
    let one = async |text: &str| errors(&house, terms(&now), text.as_bytes()).await.remove(0);
    let (field, message) = one("bundle,price\nSTANDARD,44\n").await;
    assert!(field == "text" && message.starts_with("The first line has to name these columns"), "{message}");
    let right = "STANDARD,80,50,44,9.75,0.3,0.10\n";
    let (_, message) = one(&format!("{HEAD}{right}POWER,175,100,-80,,,\n")).await;
    assert_eq!(message, "Line 3: always_on_month is below zero.");
    let (_, message) = one(&format!("{HEAD}{right}{right}")).await;
    assert_eq!(message, "Line 3: line 2 is about the same compute type and volumes.");
    let (_, message) = one(&format!("{HEAD}{right}POWER,175,100,\"80,50\",,,\n")).await;
    assert!(message.starts_with("Line 3: always_on_month has a comma."), "{message}");
    let many: String = (0..10_000).map(|number| format!("C{number},80,50,44,,,\n")).collect();
    let (_, message) = one(&format!("{HEAD}{many}")).await;
    assert_eq!(message, "It has more than 2000 lines, which no Region has prices for.");
    let binary = errors(&house, terms(&now), b"PK\x03\x04\0\0\xff\xfe\0\0").await;
    assert!(binary[0].1.starts_with("This is not a text file"), "{binary:?}");
    let wrong = SheetForm { currency: "EURO".into(), valid_from: "1.1.2027".into(), ..terms(&now) };
    let fields: Vec<_> = errors(&house, wrong, b"").await.into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["currency", "valid_from", "text"], "all at once");
    let far = SheetForm { valid_from: "2100-01-01".into(), ..terms(&now) };
    assert_eq!(errors(&house, far, format!("{HEAD}{right}").as_bytes()).await[0].0, "valid_from");
}

/// As spreadsheets save it: UTF-16 with tabs, or Windows' own with semicolons.
#[sqlx::test(migrator = "MIGRATOR")]
async fn spreadsheets_encodings_are_read(db: PgPool) {
    let house = house(db).await;
    let text = format!("{HEAD}STANDARD,80,50,44,9.75,0.3,0.10\n");
    let tabs: Vec<u8> = [0xfeff].into_iter().chain(text.replace(',', "\t").encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let semicolons = text.replace(',', ";").replace('\n', "\r\n");
    for bytes in [tabs.as_slice(), semicolons.as_bytes()] {
        let draft = prices::begin(&house.services, &admin()).await.unwrap();
        let id = prices::keep(&house.services, &admin(), draft, terms(&day(&house, 0)), bytes).await.unwrap().unwrap();
        let (name, csv) = prices::csv(&house.services, &admin(), id).await.unwrap();
        assert!(name.starts_with("prices-eu-central-1-") && name.ends_with(".csv"), "{name}");
        assert_eq!(csv, text, "comes back as it was");
    }
    // Not UTF-8: it is what Windows writes in the West, and \u{e9} is in no compute type.
    let latin = [HEAD.as_bytes(), b"caf\xe9,80,50,44,,,\n"].concat();
    let draft = prices::begin(&house.services, &admin()).await.unwrap();
    assert_eq!(prices::keep(&house.services, &admin(), draft, terms(&day(&house, 0)), &latin).await, Ok(None));
    let kept = prices::draft(&house.services, &admin(), draft).await.unwrap();
    assert!(kept.form.text.contains("caf\u{e9}") && kept.errors[0].message.starts_with("Line 2: compute has to be"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sheet_sent_twice_is_one_and_never_changes(db: PgPool) {
    let house = house(db).await;
    let draft = prices::begin(&house.services, &admin()).await.unwrap();
    let text = format!("{HEAD}STANDARD,80,50,44,9.75,0.3,0.10\n");
    let other = text.replace("44", "99");
    let actor = admin();
    let send = |text: String| {
        let (house, actor, terms) = (&house, &actor, terms("2026-01-01"));
        async move { prices::keep(&house.services, actor, draft, terms, text.as_bytes()).await }
    };
    let (one, two) = tokio::join!(send(text.clone()), send(text.clone()));
    assert_eq!((one, two), (Ok(Some(PriceSheetId(draft.0))), Ok(Some(PriceSheetId(draft.0)))));
    assert_eq!(send(other).await, Ok(Some(PriceSheetId(draft.0))));
    let page = prices::get(&house.services, &admin(), PriceSheetId(draft.0)).await.unwrap();
    assert_eq!((page.head.lines, page.lines[0].always_on_month.as_str()), (1, "44"));
    assert_eq!(count(&house.db, "audit where action = 'keep_prices' and phase = 'finished'").await, 1);
    let serve = "has_table_privilege('frontdesk_serve', 'price_sheet', 'update') or has_table_privilege('frontdesk_serve', 'price_line', 'delete')";
    let may: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select {serve}"))).fetch_one(&house.db).await.unwrap();
    assert!(!may, "the server's role can't change it either");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn prices_are_for_admins_of_everything(db: PgPool) {
    let house = house(db).await;
    let id = taken(&house, terms("2026-01-01"), &format!("{HEAD}STANDARD,80,50,44,,,\n")).await;
    let elsewhere = Scope::Directories(vec![UNREGISTERED.parse().unwrap()]);
    let draft = prices::begin(&house.services, &admin()).await.unwrap();
    for actor in [helpdesk(), requester(&house, "mgarcia"), somebody("s", Role::Admin, elsewhere, None)] {
        let refused = Err(Error::NotAllowed { needs: vec![Role::Admin] });
        assert_eq!(prices::list(&house.services, &actor).await.map(drop), refused);
        assert_eq!(prices::get(&house.services, &actor, id).await.map(drop), refused);
        assert_eq!(prices::csv(&house.services, &actor, id).await.map(drop), refused);
        assert_eq!(prices::begin(&house.services, &actor).await.map(drop), refused);
        let kept = prices::keep(&house.services, &actor, draft, terms("2026-01-01"), b"").await;
        assert_eq!(kept.map(drop), refused);
    }
    let other = somebody("subject-of-another", Role::Admin, Scope::Everywhere, None);
    assert_eq!(prices::draft(&house.services, &other, draft).await, Err(Error::NotFound), "somebody else's");
}
