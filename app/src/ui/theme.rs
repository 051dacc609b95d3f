//! Light or dark: from the system unless chosen.

use leptos::{form::ActionForm, prelude::*};

use super::{Icon, IconName};
use crate::access::{Theme, api::SetTheme};

/// Three buttons, of which the current one is pressed.
#[component]
pub fn ThemeSwitch(current: Theme) -> impl IntoView {
    let set = ServerAction::<SetTheme>::new();
    let chosen = RwSignal::new(current);
    Effect::new(move |_| {
        if let Some(SetTheme { theme }) = set.input().get() {
            chosen.set(theme);
            if let Some(root) = document().document_element() {
                drop(match theme.attribute() {
                    Some(name) => root.set_attribute("data-theme", name),
                    None => root.remove_attribute("data-theme"),
                });
            }
        }
    });
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
                aria-pressed=move || if chosen.get() == theme { "true" } else { "false" }
            >
                <Icon name=icon />
                <span class="hidden">{label}</span>
            </button>
        }
    });
    view! {
        <ActionForm action=set attr:class="theme" attr:aria-label="Colours">
            {buttons}
        </ActionForm>
    }
}
