//! Light or dark: from the system unless chosen.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{Icon, IconName, PostForm};
use crate::access::{Theme, api::SetTheme};

/// Three buttons, of which the current one is pressed.
#[component]
pub fn ThemeSwitch(current: Theme) -> impl IntoView {
    let chosen = RwSignal::new(current);
    let choose = move |theme: Theme| {
        chosen.set(theme);
        if let Some(root) = document().document_element() {
            drop(match theme.attribute() {
                Some(name) => root.set_attribute("data-theme", name),
                None => root.remove_attribute("data-theme"),
            });
        }
    };
    let buttons = [
        (Theme::System, IconName::System, "As the system"),
        (Theme::Light, IconName::Sun, "Light"),
        (Theme::Dark, IconName::Moon, "Dark"),
    ]
    .map(|(theme, icon, label)| {
        view! {
            <button
                type="submit"
                name="theme"
                value=theme.as_str()
                title=label
                on:click=move |_| choose(theme)
                aria-pressed=move || if chosen.get() == theme { "true" } else { "false" }
            >
                <Icon name=icon />
                <span class="hidden">{label}</span>
            </button>
        }
    });
    view! {
        <PostForm action=SetTheme::PATH class="theme" label="Colours">
            {buttons}
        </PostForm>
    }
}
