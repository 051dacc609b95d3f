//! Which tone each state of the domain has. The words are the model's.

use leptos::prelude::*;
use model::{
    invitations,
    launches::ItemState,
    workspaces::{ActionState, state_gloss},
};

use super::{Badge, Tone};

pub(super) fn item_tone(state: ItemState) -> Tone {
    match state {
        ItemState::Queued | ItemState::Canceled => Tone::Neutral,
        ItemState::Sending | ItemState::Pending => Tone::Info,
        ItemState::Available => Tone::Success,
        ItemState::Unconfirmed | ItemState::AlreadyHas => Tone::Warning,
        ItemState::Failed => Tone::Danger,
    }
}

/// The state of a launch's row, with its gloss.
#[component]
pub fn ItemBadge(state: ItemState) -> impl IntoView {
    view! { <Badge tone=item_tone(state) text=state.label() gloss=state.gloss() /> }
}

/// The state of an invitation; an opened one has arrived for sure.
#[component]
pub fn InvitationBadge(state: invitations::State, #[prop(optional)] opened: bool) -> impl IntoView {
    let (tone, text, gloss) = match (state, opened) {
        (_, true) => (Tone::Success, "Opened", "its link was opened"),
        (invitations::State::Queued, false) => (Tone::Neutral, state.label(), state.gloss()),
        (invitations::State::Sending | invitations::State::Sent, false) => (Tone::Info, state.label(), state.gloss()),
        (invitations::State::Unconfirmed, false) => (Tone::Warning, state.label(), state.gloss()),
        (invitations::State::Failed, false) => (Tone::Danger, state.label(), state.gloss()),
    };
    view! { <Badge tone=tone text=text gloss=gloss /> }
}

pub(super) fn action_tone(state: ActionState) -> Tone {
    match state {
        ActionState::Queued | ActionState::Canceled => Tone::Neutral,
        ActionState::Sending | ActionState::Accepted => Tone::Info,
        ActionState::Done => Tone::Success,
        ActionState::Unconfirmed => Tone::Warning,
        ActionState::Failed => Tone::Danger,
    }
}

/// Where one WorkSpace of an action is, with its gloss.
#[component]
pub fn ActionBadge(state: ActionState) -> impl IntoView {
    view! { <Badge tone=action_tone(state) text=state.label() gloss=state.gloss() /> }
}

/// What AWS's state of a WorkSpace means for the reader.
pub fn workspace_tone(state: &str) -> Tone {
    match state {
        "AVAILABLE" => Tone::Success,
        "STOPPED" | "TERMINATED" => Tone::Neutral,
        "ERROR" => Tone::Danger,
        "IMPAIRED" | "UNHEALTHY" | "TERMINATING" | "ADMIN_MAINTENANCE" | "SUSPENDED" => Tone::Warning,
        _ => Tone::Info,
    }
}

/// The state of a WorkSpace as AWS writes it, with its gloss.
#[component]
pub fn WorkspaceBadge(#[prop(into)] state: String) -> impl IntoView {
    let gloss = state_gloss(&state);
    view! { <Badge tone=workspace_tone(&state) text=state gloss=gloss /> }
}
