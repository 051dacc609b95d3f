//! Directory Service: two AD Connectors, of which WorkSpaces knows one.

use serde_json::{Value, json};

use super::{
    Answer, AwsError, Operations,
    workspaces::{REGISTERED, UNREGISTERED},
};

pub(super) const OPERATIONS: Operations = &[
    ("DescribeDirectories", |_, request| describe(request.input)),
    ("GetDirectoryLimits", |_, _| {
        Ok(json!({ "DirectoryLimits": {
            "CloudOnlyDirectoriesLimit": 10, "CloudOnlyDirectoriesCurrentCount": 0, "CloudOnlyDirectoriesLimitReached": false,
            "CloudOnlyMicrosoftADLimit": 20, "CloudOnlyMicrosoftADCurrentCount": 0, "CloudOnlyMicrosoftADLimitReached": false,
            "ConnectedDirectoriesLimit": 10, "ConnectedDirectoriesCurrentCount": 2, "ConnectedDirectoriesLimitReached": false,
        } }))
    }),
];

fn describe(input: &Value) -> Answer {
    let all = [
        connector(REGISTERED, "corp.example.com", "CORP", "10.20.0.10"),
        connector(UNREGISTERED, "lab.example.com", "LAB", "10.30.0.10"),
    ];
    let Some(ids) = input["DirectoryIds"].as_array() else { return Ok(json!({ "DirectoryDescriptions": all })) };
    if ids.is_empty() {
        return Err(AwsError::new("InvalidParameterException", "DirectoryIds must not be empty."));
    }
    let mut found = Vec::new();
    for id in ids {
        match all.iter().find(|directory| directory["DirectoryId"] == *id) {
            Some(directory) => found.push(directory.clone()),
            None => {
                let text = format!("Directory {} does not exist", id.as_str().unwrap_or_default());
                return Err(AwsError::new("EntityDoesNotExistException", text));
            }
        }
    }
    Ok(json!({ "DirectoryDescriptions": found }))
}

fn connector(id: &str, name: &str, short_name: &str, dns: &str) -> Value {
    json!({
        "DirectoryId": id, "Name": name, "ShortName": short_name, "Size": "Small", "Alias": id, "AccessUrl": format!("{id}.awsapps.com"),
        "Description": format!("AD Connector to {name}"), "DnsIpAddrs": [dns], "Stage": "Active", "LaunchTime": 1_700_000_000.0,
        "StageLastUpdatedDateTime": 1_700_001_500.0, "Type": "ADConnector", "SsoEnabled": false,
        "ConnectSettings": {
            "VpcId": "vpc-0a1b2c3d", "SubnetIds": ["subnet-0a1b2c3d", "subnet-0b1c2d3e"], "CustomerUserName": "svc-adconnector",
            "SecurityGroupId": "sg-0a1b2c3d", "AvailabilityZones": ["eu-central-1a", "eu-central-1b"], "ConnectIps": ["10.0.1.20", "10.0.2.20"],
        },
    })
}
