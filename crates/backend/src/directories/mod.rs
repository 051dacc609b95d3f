//! AD Connectors: what the mirror knows of them, the job that reads them from AWS, and how one is set up (`connect`, on a `network`,
//! after a `preflight`), registered and set (`settings`). `readiness` is the report on everything outside.

mod change;
pub mod connect;
pub mod ip_groups;
pub mod job;
pub mod network;
mod preflight;
pub mod readiness;
pub mod settings;
mod store;

use model::{
    DirectoryId, Error,
    access::{Act, Actor, Scope},
    directories::{ConnectDraft, Directory, Freshness, Trouble},
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

/// All directories that the actor may work in, the connectors that they began to set up if they may do that, and how old the
/// picture is.
///
/// # Errors
/// As [`list`].
pub async fn overview(services: &Services, actor: &Actor) -> model::Result<(Vec<Directory>, Vec<ConnectDraft>, Freshness)> {
    let (directories, freshness) = list(services, actor).await?;
    let drafts = if actor.scope(Act::ManageDirectories).is_ok() { connect::drafts(services, actor).await? } else { Vec::new() };
    Ok((directories, drafts, freshness))
}

/// All directories, for other use cases: they have authorized what they do with them.
pub(crate) async fn all(services: &Services) -> model::Result<Vec<Directory>> {
    store::all(services).await.map_err(told)
}

/// Those within the scope that somebody has to see to, for the start page, which has authorized.
pub(crate) async fn troubles(services: &Services, scope: &Scope) -> model::Result<Vec<Trouble>> {
    let directories = all(services).await?;
    Ok(directories.iter().filter(|directory| scope.covers(&directory.id)).filter_map(Directory::trouble).collect())
}

/// One directory, for those who look after it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn one(services: &Services, actor: &Actor, id: &DirectoryId) -> model::Result<(Directory, Freshness)> {
    actor.authorize_in(Act::SeeDesktops, id)?;
    Ok((get(services, id).await?, freshness(services, Part::Directories).await?))
}

/// One directory, for other use cases: they have authorized what they do with it.
pub(crate) async fn get(services: &Services, id: &DirectoryId) -> model::Result<Directory> {
    store::one(services, id).await.map_err(told)?.ok_or(Error::NotFound)
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
