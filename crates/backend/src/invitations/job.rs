//! Queued invitations to SES, at the account's rate.
//!
//! A slot of the rate is taken first; then one row is claimed, its welcome token made and its hash stored, in one
//! transaction; then SES is called; then the outcome is written if the claim still holds. A row whose lease ran out was
//! in the hands of a process that died: whether it was sent is not known, so it is never sent again by itself.

use chrono::{DateTime, TimeDelta, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    access::Actor,
    audit::{Action, Outcome},
    directories::Desk,
    invitations::State,
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    store::{self, Claimed},
    welcome::Token,
};
use crate::{
    Fault, Services,
    audit::{self, Operation},
    budget, db,
    directories::desk,
    mail::{Message, Rendered, SendFault, invitation},
    worker,
};

/// Sends what is queued until nothing is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendInvitations {}

impl TaskHandler for SendInvitations {
    const IDENTIFIER: &'static str = "send_invitations";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| send(services).await).await
    }
}

async fn send(services: &Services) -> Result<(), Fault> {
    give_up_lost(services).await?;
    while send_one(services).await? {}
    if let Some(next) = store::next_lease(services).await? {
        let mut connection = services.db.acquire().await?;
        wake(&mut connection, next).await?;
    }
    Ok(())
}

pub(super) async fn wake(tx: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<()> {
    db::wake(tx, SendInvitations::IDENTIFIER, SendInvitations::IDENTIFIER, serde_json::json!({}), at).await
}

/// How long to wait when SES says that it is too much, or can't be reached.
const PAUSE: TimeDelta = TimeDelta::seconds(10);
/// How long when it takes no mail of ours at all: somebody has to see to that first.
const HELD: TimeDelta = TimeDelta::minutes(10);
/// The directory's registration code is not in the mirror, so there is nothing to tell.
const NO_CODE: &str = "Frontdesk.NoRegistrationCode";
/// The mail could not be written; the message says why.
const TEMPLATE: &str = "Frontdesk.Template";

/// Sends one invitation. False when nothing can be sent now.
async fn send_one(services: &Services) -> Result<bool, Fault> {
    if !store::anything_to_send(services, services.clock.now() - HELD).await? {
        return Ok(false);
    }
    let slot = budget::take_mail(&services.db, services.mail.rate().await).await?;
    let (token, claim) = (Token::new(), Uuid::now_v7());
    let mut tx = services.db.begin().await?;
    let Some(claimed) = store::claim(&mut tx, services, claim, &token).await? else { return Ok(false) };
    let operation = audit::attempted(&mut tx, services, &actor(&claimed), &record(&claimed, None)).await?;
    announce(&mut tx, &claimed).await?;
    let desk = desk::of(services, &claimed.directory).await?;
    tx.commit().await?;

    let sent = match message(services, &claimed, &desk, &token) {
        Ok(message) => services.mail.send(slot, &message).await,
        Err(fault) => Err(fault),
    };
    keep(services, &claimed, claim, operation, &sent).await?;
    Ok(!matches!(sent, Err(SendFault::Busy | SendFault::Held { .. })))
}

/// Writes the outcome in one transaction, row and record alike, or neither if the claim was lost meanwhile.
async fn keep(
    services: &Services,
    claimed: &Claimed,
    claim: Uuid,
    operation: Operation,
    sent: &Result<String, SendFault>,
) -> Result<(), Fault> {
    let (state, outcome, detail) = match sent {
        Ok(message_id) => (State::Sent, Outcome::Succeeded, Some(message_id.as_str())),
        Err(SendFault::Busy) => (State::Queued, Outcome::Failed, Some("not taken, sent again later")),
        Err(SendFault::Held { code, .. }) => {
            tracing::warn!(code, "SES takes no mail; all of them wait");
            (State::Queued, Outcome::Failed, Some(code.as_str()))
        }
        Err(SendFault::Refused { code, .. }) => (State::Failed, Outcome::Failed, Some(code.as_str())),
        Err(SendFault::Unknown(why)) => {
            tracing::warn!(why, invitation = %claimed.id, "the answer to SendEmail was lost");
            (State::Unconfirmed, Outcome::Unknown, None)
        }
    };
    let failure = match sent {
        Err(SendFault::Refused { code, message } | SendFault::Held { code, message }) => Some((code.as_str(), message.as_str())),
        _ => None,
    };
    let mut tx = services.db.begin().await?;
    if !store::finish(&mut tx, services, claimed, claim, state, sent.as_deref().ok(), failure).await? {
        let outcome = outcome.as_str();
        tracing::warn!(invitation = %claimed.id, outcome, "the outcome came after the claim had run out; the row stays as it is");
        return Ok(());
    }
    audit::finished(&mut tx, services, &actor(claimed), &record(claimed, detail), operation, outcome).await?;
    announce(&mut tx, claimed).await?;
    if state == State::Queued {
        let pause = if failure.is_some() { HELD } else { PAUSE };
        wake(&mut tx, services.clock.now() + pause).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The mail, or why there is none: the row must not stay claimed for that.
fn message(services: &Services, claimed: &Claimed, desk: &Desk, token: &Token) -> Result<Message, SendFault> {
    let refused = |code: &str, message: String| SendFault::Refused { code: code.to_owned(), message };
    let Some(code) = &claimed.registration_code else {
        return Err(refused(NO_CODE, "The directory has no registration code.".to_owned()));
    };
    let unwritten = |why: String| {
        tracing::error!(why, invitation = %claimed.id, "the invitation could not be written");
        refused(TEMPLATE, why)
    };
    let link = services.settings.public_url.join(&format!("welcome/{}", token.expose()));
    let link = link.map_err(|error| unwritten(format!("public_url: {error}")))?;
    let rendered = invitation::render(&invitation::Invitation {
        name: &claimed.name,
        given_name: claimed.given_name.as_deref(),
        account: &claimed.account,
        company: &services.settings.mail.company,
        asked_by: &claimed.asked_by_name,
        registration_code: code,
        link: link.as_str(),
        contact: &desk.contact_or(&services.settings.mail.contact),
        language: desk.language,
    });
    let Rendered { subject, text, html } = rendered.map_err(|fault| unwritten(fault.to_string()))?;
    Ok(Message { to: vec![claimed.mail.clone()], subject, text, html, tag: ("invitation", claimed.id.to_string()) })
}

/// Rows of processes that died between intent and outcome become `unconfirmed`.
async fn give_up_lost(services: &Services) -> Result<(), Fault> {
    loop {
        let mut tx = services.db.begin().await?;
        let Some(lost) = store::take_lost(&mut tx, services).await? else { return Ok(()) };
        audit::noted(&mut tx, services, &actor(&lost), &record(&lost, Some("the sending process ended")), Outcome::Unknown)
            .await?;
        announce(&mut tx, &lost).await?;
        tx.commit().await?;
    }
}

async fn announce(tx: &mut PgConnection, claimed: &Claimed) -> sqlx::Result<()> {
    match claimed.launch {
        Some(launch) => db::announce(tx, db::Topic::Launch(launch)).await,
        None => Ok(()),
    }
}

fn actor(claimed: &Claimed) -> Actor {
    Actor::System { on_behalf_of: Some(claimed.asked_by.clone()) }
}

fn record(claimed: &Claimed, detail: Option<&str>) -> audit::Record<'static> {
    audit::Record {
        action: Action::SendInvitation,
        object: audit::Object { kind: "invitation", id: claimed.id.to_string(), name: claimed.name.clone() },
        person: claimed.person,
        detail: detail.map(ToOwned::to_owned),
    }
}
