//! What narrows a list.

use leptos::prelude::*;
use leptos_router::components::Form;

use super::{Button, Icon, IconName};

/// A form whose answers go into the URL, so that a filtered list can be kept, shared and gone back to.
#[component]
pub fn FilterBar(
    /// Path of the list.
    #[prop(into)]
    action: String,
    children: Children,
) -> impl IntoView {
    view! {
        <Form method="get" action=action attr:class="filters" attr:role="search">
            {children()}
            <Button>
                <Icon name=IconName::Search />
                "Apply"
            </Button>
        </Form>
    }
}
