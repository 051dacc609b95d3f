//! Endings: which desktops are to end, and what is decided of them. `job` goes on with them by their days and has AWS asked, through
//! the engine of actions; `leavers` compares the fleet with Active Directory; `extend` is more time by a request.

mod extend;
pub(crate) mod job;
pub(crate) mod leavers;
mod store;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use model::{
    Conflict, EndingId, Error, PageRequest, RequestId,
    access::{Act, Actor},
    audit::{Action, Outcome},
    endings::{Course, Decision, Ending, EndingPage, Filter, Overview, State, Waiting},
};
use sqlx::PgConnection;

pub use extend::extend;
pub(crate) use extend::{Extension, carry_out as carry_out_extensions};
use store::{self as rows, Held, views};

use crate::{Services, audit, directories::scope_ids, fault::told, requests, workspaces::act};

/// The day it is where the directory is.
fn today(services: &Services, zone: Option<&str>) -> NaiveDate {
    day_of(services, services.clock.now(), zone)
}

/// The day it was then where the directory is.
fn day_of(services: &Services, at: DateTime<Utc>, zone: Option<&str>) -> NaiveDate {
    at.with_timezone(&services.settings.zone(zone)).date_naive()
}

/// One page of endings, for those who look after desktops; those who asked for desktops see theirs with the request.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn list(services: &Services, actor: &Actor, filter: Filter, page: PageRequest) -> model::Result<Overview> {
    let scope = scope_ids(&actor.scope(Act::SeeDesktops)?);
    let problems = views::problems(services, scope.as_deref()).await.map_err(told)?;
    let narrowing = views::Narrowing { scope, ..views::Narrowing::default() };
    let page = views::list(services, &filter, &narrowing, page).await.map_err(told)?;
    Ok(Overview { page, problems })
}

/// How many of each kind the start page shows.
const FEW: u32 = 5;
/// After how long it is somebody's business that AWS has not done what was asked for.
const OVERDUE: TimeDelta = TimeDelta::days(1);
/// More than a request has people.
const MOST: u32 = 1_000;

/// What waits for the actor, for the start page: ends of desktops that the actor asked for, of those of leavers, and those that do not
/// go on.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn waiting(services: &Services, actor: &Actor) -> model::Result<Waiting> {
    actor.authorize(Act::SeeToday)?;
    let few = PageRequest { number: 1, size: FEW };
    let find = async |narrowing| views::list(services, &Filter::default(), &narrowing, few).await.map_err(told);
    let mut waiting = Waiting::default();
    if actor.authorize(Act::DecideEndings).is_ok() {
        let page = find(views::Narrowing { owner: Some(actor.key().to_owned()), ..views::Narrowing::default() }).await?;
        (waiting.mine, waiting.mine_total) = (page.rows, page.total);
    }
    if let Ok(scope) = actor.scope(Act::ActOnWorkspaces) {
        let scope = scope_ids(&scope);
        let page = find(views::Narrowing { scope: scope.clone(), leavers: true, ..views::Narrowing::default() }).await?;
        (waiting.leavers, waiting.leavers_total) = (page.rows, page.total);
        let overdue = Some(services.clock.now() - OVERDUE);
        let page = find(views::Narrowing { scope, overdue, ..views::Narrowing::default() }).await?;
        (waiting.stuck, waiting.stuck_total) = (page.rows, page.total);
    }
    Ok(waiting)
}

/// The last ending of each of a request's desktops, for its page, which has authorized.
pub(crate) async fn of_request(services: &Services, request: RequestId) -> model::Result<Vec<Ending>> {
    let narrowing = views::Narrowing { request: Some(request), ..views::Narrowing::default() };
    let (all, page) = (Filter { over: true, ..Filter::default() }, PageRequest { number: 1, size: MOST });
    Ok(views::list(services, &all, &narrowing, page).await.map_err(told)?.rows)
}

/// Who looks at an ending.
struct Reader {
    /// Somebody who decides on the endings of this directory.
    staff: bool,
    /// Somebody who sees the desktops of this directory.
    watches: bool,
    /// Who asked for the desktop.
    owner: bool,
}

fn reader(actor: &Actor, held: &Held) -> Reader {
    let within = |act| actor.authorize_in(act, &held.directory).is_ok();
    let owner = held.owner.as_ref().is_some_and(|(key, _)| key == actor.key());
    Reader { staff: within(Act::ActOnWorkspaces), watches: within(Act::SeeDesktops), owner }
}

