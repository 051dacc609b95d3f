//! AD Connectors as the mirror knows them. `connect` is how one is set up and `connect_form` what is typed for that, `network` where it
//! can stand, `settings` how WorkSpaces is set for it and `desk` how Frontdesk is, `addresses` how much room it has, `trouble` what can be
//! the matter with it, `dns_change` how its DNS servers are changed, `take_down` how it ends; `readiness` is whether everything outside is
//! ready for one.

mod addresses;
mod connect;
mod connect_form;
mod desk;
mod dns_change;
mod ip_group;
mod network;
pub mod readiness;
mod settings;
mod take_down;
mod trouble;

use serde::{Deserialize, Serialize};

pub use self::{
    addresses::{Addresses, SubnetAddresses},
    connect::{ConnectDraft, ConnectLine, ConnectState, ConnectStep, Preflight},
    connect_form::{Connect, ConnectForm, Domain, Size, check_password, parse_account},
    desk::{Desk, DeskForm, DeskPage, Language},
    dns_change::{
        DnsChange, DnsChangePage, DnsCounts, DnsFilter, DnsForm, DnsMove, DnsState, DnsWorkspace, Freeze, LARGEST_OUTCOMES,
        LineProblem, MOST_OUTCOMES, Moment, OutcomesRead, QUIET_MINUTES, Replacement, Shown, Told, console_url, judge_server,
        parse_server, replaced, same_servers,
    },
    ip_group::{IpGroup, IpGroupForm, IpRule},
    network::{Company, Internet, Network, Place, Route, Subnet, Vpc, is_offered, supported_zones},
    readiness::{Finding, Outcome},
    settings::{Client, Creation, CreationForm, RegisterForm, Registering, Saml, SelfService, Settings, SettingsPage, refusal},
    take_down::{Halt, TakeDown, TakeDownForm, TakeDownPlan, TakeDownStep, agree_further},
    trouble::{Concern, Matter, StageReason, Trouble, TroubleKind},
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
    /// Set while nothing is launched here, because a DNS server is being changed.
    pub freeze: Option<Freeze>,
    /// The domain in which its people are looked up: its own name, unless another one is set.
    pub domain: String,
    /// Whether an `[[ad]]` block of the configuration names that domain, so that people can be found.
    pub people_known: bool,
    /// Somebody takes it down.
    pub taken_down: bool,
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

impl Directory {
    /// Whether AWS is still at work on it.
    pub fn is_changing(&self) -> bool {
        matches!(self.stage.as_str(), "Requested" | "Creating" | "Created" | "Updating" | "Deleting")
            || matches!(self.registration.as_deref(), Some("REGISTERING" | "DEREGISTERING"))
    }

    /// Why nobody can be launched here now; `None` when it can take launches.
    pub fn why_not(&self) -> Option<String> {
        if self.taken_down {
            return Some("It is being taken down.".to_owned());
        }
        if self.stage != "Active" {
            return Some(format!("Directory Service says {}, it has to be Active.", self.stage));
        }
        match self.registration.as_deref() {
            Some("REGISTERED") => {}
            None => return Some("It is not registered with WorkSpaces. An administrator can do that on its page.".to_owned()),
            Some(other) => return Some(format!("WorkSpaces says {other}, it has to be REGISTERED.")),
        }
        (!self.people_known)
            .then(|| format!("Frontdesk can't look up people of {}: no domain controller is configured for it.", self.domain))
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

    pub(super) fn sample() -> Directory {
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
            domain: "corp.example.com".into(),
            freeze: None,
            people_known: true,
            taken_down: false,
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
}
