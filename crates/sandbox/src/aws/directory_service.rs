//! Directory Service: AD Connectors, from ConnectDirectory until they are deleted.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    Answer, AwsError, Operations, connect, network,
    workspaces::{PAGE, cut, paged, text},
};
use crate::{Inner, directories::Connector};

pub(super) const OPERATIONS: Operations = &[
    ("ConnectDirectory", |inner, request| connect::connect(inner, request.input)),
    ("DescribeDirectories", |inner, request| describe(inner, request.input)),
    ("DeleteDirectory", |inner, request| delete(inner, request.input)),
    ("GetDirectoryLimits", |inner, _| Ok(limits(inner))),
];

pub(super) fn missing(id: &str) -> AwsError {
    AwsError::new("EntityDoesNotExistException", format!("Directory {id} does not exist"))
}

fn describe(inner: &Inner, input: &Value) -> Answer {
    let now = inner.clock.now();
    let memory = inner.state.memory();
    let found = match input["DirectoryIds"].as_array() {
        None => memory.connectors.iter().filter_map(|connector| shown(connector, now)).collect(),
        Some(ids) if ids.is_empty() => {
            return Err(AwsError::new("InvalidParameterException", "DirectoryIds must not be empty."));
        }
        Some(ids) => {
            let ids = ids.iter().filter_map(Value::as_str);
            let one = |id: &str| memory.connector(id, now).and_then(|found| shown(found, now)).ok_or_else(|| missing(id));
            ids.map(one).collect::<Result<Vec<_>, _>>()?
        }
    };
    // 0 is no limit.
    let limit = input["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    let wrong_token = || AwsError::new("InvalidNextTokenException", "The NextToken value is not valid.");
    let (rows, next) = cut(found, &input["NextToken"], limit.unwrap_or(PAGE)).ok_or_else(wrong_token)?;
    Ok(paged("DirectoryDescriptions", rows, next))
}

/// As Directory Service tells it. Its own addresses are known once it runs.
#[expect(clippy::indexing_slicing, reason = "members of objects that are made here")]
fn shown(connector: &Connector, now: DateTime<Utc>) -> Option<Value> {
    let stage = connector.stage_at(now)?;
    let subnets: Vec<_> = connector.subnets.iter().filter_map(|id| network::find_subnet(id)).collect();
    let zones: Vec<_> = subnets.iter().map(|subnet| subnet.zone_name()).collect();
    let mut settings = json!({
        "VpcId": connector.vpc, "SubnetIds": connector.subnets, "CustomerUserName": connector.user_name,
        "SecurityGroupId": connector.security_group, "AvailabilityZones": zones,
    });
    if !["Requested", "Creating", "Failed"].contains(&stage.name) {
        let number = connector.id.bytes().fold(20_u8, |sum, byte| sum.wrapping_add(byte) % 200) + 20;
        settings["ConnectIps"] = subnets.iter().map(|subnet| subnet.address(number)).collect();
    }
    let mut shown = json!({
        "DirectoryId": connector.id, "Name": connector.name, "Size": connector.size, "Alias": connector.id,
        "AccessUrl": format!("{}.awsapps.com", connector.id), "DnsIpAddrs": connector.dns, "Stage": stage.name,
        "LaunchTime": seconds(connector.requested_at), "StageLastUpdatedDateTime": seconds(stage.since), "Type": "ADConnector",
        "SsoEnabled": false, "NetworkType": "IPv4", "ConnectSettings": settings,
    });
    let optional = [
        ("ShortName", connector.short_name.as_deref()),
        ("Description", connector.description.as_deref()),
        ("StageReason", stage.reason),
    ];
    for (member, value) in optional {
        if let Some(value) = value {
            shown[member] = json!(value);
        }
    }
    Some(shown)
}

/// AWS's JSON tells times in seconds since 1970, with a fraction.
fn seconds(at: DateTime<Utc>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^52")]
    let milliseconds = at.timestamp_millis() as f64;
    milliseconds / 1_000.0
}

fn delete(inner: &Inner, input: &Value) -> Answer {
    let id = text(input, "DirectoryId");
    let now = inner.clock.now();
    let takes = TimeDelta::milliseconds(i64::try_from(inner.state.behaviour().connector_deleting_ms).unwrap_or(0));
    inner.state.change(|memory| {
        let connector = memory.connector(id, now).ok_or_else(|| missing(id))?;
        if memory.holds(connector, now) {
            let text = "Cannot delete the directory because it still has authorized applications.";
            return Err(AwsError::new("ClientException", text));
        }
        if connector.deleting_at.is_some() {
            return Err(AwsError::new("ClientException", "The directory is already being deleted."));
        }
        for found in memory.connectors.iter_mut().filter(|known| known.id == id) {
            (found.deleting_at, found.gone_at) = (Some(now), Some(now + takes));
        }
        Ok(json!({ "DirectoryId": id }))
    })
}

fn limits(inner: &Inner) -> Value {
    let now = inner.clock.now();
    let count = inner.state.memory().connectors.iter().filter(|connector| connector.stage_at(now).is_some()).count();
    let quota = inner.state.behaviour().connector_quota;
    json!({ "DirectoryLimits": {
        "CloudOnlyDirectoriesLimit": 10, "CloudOnlyDirectoriesCurrentCount": 0, "CloudOnlyDirectoriesLimitReached": false,
        "CloudOnlyMicrosoftADLimit": 20, "CloudOnlyMicrosoftADCurrentCount": 0, "CloudOnlyMicrosoftADLimitReached": false,
        "ConnectedDirectoriesLimit": quota, "ConnectedDirectoriesCurrentCount": count, "ConnectedDirectoriesLimitReached": count >= quota,
    } })
}
