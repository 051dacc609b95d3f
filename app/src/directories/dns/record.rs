//! `/directories/{id}/dns/{change}/record`: who did what and when, and every WorkSpace, on pages that can be printed.

use leptos::prelude::*;
use model::{
    Error,
    directories::{DnsChange, DnsWorkspace, Moment},
};

use super::{api::record, ids, path, state_badge};
use crate::{
    Failure,
    directories::parts::{findings_table, pass_or_fail},
    ui::{Back, Code, Fact, Facts, Page, PageHeader, Row, Section, Table, Td, Th, loaded, reading},
};

#[component]
pub fn DnsRecordPage() -> impl IntoView {
    let ids = ids();
    let page = reading(
        move || ids.get(),
        |(directory, id)| async move {
            match directory.zip(id) {
                Some((directory, id)) => record(directory, id).await,
                None => Err(Failure(Error::NotFound)),
            }
        },
    );
    view! {
        <Page title="Record of a DNS change">
            {loaded(page, |(change, workspaces): (DnsChange, Vec<DnsWorkspace>)| view! { <Content change workspaces /> })}
        </Page>
    }
}

/// A moment on paper, where nothing can be pointed at.
fn moment(moment: Moment) -> String {
    format!("{} by {}", moment.at.local, moment.by)
}

#[component]
fn Content(change: DnsChange, workspaces: Vec<DnsWorkspace>) -> impl IntoView {
    let csv = format!("{}/workspaces.csv", path(&change));
    let frozen = change.frozen.clone().map(|frozen| match change.left_then {
        0 => moment(frozen),
        left => format!("{}, with {left} WorkSpaces not done", moment(frozen)),
    });
    let changed = change.changed.clone().map(|at| {
        let early = if change.early { ", before launches had stood still for 15 minutes" } else { "" };
        format!("{}{early}", at.local)
    });
    let facts = [
        ("Begun", Some(moment(change.begun.clone()))),
        ("Launches frozen", frozen),
        ("New address seen at AWS", changed),
        ("Launches go on", change.thaws.clone().map(|at| at.local)),
        ("Verified", change.verified.clone().map(moment)),
        ("Ended", change.ended.clone().map(moment)),
        ("Why it was given up", change.reason.clone()),
        ("WorkSpaces", Some(change.counts.sentence())),
    ];
    let facts =
        facts.into_iter().filter_map(|(label, value)| value.map(|value| view! { <Fact label>{value}</Fact> })).collect_view();
    let (before, wanted, state) = (change.before.join(", "), change.wanted().join(", "), change.state);
    let (verification, findings) = (change.verification.clone(), change.findings.clone());
    view! {
        <PageHeader
            title=format!("DNS change {}", change.title())
            back=Back::to(path(&change), change.title())
            lead=format!("{} ({})", change.domain, change.directory)
        >
            <a href=csv download="workspaces.csv" rel="external" class="button">"Download as CSV"</a>
        </PageHeader>
        <Facts>
            <Fact label="State">{state_badge(state)}</Fact>
            <Fact label="Addresses before">
                <Code>{before}</Code>
            </Fact>
            <Fact label="Addresses wanted">
                <Code>{wanted}</Code>
            </Fact>
            {facts}
        </Facts>
        <Section title="The new server, when this was begun">
            {findings_table("Looks at the new server", findings, pass_or_fail)}
        </Section>
        {(!verification.is_empty())
            .then(|| {
                view! {
                    <Section title="Verification">
                        {findings_table("Verification", verification, pass_or_fail)}
                    </Section>
                }
            })}
        <Every workspaces />
    }
}

#[component]
fn Every(workspaces: Vec<DnsWorkspace>) -> impl IntoView {
    let rows = workspaces
        .into_iter()
        .map(|workspace| {
            let outcome = if workspace.state.is_none() { "Gone" } else { workspace.told.label() };
            let said = workspace.at.zip(workspace.by).map(|(at, by)| moment(Moment { at, by }));
            view! {
                <Row>
                    <Td label="User" main=true>{workspace.user_name}</Td>
                    <Td label="Computer">{workspace.computer_name}</Td>
                    <Td label="WorkSpace">
                        <Code>{workspace.id.to_string()}</Code>
                    </Td>
                    <Td label="Outcome">{outcome}</Td>
                    <Td label="Note">{workspace.note}</Td>
                    <Td label="Said">{said}</Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption="WorkSpaces" show_caption=true keys=false>
            <thead>
                <tr>
                    <Th>"User"</Th>
                    <Th>"Computer"</Th>
                    <Th>"WorkSpace"</Th>
                    <Th>"Outcome"</Th>
                    <Th>"Note"</Th>
                    <Th>"Said"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}
