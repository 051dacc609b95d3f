//! What is done to WorkSpaces: choosing it, saying yes to it, and how far it is. The engine that brings the rows to AWS is in
//! `send` and `watch`.

pub(crate) mod send;
mod store;
pub(crate) mod watch;

use std::collections::HashSet;

use model::{
    BatchId, Conflict, Error, Page, PageRequest, WorkspaceId,
    access::{Act, Actor},
    audit::{Action, Outcome},
    workspaces::{ActionState, Batch, BatchItem, Candidate, Confirmation, MOST_AT_ONCE, Workspace, WorkspaceAction},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::store as fleet;
use crate::{Services, audit, directories::scope_ids, fault::told};

pub(crate) use store::under_way;

/// Keeps what somebody chose, for the page that asks whether they mean it.
///
/// # Errors
/// [`Error::Invalid`] on the field `workspaces` (1 to 500), [`Error::NotFound`] if one was never seen, [`Error::NotAllowed`] if
/// one is in a directory where the actor may not do it.
pub async fn prepare(
    services: &Services,
    actor: &Actor,
    action: WorkspaceAction,
    workspaces: Vec<WorkspaceId>,
) -> model::Result<BatchId> {
    actor.authorize(action.act())?;
    let mut seen = HashSet::new();
    let ids: Vec<String> = workspaces.into_iter().map(String::from).filter(|id| seen.insert(id.clone())).collect();
    if ids.is_empty() {
        return Err(Error::invalid("workspaces", "Choose at least one WorkSpace."));
    }
    if ids.len() > MOST_AT_ONCE {
        return Err(Error::invalid(
            "workspaces",
            "At most 500 WorkSpaces can be chosen at once. Nothing was done. Choose fewer.",
        ));
    }
    let found = allowed(services, actor, action, &ids).await?;
    if found.len() < ids.len() {
        return Err(Error::NotFound);
    }
    let id = BatchId(Uuid::now_v7());
    store::insert_draft(services, actor, id, action, &ids).await.map_err(told)?;
    Ok(id)
}

/// The WorkSpaces of these ids that the mirror knows, if the actor may do it to all of them.
async fn allowed(services: &Services, actor: &Actor, action: WorkspaceAction, ids: &[String]) -> model::Result<Vec<Workspace>> {
    let found = fleet::by_ids(services, ids).await.map_err(told)?;
    for workspace in &found {
        actor.authorize_in(action.act(), &workspace.directory)?;
    }
    Ok(found)
}

/// What would happen: whom it would be done to, and who is left out and why.
///
/// # Errors
/// [`Error::NotFound`] if it is not the actor's own, [`Error::NotAllowed`].
pub async fn confirm(services: &Services, actor: &Actor, id: BatchId) -> model::Result<Confirmation> {
    actor.authorize(Act::ActOnWorkspaces)?;
    let Some(draft) = store::draft(services, actor, id).await.map_err(told)? else {
        let action = store::started(services, actor, id).await.map_err(told)?.ok_or(Error::NotFound)?;
        actor.authorize(action.act())?;
        return Ok(Confirmation { id, action, ready: vec![], left_out: vec![], reason: String::new(), started: true });
    };
    let found = allowed(services, actor, draft.action, &draft.workspaces).await?;
    let busy = store::busy(services, &draft.workspaces).await.map_err(told)?;
    let (mut ready, mut left_out) = (Vec::new(), Vec::new());
    for workspace in found {
        let under_way = busy.get(workspace.id.as_str()).map(|action| format!("\u{201c}{}\u{201d} is under way", action.label()));
        let why_not = under_way.or_else(|| draft.action.why_not(&workspace.state, workspace.running_mode));
        match why_not {
            None => ready.push(workspace),
            why_not => left_out.push(Candidate { workspace, why_not }),
        }
    }
    Ok(Confirmation { id, action: draft.action, ready, left_out, reason: draft.reason, started: false })
}

/// The answer to the confirmation.
#[derive(Debug, Clone, Default)]
pub struct Yes {
    /// The number of desktops, or the user name of a single one.
    pub typed: String,
    pub reason: String,
}

/// Starts what was chosen, for those it can be done to. A second submit finds the first.
///
/// # Errors
/// [`Error::Invalid`] on the fields `typed` and `reason` (nothing was done, the reason is kept), [`Error::Conflict`] if it can be
/// done to none, something else is being done to one, or `action` is not what was chosen; [`Error::NotFound`],
/// [`Error::NotAllowed`].
pub async fn start(services: &Services, actor: &Actor, id: BatchId, action: WorkspaceAction, yes: Yes) -> model::Result<BatchId> {
    actor.authorize(action.act())?;
    match start_once(services, actor, id, action, yes).await {
        Ok(id) => Ok(id),
        // Another submit of the same form may have won meanwhile: then these rows are its own.
        Err(refusal) => match store::started(services, actor, id).await.map_err(told)? {
            Some(started) if started == action => Ok(id),
            _ => Err(refusal),
        },
    }
}

async fn start_once(
    services: &Services,
    actor: &Actor,
    id: BatchId,
    action: WorkspaceAction,
    yes: Yes,
) -> model::Result<BatchId> {
    let plan = confirm(services, actor, id).await?;
    if plan.action != action {
        return Err(Error::conflict(Conflict::DraftChanged));
    }
    if plan.started {
        return Ok(id);
    }
    if plan.ready.is_empty() {
        return Err(Error::conflict(Conflict::NothingToAct));
    }
    let reason = match agreed(&plan, &yes) {
        Ok(reason) => reason,
        Err(refusal) => {
            store::keep_reason(services, id, yes.reason.trim()).await.map_err(told)?;
            return Err(refusal);
        }
    };
    let mut tx = services.db.begin().await.map_err(told)?;
    insert(&mut tx, services, actor, (actor.key(), actor.name()), (id, action), &plan.ready, reason).await?;
    tx.commit().await.map_err(told)?;
    Ok(id)
}

/// Writes the rows, with their record and the wake-up; not twice.
async fn insert(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    asker: (&str, &str),
    (id, action): (BatchId, WorkspaceAction),
    workspaces: &[Workspace],
    reason: Option<String>,
) -> model::Result<()> {
    if store::insert_batch(tx, services, asker, id, action, reason.as_deref()).await.map_err(told)? {
        store::insert_items(tx, services, id, workspaces).await.map_err(live_elsewhere)?;
        store::delete_draft(tx, id).await.map_err(told)?;
        let headline = action.headline(i64::try_from(workspaces.len()).unwrap_or(i64::MAX));
        let record = record(Action::StartBatch, id, headline, reason);
        audit::noted(tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
        send::wake(tx, services.clock.now()).await.map_err(told)?;
    }
    Ok(())
}

/// Has something done to WorkSpaces, for use cases that have authorized. `asker`: the key and the name of who is behind it, where that
/// is not the actor. Those that AWS would not take, or to which something else is being done, are left; `None` if there are no others.
///
/// # Errors
/// [`Error::Conflict`] if something else is being done to one since just now.
pub(crate) async fn order(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    asker: Option<(&str, &str)>,
    action: WorkspaceAction,
    workspaces: &[String],
    reason: &str,
) -> model::Result<Option<BatchId>> {
    let busy = store::busy(services, workspaces).await.map_err(told)?;
    let mut found = fleet::by_ids(services, workspaces).await.map_err(told)?;
    found.retain(|workspace| !busy.contains_key(workspace.id.as_str()));
    found.retain(|workspace| action.why_not(&workspace.state, workspace.running_mode).is_none());
    if found.is_empty() {
        return Ok(None);
    }
    let id = BatchId(Uuid::now_v7());
    let asker = asker.unwrap_or((actor.key(), actor.name()));
    insert(tx, services, actor, asker, (id, action), &found, Some(reason.to_owned())).await?;
    Ok(Some(id))
}

/// Takes back what of a batch was not sent yet, for use cases that have authorized.
pub(crate) async fn spare(tx: &mut PgConnection, services: &Services, batch: Option<BatchId>) -> sqlx::Result<u32> {
    match batch {
        Some(id) => store::cancel(tx, services, None, id).await,
        None => Ok(0),
    }
}

/// The reason, parsed, if the word was typed that the plan asks for.
fn agreed(plan: &Confirmation, yes: &Yes) -> model::Result<Option<String>> {
    let reason = yes.reason.trim();
    let mut fields = Vec::new();
    let mut wrong = |field: &str, message: String| fields.push(model::FieldError { field: field.to_owned(), message });
    if let Some(word) = plan.word()
        && !yes.typed.trim().eq_ignore_ascii_case(&word)
    {
        let what = if plan.ready.len() == 1 { "the user name" } else { "the number of WorkSpaces" };
        wrong("typed", format!("Type {what}, {word}. Nothing was done."));
    }
    match reason.chars().count() {
        ..3 if plan.action.needs_word() => wrong("reason", "Say in a few words why. The record keeps it.".to_owned()),
        501.. => wrong("reason", "The reason has at most 500 characters.".to_owned()),
        _ => {}
    }
    if !fields.is_empty() {
        return Err(Error::Invalid { fields });
    }
    let reason: String = reason.chars().filter(|character| !character.is_control()).collect();
    Ok((!reason.is_empty()).then_some(reason))
}

/// The index that allows a WorkSpace one live row refused.
fn live_elsewhere(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(database) if database.constraint() == Some("workspace_batch_item_live") => {
            Error::conflict(Conflict::ActionUnderWay)
        }
        _ => told(error),
    }
}

fn record(action: Action, id: BatchId, name: String, detail: Option<String>) -> audit::Record<'static> {
    audit::Record { action, object: audit::Object { kind: "batch", id: id.to_string(), name }, person: None, detail }
}

