//! `/requests/{id}`: what can be done with a request; what is only looked at is `drawn`.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use model::{
    Error, RequestId,
    requests::{RequestPage as Whole, StageView, process::StageState},
};

use super::{
    api::{AnswerRequest, CopyRequest, Drawn, ReopenRequest, WithdrawRequest, get},
    decide::Decide,
};
use crate::{
    Failure,
    ui::{
        Back, Badge, Button, Gloss, Live, Look, Notice, Page, PageHeader, PostForm, Posts, Section, TextArea, Tone, When, live,
        loaded, reading,
    },
};

/// One request. It is read again every few seconds, unless somebody may be writing a decision on it.
#[component]
pub fn RequestPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<RequestId>().ok())));
    let turn = live::every(10);
    let page = reading(move || (id.get(), turn.get()), |(id, _)| async move { get(id.ok_or(Failure(Error::NotFound))?).await });
    view! { <Page title="Request">{loaded(page, |(request, drawn)| view! { <Content request drawn /> })}</Page> }
}

#[component]
fn Content(request: Whole, drawn: Drawn) -> impl IntoView {
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
    view! {
        <PageHeader title=summary.title.clone() lead=format!("For {}", summary.whom) back=Back::to("/requests", "Requests")>
            {copy}
            {change}
        </PageHeader>
        {notes}
        {question}
        {request.why_not.clone().map(|why| view! { <Notice tone=Tone::Info title="Not yours to decide">{why}</Notice> })}
        <Live hidden=true>{format!("{}. {}", summary.state.label(), summary.counts.sentence())}</Live>
        <div class="drawn" inner_html=drawn.about></div>
        {can.decide.then(|| view! { <Decide id version items=request.items /> })}
        <div class="drawn" inner_html=drawn.followed></div>
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
