//! The record: rows are added in the transactions of the work they tell of, and only read afterwards.

mod store;

use chrono::{DateTime, Utc};
use model::{
    Error, Page, PageRequest, PersonGuid,
    access::{Act, Actor},
    audit::{Action, Entry, Filter, Outcome, Phase},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Services, fault::told};

/// What is done to what.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    pub action: Action,
    pub object: Object<'a>,
    /// The person it concerns, so that their page can show it.
    pub person: Option<PersonGuid>,
    /// A reason, a code, a count; never a secret.
    pub detail: Option<String>,
}

/// The thing that is acted on: `kind` is the noun, `name` is for people.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    pub kind: &'a str,
    pub id: String,
    pub name: String,
}

/// Ties the finished row to the attempted one.
#[derive(Debug, Clone, Copy)]
pub struct Operation(pub Uuid);

/// Intent: written before the act, in the transaction that prepares it.
///
/// # Errors
/// The database's.
pub async fn attempted(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    record: &Record<'_>,
) -> sqlx::Result<Operation> {
    let operation = Operation(Uuid::now_v7());
    store::insert(tx, services.clock.now(), actor, record, operation, Phase::Attempted, None).await?;
    Ok(operation)
}

/// Outcome: written in the transaction that keeps the result.
///
/// # Errors
/// The database's.
pub async fn finished(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    record: &Record<'_>,
    operation: Operation,
    outcome: Outcome,
) -> sqlx::Result<()> {
    store::insert(tx, services.clock.now(), actor, record, operation, Phase::Finished, Some(outcome)).await
}

/// Both at once, for an act that is done in the very transaction that records it.
///
/// # Errors
/// The database's.
pub async fn noted(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    record: &Record<'_>,
    outcome: Outcome,
) -> sqlx::Result<()> {
    let operation = attempted(tx, services, actor, record).await?;
    finished(tx, services, actor, record, operation, outcome).await
}

/// Gives attempts at these actions that were made before then and have no outcome one: it is not known, because whoever made
/// them ended before it could be written. How many they were.
///
/// # Errors
/// The database's.
pub async fn given_up(services: &Services, actions: &[Action], before: DateTime<Utc>) -> sqlx::Result<u64> {
    store::give_up(services, actions, before).await
}

/// Whether attempts at these actions have no outcome yet.
///
/// # Errors
/// The database's.
pub async fn any_open(services: &Services, actions: &[Action]) -> sqlx::Result<bool> {
    store::any_open(services, actions).await
}

/// One page of the record, the newest first.
///
/// # Errors
/// [`Error::NotAllowed`] unless the actor is an admin or auditor of all directories: the record does not know them apart.
pub async fn list(services: &Services, actor: &Actor, filter: Filter, page: PageRequest) -> model::Result<Page<Entry>> {
    actor.authorize_everywhere(Act::SeeAudit)?;
    store::list(services, &filter, page).await.map_err(told)
}

/// The newest entries about a person.
///
/// # Errors
/// [`Error::NotAllowed`] unless the actor is an admin or auditor of all directories: the record does not know them apart.
pub async fn of_person(services: &Services, actor: &Actor, person: PersonGuid) -> model::Result<Vec<Entry>> {
    actor.authorize_everywhere(Act::SeeAudit)?;
    store::of_person(services, person).await.map_err(|fault| -> Error { told(fault) })
}
