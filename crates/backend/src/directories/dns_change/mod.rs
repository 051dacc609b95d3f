//! Changing a connector's DNS servers: beginning a change and looking at it. `steps` moves it on, `outcomes` is what became of the
//! WorkSpaces, `observe` is what AWS shows, `script` and `record` are what is taken away.
//!
//! Nothing here changes anything at AWS, which has no API for it. What is left to do stands in the rows, so a process may die
//! at any moment.

mod observe;
mod outcomes;
mod record;
mod script;
mod steps;
pub(super) mod store;

use model::{
    Conflict, DirectoryId, DnsChangeId, Error, PageRequest,
    access::{Act, Actor},
    audit::{Action, Outcome},
    directories::{
        Directory, DnsChange, DnsChangePage, DnsFilter, DnsForm, Freshness, Replacement, Shown, console_url, judge_server,
    },
};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) use self::{observe::observe, store::anything_waits};
pub use self::{
    outcomes::{read, settle},
    record::{csv, record},
    script::{FILE_NAME, script},
    steps::{abandon, ask, finish, freeze, verify},
};
use super::{Part, change::object, freshness, get, preflight};
use crate::{Services, audit, fault::told};

/// The changes of a directory, the newest first.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn list(services: &Services, actor: &Actor, id: &DirectoryId) -> model::Result<(Directory, Vec<DnsChange>, Freshness)> {
    actor.authorize_in(Act::ManageDirectories, id)?;
    let directory = get(services, id).await?;
    let changes = store::changes(services, id).await.map_err(told)?;
    Ok((directory, changes, freshness(services, Part::Directories).await?))
}

/// Begins to replace one address, after a look at the new server. A form that was sent twice finds what the first began.
///
/// # Errors
/// [`Error::Invalid`] on `old`, `new` or `unreachable`, [`Error::Conflict`] while another address of this directory is being
/// changed or while its stage does not allow it, [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn begin(services: &Services, actor: &Actor, id: &DirectoryId, form: &DnsForm) -> model::Result<DnsChangeId> {
    actor.authorize_in(Act::ManageDirectories, id)?;
    let directory = get(services, id).await?;
    if directory.why_not_dns().is_some() {
        return Err(Error::conflict(Conflict::DnsNotChangeable));
    }
    let replacement = form.parse(&directory.dns).map_err(|fields| Error::Invalid { fields })?;
    let findings = preflight::dns(services, &directory.name, replacement.new).await;
    judge_server(&findings, form.unreachable)?;

    // Those of the beginning and those launched since are told apart by this very moment.
    let (change, now) = (DnsChangeId(Uuid::now_v7()), services.clock.now());
    let mut tx = services.db.begin().await.map_err(told)?;
    let inserted = store::insert(&mut tx, now, actor, (change, id), replacement, (&directory.dns, &findings)).await;
    if let Err(fault) = inserted {
        drop(tx);
        return begun_before(services, actor, id, replacement, fault).await;
    }
    store::add_new(&mut tx, now, change).await.map_err(told)?;
    let Replacement { old, new } = replacement;
    let unreachable = if form.unreachable { ", though it may not answer from here" } else { "" };
    note(&mut tx, services, actor, &directory, format!("{old} \u{2192} {new}: begun{unreachable}")).await?;
    tx.commit().await.map_err(told)?;
    Ok(change)
}

/// The index that allows a directory one live change refused: this very form was sent twice, or somebody else was first.
async fn begun_before(
    services: &Services,
    actor: &Actor,
    id: &DirectoryId,
    replacement: Replacement,
    fault: crate::Fault,
) -> model::Result<DnsChangeId> {
    match &fault {
        crate::Fault::Database(sqlx::Error::Database(database)) if database.constraint() == Some("dns_change_live") => {
            let same = store::same_live(services, actor, id, replacement).await.map_err(told)?;
            same.ok_or_else(|| Error::conflict(Conflict::DnsChangeUnderWay))
        }
        _ => Err(told(fault)),
    }
}

/// One change of a directory, without what else its page shows.
async fn one(services: &Services, actor: &Actor, directory: &DirectoryId, id: DnsChangeId) -> model::Result<DnsChange> {
    actor.authorize_in(Act::ManageDirectories, directory)?;
    let found = store::one(services, directory, id).await.map_err(told)?;
    found.map(|(change, _)| change).ok_or(Error::NotFound)
}

/// One change, with one page of its WorkSpaces, those to do first.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn page(
    services: &Services,
    actor: &Actor,
    directory: &DirectoryId,
    id: DnsChangeId,
    filter: &DnsFilter,
    request: PageRequest,
) -> model::Result<DnsChangePage> {
    actor.authorize_in(Act::ManageDirectories, directory)?;
    let (change, outcomes) = store::one(services, directory, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    let directory = get(services, directory).await?;
    let (sent_lately, waiting) = store::traffic(services, &directory.id).await.map_err(told)?;
    Ok(DnsChangePage {
        shown: Shown::of(&directory.dns, &change.before, &change.old, &change.new),
        sent_lately,
        waiting,
        console: console_url(services.aws.region(), &directory.id),
        outcomes,
        workspaces: store::page(services, id, filter, request).await.map_err(told)?,
        freshness: freshness(services, Part::Directories).await?,
        change,
        directory,
    })
}

/// A step, in the record.
async fn note(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    directory: &Directory,
    detail: String,
) -> model::Result<()> {
    let record = audit::Record { action: Action::ChangeDns, object: object(directory), person: None, detail: Some(detail) };
    audit::noted(tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)
}
