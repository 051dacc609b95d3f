//! The sweep of directories: what AWS says of them, kept in the mirror.

use chrono::{DateTime, TimeDelta, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::budget::Class;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{Part, change, connect, dns_change, store};
use crate::{
    Fault, Services,
    aws::{directory_service::Connector, ip_groups::Group, workspaces::Registration},
    budget, db, worker,
};

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

/// Reads the directories once, and again soon while anything changes, also when AWS does not answer.
///
/// # Errors
/// AWS or the database does not answer; the mirror keeps its last picture.
pub async fn sweep(services: &Services) -> Result<(), Fault> {
    let outcome = read(services).await;
    if store::connect::anything_changes(services).await?
        || dns_change::anything_waits(services).await?
        || change::anything_waits(services).await?
    {
        let mut connection = services.db.acquire().await?;
        wake(&mut connection, services.clock.now() + CHANGING).await?;
    }
    outcome
}

async fn read(services: &Services) -> Result<(), Fault> {
    let asked_at = services.clock.now();
    let connectors = connectors(services).await?;
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
    // An account whose policy is older than these two still has its directories.
    let clients = told_or_kept("DescribeClientProperties", clients(services, &mut registrations).await)?;
    store::keep(services, &connectors, &registrations, (clients.is_some(), asked_at)).await?;
    let asked_at = services.clock.now();
    if let Some(groups) = told_or_kept("DescribeIpGroups", ip_groups(services).await)? {
        store::ip_groups::keep(services, &groups, asked_at).await?;
    }
    connect::settle(services, &connectors).await?;
    change::settle(services).await?;
    dns_change::observe(services, &connectors).await
}

async fn connectors(services: &Services) -> Result<Vec<Connector>, Fault> {
    let (mut connectors, mut next) = (Vec::new(), None);
    loop {
        let slot = budget::take(&services.db, Class::Sweep, budget::Operation::DescribeDirectories).await?;
        let page = services.aws.connectors(slot, next).await?;
        connectors.extend(page.rows);
        next = page.next;
        if next.is_none() {
            return Ok(connectors);
        }
    }
}

/// What AWS told; `None` where it did not, and what it told last is kept.
fn told_or_kept<T>(operation: &str, asked: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match asked {
        Ok(told) => Ok(Some(told)),
        Err(Fault::Aws(fault)) => {
            tracing::warn!(operation, code = fault.code(), "a part of the directories\u{2019} settings could not be read");
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

async fn clients(services: &Services, registrations: &mut [Registration]) -> Result<(), Fault> {
    for some in registrations.chunks_mut(BATCH) {
        let ids: Vec<_> = some.iter().map(|registration| registration.directory.clone()).collect();
        let slot = budget::take(&services.db, Class::Sweep, budget::Operation::DescribeClientProperties).await?;
        let properties = services.aws.client_properties(slot, &ids).await?;
        for registration in some {
            let found = properties.iter().find(|(id, _)| *id == registration.directory);
            registration.settings.client = found.map(|(_, client)| *client).unwrap_or_default();
        }
    }
    Ok(())
}

async fn ip_groups(services: &Services) -> Result<Vec<Group>, Fault> {
    let (mut groups, mut next) = (Vec::new(), None);
    loop {
        let slot = budget::take(&services.db, Class::Sweep, budget::Operation::DescribeIpGroups).await?;
        let page = services.aws.ip_groups(slot, next).await?;
        groups.extend(page.rows);
        next = page.next;
        if next.is_none() {
            return Ok(groups);
        }
    }
}

/// The most directories that DescribeClientProperties tells of at once (workspaces service model).
const BATCH: usize = 25;
/// How soon AWS is asked again while something changes by itself.
const CHANGING: TimeDelta = TimeDelta::seconds(30);

pub(super) async fn wake(tx: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<()> {
    db::wake(tx, SweepDirectories::IDENTIFIER, SweepDirectories::IDENTIFIER, serde_json::json!({}), at).await
}
