//! VPCs and subnets: read from EC2 when somebody sets up a connector, and again and again for the free addresses of those that have
//! WorkSpaces; shown from PostgreSQL.

use chrono::{DateTime, TimeDelta, Utc};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use model::{
    access::{Act, Actor},
    budget::Class,
    directories::{Freshness, Network},
};
use serde::{Deserialize, Serialize};

use super::{Part, freshness, store};
use crate::{
    Fault, Services,
    aws::{AwsFault, network::Turns},
    budget::{self, Operation},
    fault::told,
    worker,
};

/// What was read so lately is not read again when a draft is begun.
const YOUNG: TimeDelta = TimeDelta::minutes(1);
/// How old the picture may grow while launches take addresses, and while none does.
const LAUNCHING: TimeDelta = TimeDelta::minutes(10);
const QUIET: TimeDelta = TimeDelta::hours(1);

/// Reads the network again.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SweepNetwork {}

impl TaskHandler for SweepNetwork {
    const IDENTIFIER: &'static str = "sweep_network";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        worker::alone(&ctx, Self::IDENTIFIER, async |services: &Services| look(services, Class::Sweep).await).await
    }
}

/// Whether it is time to read the network: not for directories without WorkSpaces, and after a refusal no sooner than after a
/// reading.
///
/// # Errors
/// The database's.
pub(crate) async fn is_due(services: &Services, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let wanted = store::network::wanted(services).await?;
    let every = if wanted.launching { LAUNCHING } else { QUIET };
    Ok(wanted.registered && wanted.asked_at.is_none_or(|asked| asked + every <= now))
}

/// The network as it was read last, and when that was.
///
/// # Errors
/// [`model::Error::NotAllowed`].
pub async fn get(services: &Services, actor: &Actor) -> model::Result<(Network, Freshness)> {
    actor.authorize(Act::ManageDirectories)?;
    let network = store::network::get(services).await.map_err(told)?.unwrap_or_default();
    Ok((network, freshness(services, Part::Network).await?))
}

/// Reads it now. When EC2 does not answer, the last picture stays and its age says so.
///
/// # Errors
/// [`model::Error::NotAllowed`]; the database's.
pub async fn read(services: &Services, actor: &Actor) -> model::Result<()> {
    actor.authorize_everywhere(Act::ManageDirectories)?;
    look(services, Class::Person).await.map_err(told)
}

/// Reads it unless that was done a moment ago.
pub(super) async fn refresh(services: &Services, actor: &Actor) -> model::Result<()> {
    let age = store::read_at(services, Part::Network).await.map_err(told)?;
    if age.is_some_and(|read| services.clock.now() - read < YOUNG) { Ok(()) } else { read(services, actor).await }
}

async fn look(services: &Services, class: Class) -> Result<(), Fault> {
    match ask(services, class).await? {
        Ok(network) => store::network::keep(services, &network).await,
        Err(fault) => {
            tracing::warn!(code = fault.code(), "EC2 could not be read");
            Ok(store::problem(services, Part::Network, &fault.to_string()).await?)
        }
    }
}

async fn ask(services: &Services, class: Class) -> sqlx::Result<Result<Network, AwsFault>> {
    let turn = async |operation| budget::take(&services.db, class, operation).await;
    let turns = Turns {
        vpcs: turn(Operation::DescribeVpcs).await?,
        subnets: turn(Operation::DescribeSubnets).await?,
        tables: turn(Operation::DescribeRouteTables).await?,
    };
    Ok(services.aws.network(turns).await)
}
