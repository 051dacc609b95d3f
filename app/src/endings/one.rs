//! `/endings/{id}`: why a desktop ends, what is lost with it, and what can be decided.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{components::A, hooks::use_params_map};
use model::{
    EndingId, Error, RequestId,
    access::Act,
    endings::{Cause, Decision, Ending, EndingPage as Whole, State},
    workspaces::WorkspaceAction,
};

use super::{
    api::{DecideEnding, ExtendEnding, get},
    parts::{EndingBadge, cost},
};
use crate::{
    Failure,
    ui::{
        Back, Button, Code, Fact, Facts, Gloss, LinkButton, Live, Look, Notice, Page, PageHeader, PostForm, Posts, Section,
        TextField, Tone, When, WorkspaceBadge, live, loaded, may, reading,
    },
};

/// One desktop that is to end.
#[component]
pub fn EndingPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<EndingId>().ok())));
    let turn = live::every(10);
    let page = reading(move || (id.get(), turn.get()), |(id, _)| async move { get(id.ok_or(Failure(Error::NotFound))?).await });
    view! { <Page title="End of a desktop">{loaded(page, |whole| view! { <Content whole /> })}</Page> }
}

#[component]
fn Content(whole: Whole) -> impl IntoView {
    let ending = whole.ending.clone();
    let back = match (may(Act::SeeDesktops), ending.request) {
        (true, _) => Back::to("/endings", "Endings"),
        (false, Some(request)) => Back::to(format!("/requests/{request}"), "The request"),
        (false, None) => Back::to("/requests", "Requests"),
    };
    let (id, version, state, cause) = (ending.id, ending.version, ending.state, ending.cause);
    let for_a_while = ending.undone.clone().zip(ending.ends.clone());
    let unclosed = ending.unclosed;
    let decides = !whole.decisions.is_empty();
    view! {
        <PageHeader title=format!("End of {}\u{2019}s desktop", ending.name) lead=ending.cause.label() back />
        <Live hidden=true>{format!("{}: {}", state.label(), state.gloss())}</Live>
        <About ending workspace_state=whole.workspace_state staff=whole.staff />
        {for_a_while.map(|(undone, until)| view! { <ForAWhile undone until /> })}
        {unclosed.then(|| view! { <Unclosed /> })}
        {whole.extension.map(|request| view! { <UnderWay request /> })}
        {whole.extend_from.map(|from| view! { <Extend id from /> })}
        {decides.then(|| view! { <Decide id version decisions=whole.decisions cause state /> })}
        {(!state.is_over()).then(|| view! { <Lost /> })}
    }
}

#[component]
fn About(ending: Ending, workspace_state: String, staff: bool) -> impl IntoView {
    let cost = cost(&ending);
    let name = ending.name;
    let person = match ending.person.filter(|_| staff && may(Act::SeePeople)) {
        Some(guid) => view! { <A href=format!("/people/{guid}")>{name}</A> }.into_any(),
        None => view! { <bdi>{name}</bdi> }.into_any(),
    };
    let workspace = ending.workspace.to_string();
    let desktop = if staff {
        view! { <A href=format!("/workspaces/{workspace}")><Code>{workspace.clone()}</Code></A> }.into_any()
    } else {
        view! { <Code>{workspace}</Code> }.into_any()
    };
    view! {
        <Facts>
            <Fact label="State">
                <EndingBadge state=ending.state />
                <Gloss>"since " <When stamp=ending.since /></Gloss>
                {ending.waits.map(|waits| view! { <Gloss>{waits}</Gloss> })}
            </Fact>
            <Fact label="User">{person} <Gloss>{ending.user_name}</Gloss></Fact>
            <Fact label="WorkSpace">{desktop} " " <WorkspaceBadge state=workspace_state /></Fact>
            <Fact label="Noticed">
                <When stamp=ending.noticed />
            </Fact>
            {ending.ends.map(|day| view! { <Fact label="Last day">{day}</Fact> })}
            {ending.held.map(|day| view! { <Fact label="Held since">{day}</Fact> })}
            {ending.terminates.map(|day| view! { <Fact label="Terminated on">{day} <Gloss>"unless it is undone before"</Gloss></Fact> })}
            <Fact label="Costs a month">{cost} <Gloss>"also while it is held, until it is terminated"</Gloss></Fact>
            {ending.decided_by.map(|who| view! { <Fact label="Decided by">{who}</Fact> })}
            {ending
                .request
                .map(|request| {
                    view! {
                        <Fact label="Asked for">
                            <A href=format!("/requests/{request}")>"See the request"</A>
                        </Fact>
                    }
                })}
        </Facts>
    }
}

