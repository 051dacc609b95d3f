//! VPCs and subnets for those who set up a connector: read from EC2 when somebody asks, shown from PostgreSQL.

use chrono::TimeDelta;
use model::{
    access::{Act, Actor},
    directories::{Freshness, Network},
};

use super::{Part, freshness, store};
use crate::{Fault, Services, fault::told};

/// What was read so lately is not read again when a draft is begun.
const YOUNG: TimeDelta = TimeDelta::minutes(1);

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
    actor.authorize(Act::ManageDirectories)?;
    let kept = match services.aws.network().await {
        Ok(network) => store::network::keep(services, &network).await,
        Err(fault) => {
            tracing::warn!(code = fault.code(), "EC2 could not be read");
            store::problem(services, Part::Network, &fault.to_string()).await.map_err(Fault::from)
        }
    };
    kept.map_err(told)
}

/// Reads it unless that was done a moment ago.
pub(super) async fn refresh(services: &Services, actor: &Actor) -> model::Result<()> {
    let age = store::read_at(services, Part::Network).await.map_err(told)?;
    if age.is_some_and(|read| services.clock.now() - read < YOUNG) { Ok(()) } else { read(services, actor).await }
}
