//! `/directories/{id}/register`.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use model::{
    DirectoryId, Error,
    directories::{Directory, Freshness, Network},
};

use super::{
    api::{RegisterDirectory, registering},
    parts::subnet_card,
};
use crate::{
    Failure,
    ui::{
        Back, Button, Checkbox, ChoiceCard, ChoiceCards, FreshnessLine, Gloss, LinkButton, Look, Notice, Page, PageHeader,
        PostForm, Tone, loaded, reading,
    },
};

/// What WorkSpaces has to be told to take a directory into use.
#[component]
pub fn RegisterPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok())));
    let page = reading(
        move || id.get(),
        |id: Option<DirectoryId>| async move { registering(id.ok_or(Failure(Error::NotFound))?).await },
    );
    view! {
        <Page title="Register with WorkSpaces" narrow=true>
            {loaded(
                page,
                |(directory, network, freshness): (Directory, Network, Freshness)| view! { <Content directory network freshness /> },
            )}
        </Page>
    }
}

#[component]
fn Content(directory: Directory, network: Network, freshness: Freshness) -> impl IntoView {
    let back = Back::to(format!("/directories/{}", directory.id), directory.name.clone());
    let lead = "WorkSpaces takes the directory into use and gives it the registration code that people enter in their client. It takes some minutes.";
    let form = match directory.why_not_register() {
        Some(why) => view! {
            <Notice tone=Tone::Info title="Nothing to register">
                <p>{why}</p>
                <LinkButton href=format!("/directories/{}", directory.id)>"See how far it is"</LinkButton>
            </Notice>
        }
        .into_any(),
        None => view! {
            <Form directory network />
            <FreshnessLine freshness />
        }
        .into_any(),
    };
    view! {
        <PageHeader title="Register with WorkSpaces" lead back />
        {form}
    }
}

#[component]
fn Form(directory: Directory, network: Network) -> impl IntoView {
    let region = network.region.clone();
    let vpc = directory.vpc.as_deref().and_then(|vpc| network.vpc(vpc)).cloned();
    let own = directory.subnets.clone();
    let cards = match vpc {
        Some(vpc) => vpc.subnets.into_iter().map(|subnet| {
            let checked = own.iter().any(|id| id == subnet.id.as_str());
            subnet_card("form[subnets][]", subnet, checked, &region).into_any()
        }).collect_view(),
        // EC2 was not read, or may not be.
        None => own
            .iter()
            .map(|subnet| view! { <ChoiceCard name="form[subnets][]" value=subnet.clone() title=subnet.clone() checked=true several=true /> }.into_any())
            .collect_view(),
    };
    view! {
        <PostForm action=RegisterDirectory::PATH>
            <input type="hidden" name="id" value=directory.id.to_string() />
            <ChoiceCards
                name="subnets"
                legend="Where do the WorkSpaces stand?"
                hint="Two subnets of different zones. Each WorkSpace takes an address; the connector\u{2019}s own two subnets are proposed."
            >
                {cards}
            </ChoiceCards>
            <ChoiceCards name="tenancy" legend="On which hardware?">
                <ChoiceCard name="form[tenancy]" value="SHARED" title="Shared" checked=true>
                    <Gloss>"What nearly everybody wants."</Gloss>
                </ChoiceCard>
                <ChoiceCard name="form[tenancy]" value="DEDICATED" title="Dedicated">
                    <Gloss>"Only for Windows licences of your own (BYOL), and only once AWS has enabled the account for it. It can\u{2019}t be changed afterwards."</Gloss>
                </ChoiceCard>
            </ChoiceCards>
            <Checkbox
                name="form[self_service]"
                value="true"
                label="Let users help themselves"
                hint="In the client they can then restart and rebuild their WorkSpace, enlarge its volumes, and change its type and running mode, which changes the bill. Each can be switched in the settings."
            />
            <div class="form-actions">
                <LinkButton href=format!("/directories/{}", directory.id) look=Look::Quiet>
                    "Not now"
                </LinkButton>
                <Button look=Look::Primary>"Register"</Button>
            </div>
            <p class="quiet">
                "Older instructions switch on Amazon WorkDocs here. AWS has ended it and taken it out of this step; nothing is missing."
            </p>
        </PostForm>
    }
}
