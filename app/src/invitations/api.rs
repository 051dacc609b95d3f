//! The server functions of invitations.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    Page, PageRequest, WorkspaceId,
    invitations::{Filter, Invitation},
};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use model::{Error, FieldError, access::Act};

/// One page of invitations.
#[server(output = Postcard, prefix = "/api", endpoint = "invitations/list", name = ListInvitations)]
pub async fn list(filter: Filter, page: PageRequest) -> Result<Page<Invitation>, Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(backend::invitations::list(&services, &actor, filter, page).await?)
}

/// Sends an invitation to the people of these WorkSpaces. Those that can't be sent are said, the others are on their way.
#[server(prefix = "/api", endpoint = "invitations/invite", name = Invite)]
pub async fn invite(
    #[server(default)] workspaces: Vec<WorkspaceId>,
    #[server(default)] reason: String,
    #[server(default)] back: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Invite).await?;
    let outcomes = backend::invitations::invite(&services, &actor, workspaces, reason).await?;
    let asked = outcomes.len();
    let mut refused: Vec<_> = outcomes
        .into_iter()
        .filter_map(|(workspace, outcome)| {
            let error = outcome.err()?;
            Some(FieldError { field: "workspaces".to_owned(), message: format!("{workspace}: {error}") })
        })
        .collect();
    if !refused.is_empty() {
        if let sent @ 1.. = asked - refused.len() {
            let message = format!("{sent} of {asked} invitations are on their way. The others are not:");
            refused.insert(0, FieldError { field: "workspaces".to_owned(), message });
        }
        return Err(Error::Invalid { fields: refused }.into());
    }
    let own = back.starts_with("/workspaces") || back.starts_with("/people/") || back.starts_with("/invitations");
    let back = if own { back.as_str() } else { "/invitations" };
    let mark = if back.contains('?') { '&' } else { '?' };
    leptos_axum::redirect(&format!("{back}{mark}invited={asked}"));
    Ok(())
}
