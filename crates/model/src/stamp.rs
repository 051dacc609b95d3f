//! A moment as people read it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A moment, with its text in the reader's time zone already made by the server: the browser does not know the zone, and
/// text made on both sides would differ on hydration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub at: DateTime<Utc>,
    /// For example `23 Nov 2026, 14:05`.
    pub local: String,
    /// For example `3 minutes ago`, relative to the answer's own time.
    pub ago: String,
}

impl Stamp {
    /// `2026-11-23 13:05:11 UTC`, for the tooltip.
    pub fn utc(&self) -> String {
        self.at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
    }

    /// The machine-readable form for `<time datetime>`.
    pub fn machine(&self) -> String {
        self.at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}
