//! Cost centres: who pays for desktops, and what is left of their caps.
//!
//! What takes no actor serves use cases that have authorized.

mod draft;
mod ledger;
mod list;
mod store;

use model::{
    Conflict, CostCentreId, Error, Page, PageRequest,
    access::{Act, Actor},
    audit::{Action, Outcome},
    cost_centres::{CostCentre, CostCentreRow, Filter, Owner, Values},
};
use sqlx::PgConnection;

pub use self::{
    draft::{discard, draft, find, save},
    ledger::{commit, free, reserve, standing},
    list::{import, typed_list},
};
use crate::{Services, audit, fault::told};

/// One page of them, in order of their numbers.
///
/// # Errors
/// [`Error::NotAllowed`] unless the actor may see those of all directories: a cost centre pays for desktops everywhere.
pub async fn list(services: &Services, actor: &Actor, filter: &Filter, page: PageRequest) -> model::Result<Page<CostCentreRow>> {
    actor.authorize_everywhere(Act::SeeCostCentres)?;
    store::list(services, filter, page).await.map_err(told)
}

/// One, open or closed.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(services: &Services, id: CostCentreId) -> model::Result<CostCentre> {
    store::get(services, id).await.map_err(told)?.ok_or(Error::NotFound)
}

/// The one of that number, open or closed; numbers are compared without case.
///
/// # Errors
/// The database's.
pub async fn by_number(services: &Services, number: &str) -> model::Result<Option<CostCentre>> {
    store::by_number(services, number).await.map_err(told)
}

/// All that new requests may name, in order of their numbers.
///
/// # Errors
/// The database's.
pub async fn all_open(services: &Services) -> model::Result<Vec<CostCentre>> {
    store::all_open(services).await.map_err(told)
}

/// Closes one to new requests, or opens it again. What is reserved or committed stays.
///
/// # Errors
/// [`Error::Conflict`] if it was changed since `seen`, [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn set_open(services: &Services, actor: &Actor, id: CostCentreId, seen: i32, open: bool) -> model::Result<()> {
    actor.authorize_everywhere(Act::ManageCostCentres)?;
    let mut tx = services.db.begin().await.map_err(told)?;
    let before = store::held(&mut tx, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    if before.open == open {
        return Ok(());
    }
    if before.version != seen {
        return Err(Error::conflict(Conflict::CostCentreChanged));
    }
    let after = CostCentre { open, ..before };
    store::update(&mut tx, services, &after).await.map_err(told)?;
    record(&mut tx, services, actor, &after, if open { "opened" } else { "closed" }.to_owned()).await?;
    tx.commit().await.map_err(told)
}

/// What saving came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Saved {
    Changed,
    /// It was so already.
    Same,
}

/// Writes a new one, with its row in the record.
async fn make(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    id: CostCentreId,
    (values, owner): (Values, Owner),
) -> model::Result<()> {
    let Values { number, name, cap, currency } = values;
    let made = CostCentre { id, number, name, owner, cap, currency, open: true, version: 1 };
    if store::insert(tx, services, &made).await.map_err(number_taken)? {
        record(tx, services, actor, &made, format!("made: {}", describe(&made))).await?;
    }
    Ok(())
}

/// Writes what differs, with its row in the record. `before` has to be held; `seen` is the version that was looked at.
async fn change(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    (before, seen): (CostCentre, i32),
    (values, owner): (Values, Owner),
) -> model::Result<Saved> {
    let Values { number, name, cap, currency } = values;
    let after = CostCentre { number, name, owner, cap, currency, ..before.clone() };
    if after == before {
        return Ok(Saved::Same);
    }
    if before.version != seen {
        return Err(Error::conflict(Conflict::CostCentreChanged));
    }
    if currency != before.currency && store::is_used(tx, before.id).await.map_err(told)? {
        let words = format!("Its desktops are counted in {}. Make a new cost centre for another currency.", before.currency);
        return Err(Error::invalid("currency", words));
    }
    store::update(tx, services, &after).await.map_err(number_taken)?;
    record(tx, services, actor, &after, format!("{} instead of {}", describe(&after), describe(&before))).await?;
    Ok(Saved::Changed)
}

fn number_taken(error: sqlx::Error) -> Error {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => {
            Error::invalid("number", "There is a cost centre with this number already.")
        }
        _ => told(error),
    }
}

/// Its values, for the record.
fn describe(centre: &CostCentre) -> String {
    let cap = centre.cap.map_or_else(|| format!("no cap in {}", centre.currency), |cap| format!("cap {cap}"));
    format!("{}, owner {}, {cap}", centre.title(), centre.owner.name)
}

async fn record(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    centre: &CostCentre,
    detail: String,
) -> model::Result<()> {
    let record = audit::Record {
        action: Action::ChangeCostCentre,
        object: audit::Object { kind: "cost_centre", id: centre.id.to_string(), name: centre.title() },
        person: None,
        detail: Some(detail),
    };
    audit::noted(tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)
}
