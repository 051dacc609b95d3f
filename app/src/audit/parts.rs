//! The record as a table, for the page of the record and that of a person.

use leptos::{either::Either, prelude::*};
use leptos_router::components::A;
use model::audit::{Entry, ObjectLink, Outcome, Phase};

use crate::ui::{Badge, Code, Gloss, Row, Table, Td, Th, Tone, When};

/// Entries of the record, the newest first.
#[component]
pub fn EntryTable(entries: Vec<Entry>) -> impl IntoView {
    let rows = entries.into_iter().map(|entry| view! { <EntryRow entry /> }).collect_view();
    view! {
        <Table caption="Record">
            <thead>
                <tr>
                    <Th>"When"</Th>
                    <Th>"Who"</Th>
                    <Th>"What"</Th>
                    <Th>"To what"</Th>
                    <Th>"Outcome"</Th>
                    <Th>"Request"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn EntryRow(entry: Entry) -> impl IntoView {
    let href = entry.object_link.map(|link| match link {
        ObjectLink::Launch(launch) => format!("/launches/{launch}"),
        ObjectLink::Request(request) => format!("/requests/{request}"),
        ObjectLink::Batch(batch) => format!("/workspaces/batches/{batch}"),
        ObjectLink::Person(person) => format!("/people/{person}"),
    });
    let object = match href {
        Some(href) => Either::Left(view! { <A href=href>{entry.object}</A> }),
        None => Either::Right(entry.object),
    };
    let (tone, word) = match (entry.outcome, entry.phase) {
        (Some(Outcome::Succeeded), _) => (Tone::Success, "Succeeded"),
        (Some(Outcome::Failed), _) => (Tone::Danger, "Failed"),
        (Some(Outcome::Unknown), _) => (Tone::Warning, "Not known"),
        (None, Phase::Attempted) => (Tone::Info, "Begun"),
        (None, Phase::Finished) => (Tone::Neutral, "Ended"),
    };
    view! {
        <Row>
            <Td label="When">
                <When stamp=entry.at />
            </Td>
            <Td label="Who">{entry.actor}</Td>
            <Td label="What" main=true>
                {entry.action.label()}
                {entry.detail.map(|detail| view! { <Gloss>{detail}</Gloss> })}
            </Td>
            <Td label="To what">{object}</Td>
            <Td label="Outcome">
                <Badge tone=tone text=word />
            </Td>
            <Td label="Request">{entry.request_id.map(|request| view! { <Code>{request}</Code> })}</Td>
        </Row>
    }
}
