//! Rows whose outcome is not known: the process died between intent and answer, the answer was lost, or AWS says that
//! the person already has a WorkSpace.
//!
//! AWS is asked before anything is sent again. What it shows decides at once; what it does not show is believed only
//! after the visibility lag, because AWS may not show at once what it created.

use chrono::{DateTime, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    budget::Class,
    launches::ItemState,
    workspaces::{Encryption, RunningMode, Tag},
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    poll, send,
    store::{self, Claimed},
};
use crate::{Fault, Services, aws::workspaces::Workspace, budget, db, worker};

/// Asks AWS about every row whose lease has run out.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SettleItems {}

impl TaskHandler for SettleItems {
    const IDENTIFIER: &'static str = "settle_items";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| settle(services).await).await
    }
}

async fn settle(services: &Services) -> Result<(), Fault> {
    while settle_one(services).await? {}
    if let Some(next) = store::next_lease(services).await? {
        let mut connection = services.db.acquire().await?;
        wake(&mut connection, next).await?;
    }
    Ok(())
}

pub(crate) async fn wake(tx: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<()> {
    db::wake(tx, SettleItems::IDENTIFIER, SettleItems::IDENTIFIER, serde_json::json!({}), at).await
}

/// What AWS shows of one row.
enum Finding {
    Ours(Workspace),
    NotOurs(Workspace),
    Nothing,
}

/// Settles one row. False when no lease has run out.
async fn settle_one(services: &Services) -> Result<bool, Fault> {
    let claim = Uuid::now_v7();
    let Some(item) = store::claim_lost(services, claim).await? else { return Ok(false) };
    let finding = match look_up(services, &item).await {
        Ok(finding) => finding,
        Err(Fault::Aws(fault)) => {
            // The claim's lease runs out again, and the row is asked about then.
            tracing::warn!(fault = fault.code(), item = %item.id, "AWS could not be asked about a row");
            return Ok(true);
        }
        Err(other) => return Err(other),
    };
    let now = services.clock.now();
    let visible_at = item.sent_at.unwrap_or(now) + services.settings.launch.visibility_lag;
    let mut tx = services.db.begin().await?;
    match finding {
        Finding::Ours(workspace) => {
            crate::workspaces::store::keep(&mut tx, now, &workspace).await?;
            crate::workspaces::store::tie(&mut tx, &workspace.id, item.person, &item.name).await?;
            store::accepted(&mut tx, services, item.id, claim, &workspace.id).await?;
            poll::wake(&mut tx, now).await?;
        }
        // A foreign one that stood there before ours was sent, or after the lag: it is not ours.
        Finding::NotOurs(workspace) if now >= visible_at || item.error_code.is_some() => {
            crate::workspaces::store::keep(&mut tx, now, &workspace).await?;
            let difference = difference(&item, &workspace);
            let failure = ("ResourceExists.WorkSpace", difference.as_str());
            store::finish(&mut tx, services, item.id, claim, ItemState::AlreadyHas, Some(&workspace.id), Some(failure)).await?;
        }
        Finding::NotOurs(_) | Finding::Nothing if now < visible_at => {
            store::lease_until(&mut tx, item.id, claim, visible_at).await?;
        }
        Finding::NotOurs(_) | Finding::Nothing => match &item.error_code {
            Some(code) => {
                let message = "AWS says that the person has a WorkSpace in this directory, but does not show it.";
                store::finish(&mut tx, services, item.id, claim, ItemState::Failed, None, Some((code, message))).await?;
            }
            None => {
                store::unsend(&mut tx, services, item.id, claim).await?;
                send::wake(&mut tx, now).await?;
            }
        },
    }
    db::announce(&mut tx, db::Topic::Launch(item.launch)).await?;
    tx.commit().await?;
    Ok(true)
}

async fn look_up(services: &Services, item: &Claimed) -> Result<Finding, Fault> {
    let slot = budget::take(&services.db, Class::Launch, budget::Operation::DescribeWorkspaces).await?;
    let found = services.aws.workspaces_of_user(slot, &item.directory, &item.account).await?;
    let mut foreign = None;
    for workspace in found.into_iter().filter(|workspace| !matches!(workspace.state.as_str(), "TERMINATING" | "TERMINATED")) {
        let slot = budget::take(&services.db, Class::Launch, budget::Operation::DescribeTags).await?;
        let tag = services.aws.workspace_tag(slot, &workspace.id, Tag::ITEM).await?;
        if tag.as_deref() == Some(item.id.to_string().as_str()) {
            return Ok(Finding::Ours(workspace));
        }
        foreign = Some(workspace);
    }
    Ok(foreign.map_or(Finding::Nothing, Finding::NotOurs))
}

/// What the WorkSpace that is there has and this launch wanted otherwise.
fn difference(item: &Claimed, found: &Workspace) -> String {
    let mut parts = vec![format!("{} is {}", found.id, found.state)];
    if let Some(bundle) = found.bundle.as_deref().filter(|bundle| *bundle != item.bundle) {
        parts.push(format!("its bundle is {bundle}, this launch wanted {}", item.bundle));
    }
    let mode = found.running_mode.as_deref().map(|mode| RunningMode::from_aws(mode, found.auto_stop_minutes));
    if let Some(mode) = mode.filter(|mode| *mode != item.running_mode) {
        parts.push(format!("it runs {mode}, this launch wanted {}", item.running_mode));
    }
    for (volume, found, wanted) in
        [("root", found.root_gib, item.volumes.root_gib), ("user", found.user_gib, item.volumes.user_gib)]
    {
        if let (Some(found), Some(wanted)) = (found, wanted)
            && u32::try_from(found) != Ok(wanted)
        {
            parts.push(format!("its {volume} volume has {found} GB, this launch wanted {wanted} GB"));
        }
    }
    if (found.encrypted_root, found.encrypted_user) != (item.encryption.root, item.encryption.user) {
        let found = Encryption { root: found.encrypted_root, user: found.encrypted_user, key: None };
        parts.push(format!("its encryption is {}, this launch wanted {}", found.volumes(), item.encryption.volumes()));
    }
    parts.join("; ")
}
