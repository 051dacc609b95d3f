//! The server functions of directories.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    ConnectId, DirectoryId, IpGroupId,
    directories::{
        Addresses, Client, ConnectDraft, ConnectForm, ConnectLine, DeskForm, Devices, Directory, Freshness, IpGroup, IpGroupForm,
        Network, RegisterForm, SelfService, SettingsPage, TakeDown, TakeDownPlan,
        readiness::{PolicyChoice, Readiness},
    },
};

use crate::Failure;
#[cfg(feature = "ssr")]
use crate::caller::caller;
#[cfg(feature = "ssr")]
use backend::directories::{
    self, connect, desk as desks, ip_groups as groups, network, readiness as ready, settings as setting, take_down as taking,
};
#[cfg(feature = "ssr")]
use model::{
    access::Act,
    directories::{ConnectStep, CreationForm, TakeDownForm},
};

/// All directories that the caller may work in.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/list", name = ListDirectories)]
pub async fn list() -> Result<(Vec<Directory>, Freshness), Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(directories::list(&services, &actor).await?)
}

/// One of them, with the addresses of its subnets if it is registered, and whether the caller may set up another one.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/get", name = GetDirectory)]
pub async fn get(id: DirectoryId) -> Result<(Directory, Option<Addresses>, Freshness, bool), Failure> {
    let (services, actor) = caller(Act::SeeDesktops).await?;
    Ok(directories::with_addresses(&services, &actor, &id).await?)
}

/// All of them, with the connectors that the caller began to set up; `None` if that is not for the caller.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/overview", name = DirectoriesOverview)]
pub async fn overview() -> Result<(Vec<Directory>, Option<Vec<ConnectLine>>, Freshness), Failure> {
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

/// One that is to be registered with WorkSpaces, and the network it stands in.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/registering", name = GetRegistering)]
pub async fn registering(id: DirectoryId) -> Result<(Directory, Network, Freshness), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    Ok(setting::registering(&services, &actor, &id).await?)
}

/// Has WorkSpaces register it.
#[server(prefix = "/api", endpoint = "directories/register", name = RegisterDirectory)]
pub async fn register(id: DirectoryId, #[server(default)] form: RegisterForm) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    setting::register(&services, &actor, &id, &form).await?;
    leptos_axum::redirect(&format!("/directories/{id}"));
    Ok(())
}

/// One with all that can be set for it.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/settings", name = GetSettings)]
pub async fn settings(id: DirectoryId) -> Result<SettingsPage, Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    Ok(setting::settings(&services, &actor, &id).await?)
}

#[cfg(feature = "ssr")]
fn saved(id: &DirectoryId, part: &str) {
    leptos_axum::redirect(&format!("/directories/{id}/settings?saved={part}"));
}

/// Sets what new WorkSpaces get.
#[server(prefix = "/api", endpoint = "directories/set_creation", name = SetCreation)]
pub async fn set_creation(
    id: DirectoryId,
    #[server(default)] internet_access: bool,
    #[server(default)] default_ou: String,
    #[server(default)] security_group: String,
    #[server(default)] local_administrator: bool,
    #[server(default)] maintenance: bool,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    let form = CreationForm { internet_access, default_ou, security_group, local_administrator, maintenance };
    setting::set_creation(&services, &actor, &id, &form).await?;
    saved(&id, "creation");
    Ok(())
}

/// Sets from which devices people can sign in. A box that is not ticked is not in the form.
#[server(prefix = "/api", endpoint = "directories/set_devices", name = SetDevices)]
pub async fn set_devices(id: DirectoryId, devices: Devices) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    setting::set_devices(&services, &actor, &id, devices).await?;
    saved(&id, "devices");
    Ok(())
}

/// Sets what users may do to their own WorkSpaces.
#[server(prefix = "/api", endpoint = "directories/set_self_service", name = SetSelfService)]
pub async fn set_self_service(id: DirectoryId, may: SelfService) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    setting::set_self_service(&services, &actor, &id, may).await?;
    saved(&id, "may");
    Ok(())
}

/// Sets what the client application does.
#[server(prefix = "/api", endpoint = "directories/set_client", name = SetClient)]
pub async fn set_client(id: DirectoryId, client: Client) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    setting::set_client(&services, &actor, &id, client).await?;
    saved(&id, "client");
    Ok(())
}

/// Sets what is Frontdesk's own of it.
#[server(prefix = "/api", endpoint = "directories/set_desk", name = SetDesk)]
pub async fn set_desk(id: DirectoryId, #[server(default)] form: DeskForm) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    desks::set(&services, &actor, &id, &form).await?;
    saved(&id, "desk");
    Ok(())
}

