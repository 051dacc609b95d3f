//! SQL of what pages show of actions.

use chrono::{DateTime, Utc};
use model::{
    BatchId, Page, PageRequest,
    workspaces::{ActionCounts, ActionFailure, ActionState, Batch, BatchItem},
};
use uuid::Uuid;

use super::action_of;
use crate::{Fault, Services};

struct Row {
    id: Uuid,
    action: String,
    reason: Option<String>,
    asked_by_name: String,
    asked_at: DateTime<Utc>,
    queued: i64,
    sending: i64,
    unconfirmed: i64,
    accepted: i64,
    done: i64,
    failed: i64,
    canceled: i64,
    total: i64,
}

/// Batches with the counts of the rows in scope, the newest first; each row carries the count of all that match.
async fn rows(services: &Services, scope: Option<&[String]>, id: Option<BatchId>, page: PageRequest) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select b.id, b.action, b.reason, b.asked_by_name, b.asked_at, c.queued as \"queued!\", c.sending as \"sending!\",
                c.unconfirmed as \"unconfirmed!\", c.accepted as \"accepted!\", c.done as \"done!\", c.failed as \"failed!\",
                c.canceled as \"canceled!\", count(*) over () as \"total!\"
         from workspace_batch b
         cross join lateral
           (select count(*) as all_rows, count(*) filter (where state = 'queued') as queued,
                   count(*) filter (where state = 'sending') as sending, count(*) filter (where state = 'unconfirmed') as unconfirmed,
                   count(*) filter (where state = 'accepted') as accepted, count(*) filter (where state = 'done') as done,
                   count(*) filter (where state = 'failed') as failed, count(*) filter (where state = 'canceled') as canceled
            from workspace_batch_item i where i.batch_id = b.id and ($1::text[] is null or i.directory_id = any($1))) c
         where c.all_rows > 0 and ($2::uuid is null or b.id = $2)
         order by b.asked_at desc, b.id limit $3 offset $4",
        scope,
        id.map(|id| id.0),
        page.limit(),
        page.offset(),
    )
    .fetch_all(&services.db)
    .await
}

fn read(services: &Services, row: Row) -> Result<Batch, Fault> {
    Ok(Batch {
        id: BatchId(row.id),
        action: action_of(&row.action)?,
        reason: row.reason,
        asked_by: row.asked_by_name,
        asked: services.stamp(row.asked_at),
        counts: ActionCounts {
            queued: row.queued,
            sending: row.sending,
            unconfirmed: row.unconfirmed,
            accepted: row.accepted,
            done: row.done,
            failed: row.failed,
            canceled: row.canceled,
        },
    })
}

pub(in crate::workspaces::act) async fn batches(
    services: &Services,
    scope: Option<&[String]>,
    page: PageRequest,
) -> Result<Page<Batch>, Fault> {
    let rows = rows(services, scope, None, page).await?;
    let total = rows.first().map_or(0, |row| row.total);
    let rows = rows.into_iter().map(|row| read(services, row)).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request: page })
}

pub(in crate::workspaces::act) async fn batch(
    services: &Services,
    scope: Option<&[String]>,
    id: BatchId,
) -> Result<Option<Batch>, Fault> {
    let found = rows(services, scope, Some(id), PageRequest::default()).await?;
    found.into_iter().next().map(|row| read(services, row)).transpose()
}

/// One page of a batch's rows, failed ones first.
pub(in crate::workspaces::act) async fn items(
    services: &Services,
    scope: Option<&[String]>,
    id: BatchId,
    state: Option<ActionState>,
    page: PageRequest,
) -> Result<Page<BatchItem>, Fault> {
    let rows = sqlx::query!(
        "select i.workspace_id, i.directory_id, i.user_name, i.name, d.name as directory_name, i.state, i.state_since, i.error_code,
                i.error_message, count(*) over () as \"total!\"
         from workspace_batch_item i join directory d using (directory_id)
         where i.batch_id = $1 and ($2::text[] is null or i.directory_id = any($2)) and ($3::text is null or i.state = $3)
         order by i.state <> 'failed', i.position limit $4 offset $5",
        id.0,
        scope,
        state.map(ActionState::as_str),
        page.limit(),
        page.offset(),
    )
    .fetch_all(&services.db)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let stamps = services.stamps().await?;
    let read = rows.into_iter().map(|row| {
        let message = row.error_message.filter(|message| !message.is_empty());
        Ok(BatchItem {
            workspace: row.workspace_id.parse().map_err(|error| Fault::Bug(format!("batch row: {error}")))?,
            user_name: row.user_name,
            name: row.name,
            directory_name: row.directory_name,
            state: ActionState::from_db(&row.state).ok_or_else(|| Fault::Bug(format!("batch row in {}", row.state)))?,
            since: stamps.of(&row.directory_id, row.state_since),
            failure: row.error_code.map(|code| ActionFailure { code, message }),
        })
    });
    Ok(Page { rows: read.collect::<Result<_, Fault>>()?, total, request: page })
}
