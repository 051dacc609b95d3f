//! Looking after directories: what is the matter with each is kept in rows, and admins are mailed about it.
//!
//! A row says what admins know, and that is written before the mail service is called: a process that dies in between, or an answer
//! that is lost, leaves one mail too few and never one too many. The next reminder makes up for it.

use chrono::{DateTime, TimeDelta, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    DirectoryId,
    access::Actor,
    audit::{Action, Outcome},
    directories::{Addresses, Concern, Directory, Matter, TroubleKind},
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    addresses,
    alert::{Alert, Letter},
    store::alerts as rows,
};
use crate::{
    Fault, Services,
    audit::{self, Operation},
    budget, db,
    mail::{
        Message, SendFault,
        alert::{self, News},
    },
    worker,
};

/// Looks at all directories as the mirror has them, and mails what is due.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WatchDirectories {}

impl TaskHandler for WatchDirectories {
    const IDENTIFIER: &'static str = "watch_directories";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| watch(services).await).await
    }
}

async fn wake(tx: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<()> {
    db::wake(tx, WatchDirectories::IDENTIFIER, WatchDirectories::IDENTIFIER, serde_json::json!({}), at).await
}

/// Directories with the addresses of their subnets, where these are known.
type Known = Vec<(Directory, Option<Addresses>)>;

async fn watch(services: &Services) -> Result<(), Fault> {
    let known = addresses::with_directories(services).await?;
    note(services, &known).await?;
    give_up_lost(services).await?;
    if !services.settings.mail.admins.is_empty() {
        while send_one(services, &known).await? {}
    }
    Ok(())
}

/// Keeps what is the matter now, and what is not any more.
async fn note(services: &Services, known: &Known) -> Result<(), Fault> {
    rows::forget_gone(services).await?;
    let open = rows::open(services).await?;
    for (directory, addresses) in known {
        let concerns = directory.concerns(addresses.as_ref());
        for matter in Matter::ALL {
            let is_open = open.iter().any(|alert| alert.directory == directory.id && alert.matter() == matter);
            match concerns.iter().find(|concern| concern.kind.matter() == matter) {
                Some(concern) => rows::trouble(services, &directory.id, concern.kind).await?,
                // What AWS is changing is neither well nor in trouble.
                None if !is_open || directory.is_changing() => {}
                // EC2 does not show the subnets, so nothing can be said of their addresses.
                None if matter == Matter::Addresses && addresses.as_ref().is_none_or(|known| known.subnets.is_empty()) => {}
                None => rows::over(services, &directory.id, matter, directory.is_well(matter)).await?,
            }
        }
    }
    Ok(())
}

/// How long to wait when SES says that it is too much, or can't be reached.
const PAUSE: TimeDelta = TimeDelta::seconds(10);
/// How long when it takes no mail of ours at all.
const HELD: TimeDelta = TimeDelta::minutes(10);
/// How long when it does not take this one, for an address that it does not know.
const REFUSED: TimeDelta = TimeDelta::hours(1);
/// The mail could not be written; the message says why.
const TEMPLATE: &str = "Frontdesk.Template";

/// A mail that is due, and what it is about.
struct Due<'a> {
    alert: Alert,
    letter: Letter,
    directory: &'a Directory,
    /// What is the matter; `None` when it is over.
    concern: Option<Concern>,
}

/// Sends one mail. False when nothing can be sent now.
async fn send_one(services: &Services, known: &Known) -> Result<bool, Fault> {
    let now = services.clock.now();
    let due = rows::open(services).await?.into_iter().find_map(|alert| {
        let letter = alert.due(now)?;
        let (directory, addresses) = known.iter().find(|(directory, _)| directory.id == alert.directory)?;
        let concern = directory.concerns(addresses.as_ref()).into_iter().find(|concern| concern.kind == alert.kind);
        // Another worker may know more than was read here; it sends that.
        (concern.is_some() != (letter == Letter::Over)).then_some(Due { alert, letter, directory, concern })
    });
    let Some(due) = due else { return Ok(false) };
    let slot = budget::take_mail(&services.db, services.mail.rate().await).await?;
    let claim = Uuid::now_v7();
    let mut tx = services.db.begin().await?;
    if !rows::claim(&mut tx, services, &due.alert, due.letter, claim).await? {
        // Another worker was first, or something changed: look again.
        return Ok(true);
    }
    let operation = audit::attempted(&mut tx, services, &actor(), &due.record(None)).await?;
    tx.commit().await?;

    let sent = match due.message(services) {
        Ok(message) => services.mail.send(slot, &message).await,
        Err(fault) => {
            tracing::error!(%fault, directory = %due.directory.id, "the mail to admins could not be written");
            Err(SendFault::Refused { code: TEMPLATE.to_owned(), message: fault.to_string() })
        }
    };
    keep(services, &due, claim, operation, &sent).await?;
    Ok(!matches!(sent, Err(SendFault::Busy | SendFault::Held { .. })))
}

