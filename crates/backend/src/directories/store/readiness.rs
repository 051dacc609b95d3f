//! SQL of the report on readiness and of the quota that was entered.

use model::{
    Stamp,
    access::Actor,
    directories::readiness::{Demand, EnteredQuota},
};
use sqlx::{PgConnection, types::Json};

use crate::{Fault, Services, directories::readiness::Seen};

/// Keeps what was seen; of two who check at once the last one's stays.
pub(in crate::directories) async fn keep(services: &Services, actor: &Actor, seen: &Seen) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into readiness (report, checked_at, checked_by, checked_by_name) values ($1, $2, $3, $4)
         on conflict (only_one) do update set report = excluded.report, checked_at = excluded.checked_at,
           checked_by = excluded.checked_by, checked_by_name = excluded.checked_by_name",
        Json(seen) as _,
        services.clock.now(),
        actor.key(),
        actor.name(),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// What was seen last, when, and who asked; `None` before the first check. What another version kept and this one can't read
/// counts as none: somebody has only to check again.
pub(in crate::directories) async fn get(services: &Services) -> Result<Option<(Seen, Stamp, String)>, Fault> {
    let row = sqlx::query!("select report, checked_at, checked_by_name from readiness").fetch_optional(&services.db).await?;
    Ok(row.and_then(|row| {
        let seen = serde_json::from_value(row.report).ok()?;
        Some((seen, services.stamp(row.checked_at), row.checked_by_name))
    }))
}

pub(in crate::directories) async fn enter_quota(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    granted: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into workspace_quota (granted, entered_at, entered_by, entered_by_name) values ($1, $2, $3, $4)
         on conflict (only_one) do update set granted = excluded.granted, entered_at = excluded.entered_at,
           entered_by = excluded.entered_by, entered_by_name = excluded.entered_by_name",
        granted,
        services.clock.now(),
        actor.key(),
        actor.name(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(in crate::directories) async fn entered_quota(services: &Services) -> Result<Option<EnteredQuota>, Fault> {
    let row = sqlx::query!("select granted, entered_at, entered_by_name from workspace_quota");
    let Some(row) = row.fetch_optional(&services.db).await? else { return Ok(None) };
    let granted = row.granted.try_into().map_err(|_| Fault::Bug(format!("quota: {}", row.granted)))?;
    Ok(Some(EnteredQuota { granted, by: row.entered_by_name, at: services.stamp(row.entered_at) }))
}

/// WorkSpaces of the mirror, and rows of launches that are not among them yet.
pub(in crate::directories) async fn demand(services: &Services) -> sqlx::Result<Demand> {
    sqlx::query_as!(
        Demand,
        "select (select count(*) from workspace where gone_at is null) as \"there!\",
                (select count(*) from launch_item where state in ('queued', 'sending', 'unconfirmed')) as \"waiting!\""
    )
    .fetch_one(&services.db)
    .await
}
