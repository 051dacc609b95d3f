//! SQL of who decides in whose place.

use chrono::NaiveDate;
use model::{
    PersonGuid, RequestId,
    requests::{StandIn, rules::Named},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Services;

/// One absence with both names.
#[derive(Debug, Clone)]
pub(in crate::requests) struct Row {
    pub person_guid: Uuid,
    pub person_name: String,
    pub stand_in_guid: Uuid,
    pub stand_in_name: String,
    pub from_day: NaiveDate,
    pub until_day: NaiveDate,
}

/// Who decides today in the place of those who are asked at the request's stage that waits.
pub(super) async fn stand_ins(tx: &mut PgConnection, id: RequestId, today: NaiveDate) -> sqlx::Result<Vec<StandIn>> {
    let rows = sqlx::query!(
        "select a.person_guid, a.person_name, a.stand_in_guid
         from request_stage s join request_absence a on a.person_guid = any(s.people)
         where s.request_id = $1 and s.state = 'waiting' and $2 between a.from_day and a.until_day
         order by a.person_name, a.person_guid",
        id.0,
        today,
    )
    .fetch_all(tx)
    .await?;
    let stand_in =
        |row: (Uuid, String, Uuid)| StandIn { absent: Named { id: PersonGuid(row.0), name: row.1 }, by: PersonGuid(row.2) };
    Ok(rows.into_iter().map(|row| stand_in((row.person_guid, row.person_name, row.stand_in_guid))).collect())
}

/// The absence of the person, and those in which they stand in; those that are over are left out.
pub(in crate::requests) async fn of(services: &Services, guid: PersonGuid, today: NaiveDate) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select person_guid, person_name, stand_in_guid, stand_in_name, from_day, until_day from request_absence
         where (person_guid = $1 or stand_in_guid = $1) and until_day >= $2 order by from_day, person_name",
        guid.0,
        today,
    )
    .fetch_all(&services.db)
    .await
}

/// Writes somebody's absence in the place of any other of theirs.
pub(in crate::requests) async fn keep(tx: &mut PgConnection, services: &Services, row: &Row) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into request_absence (person_guid, person_name, stand_in_guid, stand_in_name, from_day, until_day, made_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (person_guid) do update
         set person_name = excluded.person_name, stand_in_guid = excluded.stand_in_guid, stand_in_name = excluded.stand_in_name,
             from_day = excluded.from_day, until_day = excluded.until_day, made_at = excluded.made_at,
             told_at = null",
        row.person_guid,
        row.person_name,
        row.stand_in_guid,
        row.stand_in_name,
        row.from_day,
        row.until_day,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// False if there was none.
pub(in crate::requests) async fn end(tx: &mut PgConnection, guid: PersonGuid) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from request_absence where person_guid = $1", guid.0).execute(tx).await?;
    Ok(done.rows_affected() > 0)
}
