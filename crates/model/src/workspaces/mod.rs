//! The fleet: WorkSpaces, the bundles they are made from, and how they run. `action` holds the rules of what can be done to
//! them, `batch` how far that is, `volume` what their volumes may be.

mod action;
mod batch;
mod volume;

pub use action::{Sign, WorkspaceAction};
pub use batch::{ActionCounts, ActionFailure, ActionState, Batch, BatchItem, Candidate, Confirmation, MOST_AT_ONCE};
use serde::{Deserialize, Serialize};
pub use volume::{Encryption, Volumes};

use crate::{
    BatchId, BundleId, DirectoryId, Error, FieldError, InvitationId, PersonGuid, Result, Stamp, WorkspaceId,
    directories::{Devices, Directory},
    invitations,
};

/// What a WorkSpace is made from, AWS's or the account's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    pub id: BundleId,
    pub name: String,
    /// `AMAZON`, or the account's number.
    pub owner: String,
    pub description: Option<String>,
    /// `STANDARD`, `POWERPRO`, …
    pub compute: String,
    pub root_gib: Option<i32>,
    pub user_gib: Option<i32>,
    /// Read off the name, because AWS does not tell (workspaces service model: WorkspaceBundle has no such member).
    pub system: System,
    pub protocol: Protocol,
}

/// The operating system family that a bundle's name tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum System {
    Windows(String),
    Linux(String),
    Unknown,
}

impl System {
    pub fn from_bundle_name(name: &str) -> Self {
        let lower = name.to_lowercase();
        let linux = [
            ("amazon linux", "Amazon Linux"),
            ("ubuntu", "Ubuntu"),
            ("rocky", "Rocky Linux"),
            ("rhel", "Red Hat Enterprise Linux"),
            ("red hat", "Red Hat Enterprise Linux"),
        ];
        for (needle, system) in linux {
            if lower.contains(needle) {
                return Self::Linux(system.to_owned());
            }
        }
        for version in
            ["Windows 11", "Windows 10", "Windows Server 2025", "Windows Server 2022", "Windows Server 2019", "Windows 7"]
        {
            if lower.contains(&version.to_lowercase()) {
                return Self::Windows(version.to_owned());
            }
        }
        if lower.contains("windows") { Self::Windows("Windows".to_owned()) } else { Self::Unknown }
    }

    pub fn is_linux(&self) -> bool {
        matches!(self, Self::Linux(_))
    }
}

impl std::fmt::Display for System {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Windows(name) | Self::Linux(name) => f.write_str(name),
            Self::Unknown => f.write_str("system not told by AWS"),
        }
    }
}

/// The streaming protocol. The wire value `WSP` means Amazon DCV, which was renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    Pcoip,
    Dcv,
}

impl Protocol {
    /// Linux bundles default to DCV (WorkSpaces Admin Guide); for Windows the name says `PCoIP` or `WSP`/`DCV`, and
    /// the older names, which say nothing, are PCoIP.
    pub fn from_bundle_name(name: &str) -> Self {
        let lower = name.to_lowercase();
        if lower.contains("pcoip") {
            Self::Pcoip
        } else if lower.contains("wsp") || lower.contains("dcv") || System::from_bundle_name(name).is_linux() {
            Self::Dcv
        } else {
            Self::Pcoip
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pcoip => "PCoIP",
            Self::Dcv => "DCV",
        }
    }
}

/// How a WorkSpace runs, and what that means for the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunningMode {
    AlwaysOn,
    /// Stops after so many whole hours without a user.
    AutoStop {
        hours: u16,
    },
    /// Stops and starts only when somebody has it done; made elsewhere, Frontdesk launches none.
    Manual,
}

impl RunningMode {
    pub const MOST_HOURS: u16 = 48;

    /// Parses the form's fields `running_mode` (`ALWAYS_ON` or `AUTO_STOP`) and `auto_stop_hours`.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub fn parse(mode: &str, hours: &str) -> Result<Self> {
        match mode {
            "ALWAYS_ON" => Ok(Self::AlwaysOn),
            "AUTO_STOP" => match hours.trim().parse() {
                Ok(hours) if (1..=Self::MOST_HOURS).contains(&hours) => Ok(Self::AutoStop { hours }),
                _ => Err(Error::invalid(
                    "auto_stop_hours",
                    "AutoStop takes whole hours from 1 to 48. AWS counts in steps of 60 minutes.",
                )),
            },
            _ => Err(Error::invalid("running_mode", "Choose AlwaysOn or AutoStop.")),
        }
    }

    /// As AWS writes it.
    pub fn as_aws(self) -> &'static str {
        match self {
            Self::AlwaysOn => "ALWAYS_ON",
            Self::AutoStop { .. } => "AUTO_STOP",
            Self::Manual => "MANUAL",
        }
    }

    /// RunningModeAutoStopTimeoutInMinutes: a multiple of 60, absent for AlwaysOn.
    pub fn auto_stop_minutes(self) -> Option<i32> {
        match self {
            Self::AlwaysOn | Self::Manual => None,
            Self::AutoStop { hours } => Some(i32::from(hours) * 60),
        }
    }

    /// From what AWS or a row tells; anything that is neither AUTO_STOP nor MANUAL counts as AlwaysOn.
    pub fn from_aws(mode: &str, minutes: Option<i32>) -> Self {
        match mode {
            "AUTO_STOP" => {
                Self::AutoStop { hours: minutes.and_then(|minutes| u16::try_from(minutes / 60).ok()).unwrap_or(1).max(1) }
            }
            "MANUAL" => Self::Manual,
            _ => Self::AlwaysOn,
        }
    }
}

