//! What people can do about rows, and who may: trying again, taking back, and a role of another directory.

use backend::launches::{self, drafts};
use model::{
    Conflict, Error, ItemId, PageRequest,
    access::Role,
    launches::{Failure, Filter, ItemState},
};
use sandbox::faults::{Fault, Kind};
use sqlx::PgPool;
use uuid::Uuid;

use super::{MIGRATOR, attempted, failed, invalid, states};
use crate::house::{DIRECTORY, House, UNREGISTERED, count, helpdesk, person};

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refused_row_is_retried_and_no_other(db: PgPool) {
    let house = House::open(db).await;
    let services = &house.services;
    let code = "ResourceNotFound.User".to_owned();
    let refused = Kind::FailItem { code: code.clone(), message: "No such user.".into() };
    house.sandbox.faults().add(Fault::new("CreateWorkspaces", refused).times(1).items(vec!["marta.nordwind".to_owned()]));
    let launch = house.launch(&["marta.nordwind", "anna.nordwind"]).await;
    house.work(launch).await;
    let items = house.items(launch).await;
    assert_eq!(states(&items), [("anna.nordwind", ItemState::Available), ("marta.nordwind", ItemState::Failed)]);
    assert_eq!(items[0].failure, Some(Failure { code: code.clone(), message: Some("No such user.".into()) }));
    assert!(items[0].can_retry() && !items[1].can_retry());
    assert_eq!(house.making_record("marta.nordwind").await, [attempted(), failed(&code)]);
    assert_eq!(house.mails().len(), 1);

    let anna = house.made_for("anna.nordwind");
    let conflict = Err(Error::conflict(Conflict::NotRetryable));
    assert_eq!(launches::retry(services, &helpdesk(), launch, vec![items[1].id]).await, conflict);
    assert_eq!(launches::retry(services, &helpdesk(), launch, Vec::new()).await, Ok(1));
    assert_eq!(launches::retry(services, &helpdesk(), launch, Vec::new()).await, conflict, "it is on its way");
    house.work(launch).await;
    let items = house.items(launch).await;
    assert_eq!(states(&items), [("anna.nordwind", ItemState::Available), ("marta.nordwind", ItemState::Available)]);
    assert!(items.iter().all(|item| item.failure.is_none()), "{items:?}");
    assert_eq!(house.made_for("marta.nordwind").len(), 1);
    assert_eq!(house.made_for("anna.nordwind").iter().map(|made| &made.id).collect::<Vec<_>>(), [&anna[0].id]);
    assert_eq!((house.mails().len(), house.calls("workspaces:CreateWorkspaces")), (2, 2));
    assert_eq!(house.making_record("anna.nordwind").await.len(), 2);
    assert_eq!(count(&house.db, "audit where action = 'retry_items' and phase = 'finished' and detail = '1 rows'").await, 1);
}

/// The person is on the way to a WorkSpace through another launch by now.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_row_that_is_live_elsewhere_is_not_retried(db: PgPool) {
    let house = House::open(db).await;
    let fault = Kind::FailItem { code: "ResourceNotFound.User".into(), message: String::new() };
    house.fault_at("CreateWorkspaces", fault, 1);
    let first = house.launch(&["marta.nordwind"]).await;
    house.run().await;
    assert_eq!(house.items(first).await[0].state, ItemState::Failed);
    let second = house.launch(&["marta.nordwind"]).await;
    let refusal = invalid(launches::retry(&house.services, &helpdesk(), first, Vec::new()).await);
    let told = "One of them is being launched already by somebody else. Nothing was sent. Reload the page to see who.";
    assert_eq!(refusal, [("people".to_owned(), told.to_owned())]);
    assert_eq!(house.items(first).await[0].state, ItemState::Failed);
    house.work(second).await;
    assert_eq!(house.made_for("marta.nordwind").len(), 1);
}

