//! Changing a connector's DNS servers, as AWS prescribes it (WorkSpaces Admin Guide, `update-dns-server`): one address at a time;
//! the WorkSpaces that exist first, then the connector, while the old server still answers; and no launch in the quarter of an
//! hour before and after the connector's change. AWS has no API for the change itself: somebody makes it in its console, and
//! Frontdesk sees it.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use super::{Directory, Finding, Freshness, Outcome};
use crate::{DirectoryId, DnsChangeId, FieldError, Page, Stamp, WorkspaceId};

/// For how long before and after the connector's change nothing is launched in its directory (`update-dns-server`).
pub const QUIET_MINUTES: i64 = 15;

/// The largest list of outcomes that is read, in bytes, and the most lines it has.
pub const LARGEST_OUTCOMES: usize = 1 << 20;
pub const MOST_OUTCOMES: usize = 5_000;

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

/// Reads the address of a domain's DNS server as somebody typed it.
///
/// # Errors
/// What is wrong with it, in words for its field; also for addresses that no server has (RFC 1112, 3927, 5737).
pub fn parse_server(typed: &str) -> Result<Ipv4Addr, &'static str> {
    match typed.trim().parse() {
        Err(_) if typed.trim().is_empty() => Err("Give the address of a DNS server of the domain."),
        Err(_) => Err("Write an IPv4 address: four numbers from 0 to 255, such as 10.0.0.10."),
        Ok(IpAddr::V6(_)) => Err("This is an IPv6 address. Give the server's IPv4 address."),
        Ok(IpAddr::V4(address)) if is_nobodys(address) => Err("No server has this address."),
        Ok(IpAddr::V4(address)) => Ok(address),
    }
}

fn is_nobodys(address: Ipv4Addr) -> bool {
    address.is_unspecified()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_link_local()
        || address.is_documentation()
}

/// One address for another, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DnsForm {
    /// One of the connector's addresses.
    pub old: String,
    pub new: String,
    /// "Go on although it can't be reached from here."
    pub unreachable: bool,
}

/// One address for another, right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replacement {
    pub old: Ipv4Addr,
    pub new: Ipv4Addr,
}

impl DnsForm {
    /// `current` are the addresses that AWS shows of the connector.
    ///
    /// # Errors
    /// All fields that are wrong, at once.
    pub fn parse(&self, current: &[String]) -> Result<Replacement, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut note = |field: &str, message: &str| errors.push(FieldError { field: field.into(), message: message.into() });
        let old = self.old.trim().parse().ok().filter(|old: &Ipv4Addr| current.contains(&old.to_string()));
        if old.is_none() {
            note("old", "Choose which of the connector\u{2019}s addresses is replaced.");
        }
        let new = match parse_server(&self.new) {
            Ok(new) if current.contains(&new.to_string()) => {
                note("new", "The connector has this address already. Give the new server\u{2019}s address.");
                None
            }
            Ok(new) => Some(new),
            Err(problem) => {
                note("new", problem);
                None
            }
        };
        old.zip(new).map(|(old, new)| Replacement { old, new }).ok_or(errors)
    }
}

/// The addresses with one replaced, in the same order.
pub fn replaced(before: &[String], old: &str, new: &str) -> Vec<String> {
    before.iter().map(|address| if address == old { new } else { address }.to_owned()).collect()
}

/// Whether a look at the new server allows going on.
///
/// # Errors
/// On `new` where the server answers and does not know the domain; on `unreachable` where it does not answer and nobody said
/// that this is known.
pub fn judge_server(findings: &[Finding], unreachable: bool) -> crate::Result<()> {
    let told = |outcome: Outcome| findings.iter().find(|finding| finding.outcome == outcome);
    if let Some(finding) = told(Outcome::Fail) {
        let Finding { what, seen, .. } = finding;
        let words = format!("{what}: {seen}. Nothing was begun. Give a DNS server that knows the domain.");
        return Err(crate::Error::invalid("new", words));
    }
    match told(Outcome::CantTell) {
        Some(finding) if !unreachable => {
            let words = format!(
                "{}: {}. Nothing was begun. Check the address; if the connector\u{2019}s subnets reach it and Frontdesk does not, tick that you know.",
                finding.what, finding.seen
            );
            Err(crate::Error::invalid("unreachable", words))
        }
        _ => Ok(()),
    }
}

