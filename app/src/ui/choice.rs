//! Choosing: one of a few, some of a few, or yes.

use leptos::prelude::*;

use super::field::said;

/// A box to tick, with its words beside it.
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] value: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] checked: bool,
    #[prop(optional)] disabled: bool,
) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name=name value=value checked=checked disabled=disabled />
            <span>{label} {hint.map(|hint| view! { <span class="gloss">{hint}</span> })}</span>
        </label>
    }
}

/// A question with a few answers, each a [`ChoiceCard`].
#[component]
pub fn ChoiceCards(
    /// The form name; the group's id, to which an error summary leads.
    #[prop(into)]
    name: String,
    #[prop(into)] legend: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Option<String>,
    children: Children,
) -> impl IntoView {
    let error = error.filter(|error| !error.is_empty());
    let wrong = error.is_some();
    let described = wrong.then(|| format!("{name}-error"));
    view! {
        <fieldset class="cards" class:wrong=wrong id=name.clone() tabindex="-1" aria-describedby=described>
            <legend>{legend}</legend>
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
            {error.map(|error| said(&name, error))}
            <div class="card-list">{children()}</div>
        </fieldset>
    }
}

/// One answer; the children are its details.
#[component]
pub fn ChoiceCard(
    #[prop(into)] name: String,
    #[prop(into)] value: String,
    #[prop(into)] title: String,
    #[prop(optional)] checked: bool,
    /// Others can be chosen beside it.
    #[prop(optional)]
    several: bool,
    /// The children should say why.
    #[prop(optional)]
    disabled: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <label class="card" class:off=disabled>
            <input type=if several { "checkbox" } else { "radio" } name=name value=value checked=checked disabled=disabled />
            <span class="card-text">
                <span class="card-title">{title}</span>
                {children.map(|children| view! { <span class="card-details">{children()}</span> })}
            </span>
        </label>
    }
}
