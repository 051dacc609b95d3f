//! The IAM policy: what the code calls at AWS, by what an installation uses. `deploy/iam-policy.json` is this with everything, and
//! words in the place of Region, account and sender.
//!
//! Which actions know resources says the Service Authorization Reference; for the others it has to be `*`: creating tags, and all
//! that reads. Directory Service and WorkSpaces do some things with the caller's rights, so these are here too (Directory Service
//! Admin Guide, "API permissions"; WorkSpaces Admin Guide, `workspaces-access-control`).

use std::collections::BTreeMap;

use model::directories::readiness::{PolicyChoice, partition};
use serde::Serialize;

use crate::Services;

/// What stands in the templates for what is not known before there is an installation.
const REGION: &str = "REGION";
const ACCOUNT: &str = "ACCOUNT";
const SENDER: &str = "desktops@corp.example.com";
const SET: &str = "configuration-set/*";

/// What the policy is for.
pub(super) struct Place {
    region: String,
    account: String,
    sender: String,
    configuration_set: Option<String>,
}

impl Default for Place {
    fn default() -> Self {
        Self { region: REGION.to_owned(), account: ACCOUNT.to_owned(), sender: SENDER.to_owned(), configuration_set: None }
    }
}

impl Place {
    /// As far as it is known: the account after the first check.
    pub(super) fn of(services: &Services, account: Option<&str>) -> Self {
        let region = Some(services.aws.region()).filter(|region| !region.is_empty());
        let mail = &services.settings.mail;
        Self {
            region: region.unwrap_or(REGION).to_owned(),
            account: account.unwrap_or(ACCOUNT).to_owned(),
            sender: mail.address().to_owned(),
            configuration_set: mail.configuration_set.clone(),
        }
    }

    fn fill(&self, template: &str) -> String {
        let set = self.configuration_set.as_ref().map_or_else(|| SET.to_owned(), |name| format!("configuration-set/{name}"));
        template
            .replace("arn:aws:", &format!("arn:{}:", partition(&self.region)))
            .replace(REGION, &self.region)
            .replace(ACCOUNT, &self.account)
            .replace(SENDER, &self.sender)
            .replace(SET, &set)
    }
}

/// Until somebody chooses it is everything, and a configuration set only if one is configured.
pub(super) fn standard(services: &Services, choice: PolicyChoice) -> PolicyChoice {
    if choice.chosen {
        return choice;
    }
    let configuration_set = services.settings.mail.configuration_set.is_some();
    PolicyChoice { chosen: false, configuration_set, ..PolicyChoice::EVERYTHING }
}

/// One statement, and who needs it.
struct Statement {
    sid: &'static str,
    needed: fn(&PolicyChoice) -> bool,
    actions: &'static [&'static str],
    /// Templates of ARNs.
    resources: &'static [&'static str],
    /// A key and the template of the value that it has to equal.
    condition: Option<(&'static str, &'static str)>,
}

const ANY: &[&str] = &["*"];

