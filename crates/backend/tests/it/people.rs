//! People: what finds them, what keeps them from a WorkSpace, how their domain controllers are spoken to, and their page.

use std::{collections::BTreeSet, time::Duration};

use backend::{invitations, people};
use model::{
    Error, PageRequest, Part, PersonGuid,
    access::Role,
    people::{Hits, Obstacle, Search},
};
use sandbox::people::{Person, SERVICE_DN, SERVICE_PASSWORD, SERVICE_UPN};
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

use crate::{
    house::{CODE, DIRECTORY, House, Plan, UNREGISTERED, helpdesk, nobody, person},
    tap::{End, Tap},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
const AWAY: Error = Error::Unavailable { part: Part::ActiveDirectory };

async fn search(house: &House, search: Search, number: u32, size: u32) -> Result<Hits, Error> {
    let directory = DIRECTORY.parse().unwrap();
    people::search(&house.services, &helpdesk(), &directory, search, PageRequest { number, size }).await
}

/// The accounts that a typed term finds, in alphabetical order.
async fn found(house: &House, term: &str) -> Vec<String> {
    let hits = search(house, Search::Term(term.to_owned()), 1, 100).await.unwrap();
    assert!(!hits.more, "{term} finds more than a page");
    let mut accounts: Vec<_> = hits.hits.into_iter().map(|hit| hit.person.account).collect();
    accounts.sort();
    accounts
}

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

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_controller_of_an_unknown_authority_is_not_spoken_to(db: PgPool) {
    let mut house = House::open(db).await;
    let marta = || Search::Term("marta.nordwind".into());
    assert_eq!(search(&house, marta(), 1, 25).await.unwrap().hits.len(), 1);
    house.ad(|ad| ad.ca_file = None);
    assert_eq!(search(&house, marta(), 1, 25).await, Err(AWAY));
    let other = sandbox::start(sandbox::Options { people: 0, ..sandbox::Options::default() }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.pem");
    std::fs::write(&file, other.ca_pem()).unwrap();
    house.ad(|ad| ad.ca_file = Some(file));
    assert_eq!(search(&house, marta(), 1, 25).await, Err(AWAY));
}

fn holds(heard: &[u8], text: &str) -> bool {
    heard.windows(text.len()).any(|window| window == text.as_bytes())
}

/// RFC 4511, 4.14: the request to raise the connection to TLS.
const START_TLS: &str = "1.3.6.1.4.1.1466.20037";

#[sqlx::test(migrator = "MIGRATOR")]
async fn on_the_plain_port_nothing_is_said_before_tls(db: PgPool) {
    let mut house = House::open(db).await;
    let tap = Tap::open(End::Controller(house.sandbox.ldap_address())).await;
    house.ad(|ad| ad.urls = vec![Url::parse(&format!("ldap://127.0.0.1:{}", tap.port)).unwrap()]);
    assert_eq!(found(&house, "marta.nordwind").await, ["marta.nordwind"]);
    let heard = tap.heard();
    assert_eq!(heard.len(), 1);
    let start = heard[0].windows(START_TLS.len()).position(|window| window == START_TLS.as_bytes()).unwrap();
    // The next byte on the wire is a TLS handshake record.
    assert_eq!(heard[0][start + START_TLS.len()..][..2], [0x16, 0x03]);
    for secret in [SERVICE_PASSWORD, SERVICE_UPN, SERVICE_DN, "marta.nordwind"] {
        assert!(!holds(&heard[0], secret), "{secret} was said in clear");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_controller_without_tls_never_hears_the_password(db: PgPool) {
    let mut house = House::open(db).await;
    let tap = Tap::open(End::WithoutTls).await;
    house.ad(|ad| ad.urls = vec![Url::parse(&format!("ldap://127.0.0.1:{}", tap.port)).unwrap()]);
    assert_eq!(search(&house, Search::All, 1, 25).await, Err(AWAY));
    let heard = tap.heard();
    assert!(holds(&heard[0], START_TLS));
    for heard in heard {
        assert!(!holds(&heard, SERVICE_PASSWORD) && !holds(&heard, SERVICE_UPN), "the bind came in clear");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_dead_controller_is_passed_over(db: PgPool) {
    let mut house = House::open(db).await;
    let dead = nobody("ldaps");
    house.ad(|ad| ad.urls.insert(0, dead.clone()));
    assert_eq!(found(&house, "marta.nordwind").await, ["marta.nordwind"]);
    house.ad(|ad| ad.urls = vec![dead]);
    assert_eq!(search(&house, Search::All, 1, 25).await, Err(AWAY));
}

/// Two that take the connection and say nothing, and a good one: each costs its time-out, and then the good one is known.
#[sqlx::test(migrator = "MIGRATOR")]
async fn controllers_that_hang_are_passed_over(db: PgPool) {
    let mut house = House::open(db).await;
    let (first, second) = (Tap::open(End::Silent).await, Tap::open(End::Silent).await);
    house.ad(|ad| {
        for tap in [&second, &first] {
            ad.urls.insert(0, Url::parse(&format!("ldaps://127.0.0.1:{}", tap.port)).unwrap());
        }
        ad.timeout = Duration::from_secs(1);
    });
    assert_eq!(found(&house, "marta.nordwind").await, ["marta.nordwind"]);
    assert_eq!((first.heard().len(), second.heard().len()), (1, 1));
    assert_eq!(found(&house, "anna.nordwind").await, ["anna.nordwind"]);
}

/// Controllers close connections that are idle; the next search opens another.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_connection_that_was_closed_is_replaced(db: PgPool) {
    let mut house = House::open(db).await;
    let tap = Tap::open(End::Controller(house.sandbox.ldaps_address())).await;
    house.ad(|ad| ad.urls = vec![Url::parse(&format!("ldaps://127.0.0.1:{}", tap.port)).unwrap()]);
    for connections in 1..=3 {
        assert_eq!(found(&house, "marta.nordwind").await, ["marta.nordwind"]);
        assert_eq!(found(&house, "anna.nordwind").await, ["anna.nordwind"]);
        assert_eq!(tap.heard().len(), connections, "a connection serves more than one search");
        tap.cut();
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_tells_all_that_is_known(db: PgPool) {
    let house = House::open(db).await;
    let workspace = house.workspace(1, "Marta.NORDWIND", "AVAILABLE").await;
    let guid = house.guid("marta.nordwind");
    let page = people::get(&house.services, &helpdesk(), guid).await.unwrap();
    assert_eq!(page.person.unwrap().account, "marta.nordwind");
    assert_eq!(page.places.len(), 1);
    let place = &page.places[0];
    assert_eq!((place.directory.as_str(), place.registration_code.as_deref()), (DIRECTORY, Some(CODE)));
    assert!(place.can_take_launches);
    assert_eq!(place.workspaces.iter().map(|workspace| &workspace.id).collect::<Vec<_>>(), [&workspace]);
    assert_eq!(place.obstacles, [Obstacle::AlreadyHas { workspace: workspace.clone() }]);
    assert!(page.invitations.is_empty() && page.launches.is_empty());

    let outcomes = invitations::invite(&house.services, &helpdesk(), vec![workspace], "lost the code".into()).await.unwrap();
    let invitation = *outcomes[0].1.as_ref().unwrap();
    let launch = house.launch(&["ben.nordwind"]).await;
    let marta = people::get(&house.services, &helpdesk(), guid).await.unwrap();
    assert_eq!(marta.invitations.iter().map(|invitation| invitation.id).collect::<Vec<_>>(), [invitation]);
    assert!(marta.launches.is_empty(), "another person's launch");
    let ben = people::get(&house.services, &helpdesk(), house.guid("ben.nordwind")).await.unwrap();
    assert_eq!(ben.launches.iter().map(|launch| launch.id).collect::<Vec<_>>(), [launch]);
    assert_eq!(ben.places[0].obstacles, [Obstacle::BeingLaunched]);
    assert!(ben.places[0].workspaces.is_empty() && ben.invitations.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_left_active_directory_is_still_known(db: PgPool) {
    let house = House::open(db).await;
    let workspace = house.workspace(1, "marta.nordwind", "AVAILABLE").await;
    let guid = house.guid("marta.nordwind");
    invitations::invite(&house.services, &helpdesk(), vec![workspace.clone()], "lost the code".into()).await.unwrap();
    house.sandbox.company().remove("marta.nordwind");
    let page = people::get(&house.services, &helpdesk(), guid).await.unwrap();
    assert_eq!((page.person, page.ad_problem), (None, None));
    assert_eq!(page.invitations.len(), 1);
    assert_eq!(page.places[0].workspaces[0].id, workspace);
    assert_eq!(page.places[0].registration_code.as_deref(), Some(CODE));

    let stranger = PersonGuid(Uuid::from_u128(1));
    assert_eq!(people::get(&house.services, &helpdesk(), stranger).await, Err(Error::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_works_while_active_directory_is_away(db: PgPool) {
    let mut house = House::open(db).await;
    let workspace = house.workspace(1, "marta.nordwind", "AVAILABLE").await;
    invitations::invite(&house.services, &helpdesk(), vec![workspace], "lost the code".into()).await.unwrap();
    house.ad_away();
    let page = people::get(&house.services, &helpdesk(), house.guid("marta.nordwind")).await.unwrap();
    assert_eq!((page.person, page.ad_problem.as_deref()), (None, Some("corp.example.com does not answer.")));
    assert_eq!((page.places.len(), page.invitations.len()), (1, 1));
    // Nobody can say that there is no such person now.
    let stranger = people::get(&house.services, &helpdesk(), PersonGuid(Uuid::from_u128(1))).await.unwrap();
    assert!(stranger.ad_problem.is_some());
}

/// What happened in directories outside the actor's scope is not theirs to see.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_is_narrowed_to_the_scope(db: PgPool) {
    let house = House::open(db).await;
    let workspace = house.workspace(1, "marta.nordwind", "AVAILABLE").await;
    invitations::invite(&house.services, &helpdesk(), vec![workspace], "lost the code".into()).await.unwrap();
    let launch = house.launch(&["ben.nordwind"]).await;
    let elsewhere = person(Role::Helpdesk, Some(UNREGISTERED));
    let marta = people::get(&house.services, &elsewhere, house.guid("marta.nordwind")).await.unwrap();
    assert!(marta.places.is_empty());
    assert_eq!(marta.invitations, [], "invitations of another directory");
    let ben = people::get(&house.services, &elsewhere, house.guid("ben.nordwind")).await.unwrap();
    assert_eq!(ben.launches, [], "launches of another directory");
    let gone = house.guid("marta.nordwind");
    house.sandbox.company().remove("marta.nordwind");
    assert_eq!(people::get(&house.services, &elsewhere, gone).await, Err(Error::NotFound));

    let here = person(Role::Helpdesk, Some(DIRECTORY));
    let ben = people::get(&house.services, &here, house.guid("ben.nordwind")).await.unwrap();
    assert_eq!(ben.launches.iter().map(|launch| launch.id).collect::<Vec<_>>(), [launch]);
    for role in [Role::Auditor, Role::Requester, Role::Approver] {
        let outcome = people::get(&house.services, &person(role, None), house.guid("ben.nordwind")).await;
        assert!(matches!(outcome, Err(Error::NotAllowed { .. })), "{role:?}");
    }
}
