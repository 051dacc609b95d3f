//! AD Connectors as the mirror knows them. `connect` is how one is set up, `network` where it can stand.

mod connect;
mod network;

use serde::{Deserialize, Serialize};

pub use self::{
    connect::{
        Connect, ConnectDraft, ConnectForm, ConnectState, ConnectStep, Domain, Finding, Outcome, Preflight, Size, check_password,
        parse_account,
    },
    network::{Company, Internet, Network, Place, Route, Subnet, Vpc, is_offered, supported_zones},
};
use crate::{DirectoryId, Stamp};

/// A directory of the account, from DescribeDirectories and DescribeWorkspaceDirectories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    pub id: DirectoryId,
    /// The domain's DNS name, for example `corp.example.com`.
    pub name: String,
    pub short_name: Option<String>,
    pub description: Option<String>,
    /// Directory Service's stage, CamelCase as AWS writes it: `Active`, `Impaired`, …
    pub stage: String,
    pub stage_reason: Option<String>,
    /// WorkSpaces' registration state, `REGISTERED` and so on; `None` when it is not registered.
    pub registration: Option<String>,
    pub registration_code: Option<String>,
    pub devices: Devices,
    /// Whether an `[[ad]]` block of the configuration names this domain, so that people can be found.
    pub people_known: bool,
}

/// Which clients the directory lets in (WorkspaceAccessProperties).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    pub windows: bool,
    pub macos: bool,
    pub linux: bool,
    pub ios: bool,
    pub android: bool,
    pub web: bool,
}

impl Default for Devices {
    /// AWS's defaults: web and Linux denied, the others allowed (WorkSpaces Admin Guide, `update-directory-details`).
    fn default() -> Self {
        Self { windows: true, macos: true, linux: false, ios: true, android: true, web: false }
    }
}

impl Directory {
    /// Why nobody can be launched here now; `None` when it can take launches.
    pub fn why_not(&self) -> Option<String> {
        if self.stage != "Active" {
            return Some(format!("Directory Service says {}, it has to be Active.", self.stage));
        }
        match self.registration.as_deref() {
            Some("REGISTERED") => {}
            None => return Some("It is not registered with WorkSpaces. An administrator can register it in AWS.".to_owned()),
            Some(other) => return Some(format!("WorkSpaces says {other}, it has to be REGISTERED.")),
        }
        (!self.people_known)
            .then(|| format!("Frontdesk can't look up people of {}: no domain controller is configured for it.", self.name))
    }
}

/// How old the picture of AWS is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    /// When the last whole reading ended; `None` before the first.
    pub read: Option<Stamp>,
    /// The last attempt failed; the text is for staff.
    pub problem: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_registered_active_directory_of_a_known_domain_takes_launches() {
        let good = Directory {
            id: "d-906731a2b4".parse().unwrap(),
            name: "corp.example.com".into(),
            short_name: None,
            description: None,
            stage: "Active".into(),
            stage_reason: None,
            registration: Some("REGISTERED".into()),
            registration_code: None,
            devices: Devices::default(),
            people_known: true,
        };
        assert_eq!(good.why_not(), None);
        assert!(Directory { stage: "Impaired".into(), ..good.clone() }.why_not().unwrap().contains("Impaired"));
        assert!(Directory { registration: None, ..good.clone() }.why_not().unwrap().contains("not registered"));
        assert!(Directory { registration: Some("DEREGISTERING".into()), ..good.clone() }.why_not().is_some());
        assert!(Directory { people_known: false, ..good }.why_not().is_some());
    }
}
