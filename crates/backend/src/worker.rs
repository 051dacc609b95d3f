//! The worker: runs the jobs of all nouns. A job is only a wake-up; what is to be done stands in the domain's rows, so a
//! job that comes twice, late or after a crash finds what is left to do.

mod turns;

use std::{fmt::Display, future::Future, time::Duration};

use futures::FutureExt;
use graphile_worker::{
    Cron, IntoTaskHandlerResult, JobRecovery, JobRecoveryResult, TaskHandler, WorkerBuildError, WorkerContext, WorkerContextExt,
    WorkerOptions, worker_utils::types::CleanupTask,
};
use serde::{Deserialize, Serialize};

use crate::{
    Fault, Services, budget,
    db::{self, Schema},
    directories::{
        Part,
        job::SweepDirectories,
        network::{self, SweepNetwork},
        take_down::job::TakeDownDirectories,
        watch::WatchDirectories,
    },
    endings::{job::EndDesktops, leavers::CompareFleet},
    invitations::job::SendInvitations,
    launches::{poll::PollItems, send::SendItems, settle::SettleItems},
    notices::job::SendLetters,
    requests::{fulfil::LaunchRequests, patience::ChaseRequests},
    settings::Mirror,
    workspaces::{
        act::{send::SendActions, watch::WatchActions},
        job::{SweepBundles, SweepWorkspaces},
        sign_ins::WatchSignIns,
    },
};
use turns::Turns;

/// The worker could not start or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum WorkerFault {
    #[error("the job queue could not be opened: {0}")]
    Open(#[from] WorkerBuildError),
    #[error("the job queue: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the worker stopped: {0}")]
    Stopped(String),
    #[error("{0}: run `frontdesk migrate` of this version first")]
    Schema(Schema),
}

/// The pause before a worker that stopped by itself starts again.
const PAUSE: Duration = Duration::from_secs(2);

/// Runs jobs until the shutdown resolves; running ones get a few seconds to end. While the database is away it waits for it: the
/// queue's worker ends when it can't fetch jobs, and is started anew.
///
/// # Errors
/// The database's schema is not one that this program can work with.
pub async fn run(services: Services, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), WorkerFault> {
    let shutdown = shutdown.shared();
    let work = async {
        loop {
            match work(&services, shutdown.clone()).await {
                Err(fault @ WorkerFault::Schema(_)) => return Err(fault),
                Err(fault) => tracing::warn!(%fault, "the worker stopped; it starts again as soon as it can"),
                Ok(()) if shutdown.peek().is_some() => return Ok(()),
                Ok(()) => tracing::warn!("the worker ended; it starts again"),
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = shutdown.clone() => return Ok(()),
            }
        }
    };
    // A worker that waits for the database stops at once; one that works ends its jobs first.
    let stopped = async {
        shutdown.clone().await;
        tokio::time::sleep(GRACE + Duration::from_secs(1)).await;
    };
    tokio::select! {
        ended = work => ended,
        () = stopped => Ok(()),
    }
}

/// How long jobs that run may take once the worker is asked to stop.
const GRACE: Duration = Duration::from_secs(5);

async fn work(services: &Services, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), WorkerFault> {
    let schema = db::schema(&services.db).await?;
    if !schema.fits() {
        return Err(WorkerFault::Schema(schema));
    }
    let worker = options(services).shutdown_signal(shutdown).shutdown_grace_period(GRACE).init().await?;
    wake_all(services).await?;
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
        .add_extension(Turns::default())
        .define_job::<Tick>()
        .define_job::<SendItems>()
        .define_job::<SettleItems>()
        .define_job::<PollItems>()
        .define_job::<SendInvitations>()
        .define_job::<SendActions>()
        .define_job::<WatchActions>()
        .define_job::<TakeDownDirectories>()
        .define_job::<LaunchRequests>()
        .define_job::<ChaseRequests>()
        .define_job::<SendLetters>()
        .define_job::<EndDesktops>()
        .define_job::<CompareFleet>()
        .define_job::<WatchSignIns>()
        .define_job::<SweepDirectories>()
        .define_job::<SweepBundles>()
        .define_job::<SweepWorkspaces>()
        .define_job::<SweepNetwork>()
        .define_job::<WatchDirectories>()
        // One at a time waits: after days asleep the crontab asks for each minute that was missed.
        .with_cron(Cron::every_minute::<Tick>().job_key(Tick::IDENTIFIER))
}

