//! A launch: a batch of people becoming WorkSpaces, row by row. `draft` while it is put together, `list` for lists
//! of people that are read into it, `item` for its rows.

mod draft;
mod item;
mod list;

use serde::{Deserialize, Serialize};

pub use self::{
    draft::{Added, Check, Desktop, DesktopForm, Draft, DraftPerson, DraftSummary, Step},
    item::{Counts, Failure, Item, ItemInvitation, ItemState, can_retry},
    list::{Candidate, Columns, LARGEST_LIST, Line, LineKind, Report, Verdict},
};
use crate::{
    DirectoryId, LaunchId, Stamp,
    directories::{Freeze, Freshness, Trouble},
    invitations,
    offerings::Flagged,
    workspaces::{RunningMode, Tag},
};

/// The most people one launch holds.
pub const MOST_PEOPLE: usize = 5_000;

/// A launch in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub id: LaunchId,
    pub directory: DirectoryId,
    pub directory_name: String,
    pub started_by: String,
    pub started: Stamp,
    pub counts: Counts,
    /// Waits for somebody, because AWS's quota is used up or AWS refuses Frontdesk.
    pub paused: Option<Paused>,
}

impl Summary {
    /// Whether rows wait for somebody to resume the launch.
    pub fn waits(&self) -> bool {
        self.paused.is_some() && self.counts.queued > 0
    }
}

/// Since when a launch waits, and what AWS said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    pub since: Stamp,
    pub cause: Hold,
    pub message: String,
}

/// What is the matter with the account rather than with a row: the row stays as it is, and somebody has to see to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// The account's quota of WorkSpaces is used up.
    Quota,
    /// AWS does not take Frontdesk's credentials, or they may not do this.
    Access,
}

impl Hold {
    /// Reads AWS's code, of a whole call or of a row of it; `None` if it is about the row. (AWS General Reference, "Common error
    /// types", and the codes of Signature Version 4.)
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "ResourceLimitExceeded" | "ResourceLimitExceededException" => Some(Self::Quota),
            "AccessDenied"
            | "AccessDeniedException"
            | "NotAuthorized"
            | "OptInRequired"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | Self::NO_CREDENTIALS => Some(Self::Access),
            _ => None,
        }
    }

    /// The SDK found no credentials to sign with.
    pub const NO_CREDENTIALS: &'static str = "Frontdesk.Credentials";
}

/// A launch, whole but for its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    pub summary: Summary,
    pub running_mode: RunningMode,
    pub tags: Vec<Tag>,
    /// Invitations by state.
    pub invitations: invitations::Counts,
    /// Why some of its people may get no address, while rows wait for their turn.
    pub warning: Option<String>,
    /// Rows that are not sent yet stand still for a change of DNS servers.
    pub freeze: Option<Freeze>,
}

/// What the list of launches is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Matches the starter's name, a person's name or account in it, or the launch id.
    pub q: String,
    pub status: Option<Status>,
}

/// How a launch stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Rows are still on their way.
    Running,
    /// Every row is final and none failed.
    Done,
    /// A row failed.
    Failed,
}

impl Status {
    pub const ALL: [Self; 3] = [Self::Running, Self::Done, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    pub fn from_query(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Rows of one launch that failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedRows {
    pub launch: LaunchId,
    pub directory_name: String,
    pub started_by: String,
    pub started: Stamp,
    /// One of the people, and how many they are.
    pub name: String,
    pub count: i64,
    pub failure: Failure,
}

/// What waits, for the start page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Today {
    /// Launches with rows on their way, the newest first; without those that wait.
    pub running: Vec<Summary>,
    /// Launches that wait for somebody, the newest first.
    pub paused: Vec<Summary>,
    /// Failed rows of launches of the last 14 days, the newest first.
    pub failed: Vec<FailedRows>,
    pub invitations: invitations::Waiting,
    /// AD Connectors in trouble.
    pub connectors: Vec<Trouble>,
    /// The fleet: how many WorkSpaces are in each of AWS's states.
    pub fleet: Vec<(String, i64)>,
    /// Offerings that nobody can ask for until an admin has looked at them.
    pub offerings: Vec<Flagged>,
    pub freshness: Freshness,
    pub drafts: Vec<DraftSummary>,
}
