//! The steps of taking a directory down. Each looks at AWS first, so that a step that was done already, by this job before it was
//! killed or by somebody in AWS's console, is not done again; and each of its calls may be repeated without harm.

use chrono::{DateTime, TimeDelta, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    access::Actor,
    audit::{Action, Outcome},
    budget::Class,
    directories::{Halt, TakeDown, TakeDownStep},
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    super::{
        change::intend,
        store::take_down::{self as rows, Due},
    },
    object,
};
use crate::{
    Fault, Services, audit,
    aws::AwsFault,
    budget::{self, Operation},
    db, directories, worker,
    workspaces::store as fleet,
};

/// Takes each directory that is due a step further.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TakeDownDirectories {}

impl TaskHandler for TakeDownDirectories {
    const IDENTIFIER: &'static str = "take_down_directories";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| work(services).await).await
    }
}

pub(super) async fn wake(tx: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<()> {
    db::wake(tx, TakeDownDirectories::IDENTIFIER, TakeDownDirectories::IDENTIFIER, serde_json::json!({}), at).await
}

/// How soon AWS is asked again while it is at something.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// How soon the rows of terminations are looked at again, which costs AWS nothing.
const GLANCE: TimeDelta = TimeDelta::seconds(10);
/// The longest pause while AWS does not release a connector.
const LONGEST: TimeDelta = TimeDelta::minutes(5);

async fn work(services: &Services) -> Result<(), Fault> {
    while let Some(due) = rows::take_due(services).await? {
        let verdict = match step(services, &due).await {
            Err(Fault::Aws(fault)) => away(fault),
            verdict => verdict?,
        };
        keep(services, &due, verdict).await?;
    }
    if let Some(at) = rows::next_due(services).await? {
        let mut connection = services.db.acquire().await?;
        wake(&mut connection, at).await?;
    }
    Ok(())
}

/// What a step came to.
#[derive(Debug)]
enum Verdict {
    /// It is done.
    Next,
    /// AWS is at it, or something else has to end first; why, and how soon to look again.
    Wait(String, TimeDelta),
    /// There are WorkSpaces again.
    Back(String),
    Halt(Halt, Option<String>),
}

impl Verdict {
    fn wait(why: impl Into<String>) -> Self {
        Self::Wait(why.into(), PAUSE)
    }
}

/// AWS could not be asked, or does not allow it.
fn away(fault: AwsFault) -> Verdict {
    match fault {
        AwsFault::Refused { code, message } => Verdict::Halt(Halt::Refused, Some(format!("{code}: {message}"))),
        AwsFault::Throttled => Verdict::wait("AWS is asked too often just now; it is asked again soon."),
        fault @ (AwsFault::NotSent(_) | AwsFault::Unknown(_)) => {
            tracing::warn!(%fault, "a step of taking a directory down waits for AWS");
            Verdict::wait("AWS does not answer just now; it is asked again soon.")
        }
    }
}

async fn keep(services: &Services, due: &Due, verdict: Verdict) -> Result<(), Fault> {
    match verdict {
        Verdict::Next => {
            rows::advance(services, due, (due.step.next(), TimeDelta::zero()), None).await?;
            if due.step == TakeDownStep::Delete {
                let mut connection = services.db.acquire().await?;
                directories::job::wake(&mut connection, services.clock.now()).await?;
            }
        }
        Verdict::Wait(why, pause) => rows::wait(services, due, services.clock.now() + pause, &why).await?,
        Verdict::Back(why) => rows::advance(services, due, (TakeDownStep::Terminate, PAUSE), Some(&why)).await?,
        Verdict::Halt(halt, note) => rows::halt(services, due, halt, note.as_deref()).await?,
    }
    Ok(())
}

async fn step(services: &Services, due: &Due) -> Result<Verdict, Fault> {
    match due.step {
        TakeDownStep::Terminate => until_empty(services, due).await,
        TakeDownStep::IpGroups => take_groups_off(services, due).await,
        TakeDownStep::Deregister => deregister(services, due).await,
        TakeDownStep::Delete => delete(services, due).await,
        TakeDownStep::Done | TakeDownStep::Stopped => Ok(Verdict::Next),
    }
}

/// Waits for the terminations, then sees for itself that no WorkSpace is left.
async fn until_empty(services: &Services, due: &Due) -> Result<Verdict, Fault> {
    let acting = rows::acting(services, due.directory.as_str()).await?;
    if acting > 0 {
        return Ok(Verdict::Wait(format!("{acting} WorkSpaces are on their way out."), GLANCE));
    }
    let (mut left, mut going, mut coming) = (0_usize, 0_usize, 0_usize);
    for state in standing(services, due).await? {
        match state.as_str() {
            "TERMINATING" => going += 1,
            "PENDING" => coming += 1,
            _ => left += 1,
        }
    }
    Ok(match (left, coming, going) {
        (0, 0, 0) => Verdict::Next,
        (0, 0, going) => Verdict::wait(format!("AWS still removes {going} WorkSpaces.")),
        (0, coming, _) => {
            let words = format!("{coming} WorkSpaces are still being made; they can be terminated then.");
            patient(services, due, words)
        }
        (left, ..) => Verdict::Halt(Halt::WorkspacesLeft, Some(format!("AWS shows {left}."))),
    })
}

/// The states of all WorkSpaces that AWS shows in it now; the mirror keeps them.
async fn standing(services: &Services, due: &Due) -> Result<Vec<String>, Fault> {
    let (mut states, mut next) = (Vec::new(), None);
    loop {
        let slot = budget::take(&services.db, Class::Poll, Operation::DescribeWorkspaces).await?;
        let page = services.aws.workspaces_of_directory(slot, due.directory.as_str(), next).await?;
        let mut tx = services.db.begin().await?;
        for workspace in page.rows.into_iter().filter(|workspace| workspace.state != "TERMINATED") {
            fleet::keep(&mut tx, services.clock.now(), &workspace).await?;
            states.push(workspace.state);
        }
        tx.commit().await?;
        next = page.next;
        if next.is_none() {
            return Ok(states);
        }
    }
}

async fn take_groups_off(services: &Services, due: &Due) -> Result<Verdict, Fault> {
    let Some(registration) = registration(services, due).await? else { return Ok(Verdict::Next) };
    let groups = registration.settings.ip_groups;
    if groups.is_empty() {
        return Ok(Verdict::Next);
    }
    let what = (Action::ChangeDirectory, "IP access groups taken off");
    let slot = budget::take(&services.db, Class::Launch, Operation::DisassociateIpGroups).await?;
    let call = services.aws.disassociate_ip_groups(slot, due.directory.as_str(), groups);
    match recorded(services, due, what, call).await? {
        Ok(()) => Ok(Verdict::Next),
        Err(fault) => busy_or(services, due, fault),
    }
}

/// Waits for something that AWS ends by itself, but not for ever.
fn patient(services: &Services, due: &Due, words: String) -> Verdict {
    if services.clock.now() - due.since >= TimeDelta::minutes(TakeDown::RELEASE_MINUTES) {
        return Verdict::Halt(Halt::Refused, Some(words));
    }
    Verdict::wait(words)
}

async fn registration(services: &Services, due: &Due) -> Result<Option<crate::aws::workspaces::Registration>, Fault> {
    let slot = budget::take(&services.db, Class::Poll, Operation::DescribeWorkspaceDirectories).await?;
    Ok(services.aws.registration(slot, due.directory.as_str()).await?)
}

/// AWS is in the middle of another change of the directory, or refuses for good.
fn busy_or(services: &Services, due: &Due, fault: AwsFault) -> Result<Verdict, Fault> {
    match fault {
        AwsFault::Refused { code, .. } if code == "InvalidResourceStateException" => {
            Ok(patient(services, due, "AWS is in the middle of another change of this directory.".to_owned()))
        }
        fault => Err(fault.into()),
    }
}

async fn deregister(services: &Services, due: &Due) -> Result<Verdict, Fault> {
    let lets_go = || Verdict::wait("WorkSpaces lets go of the directory.");
    match registration(services, due).await? {
        None => return Ok(Verdict::Next),
        Some(registration) if registration.state == "DEREGISTERED" => return Ok(Verdict::Next),
        Some(registration) if registration.state == "DEREGISTERING" => return Ok(lets_go()),
        Some(registration) if registration.state == "REGISTERING" => {
            return Ok(Verdict::wait("WorkSpaces is still registering the directory; that has to end first."));
        }
        Some(_) => {}
    }
    let slot = budget::take(&services.db, Class::Launch, Operation::DeregisterWorkspaceDirectory).await?;
    let call = services.aws.deregister_directory(slot, due.directory.as_str());
    match recorded(services, due, (Action::DeregisterDirectory, ""), call).await? {
        Ok(()) => {
            let mut connection = services.db.acquire().await?;
            rows::deregistering(&mut connection, &due.directory).await?;
            Ok(lets_go())
        }
        // AWS says so when a WorkSpace has appeared since it was looked at (workspaces service model).
        Err(AwsFault::Refused { code, message }) if code == "OperationNotSupportedException" => {
            let left = standing(services, due).await?;
            Ok(if left.is_empty() { Verdict::Halt(Halt::Refused, Some(message)) } else { Verdict::Back(message) })
        }
        Err(AwsFault::Refused { code, .. }) if code == "ResourceNotFoundException" => Ok(Verdict::Next),
        Err(fault) => busy_or(services, due, fault),
    }
}

async fn delete(services: &Services, due: &Due) -> Result<Verdict, Fault> {
    let at_it = || Verdict::wait("AWS deletes the connector; it takes several minutes.");
    let slot = budget::take(&services.db, Class::Poll, Operation::DescribeDirectories).await?;
    match services.aws.connector(slot, due.directory.as_str()).await? {
        None => return Ok(Verdict::Next),
        Some(connector) if connector.stage == "Deleted" => return Ok(Verdict::Next),
        Some(connector) if connector.stage == "Deleting" => return Ok(at_it()),
        Some(_) => {}
    }
    let slot = budget::take(&services.db, Class::Launch, Operation::DeleteDirectory).await?;
    let call = services.aws.delete_directory(slot, due.directory.as_str());
    match recorded(services, due, (Action::DeleteDirectory, ""), call).await? {
        Ok(()) => {
            let mut connection = services.db.acquire().await?;
            rows::deleting(&mut connection, &due.directory).await?;
            Ok(at_it())
        }
        Err(AwsFault::Refused { code, .. }) if code == "EntityDoesNotExistException" => Ok(Verdict::Next),
        Err(AwsFault::Refused { message, .. }) if message.contains("authorized applications") => {
            let waited = services.clock.now() - due.since;
            if waited >= TimeDelta::minutes(TakeDown::RELEASE_MINUTES) {
                return Ok(Verdict::Halt(Halt::NotReleased, Some(message)));
            }
            let words = "AWS has not released the connector from WorkSpaces yet; that can take up to an hour.";
            Ok(Verdict::Wait(words.to_owned(), (waited / 4).clamp(PAUSE, LONGEST)))
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Makes a call that changes something: intent before, outcome after. None is made once it was stopped.
async fn recorded(
    services: &Services,
    due: &Due,
    (action, detail): (Action, &str),
    call: impl Future<Output = Result<(), AwsFault>>,
) -> Result<Result<(), AwsFault>, Fault> {
    let actor = Actor::System { on_behalf_of: Some(due.asked_by.clone()) };
    let told = (!detail.is_empty()).then(|| detail.to_owned());
    let record = audit::Record { action, object: object(&due.directory, &due.name), person: None, detail: told };
    let mut tx = services.db.begin().await?;
    // The look and the turn took their time; somebody may have stopped it meanwhile.
    if !rows::is_at(&mut tx, due).await? {
        return Ok(Err(AwsFault::NotSent("it was stopped".to_owned())));
    }
    let operation = intend(&mut tx, services, &actor, &record).await?;
    tx.commit().await?;
    let answer = call.await;
    let (outcome, code) = match &answer {
        Ok(()) => (Outcome::Succeeded, None),
        Err(fault @ AwsFault::Unknown(_)) => (Outcome::Unknown, Some(fault.code())),
        Err(fault) => (Outcome::Failed, Some(fault.code())),
    };
    let record = audit::Record { detail: code.map(ToOwned::to_owned).or(record.detail), ..record };
    let mut connection = services.db.acquire().await?;
    audit::finished(&mut connection, services, &actor, &record, operation, outcome).await?;
    Ok(answer)
}
