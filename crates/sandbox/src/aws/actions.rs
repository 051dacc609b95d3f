//! What is done to WorkSpaces: start, stop, reboot, maintenance, terminate, each from the states that AWS names (WorkSpaces Admin
//! Guide) and through those in between. AWS documents no codes for `FailedRequests`; those here are its exceptions' names.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Answer, AwsError, Operations, workspaces::text};
use crate::{
    Inner,
    faults::{Kind, Whom},
    state::{Change, Memory, Workspace},
};

pub(super) const OPERATIONS: Operations = &[
    ("StartWorkspaces", |inner, request| Ok(each(inner, request.input, &START))),
    ("StopWorkspaces", |inner, request| Ok(each(inner, request.input, &STOP))),
    ("RebootWorkspaces", |inner, request| Ok(each(inner, request.input, &REBOOT))),
    ("TerminateWorkspaces", |inner, request| Ok(each(inner, request.input, &TERMINATE))),
    ("ModifyWorkspaceState", |inner, request| modify_state(inner, request.input)),
];

/// An operation that takes several WorkSpaces.
struct Several {
    name: &'static str,
    requests: &'static str,
    from: fn(&str) -> bool,
    /// Those that run always are refused.
    not_always_on: bool,
    /// The state in between, and the one that it leads to.
    way: Option<(&'static str, &'static str)>,
}

const START: Several = Several {
    name: "StartWorkspaces",
    requests: "StartWorkspaceRequests",
    from: |state| state == "STOPPED",
    not_always_on: true,
    way: Some(("STARTING", "AVAILABLE")),
};
const STOP: Several = Several {
    name: "StopWorkspaces",
    requests: "StopWorkspaceRequests",
    from: |state| matches!(state, "AVAILABLE" | "IMPAIRED" | "UNHEALTHY" | "ERROR"),
    not_always_on: true,
    way: Some(("STOPPING", "STOPPED")),
};
const REBOOT: Several = Several {
    name: "RebootWorkspaces",
    requests: "RebootWorkspaceRequests",
    from: |state| matches!(state, "AVAILABLE" | "UNHEALTHY" | "REBOOTING"),
    not_always_on: false,
    way: Some(("REBOOTING", "AVAILABLE")),
};
const TERMINATE: Several = Several {
    name: "TerminateWorkspaces",
    requests: "TerminateWorkspaceRequests",
    from: |state| !matches!(state, "SUSPENDED" | "TERMINATING"),
    not_always_on: false,
    way: None,
};

fn each(inner: &Inner, input: &Value, operation: &Several) -> Value {
    let requests = input[operation.requests].as_array().into_iter().flatten();
    let failed: Vec<_> = requests
        .filter_map(|request| {
            let id = text(request, "WorkspaceId");
            let (code, message) = one(inner, id, operation).err()?;
            Some(json!({ "WorkspaceId": id, "ErrorCode": code, "ErrorMessage": message }))
        })
        .collect();
    json!({ "FailedRequests": failed })
}

type Refusal = (String, String);

fn refuse(code: &str, message: impl Into<String>) -> Refusal {
    (code.to_owned(), message.into())
}

/// The WorkSpace and the state that it is in, unless it is gone.
fn find<'a>(memory: &'a mut Memory, id: &str, now: DateTime<Utc>) -> Option<(&'a mut Workspace, String)> {
    let found = memory.workspaces.iter_mut().find(|workspace| workspace.id == id && !workspace.is_gone())?;
    // One that is not shown yet is there all the same.
    let state = found.state_at(now).unwrap_or("PENDING").to_owned();
    Some((found, state))
}

fn one(inner: &Inner, id: &str, operation: &Several) -> Result<(), Refusal> {
    let now = inner.clock.now();
    let user = inner.state.memory().workspaces.iter().find(|workspace| workspace.id == id).map(|found| found.user_name.clone());
    let whom = [Some(id), user.as_deref()];
    let fail = |kind: &Kind| match kind {
        Kind::FailItem { code, message } => Some((code.clone(), message.clone())),
        _ => None,
    };
    let hit = whom.into_iter().flatten().find_map(|whom| inner.faults.take(operation.name, Whom::Entry(whom), fail));
    if let Some(failed) = hit {
        return Err(failed);
    }
    let ends_in_error =
        whom.into_iter().flatten().any(|whom| inner.faults.takes(operation.name, Whom::Entry(whom), &Kind::EndInError));
    let behaviour = inner.state.behaviour();
    inner.state.change(|memory| {
        let not_found = || refuse("ResourceNotFound.Workspace", "The WorkSpace could not be found.");
        let (workspace, state) = find(memory, id, now).ok_or_else(not_found)?;
        if operation.not_always_on && workspace.running_mode == "ALWAYS_ON" {
            return Err(refuse("OperationNotSupportedException", "The running mode of the WorkSpace does not support this."));
        }
        if !(operation.from)(&state) {
            return Err(refuse("InvalidResourceStateException", format!("The WorkSpace is in the state {state}.")));
        }
        let Some((through, into)) = operation.way else {
            workspace.terminated_at = Some(now);
            return Ok(());
        };
        let lasts = match through {
            "STARTING" => behaviour.starting_ms,
            "STOPPING" => behaviour.stopping_ms,
            _ => behaviour.rebooting_ms,
        };
        let until = now + TimeDelta::milliseconds(i64::try_from(lasts).unwrap_or(0));
        workspace.change = Some(Change { through: through.to_owned(), until });
        workspace.state = Some(if ends_in_error { "ERROR" } else { into }.to_owned());
        Ok(())
    })
}

fn modify_state(inner: &Inner, input: &Value) -> Answer {
    let (now, wanted) = (inner.clock.now(), text(input, "WorkspaceState"));
    inner.state.change(|memory| {
        let not_found = || AwsError::new("ResourceNotFoundException", "The WorkSpace could not be found.");
        let (workspace, state) = find(memory, text(input, "WorkspaceId"), now).ok_or_else(not_found)?;
        match (state.as_str(), wanted) {
            ("AVAILABLE", "ADMIN_MAINTENANCE") | ("ADMIN_MAINTENANCE", "AVAILABLE") => {
                workspace.change = None;
                workspace.state = Some(wanted.to_owned());
                Ok(json!({}))
            }
            _ => Err(AwsError::new("InvalidResourceStateException", format!("The WorkSpace is in the state {state}."))),
        }
    })
}
