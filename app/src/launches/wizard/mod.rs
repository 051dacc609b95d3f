//! The wizard: every step is an address on a draft, so nothing is lost on back or reload.

mod check;
mod desktop;
mod directory;
mod list;
mod people;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::{
    DraftId, Error,
    launches::{Draft, Step},
};

pub use check::CheckPage;
pub use desktop::DesktopPage;
pub use directory::{DirectoryPage, NewLaunchPage};
pub use list::ListPage;
pub use people::PeoplePage;

use crate::{
    Failure,
    ui::{Gloss, LinkButton, Notice, PageHeader, StepLink, StepState, Steps, Td, Tone},
};

/// The draft that the address names.
fn draft_id() -> Memo<Option<DraftId>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("draft").and_then(|id| id.parse().ok())))
}

/// The failure of an address that names no draft.
fn no_draft() -> Failure {
    Failure(Error::NotFound)
}

/// Whether the step can be worked on: the draft was not launched, and the steps before are complete.
fn is_open(draft: &Draft, step: Step) -> bool {
    draft.launch.is_none() && draft.may_open(step)
}

/// The cell by which a person of the draft is known.
#[component]
fn PersonCell(name: String, account: String) -> impl IntoView {
    view! {
        <Td label="Person" main=true>
            <bdi>{name}</bdi>
            <Gloss>{account}</Gloss>
        </Td>
    }
}

/// The head of each step: title, steps, and a word if the step can't be worked on.
#[component]
fn StepHead(
    draft: Draft,
    step: Step,
    #[prop(into)] title: String,
    #[prop(optional, into)] lead: Option<String>,
) -> impl IntoView {
    let id = draft.id;
    let steps = Step::ALL
        .into_iter()
        .map(|known| StepLink {
            label: known.label().to_owned(),
            href: draft.may_open(known).then(|| format!("/launches/new/{id}/{}", known.as_str())),
            state: if known == step {
                StepState::Current
            } else if known < step && known < draft.furthest() {
                StepState::Done
            } else {
                StepState::Todo
            },
        })
        .collect();
    let launched = draft.launch.map(|launch| {
        view! {
            <Notice tone=Tone::Info title="This launch was started">
                <p>"It can't be changed any more."</p>
                <LinkButton href=format!("/launches/{launch}")>"See how far it is"</LinkButton>
            </Notice>
        }
    });
    let early = (draft.launch.is_none() && !draft.may_open(step)).then(|| {
        let first = draft.furthest();
        view! {
            <Notice tone=Tone::Info title="Not yet">
                <p>{format!("The step \u{201c}{}\u{201d} comes first.", first.label())}</p>
                <LinkButton href=format!("/launches/new/{id}/{}", first.as_str())>{format!("Go to {}", first.label())}</LinkButton>
            </Notice>
        }
    });
    view! {
        <Steps steps />
        <PageHeader title lead=lead.unwrap_or_default() />
        {launched}
        {early}
    }
}
