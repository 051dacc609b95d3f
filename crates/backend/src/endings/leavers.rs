//! Compares the fleet with Active Directory every night, and proposes an end for desktops whose users have left. While a domain does
//! not answer nothing is concluded, and what can't be true of a company is told instead.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta, Timelike};
use chrono_tz::Tz;
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    DirectoryId, EndingId, PersonGuid,
    access::Actor,
    audit::{Action, Outcome},
    endings::{Cause, Course, State, believable},
    people::Person,
};
use serde::{Deserialize, Serialize};

use super::{
    job,
    store::{
        self as rows, Held,
        leavers::{self as places, Desktop, Place},
    },
    tell, today,
};
use crate::{Fault, Services, audit, directories, ldap::LdapFault, worker};

/// Compares each directory's people once a night.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CompareFleet {}

impl TaskHandler for CompareFleet {
    const IDENTIFIER: &'static str = "compare_fleet";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, compare_due).await
    }
}

/// The hour, where the directory is, from which a new day's comparison is made.
const NIGHT: u32 = 2;
/// How soon a domain that did not answer is asked again.
const AGAIN: TimeDelta = TimeDelta::minutes(15);

/// A domain that does not answer keeps no other from being compared; the tick wakes the job again.
async fn compare_due(services: &Services) -> Result<(), Fault> {
    for place in places::places(services).await? {
        let zone = place.time_zone.as_deref().and_then(|zone| zone.parse::<Tz>().ok()).unwrap_or(services.settings.time_zone);
        let day = today(services, place.time_zone.as_deref());
        let is_due = place.compared_on.is_none_or(|last| last < day);
        if !is_due || services.clock.now().with_timezone(&zone).hour() < NIGHT {
            continue;
        }
        if let Err(fault) = compare(services, &place, day).await {
            tracing::warn!(%fault, directory = place.directory, "nothing is concluded about leavers; it is looked again");
            let words = "Active Directory could not be asked who has left, so nothing was concluded. It is asked again every quarter of an hour.";
            places::put_off(services, &place.directory, words, services.clock.now() + AGAIN).await?;
        }
    }
    Ok(())
}

/// What a comparison found of one desktop.
struct Found<'a> {
    desktop: &'a Desktop,
    cause: Option<Cause>,
}

impl Found<'_> {
    /// Its user has left since the last time.
    fn left(&self) -> Option<Cause> {
        let known = self.desktop.known.as_ref();
        self.cause.filter(|cause| known.is_none_or(|(_, known, state)| state.is_over() && known != cause))
    }
}

async fn compare(services: &Services, place: &Place, day: NaiveDate) -> Result<(), Fault> {
    let desktops = places::desktops(services, &place.directory).await?;
    let people = People::read(services, &place.directory, &desktops).await?;
    let found: Vec<_> = desktops
        .iter()
        .map(|desktop| Found {
            desktop,
            cause: Cause::of(people.of(desktop.new.person, &desktop.new.user_name), place.scope_ou.as_deref()),
        })
        .collect();
    let without = found.iter().filter(|found| found.cause.is_some()).count();
    let new = found.iter().filter(|found| found.left().is_some()).count();
    if !believable(found.len(), without, new, place.doubted) {
        let words = format!(
            "On {day}, Active Directory said that the users of {new} of {} desktops have left since the last comparison. So many at once \
             look like a fault of the domain or of a setting, so nothing was concluded. Unless they are all, the next night is believed.",
            found.len()
        );
        return doubt(services, place, day, &words).await;
    }
    for found in &found {
        conclude(services, found).await?;
    }
    let mut connection = services.db.acquire().await?;
    places::compared(&mut connection, &place.directory, day, None).await?;
    Ok(job::wake(&mut connection, services.clock.now()).await?)
}

/// Tells why nothing was concluded.
async fn doubt(services: &Services, place: &Place, day: NaiveDate, words: &str) -> Result<(), Fault> {
    tracing::warn!(directory = place.directory, "{words}");
    let object = audit::Object { kind: "directory", id: place.directory.clone(), name: place.directory.clone() };
    let entry = audit::Record { action: Action::EndDesktop, object, person: None, detail: Some(words.to_owned()) };
    let mut tx = services.db.begin().await?;
    places::compared(&mut tx, &place.directory, day, Some(words)).await?;
    audit::noted(&mut tx, services, &Actor::System { on_behalf_of: None }, &entry, Outcome::Failed).await?;
    Ok(tx.commit().await?)
}

