//! The server functions of DNS changes.

use leptos::{
    prelude::*,
    server_fn::codec::{MultipartData, MultipartFormData, Postcard},
};
use model::{
    DirectoryId, DnsChangeId, PageRequest, WorkspaceId,
    directories::{Directory, DnsChange, DnsChangePage, DnsFilter, DnsForm, DnsWorkspace, Freshness},
};

use serde::{Deserialize, Serialize};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::{caller::caller, upload};
#[cfg(feature = "ssr")]
use backend::directories::dns_change;
#[cfg(feature = "ssr")]
use model::{
    Error,
    access::Act,
    directories::{LARGEST_OUTCOMES, Told},
};

/// The changes of a directory, the newest first.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/dns_changes", name = ListDnsChanges)]
pub async fn list(directory: DirectoryId) -> Result<(Directory, Vec<DnsChange>, Freshness), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    Ok(dns_change::list(&services, &actor, &directory).await?)
}

/// What of a change is only looked at, as HTML; each is empty where there is nothing to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// AWS shows other addresses than it should.
    pub wrong: String,
    /// Launches stand still.
    pub frozen: String,
    /// How many WorkSpaces know the new server.
    pub progress: String,
    /// What the last list of outcomes came to.
    pub outcomes: String,
    /// What the last verification came to.
    pub looked: String,
    /// What a step says that has nothing to press.
    pub step: String,
}

/// One of them, with one page of its WorkSpaces.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/dns_change", name = GetDnsChange)]
pub async fn get(
    directory: DirectoryId,
    id: DnsChangeId,
    filter: DnsFilter,
    page: PageRequest,
) -> Result<(DnsChangePage, Drawn), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    let found = dns_change::page(&services, &actor, &directory, id, &filter, page).await?;
    let drawn = super::drawn::drawn(&found);
    Ok((found, drawn))
}

/// One of them with all of its WorkSpaces, to print.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/dns_record", name = GetDnsRecord)]
pub async fn record(directory: DirectoryId, id: DnsChangeId) -> Result<(DnsChange, Vec<DnsWorkspace>), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    Ok(dns_change::record(&services, &actor, &directory, id).await?)
}

#[cfg(feature = "ssr")]
fn go_to(directory: &DirectoryId, id: DnsChangeId, rest: &str) {
    leptos_axum::redirect(&format!("/directories/{directory}/dns/{id}{rest}"));
}

/// Begins one.
#[server(prefix = "/api", endpoint = "directories/begin_dns", name = BeginDns)]
pub async fn begin(directory: DirectoryId, #[server(default)] form: DnsForm) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    let id = dns_change::begin(&services, &actor, &directory, &form).await?;
    go_to(&directory, id, "");
    Ok(())
}

/// Says of some WorkSpaces what became of them. `query` is that of the list to come back to.
#[server(prefix = "/api", endpoint = "directories/settle_dns", name = SettleDns)]
pub async fn settle(
    directory: DirectoryId,
    id: DnsChangeId,
    #[server(default)] workspaces: Vec<WorkspaceId>,
    #[server(default)] told: String,
    #[server(default)] note: String,
    #[server(default)] query: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    let to = Told::from_db(&told).ok_or_else(|| Error::invalid("told", "Say what became of them."))?;
    dns_change::settle(&services, &actor, &directory, id, &workspaces, (to, &note)).await?;
    let query = if query.starts_with('?') { query.as_str() } else { "" };
    go_to(&directory, id, &format!("{query}#workspaces"));
    Ok(())
}

/// Reads a list of outcomes: a file, or what was pasted. The form's fields are `directory`, `id`, `text` and `file`.
#[server(input = MultipartFormData, prefix = "/api", endpoint = "directories/read_dns", name = ReadDns)]
pub async fn read(data: MultipartData) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    let list = upload::list(data, LARGEST_OUTCOMES).await?;
    let (directory, id): (DirectoryId, DnsChangeId) = (list.id("directory")?, list.id("id")?);
    dns_change::read(&services, &actor, &directory, id, (&list.name, &list.bytes)).await?;
    go_to(&directory, id, "#outcomes");
    Ok(())
}

/// Freezes launches in the directory.
#[server(prefix = "/api", endpoint = "directories/freeze_dns", name = FreezeDns)]
pub async fn freeze(directory: DirectoryId, id: DnsChangeId, #[server(default)] meant: bool) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    dns_change::freeze(&services, &actor, &directory, id, meant).await?;
    go_to(&directory, id, "");
    Ok(())
}

/// Has AWS asked now.
#[server(prefix = "/api", endpoint = "directories/ask_dns", name = AskDns)]
pub async fn ask(directory: DirectoryId, id: DnsChangeId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    dns_change::ask(&services, &actor, &directory, id).await?;
    go_to(&directory, id, "");
    Ok(())
}

/// Verifies what AWS shows.
#[server(prefix = "/api", endpoint = "directories/verify_dns", name = VerifyDns)]
pub async fn verify(directory: DirectoryId, id: DnsChangeId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    dns_change::verify(&services, &actor, &directory, id).await?;
    go_to(&directory, id, "");
    Ok(())
}

/// Closes one that was verified.
#[server(prefix = "/api", endpoint = "directories/finish_dns", name = FinishDns)]
pub async fn finish(directory: DirectoryId, id: DnsChangeId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    dns_change::finish(&services, &actor, &directory, id).await?;
    go_to(&directory, id, "");
    Ok(())
}

/// Gives one up.
#[server(prefix = "/api", endpoint = "directories/abandon_dns", name = AbandonDns)]
pub async fn abandon(directory: DirectoryId, id: DnsChangeId, #[server(default)] reason: String) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    dns_change::abandon(&services, &actor, &directory, id, &reason).await?;
    go_to(&directory, id, "");
    Ok(())
}
