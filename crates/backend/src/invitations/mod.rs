//! Invitations: queued when a launched WorkSpace is ready or when somebody asks, sent by `job`, opened on `welcome`.

pub mod job;
mod store;
mod welcome;

use model::{
    Conflict, Error, InvitationId, ItemId, Page, PageRequest, PersonGuid, WorkspaceId,
    access::{Act, Actor},
    audit::{Action, Outcome},
    invitations::{Filter, Invitation, Verdict, Waiting},
    people::{Person, mail_obstacle},
};
use sqlx::PgConnection;

use crate::{Fault, Services, audit, directories::scope_ids, fault::told, people, workspaces};

pub(crate) use store::decision;
pub use welcome::welcome;

/// Queues the one invitation of a launched row, in the transaction that makes the row available. A second call changes nothing.
pub(crate) async fn queue_for_item(tx: &mut PgConnection, services: &Services, item: ItemId) -> sqlx::Result<()> {
    store::insert_for_item(&mut *tx, services.clock.now(), item).await?;
    job::wake(tx, services.clock.now()).await
}

/// The most WorkSpaces of one call: each is looked up in Active Directory while somebody waits.
const MOST_AT_ONCE: usize = 500;

/// Sends an invitation to each of these WorkSpaces' people: those launched elsewhere never got one, others lost theirs.
/// Each outcome stands by itself.
///
/// # Errors
/// [`Error::Invalid`] on the fields `reason` and `workspaces` (1 to 500); [`Error::NotAllowed`] if the actor may invite nowhere.
pub async fn invite(
    services: &Services,
    actor: &Actor,
    workspaces: Vec<WorkspaceId>,
    reason: String,
) -> model::Result<Vec<(WorkspaceId, Result<InvitationId, Error>)>> {
    actor.authorize(Act::Invite)?;
    let reason = parse_reason(&reason)?;
    if workspaces.is_empty() {
        return Err(Error::invalid("workspaces", "Choose at least one WorkSpace."));
    }
    if workspaces.len() > MOST_AT_ONCE {
        return Err(Error::invalid(
            "workspaces",
            "At most 500 WorkSpaces can be invited at once. Nothing was sent. Choose fewer.",
        ));
    }
    let mut outcomes = Vec::with_capacity(workspaces.len());
    for workspace in workspaces {
        let outcome = invite_one(services, actor, &workspace, &reason, None).await;
        outcomes.push((workspace, outcome));
    }
    Ok(outcomes)
}

fn parse_reason(reason: &str) -> model::Result<String> {
    let reason: String = reason.trim().chars().filter(|character| !character.is_control()).collect();
    match reason.chars().count() {
        ..3 => Err(Error::invalid("reason", "Say in a few words why. The record keeps it.")),
        501.. => Err(Error::invalid("reason", "The reason has at most 500 characters.")),
        _ => Ok(reason),
    }
}

/// Takes a mail as sent of which it was not known, because somebody found out.
///
/// # Errors
/// [`Error::Invalid`] on the field `reason`, [`Error::Conflict`] if it is known by now or somebody else was first,
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn confirm(services: &Services, actor: &Actor, id: InvitationId, reason: &str) -> model::Result<()> {
    let (invitation, reason) = waits(services, actor, id, reason, Invitation::is_undecided).await?;
    let mut tx = services.db.begin().await.map_err(told)?;
    let what = (&invitation.workspace, Some(id));
    if !store::decide(&mut tx, services.clock.now(), actor, what, Verdict::WasSent, &reason).await.map_err(told)? {
        return Err(Error::conflict(Conflict::Decided));
    }
    let record = audit::Record {
        action: Action::ConfirmInvitation,
        object: audit::Object { kind: "invitation", id: id.to_string(), name: invitation.name },
        person: invitation.person,
        detail: Some(reason),
    };
    audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

/// Sends another mail in the place of one that was refused, or of which it is not known whether it was sent: then its person
/// may get two.
///
/// # Errors
/// As [`confirm`], and as [`invite`] of one WorkSpace.
pub async fn send_again(services: &Services, actor: &Actor, id: InvitationId, reason: &str) -> model::Result<InvitationId> {
    let (invitation, reason) = waits(services, actor, id, reason, Invitation::needs_another).await?;
    invite_one(services, actor, &invitation.workspace, &reason, invitation.is_undecided().then_some(id)).await
}

/// Has the mails tried again at once that wait because SES took none; without it that is done every ten minutes.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn resume(services: &Services, actor: &Actor) -> model::Result<()> {
    actor.authorize(Act::Invite)?;
    let mut tx = services.db.begin().await.map_err(told)?;
    if store::release(&mut tx).await.map_err(told)? {
        let record = audit::Record {
            action: Action::ResumeInvitations,
            object: audit::Object { kind: "mail", id: "held".to_owned(), name: "Held invitations".to_owned() },
            person: None,
            detail: None,
        };
        audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
        job::wake(&mut tx, services.clock.now()).await.map_err(told)?;
    }
    tx.commit().await.map_err(told)
}

