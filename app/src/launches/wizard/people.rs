//! The step "People": search, add, remove.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_location;
use model::{
    DraftId, Error, Page as Rows, PageRequest, PersonGuid,
    launches::{Draft, DraftPerson, Step},
    people::{Hit, Hits},
};

use super::{StepHead, draft_id, is_open, no_draft};
use crate::{
    launches::api::{AddPeople, Discard, Found, RemovePeople, people},
    people::parts::Obstacles,
    ui::{
        Badge, BulkBar, Button, Empty, FilterBar, Gloss, LinkButton, Live, Look, Notice, Page, Pager, Pagination, PostForm, Row,
        SearchField, Section, SelectAll, SelectCell, SelectionForm, Table, Td, Th, Tone, error_of, keyed_rows, loaded,
        page_request, reading, second_page_request, text, url, use_query_map,
    },
};

/// The name of the chosen ones' page in the address.
const CHOSEN: &str = "chosen";

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    q: String,
    all: bool,
    page: PageRequest,
    /// The page of those who are chosen.
    chosen: PageRequest,
}

#[component]
pub fn PeoplePage() -> impl IntoView {
    let (id, query) = (draft_id(), use_query_map());
    let asked = Memo::new(move |_| {
        query.with(|query| Asked {
            q: text(query, "q"),
            all: text(query, "all") == "1",
            page: page_request(query),
            chosen: second_page_request(query, CHOSEN),
        })
    });
    let page = reading(
        move || (id.get(), asked.get()),
        |(id, asked)| async move { people(id.ok_or_else(no_draft)?, asked.q, asked.all, asked.page, asked.chosen).await },
    );
    view! {
        <Page title="People · New launch">
            {loaded(
                page,
                move |(draft, found, chosen): (Draft, Option<Result<Found, crate::Failure>>, Rows<DraftPerson>)| {
                    let id = draft.id;
                    let asked = asked.get_untracked();
                    let open = is_open(&draft, Step::People);
                    view! {
                        <StepHead draft=draft.clone() step=Step::People title="Who gets a desktop?" lead="Found in Active Directory. Who can't get a WorkSpace can't be chosen; the row says why." />
                        {open
                            .then(|| {
                                view! {
                                    <Finder id asked=asked.clone() found />
                                    <Chosen id chosen asked />
                                }
                            })}
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn Finder(id: DraftId, asked: Asked, found: Option<Result<Found, crate::Failure>>) -> impl IntoView {
    let path = format!("/launches/new/{id}/people");
    let wrong = match &found {
        Some(Err(crate::Failure(Error::Invalid { fields }))) => error_of(fields, "q"),
        _ => None,
    };
    let results = match found {
        None => {
            view! { <p class="hint">"Type at least two letters of a name, an account or a mail address, or show everybody."</p> }
                .into_any()
        }
        Some(Err(crate::Failure(Error::Invalid { .. }))) => ().into_any(),
        Some(Err(failure)) => view! { <Notice tone=Tone::Danger>{failure.to_string()}</Notice> }.into_any(),
        Some(Ok((hits, _))) if hits.hits.is_empty() => view! {
            <Empty title="Nobody found">
                <p>"Names are found by how they begin. Try the account name or the mail address."</p>
            </Empty>
        }
        .into_any(),
        Some(Ok((hits, chosen))) => view! { <Results id hits asked=asked.clone() chosen path=path.clone() /> }.into_any(),
    };
    view! {
        <Told />
        <div class="finder">
            <FilterBar action=path.clone()>
                <SearchField name="q" label="Name, account or mail address" value=asked.q.clone() error=wrong.unwrap_or_default() />
            </FilterBar>
            <LinkButton href=format!("{path}?all=1") look=Look::Quiet>
                "Show everybody"
            </LinkButton>
            <LinkButton href=format!("/launches/new/{id}/list") look=Look::Quiet>
                "Paste or upload a list"
            </LinkButton>
        </div>
        {results}
    }
}

/// What came of the last adding, from the address.
#[component]
fn Told() -> impl IntoView {
    let query = use_query_map();
    let words = move || {
        query.with(|query| {
            let count = |name| text(query, name).parse::<u32>().ok();
            let (added, refused) = (count("added")?, count("refused").unwrap_or(0));
            let left_out =
                if refused > 0 { format!(" {refused} can't get a WorkSpace and were left out.") } else { String::new() };
            Some(format!("{added} added.{left_out}"))
        })
    };
    view! { <Live>{words}</Live> }
}

#[component]
fn Results(id: DraftId, hits: Hits, asked: Asked, chosen: Vec<PersonGuid>, path: String) -> impl IntoView {
    let is_chosen = |hit: Hit| (chosen.contains(&hit.person.guid), hit);
    let found: Vec<_> = hits.hits.into_iter().map(is_chosen).map(|(chosen, hit)| (hit, chosen)).collect();
    let shown = |(hit, chosen): &(Hit, bool)| format!("{} {chosen} {}", hit.person.guid, hit.obstacles.len());
    let rows = keyed_rows(found, shown, |(hit, chosen)| view! { <HitRow hit chosen /> });
    let all = if asked.all { "1" } else { "" };
    let keep = vec![("q".to_owned(), asked.q), ("all".to_owned(), all.to_owned())];
    let next = [keep.clone(), vec![("page".to_owned(), (hits.page + 1).to_string())]].concat();
    view! {
        <SelectionForm action=AddPeople::PATH>
            <input type="hidden" name="draft" value=id.to_string() />
            <input type="hidden" name="next" value=url("", &next) />
            <input type="hidden" name="back" value=use_location().search.get_untracked() />
            <Table caption="People found">
                <thead>
                    <tr>
                        <SelectAll label="Select everybody on this page" />
                        <Th>"Name"</Th>
                        <Th>"Department"</Th>
                        <Th>"Office"</Th>
                        <Th>"Manager"</Th>
                        <Th>"Can get a WorkSpace"</Th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
            <BulkBar>
                <Button look=Look::Primary>"Add selected"</Button>
                {hits.more.then(|| view! { <Button act="next">"Add selected, next page"</Button> })}
            </BulkBar>
        </SelectionForm>
        <Pager path query=keep page=hits.page more=hits.more />
    }
}

#[component]
fn HitRow(hit: Hit, chosen: bool) -> impl IntoView {
    let Hit { person, obstacles } = hit;
    let disabled = chosen || !obstacles.is_empty();
    let state = if chosen {
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
                    {person.account} {person.mail.map(|mail| format!(" · {mail}"))}
                </Gloss>
            </Td>
            <Td label="Department">{person.department}</Td>
            <Td label="Office">{person.office}</Td>
            <Td label="Manager">
                <bdi>{person.manager}</bdi>
            </Td>
            <Td label="Can get a WorkSpace">{state}</Td>
        </Row>
    }
}

#[component]
fn Chosen(id: DraftId, chosen: Rows<DraftPerson>, asked: Asked) -> impl IntoView {
    let (count, request) = (chosen.total, chosen.request);
    let search = vec![
        ("q".to_owned(), asked.q),
        ("all".to_owned(), if asked.all { "1".to_owned() } else { String::new() }),
        ("page".to_owned(), if asked.page.number > 1 { asked.page.number.to_string() } else { String::new() }),
    ];
    let rows = keyed_rows(
        chosen.rows,
        |person: &DraftPerson| person.guid.to_string(),
        |person| {
            view! {
                <Row>
                    <SelectCell name="guids[]" value=person.guid.to_string() label=format!("Select {}", person.name) />
                    <Td label="Name" main=true>
                        <bdi>{person.name}</bdi>
                        <Gloss>{person.account} {person.mail.map(|mail| format!(" · {mail}"))}</Gloss>
                    </Td>
                    <Td label="Department">{person.department}</Td>
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
                        <SelectionForm action=RemovePeople::PATH>
                            <input type="hidden" name="draft" value=id.to_string() />
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
                        <Pagination path=format!("/launches/new/{id}/people") query=search request total=count name=CHOSEN />
                    },
                )
            }}
            <div class="form-actions">
                <LinkButton href=format!("/launches/new/{id}/directory") look=Look::Quiet>
                    "Back"
                </LinkButton>
                <PostForm action=Discard::PATH>
                    <input type="hidden" name="draft" value=id.to_string() />
                    <Button look=Look::Quiet>"Discard this draft"</Button>
                </PostForm>
                {(count > 0)
                    .then(|| {
                        view! {
                            <LinkButton href=format!("/launches/new/{id}/desktop") look=Look::Primary>
                                "Continue to desktop"
                            </LinkButton>
                        }
                    })}
            </div>
        </Section>
    }
}
