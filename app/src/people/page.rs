//! `/people`.

use leptos::prelude::*;
use leptos_router::components::A;
use model::{DirectoryId, Error, directories::Directory, people::Hits};

use super::{api::search, parts::Obstacles};
use crate::{
    Failure,
    directories::api::list,
    ui::{
        Empty, FilterBar, Gloss, LinkButton, Look, Notice, Page, PageHeader, Pager, Row, SearchField, SelectField, Table, Td, Th,
        Tone, error_of, loaded, page_request, reading, text, use_query_map,
    },
};

/// What a search found, or why it could not be done.
type Found = Option<Result<Hits, Failure>>;

#[component]
pub fn PeoplePage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            (
                text(query, "q"),
                text(query, "all") == "1",
                text(query, "directory").parse::<DirectoryId>().ok(),
                page_request(query),
            )
        })
    });
    let page = reading(
        move || asked.get(),
        |(q, all, directory, request)| async move {
            let (directories, _) = list().await?;
            // The first that takes launches, unless one is asked for.
            let first = || directories.iter().find(|directory| directory.people_known).map(|directory| directory.id.clone());
            let directory = directory.or_else(first);
            let found: Found = match (&directory, q.is_empty() && !all) {
                (Some(directory), false) => Some(search(directory.clone(), q, all, request).await),
                _ => None,
            };
            Ok((directories, directory, found))
        },
    );
    view! {
        <Page title="People">
            <PageHeader title="People" lead="Everybody in Active Directory: what keeps them from a WorkSpace, and what they have." />
            {loaded(
                page,
                move |(directories, directory, found): (Vec<Directory>, Option<DirectoryId>, Found)| {
                    let (q, all, ..) = asked.get_untracked();
                    let chosen = directory.map(|directory| directory.to_string()).unwrap_or_default();
                    let known = directories.into_iter().filter(|directory| directory.people_known);
                    let options: Vec<_> = known.map(|directory| (directory.id.to_string(), directory.name)).collect();
                    let wrong = match &found {
                        Some(Err(Failure(Error::Invalid { fields }))) => error_of(fields, "q").unwrap_or_default(),
                        _ => String::new(),
                    };
                    let keep = vec![
                        ("q".to_owned(), q.clone()),
                        ("all".to_owned(), if all { "1" } else { "" }.to_owned()),
                        ("directory".to_owned(), chosen.clone()),
                    ];
                    view! {
                        <div class="finder">
                            <FilterBar action="/people">
                                <SearchField name="q" label="Name, account or mail address" value=q error=wrong />
                                <SelectField name="directory" label="Directory" options value=chosen />
                            </FilterBar>
                            <LinkButton href="/people?all=1" look=Look::Quiet>
                                "Show everybody"
                            </LinkButton>
                        </div>
                        <Results found keep />
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn Results(found: Found, keep: Vec<(String, String)>) -> impl IntoView {
    let hits = match found {
        None => return view! { <p class="hint">"Type at least two letters of a name, an account or a mail address, or show everybody."</p> }.into_any(),
        Some(Err(Failure(Error::Invalid { .. }))) => return ().into_any(),
        Some(Err(failure)) => return view! { <Notice tone=Tone::Danger>{failure.to_string()}</Notice> }.into_any(),
        Some(Ok(hits)) => hits,
    };
    if hits.hits.is_empty() {
        return view! {
            <Empty title="Nobody found">
                <p>"Names are found by how they begin. Try the account name or the mail address."</p>
            </Empty>
        }
        .into_any();
    }
    let rows = hits
        .hits
        .into_iter()
        .map(|hit| {
            let person = hit.person;
            view! {
                <Row>
                    <Td label="Name" main=true>
                        <A href=format!("/people/{}", person.guid)>
                            <bdi>{person.name}</bdi>
                        </A>
                        <Gloss>{person.account} {person.mail.map(|mail| format!(" · {mail}"))}</Gloss>
                    </Td>
                    <Td label="Department">{person.department}</Td>
                    <Td label="Office">{person.office}</Td>
                    <Td label="Manager">
                        <bdi>{person.manager}</bdi>
                    </Td>
                    <Td label="Can get a WorkSpace">
                        <Obstacles obstacles=hit.obstacles />
                    </Td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption="People found">
            <thead>
                <tr>
                    <Th>"Name"</Th>
                    <Th>"Department"</Th>
                    <Th>"Office"</Th>
                    <Th>"Manager"</Th>
                    <Th>"Can get a WorkSpace"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        <Pager path="/people" query=keep page=hits.page more=hits.more />
    }
    .into_any()
}
