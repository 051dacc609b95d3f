//! Deciding in somebody's place. Whoever is away names one other person and the days; that person then decides what is asked of the absent
//! one by name. Roles are not handed on: a stage of approvers has other approvers.

use model::{
    Error, PersonGuid,
    access::{Act, Actor},
    audit::{Action, Outcome},
    people,
    requests::{Absence, AbsenceForm, AbsencePage, rules::Named},
};

use uuid::Uuid;

use super::{
    person_of,
    store::{absence as rows, views::day},
    submit::today,
};
use crate::{Services, access, audit, fault::told, people as directory};

/// The actor's own absence, and those in whose place the actor decides.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn get(services: &Services, actor: &Actor) -> model::Result<AbsencePage> {
    actor.authorize(Act::SeeApprovals)?;
    let today = today(services);
    let mut page = AbsencePage { first_day: today.to_string(), ..AbsencePage::default() };
    let Some(guid) = person_of(actor)?.guid else { return Ok(page) };
    page.known = true;
    for row in rows::of(services, guid, today).await.map_err(told)? {
        let own = row.person_guid == guid.0;
        let absence = Absence {
            name: if own { row.stand_in_name } else { row.person_name },
            from: day(row.from_day),
            until: day(row.until_day),
            is_now: row.from_day <= today,
        };
        if own { page.own = Some(absence) } else { page.others.push(absence) }
    }
    Ok(page)
}

/// Names who decides in the actor's place, and when; it takes the place of an earlier choice.
///
/// # Errors
/// [`Error::Invalid`] with all that is wrong, [`Error::Refused`] without an entry in Active Directory, [`Error::NotAllowed`],
/// [`Error::Unavailable`] if Active Directory can't be asked.
pub async fn name(services: &Services, actor: &Actor, form: &AbsenceForm) -> model::Result<()> {
    actor.authorize(Act::DecideRequests)?;
    let own = entry(actor)?;
    let away = form.parse(today(services)).map_err(|fields| Error::Invalid { fields })?;
    let stand_in = find(services, &away.who, own).await?;
    let row = rows::Row {
        person_guid: own.0,
        person_name: actor.name().to_owned(),
        stand_in_guid: stand_in.guid.0,
        stand_in_name: stand_in.name,
        from_day: away.from,
        until_day: away.until,
    };
    let mut tx = services.db.begin().await.map_err(told)?;
    rows::keep(&mut tx, services, &row).await.map_err(told)?;
    let days = format!("{} from {} to {}", row.stand_in_name, day(row.from_day), day(row.until_day));
    audit::noted(&mut tx, services, actor, &record(own, actor, days), Outcome::Succeeded).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

/// From now on nobody decides in the actor's place. Said twice it is the same.
///
/// # Errors
/// [`Error::Refused`] without an entry in Active Directory, [`Error::NotAllowed`].
pub async fn end(services: &Services, actor: &Actor) -> model::Result<()> {
    actor.authorize(Act::DecideRequests)?;
    let own = entry(actor)?;
    let mut tx = services.db.begin().await.map_err(told)?;
    if rows::end(&mut tx, own).await.map_err(told)? {
        let entry = record(own, actor, "nobody any more".to_owned());
        audit::noted(&mut tx, services, actor, &entry, Outcome::Succeeded).await.map_err(told)?;
    }
    tx.commit().await.map_err(told)
}

/// Whether somebody in whose place is decided could decide: who is gone or has no role any more has nothing to hand on.
///
/// # Errors
/// [`Error::Refused`] if not, [`Error::Unavailable`] if Active Directory can't be asked.
pub(super) async fn still_stands(services: &Services, absent: Option<&Named<PersonGuid>>) -> model::Result<()> {
    let Some(absent) = absent else { return Ok(()) };
    let there = directory::known(services, &[absent.id]).await?.pop();
    let there = there.is_some_and(|person| !person.standing.disabled && !person.standing.expired);
    if there && access::may(services, absent.id, Act::DecideRequests).await? != Some(false) {
        return Ok(());
    }
    Err(Error::Refused {
        why: format!(
            "{} could not decide here any more, so nobody can in that place. Nothing was decided. It is asked of others as time goes on.",
            absent.name
        ),
    })
}

/// Those in whose place somebody decides today.
pub(super) async fn in_place_of(services: &Services, guid: PersonGuid) -> sqlx::Result<Vec<Uuid>> {
    let today = today(services);
    let absences = rows::of(services, guid, today).await?.into_iter();
    Ok(absences.filter(|row| row.stand_in_guid == guid.0 && row.from_day <= today).map(|row| row.person_guid).collect())
}

fn entry(actor: &Actor) -> model::Result<PersonGuid> {
    person_of(actor)?.guid.ok_or_else(|| Error::Refused {
        why: "Your account has no entry in Active Directory, so nobody is asked by your name. Nothing was changed. Ask your administrator to connect it.".to_owned(),
    })
}

/// The one person who is meant, if they can decide.
async fn find(services: &Services, who: &str, own: PersonGuid) -> model::Result<people::Person> {
    let wrong = |message: &str| Error::invalid("who", message);
    let key = directory::key(who);
    let found = directory::named(services, vec![key.clone()]).await?.remove(&key).unwrap_or_default();
    let [person] = &found[..] else {
        return Err(wrong(if found.is_empty() {
            "Active Directory knows nobody by this. Write an account, a user principal name or a mail address."
        } else {
            "Several people go by this. Write the user principal name or the mail address."
        }));
    };
    if person.guid == own {
        return Err(wrong("This is you. Name somebody else."));
    }
    if person.standing.disabled || person.standing.expired {
        return Err(wrong("This account is disabled or expired, so it could decide nothing."));
    }
    if access::may(services, person.guid, Act::DecideRequests).await? == Some(false) {
        return Err(wrong(
            "This person has no role with which one decides. Name somebody who asks for desktops, or approves them.",
        ));
    }
    Ok(person.clone())
}

fn record(own: PersonGuid, actor: &Actor, detail: String) -> audit::Record<'static> {
    audit::Record {
        action: Action::ChangeAbsence,
        object: audit::Object { kind: "person", id: own.to_string(), name: actor.name().to_owned() },
        person: Some(own),
        detail: Some(detail),
    }
}