/// Attaches IP access groups to it, and takes the others off.
#[server(prefix = "/api", endpoint = "directories/attach_ip_groups", name = AttachIpGroups)]
pub async fn attach_ip_groups(
    id: DirectoryId,
    #[server(default)] groups: Vec<IpGroupId>,
    #[server(default)] lock_out: bool,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    groups::attach(&services, &actor, &id, &groups, lock_out).await?;
    saved(&id, "groups");
    Ok(())
}

/// All IP access groups.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/ip_groups", name = ListIpGroups)]
pub async fn ip_groups() -> Result<(Vec<IpGroup>, Freshness), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    Ok(groups::list(&services, &actor).await?)
}

#[cfg(feature = "ssr")]
const IP_GROUPS: &str = "/directories/ip-groups";

/// Makes one.
#[server(prefix = "/api", endpoint = "directories/create_ip_group", name = CreateIpGroup)]
pub async fn create_ip_group(#[server(default)] form: IpGroupForm) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    groups::create(&services, &actor, &form).await?;
    leptos_axum::redirect(IP_GROUPS);
    Ok(())
}

/// Gives one these rules instead of those it had.
#[server(prefix = "/api", endpoint = "directories/set_ip_rules", name = SetIpRules)]
pub async fn set_ip_rules(
    id: IpGroupId,
    #[server(default)] form: IpGroupForm,
    #[server(default)] lock_out: bool,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    groups::set_rules(&services, &actor, &id, &form, lock_out).await?;
    leptos_axum::redirect(IP_GROUPS);
    Ok(())
}

/// Takes one away that no directory has.
#[server(prefix = "/api", endpoint = "directories/delete_ip_group", name = DeleteIpGroup)]
pub async fn delete_ip_group(id: IpGroupId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    groups::delete(&services, &actor, &id).await?;
    leptos_axum::redirect(IP_GROUPS);
    Ok(())
}

/// What taking one down would do, and how far it is if somebody does.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/take_down", name = GetTakeDown)]
pub async fn take_down(id: DirectoryId) -> Result<(Option<TakeDownPlan>, Option<TakeDown>, Freshness), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    Ok(taking::of(&services, &actor, &id).await?)
}

#[cfg(feature = "ssr")]
fn to_take_down(id: &DirectoryId) {
    leptos_axum::redirect(&format!("/directories/{id}/take-down"));
}

/// Begins to take it down.
#[server(prefix = "/api", endpoint = "directories/begin_take_down", name = BeginTakeDown)]
pub async fn begin_take_down(
    id: DirectoryId,
    #[server(default)] name: String,
    #[server(default)] count: String,
    #[server(default)] reason: String,
) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    taking::begin(&services, &actor, &id, &TakeDownForm { name, count, reason }).await?;
    to_take_down(&id);
    Ok(())
}

/// Goes on with one that stands still.
#[server(prefix = "/api", endpoint = "directories/go_on_taking_down", name = GoOnTakingDown)]
pub async fn go_on_taking_down(id: DirectoryId, #[server(default)] count: String) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    taking::go_on(&services, &actor, &id, &count).await?;
    to_take_down(&id);
    Ok(())
}

/// Stops it.
#[server(prefix = "/api", endpoint = "directories/stop_taking_down", name = StopTakingDown)]
pub async fn stop_taking_down(id: DirectoryId) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    taking::stop(&services, &actor, &id).await?;
    to_take_down(&id);
    Ok(())
}

/// What the last check of everything outside found, and the IAM policy of what is chosen.
#[server(output = Postcard, prefix = "/api", endpoint = "directories/readiness", name = GetReadiness)]
pub async fn readiness(#[server(default)] choice: PolicyChoice) -> Result<Readiness, Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    Ok(ready::get(&services, &actor, choice).await?)
}

#[cfg(feature = "ssr")]
const READINESS: &str = "/directories/readiness";

/// Checks everything outside now.
#[server(prefix = "/api", endpoint = "directories/check", name = CheckReadiness)]
pub async fn check() -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    ready::check(&services, &actor).await?;
    leptos_axum::redirect(READINESS);
    Ok(())
}

/// Keeps the quota of WorkSpaces that AWS granted.
#[server(prefix = "/api", endpoint = "directories/enter_quota", name = EnterQuota)]
pub async fn enter_quota(#[server(default)] quota: String) -> Result<(), Failure> {
    let (services, actor) = caller(Act::ManageDirectories).await?;
    ready::enter_quota(&services, &actor, &quota).await?;
    leptos_axum::redirect(&format!("{READINESS}?saved=quota"));
    Ok(())
}