/// Every minute: wakes everything, so that nothing waits for ever for a job that was lost, clears away jobs that will never
/// run again (those of killed workers that a newer wake-up has replaced), and forgets old figures. The crontab's payload is
/// null, which is what a unit struct is read from.
#[derive(Debug, Serialize, Deserialize)]
struct Tick;

impl TaskHandler for Tick {
    const IDENTIFIER: &'static str = "tick";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let services = services(&ctx)?;
        ctx.utils().cleanup(&[CleanupTask::DeletePermanentlyFailedJobs]).await.map_err(failed)?;
        budget::prune(&services.db).await.map_err(failed)?;
        wake_all(&services).await.map_err(failed)
    }
}

/// Wakes the jobs that look at rows, and the sweeps whose picture has grown old.
async fn wake_all(services: &Services) -> sqlx::Result<()> {
    let now = services.clock.now();
    let mut connection = services.db.acquire().await?;
    let looking = [
        SendItems::IDENTIFIER,
        SettleItems::IDENTIFIER,
        PollItems::IDENTIFIER,
        SendInvitations::IDENTIFIER,
        SendActions::IDENTIFIER,
        WatchActions::IDENTIFIER,
        TakeDownDirectories::IDENTIFIER,
        LaunchRequests::IDENTIFIER,
        ChaseRequests::IDENTIFIER,
        SendLetters::IDENTIFIER,
        EndDesktops::IDENTIFIER,
        CompareFleet::IDENTIFIER,
        WatchSignIns::IDENTIFIER,
        WatchDirectories::IDENTIFIER,
    ];
    for job in looking {
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
    if network::is_due(services, now).await? {
        db::wake(&mut connection, SweepNetwork::IDENTIFIER, SweepNetwork::IDENTIFIER, serde_json::json!({}), now).await?;
    }
    Ok(())
}

/// What a handler needs, from the worker's extensions.
fn services(ctx: &WorkerContext) -> Result<Services, String> {
    extension(ctx)
}

fn extension<T: Clone + Send + Sync + std::fmt::Debug + 'static>(ctx: &WorkerContext) -> Result<T, String> {
    ctx.get_ext::<T>().cloned().ok_or_else(|| "the worker was started without what its jobs need".to_owned())
}

/// Does a job's work, once at a time in this process: a job that comes while it is done has it looked once more, and ends.
pub(crate) async fn alone(
    ctx: &WorkerContext,
    job: &'static str,
    work: impl AsyncFn(&Services) -> Result<(), Fault>,
) -> Result<(), String> {
    let services = services(ctx)?;
    let mut turn = extension::<Turns>(ctx)?.begin(job);
    while let Some(taken) = turn {
        work(&services).await.map_err(failed)?;
        turn = taken.again();
    }
    Ok(())
}

/// A job that failed is tried again by the queue, later each time; its text goes to the queue's row and the log.
fn failed(error: impl Display) -> String {
    tracing::error!(%error, "a job failed");
    error.to_string()
}

/// Keeps what went wrong with a sweep of the mirror, for the pages that show how old their picture is.
pub(crate) async fn swept(services: &Services, part: Part, outcome: Result<(), Fault>) -> Result<(), Fault> {
    match outcome {
        Ok(()) if part == Part::Directories => directories_known(services).await,
        Ok(()) => Ok(()),
        Err(fault) => {
            tracing::warn!(%fault, part = part.as_str(), "the mirror could not be brought up to date");
            Ok(crate::directories::job::problem(services, part, &fault.to_string()).await?)
        }
    }
}

/// WorkSpaces are read for the first time once their directories are known.
async fn directories_known(services: &Services) -> Result<(), Fault> {
    let mut connection = services.db.acquire().await?;
    let first = sqlx::query_scalar!("select read_at is null as \"first!\" from mirror where part = 'workspaces'")
        .fetch_one(&mut *connection)
        .await?;
    if first {
        let next = SweepWorkspaces::IDENTIFIER;
        db::wake(&mut connection, next, next, serde_json::json!({}), services.clock.now()).await?;
    }
    Ok(())
}
