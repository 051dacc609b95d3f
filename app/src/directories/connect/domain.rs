//! The step "Directory": the domain and its DNS servers.

use leptos::{prelude::*, server_fn::ServerFn};
use model::directories::{ConnectDraft, ConnectStep, Size};

use super::{step_page, step_path};
use crate::{
    directories::api::SaveDomain,
    ui::{Button, ChoiceCard, ChoiceCards, ErrorSummary, Gloss, LinkButton, Look, PostForm, TextField, error_of},
};

#[component]
pub fn DomainPage() -> impl IntoView {
    step_page(
        ConnectStep::Directory,
        "Which domain does it connect?",
        "AD Connector passes sign-ins on to the company's own Active Directory and keeps none of it.",
        |draft, _, _| view! { <Form draft /> }.into_any(),
    )
}

#[component]
fn Form(draft: ConnectDraft) -> impl IntoView {
    let ConnectDraft { id, form, errors, .. } = draft;
    let proposed = form.proposed_short_name();
    let short_name = if form.short_name.is_empty() { proposed } else { form.short_name };
    let errors: Vec<_> = errors.into_iter().filter(|error| error.field != "vpc" && error.field != "subnets").collect();
    let all = errors.clone();
    let error = move |field: &str| error_of(&all, field).unwrap_or_default();
    let sizes = Size::ALL
        .map(|size| {
            view! {
                <ChoiceCard name="form[size]" value=size.as_str() title=size.as_str() checked={form.size == size.as_str()}>
                    <Gloss>{size.gloss()}</Gloss>
                </ChoiceCard>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <ErrorSummary errors />
        <PostForm action=SaveDomain::PATH>
            <input type="hidden" name="draft" value=id.to_string() />
            <TextField
                name="form[organization]"
                id="organization"
                label="Organisation name (optional)"
                value=form.organization
                hint="What people call this directory in Frontdesk. AWS does not get it."
                error=error("organization")
                autocomplete="off"
            />
            <TextField
                name="form[description]"
                id="description"
                label="Description (optional)"
                value=form.description
                hint="Stands in the AWS console. Plain letters, digits and spaces, 128 at most."
                error=error("description")
                autocomplete="off"
            />
            <TextField
                name="form[dns_name]"
                id="dns_name"
                label="Directory DNS name"
                value=form.dns_name
                hint="The domain's full name, such as corp.example.com. A name of one word can't be connected."
                error=error("dns_name")
                autocomplete="off"
                required=true
            />
            <TextField
                name="form[short_name]"
                id="short_name"
                label="Directory NetBIOS name (optional)"
                value=short_name
                hint="The short name before the backslash in CORP\\anna, 15 characters at most."
                error=error("short_name")
                autocomplete="off"
            />
            <TextField
                name="form[dns_1]"
                id="dns_1"
                label="DNS address"
                value=form.dns_1
                hint="The IPv4 address of a DNS server that knows the domain; usually a domain controller."
                error=error("dns_1")
                autocomplete="off"
                required=true
            />
            <TextField
                name="form[dns_2]"
                id="dns_2"
                label="Second DNS address (optional)"
                value=form.dns_2
                hint="So that people can sign in while the first one is away."
                error=error("dns_2")
                autocomplete="off"
            />
            <ChoiceCards name="size" legend="Size" error=error("size")>
                {sizes}
            </ChoiceCards>
            <div class="form-actions">
                <LinkButton href=step_path(id, ConnectStep::Network) look=Look::Quiet>
                    "Back"
                </LinkButton>
                <Button look=Look::Primary>"Continue to preflight"</Button>
            </div>
        </PostForm>
    }
}
