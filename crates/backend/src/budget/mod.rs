//! The rates that all replicas share, kept in PostgreSQL, and what became of every call.
//!
//! GCRA: one row a service holds the time at which the next call is due. Taking a slot is one UPDATE that either moves
//! that time on or changes nothing. Only the database's clock counts, so replicas need not agree on the time.
//!
//! A [`Slot`] is taken for one call and makes it: there the call is counted, and there everybody is held back if AWS throttles.

mod service;
mod store;
#[cfg(test)]
mod tests;

use std::{
    future::Future,
    time::{Duration, Instant},
};

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use model::{
    Error,
    access::{Act, Actor},
    budget::{Class, Counts, Status},
};
use sqlx::PgPool;
use uuid::Uuid;

pub(crate) use self::service::Operation;
use self::service::{BURST, CHOSEN, Service};
use crate::{
    Fault, Services,
    aws::{self, AwsFault},
    fault::told,
};

/// Who asks for a slot, and what for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    service: Service,
    operation: Operation,
    class: Class,
}

/// The right to make one call. The adapters want one for each.
#[derive(Debug)]
#[must_use = "a slot that is not used is a call that nobody else could make"]
pub(crate) struct Slot {
    /// Where the call is counted; `None` for [`Turns::Paused`].
    db: Option<PgPool>,
    asked: Asked,
    waited: Duration,
}

/// Waits for a slot of the operation's service and takes it. A listing of EC2 takes one: EC2 tells a thousand at once, and more
/// come in further pages of the same.
pub(crate) async fn take(db: &PgPool, class: Class, operation: Operation) -> sqlx::Result<Slot> {
    acquire(db, Asked { service: operation.service(), operation, class }).await
}

/// How long somebody who waits for an answer waits for their turn.
const PATIENCE: Duration = Duration::from_secs(3);

/// Waits a moment for a slot, for somebody who looks at the page.
///
/// # Errors
/// [`Error::Busy`] when it is not their turn soon; the database's.
pub(crate) async fn take_for_person(db: &PgPool, operation: Operation) -> Result<Slot, Fault> {
    match tokio::time::timeout(PATIENCE, take(db, Class::Person, operation)).await {
        Ok(slot) => Ok(slot?),
        Err(_) => Err(Error::Busy { retry_after_seconds: 5 }.into()),
    }
}

/// How somebody who asks AWS for several things keeps to its rates.
#[derive(Debug, Clone, Copy)]
pub enum Turns<'a> {
    /// By the budget that all processes share.
    Shared(&'a PgPool),
    /// By a pause before each call: the database, which holds the budget, may be what is the matter.
    Paused,
}

/// Keeps well below the rates of WorkSpaces and Directory Service.
const PAUSE: Duration = Duration::from_millis(600);

impl Turns<'_> {
    /// A turn at EC2.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn take_ec2(self, operation: Operation) -> sqlx::Result<Slot> {
        match self {
            Self::Shared(db) => take(db, Class::Person, operation).await,
            Self::Paused => {
                let asked = Asked { service: Service::Ec2, operation, class: Class::Person };
                Ok(Slot { db: None, asked, waited: Duration::ZERO })
            }
        }
    }

    /// # Errors
    /// As [`take_for_person`].
    pub(crate) async fn take(self, operation: Operation) -> Result<Slot, Fault> {
        match self {
            Self::Shared(db) => take_for_person(db, operation).await,
            Self::Paused => {
                tokio::time::sleep(PAUSE).await;
                let asked = Asked { service: operation.service(), operation, class: Class::Person };
                Ok(Slot { db: None, asked, waited: PAUSE })
            }
        }
    }
}

/// Waits for a slot at the account's sending rate.
pub(crate) async fn take_mail(db: &PgPool, per_second: f64) -> sqlx::Result<Slot> {
    acquire(db, Asked { service: Service::Ses { per_second }, operation: Operation::SendEmail, class: Class::Launch }).await
}

/// The longest sleep between two looks; with each, who waits is seen again.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

async fn acquire(db: &PgPool, asked: Asked) -> sqlx::Result<Slot> {
    let (began, ahead) = (Instant::now(), asked.service.ahead(asked.class));
    let mut waiter = Waiter { db: db.clone(), id: Uuid::now_v7(), seen: false };
    loop {
        if store::take(db, asked.service.key(), asked.service.interval(), ahead).await? {
            return Ok(Slot { db: Some(db.clone()), asked, waited: began.elapsed() });
        }
        waiter.show(asked).await;
        let wait = store::due_in(db, asked.service.key()).await?.saturating_sub(ahead);
        tokio::time::sleep(wait.min(LONGEST_SLEEP) + Duration::from_millis(rand::random_range(5..25))).await;
    }
}

