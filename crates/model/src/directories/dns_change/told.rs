//! The WorkSpaces that have to know the new server, and what became of each.

use serde::{Deserialize, Serialize};

use crate::{Stamp, WorkspaceId};

/// The largest list of outcomes that is read, in bytes, and the most lines it has.
pub const LARGEST_OUTCOMES: usize = 1 << 20;
pub const MOST_OUTCOMES: usize = 5_000;

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

/// What a list of a change's WorkSpaces is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsFilter {
    /// Matches a user, computer or WorkSpace.
    pub q: String,
    pub told: Option<Told>,
}
