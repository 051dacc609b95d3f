//! SQL of directories being taken down.

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    BatchId, DirectoryId,
    access::Actor,
    directories::{Halt, TakeDown, TakeDownStep},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Fault, Services, stamp::Stamps};

struct Row {
    directory_id: String,
    name: String,
    step: String,
    step_since: DateTime<Utc>,
    halt: Option<String>,
    note: Option<String>,
    asked_by_name: String,
    asked_at: DateTime<Utc>,
    reason: String,
    confirmed: i64,
    batch_id: Option<Uuid>,
    stopped_at: Option<String>,
}

fn step_of(text: &str) -> Result<TakeDownStep, Fault> {
    TakeDownStep::from_db(text).ok_or_else(|| Fault::Bug(format!("step of taking down: {text}")))
}

fn directory_of(text: &str) -> Result<DirectoryId, Fault> {
    text.parse().map_err(|error| Fault::Bug(format!("taking down: {error}")))
}

/// The last time that somebody took the directory down, over or not.
pub(in crate::directories) async fn last(services: &Services, directory: &DirectoryId) -> Result<Option<TakeDown>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select directory_id, name, step, step_since, halt, note, asked_by_name, asked_at, reason, confirmed, batch_id, stopped_at
         from directory_take_down where directory_id = $1 order by asked_at desc, id desc limit 1",
        directory.as_str()
    )
    .fetch_optional(&services.db)
    .await?;
    let stamps = services.stamps().await?;
    row.map(|row| read(&stamps, row)).transpose()
}

/// Those that stand still until somebody decides.
pub(in crate::directories) async fn halted(services: &Services) -> Result<Vec<TakeDown>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select directory_id, name, step, step_since, halt, note, asked_by_name, asked_at, reason, confirmed, batch_id, stopped_at
         from directory_take_down where halt is not null and step not in ('done', 'stopped') order by asked_at",
    )
    .fetch_all(&services.db)
    .await?;
    let stamps = services.stamps().await?;
    rows.into_iter().map(|row| read(&stamps, row)).collect()
}

fn read(stamps: &Stamps<'_>, row: Row) -> Result<TakeDown, Fault> {
    let stamp = |at: DateTime<Utc>| stamps.of(&row.directory_id, at);
    Ok(TakeDown {
        directory: directory_of(&row.directory_id)?,
        name: row.name,
        step: step_of(&row.step)?,
        since: stamp(row.step_since),
        halt: row.halt.as_deref().and_then(Halt::from_db),
        note: row.note,
        asked_by: row.asked_by_name,
        asked: stamp(row.asked_at),
        reason: row.reason,
        confirmed: row.confirmed,
        batch: row.batch_id.map(BatchId),
        stopped_at: row.stopped_at.as_deref().map(step_of).transpose()?,
    })
}

/// WorkSpaces of a directory that are not on their way out, as the mirror knows them.
pub(in crate::directories) async fn workspaces(services: &Services, directory: &DirectoryId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select workspace_id from workspace
         where directory_id = $1 and gone_at is null and state not in ('TERMINATING', 'TERMINATED') order by workspace_id",
        directory.as_str()
    )
    .fetch_all(&services.db)
    .await
}

/// Rows of launches that are on their way to it.
pub(in crate::directories) async fn launching(services: &Services, directory: &DirectoryId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "select count(*) as \"count!\" from launch_item
         where directory_id = $1 and state in ('queued', 'sending', 'unconfirmed', 'pending')",
        directory.as_str()
    )
    .fetch_one(&services.db)
    .await
}

/// Rows of actions on its WorkSpaces that are not over.
pub(in crate::directories) async fn acting(services: &Services, directory: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "select count(*) as \"count!\" from workspace_batch_item
         where directory_id = $1 and state in ('queued', 'sending', 'unconfirmed', 'accepted')",
        directory
    )
    .fetch_one(&services.db)
    .await
}

/// What somebody agreed to.
pub(in crate::directories) struct Agreed<'a> {
    pub directory: &'a DirectoryId,
    pub name: &'a str,
    pub reason: &'a str,
    pub confirmed: i64,
    pub batch: Option<BatchId>,
}

