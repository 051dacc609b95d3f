//! SQL of cost centres.

pub(super) mod drafts;
pub(super) mod ledger;

use model::{
    CostCentreId, Page, PageRequest, PersonGuid,
    cost_centres::{Budget, CostCentre, CostCentreRow, Filter, Owner},
    money::Money,
};
use sqlx::{PgConnection, types::Decimal};
use uuid::Uuid;

use self::ledger::{Sums, currency};
use crate::{Fault, Services, db};

struct Row {
    id: Uuid,
    number: String,
    name: String,
    owner_guid: Uuid,
    owner_account: String,
    owner_name: String,
    cap: Option<Decimal>,
    currency: String,
    open: bool,
    version: i32,
}

impl Row {
    fn read(self) -> sqlx::Result<CostCentre> {
        let currency = currency(&self.currency)?;
        Ok(CostCentre {
            id: CostCentreId(self.id),
            number: self.number,
            name: self.name,
            owner: Owner { guid: PersonGuid(self.owner_guid), account: self.owner_account, name: self.owner_name },
            cap: self.cap.map(|amount| Money { amount, currency }),
            currency,
            open: self.open,
            version: self.version,
        })
    }
}

pub(super) async fn get(services: &Services, id: CostCentreId) -> Result<Option<CostCentre>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, number, name, owner_guid, owner_account, owner_name, cap, currency, open, version from cost_centre where id = $1",
        id.0
    )
    .fetch_optional(&services.db)
    .await?;
    Ok(row.map(Row::read).transpose()?)
}

pub(super) async fn by_number(services: &Services, number: &str) -> Result<Option<CostCentre>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, number, name, owner_guid, owner_account, owner_name, cap, currency, open, version from cost_centre
         where lower(number) = lower($1)",
        number.trim()
    )
    .fetch_optional(&services.db)
    .await?;
    Ok(row.map(Row::read).transpose()?)
}

pub(super) async fn all_open(services: &Services) -> Result<Vec<CostCentre>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select id, number, name, owner_guid, owner_account, owner_name, cap, currency, open, version from cost_centre
         where open order by lower(number)"
    )
    .fetch_all(&services.db)
    .await?;
    Ok(rows.into_iter().map(Row::read).collect::<sqlx::Result<_>>()?)
}

/// One, held until the transaction ends.
pub(super) async fn held(tx: &mut PgConnection, id: CostCentreId) -> sqlx::Result<Option<CostCentre>> {
    let row = sqlx::query_as!(
        Row,
        "select id, number, name, owner_guid, owner_account, owner_name, cap, currency, open, version from cost_centre
         where id = $1 for update",
        id.0
    )
    .fetch_optional(tx)
    .await?;
    row.map(Row::read).transpose()
}

/// Those of these numbers, held until the transaction ends.
pub(super) async fn held_by_number(tx: &mut PgConnection, numbers: &[String]) -> sqlx::Result<Vec<CostCentre>> {
    let rows = sqlx::query_as!(
        Row,
        "select id, number, name, owner_guid, owner_account, owner_name, cap, currency, open, version from cost_centre
         where lower(number) in (select lower(n) from unnest($1::text[]) n) order by id for update",
        numbers
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// The currency of the last one that was made.
pub(super) async fn last_currency(services: &Services) -> Result<Option<String>, Fault> {
    Ok(sqlx::query_scalar!("select currency from cost_centre order by created_at desc limit 1")
        .fetch_optional(&services.db)
        .await?)
}

/// Whether anything is reserved or committed.
pub(super) async fn is_used(tx: &mut PgConnection, id: CostCentreId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "select exists (select from cost_centre_entry where cost_centre_id = $1 and state <> 'freed') as \"used!\"",
        id.0
    )
    .fetch_one(tx)
    .await
}

/// Writes a new one; false if it was there, because the same form was sent twice at the same time.
pub(super) async fn insert(tx: &mut PgConnection, services: &Services, centre: &CostCentre) -> sqlx::Result<bool> {
    let made = sqlx::query!(
        "insert into cost_centre (id, number, name, owner_guid, owner_account, owner_name, cap, currency, created_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) on conflict (id) do nothing",
        centre.id.0,
        centre.number,
        centre.name,
        centre.owner.guid.0,
        centre.owner.account,
        centre.owner.name,
        centre.cap.map(|cap| cap.amount),
        centre.currency.to_string(),
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(made.rows_affected() == 1)
}

/// Writes all of it, as another version.
pub(super) async fn update(tx: &mut PgConnection, services: &Services, centre: &CostCentre) -> sqlx::Result<()> {
    sqlx::query!(
        "update cost_centre set number = $2, name = $3, owner_guid = $4, owner_account = $5, owner_name = $6, cap = $7,
                                currency = $8, open = $9, version = version + 1, changed_at = $10
         where id = $1",
        centre.id.0,
        centre.number,
        centre.name,
        centre.owner.guid.0,
        centre.owner.account,
        centre.owner.name,
        centre.cap.map(|cap| cap.amount),
        centre.currency.to_string(),
        centre.open,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// One page, each with its sums.
pub(super) async fn list(services: &Services, filter: &Filter, page: PageRequest) -> Result<Page<CostCentreRow>, Fault> {
    let like = (!filter.q.trim().is_empty()).then(|| db::contains(filter.q.trim()));
    let total = sqlx::query_scalar!(
        "select count(*) as \"count!\" from cost_centre
         where (open or $2) and ($1::text is null or number ilike $1 or name ilike $1 or owner_name ilike $1)",
        like,
        filter.closed,
    )
    .fetch_one(&services.db)
    .await?;
    let rows = sqlx::query!(
        "select c.id, c.number, c.name, c.owner_guid, c.owner_account, c.owner_name, c.cap, c.currency, c.open, c.version,
                coalesce(e.committed, 0) as \"committed!\", coalesce(e.allowed, 0) as \"allowed!\",
                coalesce(e.reserved, 0) as \"reserved!\", coalesce(e.beyond, 0) as \"beyond!\", e.uncounted as \"uncounted!\"
         from (select * from cost_centre
               where (open or $2) and ($1::text is null or number ilike $1 or name ilike $1 or owner_name ilike $1)
               order by lower(number) limit $3 offset $4) c
         cross join lateral (
           select sum(amount) filter (where currency = c.currency and state = 'committed') as committed,
                  sum(amount) filter (where currency = c.currency and state = 'committed' and not covered) as allowed,
                  sum(amount) filter (where currency = c.currency and state = 'reserved' and covered) as reserved,
                  sum(amount) filter (where currency = c.currency and state = 'reserved' and not covered) as beyond,
                  count(*) filter (where currency <> c.currency) as uncounted
           from cost_centre_entry where cost_centre_id = c.id and state <> 'freed') e
         order by lower(c.number)",
        like,
        filter.closed,
        page.limit(),
        page.offset(),
    )
    .fetch_all(&services.db)
    .await?;
    let mut found = Vec::new();
    for row in rows {
        let (committed, allowed, reserved) = (row.committed, row.allowed, row.reserved);
        let sums = Sums { committed, allowed, reserved, beyond: row.beyond, uncounted: row.uncounted };
        found.push(CostCentreRow {
            budget: Budget::of(&sums.standing(row.cap, currency(&row.currency)?)),
            id: CostCentreId(row.id),
            number: row.number,
            name: row.name,
            owner: Owner { guid: PersonGuid(row.owner_guid), account: row.owner_account, name: row.owner_name },
            open: row.open,
            version: row.version,
        });
    }
    Ok(Page { rows: found, total, request: page })
}
