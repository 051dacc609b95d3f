//! `/directories/{id}/settings`.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use model::{
    DirectoryId, Error,
    directories::{Client, Creation, Devices, IpGroup, Saml, SelfService, Settings, SettingsPage as Found},
};

use super::{
    api::{AttachIpGroups, SetClient, SetCreation, SetDevices, SetSelfService, settings},
    desk::DeskSection,
    parts::Save,
};
use crate::{
    Failure,
    ui::{
        Back, Checkbox, Code, Fact, Facts, FreshnessLine, LinkButton, Look, Notice, Page, PageHeader, PostForm, Section,
        SelectField, TextField, Tone, loaded, reading,
    },
};

/// How WorkSpaces is set for a directory: each part is a form of its own, because AWS takes each by itself.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok())));
    let page =
        reading(move || id.get(), |id: Option<DirectoryId>| async move { settings(id.ok_or(Failure(Error::NotFound))?).await });
    view! {
        <Page title="Settings of a directory" narrow=true>
            {loaded(page, |found: Found| view! { <Content found /> })}
        </Page>
    }
}

#[component]
fn Content(found: Found) -> impl IntoView {
    let Found { directory, settings, units, ip_groups, desk, freshness } = found;
    let (id, name) = (directory.id.clone(), directory.name.clone());
    let path = format!("/directories/{}", directory.id);
    let title = format!("Settings of {}", directory.name);
    let back = Back::to(path.clone(), directory.name.clone());
    let forms = match directory.why_not_settings() {
        Some(why) => view! {
            <Notice tone=Tone::Info title="Nothing to set at AWS yet">
                <p>{why}</p>
                <LinkButton href=path>"Look at the directory"</LinkButton>
            </Notice>
        }
        .into_any(),
        None => {
            let id = directory.id.clone();
            view! {
                <NewWorkspaces id=id.clone() creation=settings.creation.clone() units />
                <DeviceTypes id=id.clone() devices=directory.devices />
                <MaySelf id=id.clone() may=settings.self_service />
                <ClientApplication id=id.clone() client=settings.client />
                <Addresses id groups=ip_groups attached=settings.ip_groups.clone() />
                <Shown settings />
            }
            .into_any()
        }
    };
    view! {
        <PageHeader title back lead="Each part is saved by itself. What AWS sets goes there at once." />
        {forms}
        <DeskSection id name page=desk />
        <FreshnessLine freshness />
    }
}

#[component]
fn NewWorkspaces(id: DirectoryId, creation: Creation, units: Option<Vec<String>>) -> impl IntoView {
    let unit = creation.default_ou.unwrap_or_default();
    let no_units = units.is_none();
    let mut options = Vec::new();
    if unit.is_empty() {
        options.push((String::new(), "Computers (the domain\u{2019}s own container)".to_owned()));
    } else if !units.iter().flatten().any(|known| known.eq_ignore_ascii_case(&unit)) {
        options.push((unit.clone(), format!("{unit} (as set; Active Directory does not show it)")));
    }
    let value = units.iter().flatten().find(|known| known.eq_ignore_ascii_case(&unit)).cloned().unwrap_or_else(|| unit.clone());
    options.extend(units.unwrap_or_default().into_iter().map(|unit| (unit.clone(), unit)));
    view! {
        <Section title="New WorkSpaces" lead="Holds for WorkSpaces that are launched or rebuilt from now on. Those that exist stay as they are.">
            <PostForm action=SetCreation::PATH label="New WorkSpaces">
                <input type="hidden" name="id" value=id.to_string() />
                <SelectField
                    name="default_ou"
                    label="Organizational unit"
                    options
                    value
                    hint="Where their computer accounts are made. The connector\u{2019}s service account needs the right to make them there."
                />
                {no_units
                    .then(|| {
                        view! {
                            <p class="quiet">
                                "Active Directory does not tell its units just now, so there is no list to choose from."
                            </p>
                        }
                    })}
                <TextField
                    name="security_group"
                    label="Security group (optional)"
                    value=creation.security_group.unwrap_or_default()
                    hint="The id of one more group for their network interfaces, such as sg-0a1b2c3d. AWS\u{2019}s own group for this directory stays."
                    autocomplete="off"
                    short=true
                />
                <Checkbox
                    name="internet_access"
                    value="true"
                    label="Public internet address"
                    hint="Each gets an address of its own. Right only in subnets that lead to an internet gateway; with NAT leave it off."
                    checked=creation.internet_access
                />
                <Checkbox
                    name="local_administrator"
                    value="true"
                    label="User is local administrator"
                    hint="They can install programs and change the system."
                    checked=creation.local_administrator
                />
                <Checkbox
                    name="maintenance"
                    value="true"
                    label="Maintenance by AWS"
                    hint="Windows updates come in the weekly window. Leave it on unless something else updates them."
                    checked=creation.maintenance
                />
                <Save part="creation" />
            </PostForm>
        </Section>
    }
}

