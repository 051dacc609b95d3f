//! Service Quotas: the one quota that stops launches.

use serde_json::{Value, json};

use super::{ACCOUNT, Answer, AwsError, Operations};
use crate::Inner;

/// "WorkSpaces", in Region and account.
const WORKSPACES: &str = "L-34278094";

pub(super) const OPERATIONS: Operations = &[
    ("GetServiceQuota", |inner, request| {
        let known = request.input["ServiceCode"] == "workspaces" && request.input["QuotaCode"] == WORKSPACES;
        let missing =
            || AwsError::new("NoSuchResourceException", "The request failed because the specified quota does not exist.");
        if known { Ok(json!({ "Quota": quota(inner) })) } else { Err(missing()) }
    }),
    ("ListServiceQuotas", |inner, request| list(inner, request.input)),
];

fn list(inner: &Inner, input: &Value) -> Answer {
    if input["ServiceCode"] != "workspaces" {
        let text = "The request failed because the specified service does not exist.";
        return Err(AwsError::new("NoSuchResourceException", text));
    }
    if !input["NextToken"].is_null() {
        return Err(AwsError::new("InvalidPaginationTokenException", "Invalid pagination token provided."));
    }
    let wanted = input["QuotaCode"].as_str().is_none_or(|code| code == WORKSPACES);
    Ok(json!({ "Quotas": if wanted { vec![quota(inner)] } else { Vec::new() } }))
}

fn quota(inner: &Inner) -> Value {
    json!({
        "ServiceCode": "workspaces", "ServiceName": "Amazon WorkSpaces", "QuotaCode": WORKSPACES, "QuotaName": "WorkSpaces",
        "QuotaArn": format!("arn:aws:servicequotas:eu-central-1:{ACCOUNT}:workspaces/{WORKSPACES}"),
        "Value": inner.state.behaviour().quota, "Unit": "None", "Adjustable": true, "GlobalQuota": false,
        "QuotaAppliedAtLevel": "ACCOUNT",
    })
}
