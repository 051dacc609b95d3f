//! SQL of the API budget. All times are the database's: they have to be the same for all replicas.

use std::time::Duration;

use chrono::{DateTime, Utc};
use model::budget::{Calls, Class, Counts, Held, Waiting};
use sqlx::{PgPool, postgres::types::PgInterval};
use uuid::Uuid;

use crate::{Fault, Services};

fn pg_interval(duration: Duration) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: i64::try_from(duration.as_micros()).unwrap_or(i64::MAX) }
}

fn class(text: &str) -> Result<Class, Fault> {
    Class::from_db(text).ok_or_else(|| Fault::Bug(format!("class of calls {text}")))
}

/// Takes a slot if the next call is due within `ahead`.
pub(super) async fn take(db: &PgPool, service: &str, interval: Duration, ahead: Duration) -> sqlx::Result<bool> {
    let taken = sqlx::query!(
        "update api_budget set next_at = greatest(next_at, clock_timestamp()) + $2, pace = $2
         where service = $1 and next_at - clock_timestamp() <= $3",
        service,
        pg_interval(interval),
        pg_interval(ahead),
    )
    .execute(db)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// How long until the next call is due at the steady rate; a minute at most.
pub(super) async fn due_in(db: &PgPool, service: &str) -> sqlx::Result<Duration> {
    let seconds = sqlx::query_scalar!(
        "select extract(epoch from next_at - clock_timestamp())::float8 as \"seconds!\" from api_budget where service = $1",
        service,
    )
    .fetch_one(db)
    .await?;
    Ok(Duration::from_secs_f64(seconds.clamp(0.0, 60.0)))
}

/// Puts the next call off. Times that follow on each other are one.
pub(super) async fn hold_back(db: &PgPool, service: &str, by: Duration) -> sqlx::Result<()> {
    sqlx::query!(
        "update api_budget set next_at = greatest(next_at, clock_timestamp()) + $2,
                held_since = case when held_until > clock_timestamp() then held_since else clock_timestamp() end,
                held_until = greatest(next_at, clock_timestamp()) + $2
         where service = $1",
        service,
        pg_interval(by),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Who is not seen for so long has died. Longer than the longest sleep of somebody who waits.
const UNSEEN_SECONDS: f64 = 15.0;

pub(super) async fn show_waiter(db: &PgPool, id: Uuid, service: &str, operation: &str, class: Class) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into api_waiter (id, service, operation, class, since, seen_at)
         values ($1, $2, $3, $4, clock_timestamp(), clock_timestamp())
         on conflict (id) do update set seen_at = excluded.seen_at",
        id,
        service,
        operation,
        class.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn hide_waiter(db: &PgPool, id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from api_waiter where id = $1", id).execute(db).await?;
    Ok(())
}

/// Adds calls to those of this minute.
pub(super) async fn count(db: &PgPool, service: &str, operation: &str, class: Class, counts: Counts) -> sqlx::Result<()> {
    let narrow = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    sqlx::query!(
        "insert into api_call as c (minute, service, operation, class, ok, refused, throttled, not_sent, unknown, waited_ms)
         values (date_trunc('minute', clock_timestamp()), $1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (minute, service, operation, class) do update set
           ok = c.ok + excluded.ok, refused = c.refused + excluded.refused, throttled = c.throttled + excluded.throttled,
           not_sent = c.not_sent + excluded.not_sent, unknown = c.unknown + excluded.unknown, waited_ms = c.waited_ms + excluded.waited_ms",
        service,
        operation,
        class.as_str(),
        narrow(counts.ok),
        narrow(counts.refused),
        narrow(counts.throttled),
        narrow(counts.not_sent),
        narrow(counts.unknown),
        counts.waited_ms,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The rows of `api_budget`.
pub(super) struct Rates {
    pub workspaces_due_in: f64,
    pub held: Option<Held>,
    /// Seconds between two mails.
    pub mail_pace: Option<f64>,
}

pub(super) async fn rates(services: &Services) -> Result<Rates, Fault> {
    let row = sqlx::query!(
        "select extract(epoch from w.next_at - clock_timestamp())::float8 as \"due_in!\", w.held_since, w.held_until,
                extract(epoch from w.held_until - clock_timestamp())::float8 as held_for, extract(epoch from s.pace)::float8 as mail_pace
         from api_budget w, api_budget s where w.service = 'workspaces' and s.service = 'ses'",
    )
    .fetch_one(&services.db)
    .await?;
    let held = row.held_since.zip(row.held_until).zip(row.held_for);
    let stamp = |at: DateTime<Utc>| services.stamp(at);
    Ok(Rates {
        workspaces_due_in: row.due_in.max(0.0),
        held: held.map(|((since, until), left)| Held { since: stamp(since), until: stamp(until), seconds_left: left.max(0.0) }),
        mail_pace: row.mail_pace.filter(|seconds| *seconds > 0.0),
    })
}

pub(super) async fn waiting(services: &Services) -> Result<Vec<Waiting>, Fault> {
    let rows = sqlx::query!(
        "select class, operation, count(*) as \"count!\", max(extract(epoch from clock_timestamp() - since))::float8 as \"longest!\"
         from api_waiter where seen_at > clock_timestamp() - make_interval(secs => $1) group by class, operation",
        UNSEEN_SECONDS,
    )
    .fetch_all(&services.db)
    .await?;
    let read = rows.into_iter().map(|row| {
        let class = class(&row.class)?;
        Ok(Waiting { class, operation: row.operation, count: row.count, longest_seconds: row.longest })
    });
    let mut waiting = read.collect::<Result<Vec<_>, Fault>>()?;
    waiting.sort_by(|one, other| (one.class, &one.operation).cmp(&(other.class, &other.operation)));
    Ok(waiting)
}

/// The calls of the last day, and of the last hour among them.
pub(super) async fn calls(services: &Services) -> Result<Vec<Calls>, Fault> {
    let rows = sqlx::query!(
        "select class, operation, minute > clock_timestamp() - interval '1 hour' as \"late!\", sum(ok) as \"ok!\",
                sum(refused) as \"refused!\", sum(throttled) as \"throttled!\", sum(not_sent) as \"not_sent!\", sum(unknown) as \"unknown!\",
                sum(waited_ms)::bigint as \"waited_ms!\"
         from api_call where minute > clock_timestamp() - interval '1 day' group by 1, 2, 3",
    )
    .fetch_all(&services.db)
    .await?;
    let mut calls: Vec<Calls> = Vec::new();
    for row in rows {
        let class = class(&row.class)?;
        let counts = Counts {
            ok: row.ok,
            refused: row.refused,
            throttled: row.throttled,
            not_sent: row.not_sent,
            unknown: row.unknown,
            waited_ms: row.waited_ms,
        };
        let hour = if row.late { counts } else { Counts::default() };
        match calls.iter_mut().find(|calls| (calls.class, &calls.operation) == (class, &row.operation)) {
            Some(calls) => (calls.hour, calls.day) = (calls.hour + hour, calls.day + counts),
            None => calls.push(Calls { class, operation: row.operation, hour, day: counts }),
        }
    }
    calls.sort_by(|one, other| (one.class, &one.operation).cmp(&(other.class, &other.operation)));
    Ok(calls)
}

pub(super) async fn minutes(services: &Services, service: &str) -> Result<Vec<(i64, i64)>, Fault> {
    let rows = sqlx::query!(
        "select coalesce(sum(c.ok + c.refused + c.not_sent + c.unknown), 0) as \"others!\", coalesce(sum(c.throttled), 0) as \"throttled!\"
         from generate_series(0, 59) past
         left join api_call c on c.service = $1 and c.minute = date_trunc('minute', clock_timestamp()) - make_interval(mins => past)
         group by past order by past desc",
        service,
    )
    .fetch_all(&services.db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.others, row.throttled)).collect())
}

/// Forgets calls of earlier days, and those who died waiting.
pub(super) async fn prune(db: &PgPool, days: i32) -> sqlx::Result<()> {
    sqlx::query!("delete from api_call where minute < clock_timestamp() - make_interval(days => $1)", days).execute(db).await?;
    sqlx::query!("delete from api_waiter where seen_at < clock_timestamp() - make_interval(secs => $1)", UNSEEN_SECONDS)
        .execute(db)
        .await?;
    Ok(())
}
