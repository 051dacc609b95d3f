//! A list of people that was pasted or uploaded, and what each of its lines came to.

use serde::{Deserialize, Serialize};

use crate::{Page, PersonGuid, Stamp, people::Obstacles};

/// Largest list in bytes.
pub const LARGEST_LIST: usize = 4 << 20;

/// What a list was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// By its name in the WHATWG Encoding Standard, for example `windows-1252`.
    pub encoding: String,
    pub separator: char,
    /// Whether the first line names the columns.
    pub header: bool,
    /// Columns whose names mean nothing here.
    pub ignored: Vec<String>,
}

/// Somebody a line may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub guid: PersonGuid,
    pub name: String,
    pub account: String,
    pub mail: Option<String>,
    pub department: Option<String>,
}

/// What a line came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Added,
    /// On the draft already.
    Known,
    /// Means the same person as an earlier line.
    Twice {
        first: u32,
    },
    NotFound,
    /// Means several people, of whom somebody has to choose.
    Ambiguous {
        candidates: Vec<Candidate>,
    },
    NotEligible {
        obstacles: Obstacles,
    },
    /// Can't be read.
    Unusable {
        problem: String,
    },
}

impl Verdict {
    pub fn kind(&self) -> LineKind {
        match self {
            Self::Added => LineKind::Added,
            Self::Known => LineKind::Known,
            Self::Twice { .. } => LineKind::Twice,
            Self::NotFound => LineKind::NotFound,
            Self::Ambiguous { .. } => LineKind::Ambiguous,
            Self::NotEligible { .. } => LineKind::NotEligible,
            Self::Unusable { .. } => LineKind::Unusable,
        }
    }
}

/// A verdict without its details, to filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineKind {
    Added,
    Known,
    Twice,
    NotFound,
    Ambiguous,
    NotEligible,
    Unusable,
}

impl LineKind {
    /// What somebody has to look at stands first.
    pub const ALL: [Self; 7] =
        [Self::Ambiguous, Self::NotFound, Self::NotEligible, Self::Unusable, Self::Twice, Self::Known, Self::Added];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Known => "known",
            Self::Twice => "twice",
            Self::NotFound => "not_found",
            Self::Ambiguous => "ambiguous",
            Self::NotEligible => "not_eligible",
            Self::Unusable => "unusable",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Added => "Added",
            Self::Known => "Chosen before",
            Self::Twice => "Twice",
            Self::NotFound => "Not found",
            Self::Ambiguous => "Choose one",
            Self::NotEligible => "Not possible",
            Self::Unusable => "Not readable",
        }
    }
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// 1-based, as an editor counts.
    pub number: u32,
    /// The account or mail address, as written.
    pub written: String,
    /// The person, where the line means one.
    pub person: Option<(PersonGuid, String)>,
    pub verdict: Verdict,
}

/// What came of a draft's last list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The file's name, or what it was if it was pasted.
    pub name: String,
    pub read: Stamp,
    pub columns: Columns,
    pub counts: Vec<(LineKind, i64)>,
    pub lines: Page<Line>,
}