/// What AWS shows of the connector, beside what was there before and what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    AsBefore,
    AsWanted,
    /// Neither: somebody typed another address, or changed another one.
    Otherwise,
}

impl Shown {
    /// The order of addresses says nothing.
    pub fn of(shown: &[String], before: &[String], old: &str, new: &str) -> Self {
        if same_servers(shown, before) {
            Self::AsBefore
        } else if same_servers(shown, &replaced(before, old, new)) {
            Self::AsWanted
        } else {
            Self::Otherwise
        }
    }
}

/// Whether two lists hold the same addresses.
pub fn same_servers(one: &[String], other: &[String]) -> bool {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    sorted(one) == sorted(other)
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

/// What became of one WorkSpace. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    Open,
    /// It knows the new server, and uses it after its next restart.
    Restart,
    Done,
    /// Left out on purpose.
    Skipped,
}

impl Told {
    pub const ALL: [Self; 4] = [Self::Open, Self::Restart, Self::Done, Self::Skipped];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Restart => "restart",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| told.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "To do",
            Self::Restart => "Restart due",
            Self::Done => "Done",
            Self::Skipped => "Skipped",
        }
    }

    /// What a result in a list means, as the script writes it or a person would; `None` for a word that says nothing.
    pub fn from_result(written: &str) -> Option<Self> {
        match written.trim().to_lowercase().as_str() {
            "done" | "restarting" | "already" | "ok" | "yes" => Some(Self::Done),
            "changed" | "restart" => Some(Self::Restart),
            "skipped" | "skip" => Some(Self::Skipped),
            "open" | "absent" | "failed" | "whatif" | "no" => Some(Self::Open),
            _ => None,
        }
    }
}

/// A WorkSpace of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsWorkspace {
    pub id: WorkspaceId,
    pub user_name: String,
    pub computer_name: Option<String>,
    /// AWS's state now; `None` when AWS does not show it any more.
    pub state: Option<String>,
    pub told: Told,
    pub note: Option<String>,
    /// Who said so, and when.
    pub by: Option<String>,
    pub at: Option<Stamp>,
    /// It was launched after the change was begun.
    pub late: bool,
}

/// How many WorkSpaces stand where. Those that AWS does not show any more have no say: there is nothing left to tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsCounts {
    pub open: i64,
    pub restart: i64,
    pub done: i64,
    pub skipped: i64,
    pub gone: i64,
}

impl DnsCounts {
    /// All that are still there.
    pub fn total(&self) -> i64 {
        self.open + self.restart + self.done + self.skipped
    }

    pub fn of(&self, told: Told) -> i64 {
        match told {
            Told::Open => self.open,
            Told::Restart => self.restart,
            Told::Done => self.done,
            Told::Skipped => self.skipped,
        }
    }

    /// Those that AWS's order wants done before the connector is changed.
    pub fn left(&self) -> i64 {
        self.open + self.restart
    }

    pub fn sentence(&self) -> String {
        let mut words = format!("{} of {} done", self.done, self.total());
        for (count, word) in [(self.restart, "to restart"), (self.skipped, "skipped"), (self.gone, "gone since")] {
            if count > 0 {
                words.push_str(&format!(", {count} {word}"));
            }
        }
        words
    }
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub at: Stamp,
    pub by: String,
}

/// What the last list of outcomes came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomesRead {
    pub name: String,
    /// Lines that were taken over.
    pub taken: u32,
    pub refused: u32,
    /// The first of those that were not: where, and why.
    pub problems: Vec<LineProblem>,
}

/// A line of a list that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineProblem {
    /// 1-based, as an editor counts.
    pub line: u32,
    pub written: String,
    pub problem: String,
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

/// What a list of a change's WorkSpaces is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsFilter {
    /// Matches a user, computer or WorkSpace.
    pub q: String,
    pub told: Option<Told>,
}

/// The AWS console's page of a directory, in the Region's partition.
pub fn console_url(region: &str, id: &DirectoryId) -> String {
    let host = if region.starts_with("cn-") {
        format!("{region}.console.amazonaws.cn")
    } else if region.starts_with("us-gov-") {
        format!("{region}.console.amazonaws-us-gov.com")
    } else {
        format!("{region}.console.aws.amazon.com")
    };
    format!("https://{host}/directoryservicev2/home?region={region}#!/directories/{id}/details")
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
