//! SQL of the ledger.

use model::{
    CostCentreId, RequestItemId,
    cost_centres::{
        Standing,
        ledger::{Entry, EntryState},
    },
    money::{Currency, Money},
};
use sqlx::{PgConnection, types::Decimal};

use crate::{Fault, Services};

/// What a row can't be read as.
pub(super) fn unreadable(what: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(format!("cost centre: {what}").into())
}

pub(super) fn currency(text: &str) -> sqlx::Result<Currency> {
    text.parse().map_err(unreadable)
}

/// The sums of live entries, as the database counts them.
pub(super) struct Sums {
    pub committed: Decimal,
    pub allowed: Decimal,
    pub reserved: Decimal,
    pub beyond: Decimal,
    pub uncounted: i64,
}

impl Sums {
    pub(super) fn standing(&self, cap: Option<Decimal>, currency: Currency) -> Standing {
        let money = |amount| Money { amount, currency };
        Standing {
            cap: cap.map(money),
            committed: money(self.committed),
            allowed: money(self.allowed),
            reserved: money(self.reserved),
            beyond: money(self.beyond),
            uncounted: self.uncounted,
        }
    }
}

/// Holds the cost centre's row until the transaction ends, and sums its entries but this item's.
pub(in crate::cost_centres) async fn lock(
    tx: &mut PgConnection,
    centre: CostCentreId,
    but: RequestItemId,
) -> sqlx::Result<Standing> {
    let row =
        sqlx::query!("select cap, currency from cost_centre where id = $1 for update", centre.0).fetch_one(&mut *tx).await?;
    let sums = sqlx::query_as!(
        Sums,
        "select coalesce(sum(amount) filter (where currency = $2 and state = 'committed'), 0) as \"committed!\",
                coalesce(sum(amount) filter (where currency = $2 and state = 'committed' and not covered), 0) as \"allowed!\",
                coalesce(sum(amount) filter (where currency = $2 and state = 'reserved' and covered), 0) as \"reserved!\",
                coalesce(sum(amount) filter (where currency = $2 and state = 'reserved' and not covered), 0) as \"beyond!\",
                count(*) filter (where currency <> $2) as \"uncounted!\"
         from cost_centre_entry
         where cost_centre_id = $1 and state <> 'freed' and request_item <> $3",
        centre.0,
        row.currency,
        but.0,
    )
    .fetch_one(tx)
    .await?;
    Ok(sums.standing(row.cap, currency(&row.currency)?))
}

/// How it stands, without holding anything.
pub(in crate::cost_centres) async fn standing(services: &Services, centre: CostCentreId) -> Result<Option<Standing>, Fault> {
    let row = sqlx::query!(
        "select c.cap, c.currency,
                coalesce(sum(e.amount) filter (where e.currency = c.currency and e.state = 'committed'), 0) as \"committed!\",
                coalesce(sum(e.amount) filter (where e.currency = c.currency and e.state = 'committed' and not e.covered), 0) as \"allowed!\",
                coalesce(sum(e.amount) filter (where e.currency = c.currency and e.state = 'reserved' and e.covered), 0) as \"reserved!\",
                coalesce(sum(e.amount) filter (where e.currency = c.currency and e.state = 'reserved' and not e.covered), 0) as \"beyond!\",
                count(*) filter (where e.currency <> c.currency) as \"uncounted!\"
         from cost_centre c left join cost_centre_entry e on e.cost_centre_id = c.id and e.state <> 'freed'
         where c.id = $1 group by c.id",
        centre.0,
    )
    .fetch_optional(&services.db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let sums = Sums {
        committed: row.committed,
        allowed: row.allowed,
        reserved: row.reserved,
        beyond: row.beyond,
        uncounted: row.uncounted,
    };
    Ok(Some(sums.standing(row.cap, currency(&row.currency)?)))
}

/// An item's entry, and whose it is. Only who holds the cost centre's row changes it, but for freeing it.
pub(in crate::cost_centres) async fn entry(
    tx: &mut PgConnection,
    item: RequestItemId,
) -> sqlx::Result<Option<(CostCentreId, Entry)>> {
    let row = sqlx::query!(
        "select cost_centre_id, amount, currency, state, covered from cost_centre_entry where request_item = $1",
        item.0
    )
    .fetch_optional(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let entry = Entry {
        amount: Money { amount: row.amount, currency: currency(&row.currency)? },
        state: EntryState::from_db(&row.state).ok_or_else(|| unreadable(&row.state))?,
        covered: row.covered,
    };
    Ok(Some((CostCentreId(row.cost_centre_id), entry)))
}

/// Writes a reserved entry, in place of what the item had.
pub(in crate::cost_centres) async fn reserve(
    tx: &mut PgConnection,
    services: &Services,
    centre: CostCentreId,
    item: RequestItemId,
    entry: &Entry,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into cost_centre_entry as e (request_item, cost_centre_id, amount, currency, state, covered, reserved_at)
         values ($1, $2, $3, $4, 'reserved', $5, $6)
         on conflict (request_item) do update
         set cost_centre_id = excluded.cost_centre_id, amount = excluded.amount, currency = excluded.currency, state = 'reserved',
             covered = excluded.covered, freed_at = null, committed_at = null,
             reserved_at = case when e.state = 'freed' then excluded.reserved_at else e.reserved_at end",
        item.0,
        centre.0,
        entry.amount.amount,
        entry.amount.currency.to_string(),
        entry.covered,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Commits a reserved entry; [`sqlx::Error::RowNotFound`] if it was freed meanwhile.
pub(in crate::cost_centres) async fn commit(
    tx: &mut PgConnection,
    services: &Services,
    item: RequestItemId,
    covered: bool,
) -> sqlx::Result<()> {
    let committed = sqlx::query!(
        "update cost_centre_entry set state = 'committed', covered = $2, committed_at = $3 where request_item = $1 and state = 'reserved'",
        item.0,
        covered,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    if committed.rows_affected() == 1 { Ok(()) } else { Err(sqlx::Error::RowNotFound) }
}

pub(in crate::cost_centres) async fn free(tx: &mut PgConnection, services: &Services, item: RequestItemId) -> sqlx::Result<()> {
    sqlx::query!(
        "update cost_centre_entry set state = 'freed', freed_at = $2 where request_item = $1 and state <> 'freed'",
        item.0,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}
