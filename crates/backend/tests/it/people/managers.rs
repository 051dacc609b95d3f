//! Who manages whom, and who pays for them.

use std::collections::BTreeMap;

use backend::people::{MOST_REPORTS, manager_of, reports};
use model::{
    Error, Part, PersonGuid,
    people::{Cut, Reports},
};
use sqlx::PgPool;
use uuid::Uuid;

use super::MIGRATOR;
use crate::house::{House, Plan};

async fn manager(house: &House, account: &str) -> Option<String> {
    manager_of(&house.services, house.guid(account)).await.unwrap().map(|manager| manager.account)
}

async fn below(house: &House, account: &str) -> Reports {
    reports(&house.services, house.guid(account), MOST_REPORTS).await.unwrap()
}

/// How many stand on each level.
fn levels(reports: &Reports) -> Vec<usize> {
    let mut levels = BTreeMap::new();
    for report in &reports.people {
        *levels.entry(report.depth).or_insert(0) += 1;
    }
    levels.into_values().collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_manager_is_the_entry_that_is_named(db: PgPool) {
    let house = House::open(db).await;
    assert_eq!(manager(&house, "anna.nordwind").await.as_deref(), Some("mgarcia"));
    // A name with an accent is no other than one with commas, quotes, parentheses and a backslash.
    assert_eq!(manager(&house, "script.tag").await.as_deref(), Some("kim.ann"));
    assert_eq!(manager(&house, "ihansen").await, None, "nobody stands above the head");
    let stranger = manager_of(&house.services, PersonGuid(Uuid::from_u128(1))).await;
    assert_eq!(stranger, Err(Error::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_manager_who_is_not_to_be_found_is_none(db: PgPool) {
    let mut house = House::open(db).await;
    let name = |house: &House, dn: &str| {
        let dn = dn.to_owned();
        assert!(house.sandbox.company().change("anna.nordwind", |anna| anna.manager = Some(dn)));
    };
    for dn in [
        "CN=Boss,OU=People,DC=other,DC=example,DC=com",
        "CN=Gone,OU=People,DC=corp,DC=example,DC=com",
        "CN=*,OU=People,DC=corp,DC=example,DC=com",
        r"CN=a\\)(cn\=*,DC=corp,DC=example,DC=com",
        "=",
    ] {
        name(&house, dn);
        assert_eq!(manager(&house, "anna.nordwind").await, None, "{dn}");
    }
    assert!(house.sandbox.company().change("anna.nordwind", |anna| anna.manager = Some("anna.nordwind".into())));
    assert_eq!(manager(&house, "anna.nordwind").await, None, "nobody is their own manager");
    assert_eq!(below(&house, "anna.nordwind").await.people.len(), 9, "nor stands below themselves");

    // Who stands outside of what Frontdesk may read is nobody to it.
    house.sandbox.company().change("anna.nordwind", |anna| anna.manager = Some("mgarcia".into()));
    house.ad(|ad| ad.base_dn = Some("OU=Hamburg,OU=People,DC=corp,DC=example,DC=com".into()));
    assert_eq!(manager(&house, "anna.nordwind").await, None);
    assert_eq!(manager(&house, "karla.nordwind").await.as_deref(), Some("anna.nordwind"));
    house.ad_away();
    let away = manager_of(&house.services, house.guid("karla.nordwind")).await;
    assert_eq!(away, Err(Error::Unavailable { part: Part::ActiveDirectory }));
    let away = reports(&house.services, house.guid("karla.nordwind"), 10).await;
    assert_eq!(away, Err(Error::Unavailable { part: Part::ActiveDirectory }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn reports_are_read_level_by_level(db: PgPool) {
    let house = House::open(db).await;
    let found = below(&house, "mgarcia").await;
    // Ten of Mateo's own, six of Anna's and fourteen of Ben's, three of Karla's.
    assert_eq!((levels(&found), found.cut), (vec![10, 20, 3], None));
    let guid = house.guid("karla.nordwind");
    let of_karla = found.people.iter().filter(|report| report.manager == guid);
    let mut of_karla: Vec<_> = of_karla.map(|report| (report.depth, report.person.account.as_str())).collect();
    of_karla.sort_unstable();
    assert_eq!(of_karla, [(3, "quirin.nordwind"), (3, "rosa.nordwind"), (3, "stefan.nordwind")]);
    let direct: Vec<_> = found.people.iter().filter(|report| report.depth == 1).map(|report| &report.person.name).collect();
    assert!(direct.is_sorted(), "{direct:?}");

    assert_eq!(below(&house, "kim.ann").await.people.len(), 6, "whatever stands in the manager's name");
    assert_eq!(levels(&below(&house, "dokonkwo").await), [2, 39]);
    assert_eq!(below(&house, "jsmith").await, Reports::default());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_circle_ends(db: PgPool) {
    let house = House::open(db).await;
    let accounts = |reports: Reports| reports.people.into_iter().map(|report| report.person.account).collect::<Vec<_>>();
    assert_eq!(accounts(below(&house, "lou.locked").await), ["mia.mustchange"]);
    assert_eq!(accounts(below(&house, "mia.mustchange").await), ["lou.locked"]);
    // A circle further down: Mateo's Anna has Karla, who has Mateo.
    house.sandbox.company().change("mgarcia", |mateo| mateo.manager = Some("karla.nordwind".into()));
    let found = below(&house, "anna.nordwind").await;
    let mut guids: Vec<_> = found.people.iter().map(|report| report.person.guid).collect();
    let all = guids.len();
    guids.sort_unstable();
    guids.dedup();
    assert_eq!((guids.len(), guids.contains(&house.guid("anna.nordwind"))), (all, false));
    assert_eq!(all, 33, "the other 32 of the team, and Mateo");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_cut_off_is_said(db: PgPool) {
    let house = House::open(db).await;
    let cut = reports(&house.services, house.guid("mgarcia"), 12).await.unwrap();
    assert_eq!((levels(&cut), cut.cut), (vec![10, 2], Some(Cut::People(12))));
    let whole = reports(&house.services, house.guid("mgarcia"), 33).await.unwrap();
    assert_eq!((whole.people.len(), whole.cut), (33, None));

    // Seventeen below each other.
    let line: Vec<_> = house.sandbox.company().read().people.iter().map(|person| person.account.clone()).collect();
    let line: Vec<_> = line.into_iter().filter(|account| account.ends_with(".seewald")).take(18).collect();
    for (manager, person) in line.iter().zip(&line[1..]) {
        house.sandbox.company().change(person, |person| person.manager = Some(manager.clone()));
    }
    let deep = below(&house, &line[0]).await;
    assert_eq!((levels(&deep), deep.cut), (vec![1; 12], Some(Cut::Levels(12))));
}

/// More managers on a level than one question names, and more people than a controller hands out at a time.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_large_company_is_read_in_batches(db: PgPool) {
    let house = House::with(db, Plan { people: 1_500, ..Plan::default() }).await;
    let found = below(&house, "ihansen").await;
    assert_eq!((found.people.len(), found.cut), (1_500 - 3, None), "all but herself and the two of the circle");
    assert!(house.sandbox.company().read().people.iter().all(|person| {
        let is_there = found.people.iter().any(|report| report.person.guid.0 == person.guid);
        is_there != ["ihansen", "lou.locked", "mia.mustchange"].contains(&person.account.as_str())
    }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_one_cost_centre_of_a_person_is_known(db: PgPool) {
    let house = House::open(db).await;
    let found = below(&house, "mgarcia").await;
    assert!(found.people.iter().all(|report| report.person.cost_centre.as_deref() == Some("4716")));
    let of = async |account: &str| page_of(&house, account).await.cost_centre;
    assert_eq!(of("nora.nomail").await, None, "Trouble has none");
    assert_eq!(of("alex.kim").await, None, "two pay for Alex, so nobody can tell which");
    assert_eq!(of("alex.kim2").await.as_deref(), Some("4700"));
}

async fn page_of(house: &House, account: &str) -> model::people::Person {
    let helpdesk = crate::house::helpdesk();
    backend::people::get(&house.services, &helpdesk, house.guid(account)).await.unwrap().person.unwrap()
}
