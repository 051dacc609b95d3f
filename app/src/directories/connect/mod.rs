//! Setting up an AD Connector: every step is an address on a draft, so nothing but the password is lost on back or reload.

mod check;
mod domain;
mod network;
mod preflight;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::{
    ConnectId, Error,
    directories::{ConnectDraft, ConnectState, ConnectStep, Freshness, Network},
};

pub use check::CreatePage;
pub use domain::DomainPage;
pub use network::NetworkPage;
pub use preflight::PreflightPage;

use crate::{
    Failure,
    directories::api::draft,
    ui::{LinkButton, Notice, Page, PageHeader, StepLink, StepState, Steps, Tone, loaded, reading},
};

/// The address of a step.
fn step_path(id: ConnectId, step: ConnectStep) -> String {
    format!("/directories/new/{id}/{}", step.as_str())
}

/// A step's page: its head, and its content if it can be worked on.
fn step_page(
    step: ConnectStep,
    title: &'static str,
    lead: &'static str,
    content: fn(ConnectDraft, Network, Freshness) -> AnyView,
) -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("draft").and_then(|id| id.parse().ok())));
    let page = reading(move || id.get(), |id: Option<ConnectId>| async move { draft(id.ok_or(Failure(Error::NotFound))?).await });
    view! {
        <Page title=format!("{} · New AD Connector", step.label()) narrow=true>
            {loaded(
                page,
                move |(draft, network, freshness): (ConnectDraft, Network, Freshness)| {
                    let open = draft.may_open(step);
                    view! {
                        <Head draft=draft.clone() step title lead />
                        {open.then(|| content(draft, network, freshness))}
                    }
                },
            )}
        </Page>
    }
}

#[component]
fn Head(draft: ConnectDraft, step: ConnectStep, title: &'static str, lead: &'static str) -> impl IntoView {
    let id = draft.id;
    let furthest = draft.furthest();
    let steps = ConnectStep::ALL
        .into_iter()
        .map(|known| StepLink {
            label: known.label().to_owned(),
            href: draft.may_open(known).then(|| step_path(id, known)),
            state: if known == step {
                StepState::Current
            } else if known < step && known < furthest {
                StepState::Done
            } else {
                StepState::Todo
            },
        })
        .collect();
    let word = match (draft.state, draft.directory) {
        (_, Some(directory)) => Some(
            view! {
                <Notice tone=Tone::Info title="The connector was made">
                    <LinkButton href=format!("/directories/{directory}")>"See how far it is"</LinkButton>
                </Notice>
            }
            .into_any(),
        ),
        (ConnectState::Asking | ConnectState::Unconfirmed, None) => Some(
            view! {
                <Notice tone=Tone::Warning title="AWS was asked, and its answer has not come">
                    <p>
                        "Frontdesk looks for the connector by its name, VPC and time, and never asks for a second one. If AWS shows none within some minutes, this draft can be tried again."
                    </p>
                    <LinkButton href=step_path(id, step)>"Look whether it is known"</LinkButton>
                </Notice>
            }
            .into_any(),
        ),
        (ConnectState::Draft, None) if step > furthest => Some(
            view! {
                <Notice tone=Tone::Info title="Not yet">
                    <p>{format!("The step \u{201c}{}\u{201d} comes first.", furthest.label())}</p>
                    <LinkButton href=step_path(id, furthest)>{format!("Go to {}", furthest.label())}</LinkButton>
                </Notice>
            }
            .into_any(),
        ),
        _ => None,
    };
    view! {
        <Steps steps />
        <PageHeader title lead />
        {word}
    }
}
