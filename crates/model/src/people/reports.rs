//! Who stands below a manager.

use serde::{Deserialize, Serialize};

use super::Person;
use crate::PersonGuid;

/// Somebody below a manager in Active Directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub person: Person,
    /// 1 for those who name the manager themselves.
    pub depth: u32,
    /// Whom they name as their manager.
    pub manager: PersonGuid,
}

/// Everybody below a manager, nearest first, and in order of their names. Each stands there once, also where people manage each
/// other in a circle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reports {
    pub people: Vec<Report>,
    /// There are more; how far was looked.
    pub cut: Option<Cut>,
}

/// Why not everybody below a manager is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// After so many people.
    People(u32),
    /// After so many levels.
    Levels(u32),
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::People(count) => write!(f, "Only the first {count} people are shown; there are more."),
            Self::Levels(count) => write!(f, "Only {count} levels are shown; there are more below."),
        }
    }
}
