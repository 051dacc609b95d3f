//! The step "Preflight": what can be seen before anything is created.

use leptos::{prelude::*, server_fn::ServerFn};
use model::directories::{ConnectDraft, ConnectStep, Outcome, Preflight};

use super::{step_page, step_path};
use crate::{
    directories::{
        api::LookAhead,
        parts::{findings_table, pass_or_fail},
    },
    ui::{Button, LinkButton, Look, PostForm, When},
};

#[component]
pub fn PreflightPage() -> impl IntoView {
    step_page(
        ConnectStep::Preflight,
        "Will it work?",
        "Frontdesk looks from where it runs, without the account and without creating anything. AWS looks from the two subnets: what does not answer here may answer there.",
        |draft, _, _| view! { <Looked draft /> }.into_any(),
    )
}

#[component]
fn Looked(draft: ConnectDraft) -> impl IntoView {
    let id = draft.id;
    let again = if draft.preflight.is_some() { "Look again" } else { "Look now" };
    let failed = draft.preflight.as_ref().map(|preflight| preflight.count(Outcome::Fail));
    let go_on = match failed {
        Some(0) => "Continue to check",
        _ => "Continue all the same",
    };
    let look = if failed == Some(0) { Look::Primary } else { Look::Plain };
    view! {
        {draft.preflight.map(|preflight| view! { <Found preflight /> })}
        <PostForm action=LookAhead::PATH>
            <input type="hidden" name="draft" value=id.to_string() />
            <div class="form-actions">
                <LinkButton href=step_path(id, ConnectStep::Directory) look=Look::Quiet>
                    "Back"
                </LinkButton>
                <Button look=if failed == Some(0) { Look::Plain } else { Look::Primary }>{again}</Button>
                <LinkButton href=step_path(id, ConnectStep::Check) look>
                    {go_on}
                </LinkButton>
            </div>
        </PostForm>
    }
}

#[component]
fn Found(preflight: Preflight) -> impl IntoView {
    let count = |outcome| preflight.count(outcome);
    let sum = format!(
        "{} pass, {} fail, {} can't be seen from here.",
        count(Outcome::Pass),
        count(Outcome::Fail),
        count(Outcome::CantTell)
    );
    view! {
        <p>{sum} " Looked at " <When stamp=preflight.at /> "."</p>
        {findings_table("Preflight", preflight.findings, pass_or_fail)}
    }
}
