//! The JSON half, for tests.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Inner, aws,
    faults::Fault,
    state::{Behaviour, Mail, Workspace},
};

type Shared = State<Arc<Inner>>;

pub(super) async fn inbox(State(inner): Shared) -> Json<Vec<Mail>> {
    Json(inner.state.memory().mails.clone())
}

pub(super) async fn empty_inbox(State(inner): Shared) -> StatusCode {
    inner.state.change(|memory| memory.mails.clear());
    StatusCode::NO_CONTENT
}

pub(super) async fn calls(State(inner): Shared) -> Json<Value> {
    Json(json!({ "counts": inner.calls.counts(), "last": inner.calls.last() }))
}

/// Everybody, with what a test needs to choose some; `ordinary` are those whom nothing keeps from a desktop.
pub(super) async fn people(State(inner): Shared) -> Json<Value> {
    let roster = inner.company.read();
    let people = roster.people.iter();
    people
        .map(|person| json!({ "guid": person.guid, "account": person.account, "name": person.display, "mail": person.mail, "ordinary": person.is_ordinary() }))
        .collect::<Value>()
        .into()
}

/// How somebody's account is to be.
#[derive(Debug, Deserialize)]
pub(super) struct Account {
    disabled: bool,
}

/// Disables an account of Active Directory, or enables it.
pub(super) async fn change_person(State(inner): Shared, Path(account): Path<String>, Json(to): Json<Account>) -> StatusCode {
    let found = inner.company.change(&account, |person| person.set_disabled(to.disabled));
    if found { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

/// What there is to test.
pub(super) async fn operations() -> Json<Vec<String>> {
    Json(aws::operations().collect())
}

pub(super) async fn workspaces(State(inner): Shared) -> Json<Vec<Workspace>> {
    Json(inner.state.memory().workspaces.clone())
}

/// Has the user of a WorkSpace sign in to it.
pub(super) async fn sign_in(State(inner): Shared, Path(id): Path<String>) -> StatusCode {
    if inner.state.sign_in(&id, inner.clock.now()) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

pub(super) async fn faults(State(inner): Shared) -> Json<Vec<Fault>> {
    Json(inner.faults.list())
}

pub(super) async fn add_fault(State(inner): Shared, Json(fault): Json<Fault>) -> Json<Value> {
    Json(json!({ "id": inner.faults.add(fault) }))
}

pub(super) async fn clear_faults(State(inner): Shared) -> StatusCode {
    inner.faults.clear();
    StatusCode::NO_CONTENT
}

pub(super) async fn behaviour(State(inner): Shared) -> Json<Behaviour> {
    Json(inner.state.behaviour())
}

/// Changes the members that are named and leaves the others.
pub(super) async fn set_behaviour(State(inner): Shared, Json(changes): Json<Value>) -> Response {
    let mut merged = json!(inner.state.behaviour());
    if let (Some(merged), Some(changes)) = (merged.as_object_mut(), changes.as_object()) {
        merged.extend(changes.clone());
    }
    match serde_json::from_value::<Behaviour>(merged) {
        Ok(behaviour) => {
            inner.state.set_behaviour(behaviour.clone());
            Json(behaviour).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

pub(super) async fn clock(State(inner): Shared) -> Json<Value> {
    Json(json!({ "now": inner.clock.now() }))
}

/// How far to move the clock on; both count together.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Advance {
    seconds: i64,
    days: i64,
}

/// So many days, a hundred years at most.
pub(super) fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days.clamp(0, 36_500))
}

pub(super) async fn advance(State(inner): Shared, Json(advance): Json<Advance>) -> Json<Value> {
    inner.clock.advance(TimeDelta::seconds(advance.seconds) + days(advance.days));
    Json(json!({ "now": inner.clock.now() }))
}
