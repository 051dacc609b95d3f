//! SQL of the engine: claims, leases and outcomes. Every write of an outcome is conditional on the claim, so a worker that
//! lost it changes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use model::{
    BatchId, PersonGuid,
    workspaces::{ActionState, WorkspaceAction},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::action_of;
use crate::{Fault, Services, aws::workspaces::BATCH};

/// A row in a worker's hands.
#[derive(Debug, Clone)]
pub(in crate::workspaces::act) struct Claimed {
    pub id: Uuid,
    pub batch: BatchId,
    pub asked_by: String,
    pub workspace: String,
    pub person: Option<PersonGuid>,
    pub name: String,
}

/// The action of the row that waits longest.
pub(in crate::workspaces::act) async fn next_action(services: &Services) -> Result<Option<WorkspaceAction>, Fault> {
    let action = sqlx::query_scalar!(
        "select b.action from workspace_batch_item i join workspace_batch b on b.id = i.batch_id
         where i.state = 'queued' order by i.id limit 1"
    )
    .fetch_optional(&services.db)
    .await?;
    action.as_deref().map(action_of).transpose()
}

/// Claims as many queued rows of the action as one call takes, the oldest first.
pub(in crate::workspaces::act) async fn claim_queued(
    tx: &mut PgConnection,
    services: &Services,
    claim: Uuid,
    action: WorkspaceAction,
) -> sqlx::Result<Vec<Claimed>> {
    let now = services.clock.now();
    let rows = sqlx::query!(
        "update workspace_batch_item i set state = 'sending', state_since = $2, sent_at = $2, claim = $1, lease_until = $3, moved = false,
                error_code = null, error_message = null
         from workspace_batch b
         where b.id = i.batch_id and i.id in
           (select q.id from workspace_batch_item q join workspace_batch p on p.id = q.batch_id
            where q.state = 'queued' and p.action = $4 order by q.id limit $5 for update of q skip locked)
         returning i.id, i.batch_id, b.asked_by, i.workspace_id, i.person_guid, coalesce(i.name, i.user_name) as \"name!\"",
        claim,
        now,
        now + services.settings.claim_lease(),
        action.as_str(),
        i64::try_from(action.at_once()).unwrap_or(1),
    )
    .fetch_all(tx)
    .await?;
    let read = rows.into_iter().map(|row| Claimed {
        id: row.id,
        batch: BatchId(row.batch_id),
        asked_by: row.asked_by,
        workspace: row.workspace_id,
        person: row.person_guid.map(PersonGuid),
        name: row.name,
    });
    Ok(read.collect())
}

