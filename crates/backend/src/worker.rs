//! The worker: runs the jobs of all nouns. A job is only a wake-up; what is to be done stands in the domain's rows, so a
//! job that comes twice, late or after a crash finds what is left to do.

use std::{fmt::Display, future::Future, time::Duration};

use graphile_worker::{
    Cron, IntoTaskHandlerResult, JobRecovery, JobRecoveryResult, TaskHandler, WorkerBuildError, WorkerContext, WorkerOptions,
};
use serde::{Deserialize, Serialize};

use crate::{
    Fault, Services, budget, db,
    directories::{Part, job::SweepDirectories},
    invitations::job::SendInvitations,
    launches::{poll::PollItems, send::SendItems, settle::SettleItems},
    settings::Mirror,
    workspaces::job::{SweepBundles, SweepWorkspaces},
};

/// The worker could not start or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum WorkerFault {
    #[error("the job queue could not be opened: {0}")]
    Open(#[from] WorkerBuildError),
    #[error("the job queue: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the worker stopped: {0}")]
    Stopped(String),
}

/// Runs jobs until the shutdown resolves; running ones get a few seconds to end.
///
/// # Errors
/// The database can't be reached at the start, or the worker stops by itself.
pub async fn run(services: Services, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), WorkerFault> {
    let worker = options(&services).shutdown_signal(shutdown).shutdown_grace_period(Duration::from_secs(5)).init().await?;
    wake_all(&services).await?;
    worker.run().await.map_err(|error| WorkerFault::Stopped(error.to_string()))
}

/// Runs the jobs that are due now and returns; for tests.
///
/// # Errors
/// As [`run`].
pub async fn run_once(services: &Services) -> Result<(), WorkerFault> {
    let worker = options(services).init().await?;
    worker.run_once().await.map_err(|error| WorkerFault::Stopped(error.to_string()))
}

fn options(services: &Services) -> WorkerOptions {
    WorkerOptions::default()
        .pg_pool(services.db.clone())
        .concurrency(8)
        .use_local_time(true)
        .listen_os_shutdown_signals(false)
        // A killed worker's jobs come back; all workers need the heartbeat, or their live jobs would be taken.
        .heartbeat_interval(Duration::from_secs(5))
        .sweep_interval(Duration::from_secs(10))
        .sweep_threshold(Duration::from_secs(30))
        // Recovery gives the attempt back; a job that kills its process must not loop for ever.
        .on(JobRecovery, |_| async { JobRecoveryResult::FailWithBackoff })
        .add_extension(services.clone())
        .define_job::<Tick>()
        .define_job::<SendItems>()
        .define_job::<SettleItems>()
        .define_job::<PollItems>()
        .define_job::<SendInvitations>()
        .define_job::<SweepDirectories>()
        .define_job::<SweepBundles>()
        .define_job::<SweepWorkspaces>()
        .with_cron(Cron::every_minute::<Tick>())
}

/// Every minute: wakes everything, so that nothing waits for ever for a job that was lost, and forgets old figures. The crontab's payload is null,
/// which is what a unit struct is read from.
#[derive(Debug, Serialize, Deserialize)]
struct Tick;

impl TaskHandler for Tick {
    const IDENTIFIER: &'static str = "tick";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let services = services(&ctx)?;
        budget::prune(&services.db).await.map_err(failed)?;
        wake_all(&services).await.map_err(failed)
    }
}

/// Wakes the jobs that look at rows, and the sweeps whose picture has grown old.
async fn wake_all(services: &Services) -> sqlx::Result<()> {
    let now = services.clock.now();
    let mut connection = services.db.acquire().await?;
    for job in [SendItems::IDENTIFIER, SettleItems::IDENTIFIER, PollItems::IDENTIFIER, SendInvitations::IDENTIFIER] {
        db::wake(&mut connection, job, job, serde_json::json!({}), now).await?;
    }
    let Mirror { directories, bundles, workspaces } = services.settings.mirror;
    let sweeps = [
        (Part::Directories, SweepDirectories::IDENTIFIER, directories),
        (Part::Bundles, SweepBundles::IDENTIFIER, bundles),
        (Part::Workspaces, SweepWorkspaces::IDENTIFIER, workspaces),
    ];
    for (part, job, every) in sweeps {
        let read =
            sqlx::query_scalar!("select read_at from mirror where part = $1", part.as_str()).fetch_one(&mut *connection).await?;
        if read.is_none_or(|read| read + every <= now) {
            db::wake(&mut connection, job, job, serde_json::json!({}), now).await?;
        }
    }
    Ok(())
}

/// What a handler needs, from the worker's extensions.
pub(crate) fn services(ctx: &WorkerContext) -> Result<Services, String> {
    ctx.get_ext::<Services>().cloned().ok_or_else(|| "the worker was started without services".to_owned())
}

/// A job that failed is tried again by the queue, later each time; its text goes to the queue's row and the log.
pub(crate) fn failed(error: impl Display) -> String {
    tracing::error!(%error, "a job failed");
    error.to_string()
}

/// Runs a sweep of the mirror and keeps what went wrong with it, for the pages that show how old their picture is. The
/// directories come first: the others need them.
pub(crate) async fn sweep(
    ctx: &WorkerContext,
    part: Part,
    job: &str,
    read: impl AsyncFnOnce(&Services) -> Result<(), Fault>,
) -> Result<(), String> {
    let services = services(ctx)?;
    match read(&services).await {
        Ok(()) if part == Part::Directories => {
            let mut connection = services.db.acquire().await.map_err(failed)?;
            let first = sqlx::query_scalar!("select read_at is null as \"first!\" from mirror where part = 'workspaces'")
                .fetch_one(&mut *connection)
                .await
                .map_err(failed)?;
            if first {
                let next = SweepWorkspaces::IDENTIFIER;
                db::wake(&mut connection, next, next, serde_json::json!({}), services.clock.now()).await.map_err(failed)?;
            }
            Ok(())
        }
        Ok(()) => Ok(()),
        Err(fault) => {
            tracing::warn!(%fault, job, "the mirror could not be brought up to date");
            crate::directories::job::problem(&services, part, &fault.to_string()).await.map_err(failed)
        }
    }
}
