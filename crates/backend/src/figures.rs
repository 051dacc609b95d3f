//! The figures of an installation that operators watch: how much is in which state, and how old the mirror's picture is.
//! They hold no names and no ids.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use model::{directories::TroubleKind, invitations, launches::ItemState};

use crate::Services;

/// All of them, at one time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Jobs by task and by how they stand.
    pub jobs: Vec<(String, JobState, i64)>,
    /// How long the job that is due longest has waited, in seconds.
    pub oldest_due_job: f64,
    /// Rows of launches by state, every state among them.
    pub launch_rows: Vec<(&'static str, i64)>,
    /// Invitations by state, every state among them.
    pub invitations: Vec<(&'static str, i64)>,
    pub mirror: Vec<MirrorPart>,
    /// Directories that are in trouble now by what that is, every kind among them.
    pub troubles: Vec<(&'static str, i64)>,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobState {
    /// Due, and nobody has taken it.
    Waiting,
    /// Not due yet.
    Scheduled,
    Running,
    /// Failed, and tried again later.
    Retrying,
    /// Failed as often as it may.
    Failed,
}

impl JobState {
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Scheduled, Self::Running, Self::Retrying, Self::Failed];

    /// As metrics name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Failed => "failed",
        }
    }
}

/// A part of the mirror.
#[derive(Debug, Clone, PartialEq)]
pub struct MirrorPart {
    pub part: String,
    /// Since AWS was read, in seconds; `None` if it never was.
    pub age: Option<f64>,
    /// Whether the last reading failed.
    pub problem: bool,
}

/// Reads them.
///
/// # Errors
/// The database does not answer, or its schema is not there.
pub async fn figures(services: &Services) -> sqlx::Result<Figures> {
    let now = services.clock.now();
    let (jobs, oldest_due_job) = jobs(services, now).await?;
    let rows =
        sqlx::query!("select state, count(*) as \"count!\" from launch_item group by state").fetch_all(&services.db).await?;
    let count = |name: &str| rows.iter().find(|row| row.state == name).map_or(0, |row| row.count);
    let launch_rows = ItemState::ALL.map(|state| (state.as_str(), count(state.as_str()))).to_vec();
    let rows =
        sqlx::query!("select state, count(*) as \"count!\" from invitation group by state").fetch_all(&services.db).await?;
    let count = |name: &str| rows.iter().find(|row| row.state == name).map_or(0, |row| row.count);
    let invitations = invitations::State::ALL.map(|state| (state.as_str(), count(state.as_str()))).to_vec();
    let mirror = sqlx::query!("select part, read_at, problem is not null as \"problem!\" from mirror order by part");
    let mirror = mirror.fetch_all(&services.db).await?.into_iter().map(|row| MirrorPart {
        part: row.part,
        age: row.read_at.map(|read| seconds(now, read)),
        problem: row.problem,
    });
    let rows = sqlx::query!("select kind, count(*) as \"count!\" from directory_alert where ended_at is null group by kind")
        .fetch_all(&services.db)
        .await?;
    let count = |name: &str| rows.iter().find(|row| row.kind == name).map_or(0, |row| row.count);
    let troubles = TroubleKind::ALL.map(|kind| (kind.as_str(), count(kind.as_str()))).to_vec();
    Ok(Figures { jobs, oldest_due_job, launch_rows, invitations, mirror: mirror.collect(), troubles })
}

/// The queue's tables are not among our migrations, so the query is not checked when it is compiled.
async fn jobs(services: &Services, now: DateTime<Utc>) -> sqlx::Result<(Vec<(String, JobState, i64)>, f64)> {
    // The task, how its jobs stand, how many do, and when the first of them is due.
    type Row = (String, Option<String>, i64, Option<DateTime<Utc>>);
    let rows: Vec<Row> = sqlx::query_as(
        "select task.identifier,
                case when job.id is null then null
                     when job.locked_at is not null then 'running'
                     when job.attempts >= job.max_attempts then 'failed'
                     when job.last_error is not null then 'retrying'
                     when job.run_at <= $1 then 'waiting'
                     else 'scheduled' end as state,
                count(job.id), min(job.run_at)
         from graphile_worker._private_tasks task left join graphile_worker._private_jobs job on task.id = job.task_id
         group by 1, 2",
    )
    .bind(now)
    .fetch_all(&services.db)
    .await?;
    let mut jobs = BTreeMap::new();
    let mut oldest = 0.0_f64;
    for (task, state, count, due) in rows {
        // What there is none of is told as well.
        for known in JobState::ALL {
            let here = state.as_deref() == Some(known.as_str());
            *jobs.entry((task.clone(), known)).or_default() += if here { count } else { 0 };
        }
        if state.as_deref() == Some(JobState::Waiting.as_str()) {
            oldest = oldest.max(due.map_or(0.0, |due| seconds(now, due)));
        }
    }
    Ok((jobs.into_iter().map(|((task, state), count)| (task, state, count)).collect(), oldest))
}

fn seconds(now: DateTime<Utc>, then: DateTime<Utc>) -> f64 {
    now.signed_duration_since(then).as_seconds_f64().max(0.0)
}
