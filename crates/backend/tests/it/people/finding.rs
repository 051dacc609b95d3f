//! What finds people, and what keeps them from a WorkSpace.

use std::collections::BTreeSet;

use backend::people;
use model::{
    Error, PageRequest,
    access::Role,
    people::{Obstacle, Search},
};
use sandbox::people::Person;
use sqlx::PgPool;

use super::{MIGRATOR, found, search};
use crate::house::{DIRECTORY, House, Plan, UNREGISTERED, helpdesk, person};

async fn obstacles(house: &House, account: &str) -> Vec<Obstacle> {
    let mut hits = search(house, Search::Term(account.to_owned()), 1, 25).await.unwrap().hits;
    hits.retain(|hit| hit.person.account == account);
    assert_eq!(hits.len(), 1, "{account}");
    hits.remove(0).obstacles
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_name_of_a_person_finds_them(db: PgPool) {
    let house = House::open(db).await;
    let carla = |person: &mut Person| {
        person.given = "Zephyrine".into();
        person.family = "Quillfeather".into();
        person.display = "Captain Ahoy".into();
        person.mail = Some("first.contact@mail.example".into());
    };
    assert!(house.sandbox.company().change("clara.nordwind", carla));
    let terms = [
        ("clara.nord", "the account"),
        ("clara.nordwind@corp", "the UPN"),
        ("FIRST.contact@", "the mail address"),
        ("captain ah", "the display name"),
        ("zephyr", "the given name"),
        ("quillf", "the family name"),
        ("Zephyrine Quillfeather", "first and last"),
        ("quill  zeph", "last and first"),
    ];
    for (term, what) in terms {
        assert_eq!(found(&house, term).await, ["clara.nordwind"], "{what}");
    }
    for term in ["lara.nordwind", "contact@mail", "ahoy", "Zephyrine Nordwind"] {
        assert_eq!(found(&house, term).await, [""; 0], "{term}");
    }
}

/// The crowd holds people of many scripts; the roster itself says whom a term has to find.
#[sqlx::test(migrator = "MIGRATOR")]
async fn names_of_every_script_are_found(db: PgPool) {
    let house = House::with(db, Plan { people: 400, ..Plan::default() }).await;
    for term in ["李", "Ольга", "ольга", "العلي", "Müll", "O'Br", "Siobhán"] {
        let lower = term.to_lowercase();
        let starts = |person: &&Person| {
            [&person.given, &person.family, &person.display].iter().any(|name| name.to_lowercase().starts_with(&lower))
        };
        let mut expected: Vec<_> = {
            let roster = house.sandbox.company().read();
            roster.people.iter().filter(starts).map(|person| person.account.clone()).collect()
        };
        expected.sort();
        assert!(!expected.is_empty(), "{term} is nobody's name here");
        assert_eq!(found(&house, term).await, expected, "{term}");
    }
}

/// RFC 4515: what is typed is a value, whatever stands in it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_typed_filter_is_only_text(db: PgPool) {
    let house = House::open(db).await;
    let terms = ["*)(uid=*", "*)(objectClass=*", "**", "mar*ta", "\\2a\\2a", ")(|(sn=*", "nord*", "marta)(", "((", "\\", "& |"];
    for term in terms {
        assert_eq!(found(&house, term).await, [""; 0], "{term}");
    }
    assert_eq!(found(&house, "Kim, Ann \"Annie\" (Sales\\EU)").await, ["kim.ann"]);
    assert_eq!(found(&house, "<script>").await, ["script.tag"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn pages_show_everybody_once_and_end(db: PgPool) {
    let house = House::open(db).await;
    for size in [40, 50, 100] {
        let mut accounts = Vec::new();
        let pages = 120_u32.div_ceil(size);
        for number in 1..=pages {
            let hits = search(&house, Search::All, number, size).await.unwrap();
            assert_eq!((hits.page, hits.more), (number, number < pages), "{size} a page");
            accounts.extend(hits.hits.into_iter().map(|hit| hit.person.account));
        }
        let once: BTreeSet<_> = accounts.iter().collect();
        assert_eq!((accounts.len(), once.len()), (120, 120), "{size} a page");
        let after = search(&house, Search::All, pages + 1, size).await.unwrap();
        assert_eq!((after.hits.len(), after.more), (0, false));
    }
}

/// A domain controller hands out a thousand entries at a time, so the last of these pages lie behind a cookie.
#[sqlx::test(migrator = "MIGRATOR")]
async fn pages_behind_the_controllers_own_page_are_read(db: PgPool) {
    let house = House::with(db, Plan { people: 1_150, ..Plan::default() }).await;
    let mut accounts = BTreeSet::new();
    let mut seen = 0;
    for number in 1..=12 {
        let hits = search(&house, Search::All, number, 100).await.unwrap();
        seen += hits.hits.len();
        assert_eq!(hits.more, number < 12, "page {number}");
        accounts.extend(hits.hits.into_iter().map(|hit| hit.person.account));
    }
    assert_eq!((seen, accounts.len()), (1_150, 1_150));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_trouble_is_its_obstacle(db: PgPool) {
    let house = House::open(db).await;
    let troubles = [
        ("nora.nomail", Obstacle::NoMail),
        ("dino.disabled", Obstacle::Disabled),
        ("ella.expired", Obstacle::Expired),
        ("lou.locked", Obstacle::LockedOut),
        ("mia.mustchange", Obstacle::MustChangePassword),
        ("sam.smartcard", Obstacle::SmartCardRequired),
        ("pat.preauth", Obstacle::PreauthenticationOff),
        ("o'brien", Obstacle::AccountCharacter { character: '\'' }),
    ];
    for (account, obstacle) in troubles {
        assert_eq!(obstacles(&house, account).await, [obstacle], "{account}");
    }
    for account in ["marta.nordwind", "kim.ann", "long.name", "script.tag", "rtl.marks", "alex.kim"] {
        assert_eq!(obstacles(&house, account).await, [], "{account}");
    }
    house.sandbox.company().change("marta.nordwind", |person| person.mail = Some("ä@corp.example.com".into()));
    assert_eq!(obstacles(&house, "marta.nordwind").await, [Obstacle::UnusableMail]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_people_of_one_name_are_two_hits(db: PgPool) {
    let house = House::open(db).await;
    let hits = search(&house, Search::Term("Alex Kim".into()), 1, 25).await.unwrap().hits;
    let people: BTreeSet<_> = hits.iter().map(|hit| (hit.person.guid, hit.person.account.as_str())).collect();
    assert_eq!(people, BTreeSet::from([(house.guid("alex.kim"), "alex.kim"), (house.guid("alex.kim2"), "alex.kim2")]));
    assert!(hits.iter().all(|hit| hit.person.name == "Alex Kim"), "{hits:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_has_a_workspace_or_is_getting_one_is_not_launched_again(db: PgPool) {
    let house = House::open(db).await;
    house.second_directory().await;
    let workspace = house.workspace(1, "MARTA.Nordwind", "STOPPED").await;
    assert_eq!(obstacles(&house, "marta.nordwind").await, [Obstacle::AlreadyHas { workspace: workspace.clone() }]);
    // Accounts compare without case, however Active Directory and AWS write them.
    house.sandbox.company().change("marta.nordwind", |person| person.account = "Marta.NordWind".into());
    assert_eq!(obstacles(&house, "Marta.NordWind").await, [Obstacle::AlreadyHas { workspace }]);
    house.sandbox.company().change("marta.nordwind", |person| person.account = "marta.nordwind".into());
    for gone in [
        "update workspace set state = 'TERMINATED'",
        "update workspace set state = 'TERMINATING'",
        "update workspace set state = 'STOPPED', gone_at = now()",
        "update workspace set gone_at = null, directory_id = 'd-90673c5d6e'",
    ] {
        house.execute(gone).await;
        assert_eq!(obstacles(&house, "marta.nordwind").await, [], "{gone}");
    }

    house.launch(&["ben.nordwind"]).await;
    for (state, live) in [
        ("queued", true),
        ("sending", true),
        ("unconfirmed", true),
        ("pending", true),
        ("available", false),
        ("failed", false),
        ("already_has", false),
        ("canceled", false),
    ] {
        sqlx::query(
            "update launch_item set state = $1, workspace_id = 'ws-000000009',
                    claim = case when $1 in ('sending', 'unconfirmed') then gen_random_uuid() end",
        )
        .bind(state)
        .execute(&house.db)
        .await
        .unwrap();
        let expected: &[Obstacle] = if live { &[Obstacle::BeingLaunched] } else { &[] };
        assert_eq!(obstacles(&house, "ben.nordwind").await, expected, "{state}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_helpdesk_of_the_directory_finds_people(db: PgPool) {
    let house = House::open(db).await;
    let directory = DIRECTORY.parse().unwrap();
    let ask = async |actor| {
        people::search(&house.services, &actor, &directory, Search::All, PageRequest::default()).await.map(|hits| hits.hits.len())
    };
    for actor in [person(Role::Helpdesk, Some(UNREGISTERED)), person(Role::Auditor, None), person(Role::Requester, None)] {
        assert_eq!(ask(actor).await, Err(Error::NotAllowed { needs: vec![Role::Helpdesk, Role::Admin] }));
    }
    assert_eq!(ask(person(Role::Helpdesk, Some(DIRECTORY))).await, Ok(25));
    assert_eq!(ask(person(Role::Admin, None)).await, Ok(25));
    let unknown = "d-0123456789".parse().unwrap();
    let outcome = people::search(&house.services, &helpdesk(), &unknown, Search::All, PageRequest::default()).await;
    assert_eq!(outcome, Err(Error::NotFound));
}

/// Active Directory holds what somebody wrote into it; a page shows as much of it as anybody reads.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_attribute_of_a_megabyte_is_cut(db: PgPool) {
    let house = House::open(db).await;
    assert!(house.sandbox.company().change("anna.nordwind", |anna| anna.display = "Anna ".repeat(200_000)));
    let found = search(&house, Search::Term("anna.nordwind".to_owned()), 1, 25).await.unwrap().hits;
    assert_eq!(found.iter().map(|hit| hit.person.name.len()).collect::<Vec<_>>(), [512]);
}

/// The sandbox's person has an override before the name, a mark within it, and Hebrew letters.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_name_does_not_turn_the_words_beside_it(db: PgPool) {
    let house = House::open(db).await;
    let found = search(&house, Search::Term("rtl.marks".to_owned()), 1, 25).await.unwrap().hits;
    let names: Vec<_> = found.iter().map(|hit| hit.person.name.as_str()).collect();
    assert_eq!(names, ["Noa Levi \u{200f}\u{5e0}\u{5d5}\u{5e2}\u{5d4}"]);
}
