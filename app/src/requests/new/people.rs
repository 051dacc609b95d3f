//! The step "For whom": one's own people first, or a search.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use model::{
    Page as Rows, PageRequest, PersonGuid, RequestId,
    people::{Hits, Obstacles as Found, Person, Report},
    requests::{Asked, PeopleStep, Step},
};

use super::{Discard, StepHead, is_open, no_request, request_id};
use crate::{
    people::parts::Obstacles,
    requests::api::{AddToRequest, RemoveFromRequest, people},
    ui::{
        Badge, BulkBar, Button, Empty, FilterBar, Gloss, LinkButton, Look, Notice, Page, Pagination, Row, SearchField, Section,
        SelectAll, SelectCell, SelectionForm, Table, Td, Th, Tone, keyed_rows, loaded, page_request, reading,
        second_page_request, text, use_query_map,
    },
};

/// The name of the chosen ones' page in the address.
const CHOSEN: &str = "chosen";

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    q: String,
    page: PageRequest,
    chosen: PageRequest,
}

#[component]
pub fn PeoplePage() -> impl IntoView {
    let (id, query) = (request_id(), use_query_map());
    let look = Memo::new(move |_| {
        query.with(|query| Address { q: text(query, "q"), page: page_request(query), chosen: second_page_request(query, CHOSEN) })
    });
    let page = reading(
        move || (id.get(), look.get()),
        |(id, look)| async move { people(id.ok_or_else(no_request)?, look.q, look.page, look.chosen).await },
    );
    view! {
        <Page title="For whom · Ask for desktops">
            {loaded(page, move |step| view! { <Content step look=look.get_untracked() /> })}
        </Page>
    }
}

#[component]
fn Content(step: PeopleStep, look: Address) -> impl IntoView {
    let PeopleStep { draft, reports, reports_note, found, search_problem, chosen, ticked } = step;
    let (id, again) = (draft.id, draft.again);
    let open = is_open(&draft, Step::People);
    let path = format!("/requests/new/{id}/people");
    view! {
        <StepHead
            draft
            step=Step::People
            title="Who gets a desktop?"
            lead="Your own people stand first, those who report to you and those below them. Others are found by a search."
        />
        {open.then(|| view! { <Finder path=path.clone() look=look.clone() problem=search_problem /> })}
        {open
            .then(|| {
                if look.q.is_empty() {
                    Either::Right(view! { <OwnPeople id reports note=reports_note ticked path /> })
                } else {
                    let q = look.q.clone();
                    Either::Left(found.map(|found| view! { <FoundPeople id found ticked q /> }))
                }
            })}
        {open.then(|| view! { <Chosen id chosen again look /> })}
    }
}

/// The search, and the way back from it.
#[component]
fn Finder(path: String, look: Address, problem: Option<String>) -> impl IntoView {
    let searched = !look.q.is_empty();
    let back = searched.then(|| {
        let href = path.clone();
        view! {
            <LinkButton href look=Look::Quiet>
                "Back to my own people"
            </LinkButton>
        }
    });
    view! {
        <div class="finder">
            <FilterBar action=path>
                <SearchField name="q" label="Name, account or mail address" value=look.q error=problem.unwrap_or_default() />
            </FilterBar>
            {back}
        </div>
    }
}

#[component]
fn OwnPeople(
    id: RequestId,
    reports: Rows<(Report, Found)>,
    note: Option<String>,
    ticked: Vec<PersonGuid>,
    path: String,
) -> impl IntoView {
    let (total, request) = (reports.total, reports.request);
    let note = note.map(|note| view! { <Notice tone=Tone::Warning>{note}</Notice> });
    if total == 0 {
        return view! {
            {note}
            <Empty title="Nobody reports to you">
                <p>"Active Directory names nobody whose manager you are. Search for the people above."</p>
            </Empty>
        }
        .into_any();
    }
    let rows = reports
        .rows
        .into_iter()
        .map(|(report, obstacles)| {
            let below = match report.depth {
                1 => "reports to you".to_owned(),
                depth => format!("{} levels below you", depth),
            };
            Line { ticked: ticked.contains(&report.person.guid), person: report.person, obstacles, below: Some(below) }
        })
        .collect();
    let page = if request.number > 1 { request.number.to_string() } else { String::new() };
    let next = (request.offset() + request.limit() < total).then_some(request.number + 1);
    view! {
        {note}
        <Choice id lines=rows caption="My people" q=String::new() page next />
        <Pagination path query=vec![] request total />
    }
    .into_any()
}