/// The field's name, its words, and what it means, of each.
type Switch = (&'static str, &'static str, &'static str, bool);

/// A part that is all boxes to tick; `group` names it in the form and in the address that says it was saved.
#[component]
fn Switches<const N: usize>(
    id: DirectoryId,
    title: &'static str,
    lead: &'static str,
    action: &'static str,
    group: &'static str,
    switches: [Switch; N],
) -> impl IntoView {
    let box_of = |(name, label, hint, checked): Switch| {
        view! { <Checkbox name=format!("{group}[{name}]") value="true" label hint checked /> }
    };
    let boxes = switches.into_iter().map(box_of).collect_view();
    view! {
        <Section title lead>
            <PostForm action label=title>
                <input type="hidden" name="id" value=id.to_string() />
                // A box that is not ticked is not sent; this is, so that none of them is an answer too.
                <input type="hidden" name=format!("{group}[form]") value="sent" />
                {boxes}
                <Save part=group />
            </PostForm>
        </Section>
    }
}

#[component]
fn DeviceTypes(id: DirectoryId, devices: Devices) -> impl IntoView {
    let switches = [
        ("windows", "Windows", "The client for Windows.", devices.windows),
        ("macos", "macOS", "The client for macOS.", devices.macos),
        ("linux", "Linux", "The client for Ubuntu. AWS keeps it off at first.", devices.linux),
        ("ios", "iPad", "The client for iPad.", devices.ios),
        ("android", "Android", "Tablets, Fire tablets and Chromebooks that run Android apps.", devices.android),
        ("chrome_os", "ChromeOS", "The older client for Chromebooks.", devices.chrome_os),
        ("zero_client", "Zero clients", "PCoIP zero clients.", devices.zero_client),
        ("thin_client", "WorkSpaces Thin Client", "Amazon\u{2019}s own device.", devices.thin_client),
        (
            "web",
            "Web browser",
            "For Windows WorkSpaces with DCV. Each that exists has to be restarted before it works. Invitations then offer the browser too.",
            devices.web,
        ),
    ];
    let lead = "From where people can sign in, to all WorkSpaces of the directory, also those that exist. Invitations offer only what is allowed here.";
    view! { <Switches id title="Devices" lead action=SetDevices::PATH group="devices" switches /> }
}

#[component]
fn MaySelf(id: DirectoryId, may: SelfService) -> impl IntoView {
    let switches = [
        ("restart", "Restart", "They restart their own WorkSpace.", may.restart),
        ("increase_volumes", "Enlarge volumes", "Volumes only grow, and so does the bill.", may.increase_volumes),
        ("change_compute", "Change the compute type", "A larger or smaller one, at another price.", may.change_compute),
        (
            "switch_running_mode",
            "Switch the running mode",
            "Between AlwaysOn and AutoStop, which are billed differently.",
            may.switch_running_mode,
        ),
        (
            "rebuild",
            "Rebuild",
            "The system volume is made anew and the user volume is taken from the last snapshot: what came after it is lost.",
            may.rebuild,
        ),
    ];
    let lead = "What users may do in their client, with all WorkSpaces of the directory, also those that exist. The role workspaces_DefaultRole needs the policy AmazonWorkSpacesSelfServiceAccess.";
    view! { <Switches id title="Self-service" lead action=SetSelfService::PATH group="may" switches /> }
}

#[component]
fn ClientApplication(id: DirectoryId, client: Client) -> impl IntoView {
    let switches = [
        (
            "reconnect",
            "Stay signed in",
            "Users can reconnect without their password until they sign out or the client is closed.",
            client.reconnect,
        ),
        ("log_upload", "Upload logs", "The client sends its logs to AWS, so that AWS Support can help.", client.log_upload),
    ];
    let lead = "What the WorkSpaces client does, for everybody in the directory.";
    view! { <Switches id title="Client" lead action=SetClient::PATH group="client" switches /> }
}

#[component]
fn Addresses(id: DirectoryId, groups: Vec<IpGroup>, attached: Vec<String>) -> impl IntoView {
    let shut = groups.iter().any(IpGroup::locks_out);
    let boxes = groups
        .iter()
        .map(|group| {
            let hint = match group.rules.len() {
                0 => "No rules: it lets nobody in".to_owned(),
                _ => group.rules.iter().map(|rule| rule.cidr.as_str()).collect::<Vec<_>>().join(", "),
            };
            let checked = attached.iter().any(|id| id == group.id.as_str());
            view! { <Checkbox name="groups[]" value=group.id.to_string() label=group.name.clone() hint checked /> }
        })
        .collect_view();
    let form = if groups.is_empty() {
        view! { <p class="quiet">"There is no group yet, so people reach their WorkSpaces from everywhere."</p> }.into_any()
    } else {
        view! {
            <PostForm action=AttachIpGroups::PATH label="IP access groups">
                <input type="hidden" name="id" value=id.to_string() />
                {boxes}
                {shut.then(|| view! { <Checkbox name="lock_out" value="true" label="Lock everybody out on purpose" hint="Needed only for a group without rules." /> })}
                <Save part="groups" />
            </PostForm>
        }
        .into_any()
    };
    view! {
        <Section title="IP access groups" lead="With none, people reach their WorkSpaces from everywhere; with some, only from the addresses that one of them names. It holds at once, also for those who are connected.">
            {form}
            <p>
                <LinkButton href="/directories/ip-groups" look=Look::Quiet>"Make and change groups"</LinkButton>
            </p>
        </Section>
    }
}

/// What AWS sets itself, or what is set in its console.
#[component]
fn Shown(settings: Settings) -> impl IntoView {
    let dash = || "\u{2013}".to_owned();
    let Saml { status, user_access_url, relay_state } = settings.saml;
    view! {
        <Section title="Set in AWS" lead="Frontdesk shows these and leaves them as they are.">
            <Facts>
                <Fact label="Subnets of WorkSpaces">{settings.subnets.join(", ")}</Fact>
                <Fact label="Hardware">{settings.tenancy.unwrap_or_else(dash)}</Fact>
                <Fact label="AWS\u{2019}s security group">
                    <Code>{settings.own_security_group.unwrap_or_else(dash)}</Code>
                </Fact>
                <Fact label="SAML sign-in">{status.unwrap_or_else(dash)}</Fact>
                {user_access_url.map(|url| view! { <Fact label="SAML user access URL">{url}</Fact> })}
                {relay_state.map(|name| view! { <Fact label="SAML relay state parameter">{name}</Fact> })}
            </Facts>
        </Section>
    }
}
