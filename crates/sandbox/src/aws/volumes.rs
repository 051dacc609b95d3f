//! The volumes of a WorkSpace: which sizes AWS takes for a bundle, and what a key has to look like (WorkSpaces Admin Guide,
//! `modify-workspaces` and `encrypt-workspaces`).

use serde_json::{Value, json};

use super::{bundles, workspaces::text};
use crate::state::Volumes;

type Refusal = (String, String);

fn refuse(message: impl Into<String>) -> Refusal {
    ("InvalidParameterValue".to_owned(), message.into())
}

/// The volumes that the request asks for, if AWS takes them. Its bundle is known to be there.
pub(super) fn read(request: &Value) -> Result<Volumes, Refusal> {
    let all = bundles::all();
    let Some(bundle) = all.iter().find(|bundle| bundle["BundleId"] == request["BundleId"]) else {
        return Err(refuse("The bundle is not known."));
    };
    let member = |path: &str| bundle.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let own = |path: &str| member(path).parse::<u64>().unwrap_or(0);
    let least = (own("/RootStorage/Capacity"), own("/UserStorage/Capacity"));
    let properties = &request["WorkspaceProperties"];
    let root = properties["RootVolumeSizeGib"].as_u64().unwrap_or(least.0);
    let user = properties["UserVolumeSizeGib"].as_u64().unwrap_or(least.1);
    if root < least.0 || user < least.1 {
        let message = format!("A volume can't be smaller than the bundle's: {} GB root, {} GB user.", least.0, least.1);
        return Err(refuse(message));
    }
    let compute = member("/ComputeType/Name");
    let taken = match (root, user) {
        pair if pair == least => true,
        (80, 10 | 50 | 100) => !compute.starts_with("GRAPHICS") && !compute.starts_with("GENERALPURPOSE"),
        (175..=2_000, 100..=2_000) => true,
        (100..=2_000, 100..=2_000) => compute.starts_with("GRAPHICS"),
        _ => false,
    };
    if !taken {
        return Err(refuse(format!("The volumes of {root} GB and {user} GB are not a supported combination.")));
    }
    let encrypted = |member: &str| request[member].as_bool().unwrap_or(false);
    let key = text(request, "VolumeEncryptionKey");
    let volumes = Volumes {
        root_gib: root,
        user_gib: user,
        encrypted_root: encrypted("RootVolumeEncryptionEnabled"),
        encrypted_user: encrypted("UserVolumeEncryptionEnabled"),
        key: (!key.is_empty()).then(|| key.to_owned()),
    };
    if (volumes.encrypted_root || volumes.encrypted_user) && !key.starts_with("alias/") && !key.starts_with("arn:aws:kms:") {
        return Err(refuse("VolumeEncryptionKey must name a symmetric KMS key."));
    }
    Ok(volumes)
}

/// Adds what DescribeWorkspaces tells of them.
#[expect(clippy::indexing_slicing, reason = "members of objects that are made here")]
pub(super) fn show(volumes: &Volumes, shown: &mut Value) {
    if volumes.root_gib > 0 {
        shown["WorkspaceProperties"]["RootVolumeSizeGib"] = json!(volumes.root_gib);
        shown["WorkspaceProperties"]["UserVolumeSizeGib"] = json!(volumes.user_gib);
    }
    shown["RootVolumeEncryptionEnabled"] = json!(volumes.encrypted_root);
    shown["UserVolumeEncryptionEnabled"] = json!(volumes.encrypted_user);
    if let Some(key) = &volumes.key {
        shown["VolumeEncryptionKey"] = json!(key);
    }
}
