//! Queued rows to AWS, as many a call as it takes of one action.
//!
//! A slot of the budget is taken first, then the rows are claimed and the intent is recorded in one transaction, then AWS is
//! called, then the outcomes are written, each only if the claim still holds. A row whose outcome is not known is left to
//! `watch`.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    access::Actor,
    audit::{Action, Outcome},
    budget::Class,
    workspaces::{ActionState, WorkspaceAction},
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    store::engine::{self, Claimed},
    watch,
};
use crate::{
    Fault, Services,
    audit::{self, Operation},
    aws::{AwsFault, actions::Refused},
    budget, db, worker,
};

/// Sends what is queued until nothing is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendActions {}

impl TaskHandler for SendActions {
    const IDENTIFIER: &'static str = "send_actions";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| send(services).await).await
    }
}

async fn send(services: &Services) -> Result<(), Fault> {
    while send_call(services).await? {}
    Ok(())
}

pub(crate) async fn wake(tx: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<()> {
    db::wake(tx, SendActions::IDENTIFIER, SendActions::IDENTIFIER, serde_json::json!({}), at).await
}

/// How long to wait when AWS can't be reached.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

/// Sends as many rows as one call takes. False when nothing can be sent now.
async fn send_call(services: &Services) -> Result<bool, Fault> {
    let Some(action) = engine::next_action(services).await? else { return Ok(false) };
    let slot = budget::take(&services.db, Class::Launch, budget::Operation::of(action)).await?;
    let claim = Uuid::now_v7();
    let mut tx = services.db.begin().await?;
    let claimed = engine::claim_queued(&mut tx, services, claim, action).await?;
    let mut operations = Vec::with_capacity(claimed.len());
    for item in &claimed {
        operations.push(audit::attempted(&mut tx, services, &actor(item), &record(action, item, None)).await?);
    }
    watch::wake(&mut tx, services.clock.now() + services.settings.claim_lease()).await?;
    tx.commit().await?;
    if claimed.is_empty() {
        return Ok(true);
    }
    let ids: Vec<_> = claimed.iter().map(|item| item.workspace.clone()).collect();
    let answer = services.aws.act(slot, action, &ids).await;
    let reached = !matches!(answer, Err(AwsFault::NotSent(_)));
    let rows: Vec<_> = claimed.iter().zip(operations).collect();
    keep(services, claim, action, &rows, verdicts(answer)).await?;
    if !reached {
        let mut connection = services.db.acquire().await?;
        wake(&mut connection, services.clock.now() + PAUSE).await?;
    }
    Ok(reached)
}

/// What the answer says of a row.
#[derive(Debug, Clone)]
enum Verdict {
    Accepted,
    Failed { code: String, message: String },
    NotSent,
    Unknown,
}

/// What it says of all rows, and of those that it names.
type Verdicts = (Verdict, HashMap<String, Verdict>);

fn verdicts(answer: Result<Vec<Refused>, AwsFault>) -> Verdicts {
    let all = match answer {
        Ok(refused) => {
            let failed = refused.into_iter().map(|Refused { workspace, code, message }| {
                let throttled = crate::aws::THROTTLING.contains(&code.as_str());
                (workspace, if throttled { Verdict::NotSent } else { Verdict::Failed { code, message } })
            });
            return (Verdict::Accepted, failed.collect());
        }
        Err(AwsFault::Throttled) => Verdict::NotSent,
        Err(AwsFault::NotSent(why)) => {
            tracing::warn!(why, "WorkSpaces was not reached");
            Verdict::NotSent
        }
        Err(AwsFault::Unknown(why)) => {
            tracing::warn!(why, "the answer to an action on WorkSpaces was lost");
            Verdict::Unknown
        }
        Err(AwsFault::Refused { code, message }) => Verdict::Failed { code, message },
    };
    (all, HashMap::new())
}

/// Writes the outcomes of one call, in one transaction.
async fn keep(
    services: &Services,
    claim: Uuid,
    action: WorkspaceAction,
    rows: &[(&Claimed, Operation)],
    (all, named): Verdicts,
) -> Result<(), Fault> {
    let now = services.clock.now();
    let mut tx = services.db.begin().await?;
    for (item, operation) in rows {
        let (outcome, detail) = match named.get(&item.workspace).unwrap_or(&all) {
            Verdict::Accepted => {
                engine::accepted(&mut tx, services, item.id, claim, false).await?;
                (Outcome::Succeeded, None)
            }
            Verdict::Failed { code, message } => {
                let failure = Some((code.as_str(), message.as_str()));
                engine::finish(&mut tx, services, item.id, Some(claim), ActionState::Failed, failure).await?;
                (Outcome::Failed, Some(code.clone()))
            }
            Verdict::NotSent => {
                engine::unsend(&mut tx, services, item.id, claim).await?;
                (Outcome::Failed, Some("not taken, sent again later".to_owned()))
            }
            Verdict::Unknown => {
                engine::unconfirmed(&mut tx, services, item.id, claim).await?;
                (Outcome::Unknown, None)
            }
        };
        audit::finished(&mut tx, services, &actor(item), &record(action, item, detail), *operation, outcome).await?;
    }
    watch::wake(&mut tx, now).await?;
    watch::wake_for_polls(&mut tx, services).await?;
    Ok(tx.commit().await?)
}

fn actor(item: &Claimed) -> Actor {
    Actor::System { on_behalf_of: Some(item.asked_by.clone()) }
}

fn record(action: WorkspaceAction, item: &Claimed, detail: Option<String>) -> audit::Record<'static> {
    audit::Record {
        action: Action::from(action),
        object: audit::Object { kind: "batch", id: item.batch.to_string(), name: format!("{} of {}", item.workspace, item.name) },
        person: item.person,
        detail,
    }
}
