//! `/invitations`.

use leptos::{either::Either, prelude::*};
use model::invitations::{Filter, State};

use super::{api::list, parts::InvitationTable};
use crate::ui::{
    Checkbox, Empty, FilterBar, Page, PageHeader, Pagination, SearchField, SelectField, loaded, page_request, reading, text,
    use_query_map,
};

/// All invitations.
#[component]
pub fn InvitationsPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        query.with(|query| Filter {
            q: text(query, "q"),
            state: State::from_db(&text(query, "state")),
            never_opened: text(query, "never_opened") == "1",
        })
    });
    let page = reading(move || (filter.get(), query.with(page_request)), |(filter, request)| list(filter, request));
    view! {
        <Page title="Invitations">
            <PageHeader title="Invitations" lead="The mails with the registration code: one for each launched desktop, and those sent by hand." />
            {loaded(
                page,
                move |page| {
                    let filter = filter.get_untracked();
                    let state = filter.state.map(State::as_str).unwrap_or_default().to_owned();
                    let mut options = vec![(String::new(), "All".to_owned())];
                    options.extend(State::ALL.map(|state| (state.as_str().to_owned(), state.label().to_owned())));
                    let keep = vec![
                        ("q".to_owned(), filter.q.clone()),
                        ("state".to_owned(), state.clone()),
                        ("never_opened".to_owned(), if filter.never_opened { "1" } else { "" }.to_owned()),
                    ];
                    let (total, request) = (page.total, page.request);
                    view! {
                        <FilterBar action="/invitations">
                            <SearchField name="q" label="Name, account, address or WorkSpace" value=filter.q />
                            <SelectField name="state" label="State" options value=state />
                            <Checkbox name="never_opened" value="1" label="Never opened" checked=filter.never_opened />
                        </FilterBar>
                        {if total == 0 {
                            Either::Left(view! { <Empty title="No invitation"><p>"Each launched desktop sends one by itself as soon as it is ready. None matches here."</p></Empty> })
                        } else {
                            Either::Right(view! { <InvitationTable invitations=page.rows /> })
                        }}
                        <Pagination path="/invitations" query=keep request total />
                    }
                },
            )}
        </Page>
    }
}
