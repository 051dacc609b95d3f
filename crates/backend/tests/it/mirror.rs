//! The mirror: what the sweeps bring in from AWS, and what they leave when AWS does not answer.

use backend::{directories, workspaces};
use chrono::TimeDelta;
use model::{
    Error, PageRequest,
    access::Role,
    directories::{Devices, Directory, Freshness},
    workspaces::{Bundle, Filter, Workspace},
};
use sandbox::{Behaviour, faults::Kind};
use sqlx::PgPool;

use crate::house::{CODE, DIRECTORY, House, OFFICE, Plan, UNREGISTERED, count, helpdesk, person};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// As after the first migration: nothing was read yet.
async fn empty(db: PgPool) -> House {
    let plan = Plan::default();
    let behaviour = Behaviour { web_access: true, ..plan.behaviour.clone() };
    let house = House::with(db, Plan { behaviour, ..plan }).await;
    house.execute("delete from directory").await;
    house.execute("delete from bundle").await;
    house.execute("update mirror set read_at = null").await;
    house
}

async fn fleet(house: &House) -> (Vec<Workspace>, Freshness) {
    let page = PageRequest { number: 1, size: 100 };
    let (page, freshness) = workspaces::list(&house.services, &helpdesk(), Filter::default(), page).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.rows.len()).unwrap());
    (page.rows, freshness)
}

async fn bundles(house: &House) -> (Vec<Bundle>, Freshness) {
    workspaces::bundles(&house.services, &helpdesk()).await.unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_first_sweep_finds_two_directories_and_the_fleet(db: PgPool) {
    let house = empty(db).await;
    let (found, freshness) = directories::list(&house.services, &helpdesk()).await.unwrap();
    assert_eq!((found, freshness), (vec![], Freshness { read: None, problem: None }));

    house.job("sweep_directories").await;
    let (found, freshness) = directories::list(&house.services, &helpdesk()).await.unwrap();
    assert!(freshness.read.is_some() && freshness.problem.is_none(), "{freshness:?}");
    let [registered, other] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((registered.id.as_str(), registered.name.as_str()), (DIRECTORY, "corp.example.com"));
    assert_eq!((registered.short_name.as_deref(), registered.stage.as_str()), (Some("CORP"), "Active"));
    assert_eq!((registered.registration.as_deref(), registered.registration_code.as_deref()), (Some("REGISTERED"), Some(CODE)));
    assert_eq!(registered.devices, Devices { web: true, ..Devices::default() });
    assert_eq!(registered.why_not(), None);
    assert_eq!((other.id.as_str(), other.name.as_str(), &other.registration), (UNREGISTERED, "lab.example.com", &None));
    assert!(other.why_not().is_some_and(|why| why.contains("not registered")), "{:?}", other.why_not());

    // The fleet follows by itself the first time, because it needs the directories.
    house.run_waiting().await;
    let (workspaces, freshness) = fleet(&house).await;
    assert_eq!(workspaces.len(), 12);
    assert!(freshness.read.is_some());
}

/// The order in which the sweeps run the first time is anybody's.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_fleet_without_directories_was_not_read(db: PgPool) {
    let house = empty(db).await;
    house.job("sweep_workspaces").await;
    assert_eq!(fleet(&house).await.1.read, None);
    house.job("sweep_directories").await;
    house.run_waiting().await;
    assert_eq!(fleet(&house).await.0.len(), 12);
}

