//! Something said to the reader, aloud where it matters.

use leptos::prelude::*;

use super::{Icon, Tone};

/// A message on the page. Danger interrupts a screen reader, the others wait their turn.
#[component]
pub fn Notice(tone: Tone, #[prop(optional, into)] title: Option<String>, children: Children) -> impl IntoView {
    let role = if tone == Tone::Danger { "alert" } else { "status" };
    let icon = if tone == Tone::Neutral || tone == Tone::Info { super::IconName::Info } else { tone.icon() };
    view! {
        <div class=format!("notice {}", tone.class()) role=role>
            <Icon name=icon />
            <div class="notice-text">
                {title.map(|title| view! { <p class="notice-title">{title}</p> })} {children()}
            </div>
        </div>
    }
}

/// Text that a screen reader reads again when it changes; hidden from those who see what it says drawn beside it.
#[component]
pub fn Live(#[prop(optional)] hidden: bool, children: Children) -> impl IntoView {
    view! {
        <div class:hidden=hidden aria-live="polite">
            {children()}
        </div>
    }
}
