//! The pieces of the start page.

use leptos::{either::Either, prelude::*};
use leptos_router::components::A;
use model::{
    directories::Freshness,
    launches::{DraftSummary, Summary, Today},
};

use crate::{
    launches::parts::people,
    ui::{
        FleetChart, FreshnessLine, Gloss, Icon, IconName, LinkButton, Progress, Row, Section, Table, Td, Th, Tone, When,
        launch_segments,
    },
};

/// Counts that somebody should look at, each leading to its list. Nothing if there is nothing.
#[component]
pub fn Waiting(today: Today) -> impl IntoView {
    let cards = [
        (Tone::Danger, today.failed_invitations, "invitations that the mail service refused", "/invitations?state=failed"),
        (
            Tone::Warning,
            today.unconfirmed_invitations,
            "invitations of which it is not known whether they were sent",
            "/invitations?state=unconfirmed",
        ),
        (
            Tone::Warning,
            today.never_opened,
            "invitations sent over three days ago and never opened",
            "/invitations?never_opened=1",
        ),
    ];
    let cards = cards
        .into_iter()
        .filter(|(_, count, ..)| *count > 0)
        .map(|(tone, count, words, href)| {
            view! {
                <li class=tone.class()>
                    <A href=href>
                        <Icon name=tone.icon() />
                        <b>{count}</b>
                        <span>{words}</span>
                        <Icon name=IconName::Next />
                    </A>
                </li>
            }
        })
        .collect_view();
    (!cards.is_empty()).then(|| {
        view! {
            <Section title="Waits for somebody">
                <ul class="waiting">{cards}</ul>
            </Section>
        }
    })
}

/// Launches with how far each is.
#[component]
pub fn Launches(#[prop(into)] title: String, launches: Vec<Summary>) -> impl IntoView {
    let rows = launches.into_iter().map(|launch| view! { <LaunchRow launch /> }).collect_view();
    view! {
        <Section title=title.clone()>
            <Table caption=format!("Launches: {title}")>
                <thead>
                    <tr>
                        <Th>"Launch"</Th>
                        <Th>"Started"</Th>
                        <Th>"How far"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
}

#[component]
fn LaunchRow(launch: Summary) -> impl IntoView {
    let total = launch.counts.total();
    view! {
        <Row>
            <Td label="Launch" main=true>
                <A href=format!("/launches/{}", launch.id)>{format!("{} in {}", people(total), launch.directory_name)}</A>
                <Gloss>{format!("by {}", launch.started_by)}</Gloss>
            </Td>
            <Td label="Started">
                <When stamp=launch.started />
            </Td>
            <Td label="How far">
                <Progress
                    label="Rows that are settled"
                    sentence=launch.counts.sentence()
                    segments=launch_segments(&launch.counts)
                    settled=launch.counts.finished()
                    total
                />
            </Td>
        </Row>
    }
}

/// Launches that were begun and not started.
#[component]
pub fn Drafts(drafts: Vec<DraftSummary>) -> impl IntoView {
    let rows = drafts
        .into_iter()
        .map(|draft| {
            let name = match draft.directory_name {
                Some(directory) => format!("{} in {directory}", people(draft.people)),
                None => "No directory chosen yet".to_owned(),
            };
            view! {
                <Row>
                    <Td label="Draft" main=true>
                        <A href=format!("/launches/new/{}/people", draft.id)>{name}</A>
                    </Td>
                    <Td label="Changed">
                        <When stamp=draft.changed />
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Section title="Your drafts" lead="Launches that you began and did not start. Nothing was sent to AWS yet.">
            <Table caption="Drafts">
                <thead>
                    <tr>
                        <Th>"Draft"</Th>
                        <Th>"Changed"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
}

/// The fleet by state, and how old that picture is.
#[component]
pub fn Fleet(fleet: Vec<(String, i64)>, freshness: Freshness) -> impl IntoView {
    let total: i64 = fleet.iter().map(|(_, count)| count).sum();
    let content = if fleet.is_empty() {
        Either::Left(view! {
            <p class="gloss">
                "Frontdesk has seen no WorkSpaces in the registered directories. Those that AWS has will show up here by state."
            </p>
        })
    } else {
        Either::Right(view! {
            <p class="big-number">
                <b>{total}</b>
                {if total == 1 { " WorkSpace" } else { " WorkSpaces" }}
            </p>
            <FleetChart fleet />
            <LinkButton href="/workspaces" small=true>
                "See all"
            </LinkButton>
        })
    };
    view! {
        <Section title="WorkSpaces">
            {content}
            <FreshnessLine freshness />
        </Section>
    }
}
