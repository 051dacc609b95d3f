//! The step "Check": who can get one, what it costs, which rule decides and who; and the button that hands it in.

use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    RequestId,
    requests::{CheckRow, CheckStep, Step},
};

use super::{StepHead, is_open, no_request, request_id};
use crate::{
    people::parts::Obstacles,
    requests::{
        api::{RemoveFromRequest, SubmitRequest, check},
        one::StageLine,
    },
    ui::{
        Button, ErrorSummary, Fact, Facts, Gloss, LinkButton, Look, Page, PostForm, Posts, Row, Section, Table, Td, Th, loaded,
        reading,
    },
};

#[component]
pub fn CheckPage() -> impl IntoView {
    let id = request_id();
    let page = reading(move || id.get(), |id| async move { check(id.ok_or_else(no_request)?).await });
    view! {
        <Page title="Check · Ask for desktops">{loaded(page, |step| view! { <Content step /> })}</Page>
    }
}

#[component]
fn Content(step: CheckStep) -> impl IntoView {
    let draft = step.draft.clone();
    if !is_open(&draft, Step::Check) {
        return view! { <StepHead draft step=Step::Check title="Check and hand in" /> }.into_any();
    }
    let (id, version, ready) = (draft.id, draft.version, step.problems.is_empty());
    let count = step.rows.len();
    let stages = step.stages.iter().cloned().zip(1..).map(|(stage, number)| view! { <StageLine stage number /> }).collect_view();
    let at_once = step.stages.is_empty() && !step.rule.is_empty();
    view! {
        <StepHead draft step=Step::Check title="Check and hand in" />
        <ErrorSummary errors=step.problems />
        <Facts>
            <Fact label="For">{if count == 1 { "1 person".to_owned() } else { format!("{count} people") }}</Fact>
            <Fact label="Why">{step.reason}</Fact>
            <Fact label="Needed by">{step.needed_by}</Fact>
            <Fact label="Until">{step.until.unwrap_or_else(|| "lasting".to_owned())}</Fact>
            <Fact label="All of it costs">{step.total}</Fact>
            <Fact label="Cost centre">
                {step.cost_centre} <Gloss>{step.budget}</Gloss>
            </Fact>
        </Facts>
        <Section title="Who decides" lead=step.rule>
            {at_once.then(|| view! { <p>"Nobody has to be asked."</p> })}
            <ol class="plain-list">{stages}</ol>
        </Section>
        <People rows=step.rows id />
        <PostForm action=SubmitRequest::PATH>
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="seen" value=version.to_string() />
            <input type="hidden" name="shown" value=step.shown />
            <div class="form-actions">
                <LinkButton href=format!("/requests/new/{id}/desktop") look=Look::Quiet>
                    "Back"
                </LinkButton>
                {ready
                    .then(|| {
                        view! {
                            <Button look=Look::Primary disabled=Posts::pending(SubmitRequest::PATH)>
                                "Hand it in"
                            </Button>
                        }
                    })}
            </div>
        </PostForm>
    }
    .into_any()
}

#[component]
fn People(rows: Vec<CheckRow>, id: RequestId) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <Person row id /> }).collect_view();
    view! {
        <div id="people" tabindex="-1">
            <Table caption="For whom" show_caption=true>
                <thead>
                    <tr>
                        <Th>"Person"</Th>
                        <Th>"Desktop"</Th>
                        <Th>"A month"</Th>
                        <Th>"Can get one"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </div>
    }
}

#[component]
fn Person(row: CheckRow, id: RequestId) -> impl IntoView {
    let blocked = !row.obstacles.is_empty();
    view! {
        <Row>
            <Td label="Person" main=true>
                <bdi>{row.name}</bdi>
                <Gloss>{row.account}</Gloss>
            </Td>
            <Td label="Desktop">{row.offering}</Td>
            <Td label="A month">{row.price}</Td>
            <Td label="Can get one">
                <Obstacles obstacles=row.obstacles />
                {blocked
                    .then(|| {
                        view! {
                            <PostForm action=RemoveFromRequest::PATH>
                                <input type="hidden" name="id" value=id.to_string() />
                                <input type="hidden" name="guids[]" value=row.person.to_string() />
                                <input type="hidden" name="to" value="check" />
                                <Button small=true>"Take off"</Button>
                            </PostForm>
                        }
                    })}
            </Td>
        </Row>
    }
}
