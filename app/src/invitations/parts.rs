//! Pieces of pages with invitations.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::{components::A, hooks::use_location};
use model::{WorkspaceId, invitations::Invitation};

use super::api::Invite;
use crate::ui::{Button, Code, Disclosure, Gloss, InvitationBadge, Look, PostForm, Row, Table, Td, TextField, Th, Track, When};

/// Invitations as a table, each with where it is and why it went wrong.
#[component]
pub fn InvitationTable(invitations: Vec<Invitation>) -> impl IntoView {
    if invitations.is_empty() {
        return Either::Left(view! { <p class="hint">"None was sent yet."</p> });
    }
    let rows = invitations.into_iter().map(|invitation| view! { <InvitationRow invitation /> }).collect_view();
    Either::Right(view! {
        <Table caption="Invitations">
            <thead>
                <tr>
                    <Th>"To"</Th>
                    <Th>"State"</Th>
                    <Th>"Since"</Th>
                    <Th>"Opened"</Th>
                    <Th>"Asked for by"</Th>
                    <Th>"WorkSpace"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    })
}

#[component]
fn InvitationRow(invitation: Invitation) -> impl IntoView {
    let who = match invitation.person {
        Some(guid) => view! { <A href=format!("/people/{guid}")>{invitation.name.clone()}</A> }.into_any(),
        None => invitation.name.clone().into_any(),
    };
    let opened = match invitation.first_opened {
        Some(stamp) => view! { <When stamp /> <Gloss>{if invitation.opened == 1 { "once".to_owned() } else { format!("{} times", invitation.opened) }}</Gloss> }.into_any(),
        None => "not yet".into_any(),
    };
    view! {
        <Row>
            <Td label="To" main=true>
                {who}
                <Gloss>{invitation.mail}</Gloss>
            </Td>
            <Td label="State">
                <InvitationBadge state=invitation.state opened={invitation.opened > 0} />
                {invitation.superseded.then(|| view! { <Gloss>"a newer one took its place"</Gloss> })}
                {invitation.failure.map(|failure| view! { <Gloss>{failure}</Gloss> })}
            </Td>
            <Td label="Since">
                <When stamp=invitation.since brief=true />
            </Td>
            <Td label="Opened">{opened}</Td>
            <Td label="Asked for by">
                {invitation.asked_by}
                {invitation.reason.map(|reason| view! { <Gloss>{reason}</Gloss> })}
            </Td>
            <Td label="WorkSpace">
                <A href=format!("/workspaces/{}", invitation.workspace)>
                    <Code>{invitation.workspace.to_string()}</Code>
                </A>
            </Td>
        </Row>
    }
}

/// How far the newest invitation is on its way.
#[component]
pub fn InvitationTrack(newest: Invitation) -> impl IntoView {
    let sent = newest.sent.is_some();
    let steps = vec![("Queued".to_owned(), true), ("Sent".to_owned(), sent), ("Opened".to_owned(), newest.opened > 0)];
    view! { <Track label="The newest invitation" steps /> }
}

/// Sends an invitation, or one again, with the reason that the record keeps.
#[component]
pub fn Resend(workspace: WorkspaceId, invited: bool) -> impl IntoView {
    let label = if invited { "Send again" } else { "Send invitation" };
    view! {
        <Disclosure summary=label>
            <PostForm action=Invite::PATH>
                <input type="hidden" name="workspaces[]" value=workspace.to_string() />
                <input type="hidden" name="back" value=use_location().pathname.get_untracked() />
                <TextField name="reason" label="Why it is sent" hint="For the record. A new link is made, and earlier links stop working." autocomplete="off" />
                <Button look=Look::Primary>{label}</Button>
            </PostForm>
        </Disclosure>
    }
}
