//! The sweeps of bundles and WorkSpaces, with what the API budget leaves.

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::budget::Class;
use serde::{Deserialize, Serialize};

use super::store;
use crate::{Fault, Services, budget, directories::Part, worker};

/// Reads AWS's bundles and the account's own.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SweepBundles {}

impl TaskHandler for SweepBundles {
    const IDENTIFIER: &'static str = "sweep_bundles";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let sweep = async |services: &Services| worker::swept(services, Part::Bundles, sweep_bundles(services).await).await;
        worker::alone(&ctx, Self::IDENTIFIER, sweep).await
    }
}

/// Reads the WorkSpaces of all registered directories.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SweepWorkspaces {}

impl TaskHandler for SweepWorkspaces {
    const IDENTIFIER: &'static str = "sweep_workspaces";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let sweep = async |services: &Services| worker::swept(services, Part::Workspaces, sweep_workspaces(services).await).await;
        worker::alone(&ctx, Self::IDENTIFIER, sweep).await
    }
}

/// Reads the bundles once.
///
/// # Errors
/// AWS or the database does not answer; the mirror keeps its last picture.
pub async fn sweep_bundles(services: &Services) -> Result<(), Fault> {
    let mut found = Vec::new();
    for owner in [Some("AMAZON"), None] {
        let mut next = None;
        loop {
            let slot = budget::take(&services.db, Class::Sweep, budget::Operation::DescribeWorkspaceBundles).await?;
            let page = services.aws.bundles(slot, owner, next).await?;
            found.extend(page.rows);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
    }
    store::keep_bundles(services, &found).await?;
    Ok(())
}

/// Reads the WorkSpaces once.
///
/// # Errors
/// AWS or the database does not answer; the mirror keeps its last picture.
pub async fn sweep_workspaces(services: &Services) -> Result<(), Fault> {
    let started = services.clock.now();
    // Without directories there is nothing to read; the first sweep of directories wakes this one.
    let known = sqlx::query_scalar!("select read_at is not null as \"known!\" from mirror where part = 'directories'");
    if !known.fetch_one(&services.db).await? {
        return Ok(());
    }
    let directories =
        sqlx::query_scalar!("select directory_id from directory where gone_at is null and registration_state is not null")
            .fetch_all(&services.db)
            .await?;
    let mut found = Vec::new();
    for directory in directories {
        let mut next = None;
        loop {
            let slot = budget::take(&services.db, Class::Sweep, budget::Operation::DescribeWorkspaces).await?;
            let page = services.aws.workspaces_of_directory(slot, &directory, next).await?;
            found.extend(page.rows);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
    }
    store::keep_all(services, started, &found).await?;
    Ok(())
}
