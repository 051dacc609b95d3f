//! AD Connectors: what the mirror knows of them, the job that reads them from AWS, how one is set up (`connect`, on a `network`,
//! after a `preflight`), registered and set (`settings`, and `desk` for what is Frontdesk's own), how they are looked after
//! (`watch`: `addresses`, `alert`), how their DNS servers are changed (`dns_change`), and how one is taken down (`take_down`).
//! `readiness` is the report on everything outside.

mod addresses;
mod alert;
mod change;
pub mod connect;
pub mod desk;
pub mod dns_change;
pub mod ip_groups;
pub mod job;
pub mod network;
mod preflight;
pub mod readiness;
pub mod settings;
mod store;
pub mod take_down;
pub(crate) mod watch;

use model::{
    DirectoryId, Error,
    access::{Act, Actor, Scope},
    directories::{Addresses, ConnectLine, Directory, Freeze, Freshness, TakeDown, Trouble},
};

use crate::{Services, fault::told};

/// All directories that the actor may work in, and how old the picture is.
///
/// # Errors
/// [`Error::NotAllowed`] for those who may not see desktops.
pub async fn list(services: &Services, actor: &Actor) -> model::Result<(Vec<Directory>, Freshness)> {
    let scope = actor.scope(Act::SeeDesktops)?;
    let mut directories = all(services).await?;
    directories.retain(|directory| scope.covers(&directory.id));
    let freshness = freshness(services, Part::Directories).await?;
    Ok((directories, freshness))
}

/// All directories that the actor may work in, the connectors that they began to set up (`None` if they may not do that), and how
/// old the picture is.
///
/// # Errors
/// As [`list`].
pub async fn overview(
    services: &Services,
    actor: &Actor,
) -> model::Result<(Vec<Directory>, Option<Vec<ConnectLine>>, Freshness)> {
    let (directories, freshness) = list(services, actor).await?;
    let drafts = if connect::may(actor) { Some(connect::drafts(services, actor).await?) } else { None };
    Ok((directories, drafts, freshness))
}

/// All directories, for other use cases: they have authorized what they do with them.
pub(crate) async fn all(services: &Services) -> model::Result<Vec<Directory>> {
    store::all(services).await.map_err(told)
}

/// Those within the scope that somebody has to see to, for the start page, which has authorized.
pub(crate) async fn troubles(services: &Services, scope: &Scope) -> model::Result<Vec<Trouble>> {
    let known = addresses::with_directories(services).await.map_err(told)?;
    let covered = known.iter().filter(|(directory, _)| scope.covers(&directory.id));
    let mut troubles: Vec<_> = covered.flat_map(|(directory, addresses)| directory.troubles(addresses.as_ref())).collect();
    let halted = store::take_down::halted(services).await.map_err(told)?;
    troubles.extend(halted.iter().filter(|down| scope.covers(&down.directory)).filter_map(TakeDown::trouble));
    Ok(troubles)
}

/// One directory, for those who look after it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn one(services: &Services, actor: &Actor, id: &DirectoryId) -> model::Result<(Directory, Freshness)> {
    actor.authorize_in(Act::SeeDesktops, id)?;
    Ok((get(services, id).await?, freshness(services, Part::Directories).await?))
}

/// One directory, with the addresses of its subnets if it is registered, for those who look after it; at last, whether the actor may
/// set up another one.
///
/// # Errors
/// As [`one`].
pub async fn with_addresses(
    services: &Services,
    actor: &Actor,
    id: &DirectoryId,
) -> model::Result<(Directory, Option<Addresses>, Freshness, bool)> {
    let (directory, freshness) = one(services, actor, id).await?;
    Ok((directory, addresses::of(services, id).await.map_err(told)?, freshness, connect::may(actor)))
}

/// The addresses of a directory's subnets, for launches, which have authorized.
pub(crate) async fn room(services: &Services, id: &DirectoryId) -> model::Result<Option<Addresses>> {
    addresses::of(services, id).await.map_err(told)
}

/// One directory, for other use cases: they have authorized what they do with it.
pub(crate) async fn get(services: &Services, id: &DirectoryId) -> model::Result<Directory> {
    store::one(services, id).await.map_err(told)?.ok_or(Error::NotFound)
}

/// Whether launches in a directory stand still, for other use cases: they have authorized what they do with it.
pub(crate) async fn freeze(services: &Services, id: &DirectoryId) -> sqlx::Result<Option<Freeze>> {
    store::freeze(services, id).await
}

/// The directories that have a time zone of their own, for what writes moments.
pub(crate) async fn zones(services: &Services) -> sqlx::Result<Vec<(String, String)>> {
    store::desk::zones(services).await
}

/// A part of the mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Directories,
    Bundles,
    Workspaces,
    Network,
}

impl Part {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Directories => "directories",
            Self::Bundles => "bundles",
            Self::Workspaces => "workspaces",
            Self::Network => "network",
        }
    }
}

/// How old a part of the mirror is.
pub(crate) async fn freshness(services: &Services, part: Part) -> model::Result<Freshness> {
    store::freshness(services, part).await.map_err(told)
}

/// The scope as SQL wants it: `None` is everywhere.
pub(crate) fn scope_ids(scope: &Scope) -> Option<Vec<String>> {
    match scope {
        Scope::Everywhere => None,
        Scope::Directories(directories) => Some(directories.iter().map(ToString::to_string).collect()),
    }
}
