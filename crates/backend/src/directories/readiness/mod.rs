//! Whether everything outside is ready. [`examine`] asks every part by itself, so that one which is away keeps none of the
//! others from being told: the account, the quotas, the network, Active Directory, and mail. The page shows what the last check
//! kept; only the quota of WorkSpaces is judged anew at each look, by what launches want then.

mod account;
mod domains;
mod mail;
mod network;
mod policy;
mod quotas;

use std::{future::Future, time::Duration};

use model::{
    access::{Act, Actor},
    audit::{Action, Outcome as Done},
    directories::{
        Finding, Outcome,
        readiness::{Area, PolicyChoice, QuotaTold, Readiness, Report, parse_quota, quota_finding},
    },
    launches::Hold,
};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

pub(super) use self::account::region;
use super::store::readiness as rows;
use crate::{
    Services,
    audit::{self, Object, Record},
    aws::AwsFault,
    budget::Turns,
    fault::told,
};

pub use model::directories::readiness::Part;

/// How long a part has to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a check keeps.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::directories) struct Seen {
    /// Without the quota of WorkSpaces.
    parts: Vec<Part>,
    quota: QuotaTold,
    /// The account's number, if AWS told it.
    account: Option<String>,
}

/// What the last check found, the quota that was entered, and the policy of what is chosen.
///
/// # Errors
/// [`model::Error::NotAllowed`]; the database's.
pub async fn get(services: &Services, actor: &Actor, choice: PolicyChoice) -> model::Result<Readiness> {
    actor.authorize_everywhere(Act::ManageDirectories)?;
    let seen = rows::get(services).await.map_err(told)?;
    let entered = rows::entered_quota(services).await.map_err(told)?;
    let demand = rows::demand(services).await.map_err(told)?;
    let choice = policy::standard(services, choice);
    let account = seen.as_ref().and_then(|(seen, ..)| seen.account.as_deref());
    let policy = policy::document(&policy::Place::of(services, account), choice);
    let report = seen.map(|(seen, at, by)| {
        let quota = quota_finding(&seen.quota, entered.as_ref(), Some(demand), services.aws.region());
        let asks_for_quota = !matches!(seen.quota, QuotaTold::Granted(_));
        Report { at, by, parts: with_quota(seen.parts, quota), asks_for_quota }
    });
    Ok(Readiness { report, entered, choice, policy })
}

/// Asks every part now, while somebody waits, and keeps what it finds in the place of what was found before.
///
/// # Errors
/// [`model::Error::NotAllowed`]; the database's. A part that does not answer is a finding.
pub async fn check(services: &Services, actor: &Actor) -> model::Result<()> {
    actor.authorize_everywhere(Act::ManageDirectories)?;
    let seen = look(services, Turns::Shared(&services.db)).await;
    rows::keep(services, actor, &seen).await.map_err(told)
}

/// Asks every part now and keeps nothing, for `doctor`: the database may be away.
///
/// # Errors
/// [`model::Error::NotAllowed`].
pub async fn examine(services: &Services, actor: &Actor) -> model::Result<Vec<Part>> {
    actor.authorize_everywhere(Act::ManageDirectories)?;
    let seen = look(services, Turns::Paused).await;
    let entered = rows::entered_quota(services).await.ok().flatten();
    let demand = rows::demand(services).await.ok();
    let quota = quota_finding(&seen.quota, entered.as_ref(), demand, services.aws.region());
    Ok(with_quota(seen.parts, quota))
}

/// Keeps the quota that AWS granted, for accounts where Frontdesk may not read it.
///
/// # Errors
/// [`model::Error::Invalid`] on `quota`, [`model::Error::NotAllowed`]; the database's.
pub async fn enter_quota(services: &Services, actor: &Actor, typed: &str) -> model::Result<()> {
    actor.authorize_everywhere(Act::ManageDirectories)?;
    let granted = parse_quota(typed)?;
    let object = Object { kind: "quota", id: "workspaces".to_owned(), name: "WorkSpaces".to_owned() };
    let record = Record { action: Action::EnterQuota, object, person: None, detail: Some(granted.to_string()) };
    let mut tx = services.db.begin().await.map_err(told)?;
    rows::enter_quota(&mut tx, services, actor, granted.cast_signed()).await.map_err(told)?;
    audit::noted(&mut tx, services, actor, &record, Done::Succeeded).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

/// The IAM policy of what is chosen, as a file.
///
/// # Errors
/// As [`get`].
pub async fn policy(services: &Services, actor: &Actor, choice: PolicyChoice) -> model::Result<String> {
    Ok(get(services, actor, choice).await?.policy)
}

/// All parts at once: who waits waits for the slowest only.
async fn look(services: &Services, turns: Turns<'_>) -> Seen {
    let (account, network, quota, connectors, domains, mail) = futures::join!(
        account::look(services, turns),
        network::picture(services, turns),
        quotas::workspaces(services, turns),
        // Nobody is about to make one, so that there is no room for one stands in nobody’s way.
        quotas::connectors(services, turns, Outcome::Note),
        domains::look(services),
        within(Area::Mail.title(), mail::look(services)),
    );
    let network = network::judge(&account, network, services.aws.region());
    let parts = [
        (Area::Account, account.findings),
        (Area::Quotas, vec![connectors]),
        (Area::Network, network),
        (Area::ActiveDirectory, domains),
        (Area::Mail, mail),
    ];
    let parts = parts.map(|(area, findings)| Part { area, findings }).to_vec();
    Seen { parts, quota, account: account.number }
}

/// The quota of AD Connectors, for somebody who is about to make one.
pub(super) async fn connector_quota(services: &Services, used_up: Outcome) -> Finding {
    quotas::connectors(services, Turns::Shared(&services.db), used_up).await
}

async fn within(what: &str, look: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    timeout(PATIENCE, look).await.unwrap_or_else(|_| vec![no_answer(what)])
}

fn no_answer(what: &str) -> Finding {
    Finding::fail(
        what,
        format!("no answer within {} seconds", PATIENCE.as_secs()),
        "Check again; if it stays so, check the way there.",
    )
}

/// A call that did not come to its end, by the action that an IAM policy has to allow.
fn refused(action: &str, fault: &AwsFault) -> Finding {
    let cure = match fault {
        fault if fault.is_access_denied() => format!("Allow {action} (deploy/iam-policy.json)."),
        AwsFault::Refused { code, .. } if Hold::from_code(code) == Some(Hold::Access) => CREDENTIALS.to_owned(),
        AwsFault::Throttled => "AWS throttles: something else uses the account's rate. Try again.".to_owned(),
        AwsFault::NotSent(_) => WAY.to_owned(),
        _ => "Try again; if it stays so, look at AWS's health page for the Region.".to_owned(),
    };
    Finding::fail(action, fault.to_string(), cure)
}

/// Likewise for something without which Frontdesk can do: not being allowed to ask is no failure.
fn untold(what: &str, action: &str, fault: &AwsFault) -> Finding {
    let finding = Finding { what: what.to_owned(), ..refused(action, fault) };
    if fault.is_access_denied() { Finding { outcome: Outcome::CantTell, ..finding } } else { finding }
}

const CREDENTIALS: &str =
    "Check the credentials of the SDK's default chain (environment, profile, role of the machine) and this machine's clock.";
const WAY: &str = "Check the Region (aws.region) and the way to AWS: a proxy, a NAT gateway, or VPC endpoints.";

fn with_quota(mut parts: Vec<Part>, quota: Finding) -> Vec<Part> {
    if let Some(part) = parts.iter_mut().find(|part| part.area == Area::Quotas) {
        part.findings.insert(0, quota);
    }
    parts
}
