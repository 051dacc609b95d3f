//! SQL of price sheets.

use chrono::NaiveDate;
use model::{
    DraftId, FieldError, PriceSheetId,
    access::Actor,
    offerings::{AutoStop, Line, Sheet, SheetDraft, SheetForm, SheetHead, Standing, Terms},
};
use sqlx::{PgConnection, types::Decimal};
use uuid::Uuid;

use super::{bug, json};
use crate::{Fault, Services};

/// The sheet in force in a Region on a day, with its lines.
pub(in crate::offerings) async fn in_force(services: &Services, region: &str, today: NaiveDate) -> Result<Option<Sheet>, Fault> {
    let row = sqlx::query!(
        "select id, currency, valid_from, example from price_sheet where region = $1 and valid_from <= $2
         order by valid_from desc, number desc limit 1",
        region,
        today,
    )
    .fetch_optional(&services.db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id = PriceSheetId(row.id);
    Ok(Some(Sheet {
        id,
        currency: row.currency.parse().map_err(bug)?,
        valid_from: row.valid_from,
        example: row.example,
        lines: lines(services, id).await?,
    }))
}

/// The lines of a sheet, by what they are about.
pub(in crate::offerings) async fn lines(services: &Services, id: PriceSheetId) -> Result<Vec<Line>, Fault> {
    let rows = sqlx::query!(
        "select compute, root_gib, user_gib, always_on_month, auto_stop_month, auto_stop_hour, volume_gib_month from price_line
         where sheet_id = $1 order by compute, root_gib, user_gib",
        id.0,
    )
    .fetch_all(&services.db)
    .await?;
    let line = rows.into_iter().map(|row| {
        Ok(Line {
            compute: row.compute,
            root_gib: u32::try_from(row.root_gib).map_err(bug)?,
            user_gib: u32::try_from(row.user_gib).map_err(bug)?,
            always_on_month: row.always_on_month,
            auto_stop: row.auto_stop_month.zip(row.auto_stop_hour).map(|(month, hour)| AutoStop { month, hour }),
            volume_gib_month: row.volume_gib_month,
        })
    });
    line.collect()
}

/// All sheets, or one: by Region, the newest date first.
pub(in crate::offerings) async fn heads(
    services: &Services,
    today: NaiveDate,
    one: Option<PriceSheetId>,
) -> Result<Vec<SheetHead>, Fault> {
    let rows = sqlx::query!(
        "select s.id, s.number, s.region, s.currency, s.valid_from, s.note, s.example, s.kept_at, s.kept_by_name,
                (select count(*) from price_line l where l.sheet_id = s.id) as \"lines!\",
                s.id = (select f.id from price_sheet f where f.region = s.region and f.valid_from <= $1
                        order by f.valid_from desc, f.number desc limit 1) as in_force
         from price_sheet s where $2::uuid is null or s.id = $2 order by s.region, s.valid_from desc, s.number desc",
        today,
        one.map(|id| id.0),
    )
    .fetch_all(&services.db)
    .await?;
    let head = rows.into_iter().map(|row| SheetHead {
        id: PriceSheetId(row.id),
        region: row.region,
        number: row.number,
        currency: row.currency,
        valid_from: model::offerings::date(row.valid_from),
        note: row.note,
        example: row.example,
        lines: row.lines,
        standing: match (row.in_force, row.valid_from > today) {
            (Some(true), _) => Standing::InForce,
            (_, true) => Standing::Later,
            _ => Standing::Past,
        },
        kept: services.stamp(row.kept_at),
        kept_by: row.kept_by_name,
    });
    Ok(head.collect())
}

/// Writes a sheet with its lines; false if it is there already.
pub(in crate::offerings) async fn insert(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    id: PriceSheetId,
    terms: &Terms,
    lines: &[Line],
) -> Result<bool, Fault> {
    let inserted = sqlx::query!(
        "insert into price_sheet (id, region, currency, valid_from, note, kept_at, kept_by, kept_by_name)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
        id.0,
        terms.region,
        terms.currency.to_string(),
        terms.valid_from,
        terms.note,
        services.clock.now(),
        actor.key(),
        actor.name(),
    )
    .execute(&mut *tx)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    let sizes = |size: fn(&Line) -> u32| lines.iter().map(size).map(i32::try_from).collect::<Result<Vec<_>, _>>().map_err(bug);
    let amounts = |amount: fn(&Line) -> Option<Decimal>| lines.iter().map(amount).collect::<Vec<_>>();
    sqlx::query!(
        "insert into price_line (sheet_id, compute, root_gib, user_gib, always_on_month, auto_stop_month, auto_stop_hour, volume_gib_month)
         select $1, * from unnest($2::text[], $3::integer[], $4::integer[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[])",
        id.0,
        &lines.iter().map(|line| line.compute.clone()).collect::<Vec<_>>(),
        &sizes(|line| line.root_gib)?,
        &sizes(|line| line.user_gib)?,
        &amounts(|line| line.always_on_month) as &[Option<Decimal>],
        &amounts(|line| Some(line.auto_stop?.month)) as &[Option<Decimal>],
        &amounts(|line| Some(line.auto_stop?.hour)) as &[Option<Decimal>],
        &amounts(|line| line.volume_gib_month) as &[Option<Decimal>],
    )
    .execute(tx)
    .await?;
    Ok(true)
}

pub(in crate::offerings) async fn insert_draft(
    services: &Services,
    actor: &Actor,
    id: DraftId,
    form: &SheetForm,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into price_sheet_draft (id, owner, form, changed_at) values ($1, $2, $3, $4)",
        id.0,
        actor.key(),
        json(form)?,
        services.clock.now(),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// The actor's own draft.
pub(in crate::offerings) async fn draft(services: &Services, actor: &Actor, id: DraftId) -> Result<Option<SheetDraft>, Fault> {
    let row = sqlx::query!("select form, errors from price_sheet_draft where id = $1 and owner = $2", id.0, actor.key())
        .fetch_optional(&services.db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(SheetDraft {
        id,
        form: serde_json::from_value(row.form).map_err(bug)?,
        errors: serde_json::from_value(row.errors).map_err(bug)?,
    }))
}

pub(in crate::offerings) async fn save_draft(
    services: &Services,
    id: DraftId,
    form: &SheetForm,
    errors: &[FieldError],
) -> Result<(), Fault> {
    sqlx::query!(
        "update price_sheet_draft set form = $2, errors = $3, changed_at = $4 where id = $1",
        id.0,
        json(form)?,
        json(&errors)?,
        services.clock.now(),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

pub(in crate::offerings) async fn forget_draft(tx: &mut PgConnection, id: DraftId) -> sqlx::Result<()> {
    sqlx::query!("delete from price_sheet_draft where id = $1", id.0).execute(tx).await?;
    Ok(())
}

/// The sheet that somebody's draft of this id became.
pub(in crate::offerings) async fn kept(services: &Services, actor: &Actor, id: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!("select exists (select from price_sheet where id = $1 and kept_by = $2) as \"kept!\"", id, actor.key(),)
        .fetch_one(&services.db)
        .await
}
