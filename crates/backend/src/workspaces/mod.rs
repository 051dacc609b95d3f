//! The fleet as the mirror knows it: WorkSpaces and the bundles they are made from.

pub mod job;
pub(crate) mod store;

use model::{
    Error, Page, PageRequest, WorkspaceId,
    access::{Act, Actor},
    directories::Freshness,
    workspaces::{Bundle, Filter, Workspace, WorkspacePage},
};

use crate::{
    Services,
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
    Ok(WorkspacePage { workspace, directory, bundle, invitations, seen: services.stamp(seen) })
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
