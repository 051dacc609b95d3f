//! `/endings`: the desktops that are to end, those that wait for a decision first.

use leptos::{either::Either, prelude::*};
use model::endings::{Cause, Filter, Overview, State};

use super::{api::list, parts::EndingTable};
use crate::ui::{
    Checkbox, Empty, FilterBar, Notice, Page, PageHeader, Pagination, SearchField, SelectField, Tone, live, loaded, page_request,
    reading, text, use_query_map,
};

/// All desktops that are to end.
#[component]
pub fn EndingsPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        query.with(|query| Filter {
            q: text(query, "q"),
            state: State::from_db(&text(query, "state")),
            cause: Cause::from_db(&text(query, "cause")),
            over: text(query, "over") == "1",
        })
    });
    let turn = live::every(15);
    let page = reading(move || (filter.get(), query.with(page_request), turn.get()), |(filter, page, _)| list(filter, page));
    view! {
        <Page title="Endings">
            {loaded(page, move |overview| view! { <List overview filter=filter.get_untracked() /> })}
        </Page>
    }
}

fn options<T: Copy>(all: &[T], value: fn(T) -> &'static str, label: fn(T) -> &'static str) -> Vec<(String, String)> {
    let known = all.iter().map(|one| (value(*one).to_owned(), label(*one).to_owned()));
    [(String::new(), "All".to_owned())].into_iter().chain(known).collect()
}

#[component]
fn List(overview: Overview, filter: Filter) -> impl IntoView {
    let Overview { page, problems } = overview;
    let (total, request) = (page.total, page.request);
    let state = filter.state.map(State::as_str).unwrap_or_default();
    let cause = filter.cause.map(Cause::as_str).unwrap_or_default();
    let keep = vec![
        ("q".to_owned(), filter.q.clone()),
        ("state".to_owned(), state.to_owned()),
        ("cause".to_owned(), cause.to_owned()),
        ("over".to_owned(), if filter.over { "1" } else { "" }.to_owned()),
    ];
    let problems = problems
        .into_iter()
        .map(|problem| view! { <Notice tone=Tone::Warning title="Leavers were not concluded">{problem}</Notice> })
        .collect_view();
    view! {
        <PageHeader
            title="Endings"
            lead="Desktops that are to end: temporary ones whose day comes, and those whose users have left. Nobody\u{2019}s desktop is terminated without a decision or a day that was agreed, and not before 7 days in which that can be undone."
        />
        {problems}
        <FilterBar action="/endings">
            <SearchField name="q" label="User or WorkSpace" value=filter.q />
            <SelectField name="state" label="State" options=options(&State::ALL, State::as_str, State::label) value=state />
            <SelectField name="cause" label="Why" options=options(&Cause::ALL, Cause::as_str, Cause::label) value=cause />
            <Checkbox name="over" value="1" label="Also those that are over" checked=filter.over />
        </FilterBar>
        {if total == 0 {
            Either::Left(
                view! {
                    <Empty title="No desktop is to end">
                        <p>
                            "Temporary desktops appear here 14 days before their last day, and those of people who have left after the nightly comparison with Active Directory."
                        </p>
                    </Empty>
                },
            )
        } else {
            Either::Right(view! { <EndingTable caption="Desktops that are to end" endings=page.rows /> })
        }}
        <Pagination path="/endings" query=keep request total />
    }
}
