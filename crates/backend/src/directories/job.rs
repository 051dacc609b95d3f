//! The sweep of directories: what AWS says of them, kept in the mirror.

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::budget::Class;
use serde::{Deserialize, Serialize};

use super::{Part, store};
use crate::{Fault, Services, budget, worker};

pub(crate) use store::{problem, read_now};

/// Reads all directories.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SweepDirectories {}

impl TaskHandler for SweepDirectories {
    const IDENTIFIER: &'static str = "sweep_directories";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let sweep = async |services: &Services| worker::swept(services, Part::Directories, sweep(services).await).await;
        worker::alone(&ctx, Self::IDENTIFIER, sweep).await
    }
}

/// Reads the directories once.
///
/// # Errors
/// AWS or the database does not answer; the mirror keeps its last picture.
pub async fn sweep(services: &Services) -> Result<(), Fault> {
    let connectors = services.aws.connectors().await?;
    let mut registrations = Vec::new();
    let mut next = None;
    loop {
        let slot = budget::take(&services.db, Class::Sweep, budget::Operation::DescribeWorkspaceDirectories).await?;
        let page = services.aws.registrations(slot, next).await?;
        registrations.extend(page.rows);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    store::keep(services, &connectors, &registrations).await?;
    Ok(())
}
