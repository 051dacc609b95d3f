//! `/directories/{id}/dns`: what was changed, and beginning anew.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::components::A;
use model::{
    Error,
    directories::{Directory, DnsChange, Freshness},
};

use super::{
    api::{BeginDns, list},
    ids, path, state_badge,
};
use crate::{
    Failure,
    ui::{
        Back, Button, Checkbox, ChoiceCard, ChoiceCards, FreshnessLine, Gloss, LinkButton, Look, Notice, Page, PageHeader,
        PostForm, Posts, Row, Section, Table, Td, TextField, Th, Tone, When, loaded, reading,
    },
};

#[component]
pub fn DnsChangesPage() -> impl IntoView {
    let ids = ids();
    let page = reading(move || ids.get().0, |id| async move { list(id.ok_or(Failure(Error::NotFound))?).await });
    view! {
        <Page title="DNS servers of a directory" narrow=true>
            {loaded(
                page,
                |(directory, changes, freshness): (Directory, Vec<DnsChange>, Freshness)| {
                    view! { <Content directory changes freshness /> }
                },
            )}
        </Page>
    }
}

#[component]
fn Content(directory: Directory, changes: Vec<DnsChange>, freshness: Freshness) -> impl IntoView {
    let back = Back::to(format!("/directories/{}", directory.id), directory.name.clone());
    let live = changes.iter().find(|change| change.state.is_live()).cloned();
    let next = match (live, directory.why_not_dns()) {
        (Some(change), _) => view! {
            <Notice tone=Tone::Info title=format!("{} is being changed", change.title())>
                <p>"AWS allows one address at a time. Finish this change, or give it up, before the next one."</p>
                <LinkButton href=path(&change) look=Look::Primary>"Go on with it"</LinkButton>
            </Notice>
        }
        .into_any(),
        (None, Some(why)) => view! { <Notice tone=Tone::Info title="Nothing to change yet"><p>{why}</p></Notice> }.into_any(),
        (None, None) => view! { <Begin directory /> }.into_any(),
    };
    view! {
        <PageHeader
            title="Change DNS servers"
            back
            lead="One address at a time, as AWS prescribes it: first the WorkSpaces that exist, then the connector, with launches at rest around it. Both servers have to answer until the change is done."
        />
        {next}
        {(!changes.is_empty()).then(|| view! { <Changes changes /> })}
        <FreshnessLine freshness />
    }
}

#[component]
fn Begin(directory: Directory) -> impl IntoView {
    let only = directory.dns.len() == 1;
    let cards = directory
        .dns
        .iter()
        .map(|address| view! { <ChoiceCard name="form[old]" value=address.clone() title=address.clone() checked=only /> })
        .collect_view();
    view! {
        <Section title="Begin a change">
            <PostForm action=BeginDns::PATH label="Begin a change">
                <input type="hidden" name="directory" value=directory.id.to_string() />
                <div id="old" tabindex="-1">
                    <ChoiceCards name="form-old" legend="Which server is replaced?" hint="The addresses that AWS shows of the connector.">
                        {cards}
                    </ChoiceCards>
                </div>
                <TextField
                    name="form[new]"
                    id="new"
                    label="Address of the new server"
                    hint="IPv4. It is asked now whether it knows the domain\u{2019}s controllers."
                    inputmode="decimal"
                    autocomplete="off"
                    short=true
                />
                <div id="unreachable" tabindex="-1">
                    <Checkbox
                        name="form[unreachable]"
                        value="true"
                        label="Go on although it can\u{2019}t be reached from here"
                        hint="Only if the connector\u{2019}s subnets reach it and Frontdesk does not. The record keeps that you said so."
                    />
                </div>
                <div class="form-actions">
                    <Button look=Look::Primary disabled=Posts::pending(BeginDns::PATH)>"Check the server and begin"</Button>
                </div>
            </PostForm>
        </Section>
    }
}

#[component]
fn Changes(changes: Vec<DnsChange>) -> impl IntoView {
    let rows = changes
        .into_iter()
        .map(|change| {
            let (href, title, sentence) = (path(&change), change.title(), change.counts.sentence());
            view! {
                <Row>
                    <Td label="Change" main=true>
                        <A href=href>{title}</A>
                        <Gloss>{sentence}</Gloss>
                    </Td>
                    <Td label="State">{state_badge(change.state)}</Td>
                    <Td label="Begun">
                        <When stamp=change.begun.at />
                        <Gloss>{change.begun.by}</Gloss>
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption="Changes of this directory">
            <thead>
                <tr>
                    <Th>"Change"</Th>
                    <Th>"State"</Th>
                    <Th>"Begun"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}
