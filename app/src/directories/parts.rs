//! What several pages of directories show.

use leptos::prelude::*;
use model::directories::{Finding, Outcome, Subnet};

use crate::ui::{Badge, Button, ChoiceCard, Gloss, Live, Row, Table, Td, Th, Tone, use_query_map};

/// The button of a part, and whether it was just pressed: the form's answer leads back here with the part's name.
#[component]
pub(super) fn Save(
    part: &'static str,
    #[prop(default = "Save")] label: &'static str,
    #[prop(default = "Saved, AWS has it")] said: &'static str,
) -> impl IntoView {
    let query = use_query_map();
    let saved = move || query.with(|query| query.get("saved").as_deref() == Some(part));
    view! {
        <div class="form-actions">
            <Live>{move || saved().then(|| view! { <Badge tone=Tone::Success text=said /> })}</Live>
            <Button>{label}</Button>
        </div>
    }
}

/// What a check found, the gravest first, each with its cure and where to carry it out; `word` is what an outcome is called.
pub(super) fn findings_table(
    caption: &'static str,
    mut findings: Vec<Finding>,
    word: fn(Outcome) -> &'static str,
) -> impl IntoView + use<> {
    findings.sort_by_key(|finding| finding.outcome);
    let row = |Finding { what, outcome, seen, cure, link }| {
        let tone = match outcome {
            Outcome::Pass => Tone::Success,
            Outcome::Fail => Tone::Danger,
            Outcome::Note => Tone::Warning,
            Outcome::CantTell => Tone::Neutral,
        };
        view! {
            <Row>
                <Td label="Looked at" main=true>
                    {what}
                </Td>
                <Td label="Outcome">
                    <Badge tone text=word(outcome) />
                </Td>
                <Td label="Seen">
                    {seen} {cure.map(|cure| view! { <Gloss>{cure}</Gloss> })}
                    {link
                        .map(|link| {
                            view! {
                                <Gloss>
                                    <a href=link.href rel="external noreferrer">
                                        {link.label}
                                    </a>
                                </Gloss>
                            }
                        })}
                </Td>
            </Row>
        }
    };
    let rows = findings.into_iter().map(row).collect_view();
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

/// What a look before something is done is called.
pub(super) fn pass_or_fail(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "Pass",
        Outcome::Fail => "Fail",
        Outcome::Note | Outcome::CantTell => "Can\u{2019}t tell",
    }
}
