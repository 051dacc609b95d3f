//! RegisterWorkspaceDirectory and DeregisterWorkspaceDirectory: a connector comes into WorkSpaces' use and goes out of it.

use chrono::TimeDelta;
use rand::seq::IndexedRandom;
use serde_json::{Map, Value, json};

use super::{
    Answer, AwsError, Operations, network,
    workspaces::{invalid, read_tags, text},
};
use crate::{
    Inner,
    directories::{Connector, Registration},
    faults::{Kind, Whom},
};

const REGISTER: &str = "RegisterWorkspaceDirectory";
/// Registered directories that an account may have.
const MOST: usize = 50;

pub(super) const OPERATIONS: Operations = &[
    (REGISTER, |inner, request| register(inner, request.input)),
    ("DeregisterWorkspaceDirectory", |inner, request| deregister(inner, request.input)),
];

/// The directory is not there, or not for WorkSpaces.
pub(super) fn missing(id: &str) -> AwsError {
    AwsError::new("ResourceNotFoundException", format!("The directory {id} could not be found."))
}

/// It is in the middle of something, or nothing can be done with it.
pub(super) fn wrong_state() -> AwsError {
    AwsError::new("InvalidResourceStateException", "The state of the resource is not valid for this operation.")
}

fn unsupported(message: &str) -> AwsError {
    AwsError::new("OperationNotSupportedException", message)
}

fn register(inner: &Inner, input: &Value) -> Answer {
    let (behaviour, now) = (inner.state.behaviour(), inner.clock.now());
    let id = input["DirectoryId"].as_str().ok_or_else(|| invalid("DirectoryId is required."))?;
    check_kind(input)?;
    let connector = inner.state.memory().connector(id, now).cloned().ok_or_else(|| missing(id))?;
    if !behaviour.default_role {
        let text = "The workspaces_DefaultRole role could not be found. If this is the first time you are registering a directory, \
                    you will need to create the workspaces_DefaultRole role before you can register a directory.";
        return Err(AwsError::new("WorkspacesDefaultRoleNotFoundException", text));
    }
    let subnets = subnets(input, &connector)?;
    let broken = inner.faults.takes(REGISTER, Whom::Call(&format!("{id} {}", connector.name)), &Kind::EndInError);
    let takes = TimeDelta::milliseconds(i64::try_from(behaviour.registering_ms).unwrap_or(0));
    let registration = Registration {
        directory: id.to_owned(),
        code: new_code(),
        subnets,
        security_group: new_security_group(),
        tenancy: input["Tenancy"].as_str().unwrap_or("SHARED").to_owned(),
        started_at: now,
        settled_at: now + takes,
        error: broken.then(|| "An internal error occurred while the directory was registered.".to_owned()),
        ending_at: None,
        gone_at: None,
        access: Map::new(),
        self_service: self_service(input["EnableSelfService"] == true),
        creation: Map::new(),
        client: Map::new(),
        saml: Map::new(),
        ip_groups: Vec::new(),
        tags: read_tags(&input["Tags"]),
    };
    inner.state.change(|memory| {
        match memory.registration(id, now).and_then(|known| known.state_at(now)) {
            Some("REGISTERED" | "ERROR") => {
                let text = "The specified directory is already registered.";
                return Err(AwsError::new("ResourceAlreadyExistsException", text));
            }
            Some(_) => return Err(wrong_state()),
            None => {}
        }
        if !memory.connector(id, now).is_some_and(|connector| connector.is_at("Active", now)) {
            return Err(wrong_state());
        }
        if memory.registrations.iter().filter(|known| known.state_at(now).is_some()).count() >= MOST {
            return Err(AwsError::new("ResourceLimitExceededException", "Your resource limits have been exceeded."));
        }
        memory.registrations.retain(|known| known.directory != id);
        memory.registrations.push(registration);
        Ok(json!({ "DirectoryId": id, "State": "REGISTERING" }))
    })
}

