//! WorkSpaces: directories, bundles, and WorkSpaces that come into being as on AWS.

use chrono::DateTime;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Answer, AwsError, Operations, bundles, registered, volumes};
use crate::{
    Inner,
    directories::REGISTERED,
    faults::{Kind, Whom},
    people::Company,
    state::{Memory, Volumes, Workspace},
};

const CREATE: &str = "CreateWorkspaces";
/// What one page holds of bundles, WorkSpaces, directories and IP groups.
pub(super) const PAGE: usize = 25;

pub(super) const OPERATIONS: Operations = &[
    ("CreateWorkspaces", |inner, request| Ok(create(inner, request.input))),
    ("DescribeWorkspaces", |inner, request| describe(inner, request.input)),
    ("DescribeWorkspaceBundles", |_, request| describe_bundles(request.input)),
    ("DescribeWorkspacesConnectionStatus", |inner, request| Ok(connection_status(inner, request.input))),
];

pub(super) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

fn create(inner: &Inner, input: &Value) -> Value {
    let (mut pending, mut failed) = (Vec::new(), Vec::new());
    for request in input["Workspaces"].as_array().into_iter().flatten() {
        match create_one(inner, request) {
            Ok(workspace) => pending.push(shown(&workspace, "PENDING")),
            Err((code, message)) => {
                failed.push(json!({ "WorkspaceRequest": request, "ErrorCode": code, "ErrorMessage": message }));
            }
        }
    }
    json!({ "PendingRequests": pending, "FailedRequests": failed })
}

fn create_one(inner: &Inner, request: &Value) -> Result<Workspace, (String, String)> {
    let refuse = |code: &str, message: &str| (code.to_owned(), message.to_owned());
    let user = text(request, "UserName");
    let whom = Whom::Entry(user);
    let failed = inner.faults.take(CREATE, whom, |kind| match kind {
        Kind::FailItem { code, message } => Some((code.clone(), message.clone())),
        _ => None,
    });
    if let Some(failed) = failed {
        return Err(failed);
    }
    let directory = text(request, "DirectoryId");
    let now = inner.clock.now();
    if inner.state.memory().registration(directory, now).and_then(|known| known.state_at(now)) != Some("REGISTERED") {
        return Err(refuse("ResourceNotFound.Directory", "The specified directory could not be found in the specified region."));
    }
    if inner.company.read().person(user).is_none() {
        return Err(refuse("ResourceNotFound.User", "The specified user could not be found in the directory."));
    }
    if !bundles::all().iter().any(|bundle| bundle["BundleId"] == request["BundleId"]) {
        return Err(refuse("ResourceNotFound.Bundle", "The specified bundle could not be found in the specified region."));
    }
    let properties = &request["WorkspaceProperties"];
    let mode = properties["RunningMode"].as_str().unwrap_or("ALWAYS_ON");
    let minutes = properties["RunningModeAutoStopTimeoutInMinutes"].as_i64();
    match (mode, minutes) {
        ("ALWAYS_ON", Some(_)) => {
            let message =
                "RunningModeAutoStopTimeoutInMinutes is not applicable for WorkSpace with running mode set to ALWAYS_ON.";
            return Err(refuse("AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace", message));
        }
        (_, Some(minutes)) if minutes <= 0 || minutes % 60 != 0 => {
            return Err(refuse("InvalidParameterValue", "RunningModeAutoStopTimeoutInMinutes must be a multiple of 60."));
        }
        _ => {}
    }
    let volumes = volumes::read(request)?;
    let behaviour = inner.state.behaviour();
    let guarded = behaviour.one_workspace_per_user && !inner.faults.takes(CREATE, whom, &Kind::AllowDouble);
    let late = inner.faults.take(CREATE, whom, |kind| match kind {
        Kind::LateVisibility { ms } => Some(*ms),
        _ => None,
    });
    let ends_in_error = inner.faults.takes(CREATE, whom, &Kind::EndInError) || registered::spoils(inner, directory, now);
    inner.state.change(|memory| {
        let live = |workspace: &&Workspace| !workspace.is_gone();
        let same = |workspace: &&Workspace| workspace.directory == directory && workspace.user_name.eq_ignore_ascii_case(user);
        if guarded && memory.workspaces.iter().filter(live).any(|workspace| same(&workspace)) {
            return Err(refuse("ResourceExists.WorkSpace", "The user already has a WorkSpace in this directory."));
        }
        if memory.workspaces.iter().filter(live).count() >= behaviour.quota {
            return Err(refuse("ResourceLimitExceeded", "The WorkSpaces quota of this account is reached."));
        }
        let ms = |ms: u64| TimeDelta::milliseconds(i64::try_from(ms).unwrap_or(0));
        let workspace = Workspace {
            id: next_id(memory),
            directory: directory.to_owned(),
            user_name: user.to_owned(),
            bundle: text(request, "BundleId").to_owned(),
            running_mode: mode.to_owned(),
            auto_stop_minutes: minutes.or((mode == "AUTO_STOP").then_some(60)),
            tags: read_tags(&request["Tags"]),
            created_at: now,
            available_at: now + ms(behaviour.pending_ms),
            visible_at: now + ms(behaviour.visibility_lag_ms + late.unwrap_or(0)),
            terminated_at: None,
            state: ends_in_error.then(|| "ERROR".to_owned()),
            change: None,
            signed_in_at: None,
            volumes: volumes.clone(),
        };
        memory.workspaces.push(workspace.clone());
        Ok(workspace)
    })
}

