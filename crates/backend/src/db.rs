//! PostgreSQL: the pool, the migrations, announcements and wake-ups for jobs.

mod examine;
mod schema;

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection, PgPool, migrate::Migrator, postgres::PgPoolOptions};

pub use examine::{Server, examine};
pub use schema::{Schema, schema};

use crate::settings::SettingError;

/// All changes of the schema, in order.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// The channel on which changes are announced; the payload is a [`Topic`]'s text.
pub const CHANNEL: &str = "frontdesk";

/// What the role of `serve` needs of tables that others make: sqlx's list of migrations, and the job queue's schema, whose
/// tables have row-level security.
const GRANTS: &str = include_str!("db/grants.sql");

/// Connections of one process at most.
pub const MOST_CONNECTIONS: u32 = 20;

/// A pool that connects when first used.
///
/// # Errors
/// The URL can't be read.
pub(crate) fn pool(url: &SecretString) -> Result<PgPool, SettingError> {
    PgPoolOptions::new()
        .max_connections(MOST_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy(url.expose_secret())
        .map_err(|error| SettingError::new("database.url", error))
}

/// Brings the schema up to date, the job queue's included, as the owner of the database.
///
/// # Errors
/// The database can't be reached, or a migration fails; nothing of the failed one stays.
pub async fn migrate(owner_url: &SecretString) -> Result<(), MigrateFault> {
    let owner = PgPoolOptions::new().max_connections(2).connect(owner_url.expose_secret()).await?;
    prepare(&owner).await
}

/// [`migrate`] on an open pool; tests start with it.
///
/// # Errors
/// As [`migrate`].
pub async fn prepare(owner: &PgPool) -> Result<(), MigrateFault> {
    // A schema that a newer version has migrated is left as it is: going back a version is nothing to be stopped at.
    let mut migrator = Migrator::with_migrations(MIGRATOR.iter().cloned().collect());
    migrator.set_ignore_missing(true).run(owner).await?;
    // Initialising a worker brings the queue's own schema up to date.
    graphile_worker::WorkerOptions::default().pg_pool(owner.clone()).listen_os_shutdown_signals(false).init().await?;
    sqlx::raw_sql(GRANTS).execute(owner).await?;
    Ok(())
}

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateFault {
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("a migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("the job queue's schema: {0}")]
    JobQueue(#[from] graphile_worker::WorkerBuildError),
}

/// What changed, for those who watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Launch(model::LaunchId),
}

impl std::fmt::Display for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Launch(id) => write!(f, "launch:{id}"),
        }
    }
}

impl std::str::FromStr for Topic {
    type Err = model::ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix("launch:").unwrap_or(text).parse().map(Self::Launch)
    }
}

/// Announces a change; watchers hear of it when the transaction commits.
pub(crate) async fn announce(tx: &mut PgConnection, topic: Topic) -> sqlx::Result<()> {
    sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(topic.to_string()).execute(tx).await?;
    Ok(())
}

/// Adds a job in the caller's transaction. A waiting job of the same key runs at the earlier of both times; one that is
/// running is followed by another.
pub(crate) async fn wake(
    tx: &mut PgConnection,
    job: &str,
    key: &str,
    payload: serde_json::Value,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut tx = tx.begin().await?;
    // The lock that add_job takes itself: nobody may add a job between the look at the waiting one and its replacement.
    sqlx::query("select pg_advisory_xact_lock(hashtext($1))").bind(key).execute(&mut *tx).await?;
    sqlx::query(
        "select graphile_worker.add_job($1, $2::json, job_key => $4,
           run_at => least($3, (select run_at from graphile_worker._private_jobs where key = $4 and is_available)))",
    )
    .bind(job)
    .bind(payload)
    .bind(at)
    .bind(key)
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// A LIKE pattern that finds the text anywhere, with LIKE's own characters escaped.
pub(crate) fn contains(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars().filter(|character| *character != '\0') {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[sqlx::test(migrator = "MIGRATOR")]
    async fn a_waiting_job_only_ever_comes_earlier(db: PgPool) {
        prepare(&db).await.unwrap();
        let now = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        let mut connection = db.acquire().await.unwrap();
        for (seconds, expected) in [(60, 60), (10, 10), (600, 10), (0, 0)] {
            wake(&mut connection, "job", "key", serde_json::json!({}), now + TimeDelta::seconds(seconds)).await.unwrap();
            let due: Vec<DateTime<Utc>> =
                sqlx::query_scalar("select run_at from graphile_worker._private_jobs").fetch_all(&db).await.unwrap();
            assert_eq!(due, [now + TimeDelta::seconds(expected)], "after a wake at {seconds}");
        }
        // One that runs has seen the rows as they were: another follows it.
        sqlx::query("update graphile_worker._private_jobs set locked_at = now(), locked_by = 'w'").execute(&db).await.unwrap();
        wake(&mut connection, "job", "key", serde_json::json!({}), now + TimeDelta::seconds(60)).await.unwrap();
        let due: DateTime<Utc> = sqlx::query_scalar("select run_at from graphile_worker._private_jobs where key = 'key'")
            .fetch_one(&db)
            .await
            .unwrap();
        assert_eq!(due, now + TimeDelta::seconds(60));
    }
}
