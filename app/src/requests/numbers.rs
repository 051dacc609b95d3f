//! `/requests/numbers`.

use leptos::prelude::*;

use super::api::numbers;
use crate::ui::{Back, Page, PageHeader, loaded, reading};

/// What became of requests over a year. The pictures come drawn from the server: nothing in them needs code.
#[component]
pub fn NumbersPage() -> impl IntoView {
    let page = reading(|| (), |()| numbers());
    view! {
        <Page title="Numbers">
            <PageHeader
                title="Numbers"
                back=Back::to("/requests", "Requests")
                lead="What became of requests in the last twelve months, and what the desktops cost."
            />
            {loaded(page, |figures| view! { <div class="figures" inner_html=figures></div> })}
        </Page>
    }
}
