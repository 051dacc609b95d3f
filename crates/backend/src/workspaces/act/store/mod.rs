//! SQL of actions on WorkSpaces: `engine` for the jobs, the rest for people.

pub(super) mod engine;
mod views;

use std::collections::HashMap;

use chrono::TimeDelta;
use model::{
    BatchId, WorkspaceId,
    access::Actor,
    workspaces::{Workspace, WorkspaceAction},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Fault, Services};

pub(super) use views::{batch, batches, items};

fn action_of(text: &str) -> Result<WorkspaceAction, Fault> {
    WorkspaceAction::parse(text).ok_or_else(|| Fault::Bug(format!("action {text}")))
}

/// What somebody chose.
pub(super) struct Draft {
    pub action: WorkspaceAction,
    pub workspaces: Vec<String>,
    pub reason: String,
}

/// How long a draft waits for its yes.
const KEPT: TimeDelta = TimeDelta::days(1);

/// Keeps what was chosen; old drafts of the same person go.
pub(super) async fn insert_draft(
    services: &Services,
    actor: &Actor,
    id: BatchId,
    action: WorkspaceAction,
    workspaces: &[String],
) -> sqlx::Result<()> {
    let now = services.clock.now();
    sqlx::query!("delete from workspace_batch_draft where owner = $1 and created_at < $2", actor.key(), now - KEPT)
        .execute(&services.db)
        .await?;
    sqlx::query!(
        "insert into workspace_batch_draft (id, owner, action, workspaces, created_at) values ($1, $2, $3, $4, $5)",
        id.0,
        actor.key(),
        action.as_str(),
        workspaces,
        now,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// The actor's own draft.
pub(super) async fn draft(services: &Services, actor: &Actor, id: BatchId) -> Result<Option<Draft>, Fault> {
    let row = sqlx::query!(
        "select action, workspaces, reason from workspace_batch_draft where id = $1 and owner = $2",
        id.0,
        actor.key()
    )
    .fetch_optional(&services.db)
    .await?;
    row.map(|row| Ok(Draft { action: action_of(&row.action)?, workspaces: row.workspaces, reason: row.reason })).transpose()
}

pub(super) async fn keep_reason(services: &Services, id: BatchId, reason: &str) -> sqlx::Result<()> {
    let reason: String = reason.chars().filter(|character| *character != '\0').take(1_000).collect();
    sqlx::query!("update workspace_batch_draft set reason = $2 where id = $1", id.0, reason).execute(&services.db).await?;
    Ok(())
}

pub(super) async fn delete_draft(tx: &mut PgConnection, id: BatchId) -> sqlx::Result<()> {
    sqlx::query!("delete from workspace_batch_draft where id = $1", id.0).execute(tx).await?;
    Ok(())
}

/// The action of the batch that the actor's draft became.
pub(super) async fn started(services: &Services, actor: &Actor, id: BatchId) -> Result<Option<WorkspaceAction>, Fault> {
    let action = sqlx::query_scalar!("select action from workspace_batch where id = $1 and asked_by = $2", id.0, actor.key())
        .fetch_optional(&services.db)
        .await?;
    action.as_deref().map(action_of).transpose()
}

/// What is being done to these WorkSpaces.
pub(super) async fn busy(services: &Services, workspaces: &[String]) -> Result<HashMap<String, WorkspaceAction>, Fault> {
    let rows = sqlx::query!(
        "select i.workspace_id, b.action from workspace_batch_item i join workspace_batch b on b.id = i.batch_id
         where i.workspace_id = any($1) and i.state in ('queued', 'sending', 'unconfirmed', 'accepted')",
        workspaces
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter().map(|row| Ok((row.workspace_id, action_of(&row.action)?))).collect()
}

/// What is being done to one WorkSpace, and in which batch.
pub(crate) async fn under_way(services: &Services, id: &WorkspaceId) -> Result<Option<(BatchId, WorkspaceAction)>, Fault> {
    let row = sqlx::query!(
        "select b.id, b.action from workspace_batch_item i join workspace_batch b on b.id = i.batch_id
         where i.workspace_id = $1 and i.state in ('queued', 'sending', 'unconfirmed', 'accepted')",
        id.as_str()
    )
    .fetch_optional(&services.db)
    .await?;
    row.map(|row| Ok((BatchId(row.id), action_of(&row.action)?))).transpose()
}

/// False if the batch is there already.
pub(super) async fn insert_batch(
    tx: &mut PgConnection,
    services: &Services,
    (key, name): (&str, &str),
    id: BatchId,
    action: WorkspaceAction,
    reason: Option<&str>,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query!(
        "insert into workspace_batch (id, action, reason, asked_by, asked_by_name, asked_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do nothing",
        id.0,
        action.as_str(),
        reason,
        key,
        name,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(super) async fn insert_items(
    tx: &mut PgConnection,
    services: &Services,
    id: BatchId,
    workspaces: &[Workspace],
) -> sqlx::Result<()> {
    for (position, workspace) in (1..).zip(workspaces) {
        sqlx::query!(
            "insert into workspace_batch_item (id, batch_id, workspace_id, directory_id, person_guid, user_name, name, position, state,
                                               state_since)
             values ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9)",
            Uuid::now_v7(),
            id.0,
            workspace.id.as_str(),
            workspace.directory.as_str(),
            workspace.person.map(|person| person.0),
            workspace.user_name,
            workspace.name,
            position,
            services.clock.now(),
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Takes back what was not sent yet. What a worker has in hand is not sent again if AWS does not take it now.
pub(super) async fn cancel(
    tx: &mut PgConnection,
    services: &Services,
    scope: Option<&[String]>,
    id: BatchId,
) -> sqlx::Result<u32> {
    sqlx::query!(
        "update workspace_batch_item set taken_back = true
         where batch_id = $1 and state in ('sending', 'unconfirmed') and ($2::text[] is null or directory_id = any($2))",
        id.0,
        scope,
    )
    .execute(&mut *tx)
    .await?;
    let canceled = sqlx::query!(
        "update workspace_batch_item set state = 'canceled', state_since = $3
         where batch_id = $1 and state = 'queued' and ($2::text[] is null or directory_id = any($2))",
        id.0,
        scope,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(u32::try_from(canceled.rows_affected()).unwrap_or(u32::MAX))
}
