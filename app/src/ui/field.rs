//! Form fields: each is a label, perhaps a hint, perhaps an error, and the control that they describe.

use leptos::prelude::*;

use super::{Icon, IconName};

/// The ids that tie a control to its hint and its error.
fn described_by(name: &str, hint: bool, error: bool) -> Option<String> {
    match (hint, error) {
        (false, false) => None,
        (true, false) => Some(format!("{name}-hint")),
        (false, true) => Some(format!("{name}-error")),
        (true, true) => Some(format!("{name}-hint {name}-error")),
    }
}

/// Label, hint and error around a control whose id is `name`.
#[component]
fn Field(
    name: String,
    label: String,
    hint: Option<String>,
    error: Option<String>,
    #[prop(optional)] hide_label: bool,
    children: Children,
) -> impl IntoView {
    let wrong = error.is_some();
    view! {
        <div class="field" class:wrong=wrong>
            <label for=name.clone() class:hidden=hide_label>
                {label}
            </label>
            {hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })} {error.map(|error| said(&name, error))}
            {children()}
        </div>
    }
}

/// An error at its field.
pub(super) fn said(name: &str, error: String) -> impl IntoView + use<> {
    view! {
        <p class="field-error" id=format!("{name}-error")>
            <Icon name=IconName::Warning />
            {error}
        </p>
    }
}

/// One line of text.
#[component]
pub fn TextField(
    /// The form name, which is also the id unless there is another.
    #[prop(into)]
    name: String,
    /// Where several forms of a page have a field of this name.
    #[prop(optional, into)]
    id: Option<String>,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Option<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] autocomplete: Option<String>,
    #[prop(optional, into)] inputmode: Option<String>,
    #[prop(optional)] required: bool,
    /// As wide as what belongs in it needs, not as the page.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let error = error.filter(|error| !error.is_empty());
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, hint.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    view! {
        <Field name=id.clone() label hint error>
            <input
                class="input"
                class:short=short
                type=kind
                id=id
                name=name
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                required=required
                aria-invalid=invalid
                aria-describedby=described
            />
        </Field>
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// The form name, which is also the id unless there is another.
    #[prop(into)]
    name: String,
    /// Where several forms of a page have a field of this name.
    #[prop(optional, into)]
    id: Option<String>,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Option<String>,
    #[prop(default = 3)] rows: u32,
) -> impl IntoView {
    let error = error.filter(|error| !error.is_empty());
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, hint.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    view! {
        <Field name=id.clone() label hint error>
            <textarea
                class="input"
                id=id
                name=name
                rows=rows.to_string()
                spellcheck="false"
                aria-invalid=invalid
                aria-describedby=described
                inner_html=text_of_textarea(&value)
            ></textarea>
        </Field>
    }
}

/// A file to choose. Its form needs `multipart`: see [`super::UploadForm`].
#[component]
pub fn FileField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// Endings that are offered, for example `.csv,.txt`.
    accept: &'static str,
    #[prop(optional, into)] hint: Option<String>,
) -> impl IntoView {
    let described = described_by(&name, hint.is_some(), false);
    view! {
        <Field name=name.clone() label hint error=None>
            <input type="file" class="file" id=name.clone() name=name accept=accept aria-describedby=described />
        </Field>
    }
}

/// Leptos does not escape what stands in a textarea, so that a `</textarea>` in it would end it. The line break in front is
/// the one that HTML ignores there; without it a first empty line would be lost.
fn text_of_textarea(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}

/// One of several values; for up to five, prefer radio cards.
#[component]
pub fn SelectField(
    /// The form name, which is also the id unless there is another.
    #[prop(into)]
    name: String,
    #[prop(optional, into)] id: Option<String>,
    #[prop(into)] label: String,
    /// Form value and text of each.
    options: Vec<(String, String)>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Option<String>,
    /// The label is there for screen readers only; what stands beside it says it to the others.
    #[prop(optional)]
    hide_label: bool,
) -> impl IntoView {
    let error = error.filter(|error| !error.is_empty());
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, hint.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    let options = options
        .into_iter()
        .map(|(option, text)| {
            let selected = option == value;
            view! {
                <option value=option selected=selected>
                    {text}
                </option>
            }
        })
        .collect_view();
    view! {
        <Field name=id.clone() label hint error hide_label>
            <select class="input select" id=id name=name aria-invalid=invalid aria-describedby=described>
                {options}
            </select>
        </Field>
    }
}

/// The page's search; the key `/` leads here.
#[component]
pub fn SearchField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Option<String>,
) -> impl IntoView {
    let error = error.filter(|error| !error.is_empty());
    let described = described_by(&name, hint.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    view! {
        <div class="search-field">
            <Field name=name.clone() label hint error>
                <span class="search">
                    <Icon name=IconName::Search />
                    <input
                        class="input"
                        type="search"
                        id=name.clone()
                        name=name
                        value=value
                        placeholder=placeholder
                        autocomplete="off"
                        spellcheck="false"
                        enterkeyhint="search"
                        aria-keyshortcuts="/"
                        aria-invalid=invalid
                        aria-describedby=described
                        data-search
                    />
                    <kbd class="needs-js" aria-hidden="true">
                        "/"
                    </kbd>
                </span>
            </Field>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_textarea() {
        assert_eq!(text_of_textarea("\na&lt;</textarea><script>"), "\n\na&amp;lt;&lt;/textarea>&lt;script>");
    }
}
