//! AD Connectors as the mirror knows them. `connect` is how one is set up, `network` where it can stand, `settings` how WorkSpaces
//! is set for it; `readiness` whether everything outside is ready for one.

mod connect;
mod ip_group;
mod network;
pub mod readiness;
mod settings;

use serde::{Deserialize, Serialize};

pub use self::{
    connect::{
        Connect, ConnectDraft, ConnectForm, ConnectState, ConnectStep, Domain, Preflight, Size, check_password, parse_account,
    },
    ip_group::{IpGroup, IpGroupForm, IpRule},
    network::{Company, Internet, Network, Place, Route, Subnet, Vpc, is_offered, supported_zones},
    readiness::{Finding, Outcome},
    settings::{Client, Creation, CreationForm, RegisterForm, Registering, Saml, SelfService, Settings, SettingsPage, refusal},
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
    /// Why WorkSpaces could not register it.
    pub registration_error: Option<String>,
    pub registration_code: Option<String>,
    pub devices: Devices,
    /// What people call it; Frontdesk's own.
    pub organization: Option<String>,
    /// `Small` or `Large`.
    pub size: Option<String>,
    pub vpc: Option<String>,
    pub subnets: Vec<String>,
    /// The addresses of the domain's DNS servers.
    pub dns: Vec<String>,
    /// The account with which AWS reads the domain.
    pub service_account: Option<String>,
    pub launched: Option<Stamp>,
    pub stage_since: Option<Stamp>,
    /// Set while it is registered and has no WorkSpace.
    pub deregistration: Option<Deregistration>,
    /// Whether an `[[ad]]` block of the configuration names this domain, so that people can be found.
    pub people_known: bool,
}

/// A directory that somebody has to see to, as the start page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    pub id: DirectoryId,
    pub name: String,
    /// The stage, or the registration's state.
    pub state: String,
    pub what_to_do: String,
}

/// AWS deregisters a directory by itself that had no WorkSpace for 30 days (WorkSpaces Admin Guide,
/// `register-deregister-directory`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deregistration {
    /// Since when Frontdesk sees none.
    pub empty_since: Stamp,
    /// When AWS does it, at the latest: it may have been empty before Frontdesk looked.
    pub at: Stamp,
    /// Within two weeks.
    pub soon: bool,
}

impl Deregistration {
    pub const DAYS: i64 = 30;
    pub const SOON_DAYS: i64 = 14;
}

/// Which clients the directory lets in (WorkspaceAccessProperties). A form does not send a box that is not ticked, so what is
/// missing is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    #[serde(default)]
    pub windows: bool,
    #[serde(default)]
    pub macos: bool,
    #[serde(default)]
    pub linux: bool,
    #[serde(default)]
    pub ios: bool,
    #[serde(default)]
    pub android: bool,
    #[serde(default)]
    pub chrome_os: bool,
    #[serde(default)]
    pub zero_client: bool,
    #[serde(default)]
    pub thin_client: bool,
    #[serde(default)]
    pub web: bool,
}

impl Default for Devices {
    /// AWS's defaults: web and Linux denied, the others allowed (WorkSpaces Admin Guide, `update-directory-details`).
    fn default() -> Self {
        Self {
            windows: true,
            macos: true,
            linux: false,
            ios: true,
            android: true,
            chrome_os: true,
            zero_client: true,
            thin_client: true,
            web: false,
        }
    }
}

/// What a stage of Directory Service means (Directory Service Admin Guide, `ad_connector_directory_status`).
pub fn stage_gloss(stage: &str) -> &'static str {
    match stage {
        "Requested" => "AWS has the order and will begin soon",
        "Creating" => "AWS puts the connector into the two subnets and signs in to the domain",
        "Created" => "AWS is almost there",
        "Active" => "works",
        "Impaired" => "works, but part of it has trouble; AWS's own maintenance passes within 40 minutes",
        "Inoperable" => "does not work: account, network or domain controllers",
        "Failed" => "could not be made; it can't be repaired, only made anew",
        "Updating" => "AWS changes it",
        "Deleting" => "AWS takes it down",
        _ => "",
    }
}

