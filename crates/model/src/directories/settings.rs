//! How WorkSpaces is set for a directory: what RegisterWorkspaceDirectory takes, and the settings of one that is registered.
//! Names, defaults and effects are those of the WorkSpaces Admin Guide (`register-deregister-directory`,
//! `update-directory-details`, `enable-user-self-service-workspace-management`).

use serde::{Deserialize, Serialize};

use super::{DeskPage, Directory, Freshness, IpGroup, Network};
use crate::{Error, FieldError, Result, SubnetId, dn};

/// What WorkSpaces says of a registered directory beside its state, its code and its device types.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Where WorkSpaces are put.
    pub subnets: Vec<String>,
    /// `SHARED` or `DEDICATED`.
    pub tenancy: Option<String>,
    /// The security group that WorkSpaces made for the directory.
    pub own_security_group: Option<String>,
    pub ip_groups: Vec<String>,
    pub creation: Creation,
    pub self_service: SelfService,
    pub client: Client,
    pub saml: Saml,
}

/// A registered directory with all that can be set for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsPage {
    pub directory: Directory,
    pub settings: Settings,
    /// The organizational units of its domain; `None` where Active Directory does not tell them.
    pub units: Option<Vec<String>>,
    /// All of the Region.
    pub ip_groups: Vec<IpGroup>,
    pub desk: DeskPage,
    pub freshness: Freshness,
}

/// What new and rebuilt WorkSpaces get (WorkspaceCreationProperties).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Creation {
    /// A public address for each, which needs an internet gateway.
    pub internet_access: bool,
    /// The organizational unit of their computer accounts; the domain's `Computers` container where none is set.
    pub default_ou: Option<String>,
    /// Beside the one that WorkSpaces made.
    pub security_group: Option<String>,
    pub local_administrator: bool,
    pub maintenance: bool,
}

impl Default for Creation {
    /// AWS's; it does not tell that of the maintenance mode, and switches it on in its console.
    fn default() -> Self {
        Self { internet_access: false, default_ou: None, security_group: None, local_administrator: true, maintenance: true }
    }
}

/// What users may do to their own WorkSpaces in the client (SelfservicePermissions).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SelfService {
    pub restart: bool,
    pub increase_volumes: bool,
    pub change_compute: bool,
    pub switch_running_mode: bool,
    pub rebuild: bool,
}

/// What the client application does (ClientProperties). What a form leaves out is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Users can stay signed in.
    #[serde(default)]
    pub reconnect: bool,
    #[serde(default)]
    pub log_upload: bool,
}

impl Default for Client {
    fn default() -> Self {
        Self { reconnect: true, log_upload: true }
    }
}

/// Whether people sign in through an identity provider (SamlProperties).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Saml {
    /// `DISABLED`, `ENABLED` or `ENABLED_WITH_DIRECTORY_LOGIN_FALLBACK`.
    pub status: Option<String>,
    pub user_access_url: Option<String>,
    pub relay_state: Option<String>,
}

/// [`Creation`] as a form brings it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreationForm {
    pub internet_access: bool,
    pub default_ou: String,
    pub security_group: String,
    pub local_administrator: bool,
    pub maintenance: bool,
}

impl CreationForm {
    /// Checks it for a domain. Whether the unit is there, Active Directory has to tell: AWS does not look, and a wrong one shows
    /// only in WorkSpaces that end in ERROR.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `default_ou` or `security_group`. What AWS has can be changed, and not be taken away again: a member
    /// that is left out stays as it was.
    pub fn parse(&self, domain: &str, before: &Creation) -> Result<Creation> {
        let mut fields = Vec::new();
        let mut wrong =
            |field: &str, message: &str| fields.push(FieldError { field: field.to_owned(), message: message.to_owned() });
        let (unit, group) = (self.default_ou.trim(), self.security_group.trim());
        if unit.is_empty() {
            if before.default_ou.is_some() {
                wrong("default_ou", "AWS can't go back to the Computers container once a unit was set. Choose a unit.");
            }
        } else if !unit.to_lowercase().starts_with("ou=") || !dn::is_under(unit, &dn::of_domain(domain)) {
            wrong("default_ou", "An organizational unit of this domain is written OU=WorkSpaces,DC=corp,DC=example,DC=com.");
        }
        if group.is_empty() {
            if before.security_group.is_some() {
                wrong("security_group", "AWS can't take the group away once one was set. Name another one.");
            }
        } else if !is_security_group(group) {
            wrong("security_group", "A security group is written sg- with 8 or 17 digits and letters from a to f.");
        }
        if !fields.is_empty() {
            return Err(Error::Invalid { fields });
        }
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(Creation {
            internet_access: self.internet_access,
            default_ou: some(unit),
            security_group: some(group),
            local_administrator: self.local_administrator,
            maintenance: self.maintenance,
        })
    }
}

/// `^sg-([0-9a-f]{8}|[0-9a-f]{17})$` (workspaces service model, SecurityGroupId).
fn is_security_group(text: &str) -> bool {
    text.strip_prefix("sg-")
        .is_some_and(|id| matches!(id.len(), 8 | 17) && id.chars().all(|character| matches!(character, '0'..='9' | 'a'..='f')))
}

/// The form that registers a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegisterForm {
    pub subnets: Vec<String>,
    pub self_service: bool,
    /// `SHARED` or `DEDICATED`.
    pub tenancy: String,
}

/// What RegisterWorkspaceDirectory is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registering {
    pub subnets: Vec<SubnetId>,
    pub self_service: bool,
    pub dedicated: bool,
}

