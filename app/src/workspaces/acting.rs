//! `/workspaces/act/{id}`, which asks whether an action is meant, and `/workspaces/batches`, which shows how far it is.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::{components::A, hooks::use_params_map};
use model::{
    BatchId, Error, Page as Rows,
    workspaces::{ActionCounts, ActionFailure, ActionState, Batch, BatchItem, Confirmation, Workspace},
};

use super::api::{CancelBatch, StartBatch, batch, batches, confirm};
use crate::{
    Failure,
    ui::{
        ActionBadge, Allowed, Back, Button, Code, Empty, Fact, Facts, FilterBar, Gloss, LinkButton, Live, Look, Notice, Page,
        PageHeader, Pagination, PostForm, Posts, Progress, Row, Section, SelectField, Table, Td, TextField, Th, Tone,
        TurnsByItself, When, WorkspaceBadge, batch_segments, live, loaded, page_request, reading, text, use_query_map,
    },
};

fn batch_id() -> Memo<Option<BatchId>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok())))
}

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

/// How far an action is, WorkSpace by WorkSpace.
#[component]
pub fn BatchPage() -> impl IntoView {
    let (id, query) = (batch_id(), use_query_map());
    let state = Memo::new(move |_| query.with(|query| ActionState::from_db(&text(query, "state"))));
    let turn = live::every(3);
    let page = reading(
        move || (id.get(), state.get(), query.with(page_request), turn.get()),
        |(id, state, request, _)| async move {
            match id {
                Some(id) => batch(id, state, request).await,
                None => Err(Failure(Error::NotFound)),
            }
        },
    );
    view! {
        <Page title="Action on WorkSpaces">
            {loaded(page, move |(batch, rows)| view! { <Content batch rows state=state.get_untracked() /> })}
        </Page>
    }
}

#[component]
fn Content(batch: Batch, rows: Rows<BatchItem>, state: Option<ActionState>) -> impl IntoView {
    let (id, counts) = (batch.id, batch.counts);
    let path = format!("/workspaces/batches/{id}");
    let value = state.map(ActionState::as_str).unwrap_or_default();
    let mut options = vec![(String::new(), format!("All ({})", counts.total()))];
    options.extend(
        ActionState::ALL
            .into_iter()
            .filter(|known| counts.of(*known) > 0)
            .map(|known| (known.as_str().to_owned(), format!("{} ({})", known.label(), counts.of(known)))),
    );
    let items = rows.rows.into_iter().map(|item| view! { <ItemRow item /> }).collect_view();
    let cancel = (counts.queued > 0).then(|| {
        view! {
            <Allowed act=batch.action.act()>
                <PostForm action=CancelBatch::PATH>
                    <input type="hidden" name="id" value=id.to_string() />
                    <Button disabled=Posts::pending(CancelBatch::PATH)>"Take back what was not sent"</Button>
                </PostForm>
            </Allowed>
        }
    });
    view! {
        {(!counts.is_done()).then(|| view! { <TurnsByItself /> })}
        <PageHeader title=batch.action.headline(counts.total()) back=Back::to("/workspaces/batches", "Actions")>
            {cancel}
        </PageHeader>
        <ActionProgress counts />
        <Live hidden=true>{counts.sentence()}</Live>
        <Facts>
            <Fact label="Asked for">{batch.asked_by} ", " <When stamp=batch.asked /></Fact>
            {batch.reason.map(|reason| view! { <Fact label="Why">{reason}</Fact> })}
        </Facts>
        <FilterBar action=path.clone()>
            <SelectField name="state" label="Rows" options value />
        </FilterBar>
        <Table caption="WorkSpaces of this action">
            <thead>
                <tr>
                    <Th>"User"</Th>
                    <Th>"State"</Th>
                    <Th>"Since"</Th>
                    <Th>"WorkSpace"</Th>
                </tr>
            </thead>
            <tbody>{items}</tbody>
        </Table>
        <Pagination path query=vec![("state".to_owned(), value.to_owned())] request=rows.request total=rows.total />
    }
}

#[component]
fn ActionProgress(counts: ActionCounts, #[prop(optional)] bare: bool) -> impl IntoView {
    view! {
        <Progress
            label="WorkSpaces of this action"
            sentence=counts.sentence()
            segments=batch_segments(&counts)
            settled=counts.finished()
            total=counts.total()
            bare
        />
    }
}

#[component]
fn ItemRow(item: BatchItem) -> impl IntoView {
    view! {
        <Row>
            <Td label="User" main=true>
                {item.name.unwrap_or_else(|| item.user_name.clone())}
                <Gloss>{item.user_name} " · " {item.directory_name}</Gloss>
            </Td>
            <Td label="State">
                <ActionBadge state=item.state />
                {item.failure.map(|failure| view! { <Why failure /> })}
            </Td>
            <Td label="Since">
                <When stamp=item.since brief=true />
            </Td>
            <Td label="WorkSpace">
                <A href=format!("/workspaces/{}", item.workspace)>
                    <Code>{item.workspace.to_string()}</Code>
                </A>
            </Td>
        </Row>
    }
}

/// Why a row is where it is: plain words, and AWS's own beside them.
#[component]
fn Why(failure: ActionFailure) -> impl IntoView {
    view! {
        <div class="why">
            <p>{failure.plain()}</p>
            <details>
                <summary>"What AWS said"</summary>
                <p>
                    <Code>{failure.code.clone()}</Code>
                    " "
                    {failure.message}
                </p>
            </details>
        </div>
    }
}

/// All that was asked for, the newest first.
#[component]
pub fn BatchesPage() -> impl IntoView {
    let query = use_query_map();
    let turn = live::every(5);
    let page = reading(move || (query.with(page_request), turn.get()), |(request, _)| batches(request));
    view! {
        <Page title="Actions on WorkSpaces">
            {loaded(
                page,
                |page| {
                    let total = page.total;
                    let rows = page.rows.into_iter().map(|batch| view! { <BatchRow batch /> }).collect_view();
                    view! {
                        <PageHeader
                            title="Actions on WorkSpaces"
                            lead="What was started, stopped, rebooted, closed or terminated from here."
                            back=Back::to("/workspaces", "WorkSpaces")
                        />
                        {if total == 0 {
                            Either::Left(
                                view! {
                                    <Empty title="Nothing was done yet">
                                        <p>"Choose WorkSpaces in the list and say what is to be done to them. How far it is, and what came of it, will stand here."</p>
                                    </Empty>
                                },
                            )
                        } else {
                            Either::Right(
                                view! {
                                    <Section>
                                        <Table caption="Actions">
                                            <thead>
                                                <tr>
                                                    <Th>"Action"</Th>
                                                    <Th>"Progress"</Th>
                                                    <Th>"Asked for by"</Th>
                                                    <Th>"When"</Th>
                                                </tr>
                                            </thead>
                                            <tbody>{rows}</tbody>
                                        </Table>
                                    </Section>
                                },
                            )
                        }}
                        <Pagination path="/workspaces/batches" query=vec![] request=page.request total />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn BatchRow(batch: Batch) -> impl IntoView {
    view! {
        <Row>
            <Td label="Action" main=true>
                <A href=format!("/workspaces/batches/{}", batch.id)>{batch.action.headline(batch.counts.total())}</A>
                <Gloss>{batch.reason}</Gloss>
            </Td>
            <Td label="Progress">
                <ActionProgress counts=batch.counts bare=true />
                <Gloss>{batch.counts.sentence()}</Gloss>
            </Td>
            <Td label="Asked for by">{batch.asked_by}</Td>
            <Td label="When">
                <When stamp=batch.asked />
            </Td>
        </Row>
    }
}
