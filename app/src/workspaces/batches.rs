//! `/workspaces/batches`, what was done to WorkSpaces, and `/workspaces/batches/{id}`, how far it is.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::{components::A, hooks::use_params_map};
use model::{
    BatchId, Error, Page as Rows,
    workspaces::{ActionCounts, ActionFailure, ActionState, Batch, BatchItem},
};

use super::api::{CancelBatch, batch, batches};
use crate::{
    Failure,
    ui::{
        ActionBadge, Allowed, Back, Button, Code, Empty, Fact, Facts, FilterBar, Gloss, Live, Page, PageHeader, Pagination,
        PostForm, Posts, Progress, Row, SelectField, Table, Td, Th, TurnsByItself, When, batch_segments, live, loaded,
        page_request, reading, text, use_query_map,
    },
};

/// The id in the address.
pub(super) fn batch_id() -> Memo<Option<BatchId>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok())))
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
