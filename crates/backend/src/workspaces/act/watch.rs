//! Looks at the WorkSpaces of rows that AWS took, and of those whose outcome is not known because the process died between
//! intent and answer, or the answer was lost. 25 a call of DescribeWorkspaces, both kinds together.
//!
//! What AWS shows decides. Doing the same again is harmless for every action but a reboot, so a row that AWS shows untouched
//! after a while is sent again; a reboot only while one that was taken could still be seen.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    budget::Class,
    workspaces::{ActionFailure, ActionState, Sign, WorkspaceAction},
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    send,
    store::engine::{self, Watched},
};
use crate::{Fault, Services, aws::workspaces::Workspace, budget, db, worker, workspaces::store as fleet};

/// Looks at every row that is due.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WatchActions {}

impl TaskHandler for WatchActions {
    const IDENTIFIER: &'static str = "watch_actions";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| watch(services).await).await
    }
}

/// How long AWS may take to show that it has begun; before that, an untouched WorkSpace says nothing.
const LAG: TimeDelta = TimeDelta::seconds(30);
/// A reboot lasts longer than this. A later look could not tell one that is over from one that was never begun.
const REBOOT: TimeDelta = TimeDelta::seconds(120);
/// When to give up waiting.
const TIME_LIMIT: TimeDelta = TimeDelta::minutes(30);

async fn watch(services: &Services) -> Result<(), Fault> {
    while watch_call(services).await? {}
    if let Some(next) = engine::next_look(services).await? {
        let mut connection = services.db.acquire().await?;
        wake(&mut connection, next).await?;
    }
    Ok(())
}

