//! The first sign-in to WorkSpaces that somebody waits for: those that a request led to and nobody has used yet. AWS is asked often
//! while a desktop is new, and less often then, with what the API budget leaves.

use chrono::TimeDelta;
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::budget::Class;
use serde::{Deserialize, Serialize};

use super::store;
use crate::{Fault, Services, aws::workspaces::BATCH, budget, db, worker};

/// How long a desktop is new, and how long AWS is not asked again about one that is, and about one that is not.
const NEW: TimeDelta = TimeDelta::hours(2);
const SOON: TimeDelta = TimeDelta::seconds(20);
const LATER: TimeDelta = TimeDelta::minutes(15);

/// Looks who signed in for the first time.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WatchSignIns {}

impl TaskHandler for WatchSignIns {
    const IDENTIFIER: &'static str = "watch_sign_ins";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, watch).await
    }
}

async fn watch(services: &Services) -> Result<(), Fault> {
    loop {
        let now = services.clock.now();
        let ids = store::take_unused(services, now - NEW, (now - SOON, now - LATER), BATCH).await?;
        if ids.is_empty() {
            break;
        }
        let slot = budget::take(&services.db, Class::Sweep, budget::Operation::DescribeWorkspacesConnectionStatus).await?;
        let used = services.aws.connections(slot, &ids).await?;
        store::keep_sign_ins(services, &used).await?;
    }
    let now = services.clock.now();
    if store::any_unused(services, now - NEW).await? {
        let mut connection = services.db.acquire().await?;
        let job = WatchSignIns::IDENTIFIER;
        db::wake(&mut connection, job, job, serde_json::json!({}), now + SOON).await?;
    }
    Ok(())
}