impl RegisterForm {
    /// Checks it for a directory. Where EC2 was not read, only the connector's own two subnets can be named.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `subnets` or `tenancy`.
    pub fn parse(&self, directory: &Directory, network: &Network) -> Result<Registering> {
        let vpc = directory.vpc.as_deref().unwrap_or_default();
        let dedicated = match self.tenancy.as_str() {
            "SHARED" => false,
            "DEDICATED" => true,
            _ => return Err(Error::invalid("tenancy", "Choose shared or dedicated hardware.")),
        };
        let subnets = match network.vpc(vpc) {
            Some(_) => network.pick(vpc, &self.subnets).map_err(|fields| Error::Invalid { fields })?.subnets.to_vec(),
            None if same(&self.subnets, &directory.subnets) => {
                self.subnets.iter().filter_map(|subnet| subnet.parse().ok()).collect()
            }
            None => {
                return Err(Error::invalid("subnets", "Choose the connector\u{2019}s own two subnets: EC2 did not show others."));
            }
        };
        Ok(Registering { subnets, self_service: self.self_service, dedicated })
    }
}

fn same(some: &[String], others: &[String]) -> bool {
    some.len() == others.len() && some.iter().all(|subnet| others.contains(subnet))
}

impl Directory {
    /// Why it can't be registered with WorkSpaces now; `None` when it can.
    pub fn why_not_register(&self) -> Option<String> {
        if self.taken_down {
            return Some("It is being taken down.".to_owned());
        }
        if let Some(state) = self.registration.as_deref() {
            return Some(format!("WorkSpaces says {state}: it is registered, or on the way."));
        }
        (self.stage != "Active").then(|| format!("Directory Service says {}. It has to be Active first.", self.stage))
    }

    /// Why its settings can't be changed now; `None` when they can.
    pub fn why_not_settings(&self) -> Option<String> {
        match self.registration.as_deref() {
            Some("REGISTERED") => None,
            Some(state) => Some(format!("WorkSpaces says {state}. Settings can be changed once it is REGISTERED.")),
            None => Some("It is not registered with WorkSpaces, so there is nothing to set.".to_owned()),
        }
    }
}

/// What AWS's refusal of a change of a directory comes to, and what to do.
pub fn refusal(code: &str, message: &str) -> String {
    let cure = match code {
        "WorkspacesDefaultRoleNotFoundException" => {
            "The account has no role workspaces_DefaultRole, which WorkSpaces uses. Create it in IAM with the trusted service workspaces.amazonaws.com and the policies AmazonWorkSpacesServiceAccess and AmazonWorkSpacesSelfServiceAccess, wait a minute, and try again."
        }
        "InvalidResourceStateException" => {
            "AWS is still in the middle of another change of this directory. Try again in some minutes."
        }
        "DirectoryLimitExceededException" => {
            "The account may have no more AD Connectors in this Region. Ask for a higher quota under Service Quotas, AWS Directory Service."
        }
        "ResourceLimitExceededException" => {
            "The account may have no more of these in this Region. Ask for a higher quota under Service Quotas, Amazon WorkSpaces."
        }
        "UnsupportedNetworkConfigurationException" => {
            "WorkSpaces can't work in this network. Choose subnets of the connector\u{2019}s VPC whose addresses do not overlap with those that AWS uses for management."
        }
        "AccessDeniedException" => "Frontdesk\u{2019}s own role in AWS may not do this. Allow it in IAM and try again.",
        _ => "Nothing was changed.",
    };
    format!("{cure} AWS said {code}: {message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(unit: &str, group: &str) -> CreationForm {
        CreationForm { default_ou: unit.into(), security_group: group.into(), ..CreationForm::default() }
    }

    #[test]
    fn units_and_groups_are_checked_as_aws_writes_them() {
        let fresh = Creation::default();
        let parse = |unit: &str, group: &str| form(unit, group).parse("corp.example.com", &fresh);
        assert_eq!(parse("", "").unwrap().default_ou, None);
        let unit = "OU=WorkSpaces,OU=Berlin,DC=corp,DC=example,DC=com";
        assert_eq!(parse(unit, "sg-0a1b2c3d").unwrap().default_ou.as_deref(), Some(unit));
        assert!(parse("ou=WorkSpaces, dc=Corp, dc=example, dc=com", "sg-0123456789abcdef0").is_ok());
        for wrong in ["WorkSpaces", "CN=Computers,DC=corp,DC=example,DC=com", "OU=a,DC=other,DC=com", "OU=a"] {
            assert!(parse(wrong, "").is_err(), "{wrong}");
        }
        for wrong in ["sg-", "sg-0a1b2c3", "sg-0A1B2C3D", "0a1b2c3d", "sg-0a1b2c3d0"] {
            assert!(parse("", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_aws_can_not_take_away_is_not_promised() {
        let before = Creation {
            default_ou: Some("OU=a,DC=corp".into()),
            security_group: Some("sg-0a1b2c3d".into()),
            ..Creation::default()
        };
        let Err(Error::Invalid { fields }) = form("", "").parse("corp.example.com", &before) else { panic!("accepted") };
        assert_eq!(fields.len(), 2);
    }

    #[test]
    fn a_missing_role_is_told_with_its_cure() {
        let told = refusal("WorkspacesDefaultRoleNotFoundException", "not there");
        assert!(told.contains("AmazonWorkSpacesServiceAccess") && told.ends_with("not there"));
    }
}
