//! Copying by one press, where the browser allows it.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use super::{Icon, IconName};

/// How long "Copied" stays.
const SAID: Duration = Duration::from_secs(2);

/// Puts `text` on the clipboard; `label` says what that is. It appears with hydration, because it can do nothing before.
#[component]
pub fn CopyButton(#[prop(into)] text: String, #[prop(into)] label: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let writing = window().navigator().clipboard().write_text(&text);
        spawn_local(async move {
            if writing.await.is_ok() {
                copied.set(true);
                set_timeout(
                    move || {
                        copied.try_set(false);
                    },
                    SAID,
                );
            }
        });
    };
    view! {
        <span class="copy needs-js">
            <button type="button" class="button quiet small" on:click=copy>
                <Icon name=IconName::Copy />
                <span class="hidden">{label}</span>
            </button>
            <span class="copied" role="status">
                {move || copied.get().then_some("Copied")}
            </span>
        </span>
    }
}
