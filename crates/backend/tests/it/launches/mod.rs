//! Launches: putting one together (`drafts`), starting it once (`start`), what the engine makes of AWS's answers (`send`,
//! `settle`, `poll`), and what people can do about the rows (`acts`).

mod acts;
mod drafts;
mod list;
mod poll;
mod send;
mod settle;
mod start;
mod volumes;

use model::{Error, launches::ItemState};
use sandbox::Behaviour;

use crate::house::Plan;

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// The sandbox's own guard against doubles is off, so that a second WorkSpace would be made.
fn unguarded(visibility_lag_ms: u64) -> Plan {
    let plan = Plan::default();
    let behaviour = Behaviour { one_workspace_per_user: false, visibility_lag_ms, ..plan.behaviour.clone() };
    Plan { behaviour, ..plan }
}

fn states(items: &[model::launches::Item]) -> Vec<(&str, ItemState)> {
    let mut states: Vec<_> = items.iter().map(|item| (item.account.as_str(), item.state)).collect();
    states.sort_by_key(|(account, _)| *account);
    states
}

/// The fields that a refusal names, with their messages.
fn invalid<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<(String, String)> {
    let Err(Error::Invalid { fields }) = outcome else { panic!("not refused: {outcome:?}") };
    fields.into_iter().map(|field| (field.field, field.message)).collect()
}

fn failed(detail: &str) -> (String, Option<String>, Option<String>) {
    ("finished".into(), Some("failed".into()), Some(detail.into()))
}

fn succeeded(workspace: &str) -> (String, Option<String>, Option<String>) {
    ("finished".into(), Some("succeeded".into()), Some(workspace.into()))
}

fn attempted() -> (String, Option<String>, Option<String>) {
    ("attempted".into(), None, None)
}
