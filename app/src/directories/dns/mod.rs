//! Changing a connector's DNS servers: all changes of a directory, one of them step by step, and its record.

pub mod api;
mod connector;
#[cfg(feature = "ssr")]
mod drawn;
mod list;
mod one;
mod record;
mod workspaces;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::{
    DirectoryId, DnsChangeId,
    directories::{DnsChange, DnsState},
};

pub use list::DnsChangesPage;
pub use one::DnsChangePage;
pub use record::DnsRecordPage;

use crate::ui::{Badge, Tone};

/// The directory and the change in the address.
fn ids() -> Memo<(Option<DirectoryId>, Option<DnsChangeId>)> {
    let params = use_params_map();
    Memo::new(move |_| {
        params.with(|params| {
            let id = params.get("id").and_then(|id| id.parse().ok());
            (id, params.get("change").and_then(|id| id.parse().ok()))
        })
    })
}

fn path(change: &DnsChange) -> String {
    format!("/directories/{}/dns/{}", change.directory, change.id)
}

fn state_badge(state: DnsState) -> impl IntoView {
    let tone = match state {
        DnsState::Workspaces => Tone::Info,
        DnsState::Frozen | DnsState::Changed => Tone::Warning,
        DnsState::Done => Tone::Success,
        DnsState::Abandoned => Tone::Neutral,
    };
    view! { <Badge tone text=state.label() /> }
}

/// The fields that every form of a change has.
#[component]
fn Which(change: DnsChange) -> impl IntoView {
    view! {
        <input type="hidden" name="directory" value=change.directory.to_string() />
        <input type="hidden" name="id" value=change.id.to_string() />
    }
}