pub(crate) async fn wake(tx: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<()> {
    db::wake(tx, WatchActions::IDENTIFIER, WatchActions::IDENTIFIER, serde_json::json!({}), at).await
}

/// Wakes for the first look at what was just taken.
pub(super) async fn wake_for_polls(tx: &mut PgConnection, services: &Services) -> sqlx::Result<()> {
    wake(tx, services.clock.now() + services.settings.launch.first_poll).await
}

/// Looks at up to 25 WorkSpaces. False when none is due.
async fn watch_call(services: &Services) -> Result<bool, Fault> {
    if !engine::anything_due(services).await? {
        return Ok(false);
    }
    let slot = budget::take(&services.db, Class::Poll, budget::Operation::DescribeWorkspaces).await?;
    // Claims, and putting off the next look, keep two workers from looking at the same rows.
    let watched = engine::take_due(services, |polls| services.settings.launch.pause(polls)).await?;
    if watched.is_empty() {
        return Ok(true);
    }
    let ids: Vec<_> = watched.iter().map(|item| item.workspace.clone()).collect();
    let found = match services.aws.workspaces_by_id(slot, &ids).await {
        Ok(found) => found,
        Err(fault) => {
            tracing::warn!(%fault, "WorkSpaces could not be looked at; the next look is in a while");
            return Ok(true);
        }
    };
    let found: HashMap<_, _> = found.into_iter().map(|workspace| (workspace.id.clone(), workspace)).collect();
    for item in &watched {
        keep(services, item, found.get(&item.workspace)).await?;
    }
    Ok(true)
}

/// What a look comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Finding {
    Done,
    /// AWS is at it.
    Moving,
    /// Nothing can be said before then.
    Wait(DateTime<Utc>),
    /// AWS did not take it.
    Again,
    Failed(&'static str, String),
}

/// Judges a row by what AWS shows; `lag` is how long it may not show a new WorkSpace.
fn judge(item: &Watched, found: Option<&Workspace>, now: DateTime<Utc>, lag: Duration) -> Finding {
    let state = found.map(|workspace| workspace.state.as_str());
    let over = now > item.since + TIME_LIMIT;
    let said = || format!("AWS says {}.", state.unwrap_or("nothing"));
    match item.action.sign(state) {
        // Not seen may mean not yet shown: it is believed of what AWS took, and otherwise after the lag.
        Sign::There if found.is_none() && item.is_lost() && now < item.sent_at + lag => Finding::Wait(item.sent_at + lag),
        Sign::There => Finding::Done,
        Sign::Moving if over => Finding::Failed(ActionFailure::TIME_LIMIT, said()),
        Sign::Moving => Finding::Moving,
        Sign::Gone => Finding::Failed(ActionFailure::VANISHED, said()),
        Sign::Elsewhere if state == Some("ERROR") => {
            let why = found.and_then(|workspace| workspace.error_message.as_deref()).unwrap_or("no reason given");
            Finding::Failed(ActionFailure::OTHER_STATE, format!("ERROR: {why}"))
        }
        Sign::Untouched => untouched(item, state, now, over),
        Sign::Elsewhere if over => Finding::Failed(ActionFailure::TIME_LIMIT, said()),
        Sign::Elsewhere => Finding::Wait(now + LAG),
    }
}

/// A WorkSpace in a state from which the action starts.
fn untouched(item: &Watched, state: Option<&str>, now: DateTime<Utc>, over: bool) -> Finding {
    let said = || format!("AWS says {}.", state.unwrap_or("nothing"));
    let reboot = item.action == WorkspaceAction::Reboot;
    if item.is_lost() {
        return match now - item.sent_at {
            since if since < LAG => Finding::Wait(item.sent_at + LAG),
            since if reboot && since >= REBOOT => Finding::Failed(ActionFailure::NOT_KNOWN, said()),
            _ => Finding::Again,
        };
    }
    let seen = item.moved || now >= item.sent_at + REBOOT;
    match state {
        Some("AVAILABLE") if reboot && seen => Finding::Done,
        _ if over => Finding::Failed(ActionFailure::TIME_LIMIT, said()),
        // AWS lets one in ERROR be stopped, but a stop ends there too.
        Some("ERROR") if item.action == WorkspaceAction::Stop && now >= item.sent_at + LAG => {
            Finding::Failed(ActionFailure::OTHER_STATE, said())
        }
        // It was on its way and is back: somebody else did something to it, or its user signed in.
        _ if item.moved && !reboot => Finding::Failed(ActionFailure::OTHER_STATE, said()),
        _ => Finding::Wait(now + LAG),
    }
}

/// Writes what AWS shows of one row; the mirror follows.
async fn keep(services: &Services, item: &Watched, found: Option<&Workspace>) -> Result<(), Fault> {
    let now = services.clock.now();
    let finding = judge(item, found, now, services.settings.launch.visibility_lag);
    let mut tx = services.db.begin().await?;
    if let Some(workspace) = found {
        fleet::keep(&mut tx, now, workspace).await?;
    }
    match (finding, item.claim) {
        (Finding::Done, claim) => {
            engine::finish(&mut tx, services, item.id, claim, ActionState::Done, None).await?;
            if item.action == WorkspaceAction::Terminate {
                fleet::gone(&mut tx, now, &item.workspace).await?;
            }
        }
        (Finding::Failed(code, message), claim) => {
            engine::finish(&mut tx, services, item.id, claim, ActionState::Failed, Some((code, &message))).await?;
        }
        (Finding::Moving, Some(claim)) => engine::accepted(&mut tx, services, item.id, claim, true).await?,
        (Finding::Moving, None) => engine::moved(&mut tx, item.id).await?,
        (Finding::Wait(until), Some(claim)) => engine::lease_until(&mut tx, item.id, claim, until).await?,
        (Finding::Again, Some(claim)) => {
            engine::unsend(&mut tx, services, item.id, claim).await?;
            send::wake(&mut tx, now).await?;
        }
        // What AWS took is looked at again anyway.
        (Finding::Wait(_) | Finding::Again, None) => {}
    }
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SHOWN_AFTER: Duration = Duration::from_secs(300);

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_900_000_000 + seconds, 0).unwrap()
    }

    /// A row that was sent at second 0, and taken at once unless it is lost.
    fn row(action: WorkspaceAction, lost: bool, moved: bool) -> Watched {
        let claim = lost.then(Uuid::nil);
        Watched { id: Uuid::nil(), action, workspace: "ws-0a1b2c3d4".into(), claim, sent_at: at(0), since: at(0), moved }
    }

    fn seen(state: &str) -> Workspace {
        Workspace {
            id: "ws-0a1b2c3d4".into(),
            directory: "d-906731a2b4".into(),
            user_name: "marta".into(),
            bundle: None,
            state: state.into(),
            error_code: None,
            error_message: None,
            computer_name: None,
            running_mode: None,
            auto_stop_minutes: None,
            root_gib: None,
            user_gib: None,
            encrypted_root: false,
            encrypted_user: false,
        }
    }

    fn finding(item: &Watched, state: Option<&str>, seconds: i64) -> Finding {
        judge(item, state.map(seen).as_ref(), at(seconds), SHOWN_AFTER)
    }

    #[test]
    fn a_reboot_is_sent_again_only_while_it_could_be_seen() {
        let lost = row(WorkspaceAction::Reboot, true, false);
        assert_eq!(finding(&lost, Some("REBOOTING"), 5), Finding::Moving);
        assert_eq!(finding(&lost, Some("AVAILABLE"), 5), Finding::Wait(at(30)));
        assert_eq!(finding(&lost, Some("AVAILABLE"), 45), Finding::Again);
        assert!(matches!(finding(&lost, Some("AVAILABLE"), 600), Finding::Failed(ActionFailure::NOT_KNOWN, _)));
    }

    #[test]
    fn a_reboot_is_over_when_it_was_seen_or_had_the_time() {
        let taken = row(WorkspaceAction::Reboot, false, false);
        assert!(matches!(finding(&taken, Some("AVAILABLE"), 30), Finding::Wait(_)));
        assert_eq!(finding(&taken, Some("AVAILABLE"), 130), Finding::Done);
        assert!(matches!(finding(&taken, Some("UNHEALTHY"), 130), Finding::Wait(_)));
        assert_eq!(finding(&row(WorkspaceAction::Reboot, false, true), Some("AVAILABLE"), 30), Finding::Done);
    }

    #[test]
    fn what_is_not_shown_is_terminated_only_if_aws_took_it_or_must_show_it() {
        assert_eq!(finding(&row(WorkspaceAction::Terminate, false, false), None, 1), Finding::Done);
        let lost = row(WorkspaceAction::Terminate, true, false);
        assert_eq!(finding(&lost, None, 1), Finding::Wait(at(300)));
        assert_eq!(finding(&lost, None, 301), Finding::Done);
        assert_eq!(finding(&lost, Some("AVAILABLE"), 60), Finding::Again);
    }

    #[test]
    fn nothing_is_waited_for_without_end() {
        let taken = row(WorkspaceAction::Stop, false, false);
        assert!(matches!(finding(&taken, Some("AVAILABLE"), 60), Finding::Wait(_)));
        for state in ["AVAILABLE", "STOPPING", "UPDATING"] {
            assert!(matches!(finding(&taken, Some(state), 1_801), Finding::Failed(ActionFailure::TIME_LIMIT, _)), "{state}");
        }
        let back = finding(&row(WorkspaceAction::Stop, false, true), Some("AVAILABLE"), 60);
        assert!(matches!(back, Finding::Failed(ActionFailure::OTHER_STATE, _)));
        let broken = finding(&row(WorkspaceAction::Start, false, true), Some("ERROR"), 60);
        assert!(matches!(broken, Finding::Failed(ActionFailure::OTHER_STATE, _)));
        let vanished = finding(&taken, None, 60);
        assert!(matches!(vanished, Finding::Failed(ActionFailure::VANISHED, _)));
    }
}
