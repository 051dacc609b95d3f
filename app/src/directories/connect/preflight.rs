//! The step "Preflight": what can be seen before anything is created.

use leptos::{prelude::*, server_fn::ServerFn};
use model::directories::{ConnectDraft, ConnectStep, Finding, Outcome, Preflight};

use super::{step_page, step_path};
use crate::{
    directories::api::LookAhead,
    ui::{Badge, Button, Gloss, LinkButton, Look, PostForm, Row, Table, Td, Th, Tone, When},
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
        {draft.preflight.map(|preflight| view! { <Findings preflight /> })}
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
fn Findings(preflight: Preflight) -> impl IntoView {
    let count = |outcome| preflight.count(outcome);
    let sum = format!(
        "{} pass, {} fail, {} can't be seen from here.",
        count(Outcome::Pass),
        count(Outcome::Fail),
        count(Outcome::CantTell)
    );
    let mut findings = preflight.findings;
    findings.sort_by_key(|finding| match finding.outcome {
        Outcome::Fail => 0,
        Outcome::CantTell => 1,
        Outcome::Pass => 2,
    });
    let rows = findings
        .into_iter()
        .map(|Finding { what, outcome, seen, cure }| {
            let (tone, word) = match outcome {
                Outcome::Pass => (Tone::Success, "Pass"),
                Outcome::Fail => (Tone::Danger, "Fail"),
                Outcome::CantTell => (Tone::Warning, "Can't tell"),
            };
            view! {
                <Row>
                    <Td label="Looked at" main=true>
                        {what}
                    </Td>
                    <Td label="Outcome">
                        <Badge tone text=word />
                    </Td>
                    <Td label="Seen">
                        {seen} {cure.map(|cure| view! { <Gloss>{cure}</Gloss> })}
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <p>{sum} " Looked at " <When stamp=preflight.at /> "."</p>
        <Table caption="Preflight" keys=false>
            <thead>
                <tr>
                    <Th>"Looked at"</Th>
                    <Th>"Outcome"</Th>
                    <Th>"Seen"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}
