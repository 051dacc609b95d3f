//! What every page starts with.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use super::{Icon, IconName, post::FailureNotice};

/// A page; `title` is the window's, to which the site's name is added. `narrow` keeps lines readable on pages of text and
/// forms; tables want the room. Why the last form was not accepted stands first.
#[component]
pub fn Page(#[prop(into)] title: String, #[prop(optional)] narrow: bool, children: Children) -> impl IntoView {
    view! {
        <Title text=title />
        <div class=if narrow { "page narrow" } else { "page" }>
            <FailureNotice />
            {children()}
        </div>
    }
}

/// Where a page belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    href: String,
    label: String,
}

impl Back {
    pub fn to(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into() }
    }
}

/// The page's heading; its children are what can be done here.
#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(optional, into)] lead: Option<String>,
    #[prop(optional, into)] back: Option<Back>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-header">
            {back
                .map(|back| {
                    view! {
                        <A href=back.href attr:class="back">
                            <Icon name=IconName::Back />
                            {back.label}
                        </A>
                    }
                })} <div class="page-heading">
                <h1>{title}</h1>
                {children.map(|children| view! { <div class="actions">{children()}</div> })}
            </div> {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
        </header>
    }
}
