//! Notices: people are told by mail what becomes of requests and of desktops that end. Use cases add a notice in the transaction that changes
//! something (`to_owner`, `to_deciders`, `of_ending`); `job` finds out who that is, gathers what belongs to one person and sends it as one
//! `letter`, as often as they want. Nobody wakes the job in such a transaction, which would hold up all others: it looks every minute.

pub(crate) mod job;
mod letter;
mod store;

use chrono_tz::Tz;
use model::{
    EndingId, Error, PersonGuid, RequestId,
    access::{Act, Actor},
    audit::{Action, Outcome},
    notices::{Kind, MailPage, Preferences, PreferencesForm, Topic},
    people::mail_obstacle,
};
use sqlx::PgConnection;
use store as rows;

use crate::{Services, audit, fault::told, people};

/// Tells who asked.
pub(crate) async fn to_owner(tx: &mut PgConnection, services: &Services, request: RequestId, kind: Kind) -> sqlx::Result<()> {
    rows::to_owner(tx, services, request, None, kind).await
}

/// Tells those who can decide at the stage that waits.
pub(crate) async fn to_deciders(tx: &mut PgConnection, services: &Services, request: RequestId, kind: Kind) -> sqlx::Result<()> {
    rows::to_deciders(tx, services, request, kind).await
}

/// Tells who asked for the desktop of its end.
pub(crate) async fn of_ending(
    tx: &mut PgConnection,
    services: &Services,
    request: RequestId,
    ending: EndingId,
    kind: Kind,
) -> sqlx::Result<()> {
    rows::to_owner(tx, services, request, Some(ending), kind).await
}

/// How many of the last mails a page shows.
const SHOWN: i64 = 10;

/// What the actor is told, how often, and the last mails.
///
/// # Errors
/// [`Error::Refused`] without an entry in Active Directory, [`Error::NotAllowed`], [`Error::Unavailable`].
pub async fn get(services: &Services, actor: &Actor) -> model::Result<MailPage> {
    actor.authorize(Act::SeeToday)?;
    let guid = entry(actor)?;
    let (person, asked) = match people::one(services, guid).await {
        Ok(person) => (Some(person), true),
        Err(Error::NotFound) => (None, true),
        // Mail can be switched off all the same.
        Err(Error::Unavailable { .. }) => (None, false),
        Err(error) => return Err(error),
    };
    Ok(MailPage {
        preferences: rows::preferences(services, guid).await.map_err(told)?,
        address: person.and_then(|person| person.mail).filter(|mail| mail_obstacle(Some(mail)).is_none()),
        address_known: asked,
        usual_zone: services.settings.time_zone.name().to_owned(),
        letters: rows::letters(services, guid, SHOWN).await.map_err(told)?,
    })
}

/// Where somebody's days are: as they have said, else as the installation has it.
///
/// # Errors
/// [`Error::Unavailable`] when the database is away.
pub(crate) async fn zone(services: &Services, person: Option<PersonGuid>) -> model::Result<Tz> {
    let named = match person {
        Some(guid) => rows::preferences(services, guid).await.map_err(told)?.time_zone,
        None => None,
    };
    Ok(services.settings.zone(named.as_deref()))
}

/// Keeps what the actor chose.
///
/// # Errors
/// [`Error::Invalid`] with all that is wrong; else as [`get`].
pub async fn prefer(services: &Services, actor: &Actor, form: &PreferencesForm) -> model::Result<()> {
    actor.authorize(Act::SeeToday)?;
    let guid = entry(actor)?;
    let chosen: Preferences = form.parse(|zone| zone.parse::<Tz>().is_ok()).map_err(|fields| Error::Invalid { fields })?;
    let mut tx = services.db.begin().await.map_err(told)?;
    rows::prefer(&mut tx, services, guid, &chosen).await.map_err(told)?;
    let paces = Topic::ALL.map(|topic| format!("{}: {}", topic.as_str(), chosen.pace(topic).as_str()));
    let zone = chosen.time_zone.as_deref().unwrap_or("none");
    let record = audit::Record {
        action: Action::ChangePreferences,
        object: audit::Object { kind: "person", id: guid.to_string(), name: actor.name().to_owned() },
        person: Some(guid),
        detail: Some(format!("{}; time zone: {zone}", paces.join(", "))),
    };
    audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

fn entry(actor: &Actor) -> model::Result<PersonGuid> {
    match actor {
        Actor::Person(person) => person.guid.ok_or_else(|| Error::Refused {
            why: "Your account has no entry in Active Directory, so there is no address to which mail could go. Ask your administrator to connect it."
                .to_owned(),
        }),
        Actor::Invitee | Actor::System { .. } => Err(Error::SignIn),
    }
}
