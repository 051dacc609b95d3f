//! Queued rows to AWS, 25 a call.
//!
//! A slot of the budget is taken first, so that a claim's lease is not spent waiting; then the rows are claimed and the
//! intent is recorded in one transaction; then CreateWorkspaces is called; then the outcomes are written, each only if
//! the claim still holds. A row whose outcome is not known is left to `settle`.

use std::collections::HashMap;

use chrono::TimeDelta;
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    access::Actor,
    audit::{Action, Outcome},
    budget::Class,
    launches::{Hold, ItemState},
    workspaces::Tag,
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    poll, settle,
    store::{self, Claimed},
};
use crate::{
    Fault, Services,
    audit::{self, Operation},
    aws::{
        AwsFault,
        workspaces::{Created, Request},
    },
    budget, db, worker,
};

/// Sends what is queued until nothing is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendItems {}

impl TaskHandler for SendItems {
    const IDENTIFIER: &'static str = "send_items";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| send(services).await).await
    }
}

async fn send(services: &Services) -> Result<(), Fault> {
    while send_batch(services).await? {}
    // Rows of a directory whose DNS servers are being changed stand still.
    if let Some(thaws) = store::next_thaw(services).await? {
        wake(&mut *services.db.acquire().await?, thaws).await?;
    }
    Ok(())
}

pub(crate) async fn wake(tx: &mut PgConnection, at: chrono::DateTime<chrono::Utc>) -> sqlx::Result<()> {
    db::wake(tx, SendItems::IDENTIFIER, SendItems::IDENTIFIER, serde_json::json!({}), at).await
}

/// How long to wait when AWS can't be reached.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

/// Sends one batch. False when nothing can be sent now.
async fn send_batch(services: &Services) -> Result<bool, Fault> {
    if !store::anything_queued(services).await? {
        return Ok(false);
    }
    let slot = budget::take(&services.db, Class::Launch, budget::Operation::CreateWorkspaces).await?;
    let claim = Uuid::now_v7();
    let mut tx = services.db.begin().await?;
    let claimed = store::claim_queued(&mut tx, services, claim).await?;
    let mut operations = Vec::with_capacity(claimed.len());
    for item in &claimed {
        operations.push(audit::attempted(&mut tx, services, &actor(item), &record(item, None)).await?);
    }
    settle::wake(&mut tx, services.clock.now() + services.settings.claim_lease()).await?;
    announce(&mut tx, &claimed).await?;
    tx.commit().await?;
    if claimed.is_empty() {
        return Ok(true);
    }
    let requests: Vec<_> = claimed.iter().map(request).collect();
    let answer = services.aws.create_workspaces(slot, &requests).await;
    let reached = !matches!(answer, Err(AwsFault::NotSent(_)));
    let rows: Vec<_> = claimed.iter().zip(operations).collect();
    keep(services, claim, &rows, answer).await?;
    Ok(reached)
}

fn request(item: &Claimed) -> Request {
    let mut tags = item.tags.clone();
    tags.push(Tag { key: Tag::ITEM.to_owned(), value: item.id.to_string() });
    Request {
        directory: item.directory.clone(),
        user_name: item.account.clone(),
        bundle: item.bundle.clone(),
        running_mode: item.running_mode,
        volumes: item.volumes,
        encryption: item.encryption.clone(),
        tags,
    }
}

/// What the answer says of one row.
enum Verdict {
    Accepted(crate::aws::workspaces::Workspace),
    Failed {
        code: String,
        message: String,
    },
    /// AWS says the person has one: ours from a call whose answer was lost, or somebody else's. `settle` finds out.
    Exists {
        message: String,
    },
    /// AWS refuses the account, not the row: it stays, and its launch waits for somebody.
    Held {
        code: String,
        message: String,
    },
    NotSent,
    Unknown,
}

impl Verdict {
    fn refused(code: String, message: String) -> Self {
        if Hold::from_code(&code).is_some() {
            return Self::Held { code, message };
        }
        match code.as_str() {
            "ResourceExists.WorkSpace" => Self::Exists { message },
            _ => Self::Failed { code, message },
        }
    }
}

