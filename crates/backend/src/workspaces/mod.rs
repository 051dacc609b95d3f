//! The fleet as the mirror knows it: WorkSpaces and the bundles they are made from. What is done to them is in `act`.

pub mod act;
pub mod job;
pub(crate) mod sign_ins;
pub(crate) mod store;

use std::time::Duration;

use chrono::TimeDelta;
use model::{
    Error, Page, PageRequest, Part as Outside, WorkspaceId,
    access::{Act, Actor},
    budget::Class,
    directories::Freshness,
    workspaces::{Bundle, Filter, Workspace, WorkspacePage},
};

use crate::{
    Fault, Services, budget,
    directories::{self, Part, scope_ids},
    fault::told,
};

/// One page of the fleet.
///
/// # Errors
/// [`Error::NotAllowed`] for those who may not see desktops.
pub async fn list(
    services: &Services,
    actor: &Actor,
    filter: Filter,
    page: PageRequest,
) -> model::Result<(Page<Workspace>, Freshness)> {
    let scope = actor.scope(Act::SeeDesktops)?;
    let page = store::list(services, scope_ids(&scope).as_deref(), &filter, page).await.map_err(told)?;
    Ok((page, directories::freshness(services, Part::Workspaces).await?))
}

/// One WorkSpace with its story.
///
/// # Errors
/// [`Error::NotFound`] if the mirror never saw it; [`Error::NotAllowed`].
pub async fn get(services: &Services, actor: &Actor, id: WorkspaceId) -> model::Result<WorkspacePage> {
    actor.authorize(Act::SeeDesktops)?;
    let (workspace, seen) = store::one(services, &id).await.map_err(told)?.ok_or(Error::NotFound)?;
    actor.authorize_in(Act::SeeDesktops, &workspace.directory)?;
    let bundle = store::bundle_of(services, &id).await.map_err(told)?;
    let invitations = crate::invitations::of_workspace(services, &id).await?;
    let directory = directories::get(services, &workspace.directory).await?;
    let under_way = act::under_way(services, &id).await.map_err(told)?;
    let seen = services.stamps().await.map_err(told)?.of(directory.id.as_str(), seen);
    Ok(WorkspacePage { workspace, directory, bundle, invitations, seen, under_way })
}

/// How long somebody who looks at the page waits for their turn and AWS's answer, all in all.
const PATIENCE_WITH_ANSWER: Duration = Duration::from_secs(8);
/// What was read so lately is not asked for again: who presses twice takes nobody's turn.
const YOUNG: TimeDelta = TimeDelta::seconds(5);

/// Asks AWS for one WorkSpace's state while somebody waits, and keeps what it says.
///
/// # Errors
/// [`Error::Busy`] when it is not their turn soon or AWS throttles, [`Error::Unavailable`] when AWS does not answer in time,
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn refresh(services: &Services, actor: &Actor, id: WorkspaceId) -> model::Result<()> {
    actor.authorize(Act::AskAws)?;
    let (workspace, seen) = store::one(services, &id).await.map_err(told)?.ok_or(Error::NotFound)?;
    actor.authorize_in(Act::AskAws, &workspace.directory)?;
    if services.clock.now() - seen < YOUNG {
        return Ok(());
    }
    match tokio::time::timeout(PATIENCE_WITH_ANSWER, ask(services, &id)).await {
        Ok(asked) => asked.map_err(told),
        Err(_) => Err(Error::Unavailable { part: Outside::Aws }),
    }
}

async fn ask(services: &Services, id: &WorkspaceId) -> Result<(), Fault> {
    read_one(services, budget::take_for_person(&services.db, budget::Operation::DescribeWorkspaces).await?, id).await
}

/// Asks AWS for one WorkSpace's state for a job that goes by it, and keeps what it says.
pub(crate) async fn look_again(services: &Services, id: &WorkspaceId) -> Result<(), Fault> {
    read_one(services, budget::take(&services.db, Class::Poll, budget::Operation::DescribeWorkspaces).await?, id).await
}

async fn read_one(services: &Services, slot: budget::Slot, id: &WorkspaceId) -> Result<(), Fault> {
    let asked_at = services.clock.now();
    let found = services.aws.workspaces_by_id(slot, &[id.to_string()]).await?;
    let mut tx = services.db.begin().await?;
    match found.first() {
        Some(found) => store::keep(&mut tx, services.clock.now(), found).await?,
        None => store::not_shown(&mut tx, services, asked_at, Some(id)).await?,
    }
    Ok(tx.commit().await?)
}

/// All bundles that can be launched, and how old the picture is.
///
/// # Errors
/// [`Error::NotAllowed`] for those who may not see desktops.
pub async fn bundles(services: &Services, actor: &Actor) -> model::Result<(Vec<Bundle>, Freshness)> {
    actor.authorize(Act::SeeDesktops)?;
    let bundles = store::bundles(services).await.map_err(told)?;
    Ok((bundles, directories::freshness(services, Part::Bundles).await?))
}
