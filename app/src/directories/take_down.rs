//! `/directories/{id}/take-down`.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::{components::A, hooks::use_params_map};
use model::{
    DirectoryId, Error,
    directories::{Freshness, Halt, TakeDown, TakeDownPlan, TakeDownStep},
};

use super::api::{BeginTakeDown, GoOnTakingDown, StopTakingDown, take_down};
use crate::{
    Failure,
    ui::{
        Back, Badge, Button, Fact, Facts, FreshnessLine, Gloss, LinkButton, Live, Look, Notice, Page, PageHeader, PostForm,
        Posts, Row, Section, Table, Td, TextField, Th, Tone, TurnsByItself, When, live, loaded, reading,
    },
};

/// What taking a directory down would do, or how far it is.
#[component]
pub fn TakeDownPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok())));
    let turn = live::every(5);
    let page = reading(
        move || (id.get(), turn.get()),
        |(id, _): (Option<DirectoryId>, _)| async move { take_down(id.ok_or(Failure(Error::NotFound))?).await },
    );
    view! {
        <Page title="Take a directory down" narrow=true>
            {loaded(
                page,
                |(plan, down, freshness): (Option<TakeDownPlan>, Option<TakeDown>, Freshness)| {
                    view! { <Content plan down freshness /> }
                },
            )}
        </Page>
    }
}

#[component]
fn Content(plan: Option<TakeDownPlan>, down: Option<TakeDown>, freshness: Freshness) -> impl IntoView {
    let going = down.as_ref().is_some_and(|down| !down.step.is_over());
    match (plan, down) {
        (plan, Some(down)) if going || plan.is_none() => {
            let left = plan.map_or(0, |plan| plan.workspaces);
            view! { <Going down left /> }.into_any()
        }
        (Some(plan), down) => view! {
            <Plan plan before=down />
            <FreshnessLine freshness />
        }
        .into_any(),
        // The server answers with "not found" instead.
        (None, _) => ().into_any(),
    }
}

/// What would happen, and the form that starts it. `before`: the last time, which was stopped.
#[component]
fn Plan(plan: TakeDownPlan, before: Option<TakeDown>) -> impl IntoView {
    let why_not = plan.why_not();
    let TakeDownPlan { directory, workspaces, ip_groups, .. } = plan;
    let path = format!("/directories/{}", directory.id);
    let (id, name) = (directory.id.to_string(), directory.name.clone());
    let registered = directory.registration.is_some();
    let gone = match workspaces {
        0 => "There are no WorkSpaces in it.".to_owned(),
        1 => "1 WorkSpace, with everything on it. Nobody can bring it back, not AWS either.".to_owned(),
        count => format!("{count} WorkSpaces, with everything on them. Nobody can bring them back, not AWS either."),
    };
    let attached = (!ip_groups.is_empty()).then(|| format!("Its IP access groups come off: {}.", ip_groups.join(", ")));
    let tone = if workspaces > 0 { Tone::Danger } else { Tone::Warning };
    let form = match why_not {
        Some(why) => view! {
            <Notice tone=Tone::Info title="It can\u{2019}t be taken down now">
                <p>{why}</p>
                <LinkButton href="/launches">"Look at the launches"</LinkButton>
            </Notice>
        }
        .into_any(),
        None => view! { <SayYes id name=name.clone() workspaces back=path.clone() /> }.into_any(),
    };
    view! {
        <PageHeader
            title=format!("Take {name} down?")
            lead="Frontdesk does each step in AWS\u{2019}s order and waits until AWS shows it done. It goes on by itself, also when you leave this page."
            back=Back::to(path, directory.name)
        />
        {before
            .map(|before| {
                view! {
                    <Notice tone=Tone::Info title="It was begun before, and stopped">
                        <p>"Asked for by " {before.asked_by} ", " <When stamp=before.asked /> ". What was done then stays done."</p>
                    </Notice>
                }
            })}
        <Notice tone title="What is lost">
            <ul>
                <li>{gone}</li>
                {registered.then(|| view! { <li>"The registration code. A new registration gets another one, and people have to enter that."</li> })}
                {attached.map(|attached| view! { <li>{attached}</li> })}
                <li>"The AD Connector. Active Directory itself is not touched; computer accounts of old WorkSpaces stay there."</li>
            </ul>
            {(workspaces > 0).then(|| view! { <p><A href="/workspaces">"Look at the WorkSpaces first"</A></p> })}
        </Notice>
        {form}
    }
}

#[component]
fn SayYes(id: String, name: String, workspaces: i64, back: String) -> impl IntoView {
    view! {
        <PostForm action=BeginTakeDown::PATH>
            <input type="hidden" name="id" value=id />
            <TextField name="reason" label="Why" hint="The record keeps it." autocomplete="off" required=true />
            <TextField
                name="name"
                label=format!("Type the directory\u{2019}s name, {name}")
                hint="So that nothing is destroyed by a slip of the hand."
                autocomplete="off"
                required=true
            />
            {(workspaces > 0).then(|| view! { <CountField workspaces /> })}
            <div class="form-actions">
                <LinkButton href=back look=Look::Quiet>
                    "Don\u{2019}t"
                </LinkButton>
                <Button look=Look::Danger disabled=Posts::pending(BeginTakeDown::PATH)>"Take it down"</Button>
            </div>
        </PostForm>
    }
}

