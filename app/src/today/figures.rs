//! What of the start page is only looked at, drawn by the server into HTML: the browser needs no code for it.

use leptos::{either::Either, prelude::*};
use model::{
    directories::Freshness,
    endings::{Ending, Waiting as WaitingEndings},
    launches::{DraftSummary, FailedRows, Summary, Today},
    requests::{Summary as Request, Waiting as WaitingRequests},
};

use super::api::TodayView;
use crate::{
    endings::EndingTable,
    launches::parts::{Why, people},
    requests::parts::RequestTable,
    ui::{Empty, FleetChart, FreshnessLine, Gloss, LinkButton, Progress, Row, Section, Table, Td, Th, When, launch_segments},
};

/// The whole of it, with the invitations between, which can be decided there; the fleet for those who see desktops.
pub(super) fn figures(today: Today, requests: WaitingRequests, endings: WaitingEndings, sees_desktops: bool) -> TodayView {
    let quiet = is_quiet(&today) && requests.is_empty() && endings.is_empty();
    let Today { running, paused, failed, invitations, connectors, offerings, drafts, fleet, freshness } = today;
    let connectors: Vec<_> = connectors
        .into_iter()
        .map(|trouble| [format!("/directories/{}", trouble.id), trouble.name, trouble.state, trouble.what_to_do])
        .collect();
    let offerings: Vec<_> = offerings
        .into_iter()
        .map(|flagged| [format!("/offerings/{}", flagged.offering), flagged.name, flagged.state, flagged.what_to_do])
        .collect();
    let above = view! {
        {quiet
            .then(|| {
                view! {
                    <Empty title="Nothing waits">
                        <p>
                            "What needs you will stand here: requests to decide, what was asked back, launches under way, rows that failed and invitations that need a look."
                        </p>
                    </Empty>
                }
            })}
        <Requests requests />
        <Endings endings />
        <Troubles
            title="Directories in trouble"
            lead="People may not be able to sign in there, or to get a WorkSpace."
            column="Directory"
            rows=connectors
        />
        <Troubles title="Offerings to look at" lead="AWS has changed what they are made from." column="Offering" rows=offerings />
        {(!paused.is_empty()).then(|| view! { <Launches title="Paused until somebody sees to it" launches=paused /> })}
        {(!failed.is_empty()).then(|| view! { <Failed failed /> })}
    };
    let below = view! {
        {(!running.is_empty()).then(|| view! { <Launches title="Under way" launches=running /> })}
        {(!drafts.is_empty()).then(|| view! { <Drafts drafts /> })}
        {sees_desktops.then(|| view! { <Fleet fleet freshness /> })}
    };
    TodayView { above: above.to_html(), invitations, below: below.to_html() }
}

fn is_quiet(today: &Today) -> bool {
    today.running.is_empty()
        && today.paused.is_empty()
        && today.failed.is_empty()
        && today.connectors.is_empty()
        && today.offerings.is_empty()
        && today.drafts.is_empty()
        && today.invitations.held.is_none()
        && today.invitations.undecided_total + today.invitations.refused_total + today.invitations.never_opened == 0
}

/// Requests that wait for the reader, and the reader's own.
#[component]
fn Requests(requests: WaitingRequests) -> impl IntoView {
    let part = |title: &'static str, rows: Vec<Request>, mine: bool| {
        (!rows.is_empty()).then(|| view! { <Section title><RequestTable caption=title requests=rows mine /></Section> })
    };
    let WaitingRequests { to_decide, to_decide_total, asked_back, mine, drafts, overdue } = requests;
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
        {part("Approved, and not launched though the day has come", overdue, false)}
        {begun}
    }
}

/// Desktops that are to end and wait for the reader.
#[component]
fn Endings(endings: WaitingEndings) -> impl IntoView {
    let part = |title: &'static str, lead: &'static str, rows: Vec<Ending>, (total, all): (i64, &'static str)| {
        let more = total > i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let more = more.then(|| view! { <LinkButton href=all small=true>{format!("All {total}")}</LinkButton> });
        (!rows.is_empty()).then(|| view! { <Section title lead><EndingTable caption=title endings=rows />{more}</Section> })
    };
    let WaitingEndings { mine, mine_total, leavers, leavers_total, stuck, stuck_total } = endings;
    view! {
        {part("Desktops of yours that end", "Ask for more time, or let them go.", mine, (mine_total, "/requests"))}
        {part("Desktops of people who have left", "Each waits for somebody to decide.", leavers, (leavers_total, "/endings?state=noticed"))}
        {part(
            "Ends that do not go on",
            "For over a day AWS has not done what was asked for. See what is the matter with these desktops.",
            stuck,
            (stuck_total, "/endings"),
        )}
    }
}

/// Something in trouble: the address of its page, its name, its state, and what to do about it.
type Trouble = [String; 4];

/// Things in trouble, and what to do about each. Nothing if there is none.
#[component]
fn Troubles(
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
                    <a href=href>{name}</a>
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

/// Rows that failed lately: who and why, and the launch in which to try again.
#[component]
fn Failed(failed: Vec<FailedRows>) -> impl IntoView {
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
                        <a href=format!("/launches/{}?state=failed", rows.launch)>{who}</a>
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
fn Launches(#[prop(into)] title: String, launches: Vec<Summary>) -> impl IntoView {
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
                <a href=format!("/launches/{}", launch.id)>{format!("{} in {}", people(total), launch.directory_name)}</a>
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
fn Drafts(drafts: Vec<DraftSummary>) -> impl IntoView {
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
                        <a href=format!("/launches/new/{}/people", draft.id)>{name}</a>
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
fn Fleet(fleet: Vec<(String, i64)>, freshness: Freshness) -> impl IntoView {
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

#[cfg(test)]
mod tests {
    use model::{
        Stamp,
        endings::{Cause, State},
    };

    use super::*;

    fn stamp() -> Stamp {
        Stamp { local: "1 Dec".into(), ago: "2 days ago".into(), utc: "2026-12-01".into(), machine: "2026-12-01".into() }
    }

    #[test]
    fn ends_that_do_not_go_on_stand_there_with_why() {
        let ending = Ending {
            id: "0193a5c4-5b7e-7c3a-9d52-3f6d0a4b1c11".parse().unwrap(),
            workspace: "ws-0a1b2c3d4".parse().unwrap(),
            directory_name: "corp.example.com".into(),
            person: None,
            name: "Anna Nordwind".into(),
            user_name: "anna.nordwind".into(),
            cause: Cause::Temporary,
            state: State::Holding,
            since: stamp(),
            noticed: stamp(),
            ends: None,
            held: None,
            unclosed: true,
            undone: None,
            terminates: Some("8 Dec 2026".into()),
            cost: None,
            waits: Some("AWS says IMPAIRED".into()),
            decided_by: None,
            request: None,
            version: 1,
        };
        let waiting = WaitingEndings { stuck: vec![ending], stuck_total: 7, ..WaitingEndings::default() };
        assert!(!waiting.is_empty());
        let html = view! { <Endings endings=waiting /> }.to_html();
        for words in ["Ends that do not go on", "Anna Nordwind", "AWS says IMPAIRED", "terminated on 8 Dec 2026", "All 7"] {
            assert!(html.contains(words), "{words}: {html}");
        }
    }
}
