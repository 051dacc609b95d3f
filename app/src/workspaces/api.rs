//! The server functions of WorkSpaces.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    Page, PageRequest, WorkspaceId,
    directories::Freshness,
    workspaces::{Filter, Workspace, WorkspacePage},
};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use model::access::Act;

/// One page of the fleet.
#[server(output = Postcard, prefix = "/api", endpoint = "workspaces/list", name = ListWorkspaces)]
pub async fn list(filter: Filter, page: PageRequest) -> Result<(Page<Workspace>, Freshness), Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(backend::workspaces::list(&services, &actor, filter, page).await?)
}

/// Has AWS asked for a WorkSpace's state, while the caller waits.
#[server(prefix = "/api", endpoint = "workspaces/refresh")]
pub async fn refresh(id: WorkspaceId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::AskAws).await?;
    let back = format!("/workspaces/{id}");
    backend::workspaces::refresh(&services, &actor, id).await?;
    leptos_axum::redirect(&back);
    Ok(())
}

/// One WorkSpace with its story.
#[server(output = Postcard, prefix = "/api", endpoint = "workspaces/get", name = GetWorkspace)]
pub async fn get(id: WorkspaceId) -> Result<WorkspacePage, Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(backend::workspaces::get(&services, &actor, id).await?)
}