fn next_id(memory: &mut Memory) -> String {
    memory.next_number += 1;
    format!("ws-{:09}", 500_000_000 + memory.next_number * 7)
}

pub(super) fn read_tags(tags: &Value) -> Vec<(String, String)> {
    let tags = tags.as_array().into_iter().flatten();
    tags.map(|tag| (text(tag, "Key").to_owned(), text(tag, "Value").to_owned())).collect()
}

/// A WorkSpace as AWS tells it. Name and address are known once it runs.
#[expect(clippy::indexing_slicing, reason = "members of objects that are made here")]
fn shown(workspace: &Workspace, state: &str) -> Value {
    let mut properties = json!({ "RunningMode": workspace.running_mode });
    if let Some(minutes) = workspace.auto_stop_minutes {
        properties["RunningModeAutoStopTimeoutInMinutes"] = json!(minutes);
    }
    let mut shown = json!({
        "WorkspaceId": workspace.id, "DirectoryId": workspace.directory, "UserName": workspace.user_name, "BundleId": workspace.bundle,
        "State": state, "WorkspaceProperties": properties, "ModificationStates": [],
    });
    volumes::show(&workspace.volumes, &mut shown);
    if state != "PENDING" {
        let number: u32 = workspace.id.trim_start_matches("ws-").parse().unwrap_or(0);
        shown["ComputerName"] = json!(format!("WSAMZN-{:07X}", number % 0x0fff_ffff));
        shown["IpAddress"] = json!(format!("10.0.{}.{}", number / 7 % 200, number / 7 % 250 + 1));
    }
    if state == "ERROR" {
        shown["ErrorCode"] = json!("DomainJoinError.InternalError");
        shown["ErrorMessage"] = json!("The WorkSpace could not join the domain.");
    }
    shown
}

pub(super) fn invalid(message: &str) -> AwsError {
    AwsError::new("InvalidParameterValuesException", message)
}

/// Cuts a page; the token is the position, which only we can read. `None` if it is not one of ours.
pub(super) fn cut<T>(all: Vec<T>, token: &Value, size: usize) -> Option<(Vec<T>, Option<String>)> {
    let start = match token.as_str() {
        None => 0,
        Some(token) => {
            let position = token.strip_prefix("sbx-").and_then(|position| position.parse::<usize>().ok());
            position.filter(|position| *position <= all.len())?
        }
    };
    let next = (start + size < all.len()).then(|| format!("sbx-{}", start + size));
    Some((all.into_iter().skip(start).take(size).collect(), next))
}

pub(super) fn page<T>(all: Vec<T>, token: &Value, size: usize) -> Result<(Vec<T>, Option<String>), AwsError> {
    cut(all, token, size).ok_or_else(|| invalid("The NextToken is not valid."))
}

#[expect(clippy::indexing_slicing, reason = "a member of the object that is made here")]
pub(super) fn paged(member: &str, rows: Vec<Value>, next: Option<String>) -> Value {
    let mut answer = json!({ member: rows });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    answer
}

