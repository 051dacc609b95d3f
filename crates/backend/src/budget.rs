//! The rates that all replicas share, kept in PostgreSQL.
//!
//! GCRA: one row a service holds the time at which the next call is due. Taking a slot is one UPDATE that either moves
//! that time on or changes nothing. Only the database's clock counts, so replicas need not agree on the time.

use std::time::Duration;

use sqlx::{PgPool, postgres::types::PgInterval};

/// Whose rate.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Service {
    /// All operations of WorkSpaces: about 2 calls a second with a burst of 5 for each account and Region (WorkSpaces
    /// Admin Guide, "I receive ThrottlingException errors"). The burst is kept one below, against jitter on the way.
    WorkSpaces,
    /// SendEmail at the account's MaxSendRate.
    Ses { per_second: f64 },
}

/// How pressing a call is. A lower class leaves room in the burst for the higher ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Launch,
    Poll,
    Sweep,
}

/// Proof that one call may be made. The adapters want one for each call.
#[derive(Debug)]
#[must_use = "a slot that is not used is a call that nobody else could make"]
pub(crate) struct Slot(());

impl Service {
    fn key(self) -> &'static str {
        match self {
            Self::WorkSpaces => "workspaces",
            Self::Ses { .. } => "ses",
        }
    }

    /// Time between two calls at the steady rate.
    fn interval(self) -> Duration {
        match self {
            Self::WorkSpaces => Duration::from_millis(500),
            Self::Ses { per_second } => Duration::from_secs_f64(1.0 / per_second.clamp(0.01, 1_000.0)),
        }
    }

    /// How many calls may be made at once after a pause.
    fn burst(self) -> u32 {
        match self {
            Self::WorkSpaces => 4,
            Self::Ses { .. } => 1,
        }
    }
}

impl Class {
    /// Slots of the burst that this class leaves untouched.
    fn reserve(self) -> u32 {
        match self {
            Self::Launch => 0,
            Self::Poll => 1,
            Self::Sweep => 2,
        }
    }
}

/// Waits for a slot and takes it.
pub(crate) async fn take(db: &PgPool, service: Service, class: Class) -> sqlx::Result<Slot> {
    let interval = service.interval();
    let ahead = interval * service.burst().saturating_sub(1 + class.reserve());
    loop {
        let taken = sqlx::query_scalar!(
            "update api_budget set next_at = greatest(next_at, clock_timestamp()) + $2
             where service = $1 and next_at - clock_timestamp() <= $3
             returning 1 as \"one!\"",
            service.key(),
            pg_interval(interval),
            pg_interval(ahead),
        )
        .fetch_optional(db)
        .await?;
        if taken.is_some() {
            return Ok(Slot(()));
        }
        let wait = sqlx::query_scalar!(
            "select extract(epoch from next_at - clock_timestamp())::float8 as \"seconds!\" from api_budget where service = $1",
            service.key(),
        )
        .fetch_one(db)
        .await?;
        let wait = Duration::from_secs_f64(wait.clamp(0.0, 60.0)).saturating_sub(ahead);
        tokio::time::sleep(wait + Duration::from_millis(rand::random_range(5..25))).await;
    }
}

/// AWS throttled although we kept to the rate: others use the account too. Everybody waits.
pub(crate) async fn hold_back(db: &PgPool, service: Service) -> sqlx::Result<()> {
    sqlx::query!(
        "update api_budget set next_at = greatest(next_at, clock_timestamp()) + $2 where service = $1",
        service.key(),
        pg_interval(service.interval() * 4),
    )
    .execute(db)
    .await?;
    Ok(())
}

fn pg_interval(duration: Duration) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: i64::try_from(duration.as_micros()).unwrap_or(i64::MAX) }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[sqlx::test(migrator = "crate::db::MIGRATOR")]
    async fn many_takers_get_the_rate_and_no_more(db: PgPool) {
        let start = Instant::now();
        let takers = (0..8).map(|_| take(&db, Service::WorkSpaces, Class::Launch));
        futures::future::try_join_all(takers).await.unwrap();
        // A burst of 4 at once, 4 more at 500 ms each.
        assert!(start.elapsed() >= Duration::from_millis(1_990), "{:?}", start.elapsed());
    }

    #[sqlx::test(migrator = "crate::db::MIGRATOR")]
    async fn a_lower_class_leaves_room_for_a_higher_one(db: PgPool) {
        let start = Instant::now();
        for _ in 0..2 {
            let _ = take(&db, Service::WorkSpaces, Class::Sweep).await.unwrap();
        }
        assert!(start.elapsed() < Duration::from_millis(400));
        let _ = take(&db, Service::WorkSpaces, Class::Launch).await.unwrap();
        let _ = take(&db, Service::WorkSpaces, Class::Launch).await.unwrap();
        assert!(start.elapsed() < Duration::from_millis(450), "{:?}", start.elapsed());
        let _ = take(&db, Service::WorkSpaces, Class::Sweep).await.unwrap();
        assert!(start.elapsed() >= Duration::from_millis(900), "{:?}", start.elapsed());
    }
}
