//! Requests that no SDK would send: AWS's error, never a success, never a server error.

use serde_json::{Value, json};

use crate::aws_clients::{Aws, OWN_BUNDLE};

const CREATE: &str = "WorkspacesService.CreateWorkspaces";
const DESCRIBE: &str = "WorkspacesService.DescribeWorkspaces";

async fn refused(aws: &Aws, target: &str, body: &Value, code: &str, words: &str) {
    let (status, answer) = aws.post(target, body.to_string()).await;
    assert_eq!((status, answer["__type"].as_str()), (400, Some(code)), "{target} {body}: {answer}");
    assert!(answer["message"].as_str().unwrap().contains(words), "{target} {body}: {answer}");
}

#[tokio::test]
async fn wrong_values_at_any_depth_get_awss_words() {
    let aws = Aws::new().await;
    let with = |member: &str, value: Value| {
        let mut request = json!({"DirectoryId": aws.sandbox.directory(), "UserName": "ada", "BundleId": OWN_BUNDLE});
        request[member] = value;
        json!({ "Workspaces": [request] })
    };
    let at = |path: &str, constraint: &str| {
        format!("at 'workspaces.1.member.{path}' failed to satisfy constraint: Member must {constraint}")
    };
    let cases = [
        (
            json!({}),
            "1 validation error detected: Value null at 'workspaces' failed to satisfy constraint: Member must not be null"
                .to_owned(),
        ),
        (json!({"Workspaces": []}), "Member must have length greater than or equal to 1".to_owned()),
        (json!({"Workspaces": {}}), "'workspaces'".to_owned()),
        (json!({"Workspaces": [7]}), "'workspaces.1.member'".to_owned()),
        (
            with("BundleId", json!("bundle")),
            format!("Value 'bundle' {}", at("bundleId", "satisfy regular expression pattern: ^wsb-[0-9a-z]{8,63}$")),
        ),
        (with("BundleId", json!("x wsb-100000100")), at("bundleId", "satisfy regular expression pattern")),
        (with("BundleId", json!("wsb-100000100\n")), at("bundleId", "satisfy regular expression pattern")),
        (with("BundleId", Value::Null), at("bundleId", "not be null")),
        (with("UserName", json!("ü".repeat(64))), at("userName", "have length less than or equal to 63")),
        (with("UserName", json!(["ada"])), "'workspaces.1.member.userName'".to_owned()),
        (with("UserVolumeEncryptionEnabled", json!("true")), "'workspaces.1.member.userVolumeEncryptionEnabled'".to_owned()),
        (
            with("WorkspaceProperties", json!({"Protocols": ["RDP"]})),
            at("workspaceProperties.protocols.1.member", "satisfy enum value set"),
        ),
        (
            with("WorkspaceProperties", json!({"RunningModeAutoStopTimeoutInMinutes": "60"})),
            "runningModeAutoStopTimeoutInMinutes".to_owned(),
        ),
        (
            with("Tags", json!([{"Key": "a"}, {"Key": "k".repeat(128)}])),
            at("tags.2.member.key", "have length less than or equal to 127"),
        ),
        (with("Tags", json!([{"Value": "v"}])), at("tags.1.member.key", "not be null")),
    ];
    for (body, words) in cases {
        refused(&aws, CREATE, &body, "ValidationException", &words).await;
    }
    assert!(aws.control("calls").await["last"].as_array().unwrap().iter().all(|call| call["error"] == "ValidationException"));
}

#[tokio::test]
async fn several_errors_are_counted_and_joined() {
    let aws = Aws::new().await;
    let body = json!({"Workspaces": [{"DirectoryId": "nowhere-at-all", "UserName": ""}]});
    let (_, answer) = aws.post(CREATE, body.to_string()).await;
    let message = answer["message"].as_str().unwrap();
    assert!(message.starts_with("3 validation errors detected: "), "{message}");
    assert_eq!(message.matches("failed to satisfy constraint").count(), 3);
    assert_eq!(message.matches("; Value").count(), 2);
}

#[tokio::test]
async fn bodies_that_are_not_json_objects_are_serialization_errors() {
    let aws = Aws::new().await;
    let deep = "[".repeat(5_000);
    for body in ["{", "[]", "null", "7", "\"x\"", "{\"Workspaces\":}", "\u{0}", deep.as_str()] {
        let (status, answer) = aws.post(DESCRIBE, body.to_owned()).await;
        assert_eq!((status, answer["__type"].as_str()), (400, Some("SerializationException")), "{body:.20}");
    }
    let (status, answer) = aws.post(DESCRIBE, vec![0xff, 0xfe, b'{']).await;
    assert_eq!((status, answer["__type"].as_str()), (400, Some("SerializationException")));
    assert_eq!(aws.post(DESCRIBE, "").await.0, 200, "an empty body is an empty request");
}

#[tokio::test]
async fn operations_that_are_not_there_are_unknown() {
    let aws = Aws::new().await;
    let rebuild = json!({"RebuildWorkspaceRequests": [{"WorkspaceId": "ws-500000007"}]});
    refused(&aws, "WorkspacesService.RebuildWorkspaces", &rebuild, "UnknownOperationException", "").await;
    for target in ["WorkspacesService.Launch", "WorkspacesService.", "WorkspacesService", "Nobody.Knows", ""] {
        refused(&aws, target, &json!({}), "UnknownOperationException", "").await;
    }
}

#[tokio::test]
async fn unknown_paths_of_ses_are_not_found() {
    let aws = Aws::new().await;
    let url = format!("{}/v2/email/nothing-like-this", aws.sandbox.url());
    let response = aws.http.post(url).body("{}").send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["x-amzn-errortype"], "UnknownOperationException");
}

/// Walks wrong values of every JSON type through every member of a request, one at a time.
#[tokio::test]
async fn no_wrong_type_anywhere_succeeds_or_breaks_the_server() {
    let aws = Aws::new().await;
    let right = json!({"Workspaces": [{
        "DirectoryId": aws.sandbox.directory(), "UserName": "ada", "BundleId": OWN_BUNDLE, "VolumeEncryptionKey": "key",
        "UserVolumeEncryptionEnabled": false, "WorkspaceProperties": {"RunningMode": "AUTO_STOP", "Protocols": ["WSP"], "RootVolumeSizeGib": 80},
        "Tags": [{"Key": "a", "Value": "b"}],
    }]});
    let wrong = [json!(1), json!(true), json!("€"), json!([[]]), json!({"x": {}}), json!([null])];
    let mut pointers = Vec::new();
    leaves(&right, String::new(), &mut pointers);
    assert!(pointers.len() > 12, "{pointers:?}");
    for pointer in &pointers {
        let same_type = |value: &Value| std::mem::discriminant(value) == std::mem::discriminant(right.pointer(pointer).unwrap());
        for value in wrong.iter().filter(|value| !same_type(value)) {
            let mut body = right.clone();
            *body.pointer_mut(pointer).unwrap() = value.clone();
            let (status, answer) = aws.post(CREATE, body.to_string()).await;
            assert_eq!((status, answer["__type"].as_str()), (400, Some("ValidationException")), "{pointer} = {value}: {answer}");
        }
    }
}

fn leaves(value: &Value, pointer: String, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, child)| (name.clone(), child)).collect(),
        Value::Array(entries) => entries.iter().enumerate().map(|(index, child)| (index.to_string(), child)).collect(),
        _ => Vec::new(),
    };
    if !pointer.is_empty() {
        found.push(pointer.clone());
    }
    for (name, child) in children {
        leaves(child, format!("{pointer}/{name}"), found);
    }
}
