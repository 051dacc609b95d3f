//! What of a request is only looked at, drawn by the server into HTML: each person's way, who decides, what was said.

use leptos::prelude::*;
use model::requests::{Event, ItemView, RequestPage as Whole, StageView, State};

use super::{
    api::Drawn,
    one::StageLine,
    parts::{RequestBadge, WayCell},
};
use crate::{
    endings::EndingTable,
    ui::{Disclosure, Fact, Facts, Gloss, Row, Section, Table, Td, Th, When},
};

/// All of it.
pub(super) fn drawn(request: &Whole) -> Drawn {
    let about = view! { <About request=request.clone() /> }.into_any().to_html();
    Drawn { about, followed: view! { <Followed request=request.clone() /> }.into_any().to_html() }
}

#[component]
fn Followed(request: Whole) -> impl IntoView {
    let endings = request.endings;
    view! {
        <People items=request.items state=request.summary.state />
        {(!endings.is_empty()).then(|| view! { <EndingTable caption="Desktops that are to end" endings show_caption=true /> })}
        <Stages stages=request.stages rule=request.rule />
        <Story events=request.events />
    }
}

#[component]
fn About(request: Whole) -> impl IntoView {
    let summary = request.summary;
    view! {
        <Facts>
            <Fact label="State">
                <RequestBadge state=summary.state waiting_for=summary.waiting_for />
            </Fact>
            <Fact label="Asked by">{summary.requester} ", " <When stamp=summary.asked /></Fact>
            <Fact label="Why">{summary.reason}</Fact>
            <Fact label="Needed by">{summary.needed_by}</Fact>
            <Fact label="Until">{request.until.unwrap_or_else(|| "lasting".to_owned())}</Fact>
            <Fact label="A month">{summary.price.unwrap_or_else(|| "price not known".to_owned())}</Fact>
            <Fact label="Cost centre">
                {request.cost_centre} {request.budget.map(|budget| view! { <Gloss>{budget}</Gloss> })}
            </Fact>
            {request.launch_day.map(|day| view! { <Fact label="Desktops are made">{day}</Fact> })}
        </Facts>
    }
}

#[component]
fn People(items: Vec<ItemView>, state: State) -> impl IntoView {
    let staff = items.iter().any(|item| item.launch.is_some());
    let rows = items.into_iter().map(|item| view! { <Person item staff /> }).collect_view();
    let caption = if state.is_decided() { "How far each desktop is" } else { "For whom" };
    view! {
        <Table caption show_caption=true>
            <thead>
                <tr>
                    <Th>"Person"</Th>
                    <Th>"Desktop"</Th>
                    <Th>"How far"</Th>
                    {staff.then(|| view! { <Th>"Launch"</Th> })}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Person(item: ItemView, staff: bool) -> impl IntoView {
    let launch = staff.then(|| {
        let link = item.launch.map(|(launch, _)| view! { <a href=format!("/launches/{launch}")>"See its launch"</a> });
        view! { <Td label="Launch">{link}</Td> }
    });
    let name = item.name.clone();
    view! {
        <Row>
            <Td label="Person" main=true>
                <bdi>{item.name}</bdi>
                <Gloss>
                    {item.account} {item.department.map(|department| format!(" \u{b7} {department}"))}
                </Gloss>
            </Td>
            <Td label="Desktop">
                {item.offering_name}
                <Gloss>{item.price}</Gloss>
            </Td>
            <Td label="How far">
                <WayCell way=item.way name note=item.note />
            </Td>
            {launch}
        </Row>
    }
}

#[component]
fn Stages(stages: Vec<StageView>, rule: String) -> impl IntoView {
    let rows = stages.into_iter().zip(1..).map(|(stage, number)| view! { <StageLine stage number /> }).collect_view();
    view! {
        <Section title="Who decides" lead=rule>
            <ol class="plain-list">{rows}</ol>
        </Section>
    }
}

#[component]
fn Story(events: Vec<Event>) -> impl IntoView {
    let rows = events.into_iter().map(|event| view! { <Happened event /> }).collect_view();
    view! {
        <Disclosure summary="What was said and decided" open=true>
            <ul class="plain-list">{rows}</ul>
        </Disclosure>
    }
}

#[component]
fn Happened(event: Event) -> impl IntoView {
    view! {
        <li>
            <b>{event.what.label()}</b>
            " "
            {event.by}
            ", "
            <When stamp=event.at />
            {event.note.map(|note| view! { <Gloss>{note}</Gloss> })}
            {event.rule.map(|rule| view! { <Gloss>"Rule: " {rule}</Gloss> })}
        </li>
    }
}
