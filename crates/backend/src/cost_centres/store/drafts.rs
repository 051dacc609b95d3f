//! SQL of cost centres as somebody typed them.

use chrono::TimeDelta;
use model::{CostCentreId, FieldError, access::Actor, cost_centres::CostCentreForm};
use sqlx::PgConnection;

use crate::{Fault, Services};

/// How long what was typed is shown again.
const KEPT: TimeDelta = TimeDelta::days(1);

/// What the actor typed lately.
pub(in crate::cost_centres) struct Kept {
    pub seen: i32,
    pub form: CostCentreForm,
    pub problems: Vec<FieldError>,
}

pub(in crate::cost_centres) async fn get(services: &Services, actor: &Actor, id: CostCentreId) -> Result<Option<Kept>, Fault> {
    let row = sqlx::query!(
        "select seen, form, problems from cost_centre_draft where id = $1 and owner = $2 and kept_at > $3",
        id.0,
        actor.key(),
        services.clock.now() - KEPT,
    )
    .fetch_optional(&services.db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let bug = |error: serde_json::Error| Fault::Bug(format!("cost centre's draft: {error}"));
    let (form, problems) = (serde_json::from_value(row.form).map_err(bug)?, serde_json::from_value(row.problems).map_err(bug)?);
    Ok(Some(Kept { seen: row.seen, form, problems }))
}

/// Keeps what was typed, and forgets what is too old to be shown again.
pub(in crate::cost_centres) async fn keep(
    services: &Services,
    actor: &Actor,
    id: CostCentreId,
    kept: &Kept,
) -> Result<(), Fault> {
    let now = services.clock.now();
    sqlx::query!("delete from cost_centre_draft where kept_at <= $1", now - KEPT).execute(&services.db).await?;
    sqlx::query!(
        "insert into cost_centre_draft (id, owner, seen, form, problems, kept_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (id, owner) do update
         set seen = excluded.seen, form = excluded.form, problems = excluded.problems, kept_at = excluded.kept_at",
        id.0,
        actor.key(),
        kept.seen,
        serde_json::json!(kept.form),
        serde_json::json!(kept.problems),
        now,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

pub(in crate::cost_centres) async fn delete(tx: &mut PgConnection, actor: &Actor, id: CostCentreId) -> sqlx::Result<()> {
    sqlx::query!("delete from cost_centre_draft where id = $1 and owner = $2", id.0, actor.key()).execute(tx).await?;
    Ok(())
}
