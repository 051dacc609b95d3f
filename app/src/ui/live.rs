//! What hydration adds to the page as a whole.

use leptos::prelude::*;
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
            request_animation_frame(|| focus("#main"));
        }
        path
    });
}

pub(super) fn focus(selector: &str) {
    use leptos::wasm_bindgen::JsCast;
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        drop(element.focus());
    }
}
