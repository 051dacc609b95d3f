//! Changing a connector's DNS servers, as AWS prescribes it (WorkSpaces Admin Guide, `update-dns-server`): one address at a time;
//! the WorkSpaces that exist first, then the connector, while the old server still answers; and no launch in the quarter of an
//! hour before and after the connector's change. AWS has no API for the change itself: somebody makes it in its console, and
//! Frontdesk sees it.

mod server;
mod told;

use serde::{Deserialize, Serialize};

pub use self::{
    server::{DnsForm, Replacement, Shown, judge_server, parse_server, replaced, same_servers},
    told::{DnsCounts, DnsFilter, DnsWorkspace, LARGEST_OUTCOMES, LineProblem, MOST_OUTCOMES, OutcomesRead, Told},
};
use super::{Directory, Finding, Freshness, Outcome, readiness::console};
use crate::{DirectoryId, DnsChangeId, Page, Stamp};

/// For how long before and after the connector's change nothing is launched in its directory (`update-dns-server`).
pub const QUIET_MINUTES: i64 = 15;

/// How far a change is. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DnsState {
    /// The WorkSpaces that exist are told of the new server.
    Workspaces,
    /// Nothing is launched in the directory; AWS shows the connector as it was.
    Frozen,
    /// AWS shows the connector with the new address.
    Changed,
    /// Verified and closed.
    Done,
    /// Given up.
    Abandoned,
}

/// What moves a change on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsMove {
    /// Somebody freezes launches.
    Freeze,
    /// AWS shows exactly the wanted addresses.
    Seen,
    /// Somebody closes it.
    Finish,
    /// Somebody gives it up.
    Abandon,
}

impl DnsState {
    pub const ALL: [Self; 5] = [Self::Workspaces, Self::Frozen, Self::Changed, Self::Done, Self::Abandoned];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workspaces => "workspaces",
            Self::Frozen => "frozen",
            Self::Changed => "changed",
            Self::Done => "done",
            Self::Abandoned => "abandoned",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Workspaces => "WorkSpaces first",
            Self::Frozen => "Launches frozen",
            Self::Changed => "Changed, to verify",
            Self::Done => "Done",
            Self::Abandoned => "Abandoned",
        }
    }

    /// Whether there is still something to do; at most one of a directory is.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Workspaces | Self::Frozen | Self::Changed)
    }

    /// Where the move leads; `None` where it can't be made. The connector may be changed before launches were frozen: AWS is not
    /// asked for leave, so what it shows counts.
    pub fn after(self, made: DnsMove) -> Option<Self> {
        match (self, made) {
            (Self::Workspaces, DnsMove::Freeze) => Some(Self::Frozen),
            (Self::Workspaces | Self::Frozen, DnsMove::Seen) => Some(Self::Changed),
            (Self::Changed, DnsMove::Finish) => Some(Self::Done),
            (live, DnsMove::Abandon) if live.is_live() => Some(Self::Abandoned),
            _ => None,
        }
    }
}

/// That nothing is launched in a directory just now. Rows of launches wait and go on by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    pub change: DnsChangeId,
    pub since: Stamp,
    /// `None` while AWS does not show the change.
    pub until: Option<Stamp>,
}

impl Freeze {
    pub fn sentence(&self) -> String {
        let until = match &self.until {
            Some(until) => format!("They go on by themselves at {}.", until.local),
            None => format!("They go on by themselves {QUIET_MINUTES} minutes after AWS shows the change."),
        };
        format!(
            "A DNS server of this directory is being changed since {}. Nothing is sent to AWS meanwhile and nobody is lost. {until}",
            self.since.local
        )
    }
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub at: Stamp,
    pub by: String,
}

/// A change of one DNS address of a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsChange {
    pub id: DnsChangeId,
    pub directory: DirectoryId,
    /// The domain's DNS name.
    pub domain: String,
    pub old: String,
    pub new: String,
    /// The connector's addresses when it was begun.
    pub before: Vec<String>,
    pub state: DnsState,
    pub begun: Moment,
    /// What was seen of the new server then.
    pub findings: Vec<Finding>,
    pub frozen: Option<Moment>,
    /// How many WorkSpaces were not done when launches were frozen; somebody said that this is meant.
    pub left_then: i64,
    /// When the connector may be changed, and whether that is now.
    pub opens: Option<Stamp>,
    pub may_change: bool,
    /// When launches go on, and whether they stand still now.
    pub thaws: Option<Stamp>,
    pub is_frozen: bool,
    /// When AWS first showed the new address.
    pub changed: Option<Stamp>,
    /// The connector was changed before launches had stood still for long enough.
    pub early: bool,
    pub verified: Option<Moment>,
    /// What was seen when it was verified.
    pub verification: Vec<Finding>,
    pub ended: Option<Moment>,
    pub reason: Option<String>,
    pub counts: DnsCounts,
}

impl DnsChange {
    pub fn title(&self) -> String {
        format!("{} \u{2192} {}", self.old, self.new)
    }

    pub fn wanted(&self) -> Vec<String> {
        replaced(&self.before, &self.old, &self.new)
    }

    /// Whether the last verification found nothing wrong.
    pub fn is_verified(&self) -> bool {
        self.verified.is_some() && !self.verification.iter().any(|finding| finding.outcome == Outcome::Fail)
    }
}

/// A change with all that its page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsChangePage {
    pub change: DnsChange,
    pub directory: Directory,
    pub shown: Shown,
    /// Launch rows that AWS was sent in the last quarter of an hour, and those that wait.
    pub sent_lately: i64,
    pub waiting: i64,
    /// Where the connector is changed.
    pub console: String,
    pub outcomes: Option<OutcomesRead>,
    pub workspaces: Page<DnsWorkspace>,
    pub freshness: Freshness,
}

/// The AWS console's page of a directory, in the Region's partition.
pub fn console_url(region: &str, id: &DirectoryId) -> String {
    console(region, &format!("directoryservicev2/home?region={region}#!/directories/{id}/details"))
}

impl Directory {
    /// Why its DNS servers can't be changed now. A connector in trouble may be in trouble for want of one of them.
    pub fn why_not_dns(&self) -> Option<String> {
        match self.stage.as_str() {
            "Active" | "Impaired" | "Inoperable" => {}
            other => return Some(format!("Directory Service says {other}. DNS servers are changed once it is Active.")),
        }
        self.dns.is_empty().then(|| "AWS shows no DNS addresses of this directory yet.".to_owned())
    }
}

#[cfg(test)]
mod tests;
