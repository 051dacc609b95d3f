//! SQL of the engine: claims, leases and outcomes. Every write of an outcome is conditional on the claim, so a worker that
//! lost it changes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use model::{
    ItemId, LaunchId, PersonGuid,
    launches::ItemState,
    workspaces::{Encryption, RunningMode, Tag, Volumes},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Fault, Services, aws::workspaces::BATCH};

/// A row in a worker's hands.
#[derive(Debug, Clone)]
pub(in crate::launches) struct Claimed {
    pub id: ItemId,
    pub launch: LaunchId,
    pub started_by: String,
    pub directory: String,
    pub person: PersonGuid,
    pub account: String,
    pub name: String,
    pub bundle: String,
    pub running_mode: RunningMode,
    pub volumes: Volumes,
    pub encryption: Encryption,
    pub tags: Vec<Tag>,
    pub sent_at: Option<DateTime<Utc>>,
    /// What AWS said when the outcome became uncertain.
    pub error_code: Option<String>,
}

struct ClaimedRow {
    id: Uuid,
    launch_id: Uuid,
    started_by: String,
    directory_id: String,
    person_guid: Uuid,
    account: String,
    name: String,
    bundle_id: String,
    running_mode: String,
    auto_stop_minutes: Option<i32>,
    root_gib: Option<i32>,
    user_gib: Option<i32>,
    encrypt_root: bool,
    encrypt_user: bool,
    encryption_key: Option<String>,
    tags: serde_json::Value,
    own_tags: serde_json::Value,
    sent_at: Option<DateTime<Utc>>,
    error_code: Option<String>,
}

fn read(row: ClaimedRow) -> Result<Claimed, Fault> {
    let tags = |value| serde_json::from_value::<Vec<Tag>>(value).map_err(|error| Fault::Bug(format!("launch tags: {error}")));
    let size = |gib: Option<i32>| gib.and_then(|gib| u32::try_from(gib).ok());
    Ok(Claimed {
        id: ItemId(row.id),
        launch: LaunchId(row.launch_id),
        started_by: row.started_by,
        directory: row.directory_id,
        person: PersonGuid(row.person_guid),
        account: row.account,
        name: row.name,
        bundle: row.bundle_id,
        running_mode: RunningMode::from_aws(&row.running_mode, row.auto_stop_minutes),
        volumes: Volumes { root_gib: size(row.root_gib), user_gib: size(row.user_gib) },
        encryption: Encryption { root: row.encrypt_root, user: row.encrypt_user, key: row.encryption_key },
        tags: Tag::merged(tags(row.tags)?, &tags(row.own_tags)?),
        sent_at: row.sent_at,
        error_code: row.error_code,
    })
}

/// Whether a row can be sent: its launch is not paused, and no DNS server of its directory is being changed.
pub(in crate::launches) async fn anything_queued(services: &Services) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "select exists (select from launch_item i join launch l on l.id = i.launch_id
                        where i.state = 'queued' and l.paused_at is null
                          and not exists (select from directory_take_down t where t.directory_id = i.directory_id
                                          and t.step not in ('done', 'stopped'))
                          and not exists (select from dns_change f where f.directory_id = i.directory_id and f.frozen_at is not null
                                          and (f.thaws_at is null or f.thaws_at > $1))) as \"exists!\"",
        services.clock.now(),
    )
    .fetch_one(&services.db)
    .await
}

/// When rows that stand still for a change of DNS servers may be sent, as far as that is known.
pub(in crate::launches) async fn next_thaw(services: &Services) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        "select min(f.thaws_at) from dns_change f where f.thaws_at > $1
           and exists (select from launch_item i where i.directory_id = f.directory_id and i.state = 'queued')",
        services.clock.now(),
    )
    .fetch_one(&services.db)
    .await
}

