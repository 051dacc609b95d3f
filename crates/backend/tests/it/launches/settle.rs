//! Rows whose outcome is not known: whose WorkSpace there is at AWS, and when a row may be sent again.

use backend::launches;
use chrono::TimeDelta;
use model::{Conflict, Error, launches::ItemState, workspaces::Tag};
use sandbox::faults::Kind;
use sqlx::PgPool;
use uuid::Uuid;

use super::{MIGRATOR, attempted, states, succeeded, unguarded};
use crate::house::{DESK, House, OFFICE, helpdesk};

/// The WorkSpace that was made last came from another launch, or from another Frontdesk.
fn tagged_elsewhere(house: &House) {
    let mut memory = house.sandbox.state().memory();
    memory.workspaces.last_mut().unwrap().tags = vec![(Tag::ITEM.to_owned(), Uuid::now_v7().to_string())];
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_answer_is_settled_by_the_tag(db: PgPool) {
    let house = House::with(db, unguarded(0)).await;
    house.fault_at("CreateWorkspaces", Kind::LoseReply, 1);
    let launch = house.launch(&["marta.nordwind", "anna.nordwind"]).await;
    house.work(launch).await;
    assert_eq!(
        states(&house.items(launch).await),
        [("anna.nordwind", ItemState::Available), ("marta.nordwind", ItemState::Available)]
    );
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 1);
    for account in ["anna.nordwind", "marta.nordwind"] {
        assert_eq!(house.made_for(account).len(), 1, "{account}");
        let record = house.making_record(account).await;
        assert_eq!(record, [attempted(), ("finished".into(), Some("unknown".into()), None)]);
    }
    assert_eq!(house.mails().len(), 2);
}

/// AWS does not show at once what it made: nothing is sent again before the lag is over, however often a job looks.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_aws_does_not_show_yet_is_not_sent_again(db: PgPool) {
    let house = House::with(db, unguarded(120_000)).await;
    house.fault_at("CreateWorkspaces", Kind::LoseReply, 1);
    let launch = house.launch(&["marta.nordwind"]).await;
    for _ in 0..3 {
        house.run_waiting().await;
        assert_eq!(house.items(launch).await[0].state, ItemState::Unconfirmed);
        house.sandbox.clock().advance(TimeDelta::seconds(30));
    }
    house.work(launch).await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Available);
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 1);
    assert_eq!((house.made_for("marta.nordwind").len(), house.mails().len()), (1, 1));
}

/// HTTP 500 may mean both; here it means that nothing was done.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_aws_never_made_is_sent_again_after_the_lag(db: PgPool) {
    let house = House::with(db, unguarded(0)).await;
    house.fault_at("CreateWorkspaces", Kind::ServerError, 1);
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run_waiting().await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Unconfirmed);
    house.sandbox.clock().advance(TimeDelta::seconds(280));
    house.run_waiting().await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Unconfirmed);
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 1);
    house.work(launch).await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Available);
    let made = house.made_for("marta.nordwind");
    assert_eq!((made.len(), house.calls("workspaces:CreateWorkspaces"), house.mails().len()), (1, 2, 1));
    let record = house.making_record("marta.nordwind").await;
    let unknown = ("finished".to_owned(), Some("unknown".to_owned()), None);
    assert_eq!(record, [attempted(), unknown, attempted(), succeeded(&made[0].id)]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_foreign_workspace_is_shown_with_its_difference(db: PgPool) {
    let house = House::open(db).await;
    house.at_aws("ws-777777777", "marta.nordwind");
    tagged_elsewhere(&house);
    let launch = house.launch(&["marta.nordwind", "anna.nordwind"]).await;
    house.work(launch).await;
    let items = house.items(launch).await;
    assert_eq!(states(&items), [("anna.nordwind", ItemState::Available), ("marta.nordwind", ItemState::AlreadyHas)]);
    let marta = items.iter().find(|item| item.account == "marta.nordwind").unwrap();
    assert_eq!(marta.workspace.as_ref().map(|id| id.as_str()), Some("ws-777777777"));
    let failure = marta.failure.clone().unwrap();
    assert_eq!(failure.code, "ResourceExists.WorkSpace");
    assert_eq!(
        failure.message.unwrap(),
        format!(
            "ws-777777777 is AVAILABLE; its bundle is {OFFICE}, this launch wanted {DESK}; it runs AlwaysOn, this launch wanted \
             AutoStop after 2 hours"
        )
    );
    assert!(!marta.can_retry() && marta.invitation.is_none());
    assert_eq!(house.made_for("marta.nordwind").len(), 1);
    let recipients: Vec<_> = house.mails().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(recipients, ["anna.nordwind@corp.example.com"], "a mail goes only to those whom this launch gave one");
    let conflict = Err(Error::conflict(Conflict::NotRetryable));
    assert_eq!(launches::retry(&house.services, &helpdesk(), launch, Vec::new()).await, conflict);
}

/// The guard is off and somebody else made one: the lost answer is ours by its tag, never by the user's name.
#[sqlx::test(migrator = "MIGRATOR")]
async fn the_tag_decides_and_not_the_user_name(db: PgPool) {
    let house = House::with(db, unguarded(0)).await;
    house.at_aws("ws-777777777", "marta.nordwind");
    tagged_elsewhere(&house);
    house.fault_at("CreateWorkspaces", Kind::LoseReply, 1);
    let launch = house.launch(&["marta.nordwind"]).await;
    house.work(launch).await;
    let item = house.items(launch).await.remove(0);
    assert_eq!(item.state, ItemState::Available);
    let made = house.made_for("marta.nordwind");
    assert_eq!(made.len(), 2);
    assert_eq!(item.workspace.unwrap().as_str(), made[1].id);
    assert_eq!(made[1].tags.last(), Some(&(Tag::ITEM.to_owned(), item.id.to_string())));
}
