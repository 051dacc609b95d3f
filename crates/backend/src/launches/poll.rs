//! Watches accepted rows until AWS says AVAILABLE or ERROR, soon at first and then less often, 25 a call.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    budget::Class,
    launches::{Failure, ItemState},
    workspaces::state_can_be_invited,
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::store::{self, Watched};
use crate::{Fault, Services, aws::workspaces::Workspace, budget, db, invitations, worker};

/// Asks AWS about every row that is due.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PollItems {}

impl TaskHandler for PollItems {
    const IDENTIFIER: &'static str = "poll_items";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| poll(services).await).await
    }
}

async fn poll(services: &Services) -> Result<(), Fault> {
    while poll_batch(services).await? {}
    if let Some(next) = store::next_poll(services).await? {
        let mut connection = services.db.acquire().await?;
        wake(&mut connection, next).await?;
    }
    Ok(())
}

pub(crate) async fn wake(tx: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<()> {
    db::wake(tx, PollItems::IDENTIFIER, PollItems::IDENTIFIER, serde_json::json!({}), at).await
}

/// Asks about up to 25 rows. False when none is due.
async fn poll_batch(services: &Services) -> Result<bool, Fault> {
    if !store::anything_due(services).await? {
        return Ok(false);
    }
    let slot = budget::take(&services.db, Class::Poll, budget::Operation::DescribeWorkspaces).await?;
    // Putting off the next look is what keeps two workers from asking about the same rows.
    let watched = store::take_due(services, |polls| services.settings.launch.pause(polls)).await?;
    if watched.is_empty() {
        return Ok(true);
    }
    let ids: Vec<_> = watched.iter().map(|item| item.workspace.clone()).collect();
    let found = match services.aws.workspaces_by_id(slot, &ids).await {
        Ok(found) => found,
        Err(fault) => {
            tracing::warn!(%fault, "WorkSpaces could not be watched; the next look is in a while");
            return Ok(true);
        }
    };
    let found: HashMap<_, _> = found.into_iter().map(|workspace| (workspace.id.clone(), workspace)).collect();
    for item in &watched {
        keep(services, item, found.get(&item.workspace)).await?;
    }
    Ok(true)
}

/// Writes what AWS shows of one row. On AVAILABLE item, WorkSpace and invitation change in one transaction.
async fn keep(services: &Services, item: &Watched, found: Option<&Workspace>) -> Result<(), Fault> {
    let now = services.clock.now();
    let launch = &services.settings.launch;
    let mut tx = services.db.begin().await?;
    if let Some(workspace) = found {
        crate::workspaces::store::keep(&mut tx, now, workspace).await?;
    }
    let changed = match found {
        Some(workspace) if state_can_be_invited(&workspace.state) => {
            let changed = store::watched_finish(&mut tx, services, item, ItemState::Available, None).await?;
            if changed {
                invitations::queue_for_item(&mut tx, services, item.id).await?;
            }
            changed
        }
        Some(workspace) if workspace.state == "ERROR" => {
            let code = workspace.error_code.as_deref().unwrap_or("ERROR");
            let message = format!("{code}: {}", workspace.error_message.as_deref().unwrap_or("no reason given"));
            store::watched_finish(&mut tx, services, item, ItemState::Failed, Some((Failure::ERROR_STATE, &message))).await?
        }
        Some(workspace) if matches!(workspace.state.as_str(), "TERMINATING" | "TERMINATED") => {
            let message = format!("AWS says {}.", workspace.state);
            store::watched_finish(&mut tx, services, item, ItemState::Failed, Some((Failure::VANISHED, &message))).await?
        }
        None if now > item.accepted_at + launch.visibility_lag => {
            let message = "AWS does not show it any more.";
            store::watched_finish(&mut tx, services, item, ItemState::Failed, Some((Failure::VANISHED, message))).await?
        }
        Some(_) | None if now > item.accepted_at + launch.time_limit => {
            let state = found.map_or("nothing", |workspace| workspace.state.as_str());
            let message = format!("AWS still says {state}.");
            store::watched_finish(&mut tx, services, item, ItemState::Failed, Some((Failure::TIME_LIMIT, &message))).await?
        }
        Some(_) | None => false,
    };
    if changed {
        db::announce(&mut tx, db::Topic::Launch(item.launch)).await?;
    }
    tx.commit().await?;
    Ok(())
}