impl std::fmt::Display for RunningMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AlwaysOn => f.write_str("AlwaysOn"),
            Self::Manual => f.write_str("Manual"),
            Self::AutoStop { hours: 1 } => f.write_str("AutoStop after 1 hour"),
            Self::AutoStop { hours } => write!(f, "AutoStop after {hours} hours"),
        }
    }
}

/// A tag on a WorkSpace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    pub key: String,
    pub value: String,
}

impl Tag {
    /// These tags with others that count more where keys are the same.
    pub fn merged(mut tags: Vec<Self>, others: &[Self]) -> Vec<Self> {
        tags.retain(|tag| !others.iter().any(|other| other.key == tag.key));
        tags.extend_from_slice(others);
        tags
    }

    /// Frontdesk's own tag, which tells whose launch made a WorkSpace.
    pub const ITEM: &'static str = "frontdesk:item";
    /// AWS takes 50 a resource; one is ours.
    pub const MOST: usize = 49;

    /// Parses lines of `key=value`; empty lines are left out.
    ///
    /// # Errors
    /// [`Error::Invalid`] on the field `tags`, naming the line: key 1–127 and value at most 255 characters (workspaces
    /// service model), letters, digits, spaces and `_ . : / = + - @`, no `aws:` or `frontdesk:` in front, no key twice.
    pub fn parse_lines(text: &str) -> Result<Vec<Self>> {
        let mut tags: Vec<Self> = Vec::new();
        let mut fields = Vec::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            let tag = Self { key: key.trim().to_owned(), value: value.trim().to_owned() };
            let problem =
                tag.problem().or_else(|| tags.iter().any(|other| other.key == tag.key).then_some("the key stands there twice"));
            match problem {
                Some(problem) => fields.push(FieldError { field: "tags".into(), message: format!("Line {number}: {problem}.") }),
                None => tags.push(tag),
            }
        }
        if tags.len() > Self::MOST {
            fields.push(FieldError {
                field: "tags".into(),
                message: "AWS takes at most 50 tags, and one is Frontdesk's own.".into(),
            });
        }
        if fields.is_empty() { Ok(tags) } else { Err(Error::Invalid { fields }) }
    }

    /// What AWS would not take of it, or Frontdesk keeps for itself.
    pub fn problem(&self) -> Option<&'static str> {
        let allowed = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
        let lower = self.key.to_lowercase();
        if self.key.is_empty() {
            Some("a tag needs a key, written key=value")
        } else if self.key.chars().count() > 127 {
            Some("a key has at most 127 characters")
        } else if self.value.chars().count() > 255 {
            Some("a value has at most 255 characters")
        } else if lower.starts_with("aws:") || lower.starts_with("frontdesk:") {
            Some("keys that start with aws: or frontdesk: are reserved")
        } else if !self.key.chars().chain(self.value.chars()).all(allowed) {
            Some("use letters, digits, spaces and _ . : / = + - @ only")
        } else {
            None
        }
    }
}

/// A WorkSpace as the mirror knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub directory: DirectoryId,
    pub directory_name: String,
    /// sAMAccountName as AWS has it.
    pub user_name: String,
    /// The person, where a launch of Frontdesk's or an invitation has tied one.
    pub person: Option<PersonGuid>,
    /// Name of the person, where known.
    pub name: Option<String>,
    pub bundle: Option<String>,
    /// As AWS writes it: `AVAILABLE`, `STOPPED`, …
    pub state: String,
    pub running_mode: Option<RunningMode>,
    pub computer_name: Option<String>,
    /// The newest invitation to it.
    pub invitation: Option<(InvitationId, invitations::State)>,
}

/// What the fleet's list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Matches user name, person, WorkSpace id or computer name.
    pub q: String,
    /// As AWS writes it.
    pub state: Option<String>,
    /// Only those whose people were never sent an invitation.
    pub not_invited: bool,
}

/// One WorkSpace with its story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspacePage {
    pub workspace: Workspace,
    pub directory: Directory,
    pub bundle: Option<Bundle>,
    /// The newest first.
    pub invitations: Vec<invitations::Invitation>,
    /// When AWS last showed it.
    pub seen: Stamp,
    /// What is being done to it.
    pub under_way: Option<(BatchId, WorkspaceAction)>,
}

