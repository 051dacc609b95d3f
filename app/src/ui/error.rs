//! What went wrong, where the reader looks for it.

use std::{future::Future, pin::Pin};

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use model::{Error, FieldError};
use serde::de::DeserializeOwned;

use super::{LinkButton, Look, Reading, frame::Caller, url};
use crate::Failure;

/// The errors of a form, above it, each leading to its field.
#[component]
pub fn ErrorSummary(errors: Vec<FieldError>) -> impl IntoView {
    (!errors.is_empty()).then(|| {
        let errors = errors
            .into_iter()
            .map(|error| {
                view! {
                    <li>
                        <a href=format!("#{}", error.field) rel="external">
                            {error.message}
                        </a>
                    </li>
                }
            })
            .collect_view();
        view! {
            <div class="error-summary" role="alert" tabindex="-1">
                <h2>"Please look at this again"</h2>
                <ul>{errors}</ul>
            </div>
        }
    })
}

/// The error of one field.
pub fn error_of(errors: &[FieldError], field: &str) -> Option<String> {
    errors.iter().find(|error| error.field == field).map(|error| error.message.clone())
}

/// Takes the place of a page that can't be shown, and gives the answer its HTTP status.
#[component]
pub fn ErrorPanel(error: Error) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::caller::answer_page_with(&error);
    let title = match &error {
        Error::SignIn => "Sign in to go on",
        Error::NotAllowed { .. } => "Not for your role",
        Error::NotFound => "Page not found",
        Error::Busy { .. } => "Busy right now",
        Error::Unavailable { .. } => "Not available right now",
        Error::Invalid { .. } | Error::Conflict { .. } | Error::Refused { .. } | Error::Internal { .. } => "This did not work",
    };
    view! {
        <Title text=title />
        <div class="page narrow">
            <div class="error-panel">
                <h1>{title}</h1>
                <Words error=error.clone() />
                <WayOut error />
            </div>
        </div>
    }
}

#[component]
fn Words(error: Error) -> impl IntoView {
    let Error::NotAllowed { needs } = error else { return view! { <p>{error.to_string()}</p> }.into_any() };
    let roles: Vec<_> = needs
        .into_iter()
        .zip(0..)
        .map(|(role, place)| {
            view! {
                {(place > 0).then_some(" or ")}
                <b>{role.as_str()}</b>
            }
        })
        .collect();
    view! {
        <p>"This needs the role " {roles} ", and you don't have it. Nothing was changed."</p>
        <p>"If your work needs it, ask an administrator of Frontdesk: roles come from your groups in Active Directory. Sign out and in again afterwards, or wait five minutes."</p>
    }
    .into_any()
}

#[component]
fn WayOut(error: Error) -> impl IntoView {
    let location = use_location();
    match error {
        Error::SignIn => {
            let to = format!("{}{}", location.pathname.get_untracked(), location.search.get_untracked());
            let href = url("/sign-in", &[("to".to_owned(), to)]);
            view! {
                <p>
                    <a href=href rel="external" class="button primary">
                        "Sign in"
                    </a>
                </p>
            }
            .into_any()
        }
        Error::Busy { .. } | Error::Unavailable { .. } => view! {
            <p>
                <a href=location.pathname.get_untracked() rel="external" class="button">
                    "Try again"
                </a>
            </p>
        }
        .into_any(),
        _ => view! {
            <p>
                <LinkButton href="/" look=Look::Plain>
                    "Go to Today"
                </LinkButton>
            </p>
        }
        .into_any(),
    }
}

/// What was read, or why it can't be shown. While it is read again, what was there stays.
pub fn loaded<T, V>(reading: Reading<T>, view: impl Fn(T) -> V + Clone + Send + Sync + 'static) -> impl IntoView
where
    T: Clone + DeserializeOwned + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let caller = use_context::<Caller>();
    let content = move || -> Content {
        let view = view.clone();
        Box::pin(async move {
            let answer = reading.answer().await;
            if let Some(caller) = caller {
                caller.known().await;
            }
            match answer {
                Ok(data) => view(data).into_any(),
                Err(Failure(error)) => view! { <ErrorPanel error /> }.into_any(),
            }
        })
    };
    awaited(Box::new(content))
}

type Content = Pin<Box<dyn Future<Output = AnyView> + Send>>;

/// The part that knows no types: the browser loads it once, not for each page.
fn awaited(content: Box<dyn Fn() -> Content + Send + Sync>) -> AnyView {
    view! {
        <Transition fallback=|| {
            view! {
                <p class="loading" role="status">
                    "Loading…"
                </p>
            }
        }>{move || Suspend::new(content())}</Transition>
    }
    .into_any()
}