#[component]
fn CountField(workspaces: i64) -> impl IntoView {
    view! {
        <TextField
            name="count"
            label=format!("Type {workspaces}, the number of WorkSpaces that are terminated")
            autocomplete="off"
            inputmode="numeric"
            required=true
            short=true
        />
    }
}

/// How far it is, or how it ended. `left`: WorkSpaces that are still in it.
#[component]
fn Going(down: TakeDown, left: i64) -> impl IntoView {
    let (id, over) = (down.directory.to_string(), down.step.is_over());
    let title = match down.step {
        TakeDownStep::Done => format!("{} is taken down", down.name),
        TakeDownStep::Stopped => format!("Taking {} down was stopped", down.name),
        _ => format!("Taking {} down", down.name),
    };
    let sentence = match (down.halt, over) {
        (Some(_), _) => "It stands still until somebody decides.".to_owned(),
        (None, true) => down.step.explains().to_owned(),
        (None, false) => format!("{}. {}", down.step.label(), down.note.clone().unwrap_or_default()),
    };
    let back =
        if over { Back::to("/directories", "Directories") } else { Back::to(format!("/directories/{id}"), down.name.clone()) };
    view! {
        {(!over).then(|| view! { <TurnsByItself /> })}
        <PageHeader title back />
        <Live>
            <p>{sentence}</p>
        </Live>
        {down.halt.map(|halt| view! { <Halted id=id.clone() halt note=down.note.clone() left /> })}
        <Checklist down=down.clone() />
        <Facts>
            <Fact label="Asked for">{down.asked_by.clone()} ", " <When stamp=down.asked.clone() /></Fact>
            <Fact label="Why">{down.reason.clone()}</Fact>
            <Fact label="WorkSpaces confirmed">
                {down.confirmed.to_string()}
                {down
                    .batch
                    .map(|batch| view! { <Gloss><A href=format!("/workspaces/batches/{batch}")>"How their termination goes"</A></Gloss> })}
            </Fact>
        </Facts>
        {(!over).then(|| view! { <Stop id /> })}
    }
}

#[component]
fn Checklist(down: TakeDown) -> impl IntoView {
    let stopped = down.stopped_at.is_some();
    let rows = TakeDownStep::WORK.into_iter().map(move |step| {
        let (tone, word) = match down.progress(step) {
            Some(true) => (Tone::Success, "Done"),
            Some(false) if stopped => (Tone::Neutral, "Stopped here"),
            Some(false) if down.halt.is_some() => (Tone::Warning, "Waits for you"),
            Some(false) => (Tone::Info, "Under way"),
            None => (Tone::Neutral, "Not yet"),
        };
        let here = (down.progress(step) == Some(false)).then(|| down.since.clone());
        view! {
            <Row>
                <Td label="Step" main=true>
                    {step.label()} <Gloss>{step.explains()}</Gloss>
                </Td>
                <Td label="State">
                    <Badge tone text=word />
                    {here.map(|since| view! { <Gloss>"since " <When stamp=since brief=true /></Gloss> })}
                </Td>
            </Row>
        }
    });
    view! {
        <Table caption="Steps" keys=false>
            <thead>
                <tr>
                    <Th>"Step"</Th>
                    <Th>"State"</Th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </Table>
    }
}

/// Why it stands still, and how it goes on.
#[component]
fn Halted(id: String, halt: Halt, note: Option<String>, left: i64) -> impl IntoView {
    let count = (halt == Halt::WorkspacesLeft && left > 0).then(|| view! { <CountField workspaces=left /> });
    let (look, word) = if count.is_some() { (Look::Danger, "Terminate these too") } else { (Look::Primary, "Go on") };
    view! {
        <Notice tone=Tone::Danger title="It stands still">
            <p>{halt.explain()}</p>
            {note.map(|note| view! { <p class="quiet">{note}</p> })}
        </Notice>
        <PostForm action=GoOnTakingDown::PATH>
            <input type="hidden" name="id" value=id />
            {count}
            <div class="form-actions">
                <Button look disabled=Posts::pending(GoOnTakingDown::PATH)>{word}</Button>
            </div>
        </PostForm>
    }
}

#[component]
fn Stop(id: String) -> impl IntoView {
    view! {
        <Section title="Changed your mind?" lead="What was not sent to AWS yet is not sent. What was done stays done, and what AWS is at goes on there.">
            <PostForm action=StopTakingDown::PATH label="Stop">
                <input type="hidden" name="id" value=id />
                <div class="form-actions">
                    <Button disabled=Posts::pending(StopTakingDown::PATH)>"Stop here"</Button>
                </div>
            </PostForm>
        </Section>
    }
}
