//! `/requests/{id}`: each person's way, who decides, what was said, and what can be done.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{components::A, hooks::use_params_map};
use model::{
    Error, RequestId,
    requests::{Event, ItemView, RequestPage as Whole, StageView, State, process::StageState},
};

use super::{
    api::{AnswerRequest, CopyRequest, ReopenRequest, WithdrawRequest, get},
    decide::Decide,
    parts::{RequestBadge, WayCell},
};
use crate::{
    Failure,
    ui::{
        Back, Badge, Button, Disclosure, Fact, Facts, Gloss, Live, Look, Notice, Page, PageHeader, PostForm, Posts, Row, Section,
        Table, Td, TextArea, Th, Tone, When, live, loaded, reading,
    },
};

/// One request. It is read again every few seconds, unless somebody may be writing a decision on it.
#[component]
pub fn RequestPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<RequestId>().ok())));
    let turn = live::every(10);
    let page = reading(move || (id.get(), turn.get()), |(id, _)| async move { get(id.ok_or(Failure(Error::NotFound))?).await });
    view! { <Page title="Request">{loaded(page, |request| view! { <Content request /> })}</Page> }
}

#[component]
fn Content(request: Whole) -> impl IntoView {
    let summary = request.summary.clone();
    let (id, version, can) = (summary.id, summary.version, request.can);
    let copy = can.copy.then(|| {
        view! {
            <PostForm action=CopyRequest::PATH>
                <input type="hidden" name="id" value=id.to_string() />
                <Button>"Ask for the same again"</Button>
            </PostForm>
        }
    });
    let change = can.change.then(|| view! { <Change id version /> });
    let notes = request.notes.clone().into_iter().map(|note| view! { <Notice tone=Tone::Warning>{note}</Notice> }).collect_view();
    let question = request.question.clone().map(|question| view! { <Question question id version answer=can.answer /> });
    let items = request.items.clone();
    view! {
        <PageHeader title=summary.title.clone() lead=format!("For {}", summary.whom) back=Back::to("/requests", "Requests")>
            {copy}
            {change}
        </PageHeader>
        {notes}
        {question}
        {request.why_not.clone().map(|why| view! { <Notice tone=Tone::Info title="Not yours to decide">{why}</Notice> })}
        <Live hidden=true>{format!("{}. {}", summary.state.label(), summary.counts.sentence())}</Live>
        <About request=request.clone() />
        {can.decide.then(|| view! { <Decide id version items=items.clone() /> })}
        <People items state=summary.state />
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
fn Change(id: RequestId, version: i64) -> impl IntoView {
    let (seen, also) = (version.to_string(), version.to_string());
    view! {
        <PostForm action=ReopenRequest::PATH>
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="seen" value=seen />
            <Button disabled=Posts::pending(ReopenRequest::PATH)>"Change it"</Button>
        </PostForm>
        <PostForm action=WithdrawRequest::PATH>
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="seen" value=also />
            <Button look=Look::Danger disabled=Posts::pending(WithdrawRequest::PATH)>"Withdraw it"</Button>
        </PostForm>
    }
}

/// What one of those who decide wants to know.
#[component]
fn Question(question: String, id: RequestId, version: i64, answer: bool) -> impl IntoView {
    view! {
        <Section title="Asked back">
            <p>{question}</p>
            {answer
                .then(|| {
                    view! {
                        <PostForm action=AnswerRequest::PATH>
                            <input type="hidden" name="id" value=id.to_string() />
                            <input type="hidden" name="seen" value=version.to_string() />
                            <TextArea name="answer" label="Your answer" />
                            <Button look=Look::Primary disabled=Posts::pending(AnswerRequest::PATH)>
                                "Answer"
                            </Button>
                        </PostForm>
                    }
                })}
        </Section>
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
        let link = item.launch.map(|(launch, _)| view! { <A href=format!("/launches/{launch}")>"See its launch"</A> });
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

/// A stage in a list of them.
#[component]
pub(super) fn StageLine(stage: StageView, number: usize) -> impl IntoView {
    let (tone, word) = match stage.state {
        StageState::Later => (Tone::Neutral, "To come"),
        StageState::Waiting => (Tone::Info, "Waiting"),
        StageState::Approved => (Tone::Success, "Approved"),
        StageState::Refused => (Tone::Danger, "Refused"),
    };
    let who = match (stage.decided_by, stage.who) {
        (Some(by), _) => format!("by {by}"),
        (None, Some(who)) if who != stage.kind => format!("{}: {who}", stage.kind),
        (None, _) => stage.kind,
    };
    view! {
        <li>
            <Badge tone text=format!("{number}. {word}") />
            " "
            {who}
            {stage.since.map(|since| view! { <Gloss>"since " <When stamp=since /></Gloss> })}
            {stage.note.map(|note| view! { <Gloss>{note}</Gloss> })}
        </li>
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
