//! `/requests`, what was asked for, and `/approvals`, what waits for the reader.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::components::A;
use model::{
    Page as Rows,
    access::Act,
    requests::{Filter, State, Summary},
};

use super::{
    api::{DecideAll, list, to_decide},
    parts::RequestTable,
};
use crate::ui::{
    Allowed, BulkBar, Empty, FilterBar, Gloss, Icon, IconName, LinkButton, Look, Notice, Page, PageHeader, Pagination, Row,
    SearchField, SelectAll, SelectCell, SelectField, SelectionForm, Table, Td, TextField, Th, Tone, When, keyed_rows, live,
    loaded, may, page_request, reading, text, use_query_map,
};

/// One's own requests; everybody's for those who look after them.
#[component]
pub fn RequestsPage() -> impl IntoView {
    let query = use_query_map();
    let filter =
        Memo::new(move |_| query.with(|query| Filter { q: text(query, "q"), state: State::from_db(&text(query, "state")) }));
    let turn = live::every(15);
    let page = reading(move || (filter.get(), query.with(page_request), turn.get()), |(filter, page, _)| list(filter, page));
    view! {
        <Page title="Requests">
            {loaded(page, move |page| view! { <List page filter=filter.get_untracked() /> })}
        </Page>
    }
}

#[component]
fn List(page: Rows<Summary>, filter: Filter) -> impl IntoView {
    let total = page.total;
    let filtered = !filter.q.is_empty() || filter.state.is_some();
    let state = filter.state.map(State::as_str).unwrap_or_default();
    let mut options = vec![(String::new(), "All".to_owned())];
    let shown = State::ALL.into_iter().filter(|state| *state != State::Draft);
    options.extend(shown.map(|state| (state.as_str().to_owned(), state.label().to_owned())));
    let keep = vec![("q".to_owned(), filter.q.clone()), ("state".to_owned(), state.to_owned())];
    let staff = may(Act::SeeDesktops);
    view! {
        <PageHeader title="Requests" lead="Desktops that were asked for, and how far each of them is.">
            <LinkButton href="/requests/numbers">"Numbers"</LinkButton>
            <Allowed act=Act::ManageRules>
                <LinkButton href="/requests/rules">"Rules"</LinkButton>
            </Allowed>
            <Allowed act=Act::Ask>
                <LinkButton href="/requests/new" look=Look::Primary>
                    <Icon name=IconName::Plus />
                    "Ask for desktops"
                </LinkButton>
            </Allowed>
        </PageHeader>
        {if total == 0 && !filtered {
            Either::Left(
                view! {
                    <Empty title="Nothing was asked for yet">
                        <p>
                            "Say for whom, what and by when. You see what it costs and who decides before you hand it in, and here how far each desktop is, up to the first sign-in."
                        </p>
                    </Empty>
                },
            )
        } else {
            Either::Right(
                view! {
                    <FilterBar action="/requests">
                        <SearchField name="q" label="Who asks, for whom, or why" value=filter.q />
                        <SelectField name="state" label="State" options value=state />
                    </FilterBar>
                    <RequestTable caption="Requests" requests=page.rows mine=!staff />
                    <Pagination path="/requests" query=keep request=page.request total />
                },
            )
        }}
    }
}

/// What waits for the reader's decision.
#[component]
pub fn ApprovalsPage() -> impl IntoView {
    let query = use_query_map();
    let page = reading(move || query.with(page_request), to_decide);
    view! { <Page title="Approvals">{loaded(page, |page| view! { <Approvals page /> })}</Page> }
}

#[component]
fn Approvals(page: Rows<Summary>) -> impl IntoView {
    let (total, request) = (page.total, page.request);
    view! {
        <PageHeader title="Approvals" lead="What waits for your decision, the longest first. A link in a mail only leads here; it decides nothing.">
            <LinkButton href="/approvals/absence">"While I am away"</LinkButton>
        </PageHeader>
        <Told />
        {if total == 0 {
            Either::Left(
                view! {
                    <Empty title="Nothing waits for you">
                        <p>"Requests on which you are asked to decide will stand here. Your own requests, and those for you, are decided by somebody else."</p>
                    </Empty>
                },
            )
        } else {
            Either::Right(
                view! {
                    <Choices requests=page.rows />
                    <Pagination path="/approvals" query=vec![] request total />
                },
            )
        }}
    }
}

/// What came of deciding on several, from the address.
#[component]
fn Told() -> impl IntoView {
    let query = use_query_map();
    move || {
        query.with(|query| {
            let count = |name| text(query, name).parse::<u32>().ok();
            let (done, failed) = (count("done")?, count("failed").unwrap_or(0));
            let title = if done == 1 { "1 request decided".to_owned() } else { format!("{done} requests decided") };
            let tone = if failed == 0 { Tone::Success } else { Tone::Warning };
            let why = text(query, "why");
            Some(view! {
                <Notice tone title>
                    {(failed > 0).then(|| view! { <p>{format!("{failed} could not be decided. ")} {why}</p> })}
                </Notice>
            })
        })
    }
}

#[component]
fn Choices(requests: Vec<Summary>) -> impl IntoView {
    let rows = keyed_rows(
        requests,
        |request: &Summary| format!("{} {}", request.id, request.version),
        |request| view! { <Choice request /> },
    );
    view! {
        <SelectionForm action=DecideAll::PATH>
            <Table caption="Requests that wait for you">
                <thead>
                    <tr>
                        <SelectAll label="Select all on this page" />
                        <Th>"Request"</Th>
                        <Th>"Asked by"</Th>
                        <Th>"Why"</Th>
                        <Th>"A month"</Th>
                        <Th>"Needed by"</Th>
                        <Th>"Asked"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            <BulkBar>
                <TextField name="note" label="Words to who asks" hint="Wanted if you refuse." autocomplete="off" />
                <button type="submit" class="button primary" name="what" value="approve">
                    "Approve selected"
                </button>
                <button type="submit" class="button danger" name="what" value="refuse">
                    "Refuse selected"
                </button>
            </BulkBar>
        </SelectionForm>
    }
}

#[component]
fn Choice(request: Summary) -> impl IntoView {
    let value = format!("{}.{}", request.id, request.version);
    view! {
        <Row>
            <SelectCell name="requests[]" value label=format!("Select {} for {}", request.title, request.whom) />
            <Td label="Request" main=true>
                <A href=format!("/requests/{}", request.id)>{request.title}</A>
                <Gloss>
                    <bdi>{request.whom}</bdi>
                </Gloss>
            </Td>
            <Td label="Asked by">{request.requester}</Td>
            <Td label="Why">{request.reason}</Td>
            <Td label="A month">{request.price.unwrap_or_else(|| "price not known".to_owned())}</Td>
            <Td label="Needed by">{request.needed_by}</Td>
            <Td label="Asked">
                <When stamp=request.asked />
            </Td>
        </Row>
    }
}
