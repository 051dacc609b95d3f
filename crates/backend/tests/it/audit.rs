//! The record: the serving role adds and reads, nobody changes, and only admins and auditors look.

use backend::{audit, request};
use model::{
    Error, PageRequest,
    access::{Actor, Role},
    audit::{Action, Filter, ObjectLink, Outcome, Phase},
};
use sqlx::{PgPool, Row};

use crate::house::{House, helpdesk, person};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// PostgreSQL's insufficient_privilege.
const REFUSED: &str = "42501";

async fn note(house: &House, actor: &Actor, action: Action, kind: &str, id: &str, name: &str, outcome: Outcome) {
    let object = audit::Object { kind, id: id.into(), name: name.into() };
    let record = audit::Record { action, object, person: None, detail: None };
    let mut connection = house.db.acquire().await.unwrap();
    audit::noted(&mut connection, &house.services, actor, &record, outcome).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_serving_role_adds_and_reads_only(db: PgPool) {
    let house = House::open(db).await;
    let mut connection = house.db.acquire().await.unwrap();
    sqlx::query("set role frontdesk_serve").execute(&mut *connection).await.unwrap();
    let object = audit::Object { kind: "session", id: "1".into(), name: "Helena".into() };
    let record = audit::Record { action: Action::SignIn, object, person: None, detail: None };
    audit::noted(&mut connection, &house.services, &helpdesk(), &record, Outcome::Succeeded).await.unwrap();
    let rows = sqlx::query("select id, phase from audit order by id").fetch_all(&mut *connection).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.get::<String, _>("phase")).collect::<Vec<_>>(), ["attempted", "finished"]);
    for forbidden in [
        "update audit set detail = 'x'",
        "update audit set detail = 'x' where false",
        "delete from audit",
        "delete from audit where false",
        "truncate audit",
        "drop table audit",
        "alter table audit add column x text",
        "alter table audit disable trigger all",
        "select * from audit for update",
        "select setval('audit_id_seq', 1)",
        "insert into audit (at, operation, phase, action, actor, actor_name, object_kind, object_id, object_name)
         select at, operation, phase, action, actor, actor_name, object_kind, object_id, object_name from audit
         on conflict (id) do update set detail = 'x'",
        "create table public.x ()",
        "create schema x",
        "set session_replication_role = replica",
        "grant update on audit to public",
        "alter role frontdesk_serve superuser",
    ] {
        let outcome = sqlx::query(forbidden).execute(&mut *connection).await;
        match outcome {
            Err(error) => {
                let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
                assert_eq!(code.as_deref(), Some(REFUSED), "{forbidden}: {error}");
            }
            // PostgreSQL only warns of a grant that the role may not give.
            Ok(_) => assert!(forbidden.starts_with("grant"), "{forbidden} was done"),
        }
    }
    let after = sqlx::query("select id, phase from audit order by id").fetch_all(&mut *connection).await.unwrap();
    assert_eq!(after.len(), 2);
    sqlx::query("reset role").execute(&mut *connection).await.unwrap();
    for privilege in ["UPDATE", "DELETE", "TRUNCATE"] {
        let has: bool = sqlx::query_scalar("select has_table_privilege('frontdesk_serve', 'audit', $1)")
            .bind(privilege)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert!(!has, "{privilege}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_serving_role_owns_nothing(db: PgPool) {
    let house = House::open(db).await;
    let owned: Vec<String> = sqlx::query_scalar(
        "select c.oid::regclass::text from pg_class c where pg_get_userbyid(c.relowner) = 'frontdesk_serve'
         union all select nspname::text from pg_namespace where pg_get_userbyid(nspowner) = 'frontdesk_serve'
         union all select proname::text from pg_proc where pg_get_userbyid(proowner) = 'frontdesk_serve'
         union all select datname::text from pg_database where pg_get_userbyid(datdba) = 'frontdesk_serve'",
    )
    .fetch_all(&house.db)
    .await
    .unwrap();
    assert_eq!(owned, [""; 0]);
    let special: bool = sqlx::query_scalar(
        "select rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication or rolcanlogin
         from pg_roles where rolname = 'frontdesk_serve'",
    )
    .fetch_one(&house.db)
    .await
    .unwrap();
    assert!(!special);
    // Owners of other tables are not among its groups either.
    let groups: i64 = sqlx::query_scalar(
        "select count(*) from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname = 'frontdesk_serve'",
    )
    .fetch_one(&house.db)
    .await
    .unwrap();
    assert_eq!(groups, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_list_is_narrowed_and_paged(db: PgPool) {
    let house = House::open(db).await;
    let launch = "01a20f63-b0eb-77c6-bab0-44d611bc0dec";
    for number in 0..20 {
        note(&house, &helpdesk(), Action::SignIn, "session", &format!("session-{number}"), "Helena Keller", Outcome::Succeeded)
            .await;
    }
    let system = Actor::System { on_behalf_of: None };
    note(&house, &system, Action::CreateWorkspace, "launch", launch, "100 % Müller_x", Outcome::Unknown).await;
    let auditor = &person(Role::Auditor, None);
    let refused = note(&house, auditor, Action::Refused, "act", "launch", "launch", Outcome::Failed);
    request::scope("req-4711".into(), refused).await;
    let list = async |q: &str, action: Option<Action>, number: u32| {
        let page = PageRequest { number, size: 25 };
        audit::list(&house.services, auditor, Filter { q: q.into(), action }, page).await.unwrap()
    };
    let first = list("", None, 1).await;
    assert_eq!((first.total, first.rows.len(), first.pages()), (44, 25, 2));
    let newest = &first.rows[0];
    assert_eq!((newest.action, newest.phase, newest.outcome), (Action::Refused, Phase::Finished, Some(Outcome::Failed)));
    assert_eq!(newest.request_id.as_deref(), Some("req-4711"));
    let second = list("", None, 2).await;
    let mut ids: Vec<_> = first.rows.iter().chain(&second.rows).map(|entry| entry.id).collect();
    assert!(ids.is_sorted_by(|newer, older| newer > older), "the newest first, each once");
    ids.dedup();
    assert_eq!(ids.len(), 44);
    assert_eq!((list("", None, 9).await.total, list("", None, 9).await.rows.len()), (44, 0));

    assert_eq!(list("", Some(Action::SignIn), 1).await.total, 40);
    assert_eq!(list("", Some(Action::StartLaunch), 1).await.total, 0);
    assert_eq!(list("frontdesk", None, 1).await.total, 2, "by the actor");
    assert_eq!(list("MüLLER", None, 1).await.total, 2, "by the object's name");
    assert_eq!(list(" session-7 ", None, 1).await.total, 2, "by its id");
    assert_eq!(list("req-4711", None, 1).await.total, 2, "by the request");
    assert_eq!(list("req-4711", Some(Action::SignIn), 1).await.total, 0, "both have to fit");
    assert_eq!(list("%", None, 1).await.total, 2, "a percent sign is one");
    assert_eq!(list("r_x", None, 1).await.total, 2, "and so is an underscore");
    assert_eq!(list("'; drop table audit; --\0", None, 1).await.total, 0);
    let made = &list("", Some(Action::CreateWorkspace), 1).await.rows;
    assert_eq!((made[0].outcome, made[1].outcome, made[1].phase), (Some(Outcome::Unknown), None, Phase::Attempted));
    assert_eq!(made[0].object_link, Some(ObjectLink::Launch(launch.parse().unwrap())));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_admins_and_auditors_look(db: PgPool) {
    let house = House::open(db).await;
    let marta = house.guid("marta.nordwind");
    let object = audit::Object { kind: "person", id: marta.to_string(), name: "Marta Nordwind".into() };
    let record = audit::Record { action: Action::Invite, object, person: Some(marta), detail: Some("lost the code".into()) };
    let mut connection = house.db.acquire().await.unwrap();
    audit::noted(&mut connection, &house.services, &helpdesk(), &record, Outcome::Succeeded).await.unwrap();
    drop(connection);
    for role in Role::ALL {
        let actor = &person(role, None);
        let list = audit::list(&house.services, actor, Filter::default(), PageRequest::default()).await;
        let of_person = audit::of_person(&house.services, actor, marta).await;
        if matches!(role, Role::Admin | Role::Auditor) {
            assert_eq!(list.unwrap().total, 2, "{role:?}");
            let entries = of_person.unwrap();
            assert_eq!((entries.len(), entries[0].detail.as_deref()), (2, Some("lost the code")));
            assert_eq!(entries[0].object_link, Some(ObjectLink::Person(marta)));
        } else {
            let needs = || Error::NotAllowed { needs: vec![Role::Admin, Role::Auditor] };
            assert_eq!(list, Err(needs()), "{role:?}");
            assert_eq!(of_person, Err(needs()), "{role:?}");
        }
    }
    assert_eq!(audit::of_person(&house.services, &person(Role::Admin, None), house.guid("anna.nordwind")).await, Ok(vec![]));
    let invitee = audit::list(&house.services, &Actor::Invitee, Filter::default(), PageRequest::default()).await;
    assert_eq!(invitee, Err(Error::SignIn));
}
