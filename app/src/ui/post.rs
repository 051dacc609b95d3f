//! Forms that change something. The browser can post them by itself; where scripts run, this does, and the page stays.
//!
//! Nothing here knows a server function's type: the fields go as they stand, and what comes back is where to go, or a
//! [`Failure`]. With a form component for each type the browser would load a reader of forms for each of them.

use leptos::{ev::SubmitEvent, prelude::*, server_fn::error::ServerFnUrlError};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::Error;

use super::{ErrorSummary, Notice, Tone, use_query_map};
use crate::Failure;

/// What is under way, and what came of the last one.
#[derive(Debug, Clone, Copy)]
pub struct Posts {
    /// How many were done, for readings: what was read before may be old.
    done: RwSignal<u32>,
    /// The address of the server function that is asked.
    pending: RwSignal<Option<&'static str>>,
    failed: RwSignal<Option<Failure>>,
}

impl Posts {
    /// For the whole app.
    pub fn provide() {
        provide_context(Self { done: RwSignal::new(0), pending: RwSignal::new(None), failed: RwSignal::new(None) });
    }

    /// Changes when something was posted without leaving the page.
    pub(super) fn done() -> u32 {
        use_context::<Self>().map_or(0, |posts| posts.done.get())
    }

    /// Whether the server function of this address is asked just now.
    pub fn pending(action: &'static str) -> Signal<bool> {
        let posts = expect_context::<Self>();
        Signal::derive(move || posts.pending.get() == Some(action))
    }
}

/// A form with the address of its server function.
#[component]
pub fn PostForm(
    action: &'static str,
    #[prop(optional)] class: &'static str,
    /// Names the form for screen readers.
    #[prop(optional)]
    label: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let (posts, navigate) = (expect_context::<Posts>(), use_navigate());
    let go = move |to: &str| navigate(to, NavigateOptions::default());
    view! {
        <form method="post" action=action class=class aria-label=label on:submit=move |event| submit(posts, action, event, go.clone())>
            {children()}
        </form>
    }
}

/// A form that sends a file. The browser posts it by itself.
#[component]
pub fn UploadForm(action: &'static str, children: Children) -> impl IntoView {
    view! {
        <form method="post" action=action enctype="multipart/form-data">
            {children()}
        </form>
    }
}

/// Why the last form was not accepted, whether a script posted it or the browser, which leaves it in the address.
#[component]
pub fn FailureNotice() -> impl IntoView {
    let (posts, query) = (expect_context::<Posts>(), use_query_map());
    let in_address = move || query.with(|query| query.get("__err").map(|error| ServerFnUrlError::decode_err(&error)));
    move || {
        posts.failed.get().or_else(in_address).map(|Failure(error)| {
            let notice = match error {
                Error::Invalid { fields } => view! { <ErrorSummary errors=fields /> }.into_any(),
                error => view! { <Notice tone=Tone::Danger>{error.to_string()}</Notice> }.into_any(),
            };
            view! { <div id="failure" tabindex="-1">{notice}</div> }
        })
    }
}

#[cfg(not(feature = "hydrate"))]
fn submit(_: Posts, _: &'static str, _: SubmitEvent, _: impl Fn(&str) + 'static) {}

#[cfg(feature = "hydrate")]
fn submit(posts: Posts, action: &'static str, event: SubmitEvent, go: impl Fn(&str) + 'static) {
    event.prevent_default();
    // A second click while the first is on its way.
    if posts.pending.get_untracked().is_some() {
        return;
    }
    let Some(fields) = browser::fields(&event) else { return };
    posts.pending.set(Some(action));
    leptos::task::spawn_local(async move {
        let outcome = browser::post(action, fields).await;
        posts.pending.set(None);
        match outcome {
            Ok(to) => {
                posts.failed.set(None);
                if let Some(to) = &to {
                    go(to);
                }
                // On another page everything is read anyway.
                if to.is_none_or(|to| browser::is_here(&to)) {
                    posts.done.update(|done| *done = done.wrapping_add(1));
                }
            }
            Err(failure) => {
                posts.failed.set(Some(failure));
                request_animation_frame(|| super::live::focus("#failure"));
            }
        }
    });
}

/// Forgets the last failure when another page is shown.
pub(super) fn forget_failure() {
    if let Some(posts) = use_context::<Posts>()
        && posts.failed.with_untracked(Option::is_some)
    {
        posts.failed.set(None);
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use gloo_net::http::Request;
    use leptos::{
        ev::SubmitEvent,
        prelude::{FromServerFnError, ServerFnErrorErr, window},
        wasm_bindgen::JsCast,
    };
    use web_sys::{FormData, HtmlFormElement, UrlSearchParams};

    use crate::Failure;

    /// The fields as the browser would post them, the button's own among them.
    pub(super) fn fields(event: &SubmitEvent) -> Option<String> {
        let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
        let data = FormData::new_with_form(&form).ok()?;
        if let Some(button) = event.submitter()
            && let Some(name) = button.get_attribute("name")
        {
            data.append_with_str(&name, &button.get_attribute("value").unwrap_or_default()).ok()?;
        }
        let fields = UrlSearchParams::new_with_str_sequence_sequence(data.unchecked_ref()).ok()?;
        Some(fields.to_string().into())
    }

    /// Where to go then, if anywhere.
    pub(super) async fn post(action: &str, fields: String) -> Result<Option<String>, Failure> {
        let lost = |error: gloo_net::Error| Failure::from_server_fn_error(ServerFnErrorErr::Request(error.to_string()));
        let answer = Request::post(action)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(fields)
            .map_err(lost)?
            .send()
            .await
            .map_err(lost)?;
        if answer.ok() {
            return Ok(answer.headers().get("location"));
        }
        Err(Failure::de(answer.binary().await.map_err(lost)?.into()))
    }

    /// Whether the address is that of the page that is shown.
    pub(super) fn is_here(to: &str) -> bool {
        let path = to.split(['?', '#']).next();
        window().location().pathname().ok().as_deref() == path
    }
}
