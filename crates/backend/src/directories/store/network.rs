//! SQL of the picture of the network.

use model::directories::Network;

use super::{Part, read_now};
use crate::{Fault, Services};

pub(in crate::directories) async fn keep(services: &Services, network: &Network) -> Result<(), Fault> {
    let picture = serde_json::to_value(network).map_err(|error| Fault::Bug(error.to_string()))?;
    let mut tx = services.db.begin().await?;
    sqlx::query!(
        "insert into network (picture) values ($1) on conflict (only_one) do update set picture = excluded.picture",
        picture
    )
    .execute(&mut *tx)
    .await?;
    read_now(&mut tx, services.clock.now(), Part::Network).await?;
    tx.commit().await?;
    Ok(())
}

/// `None` before it was read for the first time.
pub(in crate::directories) async fn get(services: &Services) -> Result<Option<Network>, Fault> {
    let picture = sqlx::query_scalar!("select picture from network").fetch_optional(&services.db).await?;
    picture.map(serde_json::from_value).transpose().map_err(|error| Fault::Bug(format!("picture of the network: {error}")))
}
