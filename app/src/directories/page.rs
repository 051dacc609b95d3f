//! `/directories`.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::components::A;
use model::{
    access::Act,
    directories::{ConnectLine, Directory, Freshness},
};

use super::api::{BeginConnect, overview};
use crate::ui::{
    Allowed, Badge, Button, Code, CopyButton, Empty, FreshnessLine, Gloss, LinkButton, Look, Page, PageHeader, PostForm, Row,
    Section, Table, Td, Th, Tone, live, loaded, reading,
};

/// All AD Connectors, with whether they take launches.
#[component]
pub fn DirectoriesPage() -> impl IntoView {
    let turn = live::every(15);
    let page = reading(move || turn.get(), |_| overview());
    view! {
        <Page title="Directories">
            {loaded(
                page,
                |(directories, drafts, freshness): (Vec<Directory>, Option<Vec<ConnectLine>>, Freshness)| {
                    let may_connect = drafts.is_some();
                    view! {
                        <PageHeader title="Directories" lead="The AD Connectors of this AWS account and Region.">
                            {may_connect.then(|| view! { <LinkButton href="/directories/readiness">"Readiness"</LinkButton> })}
                            <Allowed act=Act::ManageDirectories>
                                <LinkButton href="/directories/ip-groups">"IP access groups"</LinkButton>
                            </Allowed>
                            {may_connect
                                .then(|| {
                                    view! {
                                        <PostForm action=BeginConnect::PATH>
                                            <Button look=Look::Primary>"New AD Connector"</Button>
                                        </PostForm>
                                    }
                                })}
                        </PageHeader>
                        {if directories.is_empty() {
                            Either::Left(view! { <NoneYet may_connect /> })
                        } else {
                            Either::Right(view! { <List directories /> })
                        }}
                        <Drafts drafts=drafts.unwrap_or_default() />
                        <FreshnessLine freshness />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn NoneYet(may_connect: bool) -> impl IntoView {
    view! {
        <Empty title="No AD Connector yet">
            <p>"They will stand here as soon as AWS has one. A new one takes a VPC with two subnets that reach the domain controllers, and an account that may read the domain."</p>
            {may_connect
                .then(|| view! { <LinkButton href="/directories/readiness">"See whether everything is ready"</LinkButton> })}
        </Empty>
    }
}

/// Connectors that the reader began to set up.
#[component]
fn Drafts(drafts: Vec<ConnectLine>) -> impl IntoView {
    let rows = drafts.into_iter().map(|draft| {
        view! {
            <Row>
                <Td label="Draft" main=true>
                    <A href=format!("/directories/new/{}/{}", draft.id, draft.step)>{draft.name}</A>
                </Td>
                <Td label="State">{draft.state}</Td>
            </Row>
        }
    });
    let rows: Vec<_> = rows.collect();
    (!rows.is_empty()).then(|| {
        view! {
            <Section title="Your drafts" lead="Connectors that you began to set up.">
                <Table caption="Drafts">
                    <thead>
                        <tr>
                            <Th>"Draft"</Th>
                            <Th>"State"</Th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
            </Section>
        }
    })
}

#[component]
fn List(directories: Vec<Directory>) -> impl IntoView {
    let rows = directories
        .into_iter()
        .map(|directory| {
            let why_not = directory.why_not();
            let badge = if why_not.is_none() { (Tone::Success, "Takes launches") } else { (Tone::Neutral, "No launches") };
            let code = directory.registration_code;
            view! {
                <Row>
                    <Td label="Directory" main=true>
                        <A href=format!("/directories/{}", directory.id)>{directory.name}</A>
                        {directory.organization.map(|organization| view! { <Gloss>{organization}</Gloss> })}
                        <Gloss>{directory.id.to_string()}</Gloss>
                    </Td>
                    <Td label="Stage">
                        {directory.stage}
                        <Gloss>{directory.registration.unwrap_or_else(|| "not registered with WorkSpaces".to_owned())}</Gloss>
                    </Td>
                    <Td label="Registration code">
                        {code
                            .map(|code| {
                                let shown = code.clone();
                                view! {
                                    <Code>{shown}</Code>
                                    " "
                                    <CopyButton text=code label="Copy the registration code" />
                                }
                            })}
                    </Td>
                    <Td label="Launches">
                        <Badge tone=badge.0 text=badge.1 />
                        {why_not.map(|why| view! { <Gloss>{why}</Gloss> })}
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption="Directories">
            <thead>
                <tr>
                    <Th>"Directory"</Th>
                    <Th>"Stage"</Th>
                    <Th>"Registration code"</Th>
                    <Th>"Launches"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}