/// Writes the outcomes of one call, in one transaction.
async fn keep(
    services: &Services,
    claim: Uuid,
    rows: &[(&Claimed, Operation)],
    answer: Result<Created, AwsFault>,
) -> Result<(), Fault> {
    let reached = !matches!(answer, Err(AwsFault::NotSent(_)));
    let mut verdicts = verdicts(rows, answer);
    let now = services.clock.now();
    let mut tx = services.db.begin().await?;
    for (item, operation) in rows {
        let verdict = verdicts.remove(&item.id.0).unwrap_or(Verdict::Unknown);
        let (outcome, detail) = match verdict {
            Verdict::Accepted(workspace) => {
                crate::workspaces::store::keep(&mut tx, now, &workspace).await?;
                crate::workspaces::store::tie(&mut tx, &workspace.id, item.person, &item.name).await?;
                store::accepted(&mut tx, services, item.id, claim, &workspace.id).await?;
                (Outcome::Succeeded, Some(workspace.id))
            }
            Verdict::Failed { code, message } => {
                store::finish(&mut tx, services, item.id, claim, ItemState::Failed, None, Some((&code, &message))).await?;
                (Outcome::Failed, Some(code))
            }
            Verdict::Exists { message } => {
                store::unconfirmed(&mut tx, services, item.id, claim, now, Some(("ResourceExists.WorkSpace", &message))).await?;
                (Outcome::Unknown, Some("ResourceExists.WorkSpace".to_owned()))
            }
            Verdict::Held { code, message } => {
                store::unsend(&mut tx, services, item.id, claim).await?;
                store::pause(&mut tx, services, item.launch, &code, &message).await?;
                (Outcome::Failed, Some(format!("{code}, the launch waits")))
            }
            Verdict::NotSent => {
                store::unsend(&mut tx, services, item.id, claim).await?;
                (Outcome::Failed, Some("not taken, sent again later".to_owned()))
            }
            Verdict::Unknown => {
                store::unconfirmed(&mut tx, services, item.id, claim, now, None).await?;
                (Outcome::Unknown, None)
            }
        };
        audit::finished(&mut tx, services, &actor(item), &record(item, detail), *operation, outcome).await?;
    }
    settle::wake(&mut tx, now).await?;
    poll::wake(&mut tx, now + services.settings.launch.first_poll).await?;
    if !reached {
        wake(&mut tx, now + PAUSE).await?;
    }
    announce(&mut tx, rows.iter().map(|(item, _)| *item)).await?;
    tx.commit().await?;
    Ok(())
}

fn verdicts(rows: &[(&Claimed, Operation)], answer: Result<Created, AwsFault>) -> HashMap<Uuid, Verdict> {
    let every = |verdict: fn() -> Verdict| rows.iter().map(|(item, _)| (item.id.0, verdict())).collect();
    let created = match answer {
        Ok(created) => created,
        Err(AwsFault::Throttled) => return every(|| Verdict::NotSent),
        Err(AwsFault::NotSent(why)) => {
            tracing::warn!(why, "WorkSpaces was not reached");
            return every(|| Verdict::NotSent);
        }
        Err(AwsFault::Unknown(why)) => {
            tracing::warn!(why, "the answer to CreateWorkspaces was lost");
            return every(|| Verdict::Unknown);
        }
        Err(AwsFault::Refused { code, message }) => {
            let refused = |(item, _): &(&Claimed, Operation)| (item.id.0, Verdict::refused(code.clone(), message.clone()));
            return rows.iter().map(refused).collect();
        }
    };
    // AWS promises no order: directory and user name tell whose answer it is, and compare without case.
    let key = |directory: &str, user: &str| (directory.to_owned(), user.to_lowercase());
    let ids: HashMap<_, _> = rows.iter().map(|(item, _)| (key(&item.directory, &item.account), item.id.0)).collect();
    let mut verdicts = HashMap::new();
    for workspace in created.pending {
        if let Some(id) = ids.get(&key(&workspace.directory, &workspace.user_name)) {
            verdicts.insert(*id, Verdict::Accepted(workspace));
        }
    }
    for failed in created.failed {
        if let Some(id) = ids.get(&key(&failed.directory, &failed.user_name)) {
            verdicts.entry(*id).or_insert(Verdict::refused(failed.code, failed.message));
        }
    }
    verdicts
}

async fn announce(tx: &mut PgConnection, items: impl IntoIterator<Item = &Claimed>) -> sqlx::Result<()> {
    let mut launches: Vec<_> = items.into_iter().map(|item| item.launch).collect();
    launches.sort_unstable();
    launches.dedup();
    for launch in launches {
        db::announce(tx, db::Topic::Launch(launch)).await?;
    }
    Ok(())
}

fn actor(item: &Claimed) -> Actor {
    Actor::System { on_behalf_of: Some(item.started_by.clone()) }
}

fn record(item: &Claimed, detail: Option<String>) -> audit::Record<'static> {
    audit::Record {
        action: Action::CreateWorkspace,
        object: audit::Object { kind: "launch", id: item.launch.to_string(), name: item.name.clone() },
        person: Some(item.person),
        detail,
    }
}