/// A temporary desktop whose hold was undone.
#[component]
fn ForAWhile(undone: String, until: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning title=format!("Open until {until}")>
            <p>
                {format!(
                    "Its hold was undone on {undone}. After {until} it is held again, for 7 days, and then terminated. If it is needed for longer, more time has to be asked for and approved before then.",
                )}
            </p>
        </Notice>
    }
}

/// A desktop that is to be held and is not closed.
#[component]
fn Unclosed() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning title="AWS can\u{2019}t close it">
            <p>
                "In the state that it is in AWS closes no desktop, so its user may still be able to use it. Frontdesk goes on trying, and the days of its hold count all the same."
            </p>
        </Notice>
    }
}

#[component]
fn UnderWay(request: RequestId) -> impl IntoView {
    view! {
        <Notice tone=Tone::Info title="More time is being asked for">
            <p>"Until that is approved, the end goes on as it stands here."</p>
            <LinkButton href=format!("/requests/{request}")>"See that request"</LinkButton>
        </Notice>
    }
}

/// A request for more time.
#[component]
fn Extend(id: EndingId, from: String) -> impl IntoView {
    view! {
        <Section title="It is still needed" lead="More time is asked for as the desktop was: the rules say who decides. Others of the same request that end too are asked for along with it.">
            <PostForm action=ExtendEnding::PATH>
                <input type="hidden" name="id" value=id.to_string() />
                <TextField name="until" label="New last day" kind="date" value=String::new() hint=format!("From {from} on.") required=true short=true />
                <Button look=Look::Primary disabled=Posts::pending(ExtendEnding::PATH)>
                    "Ask for more time"
                </Button>
            </PostForm>
        </Section>
    }
}

#[component]
fn Decide(id: EndingId, version: i64, decisions: Vec<Decision>, cause: Cause, state: State) -> impl IntoView {
    let forms = decisions
        .into_iter()
        .map(|decision| {
            let look = match decision {
                Decision::LetGo => Look::Danger,
                Decision::Undo => Look::Primary,
                Decision::Hold | Decision::Keep => Look::Plain,
            };
            let label = match (decision, state) {
                (Decision::LetGo, State::Holding | State::Held) => "Terminate it after the hold",
                (Decision::Undo, State::LetGo) => "Do not let it go",
                (Decision::Undo, _) => "Undo the hold",
                (Decision::Keep, _) if cause == Cause::Temporary => "Keep it for good",
                _ => decision.label(),
            };
            view! {
                <li>
                    <PostForm action=DecideEnding::PATH>
                        <input type="hidden" name="id" value=id.to_string() />
                        <input type="hidden" name="seen" value=version.to_string() />
                        <input type="hidden" name="what" value=decision.as_str() />
                        <Button look disabled=Posts::pending(DecideEnding::PATH)>
                            {label}
                        </Button>
                    </PostForm>
                    <Gloss>{decision.explains(cause, state)}</Gloss>
                </li>
            }
        })
        .collect_view();
    view! {
        <Section title="What is to become of it">
            <ul class="plain-list">{forms}</ul>
        </Section>
    }
}

/// What nobody gets back.
#[component]
fn Lost() -> impl IntoView {
    let lost = WorkspaceAction::Terminate.loses().iter().map(|lost| view! { <li>{*lost}</li> }).collect_view();
    view! {
        <Section title="What is lost once it is terminated">
            <ul>{lost}</ul>
        </Section>
    }
}
