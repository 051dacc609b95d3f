//! One change at AWS that an admin asks for and waits for: intent, call, outcome.

use model::{
    Conflict, Error,
    access::Actor,
    audit::{Action, Outcome},
    directories::{Directory, IpGroup, refusal},
};
use sqlx::PgConnection;

use crate::{
    Services, audit,
    aws::AwsFault,
    budget::{self, Operation, Slot},
    fault::told,
};

/// What is changed, for the record and the budget.
pub(super) struct Change {
    pub action: Action,
    pub operation: Operation,
    pub object: audit::Object<'static>,
    pub detail: Option<String>,
}

impl Change {
    /// A setting of a directory.
    pub(super) fn of(directory: &Directory, what: &str, operation: Operation) -> Self {
        let object = object(directory);
        Self { action: Action::ChangeDirectory, operation, object, detail: Some(what.to_owned()) }
    }

    /// An IP access control group.
    pub(super) fn of_group(group: &IpGroup, what: &str, operation: Operation) -> Self {
        let object = audit::Object { kind: "ip_group", id: group.id.to_string(), name: group.name.clone() };
        Self { action: Action::ChangeIpGroup, operation, object, detail: Some(what.to_owned()) }
    }
}

pub(super) fn object(directory: &Directory) -> audit::Object<'static> {
    audit::Object { kind: "directory", id: directory.id.to_string(), name: directory.name.clone() }
}

/// Records that AWS is about to be asked. Should this process end before the answer comes, a sweep shows how it stands.
pub(super) async fn intend(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    record: &audit::Record<'_>,
) -> sqlx::Result<audit::Operation> {
    super::job::wake(tx, services.clock.now() + services.settings.claim_lease()).await?;
    audit::attempted(tx, services, actor, record).await
}

/// What is asked here, and in the steps of taking a directory down.
const ACTIONS: [Action; 5] = [
    Action::RegisterDirectory,
    Action::ChangeDirectory,
    Action::ChangeIpGroup,
    Action::DeregisterDirectory,
    Action::DeleteDirectory,
];

/// Whether AWS was asked and it is not known what came of it.
pub(super) async fn anything_waits(services: &Services) -> sqlx::Result<bool> {
    audit::any_open(services, &ACTIONS).await
}

/// Closes in the record what a process left open that ended while AWS was asked. The sweep that calls it has just kept how it
/// stands.
///
/// # Errors
/// The database's.
pub(super) async fn settle(services: &Services) -> sqlx::Result<()> {
    let left = audit::given_up(services, &ACTIONS, services.clock.now() - services.settings.claim_lease()).await?;
    if left > 0 {
        tracing::warn!(left, "changes at AWS were left without an outcome; their answers are not known");
    }
    Ok(())
}

/// Makes it. What AWS took is kept at once by `keep`, so that the page shows it before the next sweep does; where the answer
/// was lost, that sweep shows how it stands.
///
/// # Errors
/// [`Error::Busy`], [`Error::Unavailable`], [`Error::Refused`] with what AWS said, [`Conflict::AnswerLost`].
pub(super) async fn make<T>(
    services: &Services,
    actor: &Actor,
    change: Change,
    call: impl AsyncFnOnce(Slot) -> Result<T, AwsFault>,
    keep: impl AsyncFnOnce(&mut PgConnection, &T) -> sqlx::Result<()>,
) -> model::Result<T> {
    let slot = budget::take_for_person(&services.db, change.operation).await.map_err(told)?;
    let record = audit::Record { action: change.action, object: change.object, person: None, detail: change.detail };
    let mut tx = services.db.begin().await.map_err(told)?;
    let operation = intend(&mut tx, services, actor, &record).await.map_err(told)?;
    tx.commit().await.map_err(told)?;

    let answer = call(slot).await;

    let mut tx = services.db.begin().await.map_err(told)?;
    let outcome = match &answer {
        Ok(_) => Outcome::Succeeded,
        Err(AwsFault::Unknown(_)) => Outcome::Unknown,
        Err(_) => Outcome::Failed,
    };
    if let Ok(taken) = &answer {
        keep(&mut tx, taken).await.map_err(told)?;
    }
    audit::finished(&mut tx, services, actor, &record, operation, outcome).await.map_err(told)?;
    super::job::wake(&mut tx, services.clock.now()).await.map_err(told)?;
    tx.commit().await.map_err(told)?;
    answer.map_err(|fault| match fault {
        AwsFault::Refused { code, message } => Error::Refused { why: refusal(&code, &message) },
        AwsFault::Unknown(why) => {
            tracing::warn!(why, "the answer to a change at AWS was lost");
            Error::conflict(Conflict::AnswerLost)
        }
        fault @ (AwsFault::Throttled | AwsFault::NotSent(_)) => told(fault),
    })
}