/// AWS took the row; `moved` if it is seen at it.
pub(in crate::workspaces::act) async fn accepted(
    tx: &mut PgConnection,
    services: &Services,
    item: Uuid,
    claim: Uuid,
    moved: bool,
) -> sqlx::Result<()> {
    let now = services.clock.now();
    sqlx::query!(
        "update workspace_batch_item set state = 'accepted', state_since = $3, moved = $4, next_poll_at = $5, polls = 0, claim = null,
                lease_until = null
         where id = $1 and claim = $2",
        item,
        claim,
        now,
        moved,
        now + services.settings.launch.first_poll,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The row ends here: one in a worker's hands by its claim, one that AWS took without.
pub(in crate::workspaces::act) async fn finish(
    tx: &mut PgConnection,
    services: &Services,
    item: Uuid,
    claim: Option<Uuid>,
    state: ActionState,
    failure: Option<(&str, &str)>,
) -> sqlx::Result<()> {
    let (code, message) = failure.unzip();
    sqlx::query!(
        "update workspace_batch_item set state = $3, state_since = $4, error_code = $5, error_message = $6, claim = null,
                lease_until = null, next_poll_at = null
         where id = $1 and state in ('sending', 'unconfirmed', 'accepted') and claim is not distinct from $2",
        item,
        claim,
        state.as_str(),
        services.clock.now(),
        code,
        message,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The outcome is not known; AWS is asked at once.
pub(in crate::workspaces::act) async fn unconfirmed(
    tx: &mut PgConnection,
    services: &Services,
    item: Uuid,
    claim: Uuid,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update workspace_batch_item set state = 'unconfirmed', state_since = $3, lease_until = $3 where id = $1 and claim = $2",
        item,
        claim,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Keeps the claim until then.
pub(in crate::workspaces::act) async fn lease_until(
    tx: &mut PgConnection,
    item: Uuid,
    claim: Uuid,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!("update workspace_batch_item set lease_until = $3 where id = $1 and claim = $2", item, claim, until)
        .execute(tx)
        .await?;
    Ok(())
}

/// AWS did nothing: the row may be sent (again).
pub(in crate::workspaces::act) async fn unsend(
    tx: &mut PgConnection,
    services: &Services,
    item: Uuid,
    claim: Uuid,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update workspace_batch_item set state = case when taken_back then 'canceled' else 'queued' end, state_since = $3, claim = null,
                lease_until = null
         where id = $1 and claim = $2",
        item,
        claim,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// AWS was seen at it.
pub(in crate::workspaces::act) async fn moved(tx: &mut PgConnection, item: Uuid) -> sqlx::Result<()> {
    sqlx::query!("update workspace_batch_item set moved = true where id = $1 and state = 'accepted'", item).execute(tx).await?;
    Ok(())
}

/// A row that is looked at.
#[derive(Debug, Clone)]
pub(in crate::workspaces::act) struct Watched {
    pub id: Uuid,
    pub action: WorkspaceAction,
    pub workspace: String,
    /// Of one whose outcome is not known.
    pub claim: Option<Uuid>,
    pub sent_at: DateTime<Utc>,
    /// Since when it is in its state.
    pub since: DateTime<Utc>,
    pub moved: bool,
}

impl Watched {
    /// Its outcome is not known.
    pub fn is_lost(&self) -> bool {
        self.claim.is_some()
    }
}

struct WatchedRow {
    id: Uuid,
    action: String,
    workspace_id: String,
    claim: Option<Uuid>,
    sent_at: DateTime<Utc>,
    state_since: DateTime<Utc>,
    moved: bool,
}

fn read(row: WatchedRow) -> Result<Watched, Fault> {
    Ok(Watched {
        id: row.id,
        action: action_of(&row.action)?,
        workspace: row.workspace_id,
        claim: row.claim,
        sent_at: row.sent_at,
        since: row.state_since,
        moved: row.moved,
    })
}

pub(in crate::workspaces::act) async fn anything_due(services: &Services) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "select exists (select from workspace_batch_item
           where (claim is not null and lease_until <= $1) or (state = 'accepted' and next_poll_at <= $1)) as \"exists!\"",
        services.clock.now(),
    )
    .fetch_one(&services.db)
    .await
}

/// Takes up to 25 rows: those whose lease has run out under a new claim, and those whose look is due, whose next one is put off.
pub(in crate::workspaces::act) async fn take_due(
    services: &Services,
    pause: impl Fn(i32) -> Duration,
) -> Result<Vec<Watched>, Fault> {
    let now = services.clock.now();
    let mut tx = services.db.begin().await?;
    let mut taken = sqlx::query_as!(
        WatchedRow,
        "update workspace_batch_item i set claim = $1, lease_until = $3,
                state_since = case when i.state = 'unconfirmed' then i.state_since else $2 end, state = 'unconfirmed'
         from workspace_batch b
         where b.id = i.batch_id and i.id in
           (select id from workspace_batch_item where claim is not null and lease_until <= $2 order by lease_until limit $4
            for update skip locked)
         returning i.id, b.action, i.workspace_id, i.claim, i.sent_at as \"sent_at!\", i.state_since, i.moved",
        Uuid::now_v7(),
        now,
        now + services.settings.claim_lease(),
        BATCH,
    )
    .fetch_all(&mut *tx)
    .await?;
    let due = sqlx::query!(
        "select i.id, b.action, i.workspace_id, i.sent_at as \"sent_at!\", i.state_since, i.moved, i.polls
         from workspace_batch_item i join workspace_batch b on b.id = i.batch_id
         where i.state = 'accepted' and i.next_poll_at <= $1 order by i.next_poll_at limit $2 for update of i skip locked",
        now,
        BATCH - i64::try_from(taken.len()).unwrap_or(BATCH),
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in due {
        let next = now + pause(row.polls);
        sqlx::query!("update workspace_batch_item set polls = polls + 1, next_poll_at = $2 where id = $1", row.id, next)
            .execute(&mut *tx)
            .await?;
        taken.push(WatchedRow {
            id: row.id,
            action: row.action,
            workspace_id: row.workspace_id,
            claim: None,
            sent_at: row.sent_at,
            state_since: row.state_since,
            moved: row.moved,
        });
    }
    tx.commit().await?;
    taken.into_iter().map(read).collect()
}

/// When the next row is due.
pub(in crate::workspaces::act) async fn next_look(services: &Services) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        "select min(coalesce(lease_until, next_poll_at)) from workspace_batch_item where claim is not null or state = 'accepted'"
    )
    .fetch_one(&services.db)
    .await
}
