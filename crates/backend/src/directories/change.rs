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
    let operation = audit::attempted(&mut tx, services, actor, &record).await.map_err(told)?;
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
