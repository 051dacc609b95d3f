//! Setting up an AD Connector: the steps, the draft that keeps what is typed in them, and what was looked at before one is made.

use serde::{Deserialize, Serialize};

use super::{ConnectForm, Finding, Outcome};
use crate::{ConnectId, DirectoryId, FieldError, Stamp};

/// The wizard's steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectStep {
    Network,
    Directory,
    Preflight,
    Check,
}

impl ConnectStep {
    pub const ALL: [Self; 4] = [Self::Network, Self::Directory, Self::Preflight, Self::Check];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Directory => "directory",
            Self::Preflight => "preflight",
            Self::Check => "check",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Network => "Network",
            Self::Directory => "Directory",
            Self::Preflight => "Preflight",
            Self::Check => "Check",
        }
    }
}

/// How far the one call of ConnectDirectory is. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectState {
    /// Being put together; AWS knows nothing of it.
    Draft,
    /// AWS is being asked.
    Asking,
    /// AWS's answer was lost: Frontdesk looks for the connector.
    Unconfirmed,
    /// AWS has it.
    Created,
}

impl ConnectState {
    pub const ALL: [Self; 4] = [Self::Draft, Self::Asking, Self::Unconfirmed, Self::Created];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Asking => "asking",
            Self::Unconfirmed => "unconfirmed",
            Self::Created => "created",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A connector being set up: what was typed, right or wrong, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectDraft {
    pub id: ConnectId,
    pub form: ConnectForm,
    /// What the last save of a step found.
    pub errors: Vec<FieldError>,
    pub state: ConnectState,
    /// The connector that it became.
    pub directory: Option<DirectoryId>,
    /// What AWS or the domain controller said when it was last tried.
    pub refusal: Option<String>,
    /// The account that was named then.
    pub account: Option<String>,
    pub preflight: Option<Preflight>,
    /// A connector to this domain that stands in this VPC already.
    pub twin: Option<String>,
    /// Another one after each change.
    pub version: i64,
}

impl ConnectDraft {
    /// The first step that is not complete; `Check` when all are. The preflight may be passed over: it can't see everything.
    pub fn furthest(&self) -> ConnectStep {
        let wrong = |fields: &[&str]| self.errors.iter().any(|error| fields.contains(&error.field.as_str()));
        let form = &self.form;
        if form.vpc.is_empty() || form.subnets.is_empty() || wrong(&["vpc", "subnets"]) {
            ConnectStep::Network
        } else if form.domain().is_err() {
            ConnectStep::Directory
        } else {
            ConnectStep::Check
        }
    }

    pub fn may_open(&self, step: ConnectStep) -> bool {
        self.state == ConnectState::Draft && step <= self.furthest()
    }

    /// What a list shows of it.
    pub fn line(&self) -> ConnectLine {
        let state = match self.state {
            ConnectState::Asking | ConnectState::Unconfirmed => "AWS was asked, and its answer has not come",
            _ if self.refusal.is_some() => "AWS made none",
            _ => "not finished",
        };
        let name = if self.form.dns_name.is_empty() { "No domain named yet" } else { &self.form.dns_name };
        let step = if self.state == ConnectState::Draft { self.furthest() } else { ConnectStep::Check };
        ConnectLine { id: self.id, name: name.to_owned(), state: state.to_owned(), step: step.as_str().to_owned() }
    }
}

/// A draft in a list, in words of the server's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectLine {
    pub id: ConnectId,
    /// The domain's.
    pub name: String,
    pub state: String,
    /// The step to go on with, as its address has it.
    pub step: String,
}

/// What was looked at before anything is created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    pub at: Stamp,
    pub findings: Vec<Finding>,
}

impl Preflight {
    pub fn count(&self, outcome: Outcome) -> usize {
        self.findings.iter().filter(|finding| finding.outcome == outcome).count()
    }
}