/// The row by which others see that somebody waits. It goes when they wait no more, also because they gave up.
struct Waiter {
    db: PgPool,
    id: Uuid,
    seen: bool,
}

impl Waiter {
    async fn show(&mut self, asked: Asked) {
        self.seen = true;
        let shown = store::show_waiter(&self.db, self.id, asked.service.key(), asked.operation.as_str(), asked.class).await;
        if let Err(error) = shown {
            tracing::warn!(%error, "who waits for the API budget could not be shown");
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if self.seen {
            let (db, id) = (self.db.clone(), self.id);
            beside(async move { store::hide_waiter(&db, id).await });
        }
    }
}

/// Writes a figure beside the caller: nothing that depends on the call may wait for it or fail with it.
fn beside(write: impl Future<Output = sqlx::Result<()>> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move {
            if let Err(error) = write.await {
                tracing::warn!(%error, "a figure of the API budget was not kept");
            }
        });
    }
}

impl Slot {
    /// Makes the call that this slot is for. What comes of it is counted, also if nobody waits for it any more; when AWS
    /// throttles, everybody is held back before the caller hears of it.
    ///
    /// # Errors
    /// What the failed call means.
    pub(crate) async fn call<T, E>(
        self,
        operation: Operation,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, AwsFault>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        debug_assert_eq!(self.asked.operation, operation, "the slot was taken for another operation");
        // A call that is given up on may have done its work.
        let mut call_made = CallMade { slot: self, came_of_it: Counts { unknown: 1, ..Counts::default() } };
        let answer = call.await.map_err(aws::fault);
        call_made.came_of_it = came_of(&answer);
        if let (Err(AwsFault::Throttled), Self { db: Some(db), asked, .. }) = (&answer, &call_made.slot)
            && let Err(error) = hold_back(db, asked.service).await
        {
            tracing::error!(%error, "AWS throttles, and nobody could be held back");
        }
        answer
    }
}

/// Counts its call when it goes.
struct CallMade {
    slot: Slot,
    came_of_it: Counts,
}

impl Drop for CallMade {
    fn drop(&mut self) {
        let Slot { db: Some(db), asked, waited } = &self.slot else { return };
        let waited_ms = i64::try_from(waited.as_millis()).unwrap_or(i64::MAX);
        let (db, asked, counts) = (db.clone(), *asked, Counts { waited_ms, ..self.came_of_it });
        beside(async move { store::count(&db, asked.service.key(), asked.operation.as_str(), asked.class, counts).await });
    }
}

fn came_of<T>(answer: &Result<T, AwsFault>) -> Counts {
    let none = Counts::default();
    match answer {
        Ok(_) => Counts { ok: 1, ..none },
        Err(AwsFault::Refused { .. }) => Counts { refused: 1, ..none },
        Err(AwsFault::Throttled) => Counts { throttled: 1, ..none },
        Err(AwsFault::NotSent(_)) => Counts { not_sent: 1, ..none },
        Err(AwsFault::Unknown(_)) => Counts { unknown: 1, ..none },
    }
}

/// AWS throttled although we kept to the rate: others use the account too. Everybody waits for four calls more.
async fn hold_back(db: &PgPool, service: Service) -> sqlx::Result<()> {
    store::hold_back(db, service.key(), service.interval() * 4).await
}

/// How the budget stands, over all replicas.
///
/// # Errors
/// [`model::Error::NotAllowed`].
pub async fn status(services: &Services, actor: &Actor) -> model::Result<Status> {
    actor.authorize(Act::SeeBudget)?;
    let workspaces = Service::WorkSpaces;
    let rates = store::rates(services).await.map_err(told)?;
    let due_in = rates.workspaces_due_in;
    Ok(Status {
        per_second: workspaces.per_second(),
        burst: BURST,
        chosen: CHOSEN.map(|(name, service)| (name, service.per_second())).to_vec(),
        mails_per_second: rates.mail_pace.map(|seconds| 1.0 / seconds),
        next: Class::ALL.map(|class| (class, (due_in - workspaces.ahead(class).as_secs_f64()).max(0.0))).to_vec(),
        waiting: store::waiting(services).await.map_err(told)?,
        held: rates.held,
        calls: store::calls(services).await.map_err(told)?,
        minutes: store::minutes(services, workspaces.key()).await.map_err(told)?,
    })
}

/// For how long calls are kept by the minute.
const KEPT_DAYS: i32 = 14;

/// Forgets old figures; the worker calls it every minute.
pub(crate) async fn prune(db: &PgPool) -> sqlx::Result<()> {
    store::prune(db, KEPT_DAYS).await
}
