//! Taking a directory down: AWS's order, what stops it, and what nothing stops.

use backend::{
    directories::{self, ip_groups, take_down},
    launches,
};
use chrono::TimeDelta;
use model::{
    Conflict, DirectoryId, Error,
    budget::Class,
    directories::{Halt, IpGroupForm, TakeDown, TakeDownForm, TakeDownStep},
};
use sandbox::faults::Kind;
use sqlx::PgPool;

use crate::{
    budget::counted,
    connect::{admin, field, house, sweep},
    house::{DIRECTORY, House, count, helpdesk},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
/// AWS's words while it has not let go of a connector.
const HELD: &str = "Cannot delete the directory because it still has authorized applications.";

fn id() -> DirectoryId {
    DIRECTORY.parse().unwrap()
}

fn form(count: &str) -> TakeDownForm {
    TakeDownForm { name: "corp.example.com".into(), count: count.into(), reason: "the office closes".into() }
}

/// The sandbox's directory with two people's WorkSpaces, all of it known to the mirror.
async fn with_two(db: PgPool) -> House {
    let house = house(db).await;
    house.sandbox.state().memory().workspaces.clear();
    house.at_aws("ws-000000101", "anna.nordwind");
    house.at_aws("ws-000000102", "marta.nordwind");
    house.job("sweep_workspaces").await;
    sweep(&house).await;
    house
}

/// Its WorkSpaces are used from some addresses only.
async fn only_from_offices(house: &House) {
    let offices = IpGroupForm { name: "Offices".into(), description: String::new(), rules: "203.0.113.0/24".into() };
    ip_groups::create(&house.services, &admin(), &offices).await.unwrap();
    let (groups, _) = ip_groups::list(&house.services, &admin()).await.unwrap();
    ip_groups::attach(&house.services, &admin(), &id(), &[groups[0].id.clone()], false).await.unwrap();
}

async fn begin(house: &House, count: &str) -> model::Result<()> {
    take_down::begin(&house.services, &admin(), &id(), &form(count)).await
}

async fn now(house: &House) -> TakeDown {
    take_down::of(&house.services, &admin(), &id()).await.unwrap().1.unwrap()
}

/// Lets time pass until it is over or stands still.
async fn work(house: &House) -> TakeDown {
    for _ in 0..40 {
        house.run_waiting().await;
        let down = now(house).await;
        if down.step.is_over() || down.halt.is_some() {
            return down;
        }
        house.sandbox.clock().advance(TimeDelta::minutes(1));
    }
    panic!("it does not come to an end: {:?}", now(house).await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn it_goes_in_aws_order_to_the_end(db: PgPool) {
    let house = with_two(db.clone()).await;
    only_from_offices(&house).await;
    let (plan, down, _) = take_down::of(&house.services, &admin(), &id()).await.unwrap();
    let plan = plan.unwrap();
    assert_eq!((plan.workspaces, plan.launching, plan.ip_groups, down), (2, 0, vec!["Offices".to_owned()], None));

    begin(&house, "2").await.unwrap();
    assert!(directories::one(&house.services, &admin(), &id()).await.unwrap().0.why_not().unwrap().contains("taken down"));
    assert_eq!(begin(&house, "2").await, Err(Error::conflict(Conflict::NotTakenDown)), "not twice");
    let down = work(&house).await;
    assert_eq!((down.step, down.halt, down.confirmed), (TakeDownStep::Done, None, 2));
    let log = house.sandbox.calls().counts();
    for (call, times) in [
        ("workspaces:TerminateWorkspaces", 1),
        ("workspaces:DisassociateIpGroups", 1),
        ("workspaces:DeregisterWorkspaceDirectory", 1),
        ("ds:DeleteDirectory", 1),
    ] {
        assert_eq!(log.get(call).map(|count| count.calls), Some(times), "{call}");
    }
    counted(&house, "DeleteDirectory", Class::Launch, 1).await;
    sweep(&house).await;
    assert_eq!(directories::one(&house.services, &admin(), &id()).await.unwrap_err(), Error::NotFound);
    let (plan, down, _) = take_down::of(&house.services, &admin(), &id()).await.unwrap();
    assert!(plan.is_none() && down.unwrap().step == TakeDownStep::Done, "what was done can still be looked up");
    for action in ["take_down_directory", "terminate_workspace", "deregister_directory", "delete_directory"] {
        let sql = format!("select count(*) from audit where action = '{action}' and outcome = 'succeeded'");
        let noted: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&db).await.unwrap();
        assert!(noted > 0, "{action}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_begins_without_name_number_and_reason(db: PgPool) {
    let house = with_two(db.clone()).await;
    for (wrong, name) in [
        (TakeDownForm { name: "corp".into(), ..form("2") }, "name"),
        (form("3"), "count"),
        (form("two"), "count"),
        (TakeDownForm { reason: " ".into(), ..form("2") }, "reason"),
    ] {
        let refused = take_down::begin(&house.services, &admin(), &id(), &wrong).await;
        assert_eq!(field(refused.unwrap_err()), name);
    }
    let refused = take_down::begin(&house.services, &helpdesk(), &id(), &form("2")).await;
    assert!(matches!(refused, Err(Error::NotAllowed { .. })));
    let unknown = take_down::begin(&house.services, &admin(), &"d-0000000000".parse().unwrap(), &form("2")).await;
    assert_eq!(unknown, Err(Error::NotFound));
    assert_eq!((count(&db, "directory_take_down").await, count(&db, "workspace_batch").await), (0, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn people_on_their_way_come_first(db: PgPool) {
    let house = House::open(db).await;
    house.launch(&["anna.nordwind"]).await;
    let (plan, ..) = take_down::of(&house.services, &admin(), &id()).await.unwrap();
    assert!(plan.unwrap().why_not().unwrap().contains("1 person is being launched"));
    assert_eq!(begin(&house, "1").await, Err(Error::conflict(Conflict::NotTakenDown)));
}

/// Somebody launches in AWS's console meanwhile: what they made is not terminated before somebody says so.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_workspace_that_appears_meanwhile_is_asked_about(db: PgPool) {
    let house = with_two(db).await;
    begin(&house, "2").await.unwrap();
    house.at_aws("ws-000000103", "alex.kim");
    let down = work(&house).await;
    assert_eq!((down.step, down.halt), (TakeDownStep::Terminate, Some(Halt::WorkspacesLeft)));
    assert_eq!(house.made_for("alex.kim").len(), 1);
    let today = launches::today(&house.services, &helpdesk()).await.unwrap();
    assert!(today.connectors.iter().any(|trouble| trouble.state.contains("stands still")), "{:?}", today.connectors);
    let go_on = async |typed: &'static str| take_down::go_on(&house.services, &admin(), &id(), typed).await;
    assert_eq!(field(go_on("").await.unwrap_err()), "count");
    assert_eq!(field(go_on("2").await.unwrap_err()), "count");
    go_on("1").await.unwrap();
    assert_eq!(go_on("1").await, Err(Error::conflict(Conflict::TakeDownChanged)), "not twice");
    let down = work(&house).await;
    assert_eq!((down.step, down.confirmed), (TakeDownStep::Done, 3));
}

/// It appears between the last look and the call: AWS refuses to deregister.
#[sqlx::test(migrator = "MIGRATOR")]
async fn aws_refuses_to_deregister_because_a_workspace_appeared(db: PgPool) {
    let house = with_two(db).await;
    house.sandbox.state().memory().workspaces.clear();
    house.job("sweep_workspaces").await;
    begin(&house, "").await.unwrap();
    // As it stands when the look has shown none.
    house.execute("update directory_take_down set step = 'deregister'").await;
    house.at_aws("ws-000000103", "alex.kim");
    assert_eq!(work(&house).await.halt, Some(Halt::WorkspacesLeft));
    assert_eq!(now(&house).await.step, TakeDownStep::Terminate, "back to where WorkSpaces are looked for");
    assert_eq!((house.calls("workspaces:DeregisterWorkspaceDirectory"), house.calls("ds:DeleteDirectory")), (1, 0));
    assert_eq!(house.made_for("alex.kim").len(), 1);
}

/// "Cannot delete the directory because it still has authorized applications": it is tried again for up to an hour.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_connector_that_aws_holds_is_tried_again_for_an_hour(db: PgPool) {
    let house = with_two(db).await;
    begin(&house, "2").await.unwrap();
    let held = || Kind::Refuse { code: "ClientException".into(), message: HELD.into() };
    house.fault_at("DeleteDirectory", held(), 3);
    assert_eq!(work(&house).await.step, TakeDownStep::Done);
    assert_eq!(house.calls("ds:DeleteDirectory"), 4);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn after_an_hour_somebody_is_asked(db: PgPool) {
    let house = with_two(db).await;
    begin(&house, "2").await.unwrap();
    let held = Kind::Refuse { code: "ClientException".into(), message: HELD.into() };
    house.fault_at("DeleteDirectory", held, 1_000);
    let mut down = now(&house).await;
    for _ in 0..120 {
        house.run_waiting().await;
        down = now(&house).await;
        if down.halt.is_some() {
            break;
        }
        house.sandbox.clock().advance(TimeDelta::minutes(1));
    }
    assert_eq!((down.step, down.halt), (TakeDownStep::Delete, Some(Halt::NotReleased)));
    let asked = house.calls("ds:DeleteDirectory");
    assert!((10..40).contains(&asked), "not every half minute: {asked}");
    house.sandbox.faults().clear();
    take_down::go_on(&house.services, &admin(), &id(), "").await.unwrap();
    assert_eq!(work(&house).await.step, TakeDownStep::Done);
}

/// For ten minutes in each step AWS does not answer, and each answer that changes something is lost once.
#[sqlx::test(migrator = "MIGRATOR")]
async fn aws_may_be_away_and_answers_be_lost_in_every_step(db: PgPool) {
    let house = with_two(db).await;
    only_from_offices(&house).await;
    for call in ["TerminateWorkspaces", "DisassociateIpGroups", "DeregisterWorkspaceDirectory", "DeleteDirectory"] {
        house.fault_at(call, Kind::LoseReply, 1);
    }
    for call in ["DescribeWorkspaces", "DescribeWorkspaceDirectories", "DescribeDirectories"] {
        house.fault_at(call, Kind::ServerError, 10);
    }
    begin(&house, "2").await.unwrap();
    let mut notes = std::collections::BTreeSet::new();
    for _ in 0..90 {
        house.run_waiting().await;
        let down = now(&house).await;
        assert_eq!(down.halt, None);
        notes.extend(down.note.clone());
        if down.step.is_over() {
            break;
        }
        house.sandbox.clock().advance(TimeDelta::minutes(1));
    }
    assert_eq!(now(&house).await.step, TakeDownStep::Done);
    assert!(notes.iter().any(|note| note.contains("does not answer")), "{notes:?}");
    for call in ["workspaces:DisassociateIpGroups", "workspaces:DeregisterWorkspaceDirectory", "ds:DeleteDirectory"] {
        assert_eq!(house.calls(call), 1, "{call}: a lost answer is looked for, not asked for again");
    }
}

/// A worker is killed after its call and before it wrote the outcome: the row is put off, and the next one looks first.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_kill_in_a_step_repeats_nothing(db: PgPool) {
    let house = with_two(db).await;
    begin(&house, "2").await.unwrap();
    for step in ["deregister", "delete"] {
        for _ in 0..30 {
            house.run_waiting().await;
            if now(&house).await.note.is_some_and(|note| note.contains("lets go") || note.contains("deletes the connector")) {
                break;
            }
            house.sandbox.clock().advance(TimeDelta::seconds(31));
        }
        // As it stood before the call's outcome was written.
        let sql = "update directory_take_down set step = $1, note = null where step not in ('done', 'stopped')";
        sqlx::query(sql).bind(step).execute(&house.db).await.unwrap();
        house.sandbox.clock().advance(TimeDelta::minutes(1));
    }
    assert_eq!(work(&house).await.step, TakeDownStep::Done);
    assert_eq!(house.calls("workspaces:DeregisterWorkspaceDirectory"), 1);
    assert_eq!(house.calls("ds:DeleteDirectory"), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_aws_forbids_stands_still_with_its_words(db: PgPool) {
    let house = with_two(db).await;
    begin(&house, "2").await.unwrap();
    let forbidden = Kind::Refuse { code: "AccessDeniedException".into(), message: "not authorized: ds:DeleteDirectory".into() };
    house.fault_at("DeleteDirectory", forbidden, 1);
    let down = work(&house).await;
    assert_eq!((down.step, down.halt), (TakeDownStep::Delete, Some(Halt::Refused)));
    assert!(down.note.unwrap().contains("ds:DeleteDirectory"));
    take_down::go_on(&house.services, &admin(), &id(), "").await.unwrap();
    assert_eq!(work(&house).await.step, TakeDownStep::Done);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn stopped_in_time_nothing_is_terminated(db: PgPool) {
    let house = with_two(db.clone()).await;
    begin(&house, "2").await.unwrap();
    take_down::stop(&house.services, &admin(), &id()).await.unwrap();
    assert_eq!(take_down::stop(&house.services, &admin(), &id()).await, Err(Error::conflict(Conflict::TakeDownChanged)));
    for _ in 0..3 {
        house.run_waiting().await;
        house.sandbox.clock().advance(TimeDelta::minutes(1));
    }
    let down = now(&house).await;
    assert_eq!((down.step, down.stopped_at), (TakeDownStep::Stopped, Some(TakeDownStep::Terminate)));
    assert_eq!((house.calls("workspaces:TerminateWorkspaces"), house.calls("ds:DeleteDirectory")), (0, 0));
    assert_eq!(directories::one(&house.services, &admin(), &id()).await.unwrap().0.why_not(), None, "launches go again");
    begin(&house, "2").await.unwrap();
    assert_eq!(work(&house).await.step, TakeDownStep::Done);
}

/// A worker had the terminations in hand when somebody stopped it; AWS took none, and none is sent again.
#[sqlx::test(migrator = "MIGRATOR")]
async fn stopped_while_a_worker_is_at_it_nothing_is_sent_again(db: PgPool) {
    let house = with_two(db).await;
    begin(&house, "2").await.unwrap();
    // As it stands while the call is out and its answer lost: AWS heard nothing of it.
    house.execute(
        "update workspace_batch_item set state = 'unconfirmed', claim = gen_random_uuid(), lease_until = state_since, sent_at = state_since",
    )
    .await;
    take_down::stop(&house.services, &admin(), &id()).await.unwrap();
    for _ in 0..10 {
        house.sandbox.clock().advance(TimeDelta::minutes(1));
        house.job("watch_actions").await;
        house.job("send_actions").await;
    }
    assert_eq!(house.calls("workspaces:TerminateWorkspaces"), 0);
    let states: Vec<String> =
        sqlx::query_scalar("select distinct state from workspace_batch_item").fetch_all(&house.db).await.unwrap();
    assert_eq!(states, ["canceled"]);
}

/// Rows that are tried again meanwhile wait, and nobody registers what goes.
#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_enters_a_directory_that_goes(db: PgPool) {
    let house = with_two(db).await;
    begin(&house, "2").await.unwrap();
    let (directory, _) = directories::one(&house.services, &admin(), &id()).await.unwrap();
    assert!(model::directories::Directory { registration: None, ..directory }.why_not_register().is_some());
    take_down::stop(&house.services, &admin(), &id()).await.unwrap();
    let launch = house.launch(&["alex.kim"]).await;
    house
        .execute("update directory_take_down set step = 'terminate', stopped_at = null, next_look_at = now() + interval '1 day'")
        .await;
    house.run_waiting().await;
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 0);
    take_down::stop(&house.services, &admin(), &id()).await.unwrap();
    house.work(launch).await;
    assert_eq!(house.made_for("alex.kim").len(), 1);
}

/// AWS says that the operation is not supported, and there is no WorkSpace: it is not asked in circles.
#[sqlx::test(migrator = "MIGRATOR")]
async fn aws_refuses_to_deregister_for_another_reason(db: PgPool) {
    let house = with_two(db).await;
    begin(&house, "2").await.unwrap();
    let refuse = Kind::Refuse { code: "OperationNotSupportedException".into(), message: "There are pools.".into() };
    house.fault_at("DeregisterWorkspaceDirectory", refuse, 1);
    let down = work(&house).await;
    assert_eq!((down.step, down.halt), (TakeDownStep::Deregister, Some(Halt::Refused)));
    assert!(down.note.unwrap().contains("pools"));
}
