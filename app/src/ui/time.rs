//! Moments. Their texts are made by the server; a relative one never stands alone.

use leptos::prelude::*;
use model::{Stamp, directories::Freshness};

use super::{Icon, Tone};

/// A moment: local text with the relative one beside it, exact UTC on hover. `brief` leaves the relative one to the hover.
#[component]
pub fn When(stamp: Stamp, #[prop(optional)] brief: bool) -> impl IntoView {
    let title = if brief { format!("{}, {}", stamp.ago, stamp.utc) } else { stamp.utc };
    view! {
        <time class="when" datetime=stamp.machine title=title>
            {stamp.local}
            {(!brief).then(|| view! { <span class="ago">{stamp.ago}</span> })}
        </time>
    }
}

/// How old the page's picture of AWS is, and whether the last look failed.
#[component]
pub fn FreshnessLine(freshness: Freshness) -> impl IntoView {
    let read = match freshness.read {
        Some(stamp) => view! {
            <time datetime=stamp.machine title=stamp.utc>
                {format!("Read from AWS {}", stamp.ago)}
            </time>
        }
        .into_any(),
        None => "Not read from AWS yet; the first reading takes a minute or two".into_any(),
    };
    view! {
        <p class="freshness">
            {read}
            {freshness
                .problem
                .map(|problem| {
                    view! {
                        <span class="freshness-problem" title=problem>
                            <Icon name=Tone::Warning.icon() />
                            "the last reading failed"
                        </span>
                    }
                })}
        </p>
    }
}
