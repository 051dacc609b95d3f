//! SQL of cost centres as somebody typed them.

use chrono::TimeDelta;
use model::{
    CostCentreId, FieldError,
    access::Actor,
    cost_centres::{CostCentreForm, ListDraft},
};
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

/// The list that the actor sent lately; empty if that is none.
pub(in crate::cost_centres) async fn list(services: &Services, actor: &Actor) -> Result<ListDraft, Fault> {
    let row = sqlx::query!(
        "select text, problems from cost_centre_list where owner = $1 and kept_at > $2",
        actor.key(),
        services.clock.now() - KEPT,
    )
    .fetch_optional(&services.db)
    .await?;
    let Some(row) = row else { return Ok(ListDraft::default()) };
    let problems = serde_json::from_value(row.problems).map_err(|error| Fault::Bug(format!("list's problems: {error}")))?;
    Ok(ListDraft { text: row.text, problems })
}

/// Keeps it in the place of the actor's last one, and forgets what is too old to be shown again.
pub(in crate::cost_centres) async fn keep_list(services: &Services, actor: &Actor, list: &ListDraft) -> Result<(), Fault> {
    let now = services.clock.now();
    sqlx::query!("delete from cost_centre_list where kept_at <= $1", now - KEPT).execute(&services.db).await?;
    sqlx::query!(
        "insert into cost_centre_list (owner, text, problems, kept_at) values ($1, $2, $3, $4)
         on conflict (owner) do update set text = excluded.text, problems = excluded.problems, kept_at = excluded.kept_at",
        actor.key(),
        list.text,
        serde_json::json!(list.problems),
        now,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

pub(in crate::cost_centres) async fn delete_list(tx: &mut PgConnection, actor: &Actor) -> sqlx::Result<()> {
    sqlx::query!("delete from cost_centre_list where owner = $1", actor.key()).execute(tx).await?;
    Ok(())
}