/// Writes the outcome in one transaction, row and record alike, or neither if the claim was lost meanwhile.
async fn keep(
    services: &Services,
    due: &Due<'_>,
    claim: Uuid,
    operation: Operation,
    sent: &Result<String, SendFault>,
) -> Result<(), Fault> {
    let (now, directory) = (services.clock.now(), &due.directory.id);
    let mut tx = services.db.begin().await?;
    let (held, outcome, detail) = match sent {
        Ok(message_id) => (rows::sent(&mut tx, &due.alert, claim).await?, Outcome::Succeeded, Some(message_id.as_str())),
        Err(SendFault::Unknown(why)) => {
            tracing::warn!(why, %directory, "the answer to SendEmail was lost; admins are not mailed a second time");
            (rows::sent(&mut tx, &due.alert, claim).await?, Outcome::Unknown, None)
        }
        Err(SendFault::Busy) => {
            wake(&mut tx, now + PAUSE).await?;
            let held = rows::not_sent(&mut tx, &due.alert, claim, now + PAUSE, None).await?;
            (held, Outcome::Failed, Some("not taken, sent again later"))
        }
        Err(SendFault::Held { code, .. }) => {
            tracing::warn!(code, %directory, "SES takes no mail; those to admins wait");
            let held = rows::not_sent(&mut tx, &due.alert, claim, now + HELD, Some(code)).await?;
            rows::hold(&mut tx, now + HELD).await?;
            (held, Outcome::Failed, Some(code.as_str()))
        }
        Err(SendFault::Refused { code, .. }) => {
            tracing::warn!(code, %directory, "SES does not take the mail to admins; it is tried again in an hour");
            (rows::not_sent(&mut tx, &due.alert, claim, now + REFUSED, Some(code)).await?, Outcome::Failed, Some(code.as_str()))
        }
    };
    if !held {
        tracing::warn!(%directory, "the outcome came after the claim had run out; the row stays as it is");
        return Ok(());
    }
    audit::finished(&mut tx, services, &actor(), &due.record(detail), operation, outcome).await?;
    Ok(tx.commit().await?)
}

impl Due<'_> {
    fn message(&self, services: &Services) -> Result<Message, Fault> {
        let since = services.stamp(self.alert.since).local;
        let ended = self.alert.ended_at.map(|at| services.stamp(at).local).unwrap_or_default();
        let news = match &self.concern {
            Some(concern) => News::Trouble { concern, reminder: self.letter == Letter::Reminder },
            None => News::Over { was: self.alert.told.map_or(self.alert.kind, |told| told.kind), ended: &ended },
        };
        let link = services.settings.public_url.join(&format!("directories/{}", self.directory.id));
        let link = link.map_err(|error| Fault::Bug(format!("public_url: {error}")))?;
        let company = &services.settings.mail.company;
        let words = alert::Alert { directory: self.directory, since: &since, news, link: link.as_str(), company };
        let written = alert::render(&words)?;
        Ok(Message {
            to: services.settings.mail.admins.clone(),
            subject: written.subject,
            text: written.text,
            html: written.html,
            tag: ("alert", self.alert.id.to_string()),
        })
    }

    fn record(&self, detail: Option<&str>) -> audit::Record<'static> {
        let told = match self.letter {
            Letter::Trouble => self.alert.kind.title(),
            Letter::Reminder => "a reminder",
            Letter::Over => self.alert.matter().over(),
        };
        record(&self.directory.id, self.directory.name.clone(), detail.unwrap_or(told))
    }
}

/// Mails whose sender died between intent and outcome.
async fn give_up_lost(services: &Services) -> Result<(), Fault> {
    loop {
        let mut tx = services.db.begin().await?;
        let Some((directory, kind)) = rows::take_lost(&mut tx, services).await? else { return Ok(()) };
        note_lost(&mut tx, services, &directory, kind).await?;
        tx.commit().await?;
    }
}

async fn note_lost(tx: &mut PgConnection, services: &Services, directory: &DirectoryId, kind: TroubleKind) -> sqlx::Result<()> {
    let detail = format!("{}: the sending process ended", kind.title());
    audit::noted(tx, services, &actor(), &record(directory, directory.to_string(), &detail), Outcome::Unknown).await
}

fn actor() -> Actor {
    Actor::System { on_behalf_of: None }
}

fn record(directory: &DirectoryId, name: String, detail: &str) -> audit::Record<'static> {
    audit::Record {
        action: Action::AlertAdmins,
        object: audit::Object { kind: "directory", id: directory.to_string(), name },
        person: None,
        detail: Some(detail.to_owned()),
    }
}