#[component]
fn FoundPeople(id: RequestId, found: Hits, ticked: Vec<PersonGuid>, q: String) -> impl IntoView {
    if found.hits.is_empty() {
        return view! {
            <Empty title="Nobody found">
                <p>"Names are found by how they begin. Try the account name or the mail address."</p>
            </Empty>
        }
        .into_any();
    }
    let more = found.more.then(|| view! { <p class="hint">"There are more. Type more of the name to find them."</p> });
    let lines = found.hits.into_iter().map(|hit| Line {
        ticked: ticked.contains(&hit.person.guid),
        person: hit.person,
        obstacles: hit.obstacles,
        below: None,
    });
    view! {
        <Choice id lines=lines.collect() caption="People found" q page=String::new() next=None />
        {more}
    }
    .into_any()
}

/// Somebody who can be chosen.
struct Line {
    person: Person,
    obstacles: Found,
    below: Option<String>,
    ticked: bool,
}

#[component]
fn Choice(
    id: RequestId,
    lines: Vec<Line>,
    caption: &'static str,
    q: String,
    page: String,
    /// The number of the page that follows.
    next: Option<u32>,
) -> impl IntoView {
    let key = |line: &Line| format!("{} {} {}", line.person.guid, line.ticked, line.obstacles.len());
    let rows = keyed_rows(lines, key, |line| view! { <ChoiceRow line /> });
    view! {
        <SelectionForm action=AddToRequest::PATH>
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="q" value=q />
            <input type="hidden" name="page" value=page />
            {next.map(|next| view! { <input type="hidden" name="next" value=next.to_string() /> })}
            <Table caption>
                <thead>
                    <tr>
                        <SelectAll label="Select everybody on this page" />
                        <Th>"Name"</Th>
                        <Th>"Department"</Th>
                        <Th>"Can get a desktop"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            <BulkBar>
                <Button look=Look::Primary>"Add selected"</Button>
                {next.map(|_| view! { <Button act="next">"Add selected, next page"</Button> })}
            </BulkBar>
        </SelectionForm>
    }
}

#[component]
fn ChoiceRow(line: Line) -> impl IntoView {
    let Line { person, obstacles, below, ticked } = line;
    let disabled = ticked || !obstacles.is_empty();
    let state = if ticked {
        view! { <Badge tone=Tone::Info text="Added" /> }.into_any()
    } else {
        view! { <Obstacles obstacles /> }.into_any()
    };
    view! {
        <Row>
            <SelectCell name="guids[]" value=person.guid.to_string() label=format!("Select {}", person.name) disabled />
            <Td label="Name" main=true>
                <bdi>{person.name}</bdi>
                <Gloss>
                    {person.account} {below.map(|below| format!(" \u{b7} {below}"))}
                </Gloss>
            </Td>
            <Td label="Department">{person.department}</Td>
            <Td label="Can get a desktop">{state}</Td>
        </Row>
    }
}

#[component]
fn Chosen(id: RequestId, chosen: Rows<Asked>, again: bool, look: Address) -> impl IntoView {
    let (count, request) = (chosen.total, chosen.request);
    let page = if look.page.number > 1 { look.page.number.to_string() } else { String::new() };
    let search = vec![("q".to_owned(), look.q), ("page".to_owned(), page)];
    let rows = keyed_rows(
        chosen.rows,
        |asked: &Asked| asked.person.to_string(),
        |asked| {
            view! {
                <Row>
                    <SelectCell name="guids[]" value=asked.person.to_string() label=format!("Select {}", asked.name) />
                    <Td label="Name" main=true>
                        <bdi>{asked.name}</bdi>
                        <Gloss>{asked.account}</Gloss>
                    </Td>
                    <Td label="Department">{asked.department}</Td>
                </Row>
            }
        },
    );
    view! {
        <Section title=format!("Chosen: {count}")>
            {if count == 0 {
                Either::Left(view! { <p class="hint">"Nobody yet."</p> })
            } else {
                Either::Right(
                    view! {
                        <SelectionForm action=RemoveFromRequest::PATH>
                            <input type="hidden" name="id" value=id.to_string() />
                            <Table caption="Chosen people" keys=false>
                                <thead>
                                    <tr>
                                        <SelectAll label="Select everybody chosen" />
                                        <Th>"Name"</Th>
                                        <Th>"Department"</Th>
                                    </tr>
                                </thead>
                                <tbody>{rows}</tbody>
                            </Table>
                            <BulkBar>
                                <Button>"Remove selected"</Button>
                            </BulkBar>
                        </SelectionForm>
                        <Pagination path=format!("/requests/new/{id}/people") query=search request total=count name=CHOSEN />
                    },
                )
            }}
            <div class="form-actions">
                <Discard id again />
                {(count > 0)
                    .then(|| {
                        view! {
                            <LinkButton href=format!("/requests/new/{id}/desktop") look=Look::Primary>
                                "Continue to what and why"
                            </LinkButton>
                        }
                    })}
            </div>
        </Section>
    }
}