/// Pools and other providers of identities are not here, and the account may not bring its own licences.
fn check_kind(input: &Value) -> Result<(), AwsError> {
    if input["WorkspaceType"] == "POOLS" {
        return Err(unsupported("WorkSpaces Pools are not available to this account."));
    }
    if input["UserIdentityType"].as_str().is_some_and(|kind| kind != "AWS_DIRECTORY_SERVICE") {
        return Err(invalid("UserIdentityType must be AWS_DIRECTORY_SERVICE for an AD Connector."));
    }
    if input["Tenancy"] == "DEDICATED" {
        return Err(invalid("Your account has not been enabled for BYOL."));
    }
    Ok(())
}

/// Two different zones with WorkSpaces, in the connector's VPC; the connector's own subnets if none are named.
fn subnets(input: &Value, connector: &Connector) -> Result<Vec<String>, AwsError> {
    let named: Vec<_> =
        input["SubnetIds"].as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
    let ids = if named.is_empty() { connector.subnets.clone() } else { named };
    let mut found = Vec::new();
    for id in &ids {
        found.push(network::find_subnet(id).ok_or_else(|| invalid(&format!("The subnet {id} could not be found.")))?);
    }
    if found.iter().any(|subnet| subnet.vpc != connector.vpc) {
        let text = "The configuration of this network is not supported for this operation, or your network configuration conflicts \
                    with the Amazon WorkSpaces management network.";
        return Err(AwsError::new("UnsupportedNetworkConfigurationException", text));
    }
    match found.as_slice() {
        [first, second] if first.zone != second.zone && first.is_supported() && second.is_supported() => Ok(ids),
        _ => Err(unsupported("The subnets must be in two different Availability Zones that Amazon WorkSpaces supports.")),
    }
}

/// What users may do themselves: to restart, and all the rest only if it was asked for.
fn self_service(enabled: bool) -> Map<String, Value> {
    let all = ["RestartWorkspace", "IncreaseVolumeSize", "ChangeComputeType", "SwitchRunningMode", "RebuildWorkspace"];
    let members = all.into_iter().filter(|_| enabled);
    members.map(|member| (member.to_owned(), json!("ENABLED"))).collect()
}

/// `WSfra+` and six letters or digits.
fn new_code() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let letters = (0..6).filter_map(|_| LETTERS.choose(&mut rand::rng()).copied().map(char::from));
    format!("WSfra+{}", letters.collect::<String>())
}

pub(super) fn new_security_group() -> String {
    let number = hex::encode(rand::random::<[u8; 9]>());
    format!("sg-{}", number.get(..17).unwrap_or_default())
}

fn deregister(inner: &Inner, input: &Value) -> Answer {
    let id = text(input, "DirectoryId");
    let (behaviour, now) = (inner.state.behaviour(), inner.clock.now());
    let ms = |ms: u64| TimeDelta::milliseconds(i64::try_from(ms).unwrap_or(0));
    let gone_at = now + ms(behaviour.deregistering_ms);
    inner.state.change(|memory| {
        let state = memory.registration(id, now).and_then(|known| known.state_at(now)).ok_or_else(|| missing(id))?;
        if !["REGISTERED", "ERROR"].contains(&state) {
            return Err(wrong_state());
        }
        let mut inside = memory.workspaces.iter().filter(|workspace| workspace.directory == id);
        if inside.any(|workspace| !workspace.is_gone() || workspace.state_at(now).is_some()) {
            return Err(unsupported("The directory still has WorkSpaces. Delete them before you deregister it."));
        }
        for known in memory.registrations.iter_mut().filter(|known| known.directory == id) {
            (known.ending_at, known.gone_at) = (Some(now), Some(gone_at));
        }
        for connector in memory.connectors.iter_mut().filter(|connector| connector.id == id) {
            connector.held_until = Some(gone_at + ms(behaviour.release_ms));
        }
        Ok(json!({}))
    })
}
