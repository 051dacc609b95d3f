//! Pieces of the pages of endings.

use leptos::prelude::*;
use model::endings::{Ending, State};

use crate::ui::{Badge, Gloss, Row, Table, Td, Th, Tone, When};

fn tone(state: State) -> Tone {
    match state {
        State::Noticed | State::Asked | State::AskedAgain | State::Held => Tone::Warning,
        State::LetGo | State::Holding | State::Opening => Tone::Info,
        State::Terminating | State::Terminated => Tone::Danger,
        State::Extended | State::Kept | State::Back => Tone::Success,
        State::Vanished => Tone::Neutral,
    }
}

/// Where an ending is.
#[component]
pub fn EndingBadge(state: State) -> impl IntoView {
    view! { <Badge tone=tone(state) text=state.label() gloss=state.gloss() /> }
}

/// When it ends, or when it is terminated if nothing is done.
pub fn day(ending: &Ending) -> Option<String> {
    match (&ending.terminates, &ending.ends) {
        (Some(day), _) => Some(format!("terminated on {day}")),
        (None, Some(day)) => Some(format!("last day {day}")),
        (None, None) => None,
    }
}

/// What it costs a month while it is there.
pub fn cost(ending: &Ending) -> String {
    ending.cost.clone().unwrap_or_else(|| "price not known".to_owned())
}

/// Desktops that are to end.
#[component]
pub fn EndingTable(#[prop(into)] caption: String, endings: Vec<Ending>, #[prop(optional)] show_caption: bool) -> impl IntoView {
    let rows = endings.into_iter().map(|ending| view! { <EndingRow ending /> }).collect_view();
    view! {
        <Table caption show_caption>
            <thead>
                <tr>
                    <Th>"Desktop"</Th>
                    <Th>"Why it ends"</Th>
                    <Th>"State"</Th>
                    <Th>"A month"</Th>
                    <Th>"Since"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn EndingRow(ending: Ending) -> impl IntoView {
    let (day, cost) = (day(&ending), cost(&ending));
    view! {
        <Row>
            <Td label="Desktop" main=true>
                <a href=format!("/endings/{}", ending.id)>
                    <bdi>{ending.name}</bdi>
                </a>
                <Gloss>{ending.user_name} " \u{b7} " {ending.directory_name}</Gloss>
            </Td>
            <Td label="Why it ends">
                {ending.cause.label()}
                {day.map(|day| view! { <Gloss>{day}</Gloss> })}
            </Td>
            <Td label="State">
                <EndingBadge state=ending.state />
                {ending.waits.map(|waits| view! { <Gloss>{waits}</Gloss> })}
            </Td>
            <Td label="A month">{cost}</Td>
            <Td label="Since">
                <When stamp=ending.since brief=true />
            </Td>
        </Row>
    }
}
