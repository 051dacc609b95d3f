//! The page of the record.

use leptos::{either::Either, prelude::*};
use model::audit::{Action, Filter};

use super::{api::list, parts::EntryTable};
use crate::ui::{
    Empty, FilterBar, LinkButton, Page, PageHeader, Pagination, SearchField, SelectField, loaded, page_request, reading, text,
    use_query_map,
};

/// Who did what, for admins and auditors.
#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let filter =
        Memo::new(move |_| query.with(|query| Filter { q: text(query, "q"), action: Action::from_db(&text(query, "action")) }));
    let page = reading(move || (filter.get(), query.with(page_request)), |(filter, request)| list(filter, request));
    view! {
        <Page title="Record">
            {loaded(
                page,
                move |page| {
                    let filter = filter.get_untracked();
                    let empty = page.total == 0;
                    view! {
                        <PageHeader
                            title="Record"
                            lead="Everything that people and Frontdesk did, the newest first. Rows are only ever added."
                        />
                        <Narrow filter=filter.clone() />
                        {if empty {
                            Either::Left(view! { <Nothing filter=filter.clone() /> })
                        } else {
                            Either::Right(
                                view! {
                                    <EntryTable entries=page.rows />
                                },
                            )
                        }}
                        <Pagination path="/audit" query=to_query(&filter) request=page.request total=page.total />
                    }
                },
            )}
        </Page>
    }
}

fn to_query(filter: &Filter) -> Vec<(String, String)> {
    let action = filter.action.map(Action::as_str).unwrap_or_default();
    vec![("q".to_owned(), filter.q.clone()), ("action".to_owned(), action.to_owned())]
}

#[component]
fn Narrow(filter: Filter) -> impl IntoView {
    let mut actions = vec![(String::new(), "Everything".to_owned())];
    actions.extend(Action::ALL.map(|action| (action.as_str().to_owned(), action.label().to_owned())));
    let chosen = filter.action.map(Action::as_str).unwrap_or_default();
    view! {
        <FilterBar action="/audit">
            <SearchField name="q" label="Who, what or request number" value=filter.q />
            <SelectField name="action" label="What was done" options=actions value=chosen />
        </FilterBar>
    }
}

#[component]
fn Nothing(filter: Filter) -> impl IntoView {
    if filter == Filter::default() {
        view! {
            <Empty title="Nothing is recorded yet">
                <p>"Sign-ins, launches, invitations and refusals will stand here, each with who did it and what came of it."</p>
            </Empty>
        }
    } else {
        view! {
            <Empty title="Nothing matches">
                <p>"No row of the record fits this filter. Try fewer words."</p>
                <LinkButton href="/audit">"Show everything"</LinkButton>
            </Empty>
        }
    }
}
