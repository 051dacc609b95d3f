//! What waits for a decision too long: those who are asked are reminded, then somebody else is asked too. Each look is a row held in one
//! transaction, so two workers chase nobody twice.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    RequestId,
    access::Actor,
    audit::{Action, Outcome},
    notices::Kind,
    requests::{Chase, EventKind, State, Waited},
};
use serde::{Deserialize, Serialize};

use super::{
    record,
    store::{
        patience::{self as waits, Waiting},
        process::{self as rows, Told},
    },
};
use crate::{Fault, Services, audit, notices, worker};

/// How many requests one run looks at; a company that leaves more undecided is chased over several minutes.
const AT_ONCE: i64 = 1_000;
/// Nothing is due sooner than this after the last time.
const SOONEST: TimeDelta = TimeDelta::hours(12);
/// When a working day begins: nobody is reminded at night.
const MORNING: TimeDelta = TimeDelta::hours(8);

/// Chases requests that wait for too long.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChaseRequests {}

impl TaskHandler for ChaseRequests {
    const IDENTIFIER: &'static str = "chase_requests";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| work(services).await).await
    }
}

async fn work(services: &Services) -> Result<(), Fault> {
    let now = services.clock.now();
    for (id, waiting) in waits::waiting_since(services, now - SOONEST, AT_ONCE).await? {
        let due = services.settings.requests.due(waited(services, &waiting), day(services, now - MORNING));
        if let Some(chase) = due
            && let Err(fault) = self::chase(services, id, &waiting, chase).await
        {
            tracing::warn!(%fault, request = %id, "nobody is reminded of a request now; it is tried again");
        }
    }
    Ok(())
}

/// The day it is then where the installation is.
fn day(services: &Services, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&services.settings.time_zone).date_naive()
}

fn waited(services: &Services, waiting: &Waiting) -> Waited {
    let day = |at| day(services, at);
    Waited { since: day(waiting.since), reminded: waiting.reminded_at.map(day), escalated: waiting.escalated_at.map(day) }
}

async fn chase(services: &Services, id: RequestId, waiting: &Waiting, chase: Chase) -> Result<(), Fault> {
    let mut tx = services.db.begin().await?;
    let held = rows::hold(&mut tx, services, id).await?.filter(|held| held.process.state == State::Waiting);
    let Some(mut held) = held else { return Ok(()) };
    if !waits::chased(&mut tx, services, id, waiting, chase == Chase::Escalate).await? {
        return Ok(());
    }
    let frontdesk = Actor::System { on_behalf_of: None };
    let patience = services.settings.requests;
    let escalated = chase == Chase::Escalate && held.process.escalate(patience.escalate_after);
    // Where nobody is left to ask, those who are asked hear of it again, if they are reminded at all.
    if !escalated && patience.remind_after == 0 {
        return Ok(tx.commit().await?);
    }
    let (event, kind) = if escalated {
        rows::keep(&mut tx, services, id, &held.process, frontdesk.name()).await?;
        (EventKind::Escalate, Kind::Escalated)
    } else {
        (EventKind::Remind, Kind::Reminded)
    };
    let asked = held.process.waiting().and_then(|(_, stage)| stage.deciders.as_ref()).map(|asked| asked.sentence());
    let note = asked.unwrap_or_default();
    rows::tell(&mut tx, services, &frontdesk, id, event, Told::note(&note)).await?;
    let detail = format!("{}: {note}", event.label().to_lowercase());
    audit::noted(&mut tx, services, &frontdesk, &record(Action::ChaseRequest, id, &held.owner_name, detail), Outcome::Succeeded)
        .await?;
    notices::to_deciders(&mut tx, services, id, kind).await?;
    Ok(tx.commit().await?)
}
