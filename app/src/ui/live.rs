//! What hydration adds to the page as a whole.

use std::time::Duration;

use leptos::{leptos_dom::helpers::set_interval_with_handle, prelude::*};
use leptos_router::hooks::use_location;

/// Marks the document as live, which shows what has the class `needs-js`.
pub fn announce_hydration() {
    Effect::new(|_| {
        request_animation_frame(|| {
            if let Some(root) = document().document_element() {
                drop(root.set_attribute("data-hydrated", "true"));
            }
        });
    });
}

/// Moves the focus to the page when the router puts another one there, as a browser does when it loads one.
pub fn follow_navigation() {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            super::post::forget_failure();
            close_menu();
            request_animation_frame(|| focus("#main"));
        }
        path
    });
}

/// Counts up every so many seconds while the page is looked at: for lists that nobody tells of changes.
pub fn every(seconds: u64) -> ReadSignal<u32> {
    let (count, set_count) = signal(0_u32);
    Effect::new(move |_| {
        let turn = move || {
            if !document().hidden() {
                set_count.update(|count| *count = count.wrapping_add(1));
            }
        };
        if let Ok(handle) = set_interval_with_handle(turn, Duration::from_secs(seconds)) {
            on_cleanup(move || handle.clear());
        }
    });
    count
}

/// Without JavaScript the page asks again by itself while rows are on their way. Only the server writes it: made by the
/// browser's half, the element would work with JavaScript too, and its text, which browsers with JavaScript don't read as
/// elements, is nothing that hydration could find.
#[component]
pub fn TurnsByItself() -> impl IntoView {
    let refresh = if cfg!(feature = "ssr") { "<meta http-equiv=\"refresh\" content=\"5\">" } else { "" };
    view! { <noscript inner_html=refresh></noscript> }
}

/// On a phone the menu would lie over the page to which it led.
fn close_menu() {
    if let Ok(Some(menu)) = document().query_selector("details.menu") {
        drop(menu.remove_attribute("open"));
    }
}

pub(super) fn focus(selector: &str) {
    use leptos::wasm_bindgen::JsCast;
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        drop(element.focus());
    }
}
