//! What is done to WorkSpaces: who may, what is left out, and what the engine makes of AWS's answers.

use backend::workspaces::{
    self,
    act::{self, Yes},
};
use chrono::TimeDelta;
use model::{
    BatchId, Conflict, Error, PageRequest, WorkspaceId,
    access::{Actor, Role},
    workspaces::{ActionFailure, ActionState, BatchItem, WorkspaceAction},
};
use sandbox::{Behaviour, faults::Kind};
use sqlx::{PgPool, postgres::PgPoolOptions};

use crate::house::{House, UNREGISTERED, count, helpdesk, person};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

fn admin() -> Actor {
    person(Role::Admin, None)
}

/// AutoStop WorkSpaces of these people, at AWS and in the mirror, in that state.
async fn fleet(house: &House, state: &str, accounts: &[&str]) -> Vec<WorkspaceId> {
    let mut ids = Vec::new();
    for (number, account) in (1..).zip(accounts) {
        let id = house.workspace(number, account, state).await;
        house.at_aws(id.as_str(), account);
        let mut memory = house.sandbox.state().memory();
        let made = memory.workspaces.last_mut().unwrap();
        (made.running_mode, made.auto_stop_minutes, made.state) = ("AUTO_STOP".into(), Some(60), Some(state.into()));
        ids.push(id);
    }
    house.execute("update workspace set running_mode = 'AUTO_STOP', auto_stop_minutes = 60").await;
    ids
}

async fn prepare(house: &House, action: WorkspaceAction, ids: &[WorkspaceId]) -> BatchId {
    act::prepare(&house.services, &admin(), action, ids.to_vec()).await.unwrap()
}

fn yes(typed: &str) -> Yes {
    Yes { typed: typed.into(), reason: "the project ended".into() }
}

async fn started(house: &House, action: WorkspaceAction, ids: &[WorkspaceId]) -> BatchId {
    let id = prepare(house, action, ids).await;
    let word = act::confirm(&house.services, &admin(), id).await.unwrap().word().unwrap_or_default();
    act::start(&house.services, &admin(), id, action, yes(&word)).await.unwrap()
}

async fn items(house: &House, id: BatchId) -> Vec<BatchItem> {
    let page = PageRequest { number: 1, size: 100 };
    act::batch(&house.services, &helpdesk(), id, None, page).await.unwrap().1.rows
}

async fn states(house: &House, id: BatchId) -> Vec<ActionState> {
    let mut items = items(house, id).await;
    items.sort_by(|a, b| a.user_name.cmp(&b.user_name));
    items.into_iter().map(|item| item.state).collect()
}

/// Moves the time on and runs jobs until the batch is done.
async fn work(house: &House, id: BatchId) {
    for _ in 0..12 {
        house.run_waiting().await;
        let page = PageRequest::default();
        if act::batch(&house.services, &helpdesk(), id, None, page).await.unwrap().0.counts.is_done() {
            return;
        }
        house.sandbox.clock().advance(TimeDelta::seconds(40));
    }
    panic!("the batch does not come to an end: {:?}", items(house, id).await);
}

async fn mirrored(house: &House, id: &WorkspaceId) -> String {
    workspaces::get(&house.services, &helpdesk(), id.clone()).await.unwrap().workspace.state
}

