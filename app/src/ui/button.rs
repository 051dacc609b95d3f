//! What people press.

use leptos::prelude::*;

use super::{Icon, IconName};

/// How loudly a button speaks. A page has at most one `Primary`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    #[default]
    Plain,
    Primary,
    /// Reads like text until the pointer is over it.
    Quiet,
    /// Takes something away.
    Danger,
}

impl Look {
    fn class(self, small: bool) -> &'static str {
        match (self, small) {
            (Self::Plain, false) => "button",
            (Self::Plain, true) => "button small",
            (Self::Primary, false) => "button primary",
            (Self::Primary, true) => "button primary small",
            (Self::Quiet, false) => "button quiet",
            (Self::Quiet, true) => "button quiet small",
            (Self::Danger, false) => "button danger",
            (Self::Danger, true) => "button danger small",
        }
    }
}

/// A button; it submits its form unless `kind` is `button`.
#[component]
pub fn Button(
    #[prop(optional)] look: Look,
    #[prop(optional)] small: bool,
    #[prop(default = "submit")] kind: &'static str,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Sends the form to another server function than the form's own, which needs not all of its fields.
    #[prop(optional, into)]
    elsewhere: Option<&'static str>,
    /// What it asks of the form's own server function beside the usual, in the field `act`; that needs not all of the fields either.
    #[prop(optional, into)]
    act: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let part = elsewhere.is_some() || act.is_some();
    view! {
        <button
            type=kind
            class=look.class(small)
            disabled=disabled
            formaction=elsewhere
            formnovalidate=part
            name=act.is_some().then_some("act")
            value=act
        >
            {children()}
        </button>
    }
}

/// A link that looks like a button, for the next thing to do.
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] look: Look,
    #[prop(optional)] small: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a href=href class=look.class(small)>
            {children()}
        </a>
    }
}

/// A button that opens what is below it, for instance a small form; works without JavaScript.
#[component]
pub fn Disclosure(
    #[prop(into)] summary: String,
    #[prop(optional)] look: Look,
    #[prop(optional)] id: Option<&'static str>,
    #[prop(optional)] open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="disclosure" id=id open=open>
            <summary class=look.class(true)>{summary} <Icon name=IconName::Down /></summary>
            <div class="disclosed">{children()}</div>
        </details>
    }
}
