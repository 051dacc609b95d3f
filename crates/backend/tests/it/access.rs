//! Who is signed in, and what they may do: roles from Active Directory's groups, and sessions.

use backend::{
    access::{self, Identity, Session},
    settings::RoleGroup,
};
use chrono::TimeDelta;
use model::{
    Error, PageRequest, Part,
    access::{Act, Actor, Role, Scope},
};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use uuid::Uuid;

use crate::house::{DIRECTORY, House, count, person};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
const AWAY: Error = Error::Unavailable { part: Part::ActiveDirectory };
/// Needs no fresh roles, and one that does; helpdesk may both.
const LOOK: Act = Act::SeeDesktops;
const DO: Act = Act::Launch;

async fn house(db: PgPool) -> House {
    let mut house = House::open(db).await;
    let role = |group: &str, role, directories| RoleGroup { group: group.into(), role, directories };
    house.set(|settings| {
        settings.access.roles = vec![
            role("frontdesk-helpdesk", Role::Helpdesk, vec![]),
            role("CN=Frontdesk-Admins,OU=Groups,DC=corp,DC=example,DC=com", Role::Admin, vec![]),
            role("Frontdesk-Auditors", Role::Auditor, vec![DIRECTORY.parse().unwrap()]),
        ];
    });
    house
}

/// The cookie and the session of somebody whom the provider has vouched for.
async fn sign_in(house: &House, account: &str) -> (String, Session) {
    let entry = access::find_entry(&house.services, &format!("{account}@corp.example.com")).await.unwrap();
    let identity = Identity { subject: format!("subject-of-{account}"), name: account.into(), entry, refresh: None };
    let session = access::open_session(&house.services, identity).await.unwrap();
    (session.cookie.expose_secret().to_owned(), session)
}

async fn may(house: &House, session: &Session, act: Act) -> Result<(), Error> {
    access::actor_for(&house.services, session, act).await.map(drop)
}

