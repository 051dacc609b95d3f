//! Goes on with endings: by their days, and by what AWS shows of their desktops. Each look is a row held in one transaction, in which
//! an action is ordered from the engine (`workspaces::act`) at most once; what AWS shows decides, so a process that dies anywhere
//! loses nothing and does nothing twice.

use chrono::{DateTime, Days, TimeDelta, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    EndingId,
    endings::{self, ASKED, Cause, Course, State, Step},
    notices::Kind,
    workspaces::WorkspaceAction,
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    day_of, leavers, on_behalf,
    store::{self as rows, Held, New, views},
    tell, today,
};
use crate::{
    Fault, Services, cost_centres, db, notices, worker,
    workspaces::{self, act},
};

/// Notices temporary desktops that end soon, and takes each ending that is due a step further.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EndDesktops {}

impl TaskHandler for EndDesktops {
    const IDENTIFIER: &'static str = "end_desktops";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| work(services).await).await
    }
}

pub(super) async fn wake(tx: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<()> {
    db::wake(tx, EndDesktops::IDENTIFIER, EndDesktops::IDENTIFIER, serde_json::json!({}), at).await
}

/// How many endings one reading takes.
const AT_ONCE: i64 = 200;
/// How soon the engine's rows are looked at again, which costs AWS nothing.
const GLANCE: TimeDelta = TimeDelta::seconds(15);
/// How soon a desktop is looked at again that AWS takes nothing for.
const PAUSE: TimeDelta = TimeDelta::minutes(5);
/// How often it is looked whether a day has come.
const HOUR: TimeDelta = TimeDelta::hours(1);

async fn work(services: &Services) -> Result<(), Fault> {
    notice(services).await?;
    loop {
        let due = rows::due(services, AT_ONCE).await?;
        for id in &due {
            if let Err(fault) = step(services, *id).await {
                tracing::warn!(%fault, ending = %id, "an ending waits");
                let mut connection = services.db.acquire().await?;
                let words = "Something that it depends on does not answer; it is tried again.";
                rows::wait(&mut connection, *id, services.clock.now() + PAUSE, Some(words), None).await?;
            }
        }
        if due.is_empty() {
            break;
        }
    }
    if let Some(at) = rows::next_due(services).await? {
        let mut connection = services.db.acquire().await?;
        wake(&mut connection, at).await?;
    }
    Ok(())
}

/// Temporary desktops whose end is near. Somewhere it may be a day later than here.
async fn notice(services: &Services) -> Result<(), Fault> {
    let here = today(services, None);
    let Some(day) = here.checked_add_days(Days::new(ASKED + 1)) else { return Ok(()) };
    for new in rows::ending_by(services, day).await? {
        let mut tx = services.db.begin().await?;
        match rows::live_of(&mut tx, &new.workspace).await? {
            Some(id) => give_way(&mut tx, services, id, &new).await?,
            None => {
                rows::insert(&mut tx, services, &new, &Course::begin(Cause::Temporary, new.ends_on)).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}

/// The end of a leaver's desktop becomes that of a temporary one if nobody has decided on it: a desktop ends once at a time, and one
/// that nobody decides on would stay beyond its last day.
async fn give_way(tx: &mut PgConnection, services: &Services, id: EndingId, new: &New) -> Result<(), Fault> {
    let Some(before) = rows::hold(tx, id).await? else { return Ok(()) };
    let Some((last, after)) = new.ends_on.and_then(|last| Some((last, before.course.gives_way(last)?))) else { return Ok(()) };
    rows::turn(tx, services, id, new, &after).await?;
    let Some(held) = rows::read(tx, id).await? else { return Ok(()) };
    let cause = before.course.cause.label().to_lowercase();
    let what = format!("{cause}, and nobody has decided; it ends after its last day, {}, as it was asked for", views::day(last));
    Ok(tell(tx, services, &held, &what).await?)
}

async fn step(services: &Services, id: EndingId) -> Result<(), Fault> {
    let mut connection = services.db.acquire().await?;
    let Some(before) = rows::read(&mut connection, id).await? else { return Ok(()) };
    drop(connection);
    let day = today(services, before.time_zone.as_deref());
    // Who is back keeps the desktop, also on the very day on which it would go.
    let goes = before.course.is_served(day);
    let is_back = goes && before.course.cause != Cause::Temporary && leavers::is_back(services, &before).await?;
    // What AWS shows now, not what a sweep has read before.
    let asks = matches!(before.course.state, State::Holding | State::Opening | State::Terminating);
    if asks && act::under_way(services, &before.workspace).await?.is_none() {
        workspaces::look_again(services, &before.workspace).await?;
    }
    let mut tx = services.db.begin().await?;
    let Some(held) = rows::hold(&mut tx, id).await?.filter(|held| held.version == before.version) else { return Ok(()) };
    if is_back {
        back(&mut tx, services, &held).await?;
    } else if let Some(state) = held.course.on(day) {
        arrive(&mut tx, services, &held, Course { state, ..held.course }).await?;
    } else {
        look(&mut tx, services, &held).await?;
    }
    Ok(tx.commit().await?)
}

/// Its user is there again: it stays, at once or once it is open.
pub(super) async fn back(tx: &mut PgConnection, services: &Services, held: &Held) -> sqlx::Result<()> {
    let Some(after) = held.course.stays(State::Back) else { return Ok(()) };
    act::spare(tx, services, held.batch).await?;
    rows::keep(tx, services, held.id, &after).await?;
    tell(tx, services, held, "the user is back in Active Directory, so the desktop stays").await
}

/// A day, or AWS, has brought the ending into another state.
async fn arrive(tx: &mut PgConnection, services: &Services, held: &Held, after: Course) -> Result<(), Fault> {
    rows::keep(tx, services, held.id, &after).await?;
    if matches!(after.state, State::Terminated | State::Vanished) {
        for item in rows::items_of(tx, &held.workspace).await? {
            cost_centres::free(tx, services, item).await?;
        }
    }
    let mail = match after.state {
        State::Asked | State::AskedAgain => Some(Kind::EndsSoon),
        State::Held => Some(Kind::Held),
        // It can't be closed, and will be terminated all the same.
        State::Holding if held.course.state == State::Holding => Some(Kind::Held),
        _ => None,
    };
    if let Some((kind, request)) = mail.zip(held.request) {
        notices::of_ending(tx, services, request, held.id, kind).await?;
    }
    Ok(tell(tx, services, held, &news(held, &after)).await?)
}

/// What has become of it, for the record and the story of its request.
fn news(held: &Held, after: &Course) -> String {
    let until = after.ends_on.map(views::day).unwrap_or_default();
    let goes = match after.goes_on() {
        Some(day) => format!("it is terminated on {} unless that is undone", views::day(day)),
        None => "nobody has decided that it is terminated".to_owned(),
    };
    let says = &held.workspace_state;
    match (held.course.state, after.state) {
        (_, State::Asked | State::AskedAgain) => format!("ends on {until}; ask for more time, or let it go"),
        (State::Holding, State::Holding) => {
            format!("could not be closed yet, because AWS says {says}; the days of its hold count all the same: {goes}")
        }
        (State::Held, State::Holding) => "opened elsewhere, and is closed again".to_owned(),
        (_, State::Holding) => format!("ended on {until}, and is closed now"),
        (_, State::Held) => format!("held; {goes}"),
        (State::Holding, State::Terminating) => {
            format!("could not be closed in the seven days of its hold, because AWS says {says}, and is terminated now")
        }
        (_, State::Terminating) => "held for seven days, and is terminated now".to_owned(),
        (_, State::Noticed) => format!("open again until {until}; then it is held again, unless more time is approved before"),
        (_, State::Terminated) => "terminated; its costs are free again".to_owned(),
        (_, State::Vanished) => "not at AWS any more; somebody terminated it elsewhere".to_owned(),
        (_, state) => format!("{}: {}", state.label(), state.gloss()),
    }
}

/// What becomes of a hold that does not come about because AWS closes nothing in the state that it shows.
fn unclosed(services: &Services, held: &Held) -> Option<Course> {
    let zone = held.time_zone.as_deref();
    endings::is_stuck(&held.workspace_state, held.running_mode, held.course.cause.keeps_out())
        .then(|| held.course.unclosed(day_of(services, held.since, zone), today(services, zone)))?
}

/// How soon AWS is asked again for what it does not take: the longer it has not come about, the later.
fn patience(services: &Services, held: &Held) -> TimeDelta {
    ((services.clock.now() - held.since) / 8).clamp(PAUSE, HOUR)
}

/// Looks at the desktop as the mirror has it, and asks for what comes next.
async fn look(tx: &mut PgConnection, services: &Services, held: &Held) -> Result<(), Fault> {
    let (now, course) = (services.clock.now(), held.course);
    if act::under_way(services, &held.workspace).await?.is_some() {
        return Ok(rows::wait(tx, held.id, now + GLANCE, Some("AWS is at it."), None).await?);
    }
    if let Some(after) = unclosed(services, held) {
        return arrive(tx, services, held, after).await;
    }
    let (state, mode) = (held.workspace_state.as_str(), held.running_mode);
    let next = match course.state {
        State::Holding => endings::hold(state, mode, course.cause.keeps_out()),
        State::Opening => endings::open(state),
        State::Terminating => endings::terminate(state, mode),
        _ if endings::open(state) == Step::Gone => Step::Gone,
        State::Held if held.seen_since && matches!(endings::hold(state, mode, course.cause.keeps_out()), Step::Act(_)) => {
            // Somebody has opened it in the console. It is held again, and its days begin anew.
            return arrive(tx, services, held, Course { state: State::Holding, held_on: None, ..course }).await;
        }
        _ => return Ok(rows::wait(tx, held.id, now + HOUR, None, None).await?),
    };
    let again = rows::failed_at(tx, held.batch).await?.map(|at| at + patience(services, held)).filter(|at| *at > now);
    match next {
        Step::Gone => arrive(tx, services, held, Course { state: State::Vanished, opens_to: None, ..course }).await,
        Step::Done => arrive(tx, services, held, course.done(today(services, held.time_zone.as_deref()))).await,
        Step::Wait => {
            let words = format!("AWS says {state}; it goes on as soon as that is over.");
            Ok(rows::wait(tx, held.id, now + patience(services, held), Some(&words), None).await?)
        }
        Step::Act(action) => match again {
            None => order(tx, services, held, action).await,
            Some(again) => {
                let words = "AWS did not take the last action; it is asked again soon.";
                Ok(rows::wait(tx, held.id, again, Some(words), None).await?)
            }
        },
    }
}

/// Has the engine do it, as Frontdesk on behalf of who decided.
async fn order(tx: &mut PgConnection, services: &Services, held: &Held, action: WorkspaceAction) -> Result<(), Fault> {
    let reason = format!("{}: {}", held.course.cause.label(), held.course.state.label().to_lowercase());
    let whom = held.behalf().map(|(key, name)| (key.as_str(), name.as_str()));
    let workspaces = [held.workspace.to_string()];
    let batch = act::order(tx, services, &on_behalf(held), whom, action, &workspaces, &reason).await?;
    Ok(rows::wait(tx, held.id, services.clock.now() + GLANCE, None, batch).await?)
}