const STATEMENTS: [Statement; 15] = [
    Statement {
        sid: "ReadDesktops",
        needed: |_| true,
        actions: &[
            "ds:DescribeDirectories",
            "workspaces:DescribeTags",
            "workspaces:DescribeWorkspaceBundles",
            "workspaces:DescribeWorkspaceDirectories",
            "workspaces:DescribeWorkspaces",
            "workspaces:DescribeWorkspacesConnectionStatus",
        ],
        resources: ANY,
        condition: None,
    },
    Statement {
        sid: "ReadNetwork",
        // Free addresses are watched, whoever set the connectors up.
        needed: |_| true,
        actions: &["ec2:DescribeRouteTables", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
        resources: ANY,
        condition: None,
    },
    Statement {
        sid: "SetUpConnectors",
        needed: |uses| uses.connect,
        actions: &[
            "ds:ConnectDirectory",
            "ds:GetDirectoryLimits",
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:CreateNetworkInterface",
            "ec2:CreateSecurityGroup",
            "ec2:CreateTags",
            "ec2:DescribeNetworkInterfaces",
        ],
        resources: ANY,
        condition: None,
    },
    Statement {
        sid: "RegisterAndSet",
        needed: |uses| uses.register,
        actions: &[
            "ds:AuthorizeApplication",
            "iam:GetRole",
            "workspaces:AssociateIpGroups",
            "workspaces:CreateIpGroup",
            "workspaces:DeleteIpGroup",
            "workspaces:DescribeClientProperties",
            "workspaces:DescribeIpGroups",
            "workspaces:DisassociateIpGroups",
            "workspaces:ModifyClientProperties",
            "workspaces:ModifySelfservicePermissions",
            "workspaces:ModifyWorkspaceAccessProperties",
            "workspaces:ModifyWorkspaceCreationProperties",
            "workspaces:RegisterWorkspaceDirectory",
            "workspaces:UpdateRulesOfIpGroup",
        ],
        resources: ANY,
        condition: None,
    },
    Statement {
        sid: "PassDefaultRole",
        needed: |uses| uses.register,
        actions: &["iam:PassRole"],
        resources: &["arn:aws:iam::ACCOUNT:role/workspaces_DefaultRole"],
        condition: Some(("iam:PassedToService", "workspaces.amazonaws.com")),
    },
    Statement {
        sid: "TakeDown",
        needed: |uses| uses.take_down,
        actions: &[
            "ds:DeleteDirectory",
            "ds:UnauthorizeApplication",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteSecurityGroup",
            "ec2:DeleteTags",
            "ec2:DescribeNetworkInterfaces",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
            "workspaces:DeregisterWorkspaceDirectory",
            "workspaces:DisassociateIpGroups",
        ],
        resources: ANY,
        condition: None,
    },
    Statement {
        sid: "Launch",
        needed: |_| true,
        actions: &["workspaces:CreateWorkspaces"],
        resources: &[
            "arn:aws:workspaces:REGION:ACCOUNT:directory/*",
            "arn:aws:workspaces:REGION:ACCOUNT:workspace/*",
            // Amazon's bundles are of another account.
            "arn:aws:workspaces:REGION:*:workspacebundle/*",
        ],
        condition: None,
    },
    Statement {
        sid: "TagWhatIsLaunched",
        needed: |_| true,
        actions: &["workspaces:CreateTags"],
        resources: ANY,
        condition: None,
    },
    Statement {
        // WorkSpaces uses the key with a grant that the caller makes (WorkSpaces Admin Guide, `encrypt-workspaces`).
        sid: "EncryptVolumes",
        needed: |uses| uses.encrypt,
        actions: &["kms:CreateGrant", "kms:DescribeKey"],
        resources: &["arn:aws:kms:REGION:ACCOUNT:key/*"],
        condition: Some(("kms:ViaService", "workspaces.REGION.amazonaws.com")),
    },
    Statement {
        sid: "ActOnDesktops",
        needed: |uses| uses.act,
        actions: &[
            "workspaces:ModifyWorkspaceState",
            "workspaces:RebootWorkspaces",
            "workspaces:StartWorkspaces",
            "workspaces:StopWorkspaces",
        ],
        resources: &["arn:aws:workspaces:REGION:ACCOUNT:workspace/*"],
        condition: None,
    },
    Statement {
        sid: "TerminateDesktops",
        needed: |uses| uses.terminate || uses.take_down,
        actions: &["workspaces:TerminateWorkspaces"],
        resources: &["arn:aws:workspaces:REGION:ACCOUNT:workspace/*"],
        condition: None,
    },
    Statement {
        sid: "ReadQuota",
        needed: |uses| uses.quota,
        actions: &["servicequotas:GetServiceQuota"],
        resources: ANY,
        condition: None,
    },
    Statement {
        sid: "SendInvitations",
        needed: |_| true,
        actions: &["ses:SendEmail"],
        // In the SES sandbox the receiver's identity is asked for too.
        resources: &["arn:aws:ses:REGION:ACCOUNT:identity/*"],
        condition: Some(("ses:FromAddress", SENDER)),
    },
    Statement {
        // The sender is held by the statement before: a mail needs both.
        sid: "UseConfigurationSet",
        needed: |uses| uses.configuration_set,
        actions: &["ses:GetConfigurationSet", "ses:SendEmail"],
        resources: &["arn:aws:ses:REGION:ACCOUNT:configuration-set/*"],
        condition: None,
    },
    Statement {
        sid: "AskHowMailStands",
        needed: |_| true,
        actions: &["ses:GetAccount", "ses:GetEmailIdentity"],
        resources: ANY,
        condition: None,
    },
];

/// As IAM reads it (IAM User Guide, "Grammar of the IAM JSON policy language").
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: Vec<Written>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    sid: &'static str,
    effect: &'static str,
    action: OneOrMany,
    resource: OneOrMany,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<BTreeMap<&'static str, BTreeMap<&'static str, String>>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl FromIterator<String> for OneOrMany {
    fn from_iter<I: IntoIterator<Item = String>>(all: I) -> Self {
        let mut all: Vec<_> = all.into_iter().collect();
        if all.len() == 1 { Self::One(all.remove(0)) } else { Self::Many(all) }
    }
}

/// The policy of what is chosen, as JSON that ends in a line's end.
pub(super) fn document(place: &Place, choice: PolicyChoice) -> String {
    let needed = STATEMENTS.iter().filter(|statement| (statement.needed)(&choice));
    let statement = needed.map(|statement| Written {
        sid: statement.sid,
        effect: "Allow",
        action: statement.actions.iter().map(ToString::to_string).collect(),
        resource: statement.resources.iter().map(|template| place.fill(template)).collect(),
        condition: statement
            .condition
            .map(|(key, template)| BTreeMap::from([("StringEquals", BTreeMap::from([(key, place.fill(template))]))])),
    });
    let document = Document { version: "2012-10-17", statement: statement.collect() };
    // Strings and lists of them have no way to fail.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn sids(choice: PolicyChoice) -> Vec<String> {
        let policy: Value = serde_json::from_str(&document(&Place::default(), choice)).unwrap();
        policy["Statement"].as_array().unwrap().iter().map(|one| one["Sid"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_file_is_what_is_generated_with_everything() {
        let generated = document(&Place::default(), PolicyChoice::EVERYTHING);
        let file = include_str!("../../../../../deploy/iam-policy.json");
        assert!(file == generated, "deploy/iam-policy.json has to be:\n{generated}");
    }

    #[test]
    fn what_is_not_used_is_not_allowed() {
        let least = PolicyChoice { chosen: true, ..PolicyChoice::default() };
        assert_eq!(
            sids(least),
            ["ReadDesktops", "ReadNetwork", "Launch", "TagWhatIsLaunched", "SendInvitations", "AskHowMailStands"]
        );
        assert_eq!(sids(PolicyChoice::EVERYTHING).len(), STATEMENTS.len());
        let ends = sids(PolicyChoice { take_down: true, ..least });
        assert!(ends.iter().any(|sid| sid == "TerminateDesktops") && !ends.iter().any(|sid| sid == "SetUpConnectors"));
        let stops = document(&Place::default(), PolicyChoice { terminate: false, take_down: false, ..PolicyChoice::EVERYTHING });
        assert!(stops.contains("workspaces:StopWorkspaces") && !stops.contains("Terminate"));
    }

    #[test]
    fn region_account_sender_and_set_are_put_in() {
        let place = Place {
            region: "us-gov-west-1".into(),
            account: "123456789012".into(),
            sender: "it@example.com".into(),
            configuration_set: Some("desktops".into()),
        };
        let policy = document(&place, PolicyChoice::EVERYTHING);
        for resource in [
            "\"arn:aws-us-gov:workspaces:us-gov-west-1:123456789012:directory/*\"",
            "\"arn:aws-us-gov:iam::123456789012:role/workspaces_DefaultRole\"",
            "\"arn:aws-us-gov:ses:us-gov-west-1:123456789012:configuration-set/desktops\"",
            "\"ses:FromAddress\": \"it@example.com\"",
        ] {
            assert!(policy.contains(resource), "{resource}: {policy}");
        }
        assert!(!policy.contains(REGION) && !policy.contains(ACCOUNT) && !policy.contains(SENDER), "{policy}");
    }

    #[test]
    fn every_statement_has_a_name_of_its_own_and_its_actions_in_order() {
        let names: std::collections::BTreeSet<_> = STATEMENTS.iter().map(|statement| statement.sid).collect();
        assert_eq!(names.len(), STATEMENTS.len());
        for statement in &STATEMENTS {
            assert!(statement.actions.is_sorted() && statement.sid.chars().all(char::is_alphanumeric), "{}", statement.sid);
        }
    }
}
