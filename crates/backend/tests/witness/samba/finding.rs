//! Whom the controller finds, and what is read off an entry.

use std::collections::BTreeSet;

use backend::people;
use ldap3::Scope;
use model::people::{Obstacle, Search};
use sqlx::PgPool;

use super::{Administrator, BASE, found, hit, house, reading, search};
use crate::{MIGRATOR, house::helpdesk, told};

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_name_of_a_person_finds_them(db: PgPool) {
    let house = house(db).await;
    let terms = [
        ("clara.qu", "the account"),
        ("clara.quill@corp", "the UPN"),
        ("FIRST.contact@", "the mail address"),
        ("captain ah", "the display name"),
        ("zephyr", "the given name"),
        ("quillf", "the family name"),
        ("Zephyrine Quillfeather", "first and last"),
        ("quill  zeph", "last and first"),
    ];
    for (term, what) in terms {
        assert_eq!(found(&house, term).await, ["clara.quill"], "{what}");
    }
    for term in ["lara.quill", "contact@mail", "ahoy", "Zephyrine Nordwind"] {
        assert_eq!(found(&house, term).await, [""; 0], "{term}");
    }
}

/// There are a contact and a computer of that name too, who can't sign in to anything.
#[sqlx::test(migrator = "MIGRATOR")]
async fn only_people_with_accounts_are_found(db: PgPool) {
    let house = house(db).await;
    assert_eq!(found(&house, "marta").await, ["marta.nordwind"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn names_of_every_script_are_found(db: PgPool) {
    let house = house(db).await;
    let terms = [
        ("李", "li.wei"),
        ("Ольга", "olga.smirnova"),
        ("ольга см", "olga.smirnova"),
        ("José", "jose.garcia"),
        ("siobhÁN", "o'brien"),
    ];
    for (term, account) in terms {
        assert_eq!(found(&house, term).await, [account], "{term}");
    }
}

/// RFC 4515: what is typed is a value, whatever stands in it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_typed_filter_is_only_text(db: PgPool) {
    let house = house(db).await;
    let terms = ["*)(uid=*", "*)(objectClass=*", "**", "mar*ta", "\\2a\\2a", ")(|(sn=*", "nord*", "marta)(", "((", "\\", "& |"];
    for term in terms {
        assert_eq!(found(&house, term).await, [""; 0], "{term}");
    }
    assert_eq!(found(&house, "Kim, Ann \"Annie\" (Sales\\EU)").await, ["kim.ann"]);
    assert_eq!(found(&house, "* Stella (5*) *").await, ["star.gazer"]);
    assert_eq!(found(&house, "* ").await, ["star.gazer"]);
}

/// The controller resolves ids in their text form by itself (MS-ADTS 3.1.1.3.1.2.4), so it says whether we read them right.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_person_is_read_whole(db: PgPool) {
    let house = house(db).await;
    let marta = hit(&house, "marta.nordwind").await.person;
    let mut administrator = Administrator::open().await;
    let dn = administrator.dn("marta.nordwind").await;
    for id in [format!("<GUID={}>", marta.guid.0), format!("<SID={}>", marta.sid.clone().unwrap())] {
        assert_eq!(administrator.entry(&id).await.dn, dn, "{id}");
    }
    assert_eq!(marta.name, "Marta Nordwind");
    let text = |value: Option<String>| value.unwrap_or_default();
    assert_eq!(
        [text(marta.upn), text(marta.given_name), text(marta.mail), text(marta.department), text(marta.title)],
        ["marta.nordwind@corp.example.com", "Marta", "marta.nordwind@corp.example.com", "Logistics", "Dispatcher"]
    );
    assert_eq!(
        [text(marta.office), text(marta.phone), text(marta.manager), text(marta.language)],
        ["Berlin 3.14", "+49 30 1234", "Sommer, Petra (Head\\West)", "de-DE"]
    );
    assert_eq!(marta.standing, model::people::Standing::default());
    assert_eq!(hit(&house, "no.names").await.person.name, "no.names", "of a person without names");
    let page = people::get(&house.services, &helpdesk(), marta.guid).await.unwrap();
    assert_eq!(page.person.unwrap().account, "marta.nordwind");
}

/// The controller works out `directReports` by itself, so it says whether we ask it right, whatever stands in a manager's name.
#[sqlx::test(migrator = "MIGRATOR")]
async fn managers_and_their_people_are_read(db: PgPool) {
    let house = house(db).await;
    let mut administrator = Administrator::open().await;
    let marta = hit(&house, "marta.nordwind").await.person;
    let petra = people::manager_of(&house.services, marta.guid).await.unwrap().unwrap();
    assert_eq!((petra.name.as_str(), marta.cost_centre.as_deref()), ("Petra Sommer", Some("4716")));
    assert_eq!(people::manager_of(&house.services, petra.guid).await, Ok(None));
    let below = people::reports(&house.services, petra.guid, people::MOST_REPORTS).await.unwrap();
    let found: Vec<_> =
        below.people.iter().map(|report| (report.depth, report.person.account.as_str(), report.manager)).collect();
    assert_eq!(found, [(1, "marta.nordwind", petra.guid), (2, "anna.nordwind", marta.guid)]);
    for (manager, person) in [(&petra.account, "marta.nordwind"), (&marta.account, "anna.nordwind")] {
        let dn = administrator.dn(manager).await;
        let person = administrator.dn(person).await;
        assert_eq!(administrator.entry(&dn).await.attrs["directReports"], [person], "{manager}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_trouble_is_its_obstacle(db: PgPool) {
    let house = house(db).await;
    let troubles = [
        ("nora.nomail", Obstacle::NoMail),
        ("dino.disabled", Obstacle::Disabled),
        ("ella.expired", Obstacle::Expired),
        ("mia.mustchange", Obstacle::MustChangePassword),
        ("sam.smartcard", Obstacle::SmartCardRequired),
        ("pat.preauth", Obstacle::PreauthenticationOff),
        ("o'brien", Obstacle::AccountCharacter { character: '\'' }),
    ];
    for (account, obstacle) in troubles {
        assert_eq!(hit(&house, account).await.obstacles, [obstacle], "{account}");
    }
    for account in ["marta.nordwind", "kim.ann", "li.wei", "star.gazer"] {
        assert_eq!(hit(&house, account).await.obstacles, [], "{account}");
    }
}

/// The controller hands out a thousand entries at a time, so the last of these pages lie behind a cookie of its own.
#[sqlx::test(migrator = "MIGRATOR")]
async fn pages_behind_the_controllers_own_page_are_read(db: PgPool) {
    let mut house = house(db).await;
    let crowd: usize = told("WITNESS_AD_CROWD").parse().unwrap();
    house.ad(|ad| {
        reading(ad);
        ad.base_dn = Some(format!("OU=Crowd,{BASE}"));
    });
    let pages = u32::try_from(crowd.div_ceil(100)).unwrap();
    let mut accounts = Vec::new();
    for number in 1..=pages {
        let hits = search(&house, Search::All, number, 100).await.unwrap();
        assert_eq!(hits.more, number < pages, "page {number}");
        accounts.extend(hits.hits.into_iter().map(|hit| hit.person.account));
    }
    let once: BTreeSet<_> = accounts.iter().collect();
    assert_eq!((accounts.len(), once.len()), (crowd, crowd));
    let after = search(&house, Search::All, pages + 1, 100).await.unwrap();
    assert_eq!((after.hits.len(), after.more), (0, false));
}

/// From the domain's root, where the controller adds referrals to other parts of the forest.
#[sqlx::test(migrator = "MIGRATOR")]
async fn referrals_are_nobody(db: PgPool) {
    let house = house(db).await;
    let mut administrator = Administrator::open().await;
    let whole = administrator.0.search(BASE, Scope::Subtree, "(objectClass=domain)", vec!["1.1"]).await.unwrap();
    assert!(!whole.1.refs.is_empty(), "no referral came");
    let first = search(&house, Search::All, 1, 100).await.unwrap();
    assert_eq!((first.hits.len(), first.more), (100, true));
    let domain = house.services.ad.get("corp.example.com").unwrap();
    let (everybody, more) = domain.search(&Search::All, None, 1, 5_000).await.unwrap();
    let accounts: BTreeSet<_> = everybody.iter().map(|person| person.account.as_str()).collect();
    assert_eq!((accounts.len(), more), (everybody.len(), false));
    assert!(accounts.len() > told("WITNESS_AD_CROWD").parse().unwrap());
    assert!(accounts.contains("Administrator") && accounts.contains("marta.nordwind") && !accounts.contains("DC1$"));
}
