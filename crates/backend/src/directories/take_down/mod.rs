//! Taking a directory down: what it would mean, saying yes to it, stopping it. The steps themselves are taken in `job`.

pub(crate) mod job;

use model::{
    BatchId, Conflict, DirectoryId, Error,
    access::{Act, Actor},
    audit::{Action, Outcome},
    directories::{Freshness, Halt, TakeDown, TakeDownForm, TakeDownPlan, agree_further},
    workspaces::WorkspaceAction,
};
use sqlx::PgConnection;

use super::{
    Part, dns_change, freshness, get, ip_groups,
    store::{
        settings,
        take_down::{self as rows, Agreed},
    },
};
use crate::{Services, audit, fault::told, launches, workspaces::act};

/// What taking it down would do, and how far it is if somebody does. The plan is `None` once AWS shows the directory no more.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn of(
    services: &Services,
    actor: &Actor,
    id: &DirectoryId,
) -> model::Result<(Option<TakeDownPlan>, Option<TakeDown>, Freshness)> {
    authorize(actor, id)?;
    let down = rows::last(services, id).await.map_err(told)?;
    let plan = match plan(services, actor, id).await {
        Ok(plan) => Some(plan),
        Err(Error::NotFound) if down.is_some() => None,
        Err(error) => return Err(error),
    };
    Ok((plan, down, freshness(services, Part::Workspaces).await?))
}

fn authorize(actor: &Actor, id: &DirectoryId) -> model::Result<()> {
    actor.authorize_in(Act::ManageDirectories, id)?;
    actor.authorize_in(Act::TerminateWorkspaces, id)
}

async fn plan(services: &Services, actor: &Actor, id: &DirectoryId) -> model::Result<TakeDownPlan> {
    let directory = get(services, id).await?;
    let attached = settings::get(services, id).await.map_err(told)?.ip_groups;
    let groups = ip_groups::all(services, actor).await?;
    let name = |id: &String| groups.iter().find(|group| group.id.as_str() == id).map_or(id, |group| &group.name).clone();
    Ok(TakeDownPlan {
        directory,
        workspaces: count(&rows::workspaces(services, id).await.map_err(told)?),
        launching: rows::launching(services, id).await.map_err(told)?,
        ip_groups: attached.iter().map(name).collect(),
    })
}

fn count(workspaces: &[String]) -> i64 {
    i64::try_from(workspaces.len()).unwrap_or(i64::MAX)
}

/// Begins to take it down: with the same stroke its WorkSpaces are to be terminated.
///
/// # Errors
/// [`Error::Invalid`] on `name`, `count` or `reason`; [`Error::Conflict`] if it is taken down already or people are being launched
/// into it; [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn begin(services: &Services, actor: &Actor, id: &DirectoryId, form: &TakeDownForm) -> model::Result<()> {
    authorize(actor, id)?;
    let plan = plan(services, actor, id).await?;
    if plan.directory.taken_down || plan.why_not().is_some() {
        return Err(Error::conflict(Conflict::NotTakenDown));
    }
    let name = &plan.directory.name;
    let workspaces = rows::workspaces(services, id).await.map_err(told)?;
    let confirmed = count(&workspaces);
    let reason = form.agree(name, confirmed)?;
    let mut tx = services.db.begin().await.map_err(told)?;
    let batch = act::order(&mut tx, services, actor, None, WorkspaceAction::Terminate, &workspaces, &reason).await?;
    let agreed = Agreed { directory: id, name, reason: &reason, confirmed, batch };
    rows::insert(&mut tx, services, actor, &agreed).await.map_err(|error| match error.as_database_error() {
        Some(error) if error.constraint() == Some("directory_take_down_live") => Error::conflict(Conflict::NotTakenDown),
        _ => told(error),
    })?;
    dns_change::store::abandon_in(&mut tx, services.clock.now(), actor, id).await.map_err(told)?;
    let detail = format!("{confirmed} WorkSpaces: {reason}");
    note(&mut tx, services, actor, (Action::TakeDownDirectory, id, name), detail).await?;
    tx.commit().await.map_err(told)
}

/// Goes on with one that stands still. `typed` is the number of WorkSpaces that may be terminated too, where there are some.
///
/// # Errors
/// [`Error::Invalid`] on `count`, [`Error::Conflict`] if it does not stand still (any more), [`Error::NotFound`],
/// [`Error::NotAllowed`].
pub async fn go_on(services: &Services, actor: &Actor, id: &DirectoryId, typed: &str) -> model::Result<()> {
    let (down, halt) = halted(services, actor, id).await?;
    let workspaces = match halt {
        Halt::WorkspacesLeft => rows::workspaces(services, id).await.map_err(told)?,
        Halt::NotReleased | Halt::Refused => Vec::new(),
    };
    let further = count(&workspaces);
    agree_further(typed, further)?;
    let mut tx = services.db.begin().await.map_err(told)?;
    let batch = act::order(&mut tx, services, actor, None, WorkspaceAction::Terminate, &workspaces, &down.reason).await?;
    if !rows::go_on(&mut tx, services, id, (further, batch)).await.map_err(told)? {
        return Err(Error::conflict(Conflict::TakeDownChanged));
    }
    let detail = if further == 0 { "goes on".to_owned() } else { format!("goes on, {further} more WorkSpaces") };
    note(&mut tx, services, actor, (Action::ChangeTakeDown, id, &down.name), detail).await?;
    tx.commit().await.map_err(told)
}

async fn halted(services: &Services, actor: &Actor, id: &DirectoryId) -> model::Result<(TakeDown, Halt)> {
    authorize(actor, id)?;
    let down = rows::last(services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    let halt = down.halt.ok_or(Error::conflict(Conflict::TakeDownChanged))?;
    Ok((down, halt))
}

/// Stops it: what was not sent to AWS is not sent. What was done stays done.
///
/// # Errors
/// [`Error::Conflict`] if it is over, [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn stop(services: &Services, actor: &Actor, id: &DirectoryId) -> model::Result<()> {
    authorize(actor, id)?;
    let down = rows::last(services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    let mut tx = services.db.begin().await.map_err(told)?;
    let stopped = rows::stop(&mut tx, services, id).await.map_err(told)?;
    let last: Option<BatchId> = stopped.ok_or(Error::conflict(Conflict::TakeDownChanged))?;
    let kept = act::spare(&mut tx, services, last).await.map_err(told)?;
    launches::send::wake(&mut tx, services.clock.now()).await.map_err(told)?;
    let detail = if kept == 0 { "stopped".to_owned() } else { format!("stopped, {kept} WorkSpaces kept") };
    note(&mut tx, services, actor, (Action::ChangeTakeDown, id, &down.name), detail).await?;
    tx.commit().await.map_err(told)
}

/// Records it and wakes the job.
async fn note(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    (action, id, name): (Action, &DirectoryId, &str),
    detail: String,
) -> model::Result<()> {
    let record = audit::Record { action, object: object(id, name), person: None, detail: Some(detail) };
    audit::noted(tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
    job::wake(tx, services.clock.now()).await.map_err(told)
}

fn object(id: &DirectoryId, name: &str) -> audit::Object<'static> {
    audit::Object { kind: "directory", id: id.to_string(), name: name.to_owned() }
}