/// What the record says of an action on one person's WorkSpace: phase, outcome and detail, in order.
async fn recorded(house: &House, action: &str) -> Vec<(String, Option<String>, Option<String>)> {
    sqlx::query_as("select phase, outcome, detail from audit where action = $1 order by id")
        .bind(action)
        .fetch_all(&house.db)
        .await
        .unwrap()
}

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
async fn those_it_can_not_be_done_to_are_left_out_with_why(db: PgPool) {
    let house = House::open(db).await;
    let (services, admin) = (&house.services, &admin());
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind", "ben.nordwind", "clara.nordwind", "david.nordwind"]).await;
    house.execute("update workspace set state = 'STOPPED' where workspace_id = 'ws-000000002'").await;
    house.execute("update workspace set running_mode = 'ALWAYS_ON' where workspace_id = 'ws-000000003'").await;
    started(&house, WorkspaceAction::Reboot, &ids[3..]).await;
    let id = prepare(&house, WorkspaceAction::Stop, &ids).await;
    let plan = act::confirm(services, admin, id).await.unwrap();
    assert_eq!(plan.ready.iter().map(|found| &found.id).collect::<Vec<_>>(), [&ids[0]]);
    let why: Vec<_> = plan.left_out.iter().map(|left| (left.workspace.id.as_str(), left.why_not.clone().unwrap())).collect();
    assert_eq!(why.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["ws-000000002", "ws-000000003", "ws-000000004"]);
    assert!(why[0].1.starts_with("STOPPED") && why[1].1.starts_with("AlwaysOn") && why[2].1.contains("Reboot"), "{why:?}");
    act::start(services, admin, id, WorkspaceAction::Stop, Yes::default()).await.unwrap();
    assert_eq!(states(&house, id).await, [ActionState::Queued]);

    let none = prepare(&house, WorkspaceAction::Start, &ids[..1]).await;
    let refused = act::start(services, admin, none, WorkspaceAction::Start, Yes::default()).await;
    assert_eq!(refused, Err(Error::conflict(Conflict::NothingToAct)));
    assert!(matches!(act::prepare(services, admin, WorkspaceAction::Start, vec![]).await, Err(Error::Invalid { .. })));
    let unknown = vec!["ws-999999999".parse().unwrap()];
    assert_eq!(act::prepare(services, admin, WorkspaceAction::Start, unknown).await, Err(Error::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_is_terminated_without_the_right_word(db: PgPool) {
    let house = House::open(db).await;
    let (services, admin, terminate) = (&house.services, &admin(), WorkspaceAction::Terminate);
    let ids = fleet(&house, "STOPPED", &["anna.nordwind", "ben.nordwind", "clara.nordwind"]).await;
    let id = prepare(&house, terminate, &ids).await;
    let fields = |outcome| {
        let Err(Error::Invalid { fields }) = outcome else { panic!("not refused: {outcome:?}") };
        fields.into_iter().map(|field: model::FieldError| field.field).collect::<Vec<_>>()
    };
    for typed in ["", "2", "three", "anna.nordwind"] {
        assert_eq!(fields(act::start(services, admin, id, terminate, yes(typed)).await), ["typed"], "{typed}");
    }
    assert_eq!(fields(act::start(services, admin, id, terminate, Yes { reason: " ".into(), ..yes("3") }).await), ["reason"]);
    assert_eq!(fields(act::start(services, admin, id, terminate, yes("4")).await), ["typed"]);
    assert_eq!(act::confirm(services, admin, id).await.unwrap().reason, "the project ended", "what was typed is kept");
    // What was chosen is what is started, whatever the form says.
    let other = act::start(services, admin, id, WorkspaceAction::Reboot, yes("3")).await;
    assert_eq!(other, Err(Error::conflict(Conflict::DraftChanged)));
    assert_eq!(count(&house.db, "workspace_batch").await, 0);

    // One is gone meanwhile: the number that was right is wrong now.
    house.execute("update workspace set gone_at = now() where workspace_id = 'ws-000000003'").await;
    assert_eq!(fields(act::start(services, admin, id, terminate, yes("3")).await), ["typed"]);
    act::start(services, admin, id, terminate, yes(" 2 ")).await.unwrap();
    work(&house, id).await;
    assert_eq!(states(&house, id).await, [ActionState::Done; 2]);
    let alone = prepare(&house, terminate, &ids[..1]).await;
    assert_eq!(act::confirm(services, admin, alone).await.unwrap().ready, vec![], "it is gone");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_single_one_is_terminated_by_its_users_name(db: PgPool) {
    let house = House::open(db).await;
    let (services, terminate) = (&house.services, WorkspaceAction::Terminate);
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind"]).await;
    let id = prepare(&house, terminate, &ids).await;
    assert!(act::start(services, &admin(), id, terminate, yes("1")).await.is_err());
    act::start(services, &admin(), id, terminate, yes("Anna.Nordwind")).await.unwrap();
    work(&house, id).await;
    assert!(house.made_for("anna.nordwind").is_empty());
    let listed = workspaces::list(services, &helpdesk(), Default::default(), PageRequest::default()).await.unwrap().0;
    assert_eq!(listed.total, 0, "it is not in the fleet any more");
    assert_eq!(mirrored(&house, &ids[0]).await, "TERMINATED");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_may_not_does_nothing(db: PgPool) {
    let house = House::open(db).await;
    let services = &house.services;
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind"]).await;
    let refused = |outcome: Result<BatchId, Error>| assert!(matches!(outcome, Err(Error::NotAllowed { .. })), "{outcome:?}");
    for role in [Role::Requester, Role::Approver, Role::Auditor] {
        refused(act::prepare(services, &person(role, None), WorkspaceAction::Reboot, ids.clone()).await);
    }
    refused(act::prepare(services, &helpdesk(), WorkspaceAction::Terminate, ids.clone()).await);
    let elsewhere = &person(Role::Admin, Some(UNREGISTERED));
    refused(act::prepare(services, elsewhere, WorkspaceAction::Reboot, ids.clone()).await);
    assert_eq!(act::prepare(services, &Actor::Invitee, WorkspaceAction::Reboot, ids.clone()).await, Err(Error::SignIn));

    // The same subject with less than before; and somebody else.
    let id = prepare(&house, WorkspaceAction::Terminate, &ids).await;
    refused(act::start(services, &helpdesk(), id, WorkspaceAction::Terminate, yes("anna.nordwind")).await);
    refused(act::start(services, elsewhere, id, WorkspaceAction::Terminate, yes("anna.nordwind")).await);
    let colleague = &crate::house::colleague();
    assert_eq!(act::confirm(services, colleague, id).await, Err(Error::NotFound));
    assert_eq!(act::start(services, colleague, id, WorkspaceAction::Reboot, yes("")).await, Err(Error::NotFound));
    assert_eq!(count(&house.db, "workspace_batch").await, 0);

    let id = started(&house, WorkspaceAction::Terminate, &ids).await;
    let page = PageRequest::default();
    assert_eq!(act::batch(services, elsewhere, id, None, page).await.map(drop), Err(Error::NotFound));
    assert_eq!(act::batches(services, elsewhere, page).await.unwrap().total, 0);
    refused(act::cancel(services, &helpdesk(), id).await.map(|_| id));
    assert_eq!(act::cancel(services, elsewhere, id).await, Err(Error::NotFound));
    assert_eq!(states(&house, id).await, [ActionState::Queued]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_second_submit_finds_the_first(db: PgPool) {
    let house = House::open(db).await;
    let (services, admin, reboot) = (&house.services, &admin(), WorkspaceAction::Reboot);
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind", "ben.nordwind"]).await;
    let id = prepare(&house, reboot, &ids).await;
    let (first, second) = tokio::join!(
        act::start(services, admin, id, reboot, Yes::default()),
        act::start(services, admin, id, reboot, Yes::default())
    );
    assert_eq!((first, second), (Ok(id), Ok(id)));
    work(&house, id).await;
    assert_eq!(act::start(services, admin, id, reboot, Yes::default()).await, Ok(id));
    assert!(act::confirm(services, admin, id).await.unwrap().started);
    house.run_waiting().await;
    assert_eq!(house.calls("workspaces:RebootWorkspaces"), 1);
    assert_eq!((count(&house.db, "workspace_batch").await, count(&house.db, "workspace_batch_item").await), (1, 2));
    assert_eq!(count(&house.db, "audit where action = 'start_batch' and phase = 'finished'").await, 1);
}

/// Two forms that were both right when they were shown.
#[sqlx::test(migrator = "MIGRATOR")]
async fn one_thing_at_a_time_is_done_to_a_workspace(db: PgPool) {
    let house = House::open(db).await;
    let (services, admin) = (&house.services, &admin());
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind"]).await;
    let (reboot, stop) =
        (prepare(&house, WorkspaceAction::Reboot, &ids).await, prepare(&house, WorkspaceAction::Stop, &ids).await);
    let outcomes = tokio::join!(
        act::start(services, admin, reboot, WorkspaceAction::Reboot, Yes::default()),
        act::start(services, admin, stop, WorkspaceAction::Stop, Yes::default())
    );
    assert!(outcomes.0.is_ok() != outcomes.1.is_ok(), "{outcomes:?}");
    assert_eq!(count(&house.db, "workspace_batch").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_was_not_sent_can_be_taken_back(db: PgPool) {
    let house = House::open(db).await;
    let ids = fleet(&house, "AVAILABLE", &["anna.nordwind", "ben.nordwind"]).await;
    let id = started(&house, WorkspaceAction::Terminate, &ids).await;
    assert_eq!(act::cancel(&house.services, &admin(), id).await, Ok(2));
    work(&house, id).await;
    assert_eq!(states(&house, id).await, [ActionState::Canceled; 2]);
    assert_eq!(house.calls("workspaces:TerminateWorkspaces"), 0);
    assert_eq!(act::cancel(&house.services, &admin(), id).await, Err(Error::conflict(Conflict::BatchSent)));
    assert_eq!(recorded(&house, "cancel_batch").await.len(), 2);
    // They are free for something else.
    let id = started(&house, WorkspaceAction::Stop, &ids).await;
    work(&house, id).await;
    assert_eq!(states(&house, id).await, [ActionState::Done; 2]);
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
