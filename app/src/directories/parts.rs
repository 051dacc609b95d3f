//! What several pages of directories show.

use leptos::prelude::*;
use model::directories::{Finding, Outcome, Subnet};

use crate::ui::{Badge, ChoiceCard, Gloss, Row, Table, Td, Th, Tone};

/// A subnet to tick, with what its routes say, or why it can't be picked.
pub(super) fn subnet_card(name: &'static str, subnet: Subnet, checked: bool, region: &str) -> impl IntoView + use<> {
    let (obstacle, caution) = (subnet.obstacle(region), subnet.caution(region));
    let ways = format!("{}; {}", subnet.internet().words(), subnet.company().words());
    view! {
        <ChoiceCard
            name
            value=subnet.id.to_string()
            title=subnet.title()
            checked={checked && obstacle.is_none()}
            several=true
            disabled=obstacle.is_some()
        >
            <Gloss>{format!("{} \u{00b7} zone {} ({}) \u{00b7} {} free addresses", subnet.cidr, subnet.zone, subnet.zone_id, subnet.free)}</Gloss>
            <Gloss>{ways}</Gloss>
            {obstacle.or(caution).map(|words| view! { <Gloss>{words}</Gloss> })}
        </ChoiceCard>
    }
}

/// What was looked at, what is wrong first.
#[component]
pub(super) fn Findings(caption: &'static str, findings: Vec<Finding>) -> impl IntoView {
    let mut findings = findings;
    findings.sort_by_key(|finding| match finding.outcome {
        Outcome::Fail => 0,
        Outcome::CantTell => 1,
        Outcome::Pass => 2,
    });
    let rows = findings
        .into_iter()
        .map(|Finding { what, outcome, seen, cure }| {
            let (tone, word) = match outcome {
                Outcome::Pass => (Tone::Success, "Pass"),
                Outcome::Fail => (Tone::Danger, "Fail"),
                Outcome::CantTell => (Tone::Warning, "Can't tell"),
            };
            view! {
                <Row>
                    <Td label="Looked at" main=true>
                        {what}
                    </Td>
                    <Td label="Outcome">
                        <Badge tone text=word />
                    </Td>
                    <Td label="Seen">
                        {seen} {cure.map(|cure| view! { <Gloss>{cure}</Gloss> })}
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption keys=false>
            <thead>
                <tr>
                    <Th>"Looked at"</Th>
                    <Th>"Outcome"</Th>
                    <Th>"Seen"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}