/// Claims up to 25 queued rows, the oldest first.
pub(in crate::launches) async fn claim_queued(
    tx: &mut PgConnection,
    services: &Services,
    claim: Uuid,
) -> Result<Vec<Claimed>, Fault> {
    let now = services.clock.now();
    let rows = sqlx::query_as!(
        ClaimedRow,
        "update launch_item i set state = 'sending', state_since = $2, sent_at = $2, claim = $1, lease_until = $3,
                error_code = null, error_message = null
         from launch l
         where l.id = i.launch_id and i.id in
           (select q.id from launch_item q join launch p on p.id = q.launch_id
            where q.state = 'queued' and p.paused_at is null
              and not exists (select from directory_take_down t where t.directory_id = q.directory_id
                              and t.step not in ('done', 'stopped'))
              and not exists (select from dns_change f where f.directory_id = q.directory_id and f.frozen_at is not null
                              and (f.thaws_at is null or f.thaws_at > $2))
            order by q.id limit $4 for update of q skip locked)
         returning i.id, i.launch_id, l.started_by, i.directory_id, i.person_guid, i.account, i.name, i.bundle_id,
                   l.running_mode, l.auto_stop_minutes, l.root_gib, l.user_gib, l.encrypt_root, l.encrypt_user, l.encryption_key,
                   l.tags, i.tags as own_tags, i.sent_at, i.error_code",
        claim,
        now,
        now + services.settings.claim_lease(),
        BATCH,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(read).collect()
}

/// Claims one row whose lease has run out.
pub(in crate::launches) async fn claim_lost(services: &Services, claim: Uuid) -> Result<Option<Claimed>, Fault> {
    let now = services.clock.now();
    // Two calls to AWS, each of which may wait for a slot.
    let lease = now + services.settings.claim_lease() * 2;
    let row = sqlx::query_as!(
        ClaimedRow,
        "update launch_item i set claim = $1, lease_until = $3,
                state_since = case when i.state = 'unconfirmed' then i.state_since else $2 end, state = 'unconfirmed'
         from launch l
         where l.id = i.launch_id and i.id =
           (select id from launch_item where claim is not null and lease_until <= $2 order by lease_until limit 1 for update skip locked)
         returning i.id, i.launch_id, l.started_by, i.directory_id, i.person_guid, i.account, i.name, i.bundle_id,
                   l.running_mode, l.auto_stop_minutes, l.root_gib, l.user_gib, l.encrypt_root, l.encrypt_user, l.encryption_key,
                   l.tags, i.tags as own_tags, i.sent_at, i.error_code",
        claim,
        now,
        lease,
    )
    .fetch_optional(&services.db)
    .await?;
    row.map(read).transpose()
}

/// When the next lease runs out.
pub(in crate::launches) async fn next_lease(services: &Services) -> Result<Option<DateTime<Utc>>, Fault> {
    let next =
        sqlx::query_scalar!("select min(lease_until) from launch_item where claim is not null").fetch_one(&services.db).await?;
    Ok(next)
}

/// AWS accepted the row.
pub(in crate::launches) async fn accepted(
    tx: &mut PgConnection,
    services: &Services,
    item: ItemId,
    claim: Uuid,
    workspace: &str,
) -> sqlx::Result<bool> {
    let now = services.clock.now();
    let changed = sqlx::query!(
        "update launch_item set state = 'pending', state_since = $3, accepted_at = $3, workspace_id = $4, next_poll_at = $5, polls = 0,
                claim = null, lease_until = null, error_code = null, error_message = null
         where id = $1 and claim = $2",
        item.0,
        claim,
        now,
        workspace,
        now + services.settings.launch.first_poll,
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// The row ends here.
pub(in crate::launches) async fn finish(
    tx: &mut PgConnection,
    services: &Services,
    item: ItemId,
    claim: Uuid,
    state: ItemState,
    workspace: Option<&str>,
    failure: Option<(&str, &str)>,
) -> sqlx::Result<()> {
    let (code, message) = failure.unzip();
    sqlx::query!(
        "update launch_item set state = $3, state_since = $4, workspace_id = coalesce($5, workspace_id), error_code = $6, error_message = $7,
                claim = null, lease_until = null
         where id = $1 and claim = $2",
        item.0,
        claim,
        state.as_str(),
        services.clock.now(),
        workspace,
        code,
        message,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The outcome is not known; the row is asked about from `due` on.
pub(in crate::launches) async fn unconfirmed(
    tx: &mut PgConnection,
    services: &Services,
    item: ItemId,
    claim: Uuid,
    due: DateTime<Utc>,
    failure: Option<(&str, &str)>,
) -> sqlx::Result<()> {
    let (code, message) = failure.unzip();
    sqlx::query!(
        "update launch_item set state = 'unconfirmed', state_since = $3, lease_until = $4, error_code = $5, error_message = $6
         where id = $1 and claim = $2",
        item.0,
        claim,
        services.clock.now(),
        due,
        code,
        message,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Keeps the claim until then.
pub(in crate::launches) async fn lease_until(
    tx: &mut PgConnection,
    item: ItemId,
    claim: Uuid,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!("update launch_item set lease_until = $3 where id = $1 and claim = $2", item.0, claim, until)
        .execute(tx)
        .await?;
    Ok(())
}

/// AWS certainly did nothing: the row may be sent (again).
pub(in crate::launches) async fn unsend(
    tx: &mut PgConnection,
    services: &Services,
    item: ItemId,
    claim: Uuid,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update launch_item set state = 'queued', state_since = $3, claim = null, lease_until = null, error_code = null, error_message = null
         where id = $1 and claim = $2",
        item.0,
        claim,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The launch sends nothing more until somebody resumes it.
pub(in crate::launches) async fn pause(
    tx: &mut PgConnection,
    services: &Services,
    launch: LaunchId,
    code: &str,
    message: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update launch set paused_at = coalesce(paused_at, $2), paused_code = $3, paused_message = $4 where id = $1",
        launch.0,
        services.clock.now(),
        code,
        message,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// An accepted row that is being watched.
#[derive(Debug, Clone)]
pub(in crate::launches) struct Watched {
    pub id: ItemId,
    pub launch: LaunchId,
    pub workspace: String,
    pub accepted_at: DateTime<Utc>,
}

pub(in crate::launches) async fn anything_due(services: &Services) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "select exists (select from launch_item where state = 'pending' and next_poll_at <= $1) as \"exists!\"",
        services.clock.now(),
    )
    .fetch_one(&services.db)
    .await
}

/// Takes up to 25 rows that are due and puts off their next look.
pub(in crate::launches) async fn take_due(services: &Services, pause: impl Fn(i32) -> Duration) -> Result<Vec<Watched>, Fault> {
    let now = services.clock.now();
    let mut tx = services.db.begin().await?;
    let rows = sqlx::query!(
        "select id, launch_id, workspace_id as \"workspace_id!\", accepted_at, polls from launch_item
         where state = 'pending' and next_poll_at <= $1 order by next_poll_at limit $2 for update skip locked",
        now,
        BATCH,
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in &rows {
        sqlx::query!("update launch_item set polls = polls + 1, next_poll_at = $2 where id = $1", row.id, now + pause(row.polls))
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(rows
        .into_iter()
        .map(|row| Watched {
            id: ItemId(row.id),
            launch: LaunchId(row.launch_id),
            workspace: row.workspace_id,
            accepted_at: row.accepted_at.unwrap_or(now),
        })
        .collect())
}

pub(in crate::launches) async fn next_poll(services: &Services) -> Result<Option<DateTime<Utc>>, Fault> {
    let next =
        sqlx::query_scalar!("select min(next_poll_at) from launch_item where state = 'pending'").fetch_one(&services.db).await?;
    Ok(next)
}

/// Ends a watched row, once: false if somebody did already.
pub(in crate::launches) async fn watched_finish(
    tx: &mut PgConnection,
    services: &Services,
    item: &Watched,
    state: ItemState,
    failure: Option<(&str, &str)>,
) -> sqlx::Result<bool> {
    let (code, message) = failure.unzip();
    let changed = sqlx::query!(
        "update launch_item set state = $2, state_since = $3, error_code = $4, error_message = $5, next_poll_at = null
         where id = $1 and state = 'pending' and workspace_id = $6",
        item.id.0,
        state.as_str(),
        services.clock.now(),
        code,
        message,
        item.workspace,
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}
