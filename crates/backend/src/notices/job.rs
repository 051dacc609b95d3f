//! Sends notices. Whom those for deciders are for is found out first; then what belongs to one person and is due becomes one letter: it is
//! written, then kept as being sent in one transaction with its notices, then SES is called, then the outcome is kept.
//!
//! Whatever is told stands in Frontdesk too. So a letter of which it is not known whether it was sent is never sent again: one mail too few,
//! and never the same twice.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    Error, PersonGuid,
    access::Actor,
    audit::{Action, Outcome},
    notices::{Kind, LetterState, Notice, Pace},
    people::{Person, mail_obstacle},
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    letter,
    store::{self as rows, Pending},
};
use crate::{
    Fault, Services,
    audit::{self, Operation},
    budget, db,
    mail::{Message, Rendered, SendFault, notice},
    people, requests, worker,
};

/// Sends what is due.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendLetters {}

impl TaskHandler for SendLetters {
    const IDENTIFIER: &'static str = "send_letters";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| send(services).await).await
    }
}

pub(super) async fn wake(tx: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<()> {
    db::wake(tx, SendLetters::IDENTIFIER, SendLetters::IDENTIFIER, serde_json::json!({}), at).await
}

/// How many notices without a name one reading takes, and the notices of how many people.
const AT_ONCE: i64 = 1_000;
const PEOPLE: i64 = 200;
/// How long to wait when SES says that it is too much, or can't be reached.
const PAUSE: TimeDelta = TimeDelta::seconds(10);
/// How long when it takes no mail of ours at all, or Active Directory does not answer.
const HELD: TimeDelta = TimeDelta::minutes(10);
/// How long letters are kept.
const KEPT: TimeDelta = TimeDelta::days(90);
/// The mail could not be written; the message says why.
const TEMPLATE: &str = "Frontdesk.Template";

async fn send(services: &Services) -> Result<(), Fault> {
    let now = services.clock.now();
    give_up_lost(services).await?;
    rows::forget(services, now - KEPT).await?;
    rows::note_ready(services).await?;
    rows::note_stand_ins(services, now.with_timezone(&services.settings.time_zone).date_naive()).await?;
    address(services).await?;
    let (mut after, mut next) = (PersonGuid(Uuid::nil()), None);
    loop {
        let people = by_person(rows::pending(services, after, PEOPLE).await?);
        let Some((last, _)) = people.last_key_value() else { break };
        after = *last;
        if !send_to(services, people, &mut next).await? {
            break;
        }
    }
    if let Some(at) = next {
        let mut connection = services.db.acquire().await?;
        wake(&mut connection, at).await?;
    }
    Ok(())
}

/// Writes to these people what is due, and finds out when the next is. False when nothing can be sent now.
async fn send_to(
    services: &Services,
    people: BTreeMap<PersonGuid, Vec<Pending>>,
    next: &mut Option<DateTime<Utc>>,
) -> Result<bool, Fault> {
    for (person, pending) in people {
        let unwanted: Vec<i64> = pending.iter().filter(|one| pace(one) == Pace::Never).map(|one| one.notice.id).collect();
        rows::drop(services, &unwanted).await?;
        match due(services, &pending) {
            Due::Now(notices) => match write_to(services, person, &notices).await {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                // One letter that can't be written does not keep the others from being sent.
                Err(fault) => {
                    tracing::error!(%fault, %person, "a letter waits");
                    put_off(services, &notices).await?;
                }
            },
            Due::Later(at) => *next = Some(next.map_or(at, |next| next.min(at))),
            Due::Never => {}
        }
    }
    Ok(true)
}

async fn put_off(services: &Services, notices: &[Notice]) -> sqlx::Result<()> {
    let ids: Vec<i64> = notices.iter().map(|notice| notice.id).collect();
    rows::put_off(services, &ids, services.clock.now() + HELD).await
}

/// Finds out who decides, for notices of which that is not known yet.
async fn address(services: &Services) -> Result<(), Fault> {
    for notice in rows::unaddressed(services, AT_ONCE).await? {
        match requests::asked(services, notice.request, notice.kind == Kind::Escalated).await {
            Ok(asked) => {
                let people = asked.filter(|asked| asked.stage == notice.stage).map(|asked| asked.people).unwrap_or_default();
                rows::address(services, notice.id, &people).await?;
            }
            Err(Error::NotFound) => rows::drop(services, &[notice.id]).await?,
            Err(error) => {
                tracing::warn!(%error, request = %notice.request, "it can\u{2019}t be told now who decides; nobody is mailed yet");
                rows::put_off(services, &[notice.id], services.clock.now() + HELD).await?;
                // The others would wait for the same domain controller, one after another.
                break;
            }
        }
    }
    Ok(())
}

fn by_person(pending: Vec<Pending>) -> BTreeMap<PersonGuid, Vec<Pending>> {
    let mut people: BTreeMap<PersonGuid, Vec<Pending>> = BTreeMap::new();
    for one in pending {
        people.entry(one.person).or_default().push(one);
    }
    people
}

enum Due {
    Now(Vec<Notice>),
    Later(DateTime<Utc>),
    Never,
}

fn pace(pending: &Pending) -> Pace {
    pending.preferences.pace(pending.notice.kind.topic())
}

/// What of one person's notices is told now: those whose time has come, and with them all that would come at once.
fn due(services: &Services, pending: &[Pending]) -> Due {
    let now = services.clock.now();
    let at = |one: &Pending| {
        let zone = services.settings.zone(one.preferences.time_zone.as_deref());
        let due = pace(one).due(&one.at.with_timezone(&zone), one.last.map(|last| last.with_timezone(&zone)).as_ref())?;
        Some(one.not_before.map_or(due.to_utc(), |not_before| due.to_utc().max(not_before)))
    };
    let Some(first) = pending.iter().filter_map(at).min() else { return Due::Never };
    if first > now {
        return Due::Later(first);
    }
    let goes = |one: &&Pending| pace(one) == Pace::AtOnce || at(one).is_some_and(|at| at <= now);
    Due::Now(pending.iter().filter(goes).map(|one| one.notice.clone()).collect())
}

/// Writes to one person. False when nothing can be sent now.
async fn write_to(services: &Services, guid: PersonGuid, notices: &[Notice]) -> Result<bool, Fault> {
    let ids: Vec<i64> = notices.iter().map(|notice| notice.id).collect();
    let person = match people::one(services, guid).await {
        Ok(person) => reachable(person),
        Err(Error::NotFound) => None,
        Err(error) => {
            tracing::warn!(%error, "the address of somebody can\u{2019}t be found out now; the mail waits");
            put_off(services, notices).await?;
            return Ok(false);
        }
    };
    let Some((person, mail)) = person else {
        tracing::info!(person = %guid, count = ids.len(), "nobody is told: the person is gone, disabled or has no address");
        rows::drop(services, &ids).await?;
        return Ok(true);
    };
    let lines = letter::lines(services, guid, notices).await?;
    if lines.is_empty() {
        rows::drop(services, &ids).await?;
        return Ok(true);
    }
    let written = notice::render(&notice::Letter {
        greeting: person.given_name.as_deref().unwrap_or(&person.name),
        lines: &lines,
        company: &services.settings.mail.company,
        preferences: &letter::link(services, "settings/mail")?,
    });
    let subject = written.as_ref().map_or_else(|_| TEMPLATE.to_owned(), |written| written.subject.clone());
    let slot = budget::take_mail(&services.db, services.mail.rate().await).await?;
    let id = Uuid::now_v7();
    let mut tx = services.db.begin().await?;
    if !rows::begin(&mut tx, services, (id, guid, &subject), &ids).await? {
        return Ok(true);
    }
    let operation = audit::attempted(&mut tx, services, &actor(), &record(id, &person, subject)).await?;
    tx.commit().await?;
    let sent = match written {
        Ok(written) => {
            let Rendered { subject, text, html } = written;
            let message = Message { to: vec![mail], subject, text, html, tag: ("letter", id.to_string()) };
            services.mail.send(slot, &message).await
        }
        Err(fault) => {
            tracing::error!(%fault, letter = %id, "the letter could not be written");
            Err(SendFault::Refused { code: TEMPLATE.to_owned(), message: fault.to_string() })
        }
    };
    keep(services, (id, &person), operation, &sent).await?;
    Ok(!matches!(sent, Err(SendFault::Busy | SendFault::Held { .. })))
}

/// Those who can read it, with where it goes.
fn reachable(person: Person) -> Option<(Person, String)> {
    let mail = person.mail.clone().filter(|mail| mail_obstacle(Some(mail)).is_none())?;
    (!person.standing.disabled && !person.standing.expired).then_some((person, mail))
}

/// Writes the outcome in one transaction, row and record alike, or neither if the letter was given up meanwhile.
async fn keep(
    services: &Services,
    (id, person): (Uuid, &Person),
    operation: Operation,
    sent: &Result<String, SendFault>,
) -> Result<(), Fault> {
    let now = services.clock.now();
    let mut tx = services.db.begin().await?;
    let (held, outcome, detail) = match sent {
        Ok(message) => {
            let held = rows::finish(&mut tx, id, LetterState::Sent, Some(message), None).await?;
            (held, Outcome::Succeeded, message.as_str())
        }
        Err(SendFault::Unknown(why)) => {
            tracing::warn!(why, letter = %id, "the answer to SendEmail was lost; the letter is not sent again");
            (rows::finish(&mut tx, id, LetterState::Unconfirmed, None, None).await?, Outcome::Unknown, "the answer was lost")
        }
        Err(SendFault::Refused { code, .. }) => {
            tracing::warn!(code, letter = %id, "SES does not take a letter");
            (rows::finish(&mut tx, id, LetterState::Failed, None, Some(code)).await?, Outcome::Failed, code.as_str())
        }
        Err(SendFault::Busy) => {
            wake(&mut tx, now + PAUSE).await?;
            (rows::undo(&mut tx, id, now + PAUSE).await?, Outcome::Failed, "not taken, sent again later")
        }
        Err(SendFault::Held { code, .. }) => {
            tracing::warn!(code, "SES takes no mail; letters wait");
            (rows::undo(&mut tx, id, now + HELD).await?, Outcome::Failed, code.as_str())
        }
    };
    if !held {
        tracing::warn!(letter = %id, "the outcome came after the letter was given up; it stays as it is");
        return Ok(());
    }
    audit::finished(&mut tx, services, &actor(), &record(id, person, detail.to_owned()), operation, outcome).await?;
    Ok(tx.commit().await?)
}

/// Letters whose sender died between intent and outcome.
async fn give_up_lost(services: &Services) -> Result<(), Fault> {
    let mut tx = services.db.begin().await?;
    for (id, person) in rows::give_up_lost(&mut tx, services).await? {
        let object = audit::Object { kind: "letter", id: id.to_string(), name: person.to_string() };
        let detail = Some("the sending process ended".to_owned());
        let entry = audit::Record { action: Action::SendLetter, object, person: Some(person), detail };
        audit::noted(&mut tx, services, &actor(), &entry, Outcome::Unknown).await?;
    }
    Ok(tx.commit().await?)
}

fn actor() -> Actor {
    Actor::System { on_behalf_of: None }
}

fn record(id: Uuid, person: &Person, detail: String) -> audit::Record<'static> {
    audit::Record {
        action: Action::SendLetter,
        object: audit::Object { kind: "letter", id: id.to_string(), name: format!("Mail to {}", person.name) },
        person: Some(person.guid),
        detail: Some(detail),
    }
}
