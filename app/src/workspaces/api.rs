//! The server functions of WorkSpaces.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    BatchId, Page, PageRequest, WorkspaceId,
    directories::Freshness,
    workspaces::{ActionState, Batch, BatchItem, Confirmation, Filter, Workspace, WorkspacePage},
};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use backend::workspaces::act;
#[cfg(feature = "ssr")]
use model::{Error, access::Act, workspaces::WorkspaceAction};

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

#[cfg(feature = "ssr")]
fn parse_action(text: &str) -> Result<WorkspaceAction, Failure> {
    let chosen = WorkspaceAction::parse(text);
    Ok(chosen.ok_or_else(|| Error::invalid("act", "Choose what to do with the selected WorkSpaces. Nothing was done."))?)
}

/// Keeps what was chosen and goes to the page that asks whether it is meant.
#[server(prefix = "/api", endpoint = "workspaces/prepare", name = Prepare)]
pub async fn prepare(#[server(default)] act: String, #[server(default)] workspaces: Vec<WorkspaceId>) -> Result<(), Failure> {
    let action = parse_action(&act)?;
    let (services, actor) = caller(action.act()).await?;
    let id = act::prepare(&services, &actor, action, workspaces).await?;
    leptos_axum::redirect(&format!("/workspaces/act/{id}"));
    Ok(())
}

/// What would happen.
#[server(output = Postcard, prefix = "/api", endpoint = "workspaces/confirm", name = GetConfirmation)]
pub async fn confirm(id: BatchId) -> Result<Confirmation, Failure> {
    let (services, actor) = caller(Act::ActOnWorkspaces).await?;
    Ok(act::confirm(&services, &actor, id).await?)
}

/// Starts what was chosen; a second time finds the first.
#[server(prefix = "/api", endpoint = "workspaces/start", name = StartBatch)]
pub async fn start(
    id: BatchId,
    #[server(default)] act: String,
    #[server(default)] typed: String,
    #[server(default)] reason: String,
) -> Result<(), Failure> {
    let action = parse_action(&act)?;
    let (services, actor) = caller(action.act()).await?;
    let id = act::start(&services, &actor, id, action, act::Yes { typed, reason }).await?;
    leptos_axum::redirect(&format!("/workspaces/batches/{id}"));
    Ok(())
}

/// Takes back what was not sent yet.
#[server(prefix = "/api", endpoint = "workspaces/cancel", name = CancelBatch)]
pub async fn cancel(id: BatchId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ActOnWorkspaces).await?;
    act::cancel(&services, &actor, id).await?;
    leptos_axum::redirect(&format!("/workspaces/batches/{id}"));
    Ok(())
}

/// What was started, the newest first.
#[server(output = Postcard, prefix = "/api", endpoint = "workspaces/batches", name = ListBatches)]
pub async fn batches(page: PageRequest) -> Result<Page<Batch>, Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(act::batches(&services, &actor, page).await?)
}

/// One of them, with one page of its rows.
#[server(output = Postcard, prefix = "/api", endpoint = "workspaces/batch", name = GetBatch)]
pub async fn batch(id: BatchId, state: Option<ActionState>, page: PageRequest) -> Result<(Batch, Page<BatchItem>), Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(act::batch(&services, &actor, id, state, page).await?)
}