fn refused(act: Act) -> Result<(), Error> {
    Err(Error::NotAllowed { needs: act.roles().to_vec() })
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn roles_come_from_groups_and_groups_in_groups(db: PgPool) {
    let house = house(db).await;
    let grants = async |account: &str| {
        let (_, session) = sign_in(&house, account).await;
        let person = access::person(&house.services, &session, access::Freshness::Now).await.unwrap();
        assert_eq!(person.guid, session.entry.map(|entry| entry.guid), "{account}");
        person.grants.into_iter().map(|grant| (grant.role, grant.scope)).collect::<Vec<_>>()
    };
    // Helena is in "Service Desk Berlin", which is in "Frontdesk-Helpdesk".
    assert_eq!(grants("hkeller").await, [(Role::Helpdesk, Scope::Everywhere)]);
    assert_eq!(grants("amoreau").await, [(Role::Admin, Scope::Everywhere)]);
    assert_eq!(grants("tokafor").await, [(Role::Auditor, Scope::Directories(vec![DIRECTORY.parse().unwrap()]))]);
    assert_eq!(grants("jsmith").await, []);
    // The provider knows them, Active Directory does not.
    assert_eq!(grants("external.guest").await, []);

    let (_, session) = sign_in(&house, "hkeller").await;
    for act in Act::ALL {
        let expected = if act.roles().contains(&Role::Helpdesk) { Ok(()) } else { refused(act) };
        assert_eq!(may(&house, &session, act).await, expected, "{act:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_withdrawn_role_is_gone_at_once_for_acts(db: PgPool) {
    let house = house(db).await;
    let (_, session) = sign_in(&house, "hkeller").await;
    assert_eq!((may(&house, &session, LOOK).await, may(&house, &session, DO).await), (Ok(()), Ok(())));
    house.sandbox.company().set_member("Service Desk Berlin", "hkeller", false);
    assert_eq!(may(&house, &session, DO).await, refused(DO));
    assert_eq!(may(&house, &session, LOOK).await, refused(LOOK), "what was just read holds for looking too");
    house.sandbox.company().set_member("Service Desk Berlin", "hkeller", true);
    assert_eq!(may(&house, &session, DO).await, Ok(()));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_withdrawn_role_lasts_five_minutes_for_looking(db: PgPool) {
    let house = house(db).await;
    let (_, session) = sign_in(&house, "hkeller").await;
    assert_eq!(may(&house, &session, LOOK).await, Ok(()));
    house.sandbox.company().set_member("Service Desk Berlin", "hkeller", false);
    house.sandbox.clock().advance(TimeDelta::minutes(4));
    assert_eq!(may(&house, &session, LOOK).await, Ok(()));
    house.sandbox.clock().advance(TimeDelta::minutes(1));
    assert_eq!(may(&house, &session, LOOK).await, refused(LOOK));

    // One person's roles are not another's.
    let (_, tomas) = sign_in(&house, "tbrandt").await;
    assert_eq!(may(&house, &tomas, LOOK).await, Ok(()));
    assert_eq!(may(&house, &session, LOOK).await, refused(LOOK));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_active_directory_nobody_acts(db: PgPool) {
    let mut house = house(db).await;
    let (_, session) = sign_in(&house, "hkeller").await;
    assert_eq!(may(&house, &session, DO).await, Ok(()));
    house.ad_away();
    assert_eq!(may(&house, &session, DO).await, Err(AWAY));
    assert_eq!(may(&house, &session, LOOK).await, Ok(()), "roles of a moment ago do for looking");
    house.sandbox.clock().advance(TimeDelta::minutes(5));
    assert_eq!(may(&house, &session, LOOK).await, Err(AWAY), "older ones do not");
    assert_eq!(access::find_entry(&house.services, "hkeller@corp.example.com").await, Err(AWAY));
    assert_eq!(count(&house.db, "audit where action = 'refused'").await, 0, "nobody was refused anything");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_is_disabled_expired_or_gone_has_no_roles(db: PgPool) {
    let house = house(db).await;
    let company = house.sandbox.company();
    let (_, session) = sign_in(&house, "hkeller").await;
    company.change("hkeller", |person| person.user_account_control |= 0x2);
    assert_eq!(may(&house, &session, DO).await, refused(DO));
    company.change("hkeller", |person| person.user_account_control = sandbox::people::NORMAL);
    assert_eq!(may(&house, &session, DO).await, Ok(()));
    company.change("hkeller", |person| person.account_expires = sandbox::people::LONG_AGO);
    assert_eq!(may(&house, &session, DO).await, refused(DO));
    company.change("hkeller", |person| person.account_expires = 0);
    assert_eq!(may(&house, &session, DO).await, Ok(()));
    company.remove("hkeller");
    assert_eq!(may(&house, &session, DO).await, refused(DO));
}

/// A new person with an old person's account is somebody else.
#[sqlx::test(migrator = "MIGRATOR")]
async fn roles_belong_to_the_person_and_not_to_the_account(db: PgPool) {
    let house = house(db).await;
    let (_, session) = sign_in(&house, "hkeller").await;
    house.sandbox.company().change("hkeller", |person| person.guid = Uuid::from_u128(1));
    assert_eq!(may(&house, &session, DO).await, refused(DO));
    let (_, new) = sign_in(&house, "hkeller").await;
    assert_eq!(may(&house, &new, DO).await, Ok(()));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_claim_finds_one_person_or_nobody(db: PgPool) {
    let mut house = house(db).await;
    let found =
        async |house: &House, value: &str| access::find_entry(&house.services, value).await.unwrap().map(|entry| entry.guid);
    let helena = house.guid("hkeller");
    assert_eq!(found(&house, "HKeller@corp.example.com").await, Some(helena));
    for nobody in ["", "*", "hkeller", "hkeller@corp.example.com*", "*)(uid=*"] {
        assert_eq!(found(&house, nobody).await, None, "{nobody:?}");
    }
    house.set(|settings| settings.access.person_claim.attribute = backend::ldap::Attribute::Mail);
    let company = house.sandbox.company();
    assert_eq!(found(&house, "hkeller@corp.example.com").await, Some(helena));
    company.change("jsmith", |person| person.mail = Some("hkeller@corp.example.com".into()));
    assert_eq!(found(&house, "hkeller@corp.example.com").await, None, "two have it, so it tells nobody");
    let sid = company.read().person("hkeller").unwrap().sid();
    house.set(|settings| settings.access.person_claim.attribute = backend::ldap::Attribute::ObjectSid);
    assert_eq!(found(&house, &sid).await, Some(helena));
    assert_eq!(found(&house, "no sid").await, None);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_idle_session_ends(db: PgPool) {
    let house = house(db).await;
    let (cookie, session) = sign_in(&house, "hkeller").await;
    let open = async || access::session(&house.services, &cookie).await.unwrap();
    let same = open().await.unwrap();
    assert_eq!((same.handle, &same.subject, &same.entry), (session.handle, &session.subject, &session.entry));
    for _ in 0..2 {
        house.sandbox.clock().advance(TimeDelta::minutes(29));
        assert!(open().await.is_some(), "each request puts the end off");
    }
    house.sandbox.clock().advance(TimeDelta::minutes(31));
    assert!(open().await.is_none());
    house.sandbox.clock().advance(TimeDelta::minutes(-10));
    assert!(open().await.is_some(), "asking in vain did not end it");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_busy_session_ends_too(db: PgPool) {
    let house = house(db).await;
    let (cookie, session) = sign_in(&house, "hkeller").await;
    for _ in 0..23 {
        house.sandbox.clock().advance(TimeDelta::minutes(26));
        assert!(access::session(&house.services, &cookie).await.unwrap().is_some());
    }
    assert!(access::is_open(&house.services, &session).await.unwrap());
    // 598 minutes are over; ten hours is the limit.
    house.sandbox.clock().advance(TimeDelta::minutes(3));
    assert!(access::session(&house.services, &cookie).await.unwrap().is_none());
    assert!(!access::is_open(&house.services, &session).await.unwrap());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_the_cookie_opens_a_session(db: PgPool) {
    let house = house(db).await;
    let (cookie, session) = sign_in(&house, "hkeller").await;
    let (second, _) = sign_in(&house, "hkeller").await;
    assert_ne!(cookie, second);
    assert_eq!(cookie.len(), 43, "256 bits");
    let handle = session.handle.to_string();
    for wrong in ["", handle.as_str(), &session.subject, &cookie[1..], &format!("{cookie}A")] {
        assert!(access::session(&house.services, wrong).await.unwrap().is_none(), "{wrong:?}");
    }
    let kept: i64 = sqlx::query_scalar("select count(*) from session s where strpos(s::text, $1) > 0 or strpos(s::text, $2) > 0")
        .bind(&cookie)
        .bind(hex::encode(&cookie))
        .fetch_one(&house.db)
        .await
        .unwrap();
    assert_eq!(kept, 0, "the database holds a hash only");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn signing_out_ends_this_session_and_no_other(db: PgPool) {
    let house = house(db).await;
    let (cookie, session) = sign_in(&house, "hkeller").await;
    let (other, _) = sign_in(&house, "hkeller").await;
    access::end_session(&house.services, &session).await.unwrap();
    assert!(access::session(&house.services, &cookie).await.unwrap().is_none());
    assert!(!access::is_open(&house.services, &session).await.unwrap());
    assert!(access::session(&house.services, &other).await.unwrap().is_some());
    assert_eq!(count(&house.db, "session where ended_by = 'subject-of-hkeller'").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn admins_end_anybodys_session(db: PgPool) {
    let house = house(db).await;
    let services = &house.services;
    let (cookie, session) = sign_in(&house, "hkeller").await;
    let (_, idle) = sign_in(&house, "tokafor").await;
    for role in [Role::Helpdesk, Role::Auditor, Role::Requester, Role::Approver] {
        let actor = &person(role, None);
        assert_eq!(access::end_sessions_of(services, actor, session.handle).await, refused(Act::EndSessions), "{role:?}");
        assert!(access::sessions(services, actor, PageRequest::default()).await.is_err(), "{role:?}");
    }
    assert_eq!(access::end_sessions_of(services, &Actor::Invitee, session.handle).await, Err(Error::SignIn));
    house.sandbox.clock().advance(TimeDelta::minutes(31));
    let (fresh, _) = sign_in(&house, "hkeller").await;
    let admin = &person(Role::Admin, None);
    let open = access::sessions(services, admin, PageRequest::default()).await.unwrap();
    assert_eq!((open.total, open.rows[0].account.as_deref()), (1, Some("hkeller")), "idle ones are not open");
    let handle = open.rows[0].handle;
    access::end_sessions_of(services, admin, handle).await.unwrap();
    assert!(access::session(services, &fresh).await.unwrap().is_none());
    assert_eq!(access::end_sessions_of(services, admin, handle).await, Err(Error::NotFound));
    assert_eq!(access::end_sessions_of(services, admin, Uuid::from_u128(1)).await, Err(Error::NotFound));
    assert_eq!(access::sessions(services, admin, PageRequest::default()).await.unwrap().total, 0);
    // Idle, but within its ten hours: what is ended can't come back, whatever the clocks say.
    access::end_sessions_of(services, admin, idle.handle).await.unwrap();
    house.sandbox.clock().advance(TimeDelta::minutes(-31));
    assert!(!access::is_open(services, &idle).await.unwrap());
    assert!(access::session(services, &cookie).await.unwrap().is_some(), "nobody ended this one");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn sign_ins_and_refusals_are_recorded(db: PgPool) {
    let house = house(db).await;
    let services = &house.services;
    let (_, session) = sign_in(&house, "jsmith").await;
    access::sign_in_failed(services, "Mallory", "state_mismatch").await.unwrap();
    assert_eq!(may(&house, &session, DO).await, refused(DO));
    access::end_session(services, &session).await.unwrap();
    let (_, ended) = sign_in(&house, "hkeller").await;
    access::end_sessions_of(services, &person(Role::Admin, None), ended.handle).await.unwrap();
    let record: Vec<(String, String, String, String, Option<String>)> =
        sqlx::query_as("select action, actor, object_name, outcome, detail from audit where phase = 'finished' order by id")
            .fetch_all(&house.db)
            .await
            .unwrap();
    let row = |action: &str, actor: &str, object: &str, outcome: &str, detail: Option<&str>| {
        (action.to_owned(), actor.to_owned(), object.to_owned(), outcome.to_owned(), detail.map(ToOwned::to_owned))
    };
    assert_eq!(
        record,
        [
            row("sign_in", "subject-of-jsmith", "jsmith", "succeeded", None),
            row("sign_in", "system", "Mallory", "failed", Some("state_mismatch")),
            row("refused", "subject-of-jsmith", "launch", "failed", None),
            row("sign_out", "subject-of-jsmith", "jsmith", "succeeded", None),
            row("sign_in", "subject-of-hkeller", "hkeller", "succeeded", None),
            row("end_session", "subject-of-helena", "hkeller", "succeeded", None),
        ]
    );
    assert_eq!(count(&house.db, "audit where phase = 'attempted'").await, 6);
    assert_eq!(count(&house.db, "audit where object_kind = 'act' and object_id = 'launch'").await, 2);
}
