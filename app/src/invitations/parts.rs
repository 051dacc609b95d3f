//! Pieces of pages with invitations.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::{components::A, hooks::use_location};
use model::{
    InvitationId, WorkspaceId,
    access::Act,
    invitations::{Held, Invitation},
};

use super::api::{Confirm, Invite, ResumeInvitations, SendAgain};
use crate::ui::{
    Allowed, Button, Code, Disclosure, Gloss, InvitationBadge, Look, Notice, PostForm, Row, Table, Td, TextField, Th, Tone,
    Track, When, keyed_rows,
};

/// Invitations as a table, each with where it is, why it went wrong, and what can be done about that.
#[component]
pub fn InvitationTable(invitations: Vec<Invitation>) -> impl IntoView {
    if invitations.is_empty() {
        return Either::Left(view! { <p class="hint">"None was sent yet."</p> });
    }
    // A row with a form in it is drawn once and stays with its person: what is typed there must not pass to another.
    let shown = |invitation: &Invitation| {
        let opened = invitation.first_opened.as_ref().filter(|_| !invitation.needs_another()).map(|stamp| stamp.ago.as_str());
        let replaced = if invitation.superseded { "replaced" } else { "" };
        let parts = [invitation.state.as_str(), opened.unwrap_or_default(), replaced];
        format!("{} {} {}", invitation.id, invitation.opened, parts.concat())
    };
    let rows = keyed_rows(invitations, shown, |invitation| view! { <InvitationRow invitation /> });
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
    let acts = invitation.needs_another().then(|| (invitation.id, invitation.is_undecided()));
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
                {invitation.decision.map(|decision| view! { <Gloss>{decision}</Gloss> })}
                {acts.map(|(id, undecided)| view! { <Allowed act=Act::Invite><Decide id undecided /></Allowed> })}
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

/// That SES takes no mail at all, what helps, and the way on.
#[component]
pub fn HeldBack(held: Held) -> impl IntoView {
    let waiting = match held.count {
        1 => "1 invitation waits".to_owned(),
        count => format!("{count} invitations wait"),
    };
    view! {
        <Notice tone=Tone::Warning title=held.hold.title()>
            <p>{format!("{waiting}, and none is lost. ")} {held.hold.cure()} " Frontdesk asks again every ten minutes."</p>
            <p class="quiet">"SES said " <When stamp=held.asked /> ": " <Code>{held.code}</Code></p>
            <Allowed act=Act::Invite>
                <PostForm action=ResumeInvitations::PATH>
                    <input type="hidden" name="back" value=use_location().pathname.get_untracked() />
                    <Button look=Look::Primary>"Try now"</Button>
                </PostForm>
            </Allowed>
        </Notice>
    }
}

/// How far the newest invitation is on its way.
#[component]
pub fn InvitationTrack(newest: Invitation) -> impl IntoView {
    let sent = newest.sent.is_some();
    let steps = vec![("Queued".to_owned(), true), ("Sent".to_owned(), sent), ("Opened".to_owned(), newest.opened > 0)];
    view! { <Track label="The newest invitation" steps /> }
}

/// The ids of the fields that ask for the reason.
pub fn why_field(workspace: &WorkspaceId) -> String {
    format!("why-{workspace}")
}

/// As [`why_field`], of "It was sent".
pub fn sent_field(id: InvitationId) -> String {
    format!("sent-{id}")
}

/// As [`why_field`], of "Send again" in a row.
pub fn again_field(id: InvitationId) -> String {
    format!("again-{id}")
}

/// A button with a small form below it that asks for the reason, which the record keeps.
fn asks_why(
    summary: &'static str,
    action: &'static str,
    (name, value): (&'static str, String),
    (id, label, hint): (String, &'static str, &'static str),
) -> AnyView {
    view! {
        <Disclosure summary>
            <PostForm action>
                <input type="hidden" name=name value=value />
                <input type="hidden" name="back" value=use_location().pathname.get_untracked() />
                <TextField name="reason" id label hint autocomplete="off" />
                <Button look=Look::Primary>{summary}</Button>
            </PostForm>
        </Disclosure>
    }
    .into_any()
}

/// The ways on from a mail that was refused, or of which it is not known whether it was sent.
#[component]
fn Decide(id: InvitationId, undecided: bool) -> impl IntoView {
    let invitation = ("id", id.to_string());
    let sent = (sent_field(id), "How you know", "For the record: the person has the mail, or SES shows it.");
    let hint = if undecided { "For the record. The person may get two; only the new link works." } else { "For the record." };
    view! {
        <div class="decide">
            {undecided.then(|| asks_why("It was sent", Confirm::PATH, invitation.clone(), sent))}
            {asks_why("Send again", SendAgain::PATH, invitation, (again_field(id), "Why it is sent again", hint))}
        </div>
    }
}

/// Sends an invitation, or one again, with the reason that the record keeps.
#[component]
pub fn Resend(workspace: WorkspaceId, invited: bool) -> impl IntoView {
    let summary = if invited { "Send again" } else { "Send invitation" };
    let hint = "For the record. A new link is made, and earlier links stop working.";
    let field = (why_field(&workspace), "Why it is sent", hint);
    asks_why(summary, Invite::PATH, ("workspaces[]", workspace.to_string()), field)
}
