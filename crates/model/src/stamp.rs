//! A moment as people read it.

use serde::{Deserialize, Serialize};

/// A moment in words, all made by the server: the browser does not know the reader's zone, and words made on both sides
/// would differ on hydration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// For example `23 Nov 2026, 14:05`, in the reader's time zone.
    pub local: String,
    /// For example `3 minutes ago` or `in 12 days`, relative to the answer's own time.
    pub ago: String,
    /// `2026-11-23 13:05:11 UTC`, for the tooltip.
    pub utc: String,
    /// The machine-readable form for `<time datetime>`.
    pub machine: String,
}
