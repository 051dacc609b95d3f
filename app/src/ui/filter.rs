//! What narrows a list.

use leptos::prelude::*;

use super::{Button, Icon, IconName};

/// A form whose answers go into the URL, so that a filtered list can be kept, shared and gone back to. The browser itself
/// sends it: the router's form would be 3 KB more on the first load.
#[component]
pub fn FilterBar(
    /// Path of the list.
    #[prop(into)]
    action: String,
    children: Children,
) -> impl IntoView {
    view! {
        <form method="get" action=action class="filters" role="search">
            {children()}
            <Button>
                <Icon name=IconName::Search />
                "Apply"
            </Button>
        </form>
    }
}
