//! What was approved becomes launches, one for each directory and desktop, on the day before it is needed or now. An approved request
//! has `launch_at` until that is done, so a process that dies in between loses nothing; and the launches, the ties to them and the end of
//! `launch_at` are one transaction on the held row, so nothing is launched twice.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    DirectoryId, Error, LaunchId, OfferingId, PersonGuid, RequestId,
    access::Actor,
    audit::{Action, Outcome},
    launches::{Desktop, DraftPerson},
    people::{Obstacle, Obstacles},
    requests::{EventKind, ItemState, State},
};
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{
    numbers, record, some_people,
    store::{
        items::{self, Item},
        process::{self as rows, Held, Told},
    },
};
use crate::{Fault, Services, audit, cost_centres, db, directories, endings, launches, offerings, people, worker};

/// How many due requests one run takes.
const AT_ONCE: i64 = 50;
/// When one is tried again that could not be launched.
const AGAIN: TimeDelta = TimeDelta::minutes(5);
/// When a directory is looked at again that takes no launches.
const WAIT: TimeDelta = TimeDelta::minutes(10);

/// What a launch needs that is read outside of a transaction.
pub(super) struct Prepared {
    batches: Vec<Batch>,
    obstacles: HashMap<PersonGuid, Obstacles>,
    /// Those whose directory is gone.
    lost: Vec<Item>,
    /// A directory takes no launches now.
    waits: bool,
}

/// Looks at those who would be approved, if their day has come. `None` if it has not, and if they can't be looked at now: then the job
/// launches them.
pub(super) async fn prepare(
    services: &Services,
    items: Vec<Item>,
    (needed_by, zone): (Option<NaiveDate>, Tz),
) -> Option<Prepared> {
    let now = services.clock.now();
    if needed_by.and_then(|day| the_day_before(day, zone)).is_some_and(|at| at > now) {
        return None;
    }
    look(services, items).await.inspect_err(|fault| tracing::warn!(%fault, "what is approved is launched later")).ok()
}

/// Has the request's desktops made, in the transaction that approves it: now if its day has come, else on that day.
pub(super) async fn begin(
    tx: &mut PgConnection,
    services: &Services,
    held: &Held,
    needed_by: Option<NaiveDate>,
    prepared: Option<Prepared>,
) -> Result<(), Fault> {
    extend(tx, services, held).await?;
    let now = services.clock.now();
    let at = needed_by.and_then(|day| the_day_before(day, held.zone)).map_or(now, |at| at.max(now));
    rows::set_launch_at(tx, held.id, Some(at)).await?;
    let job = LaunchRequests::IDENTIFIER;
    db::wake(tx, job, job, serde_json::json!({}), at).await?;
    match prepared {
        Some(prepared) => launch_all(tx, services, held, &prepared).await,
        None => Ok(()),
    }
}

/// Desktops for which more time was asked are there; only their ends move.
async fn extend(tx: &mut PgConnection, services: &Services, held: &Held) -> Result<(), Fault> {
    let all = items::all(tx, held.id).await?;
    let approved = |item: &&Item| held.process.items.contains(&(item.id, ItemState::Approved));
    let extensions: Vec<_> =
        all.iter().filter(approved).filter_map(|item| Some(endings::Extension { item: item.id, root: item.extends? })).collect();
    if extensions.is_empty() {
        return Ok(());
    }
    let lost = endings::carry_out_extensions(tx, services, held.ends_on, extensions).await?;
    let why = "the desktop is gone, or it was decided otherwise about its end";
    aside_all(tx, services, held, all.iter().filter(|item| lost.contains(&item.id)).collect(), why).await
}

/// The beginning of the day before, where who asked is.
fn the_day_before(needed_by: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    numbers::begin(needed_by.checked_sub_days(Days::new(1))?, zone)
}

/// Launches approved requests whose time has come.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LaunchRequests {}

impl TaskHandler for LaunchRequests {
    const IDENTIFIER: &'static str = "launch_requests";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, launch_due).await
    }
}

/// One that can't be launched now does not keep the others from it; the tick wakes the job again.
async fn launch_due(services: &Services) -> Result<(), Fault> {
    free_for_nothing(services).await?;
    for id in rows::due(services, AT_ONCE).await? {
        if let Err(fault) = carry_out(services, id).await {
            tracing::warn!(%fault, request = %id, "an approved request could not be launched; it is tried again");
            rows::put_off(services, id, services.clock.now() + AGAIN).await?;
        }
    }
    Ok(())
}

