//! Rows to AWS and back: whole ways, refusals, lost answers, and workers that die.

use backend::workspaces::{self, act};
use chrono::TimeDelta;
use model::{
    PageRequest,
    workspaces::{ActionFailure, ActionState, WorkspaceAction},
};
use sandbox::{Behaviour, faults::Kind};
use sqlx::{PgPool, postgres::PgPoolOptions};

use super::{MIGRATOR, fleet, items, mirrored, recorded, started, states, work};
use crate::house::{House, count, helpdesk};

/// The whole way of each action, with the database as `frontdesk serve` and `frontdesk worker` see it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn each_action_comes_to_its_end(db: PgPool) {
    let mut house = House::open(db.clone()).await;
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind", "ben.nordwind"]).await;
    house.services.db = PgPoolOptions::new()
        .max_connections(8)
        .after_connect(|connection, _| {
            Box::pin(async move { sqlx::query("set role frontdesk_serve").execute(connection).await.map(drop) })
        })
        .connect_with((*db.connect_options()).clone())
        .await
        .unwrap();
    let way = [
        (WorkspaceAction::Stop, "StopWorkspaces", "STOPPED"),
        (WorkspaceAction::Start, "StartWorkspaces", "AVAILABLE"),
        (WorkspaceAction::Reboot, "RebootWorkspaces", "AVAILABLE"),
        (WorkspaceAction::MaintenanceOn, "ModifyWorkspaceState", "ADMIN_MAINTENANCE"),
        (WorkspaceAction::MaintenanceOff, "ModifyWorkspaceState", "AVAILABLE"),
        (WorkspaceAction::Terminate, "TerminateWorkspaces", "TERMINATED"),
    ];
    for (action, operation, state) in way {
        let operation = format!("workspaces:{operation}");
        let before = house.calls(&operation);
        let id = started(&house, action, &ids).await;
        assert_eq!(states(&house, id).await, [ActionState::Queued; 2], "{action:?}");
        let page = workspaces::get(&house.services, &helpdesk(), ids[0].clone()).await.unwrap();
        assert_eq!(page.under_way, Some((id, action)));
        house.run_waiting().await;
        assert_eq!(states(&house, id).await, [ActionState::Accepted; 2], "{action:?}");
        work(&house, id).await;
        assert_eq!(states(&house, id).await, [ActionState::Done; 2], "{action:?}");
        assert_eq!(mirrored(&house, &ids[0]).await, state, "{action:?}");
        let calls = if action.at_once() == 1 { 2 } else { 1 };
        assert_eq!(house.calls(&operation) - before, calls, "{action:?}");
        let audited: Vec<(String, Option<String>)> = sqlx::query_as(
            "select actor, on_behalf_of from audit where action = $1 and phase = 'finished' and outcome = 'succeeded'",
        )
        .bind(model::audit::Action::from(action).as_str())
        .fetch_all(&house.db)
        .await
        .unwrap();
        let helena = Some("subject-of-helena".to_owned());
        assert_eq!(audited, [("system".to_owned(), helena.clone()), ("system".to_owned(), helena)], "{action:?}");
    }
    assert_eq!(count(&house.db, "workspace where gone_at is not null").await, 2);
    let listed = act::batches(&house.services, &helpdesk(), PageRequest::default()).await.unwrap();
    assert_eq!((listed.total, listed.rows[0].action), (6, WorkspaceAction::Terminate));
    assert_eq!(listed.rows[0].reason.as_deref(), Some("the project ended"));
    assert_eq!(count(&house.db, "audit where action = 'start_batch' and outcome = 'succeeded'").await, 6);
    house.services.db.close().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn thirty_workspaces_are_two_calls(db: PgPool) {
    let house = House::open(db).await;
    let accounts: Vec<_> = (0..30).map(|number| format!("user.{number:02}")).collect();
    let ids = fleet(&house, "AVAILABLE", &accounts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let id = started(&house, WorkspaceAction::Stop, &ids).await;
    work(&house, id).await;
    assert_eq!(states(&house, id).await, vec![ActionState::Done; 30]);
    assert_eq!(house.calls("workspaces:StopWorkspaces"), 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_that_aws_refuses_does_not_keep_the_others(db: PgPool) {
    let house = House::open(db).await;
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind", "ben.nordwind", "clara.nordwind"]).await;
    let code = || "InternalServerError".to_owned();
    let fault = sandbox::faults::Fault::new("StopWorkspaces", Kind::FailItem { code: code(), message: "Not this one.".into() });
    house.sandbox.faults().add(fault.items(vec!["ben.nordwind".into()]));
    let fault = sandbox::faults::Fault::new("StopWorkspaces", Kind::EndInError).items(vec![ids[2].to_string()]);
    house.sandbox.faults().add(fault);
    let id = started(&house, WorkspaceAction::Stop, &ids).await;
    work(&house, id).await;
    assert_eq!(states(&house, id).await, [ActionState::Done, ActionState::Failed, ActionState::Failed]);
    let rows = items(&house, id).await;
    let failure = |user: &str| rows.iter().find(|item| item.user_name == user).unwrap().failure.clone().unwrap();
    assert_eq!(failure("ben.nordwind"), ActionFailure { code: code(), message: Some("Not this one.".into()) });
    assert_eq!(failure("clara.nordwind").code, ActionFailure::OTHER_STATE);
    assert_eq!(mirrored(&house, &ids[2]).await, "ERROR");
    let batch = act::batch(&house.services, &helpdesk(), id, Some(ActionState::Done), PageRequest::default()).await.unwrap();
    assert_eq!((batch.0.counts.failed, batch.1.total), (2, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_throttled_call_is_made_again(db: PgPool) {
    let house = House::open(db).await;
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind"]).await;
    house.fault_at("StopWorkspaces", Kind::Throttle, 1);
    let id = started(&house, WorkspaceAction::Stop, &ids).await;
    work(&house, id).await;
    assert_eq!(states(&house, id).await, [ActionState::Done]);
    assert_eq!(house.calls("workspaces:StopWorkspaces"), 2);
    let said = |phase: &str, outcome: Option<&str>, detail: Option<&str>| {
        (phase.to_owned(), outcome.map(ToOwned::to_owned), detail.map(ToOwned::to_owned))
    };
    let expected = [
        said("attempted", None, None),
        said("finished", Some("failed"), Some("not taken, sent again later")),
        said("attempted", None, None),
        said("finished", Some("succeeded"), None),
    ];
    assert_eq!(recorded(&house, "stop_workspace").await, expected);
}

/// AWS did the work and the answer was lost: it is seen, and nothing is sent again.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_answer_is_settled_by_the_state(db: PgPool) {
    let house = House::open(db).await;
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind", "ben.nordwind"]).await;
    for (action, operation) in [
        (WorkspaceAction::Reboot, "RebootWorkspaces"),
        (WorkspaceAction::Stop, "StopWorkspaces"),
        (WorkspaceAction::Terminate, "TerminateWorkspaces"),
    ] {
        house.fault_at(operation, Kind::LoseReply, 1);
        let id = started(&house, action, &ids).await;
        house.run_waiting().await;
        house.run_waiting().await;
        assert_eq!(states(&house, id).await, [ActionState::Accepted; 2], "{action:?}");
        work(&house, id).await;
        assert_eq!(states(&house, id).await, [ActionState::Done; 2], "{action:?}");
        assert_eq!(house.calls(&format!("workspaces:{operation}")), 1);
        let record = recorded(&house, model::audit::Action::from(action).as_str()).await;
        assert_eq!(record[2].1.as_deref(), Some("unknown"));
    }
}

/// HTTP 500 may mean both; here nothing was done, and it is sent again once AWS would have shown it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_aws_never_began_is_sent_again(db: PgPool) {
    let house = House::open(db).await;
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind"]).await;
    house.fault_at("RebootWorkspaces", Kind::ServerError, 1);
    let id = started(&house, WorkspaceAction::Reboot, &ids).await;
    house.run_waiting().await;
    assert_eq!(states(&house, id).await, [ActionState::Unconfirmed]);
    assert_eq!(house.calls("workspaces:RebootWorkspaces"), 1, "AWS may still begin");
    work(&house, id).await;
    assert_eq!(states(&house, id).await, [ActionState::Done]);
    assert_eq!(house.calls("workspaces:RebootWorkspaces"), 2);
}

/// The process died between intent and answer, before or after AWS had the call.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_killed_worker_leaves_nothing_behind(db: PgPool) {
    let house = House::open(db).await;
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind", "ben.nordwind"]).await;
    let id = started(&house, WorkspaceAction::Terminate, &ids).await;
    // Anna's call had reached AWS, Ben's had not.
    let now = house.services.clock.now();
    sqlx::query("update workspace_batch_item set state = 'sending', claim = gen_random_uuid(), sent_at = $1, lease_until = $2")
        .bind(now)
        .bind(now + TimeDelta::seconds(40))
        .execute(&house.db)
        .await
        .unwrap();
    {
        let mut memory = house.sandbox.state().memory();
        let anna = memory.workspaces.iter_mut().find(|made| made.id == ids[0].as_str()).unwrap();
        anna.terminated_at = Some(now + TimeDelta::seconds(38));
    }
    house.run_waiting().await;
    assert_eq!(states(&house, id).await, [ActionState::Sending; 2], "the lease holds");
    house.sandbox.clock().advance(TimeDelta::seconds(41));
    house.job("watch_actions").await;
    work(&house, id).await;
    assert_eq!(states(&house, id).await, [ActionState::Done; 2]);
    assert_eq!(house.calls("workspaces:TerminateWorkspaces"), 1, "only Ben's was sent");
    assert!(house.made_for("ben.nordwind").is_empty());
}

/// Too late it can't be told whether a reboot happened; its user is not thrown out on a guess.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_reboot_is_not_repeated_on_a_guess(db: PgPool) {
    let house = House::open(db).await;
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind"]).await;
    house.fault_at("RebootWorkspaces", Kind::LoseReply, 1);
    let behaviour = house.sandbox.state().behaviour();
    house.sandbox.state().set_behaviour(Behaviour { rebooting_ms: 0, ..behaviour });
    let id = started(&house, WorkspaceAction::Reboot, &ids).await;
    house.run().await;
    house.sandbox.clock().advance(TimeDelta::minutes(10));
    work(&house, id).await;
    let item = items(&house, id).await.remove(0);
    assert_eq!((item.state, item.failure.unwrap().code.as_str()), (ActionState::Failed, ActionFailure::NOT_KNOWN));
    assert_eq!(house.calls("workspaces:RebootWorkspaces"), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_aws_refuses_as_a_whole_fails_with_its_words(db: PgPool) {
    let house = House::open(db).await;
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind"]).await;
    // The mirror is behind: somebody closed it in the console.
    house.sandbox.state().memory().workspaces.last_mut().unwrap().state = Some("ADMIN_MAINTENANCE".into());
    let id = started(&house, WorkspaceAction::MaintenanceOn, &ids).await;
    work(&house, id).await;
    let failure = items(&house, id).await.remove(0).failure.unwrap();
    assert_eq!(failure.code, "InvalidResourceStateException");
    assert!(failure.message.unwrap().contains("ADMIN_MAINTENANCE"));
}

/// A sweep takes a while; what it read before a WorkSpace went is old.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sweep_that_began_earlier_brings_nothing_back(db: PgPool) {
    let house = House::open(db).await;
    fleet(&house, "AVAILABLE", &["anna.nordwind"]).await;
    house.fault_at("DescribeWorkspaces", Kind::Delay { ms: 900 }, 1);
    let ended = async {
        // What it reads is made up before its answer is held back.
        house.faults_met().await;
        let now = house.services.clock.now();
        let ended = sqlx::query("update workspace set gone_at = $1 where workspace_id = 'ws-000000001'").bind(now);
        ended.execute(&house.db).await.unwrap();
    };
    tokio::join!(house.job("sweep_workspaces"), ended);
    assert_eq!(count(&house.db, "workspace where gone_at is not null").await, 1);
    house.job("sweep_workspaces").await;
    assert_eq!(count(&house.db, "workspace where gone_at is null and user_name = 'anna.nordwind'").await, 1, "AWS shows it");
}
