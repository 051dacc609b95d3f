//! Accepted rows that do not become AVAILABLE: in ERROR, slow, or gone.

use backend::launches;
use chrono::TimeDelta;
use model::{
    Conflict, Error,
    launches::{Failure, ItemState},
};
use sandbox::Behaviour;
use sqlx::PgPool;

use super::{MIGRATOR, unguarded};
use crate::house::{House, Plan, helpdesk};

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_workspace_in_error_is_not_retried(db: PgPool) {
    let house = House::open(db).await;
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run().await;
    house.sandbox.state().memory().workspaces.last_mut().unwrap().state = Some("ERROR".into());
    house.work(launch).await;
    let item = house.items(launch).await.remove(0);
    let failure = item.failure.clone().unwrap();
    assert_eq!((item.state, failure.code.as_str()), (ItemState::Failed, Failure::ERROR_STATE));
    let message = "DomainJoinError.InternalError: The WorkSpace could not join the domain.";
    assert_eq!(failure.message.as_deref(), Some(message));
    assert!(!item.can_retry());
    let conflict = Err(Error::conflict(Conflict::NotRetryable));
    assert_eq!(launches::retry(&house.services, &helpdesk(), launch, vec![item.id]).await, conflict);
    assert_eq!(house.items(launch).await[0].state, ItemState::Failed);
    assert_eq!((house.mails().len(), house.calls("workspaces:CreateWorkspaces")), (0, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_slow_workspace_is_watched_again_and_not_made_again(db: PgPool) {
    let plan = unguarded(0);
    let behaviour = Behaviour { pending_ms: 10_800_000, ..plan.behaviour.clone() };
    let house = House::with(db, Plan { behaviour, ..plan }).await;
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run().await;
    house.sandbox.clock().advance(TimeDelta::hours(2) + TimeDelta::minutes(1));
    house.run_waiting().await;
    let item = house.items(launch).await.remove(0);
    assert_eq!((item.state, item.failure.unwrap().code.as_str()), (ItemState::Failed, Failure::TIME_LIMIT));
    assert_eq!(launches::retry(&house.services, &helpdesk(), launch, Vec::new()).await, Ok(1));
    assert_eq!(house.items(launch).await[0].state, ItemState::Pending);
    house.sandbox.clock().advance(TimeDelta::hours(1));
    house.work(launch).await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Available);
    assert_eq!((house.made_for("marta.nordwind").len(), house.calls("workspaces:CreateWorkspaces")), (1, 1));
    assert_eq!(house.mails().len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_workspace_that_vanished_is_made_anew(db: PgPool) {
    let house = House::open(db).await;
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run().await;
    let now = house.sandbox.clock().now();
    house.sandbox.state().memory().workspaces.last_mut().unwrap().terminated_at = Some(now);
    house.sandbox.clock().advance(TimeDelta::seconds(60));
    house.run_waiting().await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Pending, "AWS may not show it yet");
    house.sandbox.clock().advance(TimeDelta::seconds(300));
    house.run_waiting().await;
    let item = house.items(launch).await.remove(0);
    assert_eq!((item.state, item.failure.unwrap().code.as_str()), (ItemState::Failed, Failure::VANISHED));
    assert_eq!(launches::retry(&house.services, &helpdesk(), launch, vec![item.id]).await, Ok(1));
    house.work(launch).await;
    let item = house.items(launch).await.remove(0);
    assert_eq!(
        (item.state, item.workspace.unwrap().as_str()),
        (ItemState::Available, house.made_for("marta.nordwind")[0].id.as_str())
    );
    assert_eq!(house.mails().len(), 1);
}
