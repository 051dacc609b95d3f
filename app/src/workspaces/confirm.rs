//! `/workspaces/act/{id}`: what an action would do, to whom, what is lost, and the button.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::components::A;
use model::{
    Error,
    workspaces::{Confirmation, Workspace},
};

use super::{
    api::{StartBatch, confirm},
    batches::batch_id,
};
use crate::{
    Failure,
    ui::{
        Back, Button, Code, Gloss, LinkButton, Look, Notice, Page, PageHeader, PostForm, Posts, Row, Table, Td, TextField, Th,
        Tone, WorkspaceBadge, loaded, reading,
    },
};

/// What would happen, to whom, and what is lost; and the button.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let id = batch_id();
    let plan = reading(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => confirm(id).await,
                None => Err(Failure(Error::NotFound)),
            }
        },
    );
    view! { <Page title="Confirm">{loaded(plan, |plan| view! { <Plan plan /> })}</Page> }
}

#[component]
fn Plan(plan: Confirmation) -> impl IntoView {
    let (action, count) = (plan.action, i64::try_from(plan.ready.len()).unwrap_or(i64::MAX));
    let back = Back::to("/workspaces", "WorkSpaces");
    if plan.started {
        return view! {
            <PageHeader title=action.label() back />
            <Notice tone=Tone::Info title="This was started already">
                <p>"Nothing was done twice."</p>
                <LinkButton href=format!("/workspaces/batches/{}", plan.id)>"See how far it is"</LinkButton>
            </Notice>
        }
        .into_any();
    }
    if plan.ready.is_empty() {
        return view! {
            <PageHeader title=action.label() back />
            <Notice tone=Tone::Warning title="This can be done to none of them">
                <p>"As they are now. Each says why below. Nothing was done."</p>
            </Notice>
            <LeftOut plan />
        }
        .into_any();
    }
    let losses = action.loses().iter().map(|loss| view! { <li>{*loss}</li> }).collect_view();
    let lost = (!action.loses().is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Warning title=format!("What is lost with {}", if count == 1 { "it" } else { "each of them" })>
                <ul>{losses}</ul>
            </Notice>
        }
    });
    let left_out = plan.left_out.len();
    let lead = if left_out == 0 {
        String::new()
    } else {
        format!("{left_out} of those chosen are left out; they stand below with why.")
    };
    view! {
        <PageHeader title=format!("{}?", action.headline(count)) lead back />
        <p>{action.explains()}</p>
        {lost}
        <Targets rows=plan.ready.clone() />
        <LeftOut plan=plan.clone() />
        <SayYes plan />
    }
    .into_any()
}

#[component]
fn Targets(rows: Vec<Workspace>) -> impl IntoView {
    let rows = rows.into_iter().map(|workspace| view! { <Target workspace why=None /> }).collect_view();
    view! {
        <Table caption="It is done to" show_caption=true>
            <Heads last="Computer" />
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn LeftOut(plan: Confirmation) -> impl IntoView {
    (!plan.left_out.is_empty()).then(|| {
        let rows =
            plan.left_out.into_iter().map(|left| view! { <Target workspace=left.workspace why=left.why_not /> }).collect_view();
        view! {
            <Table caption="Left out" show_caption=true>
                <Heads last="Why" />
                <tbody>{rows}</tbody>
            </Table>
        }
    })
}

#[component]
fn Heads(last: &'static str) -> impl IntoView {
    view! {
        <thead>
            <tr>
                <Th>"User"</Th>
                <Th>"WorkSpace"</Th>
                <Th>"State"</Th>
                <Th>{last}</Th>
            </tr>
        </thead>
    }
}

#[component]
fn Target(workspace: Workspace, why: Option<String>) -> impl IntoView {
    let href = format!("/workspaces/{}", workspace.id);
    let (label, last) = match why {
        Some(why) => ("Why", why),
        None => ("Computer", workspace.computer_name.unwrap_or_default()),
    };
    view! {
        <Row>
            <Td label="User" main=true>
                {workspace.name.unwrap_or_else(|| workspace.user_name.clone())}
                <Gloss>{workspace.user_name} " · " {workspace.directory_name}</Gloss>
            </Td>
            <Td label="WorkSpace">
                <A href=href>
                    <Code>{workspace.id.to_string()}</Code>
                </A>
                <Gloss>{workspace.bundle}</Gloss>
            </Td>
            <Td label="State">
                <WorkspaceBadge state=workspace.state />
            </Td>
            <Td label=label>{last}</Td>
        </Row>
    }
}

/// The form that starts it.
#[component]
fn SayYes(plan: Confirmation) -> impl IntoView {
    let (action, count) = (plan.action, i64::try_from(plan.ready.len()).unwrap_or(i64::MAX));
    let wanted = plan.word().map(|word| {
        let label =
            if count == 1 { format!("Type the user name {word}") } else { format!("Type {word}, the number of WorkSpaces") };
        view! {
            <TextField
                name="typed"
                label
                hint="So that nothing is destroyed by a slip of the hand."
                autocomplete="off"
                required=true
                short=true
            />
        }
    });
    let hint = if action.needs_word() { "The record keeps it." } else { "If you like; the record keeps it." };
    let look = if action.needs_word() { Look::Danger } else { Look::Primary };
    view! {
        <PostForm action=StartBatch::PATH>
            <input type="hidden" name="id" value=plan.id.to_string() />
            <input type="hidden" name="act" value=action.as_str() />
            <TextField name="reason" label="Why" value=plan.reason hint autocomplete="off" required=action.needs_word() />
            {wanted}
            <div class="form-actions">
                <LinkButton href="/workspaces" look=Look::Quiet>
                    "Don\u{2019}t"
                </LinkButton>
                <Button look disabled=Posts::pending(StartBatch::PATH)>
                    {action.headline(count)}
                </Button>
            </div>
        </PostForm>
    }
}
