//! The server functions of invitations.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    InvitationId, Page, PageRequest, WorkspaceId,
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
    // The fleet's list has one form for all of its rows.
    let field = workspaces.first().filter(|_| back.split('?').next() != Some("/workspaces")).map(super::parts::why_field);
    let outcomes = backend::invitations::invite(&services, &actor, workspaces, reason).await;
    let outcomes = outcomes.map_err(|error| at_field(error, field))?;
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
    let back = own(&back);
    let mark = if back.contains('?') { '&' } else { '?' };
    leptos_axum::redirect(&format!("{back}{mark}invited={asked}"));
    Ok(())
}

/// Takes a mail as sent of which it was not known.
#[server(prefix = "/api", endpoint = "invitations/confirm")]
pub async fn confirm(
    id: InvitationId,
    #[server(default)] reason: String,
    #[server(default)] back: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Invite).await?;
    let confirmed = backend::invitations::confirm(&services, &actor, id, &reason).await;
    confirmed.map_err(|error| at_field(error, Some(super::parts::sent_field(id))))?;
    leptos_axum::redirect(own(&back));
    Ok(())
}

/// Sends another mail in the place of one of which it is not known whether it was sent.
#[server(prefix = "/api", endpoint = "invitations/send_again")]
pub async fn send_again(
    id: InvitationId,
    #[server(default)] reason: String,
    #[server(default)] back: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Invite).await?;
    let sent = backend::invitations::send_again(&services, &actor, id, &reason).await;
    sent.map_err(|error| at_field(error, Some(super::parts::again_field(id))))?;
    leptos_axum::redirect(own(&back));
    Ok(())
}

/// Has held mails tried again at once.
#[server(prefix = "/api", endpoint = "invitations/resume", name = ResumeInvitations)]
pub async fn resume(#[server(default)] back: String) -> Result<(), Failure> {
    let (services, actor) = caller(Act::Invite).await?;
    backend::invitations::resume(&services, &actor).await?;
    leptos_axum::redirect(own(&back));
    Ok(())
}

/// The page that the form stood on, if it is one of those with invitations.
#[cfg(feature = "ssr")]
fn own(back: &str) -> &str {
    let own = back == "/" || ["/workspaces", "/people/", "/invitations"].iter().any(|place| back.starts_with(place));
    if own { back } else { "/invitations" }
}

/// A page has the field `reason` several times, each under an id of its own, to which the error has to lead.
#[cfg(feature = "ssr")]
fn at_field(mut error: Error, id: Option<String>) -> Error {
    if let (Error::Invalid { fields }, Some(id)) = (&mut error, id) {
        for field in fields.iter_mut().filter(|field| field.field == "reason") {
            field.field.clone_from(&id);
        }
    }
    error
}