/// A desktop may be terminated by hand, with its directory or elsewhere, and a launch be canceled: nobody pays for it then.
async fn free_for_nothing(services: &Services) -> Result<(), Fault> {
    let items = items::paid_for_nothing(services).await?;
    if items.is_empty() {
        return Ok(());
    }
    let mut tx = services.db.begin().await?;
    for item in items {
        cost_centres::free(&mut tx, services, item).await?;
    }
    Ok(tx.commit().await?)
}

/// A group of rows that become one launch.
struct Batch {
    directory: DirectoryId,
    desktop: Desktop,
    people: Vec<Item>,
}

/// Looks at everybody once more, then launches those who can get a desktop and sets the others aside.
async fn carry_out(services: &Services, id: RequestId) -> Result<(), Fault> {
    let mut connection = services.db.acquire().await?;
    let due = rows::read(&mut connection, services, id).await?.filter(|held| is_due(services, held));
    let items = items::all(&mut connection, id).await?;
    drop(connection);
    if due.is_none() {
        return Ok(());
    }
    let approved = items.into_iter().filter(|item| item.state == ItemState::Approved && !item.launched).collect();
    let prepared = look(services, approved).await?;
    let mut tx = services.db.begin().await?;
    let Some(held) = rows::hold(&mut tx, services, id).await?.filter(|held| is_due(services, held)) else { return Ok(()) };
    launch_all(&mut tx, services, &held, &prepared).await?;
    Ok(tx.commit().await?)
}