/// The crontab's job comes with null for a payload.
#[sqlx::test(migrator = "MIGRATOR")]
async fn the_clock_wakes_what_has_grown_old(db: PgPool) {
    let house = empty(db).await;
    house.execute("select graphile_worker.add_job('tick', 'null'::json)").await;
    backend::worker::run_once(&house.services).await.unwrap();
    house.no_job_failed().await;
    house.run_waiting().await;
    // The fleet's sweep may have come before the directories'.
    house.run_waiting().await;
    let (found, freshness) = directories::list(&house.services, &helpdesk()).await.unwrap();
    assert_eq!(found.len(), 2);
    assert!(freshness.read.is_some() && fleet(&house).await.1.read.is_some() && bundles(&house).await.1.read.is_some());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn all_pages_of_bundles_come_in(db: PgPool) {
    let house = empty(db).await;
    house.job("sweep_bundles").await;
    assert_eq!(house.calls("workspaces:DescribeWorkspaceBundles"), 3, "two pages of AWS's, one of the account's own");
    let (found, freshness) = bundles(&house).await;
    assert!(freshness.read.is_some() && freshness.problem.is_none());
    assert_eq!(found.len(), 40);
    let own: Vec<_> = found.iter().take(3).map(|bundle| (bundle.name.as_str(), bundle.owner.as_str())).collect();
    let account = "123456789012";
    assert_eq!(own, [("Call-Center", account), ("Developer-16GB", account), ("Office-Desk", account)]);
    assert!(found[3..].iter().all(|bundle| bundle.owner == "AMAZON"));
    let office = found.iter().find(|bundle| bundle.id.as_str() == OFFICE).unwrap();
    assert_eq!((office.compute.as_str(), office.root_gib, office.user_gib), ("STANDARD", Some(80), Some(50)));
    assert!(found.iter().any(|bundle| bundle.id.as_str() == "wsb-gp4x00001"), "the last one of the second page");

    // Families that AWS has ended are known, but nobody is offered them.
    house.execute("update bundle set compute = 'GRAPHICSPRO' where bundle_id = 'wsb-gp4x00001'").await;
    house.execute("update bundle set state = 'ERROR' where bundle_id = 'wsb-own000001'").await;
    house.execute("insert into bundle (bundle_id, name, owner, compute, seen_at) values ('wsb-000000gone', 'Gone', '1', 'VALUE', 'epoch')").await;
    assert_eq!(bundles(&house).await.0.len(), 39);
    house.job("sweep_bundles").await;
    let again: Vec<_> = bundles(&house).await.0.into_iter().map(|bundle| bundle.id).collect();
    assert_eq!(again, found.into_iter().map(|bundle| bundle.id).collect::<Vec<_>>(), "as AWS says");
    assert_eq!(count(&house.db, "bundle where gone_at is not null").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn all_pages_of_the_fleet_come_in(db: PgPool) {
    let house = empty(db).await;
    for (number, account) in
        ["anna", "ben", "clara", "david", "emil", "frida", "greta", "hannes", "ida", "jonas", "karla", "leon", "marta"]
            .iter()
            .enumerate()
    {
        house.at_aws(&format!("ws-9000000{number:02}"), &format!("{account}.nordwind"));
        house.at_aws(&format!("ws-9100000{number:02}"), &format!("{account}.seewald"));
    }
    house.job("sweep_directories").await;
    house.job("sweep_workspaces").await;
    let (found, _) = fleet(&house).await;
    assert_eq!(found.len(), 38);
    let marta = found.iter().find(|workspace| workspace.user_name == "marta.seewald").unwrap();
    assert_eq!((marta.id.as_str(), marta.state.as_str()), ("ws-910000012", "AVAILABLE"));
    assert_eq!((marta.directory.as_str(), marta.person), (DIRECTORY, None));
    assert_eq!(marta.running_mode, Some(model::workspaces::RunningMode::AlwaysOn));
    assert!(marta.computer_name.is_some());
    let list =
        async |filter: Filter| workspaces::list(&house.services, &helpdesk(), filter, PageRequest::default()).await.unwrap().0;
    assert_eq!(list(Filter { state: Some("STOPPED".into()), ..Filter::default() }).await.total, 5);
    assert_eq!(list(Filter { q: "SEEWALD".into(), ..Filter::default() }).await.total, 13);
    let second = workspaces::list(&house.services, &helpdesk(), Filter::default(), PageRequest { number: 2, size: 25 }).await;
    assert_eq!(second.unwrap().0.rows.len(), 13);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_was_terminated_leaves_the_fleet(db: PgPool) {
    let house = empty(db).await;
    house.at_aws("ws-900000001", "marta.nordwind");
    house.job("sweep_directories").await;
    house.job("sweep_workspaces").await;
    let state =
        async || fleet(&house).await.0.into_iter().find(|found| found.user_name == "marta.nordwind").map(|found| found.state);
    assert_eq!(state().await.as_deref(), Some("AVAILABLE"));
    let now = house.sandbox.clock().now();
    house.sandbox.state().memory().workspaces.last_mut().unwrap().terminated_at = Some(now);
    house.job("sweep_workspaces").await;
    assert_eq!(state().await.as_deref(), Some("TERMINATING"));
    house.sandbox.clock().advance(TimeDelta::seconds(10));
    house.job("sweep_workspaces").await;
    assert_eq!(state().await, None);
    assert_eq!(fleet(&house).await.0.len(), 12, "and no other");
    // Links in old mails and records still lead somewhere.
    let page = workspaces::get(&house.services, &helpdesk(), "ws-900000001".parse().unwrap()).await.unwrap();
    assert_eq!(page.workspace.state, "TERMINATED");
}

/// A sweep may run before AWS shows what it just accepted.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_was_just_accepted_does_not_leave_the_fleet(db: PgPool) {
    let house = House::open(db).await;
    let behaviour = Behaviour { visibility_lag_ms: 3_600_000, ..house.sandbox.state().behaviour() };
    house.sandbox.state().set_behaviour(behaviour);
    house.launch(&["marta.nordwind"]).await;
    house.run().await;
    let ours = async || fleet(&house).await.0.iter().filter(|found| found.user_name == "marta.nordwind").count();
    assert_eq!(ours().await, 1);
    house.sandbox.clock().advance(TimeDelta::seconds(60));
    house.job("sweep_workspaces").await;
    assert_eq!(ours().await, 1);
    house.sandbox.clock().advance(TimeDelta::seconds(300));
    house.job("sweep_workspaces").await;
    assert_eq!(ours().await, 0, "after the lag it counts as gone");
}

/// How long ago something is said to be that was done in this test, on a machine with little to do or much.
fn is_fresh(ago: &str) -> bool {
    ago == "just now" || ago.ends_with(" seconds ago")
}

/// Without what is told relative to now, which changes when the time moves on.
fn timeless(found: Vec<Directory>) -> Vec<Directory> {
    found.into_iter().map(|directory| Directory { launched: None, stage_since: None, ..directory }).collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sweep_that_fails_keeps_the_picture_and_says_so(db: PgPool) {
    let house = empty(db).await;
    house.job("sweep_directories").await;
    house.job("sweep_bundles").await;
    house.job("sweep_workspaces").await;
    let before = (directories::list(&house.services, &helpdesk()).await.unwrap(), bundles(&house).await, fleet(&house).await);
    house.sandbox.clock().advance(TimeDelta::minutes(30));
    house.fault_at("DescribeWorkspaceDirectories", Kind::ServerError, 1);
    house.fault_at("DescribeWorkspaceBundles", Kind::Throttle, 1);
    house.fault_at("DescribeWorkspaces", Kind::LoseReply, 1);
    house.job("sweep_directories").await;
    house.job("sweep_bundles").await;
    house.job("sweep_workspaces").await;
    let after = (directories::list(&house.services, &helpdesk()).await.unwrap(), bundles(&house).await, fleet(&house).await);
    assert_eq!(timeless(after.0.0), timeless(before.0.0));
    assert_eq!(after.1.0, before.1.0);
    assert_eq!(after.2.0, before.2.0);
    let pictures = [(&before.0.1, &after.0.1), (&before.1.1, &after.1.1), (&before.2.1, &after.2.1)];
    for (part, (before, after)) in ["directories", "bundles", "workspaces"].into_iter().zip(pictures) {
        assert!(before.problem.is_none() && is_fresh(&before.read.as_ref().unwrap().ago), "{part}: {before:?}");
        assert_eq!(after.read.as_ref().unwrap().local, before.read.as_ref().unwrap().local, "{part}");
        assert_eq!(after.read.as_ref().unwrap().ago, "30 minutes ago", "{part}");
        assert!(after.problem.as_deref().is_some_and(|problem| problem.starts_with("AWS:")), "{part}: {:?}", after.problem);
    }
    let words = after.0.1.problem.unwrap();
    assert!(words.contains("HTTP 500") && words.contains("InternalFailure"), "{words}");
    assert!(!words.to_lowercase().contains("content-type"), "the answer itself stands there, with its headers: {words}");
    assert_eq!(after.1.1.problem.as_deref(), Some("AWS: throttled"));

    house.job("sweep_bundles").await;
    let freshness = bundles(&house).await.1;
    assert!(freshness.problem.is_none() && is_fresh(&freshness.read.as_ref().unwrap().ago), "{freshness:?}");
}

/// The second page fails: what was read of the first proves nothing about the rest.
#[sqlx::test(migrator = "MIGRATOR")]
async fn half_a_reading_makes_nothing_disappear(db: PgPool) {
    let house = empty(db).await;
    for number in 10..30 {
        house.at_aws(&format!("ws-9000000{number}"), "marta.nordwind");
    }
    house.job("sweep_directories").await;
    house.job("sweep_workspaces").await;
    assert_eq!(fleet(&house).await.0.len(), 32);
    // The first answer comes late enough for the fault that meets the second call.
    house.sandbox.clock().advance(TimeDelta::minutes(10));
    house.fault_at("DescribeWorkspaces", Kind::Delay { ms: 2_000 }, 1);
    let calls = house.calls("workspaces:DescribeWorkspaces");
    let fail_the_second = async {
        house.faults_met().await;
        house.fault_at("DescribeWorkspaces", Kind::ServerError, 1);
    };
    tokio::join!(house.job("sweep_workspaces"), fail_the_second);
    assert_eq!(house.calls("workspaces:DescribeWorkspaces"), calls + 2);
    let (found, freshness) = fleet(&house).await;
    assert_eq!(found.len(), 32);
    assert!(freshness.problem.is_some());
    assert_eq!(freshness.read.unwrap().ago, "10 minutes ago");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_directory_that_aws_does_not_name_is_gone(db: PgPool) {
    let house = empty(db).await;
    house
        .execute(
            "insert into directory (directory_id, name, stage, device_windows, device_macos, device_linux, device_ios, device_android,
                                    device_web, seen_at)
             values ('d-0123456789', 'old.example.com', 'Active', true, true, true, true, true, true, 'epoch')",
        )
        .await;
    assert_eq!(directories::list(&house.services, &helpdesk()).await.unwrap().0.len(), 1);
    house.job("sweep_directories").await;
    let found = directories::list(&house.services, &helpdesk()).await.unwrap().0;
    assert_eq!(found.iter().map(|directory| directory.id.as_str()).collect::<Vec<_>>(), [DIRECTORY, UNREGISTERED]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_picture_is_narrowed_to_the_scope(db: PgPool) {
    let house = House::open(db).await;
    house.second_directory().await;
    let workspace = house.workspace(1, "marta.nordwind", "AVAILABLE").await;
    let services = &house.services;
    let elsewhere = &person(Role::Auditor, Some(UNREGISTERED));
    let seen = directories::list(services, elsewhere).await.unwrap().0;
    assert_eq!(seen.iter().map(|directory| directory.id.as_str()).collect::<Vec<_>>(), [UNREGISTERED]);
    assert_eq!(workspaces::list(services, elsewhere, Filter::default(), PageRequest::default()).await.unwrap().0.total, 0);
    assert!(matches!(workspaces::get(services, elsewhere, workspace.clone()).await, Err(Error::NotAllowed { .. })));
    let here = &person(Role::Auditor, Some(DIRECTORY));
    assert_eq!(workspaces::list(services, here, Filter::default(), PageRequest::default()).await.unwrap().0.total, 1);
    assert_eq!(workspaces::get(services, here, workspace).await.unwrap().directory.id.as_str(), DIRECTORY);
    for role in [Role::Requester, Role::Approver] {
        let actor = &person(role, None);
        assert!(matches!(directories::list(services, actor).await, Err(Error::NotAllowed { .. })), "{role:?}");
        assert!(matches!(workspaces::bundles(services, actor).await, Err(Error::NotAllowed { .. })), "{role:?}");
    }
}
