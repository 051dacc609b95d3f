//! Registered directories: how WorkSpaces tells them, and their settings.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    Answer, AwsError, Operations, network, register,
    workspaces::{PAGE, invalid, page, paged, text},
};
use crate::{
    Inner,
    directories::{Connector, Properties, Registration},
};

pub(super) const OPERATIONS: Operations = &[
    ("DescribeWorkspaceDirectories", |inner, request| describe(inner, request.input)),
    ("ModifySelfservicePermissions", |inner, request| {
        modify(inner, request.input, "SelfservicePermissions", |known| &mut known.self_service)
    }),
    ("ModifyWorkspaceAccessProperties", |inner, request| {
        modify(inner, request.input, "WorkspaceAccessProperties", |known| &mut known.access)
    }),
    ("ModifyWorkspaceCreationProperties", |inner, request| {
        modify(inner, request.input, "WorkspaceCreationProperties", |known| &mut known.creation)
    }),
    ("ModifyClientProperties", |inner, request| modify(inner, request.input, "ClientProperties", |known| &mut known.client)),
    ("DescribeClientProperties", |inner, request| describe_client(inner, request.input)),
    ("ModifySamlProperties", |inner, request| modify_saml(inner, request.input)),
];

fn describe(inner: &Inner, input: &Value) -> Answer {
    let now = inner.clock.now();
    let web = inner.state.behaviour().web_access;
    let memory = inner.state.memory();
    let ids = input["DirectoryIds"].as_array();
    let wanted = |known: &&Registration| ids.is_none_or(|ids| ids.iter().any(|id| *id == known.directory)) && fits(input);
    let rows = memory.registrations.iter().filter(wanted).filter_map(|known| {
        let connector = memory.connectors.iter().find(|connector| connector.id == known.directory)?;
        Some(shown(known, connector, known.state_at(now)?, web))
    });
    let limit = input["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
    let (rows, next) = page(rows.collect(), &input["NextToken"], limit)?;
    Ok(paged("Directories", rows, next))
}

/// All are of one kind here and have no name of WorkSpaces' own.
fn fits(input: &Value) -> bool {
    let kind = |filter: &Value| match text(filter, "Name") {
        "USER_IDENTITY_TYPE" => "AWS_DIRECTORY_SERVICE",
        _ => "PERSONAL",
    };
    let mut filters = input["Filters"].as_array().into_iter().flatten();
    let named =
        |filter: &Value| filter["Values"].as_array().is_some_and(|values| values.iter().any(|value| value == kind(filter)));
    input["WorkspaceDirectoryNames"].is_null() && filters.all(named)
}

fn shown(known: &Registration, connector: &Connector, state: &str, web: bool) -> Value {
    let alias: Vec<_> = connector.name.split('.').take(2).collect();
    let mut shown = json!({
        "DirectoryId": known.directory, "Alias": alias.join("-"), "DirectoryName": connector.name, "RegistrationCode": known.code,
        "SubnetIds": known.subnets, "DnsIpAddresses": connector.dns, "CustomerUserName": connector.user_name,
        "IamRoleId": format!("arn:aws:iam::{}:role/workspaces_DefaultRole", super::ACCOUNT), "DirectoryType": "AD_CONNECTOR",
        "WorkspaceSecurityGroupId": known.security_group, "State": state, "Tenancy": known.tenancy, "ipGroupIds": known.ip_groups,
        "WorkspaceAccessProperties": with(access(web), &known.access),
        "SelfservicePermissions": with(self_service(), &known.self_service),
        "WorkspaceCreationProperties": with(creation(), &known.creation),
        "SamlProperties": with(json!({ "Status": "DISABLED" }), &known.saml),
        "CertificateBasedAuthProperties": { "Status": "DISABLED" }, "EndpointEncryptionMode": "STANDARD_TLS",
        "StreamingProperties": { "GlobalAccelerator": { "Mode": "DISABLED" } },
        "UserIdentityType": "AWS_DIRECTORY_SERVICE", "WorkspaceType": "PERSONAL",
    });
    if let (Some(members), Some(error)) = (shown.as_object_mut(), known.error.as_deref().filter(|_| state == "ERROR")) {
        members.insert("ErrorMessage".to_owned(), json!(error));
    }
    shown
}

/// Defaults, with what somebody has set over them.
fn with(defaults: Value, set: &Properties) -> Value {
    let mut all = match defaults {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    all.extend(set.clone());
    Value::Object(all)
}

fn access(web: bool) -> Value {
    json!({
        "DeviceTypeWindows": "ALLOW", "DeviceTypeOsx": "ALLOW", "DeviceTypeWeb": if web { "ALLOW" } else { "DENY" },
        "DeviceTypeIos": "ALLOW", "DeviceTypeAndroid": "ALLOW", "DeviceTypeChromeOs": "ALLOW", "DeviceTypeZeroClient": "ALLOW",
        "DeviceTypeLinux": "DENY", "DeviceTypeWorkSpacesThinClient": "ALLOW",
    })
}

fn self_service() -> Value {
    json!({
        "RestartWorkspace": "ENABLED", "IncreaseVolumeSize": "DISABLED", "ChangeComputeType": "DISABLED",
        "SwitchRunningMode": "DISABLED", "RebuildWorkspace": "DISABLED", "NestedVirtualization": "DISABLED",
        "EnableEndUserAdvisor": "ENABLED",
    })
}

fn creation() -> Value {
    json!({ "EnableInternetAccess": false, "UserEnabledAsLocalAdministrator": true, "EnableMaintenanceMode": true })
}

fn client() -> Value {
    json!({ "ReconnectEnabled": "ENABLED", "LogUploadEnabled": "ENABLED" })
}

/// Changes a registration that is REGISTERED.
///
/// # Errors
/// ResourceNotFoundException; OperationNotSupportedException while it comes or goes.
fn change<T>(inner: &Inner, id: &str, change: impl FnOnce(&mut Registration) -> Result<T, AwsError>) -> Result<T, AwsError> {
    let now = inner.clock.now();
    inner.state.change(|memory| {
        let found = memory.registrations.iter_mut().find(|known| known.directory == id && known.state_at(now).is_some());
        let known = found.ok_or_else(|| register::missing(id))?;
        if known.state_at(now) != Some("REGISTERED") {
            return Err(AwsError::new("OperationNotSupportedException", "The directory is not in the state REGISTERED."));
        }
        change(known)
    })
}

/// Members that are not named stay as they are.
fn modify(inner: &Inner, input: &Value, member: &str, which: fn(&mut Registration) -> &mut Properties) -> Answer {
    let changes = input[member].as_object().cloned().unwrap_or_default();
    change(inner, text(input, "ResourceId"), |known| {
        which(known).extend(changes.into_iter().filter(|(_, value)| !value.is_null()));
        Ok(json!({}))
    })
}

fn modify_saml(inner: &Inner, input: &Value) -> Answer {
    let changes = input["SamlProperties"].as_object().cloned().unwrap_or_default();
    let deleted: Vec<_> = input["PropertiesToDelete"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    change(inner, text(input, "ResourceId"), |known| {
        let mut saml = known.saml.clone();
        saml.extend(changes.into_iter().filter(|(_, value)| !value.is_null()));
        for property in deleted {
            saml.remove(if property.ends_with("USER_ACCESS_URL") { "UserAccessUrl" } else { "RelayStateParameterName" });
        }
        let enabled = saml.get("Status").is_some_and(|status| status != "DISABLED");
        if enabled && !saml.contains_key("UserAccessUrl") {
            return Err(invalid("UserAccessUrl is required to enable SAML 2.0 authentication."));
        }
        known.saml = saml;
        Ok(json!({}))
    })
}

fn describe_client(inner: &Inner, input: &Value) -> Answer {
    let now = inner.clock.now();
    let memory = inner.state.memory();
    let mut rows = Vec::new();
    for id in input["ResourceIds"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let known = memory.registration(id, now).ok_or_else(|| register::missing(id))?;
        rows.push(json!({ "ResourceId": id, "ClientProperties": with(client(), &known.client) }));
    }
    Ok(json!({ "ClientPropertiesList": rows }))
}

/// Whether a new WorkSpace of the directory ends in ERROR: its unit is not in Active Directory, its subnet has no address
/// left, or the connector does not work.
pub(super) fn spoils(inner: &Inner, directory: &str, now: DateTime<Utc>) -> bool {
    let roster = inner.company.read();
    let memory = inner.state.memory();
    let (Some(known), Some(connector)) = (memory.registration(directory, now), memory.connector(directory, now)) else {
        return false;
    };
    let unit = known.creation.get("DefaultOu").and_then(Value::as_str).filter(|unit| !unit.is_empty());
    let home = memory.next_home(known).and_then(network::find_subnet);
    unit.is_some_and(|unit| !roster.has_unit(unit, &connector.name))
        || home.is_some_and(|subnet| subnet.free(&memory, now) == 0)
        || connector.is_at("Inoperable", now)
}
