//! The pieces of the start page.

use leptos::{either::Either, prelude::*};
use leptos_router::components::A;
use model::{
    directories::Freshness,
    invitations::{Invitation, Waiting},
    launches::{DraftSummary, FailedRows, Summary},
    requests::{Summary as Request, Waiting as WaitingRequests},
};

use crate::{
    invitations::parts::{HeldBack, InvitationTable},
    launches::parts::{Why, people},
    requests::parts::RequestTable,
    ui::{
        FleetChart, FreshnessLine, Gloss, Icon, IconName, LinkButton, Progress, Row, Section, Table, Td, Th, Tone, When,
        launch_segments,
    },
};

/// Requests that wait for the reader, and the reader's own.
#[component]
pub fn Requests(requests: WaitingRequests) -> impl IntoView {
    let part = |title: &'static str, rows: Vec<Request>, mine: bool| {
        (!rows.is_empty()).then(|| view! { <Section title><RequestTable caption=title requests=rows mine /></Section> })
    };
    let WaitingRequests { to_decide, to_decide_total, asked_back, mine, drafts } = requests;
    let more = to_decide_total > i64::try_from(to_decide.len()).unwrap_or(i64::MAX);
    let all =
        more.then(|| view! { <LinkButton href="/approvals">{format!("All {to_decide_total} that wait for you")}</LinkButton> });
    let begun = (!drafts.is_empty()).then(|| {
        let count = drafts.len();
        let words = if count == 1 { "1 draft of a request".to_owned() } else { format!("{count} drafts of requests") };
        view! { <LinkButton href="/requests/new">{words}</LinkButton> }
    });
    view! {
        {part("Wait for your decision", to_decide, false)}
        {all}
        {part("Wait for your answer", asked_back, true)}
        {part("What you asked for", mine, true)}
        {begun}
    }
}

/// Something in trouble: the address of its page, its name, its state, and what to do about it.
pub type Trouble = [String; 4];

/// Things in trouble, and what to do about each. Nothing if there is none.
#[component]
pub fn Troubles(
    title: &'static str,
    lead: &'static str,
    /// What they are.
    column: &'static str,
    rows: Vec<Trouble>,
) -> impl IntoView {
    let row = |[href, name, state, what_to_do]: Trouble| {
        view! {
            <Row>
                <Td label=column main=true>
                    <A href>{name}</A>
                </Td>
                <Td label="State">{state}</Td>
                <Td label="What to do">{what_to_do}</Td>
            </Row>
        }
    };
    (!rows.is_empty()).then(|| {
        let rows = rows.into_iter().map(row).collect_view();
        view! {
            <Section title lead>
                <Table caption=title>
                    <thead>
                        <tr>
                            <Th>{column}</Th>
                            <Th>"State"</Th>
                            <Th>"What to do"</Th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
            </Section>
        }
    })
}

/// Invitations about which somebody has to do something, each with what that may be. Nothing if there is none.
#[component]
pub fn Invitations(waiting: Waiting) -> impl IntoView {
    let part = |title: &'static str, lead: &'static str, rows: Vec<Invitation>, total: i64, all: &'static str| {
        let more = total > i64::try_from(rows.len()).unwrap_or(i64::MAX);
        (total > 0).then(|| {
            view! {
                <Section title lead>
                    <InvitationTable invitations=rows />
                    {more.then(|| view! { <LinkButton href=all small=true>{format!("All {total}")}</LinkButton> })}
                </Section>
            }
        })
    };
    let never = waiting.never_opened;
    view! {
        {waiting.held.map(|held| view! { <HeldBack held /> })}
        {part(
            "Sent or not?",
            "The mail service's answer was lost. Find out whether the person has the mail, or send it again.",
            waiting.undecided,
            waiting.undecided_total,
            "/invitations?state=unconfirmed",
        )}
        {part(
            "Refused by the mail service",
            "Nobody got these. Put the address right in Active Directory, then send again.",
            waiting.refused,
            waiting.refused_total,
            "/invitations?state=failed",
        )}
        {(never > 0)
            .then(|| {
                let words = if never == 1 { "invitation sent" } else { "invitations sent" };
                view! {
                    <Section title="Waits for somebody">
                        <ul class="waiting">
                            <li class=Tone::Warning.class()>
                                <A href="/invitations?never_opened=1">
                                    <Icon name=Tone::Warning.icon() />
                                    <b>{never}</b>
                                    <span>{format!("{words} over three days ago and never opened")}</span>
                                    <Icon name=IconName::Next />
                                </A>
                            </li>
                        </ul>
                    </Section>
                }
            })}
    }
}

/// Rows that failed lately: who and why, and the launch in which to try again.
#[component]
pub fn Failed(failed: Vec<FailedRows>) -> impl IntoView {
    let rows = failed
        .into_iter()
        .map(|rows| {
            let who = match rows.count {
                1 => rows.name,
                2 => format!("{} and 1 other", rows.name),
                count => format!("{} and {} others", rows.name, count - 1),
            };
            view! {
                <Row>
                    <Td label="Person" main=true>
                        <A href=format!("/launches/{}?state=failed", rows.launch)>{who}</A>
                        <Gloss>{format!("in {}, by {}", rows.directory_name, rows.started_by)}</Gloss>
                    </Td>
                    <Td label="Why">
                        <Why failure=rows.failure />
                    </Td>
                    <Td label="Launched">
                        <When stamp=rows.started />
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Section title="Failed rows" lead="Open one to try again.">
            <Table caption="Failed rows">
                <thead>
                    <tr>
                        <Th>"Person"</Th>
                        <Th>"Why"</Th>
                        <Th>"Launched"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </Section>
    }
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
    let said = launch.paused.filter(|_| launch.counts.queued > 0);
    view! {
        <Row>
            <Td label="Launch" main=true>
                <A href=format!("/launches/{}", launch.id)>{format!("{} in {}", people(total), launch.directory_name)}</A>
                <Gloss>{format!("by {}", launch.started_by)}</Gloss>
                {said.map(|paused| view! { <Gloss>{format!("{} wait since {}: {}", people(launch.counts.queued), paused.since.local, paused.message)}</Gloss> })}
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
