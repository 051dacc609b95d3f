//! `/directories/{id}`.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{components::A, hooks::use_params_map};
use model::{
    DirectoryId, Error,
    access::Act,
    directories::{Addresses, Directory, Freeze, Freshness, StageReason, stage_gloss},
};

use super::{
    addresses::Room,
    api::{BeginConnect, get},
};
use crate::{
    Failure,
    ui::{
        Allowed, Back, Badge, Button, Code, CopyButton, Fact, Facts, FreshnessLine, Gloss, LinkButton, Live, Look, Notice, Page,
        PageHeader, PostForm, Tone, Track, TurnsByItself, When, live, loaded, reading,
    },
};

/// One AD Connector: how far it is, and what it stands on.
#[component]
pub fn DirectoryPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok())));
    let turn = live::every(10);
    let page = reading(
        move || (id.get(), turn.get()),
        |(id, _): (Option<DirectoryId>, _)| async move { get(id.ok_or(Failure(Error::NotFound))?).await },
    );
    view! {
        <Page title="Directory">
            {loaded(
                page,
                |(directory, addresses, freshness, may_connect): (Directory, Option<Addresses>, Freshness, bool)| {
                    view! { <Content directory addresses freshness may_connect /> }
                },
            )}
        </Page>
    }
}

#[component]
fn Content(directory: Directory, addresses: Option<Addresses>, freshness: Freshness, may_connect: bool) -> impl IntoView {
    let why_not = directory.why_not();
    let lead = directory.organization.clone().or_else(|| directory.description.clone()).unwrap_or_default();
    let launches = match (&why_not, &directory.freeze) {
        (None, None) => (Tone::Success, "Takes launches"),
        (None, Some(_)) => (Tone::Warning, "Launches wait"),
        (Some(_), _) => (Tone::Neutral, "No launches"),
    };
    let freeze = directory.freeze.as_ref().map(Freeze::sentence);
    let registration = directory.registration.clone().unwrap_or_else(|| "not registered with WorkSpaces".to_owned());
    let next = directory.clone();
    let dns = directory.why_not_dns().is_none().then(|| format!("/directories/{}/dns", directory.id));
    view! {
        <PageHeader title=directory.name.clone() lead back=Back::to("/directories", "Directories")>
            <Allowed act=Act::ManageDirectories>
                <Next directory=next.clone() />
            </Allowed>
        </PageHeader>
        <Stage directory=directory.clone() may_connect />
        <Registration directory=directory.clone() />
        {directory.taken_down.then(|| view! { <TakenDown id=directory.id.to_string() /> })}
        <Facts>
            <Fact label="Stage">
                {directory.stage.clone()}
                <Gloss>{stage_gloss(&directory.stage)}</Gloss>
            </Fact>
            <Fact label="WorkSpaces">{registration}</Fact>
            <Fact label="Registration code">
                {match directory.registration_code.clone() {
                    Some(code) => {
                        let shown = code.clone();
                        view! {
                            <Code>{shown}</Code>
                            " "
                            <CopyButton text=code label="Copy the registration code" />
                        }
                            .into_any()
                    }
                    None => dash().into_any(),
                }}
            </Fact>
            <Fact label="Launches">
                <Badge tone=launches.0 text=launches.1 />
                {why_not.or(freeze).map(|why| view! { <Gloss>{why}</Gloss> })}
            </Fact>
            {directory
                .deregistration
                .clone()
                .map(|deregistration| {
                    view! {
                        <Fact label="Deregistered by AWS">
                            <When stamp=deregistration.at />
                            <Gloss>"AWS does that when a directory has no WorkSpaces for 30 days."</Gloss>
                        </Fact>
                    }
                })}
            <Fact label="NetBIOS name">{directory.short_name.clone().unwrap_or_else(dash)}</Fact>
            <Fact label="DNS addresses">
                {list(&directory.dns)}
                {dns
                    .map(|href| {
                        view! {
                            <Allowed act=Act::ManageDirectories>
                                <Gloss>
                                    <A href=href.clone()>"Change DNS servers"</A>
                                </Gloss>
                            </Allowed>
                        }
                    })}
            </Fact>
            <Fact label="Service account">{directory.service_account.clone().unwrap_or_else(dash)}</Fact>
            <Fact label="Size">{directory.size.clone().unwrap_or_else(dash)}</Fact>
            <Fact label="VPC">{directory.vpc.clone().unwrap_or_else(dash)}</Fact>
            <Fact label="Subnets">{list(&directory.subnets)}</Fact>
            <Fact label="Directory id">
                <Code>{directory.id.to_string()}</Code>
            </Fact>
            {directory.launched.clone().map(|stamp| view! { <Fact label="Created"><When stamp /></Fact> })}
        </Facts>
        <FreshnessLine freshness />
        {addresses.map(|addresses| view! { <Room addresses /> })}
    }
}

