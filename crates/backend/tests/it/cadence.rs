//! How often AWS is asked about directories: every ten minutes, and every half a minute while one of them changes by itself.

use backend::directories;
use chrono::{DateTime, TimeDelta, Utc};
use sandbox::{
    Behaviour,
    people::{CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD},
};
use sqlx::PgPool;

use crate::{
    connect::{admin, create, drafted, sweep},
    house::{DIRECTORY, House, Plan},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// In how many seconds the sweep comes by itself; `None` if only the tick will wake it.
pub async fn next_sweep(house: &House) -> Option<i64> {
    let waiting = "select run_at from graphile_worker._private_jobs where key = 'sweep_directories' and locked_at is null";
    let at: Option<DateTime<Utc>> = sqlx::query_scalar(waiting).fetch_optional(&house.db).await.unwrap();
    at.map(|at| (at - house.services.clock.now()).num_seconds())
}

fn reads(house: &House) -> u64 {
    house.calls("ds:DescribeDirectories")
}

async fn tick(house: &House) {
    house.execute("select graphile_worker.add_job('tick', 'null'::json)").await;
    house.run().await;
    house.run_waiting().await;
}

/// Sweeps, and looks whether the next one comes within half a minute and no sooner.
async fn comes_soon(house: &House) -> bool {
    sweep(house).await;
    match next_sweep(house).await {
        Some(seconds) => {
            assert!((20..=30).contains(&seconds), "{seconds}");
            true
        }
        None => false,
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn while_nothing_changes_they_are_read_every_ten_minutes(db: PgPool) {
    let house = House::open(db).await;
    let minutes = |minutes| house.sandbox.clock().advance(TimeDelta::minutes(minutes));
    assert!(!comes_soon(&house).await);
    for (passed, wanted) in [(0, 1), (9, 1), (1, 2), (9, 2), (1, 3)] {
        minutes(passed);
        tick(&house).await;
        assert_eq!(reads(&house), wanted, "after {passed} minutes more");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_connector_that_is_being_made_is_looked_at_every_half_a_minute(db: PgPool) {
    let behaviour = Plan::default().behaviour.with_prompt_directories();
    let behaviour = Behaviour { connector_requested_ms: 3_600_000, ..behaviour };
    let house = House::with(db, Plan { behaviour, ..Plan::default() }).await;
    let draft = drafted(&house).await;
    let made = create(&house, draft, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await.unwrap().unwrap();
    assert!(comes_soon(&house).await);
    let stage = async || directories::one(&house.services, &admin(), &made).await.unwrap().0.stage;
    assert_eq!(stage().await, "Requested");
    // That one comes without anybody's help, and is followed by another.
    let before = reads(&house);
    house.sandbox.clock().advance(TimeDelta::seconds(30));
    house.run_waiting().await;
    assert_eq!(reads(&house), before + 1);
    assert!(next_sweep(&house).await.is_some_and(|seconds| (20..=30).contains(&seconds)));
    house.sandbox.clock().advance(TimeDelta::hours(2));
    assert!(!comes_soon(&house).await);
    assert_eq!(stage().await, "Active");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn so_is_one_that_is_being_registered_or_changed(db: PgPool) {
    let house = House::open(db).await;
    assert!(!comes_soon(&house).await);
    let settled_at = house.sandbox.clock().now() + TimeDelta::hours(1);
    for registration in &mut house.sandbox.state().memory().registrations {
        assert_eq!(registration.directory, DIRECTORY);
        registration.settled_at = settled_at;
    }
    assert!(comes_soon(&house).await);
    house.sandbox.clock().advance(TimeDelta::hours(2));
    assert!(!comes_soon(&house).await);

    let now = house.sandbox.clock().now();
    house.sandbox.state().memory().connectors[0].updating = Some((now, now + TimeDelta::hours(1)));
    assert!(comes_soon(&house).await);
    house.sandbox.clock().advance(TimeDelta::hours(2));
    assert!(!comes_soon(&house).await);
}