fn describe(inner: &Inner, input: &Value) -> Answer {
    let given =
        ["WorkspaceIds", "DirectoryId", "BundleId", "WorkspaceName"].iter().filter(|member| !input[**member].is_null()).count();
    if given > 1 {
        return Err(invalid(
            "Only one of the following are allowed to be specified: BundleId, DirectoryId, WorkSpaceIds, Filters.",
        ));
    }
    if !input["UserName"].is_null() && input["DirectoryId"].is_null() {
        return Err(invalid("The DirectoryId parameter is required when UserName is used."));
    }
    let now = inner.clock.now();
    let ids: Option<Vec<&str>> = input["WorkspaceIds"].as_array().map(|ids| ids.iter().filter_map(Value::as_str).collect());
    let fits = |workspace: &&Workspace| {
        ids.as_ref().is_none_or(|ids| ids.contains(&workspace.id.as_str()))
            && input["DirectoryId"].as_str().is_none_or(|directory| workspace.directory == directory)
            && input["UserName"].as_str().is_none_or(|user| workspace.user_name.eq_ignore_ascii_case(user))
            && input["BundleId"].as_str().is_none_or(|bundle| workspace.bundle == bundle)
    };
    let memory = inner.state.memory();
    let found =
        memory.workspaces.iter().filter(fits).filter_map(|workspace| Some(shown(workspace, workspace.state_at(now)?))).collect();
    let limit = input["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
    let (rows, next) = page(found, &input["NextToken"], limit)?;
    Ok(paged("Workspaces", rows, next))
}

fn describe_bundles(input: &Value) -> Answer {
    if !input["BundleIds"].is_null() && !input["Owner"].is_null() {
        return Err(invalid("Only one of BundleIds and Owner can be specified."));
    }
    let ids = input["BundleIds"].as_array();
    let owner = input["Owner"].as_str().unwrap_or(super::ACCOUNT);
    let wanted = |bundle: &Value| ids.map_or(bundle["Owner"] == owner, |ids| ids.contains(&bundle["BundleId"]));
    let found = bundles::all().into_iter().filter(wanted).collect();
    let (rows, next) = page(found, &input["NextToken"], PAGE)?;
    Ok(paged("Bundles", rows, next))
}

fn connection_status(inner: &Inner, input: &Value) -> Value {
    let now = inner.clock.now();
    let ids = input["WorkspaceIds"].as_array();
    let memory = inner.state.memory();
    let rows = memory.workspaces.iter().filter(|workspace| ids.is_none_or(|ids| ids.iter().any(|id| *id == workspace.id)));
    let rows: Vec<_> = rows
        .filter(|workspace| workspace.state_at(now).is_some())
        .map(|workspace| {
            let stopped = workspace.state_at(now) == Some("STOPPED");
            let last = workspace.signed_in_at.map(|at| ("LastKnownUserConnectionTimestamp".to_owned(), json!(at.timestamp())));
            let mut row = json!({ "WorkspaceId": workspace.id, "ConnectionState": if stopped { "UNKNOWN" } else { "DISCONNECTED" }, "ConnectionStateCheckTimestamp": now.timestamp() });
            if let Some(row) = row.as_object_mut() {
                row.extend(last);
            }
            row
        })
        .collect();
    json!({ "WorkspacesConnectionStatus": rows })
}

/// A dozen WorkSpaces that somebody launched elsewhere before Frontdesk came.
pub(crate) fn seed(memory: &mut Memory, company: &Company, now: DateTime<Utc>) {
    let roster = company.read();
    for (index, person) in roster.people.iter().rev().filter(|person| person.mail.is_some()).take(12).enumerate() {
        let id = next_id(memory);
        let before = now - TimeDelta::days(60);
        let state = match index {
            0 => Some("UNHEALTHY"),
            1..=5 => Some("STOPPED"),
            _ => None,
        };
        memory.workspaces.push(Workspace {
            id,
            directory: REGISTERED.to_owned(),
            user_name: person.account.clone(),
            bundle: if index % 2 == 0 { "wsb-own000001" } else { "wsb-100000100" }.to_owned(),
            running_mode: "AUTO_STOP".to_owned(),
            auto_stop_minutes: Some(60),
            tags: Vec::new(),
            created_at: before,
            available_at: before,
            visible_at: before,
            terminated_at: None,
            state: state.map(ToOwned::to_owned),
            change: None,
            signed_in_at: None,
            volumes: Volumes::default(),
        });
    }
}
