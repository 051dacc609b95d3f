//! Choosing what to do and saying yes to it: who may, who is left out, and which word has to be typed.

use backend::workspaces::{
    self,
    act::{self, Yes},
};
use model::{
    BatchId, Conflict, Error, PageRequest,
    access::{Actor, Role},
    workspaces::{ActionState, WorkspaceAction},
};
use sqlx::PgPool;

use super::{MIGRATOR, admin, fleet, mirrored, prepare, recorded, started, states, work, yes};
use crate::house::{House, UNREGISTERED, count, helpdesk, person};

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
