//! The free addresses of directories, for those who launch and those who look after directories.

use std::collections::HashMap;

use model::{
    DirectoryId,
    directories::{Addresses, Directory},
};

use super::{Part, store};
use crate::{Fault, Services};

/// The addresses of every directory that is registered with WorkSpaces, by its id.
pub(super) async fn all(services: &Services) -> Result<HashMap<String, Addresses>, Fault> {
    let wanting = store::addresses::wanting(services).await?;
    let ids: Vec<_> = wanting.iter().flat_map(|one| one.subnets.iter().cloned()).collect();
    let subnets = store::addresses::subnets(services, &ids).await?;
    let freshness = store::freshness(services, Part::Network).await?;
    let of = |one: &store::addresses::Wanting| {
        let shares = |other: &&store::addresses::Wanting| {
            other.directory == one.directory || other.subnets.iter().any(|subnet| one.subnets.contains(subnet))
        };
        Addresses {
            subnets: subnets.iter().filter(|subnet| one.subnets.contains(&subnet.id)).cloned().collect(),
            coming: wanting.iter().filter(shares).map(|other| other.coming).sum(),
            freshness: freshness.clone(),
        }
    };
    Ok(wanting.iter().map(|one| (one.directory.clone(), of(one))).collect())
}

/// The addresses of one directory; `None` while it is not registered.
pub(super) async fn of(services: &Services, id: &DirectoryId) -> Result<Option<Addresses>, Fault> {
    Ok(all(services).await?.remove(id.as_str()))
}

/// All directories with their addresses.
pub(super) async fn with_directories(services: &Services) -> Result<Vec<(Directory, Option<Addresses>)>, Fault> {
    let mut addresses = all(services).await?;
    let directories = store::all(services).await?;
    Ok(directories
        .into_iter()
        .map(|directory| {
            let found = addresses.remove(directory.id.as_str());
            (directory, found)
        })
        .collect())
}
