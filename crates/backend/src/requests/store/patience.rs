//! SQL of requests that wait for a decision for long.

use chrono::{DateTime, Utc};
use model::RequestId;
use sqlx::PgConnection;

use crate::Services;

/// When the stage that waits began to, and was last chased.
#[derive(Debug, Clone)]
pub(in crate::requests) struct Waiting {
    pub since: DateTime<Utc>,
    pub reminded_at: Option<DateTime<Utc>>,
    pub escalated_at: Option<DateTime<Utc>>,
}

/// Requests whose stage has waited since before that moment and was not chased since, the one that waits longest first.
pub(in crate::requests) async fn waiting_since(
    services: &Services,
    before: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<(RequestId, Waiting)>> {
    let rows = sqlx::query!(
        "select r.id, s.waiting_since as \"since!\", s.reminded_at, s.escalated_at
         from request_stage s join request r on r.id = s.request_id
         where s.state = 'waiting' and r.state = 'waiting' and greatest(s.waiting_since, s.reminded_at, s.escalated_at) < $1
         order by greatest(s.waiting_since, s.reminded_at, s.escalated_at), r.id limit $2",
        before,
        limit,
    )
    .fetch_all(&services.db)
    .await?;
    let waiting = rows.into_iter().map(|row| {
        let waiting = Waiting { since: row.since, reminded_at: row.reminded_at, escalated_at: row.escalated_at };
        (RequestId(row.id), waiting)
    });
    Ok(waiting.collect())
}

/// Writes that the stage of a held request was chased. False if somebody else has done so, or it waits no more.
pub(in crate::requests) async fn chased(
    tx: &mut PgConnection,
    services: &Services,
    id: RequestId,
    before: &Waiting,
    escalated: bool,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update request_stage set reminded_at = case when $6 then reminded_at else $2 end, escalated_at = case when $6 then $2 else escalated_at end
         where request_id = $1 and state = 'waiting' and waiting_since = $3 and reminded_at is not distinct from $4
           and escalated_at is not distinct from $5",
        id.0,
        services.clock.now(),
        before.since,
        before.reminded_at,
        before.escalated_at,
        escalated,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The question was answered: those who decide have not waited for longer than from now on.
pub(in crate::requests) async fn begin_anew(tx: &mut PgConnection, services: &Services, id: RequestId) -> sqlx::Result<()> {
    sqlx::query!(
        "update request_stage set waiting_since = $2, reminded_at = null, escalated_at = null,
                note = case when open_to = 'approvers' then null else note end
         where request_id = $1 and state = 'waiting'",
        id.0,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}
