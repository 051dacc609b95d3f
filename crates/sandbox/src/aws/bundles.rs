//! Bundles: AWS's, in the variety that makes a picker necessary, and three of the account's own.

use serde_json::{Value, json};

use super::ACCOUNT;

/// All bundles, AWS's first.
pub(super) fn all() -> Vec<Value> {
    let computes = [
        ("VALUE", "Value", "80", "10"),
        ("STANDARD", "Standard", "80", "50"),
        ("PERFORMANCE", "Performance", "80", "100"),
        ("POWER", "Power", "175", "100"),
        ("POWERPRO", "PowerPro", "175", "100"),
    ];
    let systems = [
        ("Windows 10 (Server 2022 based) (WSP)", 0),
        ("Windows 10 (Server 2019 based) (PCoIP)", 1),
        ("Windows 11 (WSP)", 2),
        ("Amazon Linux 2", 3),
        ("Ubuntu 22.04 (WSP)", 4),
        ("Rocky Linux 8 (WSP)", 5),
        ("RHEL 8 (WSP)", 6),
    ];
    let mut bundles = Vec::new();
    for (row, (compute, word, root, user)) in computes.iter().enumerate() {
        for (system, column) in systems {
            let id = format!("wsb-{:09}", 100_000_000 + row * 100 + column);
            bundles.push(bundle(&id, &format!("{word} with {system}"), "AMAZON", compute, (root, user), "Provided by AWS"));
        }
    }
    bundles.push(bundle(
        "wsb-g4dn00001",
        "Graphics.g4dn with Windows 10 (Server 2022 based) (WSP)",
        "AMAZON",
        "GRAPHICS_G4DN",
        ("100", "100"),
        "Provided by AWS",
    ));
    bundles.push(bundle(
        "wsb-gp4x00001",
        "GeneralPurpose.4xlarge with Windows 11 (WSP)",
        "AMAZON",
        "GENERALPURPOSE_4XLARGE",
        ("175", "100"),
        "Provided by AWS",
    ));
    bundles.push(bundle(
        "wsb-own000001",
        "Office-Desk",
        ACCOUNT,
        "STANDARD",
        ("80", "50"),
        "Windows 11 with Office and the company's tools",
    ));
    bundles.push(bundle(
        "wsb-own000002",
        "Developer-16GB",
        ACCOUNT,
        "POWER",
        ("175", "100"),
        "Ubuntu with compilers and containers",
    ));
    bundles.push(bundle("wsb-own000003", "Call-Center", ACCOUNT, "PERFORMANCE", ("80", "50"), "Windows 10 with the softphone"));
    bundles
}

fn bundle(id: &str, name: &str, owner: &str, compute: &str, (root, user): (&str, &str), description: &str) -> Value {
    json!({
        "BundleId": id, "Name": name, "Owner": owner, "Description": description, "ImageId": format!("wsi-{}", &id[4..]),
        "ComputeType": { "Name": compute }, "RootStorage": { "Capacity": root }, "UserStorage": { "Capacity": user },
        "State": "AVAILABLE", "BundleType": "REGULAR", "CreationTime": 1_680_000_000.0, "LastUpdatedTime": 1_690_000_000.0,
    })
}
