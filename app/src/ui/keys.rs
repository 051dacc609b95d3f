//! The keyboard: `/` searches; in tables `j` and `k` walk the rows, `x` selects one, Enter opens it.
//!
//! One listener for the whole document, which finds its way by the `data-` attributes of [`super::Table`] and
//! [`super::SearchField`]; rows come and go without anything to attach or detach.

use leptos::{ev, prelude::*, wasm_bindgen::JsCast};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

/// Starts listening, in the browser only.
pub fn listen() {
    Effect::new(|_| {
        let keys = window_event_listener(ev::keydown, |event| {
            press(&event);
        });
        let changes = window_event_listener(ev::change, |event| {
            change(&event);
        });
        on_cleanup(move || {
            keys.remove();
            changes.remove();
        });
    });
}

/// `None` where the key means nothing.
fn press(event: &KeyboardEvent) -> Option<()> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return None;
    }
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let key = event.key();
    if target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]").ok()?.is_some() {
        return None;
    }
    match key.as_str() {
        "/" => {
            let search = find::<HtmlInputElement>("[data-search]")?;
            search.focus().ok()?;
            search.select();
        }
        "j" => walk(1)?,
        "k" => walk(-1)?,
        "x" => {
            let row = current_row()?;
            let tick = row.query_selector("input[data-select]:not(:disabled)").ok()??;
            tick.dyn_into::<HtmlElement>().ok()?.click();
        }
        "Enter" if target.has_attribute("data-row") => {
            let link = target.query_selector(".main a[href]").ok()?.or(target.query_selector("a[href]").ok()?)?;
            link.dyn_into::<HtmlElement>().ok()?.click();
        }
        _ => return None,
    }
    event.prevent_default();
    Some(())
}

/// Focuses the row so many places further; the first one if none has the focus.
fn walk(by: i32) -> Option<()> {
    let rows = document().query_selector_all("table[data-keys] tr[data-row]").ok()?;
    let length = i32::try_from(rows.length()).ok()?;
    let here = current_row();
    let place = here.and_then(|here| {
        (0..length).find(|place| rows.get(place.unsigned_abs()).is_some_and(|row| row.is_same_node(Some(&here))))
    });
    let next = place.map_or(0, |place| (place + by).clamp(0, length - 1));
    let row = rows.get(u32::try_from(next).ok()?)?.dyn_into::<HtmlElement>().ok()?;
    row.focus().ok()
}

fn current_row() -> Option<Element> {
    document().active_element()?.closest("tr[data-row]").ok()?
}

fn find<T: JsCast>(selector: &str) -> Option<T> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// Ticks every row of a table along with the box in its head; the other way round, the head's box follows the rows.
fn change(event: &Event) -> Option<()> {
    let changed = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    let table = changed.closest("table").ok()??;
    let ticks = table.query_selector_all("input[data-select]:not(:disabled)").ok()?;
    let ticks = (0..ticks.length()).filter_map(|place| ticks.get(place)?.dyn_into::<HtmlInputElement>().ok());
    if changed.has_attribute("data-select-all") {
        ticks.for_each(|tick| tick.set_checked(changed.checked()));
    } else if changed.has_attribute("data-select") {
        let all: HtmlInputElement = table.query_selector("input[data-select-all]").ok()??.dyn_into().ok()?;
        let (ticked, open): (Vec<_>, Vec<_>) = ticks.partition(HtmlInputElement::checked);
        all.set_checked(open.is_empty());
        all.set_indeterminate(!open.is_empty() && !ticked.is_empty());
    }
    Some(())
}
