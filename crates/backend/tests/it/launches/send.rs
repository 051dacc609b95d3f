//! Rows to AWS: the whole way from the start to the mail, and calls that AWS throttles or answers too late.

use std::time::{Duration, Instant};

use backend::launches::{self, drafts};
use chrono::TimeDelta;
use model::{
    Conflict, Error,
    invitations::State,
    launches::{Hold, ItemState},
    workspaces::Tag,
};
use sandbox::{Behaviour, faults::Kind};
use sqlx::{PgPool, Row, postgres::PgPoolOptions};
use uuid::Uuid;

use super::{MIGRATOR, attempted, failed, states, succeeded, unguarded};
use crate::house::{DESK, House, OFFICE, count, desktop, helpdesk};

/// The whole way, with the database as `frontdesk serve` and `frontdesk worker` see it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn people_become_workspaces_and_are_invited(db: PgPool) {
    let mut house = House::open(db.clone()).await;
    house.services.db = PgPoolOptions::new()
        .max_connections(8)
        .after_connect(|connection, _| {
            Box::pin(async move { sqlx::query("set role frontdesk_serve").execute(connection).await.map(drop) })
        })
        .connect_with((*db.connect_options()).clone())
        .await
        .unwrap();
    let helena = &helpdesk();
    let accounts = ["marta.nordwind", "anna.nordwind", "ben.nordwind"];
    let draft = house.draft(helena, &accounts).await;
    let other = vec![(house.guid("marta.nordwind"), Some(OFFICE.parse().unwrap()))];
    assert!(drafts::save_desktop(&house.services, helena, draft, desktop(), other).await.unwrap());
    let launch = launches::start(&house.services, helena, draft, None).await.unwrap();
    let items = house.items(launch).await;
    assert!(items.iter().all(|item| item.state == ItemState::Queued), "{items:?}");
    house.run().await;
    let items = house.items(launch).await;
    assert!(items.iter().all(|item| item.state == ItemState::Pending && item.workspace.is_some()), "{items:?}");
    assert_eq!(house.mails().len(), 0, "nobody is invited to what is not ready");
    house.work(launch).await;

    let items = house.items(launch).await;
    assert_eq!(states(&items), ["anna.nordwind", "ben.nordwind", "marta.nordwind"].map(|name| (name, ItemState::Available)));
    for item in &items {
        let made = house.made_for(&item.account);
        assert_eq!(made.len(), 1, "{}", item.account);
        let made = &made[0];
        assert_eq!(item.workspace.as_ref().unwrap().as_str(), made.id);
        assert_eq!((made.running_mode.as_str(), made.auto_stop_minutes), ("AUTO_STOP", Some(120)));
        let id = item.id.to_string();
        let tags: Vec<_> = made.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(tags, [("cost centre", "4711"), ("team", "Logistics"), (Tag::ITEM, id.as_str())]);
        let marta = item.account == "marta.nordwind";
        assert_eq!(made.bundle, if marta { OFFICE } else { DESK });
        assert_eq!(item.invitation.as_ref().map(|invitation| invitation.state), Some(State::Sent));
        assert_eq!(house.making_record(&item.account).await, [attempted(), succeeded(&made.id)]);
        let tied: (Uuid, String) = sqlx::query_as("select person_guid, person_name from workspace where workspace_id = $1")
            .bind(&made.id)
            .fetch_one(&house.db)
            .await
            .unwrap();
        assert_eq!(tied, (item.person.0, item.name.clone()));
    }
    let mut recipients: Vec<_> = house.mails().into_iter().flat_map(|mail| mail.to).collect();
    recipients.sort();
    assert_eq!(recipients, ["anna", "ben", "marta"].map(|name| format!("{name}.nordwind@corp.example.com")));
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 1);
    let made_by: Vec<(String, Option<String>)> =
        sqlx::query_as("select distinct actor, on_behalf_of from audit where action = 'create_workspace'")
            .fetch_all(&house.db)
            .await
            .unwrap();
    assert_eq!(made_by, [("system".to_owned(), Some("subject-of-helena".to_owned()))]);
    let started: Vec<(String, String, Option<String>)> =
        sqlx::query_as("select actor, phase, outcome from audit where action = 'start_launch' and object_id = $1 order by id")
            .bind(launch.to_string())
            .fetch_all(&house.db)
            .await
            .unwrap();
    let helena = "subject-of-helena".to_owned();
    assert_eq!(
        started,
        [(helena.clone(), "attempted".to_owned(), None), (helena, "finished".to_owned(), Some("succeeded".to_owned()))]
    );
    house.services.db.close().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn thirty_people_are_two_calls(db: PgPool) {
    let house = House::open(db).await;
    let given = [
        "anna", "ben", "clara", "david", "emil", "frida", "greta", "hannes", "ida", "jonas", "karla", "leon", "marta", "nils",
        "olga", "paul", "quirin", "rosa", "stefan", "tilda", "ulrich", "vera", "willi", "xenia", "yannick", "zoe", "arne",
        "birte", "carsten", "doris",
    ];
    let accounts: Vec<_> = given.iter().map(|given| format!("{given}.nordwind")).collect();
    let launch = house.launch(&accounts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    house.work(launch).await;
    let launch = launches::get(&house.services, &helpdesk(), launch).await.unwrap();
    assert_eq!((launch.summary.counts.available, launch.summary.counts.total(), launch.invitations.sent), (30, 30, 30));
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 2);
    for account in &accounts {
        assert_eq!(house.made_for(account).len(), 1, "{account}");
    }
    assert_eq!(house.mails().len(), 30);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_throttled_row_is_queued_and_sent_later(db: PgPool) {
    let house = House::with(db, unguarded(0)).await;
    house.fault_at("CreateWorkspaces", Kind::Throttle, 1);
    let launch = house.launch(&["marta.nordwind"]).await;
    house.work(launch).await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Available);
    let made = house.made_for("marta.nordwind");
    assert_eq!((made.len(), house.calls("workspaces:CreateWorkspaces"), house.mails().len()), (1, 2, 1));
    let record = house.making_record("marta.nordwind").await;
    assert_eq!(record, [attempted(), failed("not taken, sent again later"), attempted(), succeeded(&made[0].id)]);
}

