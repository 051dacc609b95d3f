//! The call log: the last calls, and totals for ever.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use serde::Serialize;

/// The last calls that are kept.
const KEPT: usize = 2_000;

/// What the services call being asked too often.
const THROTTLES: [&str; 4] = ["ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"];

/// One call.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    pub at: DateTime<Utc>,
    pub service: &'static str,
    pub operation: String,
    pub status: u16,
    /// AWS's error code, or what the fault did.
    pub error: Option<String>,
    /// It came faster than AWS allows; no fault made it so.
    pub over_rate: bool,
    pub ms: u128,
}

/// Calls and throttles of one operation.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Count {
    pub calls: u64,
    pub throttled: u64,
    /// Those of them that no fault made.
    pub over_rate: u64,
}

#[derive(Debug, Default)]
struct Kept {
    last: VecDeque<Call>,
    counts: BTreeMap<String, Count>,
}

/// Thread-safe.
#[derive(Debug, Default)]
pub struct Calls(Mutex<Kept>);

impl Calls {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, call: Call) {
        let mut kept = self.kept();
        let count = kept.counts.entry(format!("{}:{}", call.service, call.operation)).or_default();
        count.calls += 1;
        if call.error.as_deref().is_some_and(|code| THROTTLES.contains(&code)) {
            count.throttled += 1;
        }
        count.over_rate += u64::from(call.over_rate);
        if kept.last.len() == KEPT {
            kept.last.pop_front();
        }
        kept.last.push_back(call);
    }

    /// The newest first.
    pub fn last(&self) -> Vec<Call> {
        self.kept().last.iter().rev().cloned().collect()
    }

    /// By `service:operation`.
    pub fn counts(&self) -> BTreeMap<String, Count> {
        self.kept().counts.clone()
    }
}
