//! `/settings/api`.

use leptos::prelude::*;

use super::api::status;
use crate::ui::{Page, PageHeader, live, loaded, reading};

/// What Frontdesk asks of AWS. The figures come drawn from the server: nothing in them can be pressed.
#[component]
pub fn BudgetPage() -> impl IntoView {
    let turn = live::every(5);
    let page = reading(move || turn.get(), |_| status());
    view! {
        <Page title="API">
            <PageHeader
                title="API"
                lead="AWS takes about two WorkSpaces calls a second from the whole account. All of Frontdesk keeps to that together; here is who goes first, and what became of each call."
            />
            {loaded(page, |figures| view! { <div class="figures" inner_html=figures></div> })}
        </Page>
    }
}