/// An invitation that waits for the actor's word, and the reason, parsed.
async fn waits(
    services: &Services,
    actor: &Actor,
    id: InvitationId,
    reason: &str,
    still: fn(&Invitation) -> bool,
) -> model::Result<(Invitation, String)> {
    actor.authorize(Act::Invite)?;
    let invitation = store::one(services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    actor.authorize_in(Act::Invite, &invitation.directory)?;
    let reason = parse_reason(reason)?;
    if still(&invitation) { Ok((invitation, reason)) } else { Err(Error::conflict(Conflict::Decided)) }
}

/// `decides` is the unconfirmed mail in whose place this one is sent; it has to be undecided still when this one is queued.
async fn invite_one(
    services: &Services,
    actor: &Actor,
    id: &WorkspaceId,
    reason: &str,
    decides: Option<InvitationId>,
) -> model::Result<InvitationId> {
    let page = workspaces::get(services, actor, id.clone()).await?;
    let workspace = page.workspace;
    actor.authorize_in(Act::Invite, &workspace.directory)?;
    if !workspace.can_be_invited() {
        let is_there = workspace.is_there();
        return Err(Error::conflict(if is_there { Conflict::WorkspaceNotReady } else { Conflict::WorkspaceGone }));
    }
    let person = people::by_account(services, &page.directory.domain, &workspace.user_name).await?;
    let Some(person) = person else { return Err(Error::conflict(Conflict::PersonGone)) };
    if mail_obstacle(person.mail.as_deref()).is_some() {
        return Err(Error::conflict(Conflict::NoMailAddress));
    }
    queue_by_hand(services, actor, (id, decides), &person, reason).await
}

async fn queue_by_hand(
    services: &Services,
    actor: &Actor,
    (workspace, decides): (&WorkspaceId, Option<InvitationId>),
    person: &Person,
    reason: &str,
) -> model::Result<InvitationId> {
    let now = services.clock.now();
    let mut tx = services.db.begin().await.map_err(told)?;
    // Whoever invites again has decided about a mail that may have been lost, whether they came for that or not.
    let decided = store::decide(&mut tx, now, actor, (workspace, decides), Verdict::SentAgain, reason).await.map_err(told)?;
    if decides.is_some() && !decided {
        return Err(Error::conflict(Conflict::Decided));
    }
    workspaces::store::tie(&mut tx, workspace.as_str(), person.guid, &person.name).await.map_err(told)?;
    let id = store::insert_by_hand(&mut tx, now, actor, workspace, person, reason).await.map_err(|error| {
        let under_way = error.as_database_error().is_some_and(|error| error.constraint() == Some("invitation_under_way"));
        if under_way { Error::conflict(Conflict::InvitationUnderWay) } else { told(error) }
    })?;
    let record = audit::Record {
        action: Action::Invite,
        object: audit::Object { kind: "workspace", id: workspace.to_string(), name: format!("{} ({workspace})", person.name) },
        person: Some(person.guid),
        detail: Some(reason.to_owned()),
    };
    audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
    job::wake(&mut tx, now).await.map_err(told)?;
    tx.commit().await.map_err(told)?;
    Ok(id)
}

/// One page of invitations, the newest first.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn list(services: &Services, actor: &Actor, filter: Filter, page: PageRequest) -> model::Result<Page<Invitation>> {
    let scope = actor.scope(Act::SeeDesktops)?;
    let (rows, total) = store::list(services, scope_ids(&scope).as_deref(), &filter, page).await.map_err(told)?;
    Ok(Page { rows, total, request: page })
}

/// The newest invitations of a person, for use cases that have authorized what they show.
pub(crate) async fn of_person(services: &Services, person: PersonGuid) -> model::Result<Vec<Invitation>> {
    store::some(services, Some(person), None).await.map_err(|fault: Fault| told(fault))
}

/// What waits for somebody, likewise.
pub(crate) async fn waiting(services: &Services, scope: Option<&[String]>) -> model::Result<Waiting> {
    store::waiting(services, scope).await.map_err(told)
}

/// The newest invitations of a WorkSpace, likewise.
pub(crate) async fn of_workspace(services: &Services, workspace: &WorkspaceId) -> model::Result<Vec<Invitation>> {
    store::some(services, None, Some(workspace)).await.map_err(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_asked_for() {
        assert!(parse_reason(" a ").is_err());
        assert!(parse_reason(&"x".repeat(501)).is_err());
        assert_eq!(parse_reason(" lost\0 the code ").unwrap(), "lost the code");
    }
}