/// Another worker took the row over while AWS was slow: the first may not write what it learns too late.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_worker_that_lost_its_claim_writes_nothing(db: PgPool) {
    let house = House::with(db, unguarded(0)).await;
    house.fault_at("CreateWorkspaces", Kind::Delay { ms: 2_000 }, 1);
    let launch = house.launch(&["marta.nordwind"]).await;
    let other = Uuid::now_v7();
    let taken_over = async {
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            let taken = sqlx::query("update launch_item set claim = $1 where state = 'sending'").bind(other);
            if taken.execute(&house.db).await.unwrap().rows_affected() == 1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the row was never sent");
    };
    tokio::join!(house.run(), taken_over);
    let row = sqlx::query("select state, claim, workspace_id from launch_item").fetch_one(&house.db).await.unwrap();
    assert_eq!(row.get::<String, _>("state"), "sending");
    assert_eq!(row.get::<Option<Uuid>, _>("claim"), Some(other));
    assert_eq!(row.get::<Option<String>, _>("workspace_id"), None);
    assert_eq!(house.made_for("marta.nordwind").len(), 1);

    // The other one died with it; what it left is settled as any other.
    house.sandbox.clock().advance(TimeDelta::seconds(30));
    house.work(launch).await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Available);
    assert_eq!((house.made_for("marta.nordwind").len(), house.mails().len()), (1, 1));
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 1);
}

/// An account begins with a quota of one WorkSpace.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_used_up_quota_pauses_the_launch_and_loses_nobody(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let quota = |quota: usize| {
        let state = house.sandbox.state();
        state.set_behaviour(Behaviour { quota, ..state.behaviour() });
    };
    let live = house.sandbox.state().memory().workspaces.iter().filter(|workspace| !workspace.is_gone()).count();
    quota(live + 2);
    let launch = house.launch(&["anna.nordwind", "ben.nordwind", "ida.nordwind", "marta.nordwind"]).await;
    house.run().await;
    let get = async || launches::get(services, helena, launch).await.unwrap().summary;
    let waiting = get().await;
    assert!(waiting.waits(), "{waiting:?}");
    assert_eq!((waiting.counts.queued, waiting.counts.pending, waiting.counts.failed), (2, 2, 0));
    let paused = waiting.paused.unwrap();
    assert!(paused.cause == Hold::Quota && paused.message.contains("quota"), "{paused:?}");
    let today = launches::today(services, helena).await.unwrap();
    assert_eq!(today.paused.iter().map(|summary| summary.id).collect::<Vec<_>>(), [launch]);
    // Nothing is asked of AWS until somebody resumes it.
    let calls = house.calls("CreateWorkspaces");
    house.run().await;
    assert_eq!(house.calls("CreateWorkspaces"), calls);
    quota(1_000);
    launches::resume(services, helena, launch).await.unwrap();
    house.run().await;
    assert_eq!((get().await.counts.pending, get().await.paused), (4, None));
    assert_eq!(launches::resume(services, helena, launch).await, Err(Error::conflict(Conflict::NotPaused)));
    assert_eq!(count(&house.db, "audit where action = 'resume_launch' and outcome = 'succeeded'").await, 1);
}

/// Credentials that were withdrawn, a policy that is too narrow, a clock that is wrong: none of it is the rows' fault.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_aws_that_refuses_us_pauses_the_launch_and_loses_nobody(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let launch = house.launch(&["anna.nordwind", "ben.nordwind"]).await;
    let get = async || launches::get(services, helena, launch).await.unwrap().summary;
    let denied = Kind::Refuse { code: "AccessDeniedException".into(), message: "Not you.".into() };
    for (kind, told) in [(denied, "Not you."), (Kind::ClockSkew { seconds: 3_600 }, "Signature expired")] {
        house.fault_at("CreateWorkspaces", kind, 1);
        house.run().await;
        let waiting = get().await;
        assert_eq!((waiting.counts.queued, waiting.counts.failed, waiting.waits()), (2, 0, true));
        let paused = waiting.paused.unwrap();
        assert!(paused.cause == Hold::Access && paused.message.starts_with(told), "{paused:?}");
        launches::resume(services, helena, launch).await.unwrap();
    }
    house.run().await;
    assert_eq!((get().await.counts.pending, get().await.paused), (2, None));
}