/// By launch and reason, so that three hundred rows that failed alike are one line.
#[sqlx::test(migrator = "MIGRATOR")]
async fn failed_rows_wait_on_the_start_page_until_they_get_through(db: PgPool) {
    let house = House::open(db).await;
    for (code, users) in
        [("ResourceNotFound.User", vec!["marta.nordwind", "anna.nordwind"]), ("ResourceNotFound.Bundle", vec!["ben.nordwind"])]
    {
        let users = users.into_iter().map(str::to_owned).collect();
        let refused = Kind::FailItem { code: code.into(), message: "AWS's words".into() };
        house.sandbox.faults().add(Fault::new("CreateWorkspaces", refused).times(3).items(users));
    }
    let launch = house.launch(&["marta.nordwind", "anna.nordwind", "ben.nordwind", "ida.nordwind"]).await;
    house.work(launch).await;
    let failed = async || {
        let mut failed = launches::today(&house.services, &helpdesk()).await.unwrap().failed;
        failed.sort_by_key(|rows| rows.count);
        failed
    };
    let rows = failed().await;
    let said: Vec<_> = rows.iter().map(|rows| (rows.name.as_str(), rows.count, rows.failure.code.as_str())).collect();
    assert_eq!(said, [("Ben Nordwind", 1, "ResourceNotFound.Bundle"), ("Anna Nordwind", 2, "ResourceNotFound.User")]);
    assert!(rows.iter().all(|rows| rows.launch == launch && rows.failure.message.as_deref() == Some("AWS's words")));

    // Launched anew and not retried: those rows stay failed, but nobody has to look at them.
    house.sandbox.faults().clear();
    house.sandbox.clock().advance(chrono::TimeDelta::seconds(1));
    house.launch(&["ben.nordwind", "anna.nordwind"]).await;
    let rows = failed().await;
    assert_eq!(rows.iter().map(|rows| (rows.name.as_str(), rows.count)).collect::<Vec<_>>(), [("Marta Nordwind", 1)]);
    house.sandbox.clock().advance(chrono::TimeDelta::days(15));
    assert_eq!(failed().await, [], "a failure of a launch of two weeks ago is history");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn queued_rows_can_be_taken_back(db: PgPool) {
    let house = House::open(db).await;
    let services = &house.services;
    let launch = house.launch(&["marta.nordwind", "anna.nordwind", "ben.nordwind"]).await;
    let marta = house.items(launch).await.into_iter().find(|item| item.account == "marta.nordwind").unwrap();
    assert!(marta.can_cancel());
    assert_eq!(launches::cancel(services, &helpdesk(), launch, vec![marta.id]).await, Ok(1));
    let conflict = Err(Error::conflict(Conflict::NotCancelable));
    assert_eq!(launches::cancel(services, &helpdesk(), launch, vec![marta.id]).await, conflict);
    assert_eq!(launches::cancel(services, &helpdesk(), launch, vec![ItemId(Uuid::from_u128(1))]).await, conflict);
    house.run().await;
    assert_eq!(launches::cancel(services, &helpdesk(), launch, Vec::new()).await, conflict, "all others were sent");
    house.work(launch).await;
    assert_eq!(
        states(&house.items(launch).await),
        [
            ("anna.nordwind", ItemState::Available),
            ("ben.nordwind", ItemState::Available),
            ("marta.nordwind", ItemState::Canceled)
        ]
    );
    assert_eq!(house.made_for("marta.nordwind").len(), 0);
    assert_eq!(house.mails().len(), 2);
    assert_eq!(count(&house.db, "audit where action = 'cancel_items' and phase = 'finished'").await, 1);

    // Who was taken back can be launched again.
    let again = house.launch(&["marta.nordwind"]).await;
    assert_eq!(launches::cancel(services, &helpdesk(), again, Vec::new()).await, Ok(1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_scoped_role_does_nothing_elsewhere(db: PgPool) {
    let house = House::open(db).await;
    house.second_directory().await;
    let services = &house.services;
    // The same person as the one whose draft it is, who had the role everywhere a moment ago.
    let elsewhere = &person(Role::Helpdesk, Some(UNREGISTERED));
    let refused = || Error::NotAllowed { needs: vec![Role::Helpdesk, Role::Admin] };
    let draft = house.draft(&helpdesk(), &["marta.nordwind"]).await;
    assert_eq!(launches::start(services, elsewhere, draft, None).await, Err(refused()));
    let directory = DIRECTORY.parse().unwrap();
    assert_eq!(drafts::choose_directory(services, elsewhere, draft, directory).await, Err(refused()));
    let anna = vec![house.guid("anna.nordwind")];
    assert_eq!(drafts::add_people(services, elsewhere, draft, anna).await, Err(refused()));
    assert_eq!(count(&house.db, "launch").await, 0);

    let launch = launches::start(services, &helpdesk(), draft, None).await.unwrap();
    let not_seen = || Error::NotAllowed { needs: vec![Role::Helpdesk, Role::Admin, Role::Auditor] };
    assert_eq!(launches::get(services, elsewhere, launch).await, Err(not_seen()));
    assert_eq!(launches::items(services, elsewhere, launch, None, PageRequest::default()).await, Err(not_seen()));
    let list = async |actor| launches::list(services, actor, Filter::default(), PageRequest::default()).await.unwrap();
    assert_eq!((list(elsewhere).await.total, list(elsewhere).await.rows.len()), (0, 0));
    assert_eq!(launches::cancel(services, elsewhere, launch, Vec::new()).await, Err(refused()));
    sqlx::query("update launch_item set state = 'failed'").execute(&house.db).await.unwrap();
    assert_eq!(launches::retry(services, elsewhere, launch, Vec::new()).await, Err(refused()));
    assert_eq!(house.items(launch).await[0].state, ItemState::Failed);
    let today = launches::today(services, elsewhere).await.unwrap();
    assert!(today.running.is_empty() && today.failed.is_empty());

    let here = &person(Role::Helpdesk, Some(DIRECTORY));
    assert_eq!(list(here).await.rows.iter().map(|launch| launch.id).collect::<Vec<_>>(), [launch]);
    assert_eq!(launches::get(services, here, launch).await.unwrap().summary.counts.failed, 1);
    let auditor = &person(Role::Auditor, None);
    assert_eq!(list(auditor).await.total, 1);
    assert_eq!(launches::retry(services, auditor, launch, Vec::new()).await, Err(refused()));
    assert_eq!(launches::retry(services, here, launch, Vec::new()).await, Ok(1));
}
