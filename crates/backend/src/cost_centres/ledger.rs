//! The ledger, for use cases that have authorized: they reserve, commit and free within their own transactions.
//!
//! Whoever reserves or commits holds the cost centre's row until their transaction ends, so of many at once each sees what those
//! before it took. A transaction that touches several cost centres has to take them in the order of their ids. What the sums mean
//! and what fits is `model::cost_centres::ledger`. Public for tests, which ask it alone.

use model::{
    CostCentreId, RequestItemId,
    cost_centres::{
        Fit, Standing,
        ledger::{Entry, EntryState},
    },
    money::Money,
};
use sqlx::PgConnection;

use super::store::ledger as rows;
use crate::{Services, fault::told};

/// Reserves a monthly amount for an item, also where it goes beyond the cap: then it is not covered, and more than the usual
/// approval is needed. An item that is reserved already gets this amount and this cost centre instead; one that is committed stays
/// as it is.
///
/// # Errors
/// The database's; [`sqlx::Error::RowNotFound`] for an unknown cost centre.
pub async fn reserve(
    tx: &mut PgConnection,
    services: &Services,
    centre: CostCentreId,
    item: RequestItemId,
    amount: Money,
) -> sqlx::Result<Fit> {
    let others = rows::lock(tx, centre, item).await?;
    let before = rows::entry(tx, item).await?;
    if let Some((at, entry)) = before
        && entry.state == EntryState::Committed
    {
        let all = if at == centre { others.with(entry) } else { Some(others) };
        return Ok(Fit::Yes { left: all.and_then(|all| all.left()) });
    }
    let before = before.filter(|(at, _)| *at == centre).map(|(_, entry)| entry);
    let (entry, fit) = others.reserve(amount, before);
    rows::reserve(tx, services, centre, item, &entry).await?;
    Ok(fit)
}

/// Commits a reserved item. One that goes beyond the cap stays reserved, unless that is allowed. An item that is committed already
/// fits; so does one that was never reserved, which has no price.
///
/// # Errors
/// The database's; [`sqlx::Error::RowNotFound`] for an item that was freed.
pub async fn commit(tx: &mut PgConnection, services: &Services, item: RequestItemId, allowed_over: bool) -> sqlx::Result<Fit> {
    let Some((centre, _)) = rows::entry(tx, item).await? else { return Ok(Fit::Yes { left: None }) };
    let others = rows::lock(tx, centre, item).await?;
    // As it is now that nobody else can reserve or commit it.
    let found = rows::entry(tx, item).await?.filter(|(at, entry)| *at == centre && entry.state != EntryState::Freed);
    let (_, entry) = found.ok_or(sqlx::Error::RowNotFound)?;
    if entry.state == EntryState::Committed {
        return Ok(Fit::Yes { left: others.with(entry).and_then(|all| all.left()) });
    }
    let (after, fit) = others.commit(entry, allowed_over);
    if let Some(Entry { covered, .. }) = after {
        rows::commit(tx, services, item, covered).await?;
    }
    Ok(fit)
}

/// Frees what an item has reserved or committed, if anything.
///
/// # Errors
/// The database's.
pub async fn free(tx: &mut PgConnection, services: &Services, item: RequestItemId) -> sqlx::Result<()> {
    rows::free(tx, services, item).await
}

/// How a cost centre stands.
///
/// # Errors
/// [`model::Error::NotFound`], and the database's.
pub async fn standing(services: &Services, centre: CostCentreId) -> model::Result<Standing> {
    rows::standing(services, centre).await.map_err(told)?.ok_or(model::Error::NotFound)
}
