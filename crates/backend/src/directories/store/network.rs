//! SQL of the picture of the network.

use chrono::{DateTime, Utc};
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

/// Whether the network is of interest, and since when it was not asked for.
pub(in crate::directories) struct Wanted {
    /// A directory is registered with WorkSpaces.
    pub registered: bool,
    /// Rows of launches are on their way.
    pub launching: bool,
    /// When EC2 was asked last, with or without an answer.
    pub asked_at: Option<DateTime<Utc>>,
}

pub(in crate::directories) async fn wanted(services: &Services) -> sqlx::Result<Wanted> {
    sqlx::query_as!(
        Wanted,
        "select exists (select from directory where gone_at is null and registration_state = 'REGISTERED') as \"registered!\",
                exists (select from launch_item where state in ('queued', 'sending', 'unconfirmed', 'pending')) as \"launching!\",
                greatest(read_at, problem_at) as asked_at
         from mirror where part = 'network'",
    )
    .fetch_one(&services.db)
    .await
}
