//! `deploy/iam-policy.json` allows what the code calls at AWS, and nothing else.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All of the code that may speak to AWS, without its spaces: calls are written over several lines.
fn source() -> String {
    let folders = ["aws", "mail"].map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder));
    let folders = folders.into_iter().chain([root().join("crates/network/src")]).collect::<Vec<_>>();
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.map(|path| fs::read_to_string(path).unwrap().split_whitespace().collect::<String>()).collect()
}

/// `DescribeWorkspaces` → `describe_workspaces`, as the SDK names it.
fn snake(operation: &str) -> String {
    operation.chars().fold(String::new(), |mut name, letter| {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
        name
    })
}

/// The operations that are called, by AWS's own names.
fn called() -> BTreeSet<String> {
    let source = source();
    let mut called = BTreeSet::new();
    for (model, service) in [("workspaces", "workspaces"), ("ds", "ds"), ("service-quotas", "servicequotas"), ("sesv2", "ses")] {
        let model = fs::read_to_string(root().join(format!("crates/sandbox/models/{model}.json"))).unwrap();
        let model: Value = serde_json::from_str(&model).unwrap();
        let operations = model["operations"].as_object().unwrap().keys();
        called.extend(
            operations.filter(|name| source.contains(&format!(".{}()", snake(name)))).map(|name| format!("{service}:{name}")),
        );
    }
    // WorkSpaces are created with tags.
    if called.contains("workspaces:CreateWorkspaces") && source.contains(".set_tags(") {
        called.insert("workspaces:CreateTags".to_owned());
    }
    // WorkSpaces encrypts with a grant that is made with the caller's rights (WorkSpaces Admin Guide, `encrypt-workspaces`).
    if source.contains(".set_volume_encryption_key(") {
        called.extend(["kms:CreateGrant", "kms:DescribeKey"].map(ToOwned::to_owned));
    }
    let network = ["DescribeVpcs", "DescribeSubnets", "DescribeRouteTables"];
    called.extend(
        network.into_iter().filter(|name| source.contains(&format!(".{}()", snake(name)))).map(|name| format!("ec2:{name}")),
    );
    // Directory Service does these with the caller's rights (Directory Service Admin Guide, "API permissions").
    if called.contains("ds:ConnectDirectory") {
        let done_for_us = [
            "AuthorizeSecurityGroupEgress",
            "AuthorizeSecurityGroupIngress",
            "CreateNetworkInterface",
            "CreateSecurityGroup",
            "CreateTags",
            "DescribeNetworkInterfaces",
        ];
        called.extend(done_for_us.map(|name| format!("ec2:{name}")));
    }
    // And WorkSpaces these, with the role that it uses (WorkSpaces Admin Guide, `workspaces-access-control`).
    if called.contains("workspaces:RegisterWorkspaceDirectory") {
        called.extend(["ds:AuthorizeApplication", "iam:GetRole", "iam:PassRole"].map(ToOwned::to_owned));
    }
    // The same the other way round.
    if called.contains("ds:DeleteDirectory") {
        let undone_for_us = [
            "DeleteNetworkInterface",
            "DeleteSecurityGroup",
            "DeleteTags",
            "RevokeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
        ];
        called.extend(undone_for_us.map(|name| format!("ec2:{name}")));
    }
    if called.contains("workspaces:DeregisterWorkspaceDirectory") {
        called.insert("ds:UnauthorizeApplication".to_owned());
    }
    called
}

#[test]
fn the_policy_names_exactly_the_actions_that_are_called() {
    let policy: Value = serde_json::from_str(&fs::read_to_string(root().join("deploy/iam-policy.json")).unwrap()).unwrap();
    let mut allowed = BTreeSet::new();
    for statement in policy["Statement"].as_array().unwrap() {
        assert_eq!(statement["Effect"], "Allow");
        let actions = match &statement["Action"] {
            Value::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        };
        allowed.extend(actions.iter().map(|action| action.as_str().unwrap().to_owned()));
    }
    assert!(called().contains("workspaces:DescribeWorkspaces") && called().contains("ses:SendEmail"), "the calls are not found");
    assert_eq!(allowed, called());
}
