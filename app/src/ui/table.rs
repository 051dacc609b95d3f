//! Lists of things. On a narrow screen each row becomes a small block, in which the column's name stands before the value.
//!
//! The keys `j`, `k`, `x` and Enter and "select all" are in [`super::keys`], which finds its way by the `data-` attributes
//! that are set here.

use leptos::{prelude::*, tachys::view::keyed::keyed};

/// A table: `thead` and `tbody` are its children.
#[component]
pub fn Table(
    /// What the rows are, for screen readers.
    #[prop(into)]
    caption: String,
    #[prop(optional)] show_caption: bool,
    /// Rows can be walked by keys.
    #[prop(default = true)]
    keys: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-frame">
            <table class="table" data-keys=keys.then_some("")>
                <caption class:hidden=!show_caption>{caption}</caption>
                {children()}
            </table>
        </div>
    }
}

/// A column's name.
#[component]
pub fn Th(#[prop(optional)] numeric: bool, children: Children) -> impl IntoView {
    view! {
        <th scope="col" class:numeric=numeric>
            {children()}
        </th>
    }
}

/// A row.
#[component]
pub fn Row(children: Children) -> impl IntoView {
    view! {
        <tr data-row="" tabindex="-1">
            {children()}
        </tr>
    }
}

/// A value. `main` marks the one by which people know the row; its first link is what Enter opens.
#[component]
pub fn Td(
    /// The column's name.
    #[prop(into)]
    label: String,
    #[prop(optional)] numeric: bool,
    #[prop(optional)] main: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <td data-label=label class:numeric=numeric class:main=main>
            {children()}
        </td>
    }
}

/// The head of the selection column: ticks every row of this page, where scripts run.
#[component]
pub fn SelectAll(#[prop(into)] label: String) -> impl IntoView {
    view! {
        <th scope="col" class="select">
            <label class="target needs-js">
                <input type="checkbox" data-select-all="" autocomplete="off" />
                <span class="hidden">{label}</span>
            </label>
        </th>
    }
}

/// Rows that can be ticked or typed into. Each is known by its key: when the list changes in place, a tick or what was typed
/// stays with its row or goes with it, and never passes to the one that takes its place. What a row shows has to be in its key, because a row that stays is
/// not drawn again.
pub fn keyed_rows<T, V>(rows: Vec<T>, key: impl Fn(&T) -> String, row: impl Fn(T) -> V) -> AnyView
where
    V: IntoView + 'static,
{
    drawn_by_key(rows.into_iter().map(|item| (key(&item), row(item).into_any())).collect())
}

/// The part that knows no types.
fn drawn_by_key(rows: Vec<(String, AnyView)>) -> AnyView {
    keyed(rows, |(key, _)| key.clone(), |_, (_, row)| (|_: usize| {}, row)).into_any()
}

/// The box that selects a row.
#[component]
pub fn SelectCell(
    #[prop(into)] name: String,
    #[prop(into)] value: String,
    /// Names the row: `Select Ada Lovelace`.
    #[prop(into)]
    label: String,
    #[prop(optional)] disabled: bool,
    #[prop(optional)] checked: bool,
) -> impl IntoView {
    view! {
        <td class="select">
            <label class="target">
                <input type="checkbox" name=name value=value disabled=disabled checked=checked data-select="" autocomplete="off" />
                <span class="hidden">{label}</span>
            </label>
        </td>
    }
}

/// What the selected rows are sent with. The browser itself posts it and loads the page anew: a page that is changed in place
/// would hand the ticks of its rows to those that take their places.
#[component]
pub fn SelectionForm(
    /// The address of the server function.
    action: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <form method="post" action=action>
            {children()}
        </form>
    }
}

/// What can be done with the selected rows; stays in sight.
#[component]
pub fn BulkBar(children: Children) -> impl IntoView {
    view! { <div class="bulk-bar">{children()}</div> }
}