async fn look(services: &Services, mut items: Vec<Item>) -> Result<Prepared, Fault> {
    items.retain(|item| item.extends.is_none());
    let (mut ready, mut lost, mut waits) = (Vec::new(), Vec::new(), false);
    for batch in batches(services, items).await? {
        match directories::get(services, &batch.directory).await {
            Err(Error::NotFound) => lost.extend(batch.people),
            // As launches by hand are refused then; these wait.
            Ok(directory) if directory.why_not().is_some() => waits = true,
            Ok(_) => ready.push(batch),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Prepared { obstacles: obstacles(services, &ready).await?, batches: ready, lost, waits })
}

/// Launches all batches, or none of them: where one of their people was launched by somebody else in this moment, the job looks again
/// and sets them aside.
async fn launch_all(tx: &mut PgConnection, services: &Services, held: &Held, prepared: &Prepared) -> Result<(), Fault> {
    if held.is_past(services) {
        let all = prepared.batches.iter().flat_map(|batch| &batch.people).chain(&prepared.lost).collect();
        aside_all(tx, services, held, all, "the last day that was asked for is over").await?;
        return Ok(rows::set_launch_at(tx, held.id, prepared.waits.then_some(services.clock.now() + WAIT)).await?);
    }
    let mut attempt = tx.begin().await?;
    aside_all(&mut attempt, services, held, prepared.lost.iter().collect(), "the directory is gone").await?;
    for batch in &prepared.batches {
        match launch(&mut attempt, services, held, batch, &prepared.obstacles).await {
            Ok(()) => {}
            Err(Fault::Database(sqlx::Error::Database(error))) if error.constraint() == Some("launch_item_live") => {
                return Ok(attempt.rollback().await?);
            }
            Err(fault) => return Err(fault),
        }
    }
    attempt.commit().await?;
    let next = prepared.waits.then(|| services.clock.now() + WAIT);
    Ok(rows::set_launch_at(tx, held.id, next).await?)
}

fn is_due(services: &Services, held: &Held) -> bool {
    held.process.state == State::Approved && held.launch_at.is_some_and(|at| at <= services.clock.now())
}

/// People by what they get.
async fn batches(services: &Services, items: Vec<Item>) -> Result<Vec<Batch>, Fault> {
    let mut by_offer: HashMap<(OfferingId, u32), Vec<Item>> = HashMap::new();
    for item in items {
        let offer = item.offering.ok_or_else(|| Fault::Bug("an approved row without an offering".to_owned()))?;
        by_offer.entry(offer).or_default().push(item);
    }
    let mut batches: Vec<Batch> = Vec::new();
    for ((offering, version), people) in by_offer {
        let version = offerings::version(services, offering, version).await?.version;
        let same = batches.iter_mut().find(|batch| batch.directory == version.directory && batch.desktop == version.desktop);
        match same {
            Some(batch) => batch.people.extend(people),
            None => batches.push(Batch { directory: version.directory, desktop: version.desktop, people }),
        }
    }
    Ok(batches)
}

/// What keeps people from a desktop now.
async fn obstacles(services: &Services, batches: &[Batch]) -> Result<HashMap<PersonGuid, Obstacles>, Fault> {
    let mut found = HashMap::new();
    for batch in batches {
        let guids: Vec<_> = batch.people.iter().map(|item| item.person).collect();
        let hits = people::hits(services, &batch.directory, &guids).await?;
        found.extend(hits.into_iter().map(|hit| (hit.person.guid, hit.obstacles)));
        for guid in guids {
            found.entry(guid).or_insert_with(|| vec![Obstacle::NotInDirectory]);
        }
    }
    Ok(found)
}

/// Sets aside who can't get a desktop, and launches the others as Frontdesk, on behalf of who asked.
async fn launch(
    tx: &mut PgConnection,
    services: &Services,
    held: &Held,
    batch: &Batch,
    obstacles: &HashMap<PersonGuid, Obstacles>,
) -> Result<(), Fault> {
    let actor = frontdesk(held);
    let mut people = Vec::new();
    let approved = |item: &&Item| held.process.items.contains(&(item.id, ItemState::Approved));
    for item in batch.people.iter().filter(approved) {
        match obstacles.get(&item.person).filter(|obstacles| !obstacles.is_empty()) {
            Some(obstacles) => {
                let why = obstacles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                set_aside(tx, services, &actor, held, item, &why).await?;
            }
            None => people.push(draft_person(item)),
        }
    }
    if people.is_empty() {
        return Ok(());
    }
    let launch = LaunchId(Uuid::now_v7());
    let starter = (held.owner.as_str(), held.owner_name.as_str());
    launches::begin_for(tx, services, &actor, starter, launch, (&batch.directory, &batch.desktop), &people).await?;
    let linked = items::link(tx, held.id, launch).await?;
    if usize::try_from(linked).ok() != Some(people.len()) {
        return Err(Fault::Bug(format!("{linked} of {} rows tied to launch {launch}", people.len())));
    }
    let note = some_people(people.len());
    let said = Told::note(&note);
    rows::tell(tx, services, &actor, held.id, EventKind::Launch, said).await?;
    let entry = record(Action::FulfilRequest, held.id, &held.owner_name, format!("launched {note}"));
    audit::noted(tx, services, &actor, &entry, Outcome::Succeeded).await?;
    Ok(())
}

fn draft_person(item: &Item) -> DraftPerson {
    DraftPerson {
        guid: item.person,
        account: item.account.clone(),
        name: item.name.clone(),
        mail: item.mail.clone(),
        department: item.department.clone(),
        bundle: None,
        tags: Vec::new(),
    }
}

/// Frontdesk, on behalf of who asked.
fn frontdesk(held: &Held) -> Actor {
    Actor::System { on_behalf_of: Some(held.owner.clone()) }
}

async fn aside_all(tx: &mut PgConnection, services: &Services, held: &Held, items: Vec<&Item>, why: &str) -> Result<(), Fault> {
    for item in items {
        set_aside(tx, services, &frontdesk(held), held, item, why).await?;
    }
    Ok(())
}

async fn set_aside(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    held: &Held,
    item: &Item,
    why: &str,
) -> Result<(), Fault> {
    if !items::set_aside(tx, item.id, why).await? {
        return Ok(());
    }
    cost_centres::free(tx, services, item.id).await?;
    let note = format!("{}: {why}", item.name);
    let said = Told::note(&note);
    rows::tell(tx, services, actor, held.id, EventKind::SetAside, said).await?;
    let entry = record(Action::FulfilRequest, held.id, &held.owner_name, format!("set aside {note}"));
    Ok(audit::noted(tx, services, actor, &entry, Outcome::Succeeded).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In Cairo the clocks went from 23:59 on 29 April 2027 to 1:00 on the 30th.
    #[test]
    fn a_day_without_a_midnight_begins_all_the_same() {
        let at = the_day_before(NaiveDate::from_ymd_opt(2027, 5, 1).unwrap(), chrono_tz::Africa::Cairo).unwrap();
        assert_eq!(at.to_rfc3339(), "2027-04-29T22:00:00+00:00");
    }
}
