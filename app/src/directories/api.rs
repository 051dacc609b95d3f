//! The server functions of directories.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    ConnectId, DirectoryId,
    directories::{ConnectDraft, ConnectForm, Directory, Freshness, Network},
};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use backend::directories::{self, connect, network};
#[cfg(feature = "ssr")]
use model::{access::Act, directories::ConnectStep};

/// All directories that the caller may work in.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/list", name = ListDirectories)]
pub async fn list() -> Result<(Vec<Directory>, Freshness), Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(directories::list(&services, &actor).await?)
}

/// One of them.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/get", name = GetDirectory)]
pub async fn get(id: DirectoryId) -> Result<(Directory, Freshness), Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(directories::one(&services, &actor, &id).await?)
}

/// All of them, with the connectors that the caller began to set up.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/overview", name = DirectoriesOverview)]
pub async fn overview() -> Result<(Vec<Directory>, Vec<ConnectDraft>, Freshness), Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(directories::overview(&services, &actor).await?)
}

/// One of them, with the network it can stand in.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/draft", name = GetConnect)]
pub async fn draft(id: ConnectId) -> Result<(ConnectDraft, Network, Freshness), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    let draft = connect::get(&services, &actor, id).await?;
    let (network, freshness) = network::get(&services, &actor).await?;
    Ok((draft, network, freshness))
}

#[cfg(feature = "ssr")]
fn go_to(draft: ConnectId, step: ConnectStep) {
    leptos_axum::redirect(&format!("/directories/new/{draft}/{}", step.as_str()));
}

/// Begins to set up a connector; with the values of one that failed, if that is named.
#[server(prefix = "/api", endpoint = "directories/begin", name = BeginConnect)]
pub async fn begin(#[server(default)] like: String) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    go_to(connect::begin(&services, &actor, like.parse().ok()).await?, ConnectStep::Network);
    Ok(())
}

/// Reads the network from EC2 again.
#[server(prefix = "/api", endpoint = "directories/read_network", name = ReadNetwork)]
pub async fn read_network(draft: ConnectId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    network::read(&services, &actor).await?;
    go_to(draft, ConnectStep::Network);
    Ok(())
}

/// Keeps the step "Network", right or wrong, and goes on if it is right.
#[server(prefix = "/api", endpoint = "directories/save_network", name = SaveNetwork)]
pub async fn save_network(
    draft: ConnectId,
    #[server(default)] vpc: String,
    #[server(default)] subnets: Vec<String>,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    let right = connect::save_network(&services, &actor, draft, vpc, subnets).await?;
    go_to(draft, if right { ConnectStep::Directory } else { ConnectStep::Network });
    Ok(())
}

/// Keeps the step "Directory", right or wrong, and goes on if it is right.
#[server(prefix = "/api", endpoint = "directories/save_domain", name = SaveDomain)]
pub async fn save_domain(draft: ConnectId, #[server(default)] form: ConnectForm) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    let right = connect::save_domain(&services, &actor, draft, form).await?;
    go_to(draft, if right { ConnectStep::Preflight } else { ConnectStep::Directory });
    Ok(())
}

/// Looks at what can be seen before anything is created.
#[server(prefix = "/api", endpoint = "directories/look", name = LookAhead)]
pub async fn look(draft: ConnectId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    connect::look(&services, &actor, draft).await?;
    go_to(draft, ConnectStep::Preflight);
    Ok(())
}

/// Proves the account and has AWS make the connector. The password is in this call's body and in nothing that is kept.
#[server(prefix = "/api", endpoint = "directories/connect", name = CreateConnector)]
pub async fn create(
    draft: ConnectId,
    seen: i64,
    #[server(default)] account: String,
    #[server(default)] password: String,
    #[server(default)] password_again: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    let account = connect::Account { name: account, password: password.into(), again: password_again.into() };
    match connect::create(&services, &actor, draft, seen, account).await? {
        Some(directory) => leptos_axum::redirect(&format!("/directories/{directory}")),
        None => go_to(draft, ConnectStep::Check),
    }
    Ok(())
}

/// Throws the draft away.
#[server(prefix = "/api", endpoint = "directories/discard", name = DiscardConnect)]
pub async fn discard(draft: ConnectId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    connect::discard(&services, &actor, draft).await?;
    leptos_axum::redirect("/directories");
    Ok(())
}