/// Begins it; the unique index refuses a second one.
pub(in crate::directories) async fn insert(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    agreed: &Agreed<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into directory_take_down (id, directory_id, name, asked_by, asked_by_name, asked_at, reason, confirmed, batch_id, step,
                                          step_since, next_look_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'terminate', $6, $6)",
        Uuid::now_v7(),
        agreed.directory.as_str(),
        agreed.name,
        actor.key(),
        actor.name(),
        services.clock.now(),
        agreed.reason,
        agreed.confirmed,
        agreed.batch.map(|batch| batch.0),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Goes on with one that stands still; false if it does not.
pub(in crate::directories) async fn go_on(
    tx: &mut PgConnection,
    services: &Services,
    directory: &DirectoryId,
    (further, batch): (i64, Option<BatchId>),
) -> sqlx::Result<bool> {
    let gone_on = sqlx::query!(
        "update directory_take_down set halt = null, note = null, step_since = $2, next_look_at = $2, confirmed = confirmed + $3,
                                        batch_id = coalesce($4, batch_id)
         where directory_id = $1 and halt is not null and step not in ('done', 'stopped')",
        directory.as_str(),
        services.clock.now(),
        further,
        batch.map(|batch| batch.0),
    )
    .execute(tx)
    .await?;
    Ok(gone_on.rows_affected() == 1)
}

/// Stops it; `None` if it is over, else its last termination.
pub(in crate::directories) async fn stop(
    tx: &mut PgConnection,
    services: &Services,
    directory: &DirectoryId,
) -> sqlx::Result<Option<Option<BatchId>>> {
    let stopped = sqlx::query_scalar!(
        "update directory_take_down set stopped_at = step, step = 'stopped', step_since = $2, halt = null, next_look_at = null
         where directory_id = $1 and step not in ('done', 'stopped') returning batch_id",
        directory.as_str(),
        services.clock.now(),
    )
    .fetch_optional(tx)
    .await?;
    Ok(stopped.map(|batch| batch.map(BatchId)))
}

/// One that is due.
pub(in crate::directories) struct Due {
    pub id: Uuid,
    pub directory: DirectoryId,
    pub name: String,
    pub asked_by: String,
    pub step: TakeDownStep,
    pub since: DateTime<Utc>,
}

/// One that is due, put off meanwhile so that no other worker looks at it.
pub(in crate::directories) async fn take_due(services: &Services) -> Result<Option<Due>, Fault> {
    let now = services.clock.now();
    let row = sqlx::query!(
        "update directory_take_down set next_look_at = $2
         where id = (select id from directory_take_down where next_look_at <= $1 order by next_look_at limit 1 for update skip locked)
         returning id, directory_id, name, asked_by, step, step_since",
        now,
        now + services.settings.claim_lease(),
    )
    .fetch_optional(&services.db)
    .await?;
    row.map(|row| {
        Ok(Due {
            id: row.id,
            directory: directory_of(&row.directory_id)?,
            name: row.name,
            asked_by: row.asked_by,
            step: step_of(&row.step)?,
            since: row.step_since,
        })
    })
    .transpose()
}

/// When the next one is due.
pub(in crate::directories) async fn next_due(services: &Services) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!("select min(next_look_at) from directory_take_down").fetch_one(&services.db).await
}

/// Whether it is at that step still; nobody stops it before the transaction ends.
pub(in crate::directories) async fn is_at(tx: &mut PgConnection, due: &Due) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!(
        "select id from directory_take_down where id = $1 and step = $2 and halt is null for update",
        due.id,
        due.step.as_str(),
    );
    Ok(found.fetch_optional(tx).await?.is_some())
}

/// It goes to another step, unless it has left this one meanwhile.
pub(in crate::directories) async fn advance(
    services: &Services,
    due: &Due,
    (step, after): (TakeDownStep, TimeDelta),
    note: Option<&str>,
) -> sqlx::Result<()> {
    let now = services.clock.now();
    sqlx::query!(
        "update directory_take_down set step = $3, step_since = $4, note = $5, next_look_at = $6 where id = $1 and step = $2",
        due.id,
        due.step.as_str(),
        step.as_str(),
        now,
        note,
        (!step.is_over()).then_some(now + after),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// It is looked at again at `then`.
pub(in crate::directories) async fn wait(services: &Services, due: &Due, then: DateTime<Utc>, note: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update directory_take_down set note = $3, next_look_at = $4 where id = $1 and step = $2",
        due.id,
        due.step.as_str(),
        note,
        then,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// It stands still until somebody decides.
pub(in crate::directories) async fn halt(services: &Services, due: &Due, halt: Halt, note: Option<&str>) -> sqlx::Result<()> {
    sqlx::query!(
        "update directory_take_down set halt = $3, note = $4, next_look_at = null where id = $1 and step = $2",
        due.id,
        due.step.as_str(),
        halt.as_str(),
        note,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// WorkSpaces has begun to let go of it.
pub(in crate::directories) async fn deregistering(tx: &mut PgConnection, directory: &DirectoryId) -> sqlx::Result<()> {
    sqlx::query!("update directory set registration_state = 'DEREGISTERING' where directory_id = $1", directory.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

/// Directory Service has begun to delete it.
pub(in crate::directories) async fn deleting(tx: &mut PgConnection, directory: &DirectoryId) -> sqlx::Result<()> {
    sqlx::query!("update directory set stage = 'Deleting' where directory_id = $1", directory.as_str()).execute(tx).await?;
    Ok(())
}
