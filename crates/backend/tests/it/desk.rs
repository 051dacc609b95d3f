//! How Frontdesk itself works for a directory: whom its people call, where they are looked up, and who may work there.

use backend::{
    access::{self, Identity},
    directories::{self, desk, settings},
    launches, people,
    workspaces::{
        self,
        act::{self, Yes},
    },
};
use model::{
    DirectoryId, Error, PageRequest,
    access::{Actor, Role, Scope},
    directories::{Desk, DeskForm, Language},
    people::{Obstacle, Search},
    workspaces::WorkspaceAction,
};
use sqlx::PgPool;

use crate::{
    connect::{admin, field},
    house::{DIRECTORY, House, UNREGISTERED, count, helpdesk, person, token},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

fn id() -> DirectoryId {
    DIRECTORY.parse().unwrap()
}

fn form() -> DeskForm {
    DeskForm { language: "en".into(), ..DeskForm::default() }
}

async fn set(house: &House, form: &DeskForm) -> model::Result<()> {
    desk::set(&house.services, &admin(), &id(), form).await
}

async fn kept(house: &House) -> Desk {
    settings::settings(&house.services, &admin(), &id()).await.unwrap().desk.desk
}

async fn hits(house: &House, search: Search) -> Vec<(String, Vec<Obstacle>)> {
    let page = PageRequest { number: 1, size: 100 };
    let hits = people::search(&house.services, &helpdesk(), &id(), search, page).await.unwrap().hits;
    hits.into_iter().map(|hit| (hit.person.account, hit.obstacles)).collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn its_people_are_written_to_in_their_language_and_told_whom_to_call(db: PgPool) {
    let house = House::open(db).await;
    let german =
        DeskForm { language: "de".into(), phone: "+49 89 777".into(), hours: "Mo\u{2013}Fr 8\u{2013}18".into(), ..form() };
    set(&house, &german).await.unwrap();
    house.queued(1, "marta.nordwind").await;
    house.send().await;
    let mail = house.mails().remove(0);
    for fact in ["Registrierungscode", "+49 89 777", "Mo\u{2013}Fr 8\u{2013}18", "helpdesk@corp.example.com"] {
        assert!(mail.text.contains(fact) && mail.html.contains(fact), "{fact}: what is not set is the installation's");
    }
    assert!(!mail.text.contains("+49 30 1234567"));
    let opened = backend::invitations::welcome(&house.services, &token(&mail.text)).await.unwrap().unwrap();
    assert_eq!((opened.language, opened.contact.phone.as_deref()), (Language::De, Some("+49 89 777")));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_people_of_its_unit_can_be_launched(db: PgPool) {
    let house = House::open(db).await;
    let everybody = hits(&house, Search::All).await;
    let units = settings::settings(&house.services, &admin(), &id()).await.unwrap().units.unwrap();
    let unit = units.iter().find(|unit| unit.ends_with(",OU=People,DC=corp,DC=example,DC=com")).unwrap();
    set(&house, &DeskForm { scope_ou: unit.to_lowercase(), ..form() }).await.unwrap();
    assert_eq!(kept(&house).await.scope_ou.as_ref(), Some(unit), "as Active Directory writes it");
    let within = hits(&house, Search::All).await;
    assert!(!within.is_empty() && within.len() < everybody.len(), "{} of {}", within.len(), everybody.len());
    assert!(within.iter().all(|(_, obstacles)| !obstacles.contains(&Obstacle::OutOfScope)));
    let outside = everybody.iter().find(|(account, _)| !within.iter().any(|(inside, _)| inside == account)).unwrap();
    let found = hits(&house, Search::Term(outside.0.clone())).await;
    assert_eq!(found[0].1.first(), Some(&Obstacle::OutOfScope), "who is looked for is found, and the row says why");
    let nowhere = DeskForm { scope_ou: "OU=Nowhere,DC=corp,DC=example,DC=com".into(), ..form() };
    assert_eq!(field(set(&house, &nowhere).await.unwrap_err()), "scope_ou");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn its_people_may_be_in_another_domain_than_its_name_says(db: PgPool) {
    let house = House::open(db).await;
    house.execute("update directory set name = 'cloud.example.com'").await;
    let (directory, _) = directories::one(&house.services, &admin(), &id()).await.unwrap();
    assert!(!directory.people_known && directory.why_not().unwrap().contains("cloud.example.com"));
    let other = DeskForm { ad_domain: "other.example.com".into(), ..form() };
    assert_eq!(field(set(&house, &other).await.unwrap_err()), "ad_domain");
    let whole = DeskForm { ad_domain: "corp.example.com".into(), ..form() };
    let own = desk::set(&house.services, &person(Role::Admin, Some(DIRECTORY)), &id(), &whole).await;
    assert!(matches!(own, Err(Error::NotAllowed { .. })), "whose people are seen is for admins of all directories");
    set(&house, &whole).await.unwrap();
    let (directory, _) = directories::one(&house.services, &admin(), &id()).await.unwrap();
    assert_eq!((directory.people_known, directory.why_not()), (true, None));
    assert!(!hits(&house, Search::Term("nordwind".into())).await.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_group_of_its_own_is_helpdesk_here_and_nowhere_else(db: PgPool) {
    let mut house = House::open(db.clone()).await;
    house.set(|settings| settings.access.roles.clear());
    let entry = access::find_entry(&house.services, "tbrandt@corp.example.com").await.unwrap();
    let identity = Identity { subject: "subject-of-tomas".into(), name: "Tomas".into(), entry, refresh: None };
    let session = access::open_session(&house.services, identity).await.unwrap();
    let grants = async || access::person(&house.services, &session, access::Freshness::Now).await.unwrap().grants;
    assert!(grants().await.is_empty());
    let typed = "service desk berlin\ncn=frontdesk-helpdesk,ou=groups,dc=corp,dc=example,dc=com";
    set(&house, &DeskForm { helpdesk_groups: typed.into(), ..form() }).await.unwrap();
    let written = ["Service Desk Berlin", "CN=Frontdesk-Helpdesk,OU=Groups,DC=corp,DC=example,DC=com"];
    assert_eq!(
        kept(&house).await.helpdesk_groups,
        written,
        "as Active Directory writes them, because roles are compared by that"
    );
    let held = grants().await;
    assert!(held.iter().all(|grant| grant.role == Role::Helpdesk && grant.scope == Scope::Directories(vec![id()])));
    assert_eq!(held.len(), 2, "directly, and by a group in a group");
    let noted: String = sqlx::query_scalar("select detail from audit where action = 'change_directory' and phase = 'finished'")
        .fetch_one(&db)
        .await
        .unwrap();
    assert!(noted.contains("helpdesk groups: Service Desk Berlin; CN=Frontdesk-Helpdesk"), "{noted}");
    let unknown = set(&house, &DeskForm { auditor_groups: "Nobody at all".into(), ..form() }).await.unwrap_err();
    assert_eq!(field(unknown), "auditor_groups");
    set(&house, &form()).await.unwrap();
    assert!(grants().await.is_empty(), "taken away again");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn times_of_a_directory_stand_in_its_zone(db: PgPool) {
    let house = House::open(db).await;
    house.execute("update directory set launched_at = '2026-07-01 12:00:00+00'").await;
    let launched = async || {
        let (directory, _) = directories::one(&house.services, &admin(), &id()).await.unwrap();
        directory.launched.unwrap().local
    };
    let before = launched().await;
    set(&house, &DeskForm { time_zone: "America/New_York".into(), ..form() }).await.unwrap();
    assert_eq!(launched().await, "1 Jul 2026, 08:00 EDT");
    assert_ne!(before, launched().await);
    for wrong in ["Mars/Olympus", "CET+1", "Europe"] {
        let refused = set(&house, &DeskForm { time_zone: wrong.into(), ..form() }).await;
        assert_eq!(field(refused.unwrap_err()), "time_zone", "{wrong}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn so_do_those_of_its_launches_desktops_and_mails(db: PgPool) {
    let house = House::open(db).await;
    set(&house, &DeskForm { time_zone: "Asia/Tokyo".into(), ..form() }).await.unwrap();
    let launch = house.launch(&["marta.nordwind"]).await;
    house.work(launch).await;
    let (services, helpdesk) = (&house.services, helpdesk());
    let items = house.items(launch).await;
    let workspace = items[0].workspace.clone().unwrap();
    let page = workspaces::get(services, &helpdesk, workspace).await.unwrap();
    let started = launches::get(services, &helpdesk, launch).await.unwrap().summary.started;
    let batch = act::prepare(services, &helpdesk, WorkspaceAction::Stop, vec![page.workspace.id.clone()]).await.unwrap();
    act::start(services, &helpdesk, batch, WorkspaceAction::Stop, Yes { typed: String::new(), reason: "night".into() })
        .await
        .unwrap();
    let (_, rows) = act::batch(services, &helpdesk, batch, None, PageRequest::default()).await.unwrap();
    for (what, stamp) in [
        ("launch", started),
        ("row", items[0].since.clone()),
        ("WorkSpace", page.seen),
        ("invitation", page.invitations[0].since.clone()),
        ("action", rows.rows[0].since.clone()),
    ] {
        assert!(stamp.local.ends_with(" JST"), "{what}: {stamp:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_admins_of_the_directory_set_it_and_a_sweep_leaves_it(db: PgPool) {
    let mut house = House::open(db.clone()).await;
    for actor in [helpdesk(), person(Role::Admin, Some(UNREGISTERED)), Actor::Invitee] {
        assert!(desk::set(&house.services, &actor, &id(), &form()).await.is_err());
    }
    assert_eq!(count(&db, "audit where action = 'change_directory'").await, 0);
    set(&house, &DeskForm { phone: "+49 89 777".into(), ..form() }).await.unwrap();
    house.job("sweep_directories").await;
    assert_eq!(kept(&house).await.contact.phone.as_deref(), Some("+49 89 777"));
    house.ad_away();
    let away = set(&house, &DeskForm { scope_ou: "OU=People,DC=corp,DC=example,DC=com".into(), ..form() }).await;
    assert!(matches!(away, Err(Error::Unavailable { .. })), "{away:?}");
    set(&house, &DeskForm { phone: "+49 89 778".into(), ..form() }).await.unwrap();
}
