//! A page with nothing on it yet, which teaches.

use leptos::prelude::*;

/// Says what will be here; the children explain and hold the button that starts it.
#[component]
pub fn Empty(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            {children()}
        </div>
    }
}