/// What a reason that AWS gives for a stage comes to, and what to do. AWS's whole text stands beside it; only its parts are
/// documented (Directory Service Admin Guide, `ad_connector_troubleshooting`).
pub fn reason_cure(reason: &str) -> &'static str {
    let has = |part: &str| reason.to_lowercase().contains(part);
    if has("dns unavailable") {
        "A DNS server does not answer AWS. Check its address, and that both subnets reach it on TCP and UDP port 53."
    } else if has("srv record for ldap") || has("srv record for kerberos") {
        "The DNS server does not know the domain's controllers. Give the address of a DNS server of the domain itself."
    } else if has("ldap unavailable") || has("kerberos/authentication unavailable") || has("connectivity issues") {
        "AWS does not reach the domain controllers. Open TCP and UDP ports 53, 88 and 389 from both subnets, and check VPN or Direct Connect."
    } else if has("credential") || has("password") || has("authenticat") || has("username") || has("user name") {
        "The domain does not take the account. Check its name and password, and that it is not disabled or expired."
    } else if has("constrained") || has("availability zone") {
        "AWS can't put a connector into one of the zones. Choose a subnet in another zone."
    } else {
        "The AWS console may say more, under Directory Service."
    }
}

impl Directory {
    /// Whether AWS is still at work on it.
    pub fn is_changing(&self) -> bool {
        matches!(self.stage.as_str(), "Requested" | "Creating" | "Created" | "Updating" | "Deleting")
            || matches!(self.registration.as_deref(), Some("REGISTERING" | "DEREGISTERING"))
    }

    /// What somebody has to see to; `None` while all is well.
    pub fn trouble(&self) -> Option<Trouble> {
        let what_to_do = self.what_to_do()?;
        let state = match &self.registration {
            Some(registration) if self.stage == "Active" => registration,
            _ => &self.stage,
        };
        Some(Trouble { id: self.id.clone(), name: self.name.clone(), state: state.clone(), what_to_do })
    }

    fn what_to_do(&self) -> Option<String> {
        if matches!(self.stage.as_str(), "Failed" | "Impaired" | "Inoperable") {
            let told = self.stage_reason.as_deref().map_or_else(|| stage_gloss(&self.stage), reason_cure);
            return Some(told.to_owned());
        }
        if self.registration.as_deref() == Some("ERROR") {
            let why = self.registration_error.as_deref().unwrap_or("AWS gave no reason.");
            return Some(format!("WorkSpaces could not register it: {why}"));
        }
        let deregistration = self.deregistration.as_ref().filter(|deregistration| deregistration.soon)?;
        Some(format!(
            "It has no WorkSpaces since {}. AWS deregisters it by itself about {}, and its registration code ends then. Launch somebody, or take it down.",
            deregistration.empty_since.local, deregistration.at.local
        ))
    }

    /// Why nobody can be launched here now; `None` when it can take launches.
    pub fn why_not(&self) -> Option<String> {
        if self.stage != "Active" {
            return Some(format!("Directory Service says {}, it has to be Active.", self.stage));
        }
        match self.registration.as_deref() {
            Some("REGISTERED") => {}
            None => return Some("It is not registered with WorkSpaces. An administrator can do that on its page.".to_owned()),
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

    fn sample() -> Directory {
        Directory {
            id: "d-906731a2b4".parse().unwrap(),
            name: "corp.example.com".into(),
            short_name: None,
            description: None,
            stage: "Active".into(),
            stage_reason: None,
            registration: Some("REGISTERED".into()),
            registration_error: None,
            registration_code: None,
            devices: Devices::default(),
            organization: None,
            size: None,
            vpc: None,
            subnets: Vec::new(),
            dns: Vec::new(),
            service_account: None,
            launched: None,
            stage_since: None,
            deregistration: None,
            people_known: true,
        }
    }

    #[test]
    fn only_a_registered_active_directory_of_a_known_domain_takes_launches() {
        let good = sample();
        assert_eq!(good.why_not(), None);
        assert!(Directory { stage: "Impaired".into(), ..good.clone() }.why_not().unwrap().contains("Impaired"));
        assert!(Directory { registration: None, ..good.clone() }.why_not().unwrap().contains("not registered"));
        assert!(Directory { registration: Some("DEREGISTERING".into()), ..good.clone() }.why_not().is_some());
        assert!(Directory { people_known: false, ..good }.why_not().is_some());
    }

    #[test]
    fn a_connector_in_trouble_says_what_to_do() {
        let well = Directory { people_known: true, ..sample() };
        assert_eq!(well.trouble(), None);
        let lost = "Connectivity issues detected: LDAP unavailable (TCP port 389) for IP: 10.0.0.1".to_owned();
        let ill = Directory { stage: "Inoperable".into(), stage_reason: Some(lost), ..well.clone() };
        assert!(ill.trouble().unwrap().what_to_do.contains("53, 88 and 389"));
        let refused = Directory { registration: Some("ERROR".into()), ..well };
        assert!(refused.trouble().unwrap().what_to_do.contains("could not register"));
    }
}