/// One page of what was started, the newest first, as far as the actor may see its WorkSpaces.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn batches(services: &Services, actor: &Actor, page: PageRequest) -> model::Result<Page<Batch>> {
    let scope = actor.scope(Act::SeeDesktops)?;
    store::batches(services, scope_ids(&scope).as_deref(), page).await.map_err(told)
}

/// One of them, with one page of its rows, failed ones first.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn batch(
    services: &Services,
    actor: &Actor,
    id: BatchId,
    state: Option<ActionState>,
    page: PageRequest,
) -> model::Result<(Batch, Page<BatchItem>)> {
    let scope = actor.scope(Act::SeeDesktops)?;
    let scope = scope_ids(&scope);
    let batch = store::batch(services, scope.as_deref(), id).await.map_err(told)?.ok_or(Error::NotFound)?;
    Ok((batch, store::items(services, scope.as_deref(), id, state, page).await.map_err(told)?))
}

/// Takes back what was not sent yet, in the directories where the actor may do it.
///
/// # Errors
/// [`Error::Conflict`] if all was sent already, [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn cancel(services: &Services, actor: &Actor, id: BatchId) -> model::Result<u32> {
    let seen = actor.scope(Act::ActOnWorkspaces)?;
    let batch = store::batch(services, scope_ids(&seen).as_deref(), id).await.map_err(told)?.ok_or(Error::NotFound)?;
    let scope = actor.scope(batch.action.act())?;
    let mut tx = services.db.begin().await.map_err(told)?;
    let canceled = store::cancel(&mut tx, services, scope_ids(&scope).as_deref(), id).await.map_err(told)?;
    if canceled == 0 {
        return Err(Error::conflict(Conflict::BatchSent));
    }
    let record = record(Action::CancelBatch, id, batch.action.headline(batch.counts.total()), Some(format!("{canceled} rows")));
    audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
    tx.commit().await.map_err(told)?;
    Ok(canceled)
}
