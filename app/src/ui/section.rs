//! The pieces that structure a page.

use leptos::prelude::*;

/// A raised part of the page.
#[component]
pub fn Section(
    #[prop(optional, into)] title: Option<String>,
    #[prop(optional, into)] lead: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section">
            {title.map(|title| view! { <h2 class="section-title">{title}</h2> })}
            {lead.map(|lead| view! { <p class="section-lead">{lead}</p> })} {children()}
        </section>
    }
}

/// Names and their values.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One name and its value.
#[component]
pub fn Fact(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{label}</dt>
            <dd>{children()}</dd>
        </div>
    }
}

/// Small text that explains what stands above it.
#[component]
pub fn Gloss(children: Children) -> impl IntoView {
    view! { <span class="gloss">{children()}</span> }
}

/// A text for a program, in which lines are kept; it scrolls by itself, by keys too.
#[component]
pub fn CodeBlock(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! {
        <pre class="code-block" role="region" aria-label=label tabindex="0">
            <code>{children()}</code>
        </pre>
    }
}

/// An identifier or a code, in letters that can be told apart.
#[component]
pub fn Code(children: Children) -> impl IntoView {
    view! { <code class="code">{children()}</code> }
}
