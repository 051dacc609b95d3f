//! Pieces of the pages of requests.

use leptos::prelude::*;
use model::requests::{State, Summary, Way};

use crate::ui::{Badge, Gloss, Row, Table, Td, Th, Tone, Track, When};

fn state_tone(state: State) -> Tone {
    match state {
        State::Draft | State::Withdrawn => Tone::Neutral,
        State::Waiting => Tone::Info,
        State::AskedBack => Tone::Warning,
        State::Approved => Tone::Success,
        State::Refused => Tone::Danger,
    }
}

/// The state of a request, and whom it waits for.
#[component]
pub fn RequestBadge(state: State, waiting_for: Option<String>) -> impl IntoView {
    let gloss = match state {
        State::AskedBack => Some("waits for an answer".to_owned()),
        _ => waiting_for.map(|who| format!("waits for {who}")),
    };
    view! { <Badge tone=state_tone(state) text=state.label() gloss=gloss.unwrap_or_default() /> }
}

fn way_tone(way: Way) -> Tone {
    match way {
        Way::Asked | Way::Approved | Way::Withdrawn | Way::Ended => Tone::Neutral,
        Way::Launching | Way::Available | Way::Invited => Tone::Info,
        Way::SignedIn => Tone::Success,
        Way::LookedAt | Way::SetAside | Way::NotMade => Tone::Warning,
        Way::Refused => Tone::Danger,
    }
}

/// How far one person is: the word, and the way with what is reached.
#[component]
pub fn WayCell(way: Way, name: String, note: Option<String>) -> impl IntoView {
    let track = way.step().map(|at| {
        let steps = Way::STEPS.iter().zip(0..).map(|(step, place)| (step.label().to_owned(), place <= at)).collect();
        view! { <Track label=format!("The way of {name}") steps /> }
    });
    view! {
        <Badge tone=way_tone(way) text=way.label() gloss=way.gloss() />
        {note.map(|note| view! { <Gloss>{note}</Gloss> })}
        {track}
    }
}

/// Requests with how far each is.
#[component]
pub fn RequestTable(
    #[prop(into)] caption: String,
    requests: Vec<Summary>,
    /// Who asks is known: it is the reader.
    #[prop(optional)]
    mine: bool,
) -> impl IntoView {
    let rows = requests.into_iter().map(|request| view! { <RequestRow request mine /> }).collect_view();
    view! {
        <Table caption>
            <thead>
                <tr>
                    <Th>"Request"</Th>
                    {(!mine).then(|| view! { <Th>"Asked by"</Th> })}
                    <Th>"State"</Th>
                    <Th>"Needed by"</Th>
                    <Th>"Asked"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn RequestRow(request: Summary, mine: bool) -> impl IntoView {
    let far = (request.state == State::Approved).then(|| request.counts.sentence());
    view! {
        <Row>
            <Td label="Request" main=true>
                <a href=format!("/requests/{}", request.id)>{request.title}</a>
                <Gloss>
                    <bdi>{request.whom}</bdi>
                    {request.price.map(|price| format!(" \u{b7} a month: {price}"))}
                </Gloss>
            </Td>
            {(!mine).then(|| view! { <Td label="Asked by">{request.requester}</Td> })}
            <Td label="State">
                <RequestBadge state=request.state waiting_for=request.waiting_for />
                {far.map(|far| view! { <Gloss>{far}</Gloss> })}
            </Td>
            <Td label="Needed by">{request.needed_by}</Td>
            <Td label="Asked">
                <When stamp=request.asked />
            </Td>
        </Row>
    }
}
