//! Faults that somebody switched on: for an operation, by count, by probability, or by item.
//!
//! Operations are AWS's (`CreateWorkspaces`, `SendEmail`, …), LDAP's (`Connect`, `Bind`, `Search`), DNS's (`Lookup`), Kerberos'
//! (`Authenticate`) and the provider's (`Token`).

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// One entry of a batch fails with this code.
    FailItem {
        code: String,
        #[serde(default)]
        message: String,
    },
    /// The whole call is refused with this code; nothing is done.
    Refuse {
        code: String,
        #[serde(default)]
        message: String,
    },
    /// The work is done, and the connection breaks before the answer.
    LoseReply,
    /// The answer never comes, until the client gives up.
    TimeOut {
        #[serde(default)]
        work_done: bool,
    },
    /// ThrottlingException although the rate was kept.
    Throttle,
    /// HTTP 500, or LDAP's `unavailable`; nothing is done.
    ServerError,
    /// The work is done and the answer comes so much later.
    Delay { ms: u64 },
    /// A new WorkSpace is shown so much later than others are.
    LateVisibility { ms: u64 },
    /// A WorkSpace that is made, started, stopped or rebooted ends in ERROR, a new registration in ERROR, a new connector in Failed.
    EndInError,
    /// The guard against doubles is off.
    AllowDouble,
    /// AWS's clock goes so much before ours: signatures older or newer than five minutes are refused.
    ClockSkew { seconds: i64 },
}

/// A fault that is on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fault {
    #[serde(default)]
    pub id: u64,
    /// Every operation if not given.
    #[serde(default)]
    pub operation: Option<String>,
    #[serde(flatten)]
    pub kind: Kind,
    /// How many times more; for ever if not given.
    #[serde(default)]
    pub times: Option<u32>,
    /// From 0 to 1, each time anew; always if not given.
    #[serde(default)]
    pub probability: Option<f64>,
    /// Only these: user names, mail addresses, ids. Anybody if empty.
    #[serde(default)]
    pub items: Vec<String>,
}

impl Fault {
    /// For ever and for anybody.
    pub fn new(operation: &str, kind: Kind) -> Self {
        Self { id: 0, operation: Some(operation.to_owned()), kind, times: None, probability: None, items: Vec::new() }
    }

    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    #[must_use]
    pub fn items(self, items: Vec<String>) -> Self {
        Self { items, ..self }
    }

    fn hits(&self, operation: &str, whom: Whom<'_>) -> bool {
        self.operation.as_deref().is_none_or(|wanted| wanted == operation)
            && (self.items.is_empty() || self.items.iter().any(|item| whom.is(item)))
            && self.probability.is_none_or(|probability| rand::random::<f64>() < probability)
    }
}

/// Whom a call is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whom<'a> {
    /// One entry of a batch, by its user name.
    Entry(&'a str),
    /// A whole call, by its text: whoever is named in it.
    Call(&'a str),
}

impl Whom<'_> {
    fn is(self, item: &str) -> bool {
        match self {
            Self::Entry(name) => name.eq_ignore_ascii_case(item),
            Self::Call(text) => text.to_lowercase().contains(&item.to_lowercase()),
        }
    }
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

    /// Uses up one time of the first fault that fits and hits.
    pub(crate) fn take<T>(&self, operation: &str, whom: Whom<'_>, fits: impl Fn(&Kind) -> Option<T>) -> Option<T> {
        let mut on = self.on();
        let (fault, found) = on.iter_mut().find_map(|fault| {
            let found = fits(&fault.kind)?;
            fault.hits(operation, whom).then_some((fault, found))
        })?;
        if let Some(times) = &mut fault.times {
            *times = times.saturating_sub(1);
        }
        on.retain(|fault| fault.times != Some(0));
        Some(found)
    }

    /// Whether a fault of this kind hits now.
    pub(crate) fn takes(&self, operation: &str, whom: Whom<'_>, kind: &Kind) -> bool {
        self.take(operation, whom, |known| (known == kind).then_some(())).is_some()
    }

    /// How much later the answer comes.
    pub(crate) fn delay(&self, operation: &str, whom: Whom<'_>) -> Option<std::time::Duration> {
        self.take(operation, whom, |kind| match kind {
            Kind::Delay { ms } => Some(std::time::Duration::from_millis(*ms)),
            _ => None,
        })
    }
}
