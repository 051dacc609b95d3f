//! The state of a thing: a word with a shape and a colour, never a colour alone.

use leptos::prelude::*;

use super::{Icon, IconName};

/// What a state means for the reader.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do, nothing happens.
    #[default]
    Neutral,
    /// Something is going on.
    Info,
    Success,
    /// Somebody should look.
    Warning,
    /// It did not work.
    Danger,
}

impl Tone {
    pub fn class(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }

    pub fn icon(self) -> IconName {
        match self {
            Self::Neutral => IconName::Stop,
            Self::Info => IconName::Clock,
            Self::Success => IconName::Check,
            Self::Warning => IconName::Warning,
            Self::Danger => IconName::Cross,
        }
    }
}

/// A state's word; `gloss` says it plainly on the line below.
#[component]
pub fn Badge(tone: Tone, #[prop(into)] text: String, #[prop(optional, into)] gloss: Option<String>) -> impl IntoView {
    view! {
        <span class="state">
            <span class=format!("badge {}", tone.class())>
                <Icon name=tone.icon() />
                {text}
            </span>
            {gloss.map(|gloss| view! { <span class="gloss">{gloss}</span> })}
        </span>
    }
}
