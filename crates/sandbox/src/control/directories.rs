//! Connectors: what Directory Service can't be asked to do and AWS's console can, and what fate does.

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::pages::framed;
use crate::{
    Inner,
    directories::{Connector, Made},
    html::escape,
    state::Memory,
};

type Shared = State<Arc<Inner>>;

/// The stages that can be made from outside.
const STAGES: [&str; 4] = ["Active", "Impaired", "Inoperable", "Failed"];

/// Every connector there ever was, each with its stage now (`null` when it is gone) and its registration's state.
pub(super) async fn list(State(inner): Shared) -> Json<Value> {
    let now = inner.clock.now();
    let memory = inner.state.memory();
    let row = |connector: &Connector| {
        let stage = connector.stage_at(now);
        let mut row = json!(connector);
        if let Some(members) = row.as_object_mut() {
            members.insert("stage".to_owned(), json!(stage.as_ref().map(|stage| stage.name)));
            members.insert("reason".to_owned(), json!(stage.as_ref().and_then(|stage| stage.reason)));
            members.insert("registration".to_owned(), json!(registration(&memory, connector, now)));
        }
        row
    };
    Json(memory.connectors.iter().map(row).collect())
}

fn registration(memory: &Memory, connector: &Connector, now: DateTime<Utc>) -> Option<&'static str> {
    memory.registration(&connector.id, now)?.state_at(now)
}

/// What to make of a connector; members that are not named stay.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    stage: Option<String>,
    /// StageReason of that stage.
    reason: Option<String>,
    /// As somebody changes the DNS addresses in AWS's console.
    dns: Option<Vec<String>>,
}

pub(super) async fn change(State(inner): Shared, Path(id): Path<String>, Json(change): Json<Change>) -> Response {
    answer(make(&inner, &id, change))
}

fn answer(made: Result<(), (StatusCode, &'static str)>) -> Response {
    match made {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refused) => refused.into_response(),
    }
}

fn make(inner: &Inner, id: &str, change: Change) -> Result<(), (StatusCode, &'static str)> {
    if change.stage.as_deref().is_some_and(|stage| !STAGES.contains(&stage)) {
        return Err((StatusCode::BAD_REQUEST, "a stage is one of Active, Impaired, Inoperable, Failed"));
    }
    if change.dns.as_ref().is_some_and(|dns| dns.iter().any(|ip| ip.parse::<std::net::Ipv4Addr>().is_err())) {
        return Err((StatusCode::BAD_REQUEST, "a DNS address is an IPv4 address"));
    }
    let now = inner.clock.now();
    let takes = TimeDelta::milliseconds(i64::try_from(inner.state.behaviour().connector_updating_ms).unwrap_or(0));
    inner.state.change(|memory| {
        let found = memory.connectors.iter_mut().find(|connector| connector.id == id && connector.stage_at(now).is_some());
        let connector = found.ok_or((StatusCode::NOT_FOUND, "there is no such directory"))?;
        if let Some(stage) = change.stage {
            connector.made = Some(Made { stage, reason: change.reason.filter(|reason| !reason.is_empty()), at: now });
        }
        if let Some(dns) = change.dns.filter(|dns| !dns.is_empty()) {
            connector.dns = dns;
            connector.updating = (takes > TimeDelta::zero()).then_some((now, now + takes));
        }
        Ok(())
    })
}

pub(super) async fn page(State(inner): Shared) -> Html<String> {
    let now = inner.clock.now();
    let memory = inner.state.memory();
    let alive: Vec<_> = memory.connectors.iter().filter_map(|connector| Some((connector, connector.stage_at(now)?))).collect();
    let row = |(connector, stage): &(&Connector, crate::directories::Stage<'_>)| {
        format!(
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}</tr>",
            connector.id,
            escape(&connector.name),
            escape(&connector.dns.join(", ")),
            escape(stage.name),
            escape(stage.reason.unwrap_or("")),
            registration(&memory, connector, now).unwrap_or("not registered"),
        )
    };
    let rows: String = alive.iter().map(row).collect();
    let ids: String = alive.iter().map(|(connector, _)| format!("<option>{}</option>", connector.id)).collect();
    let stages: String = STAGES.iter().map(|stage| format!("<option>{stage}</option>")).collect();
    let body = format!(
        r#"<table><thead><tr><th>Id<th>Domain<th>DNS<th>Stage<th>Reason<th>WorkSpaces</thead><tbody>{rows}</tbody></table>
        <h2>Change one, as AWS's console or fate does</h2><form method="post">
        <p><label>Directory <select name="id">{ids}</select></label></p>
        <p><label>Stage <select name="stage"><option value="">as it is</option>{stages}</select></label></p>
        <p><label>Reason of that stage <input name="reason"></label></p>
        <p><label>DNS addresses, if they change <input name="dns" placeholder="10.20.0.10, 10.20.0.11"></label></p>
        <p><button>Change</button></p></form>"#
    );
    framed("Directories", &body)
}

#[derive(Debug, Deserialize)]
pub(super) struct ChangeForm {
    id: String,
    stage: String,
    reason: String,
    dns: String,
}

pub(super) async fn post(State(inner): Shared, Form(form): Form<ChangeForm>) -> Response {
    let dns: Vec<_> = form.dns.split([',', ' ']).filter(|ip| !ip.is_empty()).map(ToOwned::to_owned).collect();
    let change = Change {
        stage: Some(form.stage).filter(|stage| !stage.is_empty()),
        reason: Some(form.reason),
        dns: Some(dns).filter(|dns| !dns.is_empty()),
    };
    match make(&inner, &form.id, change) {
        Ok(()) => Redirect::to("/_sandbox/directories").into_response(),
        refused => answer(refused),
    }
}