/// Proposes an end, or forgets one whose user is back.
async fn conclude(services: &Services, found: &Found<'_>) -> Result<(), Fault> {
    let known = found.desktop.known.as_ref();
    let mut tx = services.db.begin().await?;
    match (found.left(), known) {
        (Some(cause), _) => {
            if let Some(id) = rows::insert(&mut tx, services, &found.desktop.new, &Course::begin(cause, None)).await?
                && let Some(held) = rows::read(&mut tx, id).await?
            {
                let what = format!("{}; somebody has to decide whether the desktop ends", cause.label().to_lowercase());
                tell(&mut tx, services, &held, &what).await?;
            }
        }
        (None, Some((id, _, _))) if found.cause.is_none() => returned(&mut tx, services, *id).await?,
        (None, _) => {}
    }
    Ok(tx.commit().await?)
}

/// The user of a desktop that was to end is there again. What somebody decided to keep is noticed anew the next time; the end of a
/// temporary desktop does not depend on it.
async fn returned(tx: &mut sqlx::PgConnection, services: &Services, id: EndingId) -> Result<(), Fault> {
    let held = rows::hold(tx, id).await?.filter(|held| held.course.cause != Cause::Temporary);
    let Some(held) = held else { return Ok(()) };
    if held.course.state.is_over() {
        return Ok(rows::keep(tx, services, id, &Course { state: State::Back, ..held.course }).await?);
    }
    Ok(job::back(tx, services, &held).await?)
}

/// Whether the user of a desktop that is about to go is there again.
///
/// # Errors
/// Active Directory can't be asked; then nothing is known.
pub(super) async fn is_back(services: &Services, held: &Held) -> Result<bool, Fault> {
    let scope = directories::desk::of(services, held.directory.as_str()).await?.scope_ou;
    let new = rows::New {
        workspace: held.workspace.to_string(),
        directory: held.directory.to_string(),
        person: held.person.map(|person| person.0),
        user_name: held.user_name.clone(),
        name: held.name.clone(),
        item: None,
        ends_on: None,
    };
    let desktop = Desktop { new, known: None };
    let people = People::read(services, held.directory.as_str(), std::slice::from_ref(&desktop)).await?;
    Ok(Cause::of(people.of(desktop.new.person, &held.user_name), scope.as_deref()).is_none())
}

/// The users of desktops, as Active Directory has them now.
struct People {
    by_guid: HashMap<PersonGuid, Person>,
    by_account: HashMap<String, PersonGuid>,
}

impl People {
    /// Reads them by their ids, and those whom nothing ties to a desktop by its user name.
    async fn read(services: &Services, directory: &str, desktops: &[Desktop]) -> Result<Self, Fault> {
        let id: DirectoryId = directory.parse().map_err(|error| Fault::Bug(format!("directory row: {error}")))?;
        let name = directories::get(services, &id).await?.domain;
        let domain = services.ad.get(&name).ok_or(LdapFault::UnknownDomain(name))?;
        let guids: Vec<_> = desktops.iter().filter_map(|desktop| desktop.new.person).map(PersonGuid).collect();
        let untied = desktops.iter().filter(|desktop| desktop.new.person.is_none());
        let accounts: Vec<_> = untied.map(|desktop| desktop.new.user_name.clone()).collect();
        let mut people = domain.by_guids(&guids).await?;
        people.extend(domain.by_names(&accounts).await?);
        let by_account = people.iter().map(|person| (person.account.to_lowercase(), person.guid)).collect();
        Ok(Self { by_guid: people.into_iter().map(|person| (person.guid, person)).collect(), by_account })
    }

    fn of(&self, person: Option<uuid::Uuid>, account: &str) -> Option<&Person> {
        let guid = person.map(PersonGuid).or_else(|| self.by_account.get(&account.to_lowercase()).copied())?;
        self.by_guid.get(&guid)
    }
}