impl Workspace {
    /// Something may still be done to it.
    pub fn is_there(&self) -> bool {
        !matches!(self.state.as_str(), "TERMINATING" | "TERMINATED")
    }

    /// AWS is done with creating it, so an invitation makes sense.
    pub fn can_be_invited(&self) -> bool {
        state_can_be_invited(&self.state)
    }
}

/// States in which a person can use the WorkSpace or start it by signing in.
pub fn state_can_be_invited(state: &str) -> bool {
    matches!(
        state,
        "AVAILABLE" | "STOPPED" | "STOPPING" | "STARTING" | "REBOOTING" | "IMPAIRED" | "UNHEALTHY" | "UPDATING" | "MAINTENANCE"
    )
}

/// Plain words for a WorkSpace's state (workspaces service model, WorkspaceState).
pub fn state_gloss(state: &str) -> &'static str {
    match state {
        "PENDING" => "being created",
        "AVAILABLE" => "running",
        "IMPAIRED" => "has trouble",
        "UNHEALTHY" => "does not answer health checks",
        "REBOOTING" => "restarting",
        "STARTING" => "starting",
        "REBUILDING" => "being rebuilt",
        "RESTORING" => "being restored",
        "MAINTENANCE" => "AWS is maintaining it",
        "ADMIN_MAINTENANCE" => "closed for maintenance",
        "TERMINATING" => "being removed",
        "TERMINATED" => "removed",
        "SUSPENDED" => "an image is being taken",
        "UPDATING" => "being changed",
        "STOPPING" => "stopping",
        "STOPPED" => "stopped, starts when its user signs in",
        "ERROR" => "creation failed",
        _ => "a state Frontdesk does not know",
    }
}

/// Whether the browser can be used: the directory allows it, and the WorkSpace is neither Linux nor PCoIP
/// (WorkSpaces Admin Guide, `web-access`).
pub fn web_access(devices: Devices, bundle: Option<(&System, Protocol)>) -> bool {
    devices.web && bundle.is_some_and(|(system, protocol)| matches!(system, System::Windows(_)) && protocol == Protocol::Dcv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_stop_is_whole_hours() {
        assert_eq!(RunningMode::parse("AUTO_STOP", "2"), Ok(RunningMode::AutoStop { hours: 2 }));
        assert_eq!(RunningMode::AutoStop { hours: 2 }.auto_stop_minutes(), Some(120));
        assert_eq!(RunningMode::parse("ALWAYS_ON", "junk"), Ok(RunningMode::AlwaysOn));
        assert_eq!(RunningMode::AlwaysOn.auto_stop_minutes(), None);
        for wrong in ["0", "1.5", "", "-1", "49", "99999999", "90m"] {
            assert!(RunningMode::parse("AUTO_STOP", wrong).is_err(), "{wrong}");
        }
        assert!(RunningMode::parse("MANUAL", "1").is_err());
    }

    #[test]
    fn bundle_names_tell_system_and_protocol() {
        let read = |name: &str| (System::from_bundle_name(name).to_string(), Protocol::from_bundle_name(name));
        assert_eq!(read("Standard with Windows 10 (Server 2022 based) (WSP)"), ("Windows 10".into(), Protocol::Dcv));
        assert_eq!(read("Standard with Windows 10"), ("Windows 10".into(), Protocol::Pcoip));
        assert_eq!(read("Power with Ubuntu 22.04"), ("Ubuntu".into(), Protocol::Dcv));
        assert_eq!(read("Value with Amazon Linux 2 (PCoIP)"), ("Amazon Linux".into(), Protocol::Pcoip));
        assert_eq!(read("Sales desk"), ("system not told by AWS".into(), Protocol::Pcoip));
    }

    #[test]
    fn tags_are_checked_line_by_line() {
        assert_eq!(Tag::parse_lines("cost centre = 4711\n\nteam=a=b").unwrap().len(), 2);
        let Err(Error::Invalid { fields }) = Tag::parse_lines("aws:x=1\n=2\nok=1\nok=2\na=<b>") else { panic!("accepted") };
        assert_eq!(fields.len(), 4);
        assert!(fields[0].message.starts_with("Line 1:"));
        assert!(Tag::parse_lines(&format!("{}=1", "k".repeat(128))).is_err());
        assert!(Tag::parse_lines(&format!("k={}", "v".repeat(256))).is_err());
    }

    #[test]
    fn the_browser_is_offered_only_where_it_works() {
        let open = Devices { web: true, ..Devices::default() };
        let windows = System::Windows("Windows 11".into());
        assert!(web_access(open, Some((&windows, Protocol::Dcv))));
        assert!(!web_access(Devices::default(), Some((&windows, Protocol::Dcv))));
        assert!(!web_access(open, Some((&windows, Protocol::Pcoip))));
        assert!(!web_access(open, Some((&System::Linux("Ubuntu".into()), Protocol::Dcv))));
        assert!(!web_access(open, None));
    }
}