/// What an administrator does next with it.
#[component]
fn Next(directory: Directory) -> impl IntoView {
    let path = format!("/directories/{}", directory.id);
    let next = if directory.why_not_register().is_none() {
        view! { <LinkButton href=format!("{path}/register") look=Look::Primary>"Register with WorkSpaces"</LinkButton> }
            .into_any()
    } else {
        ().into_any()
    };
    view! {
        {next}
        <LinkButton href=format!("{path}/settings")>"Settings"</LinkButton>
        {(!directory.taken_down)
            .then(|| view! { <LinkButton href=format!("{path}/take-down") look=Look::Quiet>"Take down"</LinkButton> })}
    }
}

/// How far its registration with WorkSpaces is, while that is of interest.
#[component]
fn Registration(directory: Directory) -> impl IntoView {
    match directory.registration.as_deref() {
        Some("REGISTERING") => view! {
            <Track
                label="How far the registration is"
                steps=vec![("Asked".to_owned(), true), ("REGISTERING".to_owned(), true), ("REGISTERED".to_owned(), false)]
            />
            <TurnsByItself />
            <Live>
                <p>"WorkSpaces takes the directory into use. It takes some minutes; then the registration code stands below."</p>
            </Live>
        }
        .into_any(),
        Some("ERROR") => view! {
            <Notice tone=Tone::Danger title="WorkSpaces could not register this directory">
                <p>"Nobody can be launched here. Take it down and set it up anew; if AWS can\u{2019}t do that either, ask AWS Support."</p>
                {directory.registration_error.map(|error| view! { <p class="quiet">"AWS says: " {error}</p> })}
            </Notice>
        }
        .into_any(),
        _ => ().into_any(),
    }
}

#[component]
fn TakenDown(id: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning title="This directory is being taken down">
            <p>"Nobody can be launched into it."</p>
            <LinkButton href=format!("/directories/{id}/take-down")>"See how far it is"</LinkButton>
        </Notice>
    }
}

fn dash() -> String {
    "\u{2013}".to_owned()
}

fn list(all: &[String]) -> String {
    if all.is_empty() { dash() } else { all.join(", ") }
}

/// How far a new connector is, or what is the matter with one.
#[component]
fn Stage(directory: Directory, may_connect: bool) -> impl IntoView {
    let refused = directory.stage_reason.as_deref().map(StageReason::read) == Some(StageReason::Account);
    match directory.stage.as_str() {
        "Requested" | "Creating" | "Created" => view! { <BeingMade directory /> }.into_any(),
        "Failed" | "Impaired" | "Inoperable" => view! { <Trouble directory may_connect /> }.into_any(),
        "Active" | "Updating" if refused => view! { <Trouble directory may_connect /> }.into_any(),
        _ => ().into_any(),
    }
}

#[component]
fn BeingMade(directory: Directory) -> impl IntoView {
    let gloss = stage_gloss(&directory.stage);
    let begun = directory.stage != "Requested";
    let steps = vec![("Requested".to_owned(), true), ("Creating".to_owned(), begun), ("Active".to_owned(), false)];
    view! {
        <Track label="How far the connector is" steps />
        <TurnsByItself />
        <Live>
            <p>
                {format!("AWS makes the connector: {gloss}. ")}
                {directory.launched.map(|stamp| view! { "Asked for " <When stamp /> ". " })}
                "It takes some minutes, at most three quarters of an hour; this page turns by itself."
            </p>
        </Live>
    }
}

#[component]
fn Trouble(directory: Directory, may_connect: bool) -> impl IntoView {
    let Directory { id, stage, stage_reason: reason, .. } = directory;
    let title = match stage.as_str() {
        "Failed" => "AWS could not make this connector",
        "Inoperable" => "The connector does not work",
        _ => "The connector has trouble",
    };
    let cure = reason.as_deref().map_or_else(|| stage_gloss(&stage), |reason| StageReason::read(reason).cure());
    view! {
        <Notice tone=Tone::Danger title>
            <p>{cure}</p>
            {reason.map(|reason| view! { <p class="quiet">"AWS says: " {reason}</p> })}
            {(stage == "Failed")
                .then(|| {
                    view! {
                        <p>
                            "A connector that failed can\u{2019}t be repaired. Begin again with these values: everything is kept but the password. Then take this one down."
                        </p>
                        {may_connect
                            .then(|| {
                                view! {
                                    <PostForm action=BeginConnect::PATH>
                                        <input type="hidden" name="like" value=id.to_string() />
                                        <Button look=Look::Primary>"Start again with these values"</Button>
                                    </PostForm>
                                }
                            })}
                    }
                })}
        </Notice>
    }
}
