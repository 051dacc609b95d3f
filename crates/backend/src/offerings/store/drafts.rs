//! SQL of offerings being made or changed.

use model::{
    DraftId, FieldError, OfferingId,
    access::Actor,
    offerings::{Draft, DraftHead, OfferingForm},
};
use sqlx::PgConnection;

use super::bug;
use crate::{Fault, Services};

pub(in crate::offerings) async fn insert(
    services: &Services,
    actor: &Actor,
    id: DraftId,
    of: Option<(OfferingId, u32)>,
    form: &OfferingForm,
) -> Result<(), Fault> {
    let (offering, base) = of.unzip();
    sqlx::query!(
        "insert into offering_draft (id, owner, offering_id, base, form, changed_at) values ($1, $2, $3, $4, $5, $6)",
        id.0,
        actor.key(),
        offering.map(|id| id.0),
        base.map(i32::try_from).transpose().map_err(bug)?,
        super::json(form)?,
        services.clock.now(),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// The actor's own draft.
pub(in crate::offerings) async fn one(services: &Services, actor: &Actor, id: DraftId) -> Result<Option<Draft>, Fault> {
    let row = sqlx::query!(
        "select offering_id, base, form, errors, published, changed_at from offering_draft where id = $1 and owner = $2",
        id.0,
        actor.key(),
    )
    .fetch_optional(&services.db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let of = match (row.offering_id, row.base) {
        (Some(offering), Some(base)) => Some((OfferingId(offering), u32::try_from(base).map_err(bug)?)),
        _ => None,
    };
    Ok(Some(Draft {
        id,
        of,
        form: serde_json::from_value(row.form).map_err(bug)?,
        errors: serde_json::from_value(row.errors).map_err(bug)?,
        published: row.published.map(OfferingId),
        seen: row.changed_at.timestamp_micros(),
    }))
}

/// The actor's own that were not published, the newest first.
pub(in crate::offerings) async fn open(services: &Services, actor: &Actor) -> Result<Vec<DraftHead>, Fault> {
    let rows = sqlx::query!(
        "select id, offering_id, form->>'name' as name, changed_at from offering_draft
         where owner = $1 and published is null and saved order by changed_at desc limit 20",
        actor.key(),
    )
    .fetch_all(&services.db)
    .await?;
    let head = rows.into_iter().map(|row| DraftHead {
        id: DraftId(row.id),
        name: row.name.unwrap_or_default(),
        of: row.offering_id.map(OfferingId),
        changed: services.stamp(row.changed_at),
    });
    Ok(head.collect())
}

pub(in crate::offerings) async fn save(
    services: &Services,
    id: DraftId,
    form: &OfferingForm,
    errors: &[FieldError],
) -> Result<(), Fault> {
    sqlx::query!(
        "update offering_draft set form = $2, errors = $3, saved = true, changed_at = $4 where id = $1 and published is null",
        id.0,
        super::json(form)?,
        super::json(&errors)?,
        services.clock.now(),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// What the draft became, if it did, while nobody else publishes it.
pub(in crate::offerings) async fn lock(tx: &mut PgConnection, id: DraftId) -> sqlx::Result<Option<OfferingId>> {
    let published = sqlx::query_scalar!("select published from offering_draft where id = $1 for update", id.0);
    Ok(published.fetch_one(tx).await?.map(OfferingId))
}

pub(in crate::offerings) async fn published(tx: &mut PgConnection, id: DraftId, offering: OfferingId) -> sqlx::Result<()> {
    sqlx::query!("update offering_draft set published = $2 where id = $1", id.0, offering.0).execute(tx).await?;
    Ok(())
}

pub(in crate::offerings) async fn discard(services: &Services, id: DraftId) -> sqlx::Result<()> {
    sqlx::query!("delete from offering_draft where id = $1 and published is null", id.0).execute(&services.db).await?;
    Ok(())
}
