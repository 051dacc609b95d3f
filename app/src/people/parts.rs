//! Pieces of pages with people.

use leptos::prelude::*;
use model::people::Obstacles as Found;

use crate::ui::{Badge, Gloss, Tone};

/// Whether somebody can get a WorkSpace, and every reason why not.
#[component]
pub fn Obstacles(obstacles: Found) -> impl IntoView {
    if obstacles.is_empty() {
        return view! { <Badge tone=Tone::Success text="Eligible" /> }.into_any();
    }
    let reasons = obstacles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    view! {
        <Badge tone=Tone::Warning text="Not possible" />
        <Gloss>{reasons}</Gloss>
    }
    .into_any()
}
