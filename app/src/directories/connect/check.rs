//! The step "Check": all of it once more, the account, and the button that has AWS make it.

use leptos::{prelude::*, server_fn::ServerFn};
use model::directories::{ConnectDraft, ConnectForm, ConnectStep, Network};

use super::{step_page, step_path};
use crate::{
    directories::api::CreateConnector,
    ui::{Button, Fact, Facts, LinkButton, Look, Notice, PostForm, TextField, Tone},
};

#[component]
pub fn CreatePage() -> impl IntoView {
    step_page(
        ConnectStep::Check,
        "Check and create",
        "The account is proven at a domain controller first, over TLS. Only then AWS is asked.",
        |draft, network, _| view! { <Create draft network /> }.into_any(),
    )
}

#[component]
fn Create(draft: ConnectDraft, network: Network) -> impl IntoView {
    let (id, seen) = (draft.id, draft.version);
    let refused = draft.refusal.map(|why| {
        view! {
            <Notice tone=Tone::Danger title="No connector was made">
                <p>{why}</p>
                <p>"What you entered is kept, but for the password."</p>
            </Notice>
        }
    });
    let twin = draft.twin.map(|twin| {
        view! {
            <Notice tone=Tone::Warning title="There is a connector to this domain in this VPC">
                <p>"Another one is rarely wanted: each counts against the quota and needs an account of its own."</p>
                <LinkButton href=format!("/directories/{twin}")>"Look at it"</LinkButton>
            </Notice>
        }
    });
    view! {
        {refused}
        {twin}
        <Summary form=draft.form network />
        <PostForm action=CreateConnector::PATH>
            <input type="hidden" name="draft" value=id.to_string() />
            <input type="hidden" name="seen" value=seen.to_string() />
            <TextField
                name="account"
                label="Service account"
                value=draft.account.unwrap_or_default()
                hint="Its account name alone, without DOMAIN\\ and without @. It reads users and groups and joins computers to the domain. Each connector needs one of its own."
                autocomplete="off"
                required=true
            />
            <TextField
                name="password"
                label="Password"
                kind="password"
                hint="Goes to the domain controller and to AWS, and is kept nowhere."
                autocomplete="new-password"
                required=true
            />
            <TextField name="password_again" label="Password again" kind="password" autocomplete="new-password" required=true />
            <div class="form-actions">
                <LinkButton href=step_path(id, ConnectStep::Preflight) look=Look::Quiet>
                    "Back"
                </LinkButton>
                <Button look=Look::Primary>"Create the AD Connector"</Button>
            </div>
        </PostForm>
    }
}

#[component]
fn Summary(form: ConnectForm, network: Network) -> impl IntoView {
    let vpc = network.vpc(&form.vpc);
    let title = vpc.map_or_else(|| form.vpc.clone(), model::directories::Vpc::title);
    let subnets =
        vpc.into_iter().flat_map(|vpc| &vpc.subnets).filter(|subnet| form.subnets.iter().any(|id| id == subnet.id.as_str()));
    let subnets: Vec<_> = subnets.map(|subnet| format!("{}, zone {}", subnet.title(), subnet.zone)).collect();
    let dns: Vec<_> = [form.dns_1, form.dns_2].into_iter().filter(|address| !address.is_empty()).collect();
    let short = (!form.short_name.is_empty()).then(|| format!(" ({})", form.short_name));
    view! {
        <Facts>
            <Fact label="Domain">{form.dns_name} {short}</Fact>
            <Fact label="DNS">{dns.join(", ")}</Fact>
            <Fact label="VPC">{title}</Fact>
            <Fact label="Subnets">{subnets.join("; ")}</Fact>
            <Fact label="Size">{form.size}</Fact>
            {(!form.organization.is_empty()).then(|| view! { <Fact label="Organisation">{form.organization}</Fact> })}
            {(!form.description.is_empty()).then(|| view! { <Fact label="Description">{form.description}</Fact> })}
        </Facts>
    }
}