async fn found(services: &Services, actor: &Actor, id: EndingId) -> model::Result<(Held, Reader)> {
    let mut connection = services.db.acquire().await.map_err(told)?;
    let held = rows::read(&mut connection, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    let reader = reader(actor, &held);
    if reader.owner || reader.watches { Ok((held, reader)) } else { Err(Error::NotFound) }
}

/// One ending, for those who look after the desktop and for who asked for it.
///
/// # Errors
/// [`Error::NotFound`], also for those who may not see it; [`Error::NotAllowed`].
pub async fn get(services: &Services, actor: &Actor, id: EndingId) -> model::Result<EndingPage> {
    actor.authorize(Act::SeeEndings)?;
    let (held, reader) = found(services, actor, id).await?;
    let ending = about(services, id).await?;
    let extension = views::extension(services, id, actor.key()).await.map_err(told)?;
    let decides = actor.authorize(Act::DecideEndings).is_ok() && (reader.staff || reader.owner);
    let extends = reader.owner && extension.is_none() && extend::may(&held.course);
    let today = today(services, held.time_zone.as_deref());
    let from = today.succ_opt().filter(|_| extends);
    Ok(EndingPage {
        ending: ending.ok_or(Error::NotFound)?,
        workspace_state: held.workspace_state,
        decisions: if decides { held.course.decisions(reader.staff, today) } else { Vec::new() },
        extend_from: from.map(views::day),
        extension,
        staff: reader.watches,
    })
}

/// Decides on an ending: `seen` is the version that was looked at. The same decision sent again finds the first.
///
/// # Errors
/// [`Error::Conflict`] if it has gone on since or can't be decided so, [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn decide(services: &Services, actor: &Actor, id: EndingId, decision: Decision, seen: i64) -> model::Result<()> {
    actor.authorize(Act::DecideEndings)?;
    let (_, reader) = found(services, actor, id).await?;
    if !(reader.staff || reader.owner) {
        return Err(Error::NotAllowed { needs: Act::ActOnWorkspaces.roles().to_vec() });
    }
    let mut tx = services.db.begin().await.map_err(told)?;
    let held = rows::hold(&mut tx, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    if held.version != seen {
        let again = rows::is_replay(&mut tx, id, seen, actor.key(), decision).await.map_err(told)?;
        return if again { Ok(()) } else { Err(Error::conflict(Conflict::EndingChanged)) };
    }
    let today = today(services, held.time_zone.as_deref());
    let after = held.course.decide(decision, reader.staff, today).ok_or(Error::conflict(Conflict::EndingChanged))?;
    if decision == Decision::Undo {
        act::spare(&mut tx, services, held.batch).await.map_err(told)?;
    }
    rows::decided(&mut tx, actor, id, decision, seen).await.map_err(told)?;
    rows::keep(&mut tx, services, id, &after).await.map_err(told)?;
    let note = format!("{}: {}", held.name, said(decision, &after));
    let entry = record(Action::DecideEnding, &held, note.clone());
    audit::noted(&mut tx, services, actor, &entry, Outcome::Succeeded).await.map_err(told)?;
    if let Some(request) = held.request {
        requests::tell_ending(&mut tx, services, actor, request, &note).await.map_err(told)?;
    }
    job::wake(&mut tx, services.clock.now()).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

/// A decision in the words of the record.
fn said(decision: Decision, after: &Course) -> String {
    let word = decision.label().to_lowercase();
    match after.ends_on.filter(|_| after.state == State::Opening) {
        Some(until) => format!("{word}; open until {}", views::day(until)),
        None => word,
    }
}

/// One ending, for `notices`, which tells who asked for the desktop.
pub(crate) async fn about(services: &Services, id: EndingId) -> model::Result<Option<Ending>> {
    let narrowing = views::Narrowing { id: Some(id), ..views::Narrowing::default() };
    let all = Filter { over: true, ..Filter::default() };
    Ok(views::list(services, &all, &narrowing, PageRequest::default()).await.map_err(told)?.rows.pop())
}

/// Something of an ending that happens by itself: into the record, and the story of the request by which the desktop came.
async fn tell(tx: &mut PgConnection, services: &Services, held: &Held, what: &str) -> sqlx::Result<()> {
    let actor = on_behalf(held);
    let note = format!("{}: {what}", held.name);
    let entry = record(Action::EndDesktop, held, note.clone());
    audit::noted(tx, services, &actor, &entry, Outcome::Succeeded).await?;
    match held.request {
        Some(request) => requests::tell_ending(tx, services, &actor, request, &note).await,
        None => Ok(()),
    }
}

fn on_behalf(held: &Held) -> Actor {
    Actor::System { on_behalf_of: held.behalf().map(|(key, _)| key.clone()) }
}

fn record(action: Action, held: &Held, detail: String) -> audit::Record<'static> {
    let name = format!("{} of {}", held.workspace, held.name);
    let object = audit::Object { kind: "ending", id: held.id.to_string(), name };
    audit::Record { action, object, person: held.person, detail: Some(detail) }
}
