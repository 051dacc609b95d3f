//! Faults that somebody switched on, each for some operation and a number of times.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// One entry of a batch fails with this code: for these users, or for the next ones that come.
    FailItem {
        code: String,
        #[serde(default)]
        message: String,
        #[serde(default)]
        users: Vec<String>,
    },
    /// The work is done, and the connection breaks before the answer.
    LoseReply,
    /// ThrottlingException although the rate was kept.
    Throttle,
    /// HTTP 500; nothing is done.
    ServerError,
    /// The work is done and the answer comes so much later.
    Delay { ms: u64 },
}

/// A fault that is on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fault {
    #[serde(default)]
    pub id: u64,
    /// `CreateWorkspaces`, `SendEmail`, …; every operation if not given.
    #[serde(default)]
    pub operation: Option<String>,
    #[serde(flatten)]
    pub kind: Kind,
    /// How many times more; for ever if not given.
    #[serde(default)]
    pub times: Option<u32>,
}

/// All that are on.
#[derive(Debug, Default)]
pub struct Faults {
    on: Mutex<Vec<Fault>>,
    next: AtomicU64,
}

impl Faults {
    fn on(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.on.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Switches a fault on; its number.
    pub fn add(&self, mut fault: Fault) -> u64 {
        fault.id = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let id = fault.id;
        self.on().push(fault);
        id
    }

    pub fn clear(&self) {
        self.on().clear();
    }

    pub fn list(&self) -> Vec<Fault> {
        self.on().clone()
    }

    /// Uses up one time of the first fault that fits.
    pub(crate) fn take<T>(&self, operation: &str, fits: impl Fn(&Kind) -> Option<T>) -> Option<T> {
        let mut on = self.on();
        let matches = |fault: &Fault| fault.operation.as_deref().is_none_or(|wanted| wanted == operation);
        let (index, found) =
            on.iter().enumerate().find_map(|(index, fault)| Some((index, fits(&fault.kind).filter(|_| matches(fault))?)))?;
        if let Some(fault) = on.get_mut(index)
            && let Some(times) = &mut fault.times
        {
            *times = times.saturating_sub(1);
        }
        on.retain(|fault| fault.times != Some(0));
        Some(found)
    }
}
