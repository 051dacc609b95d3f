//! What the sandbox remembers: WorkSpaces, directories, mails, and how it behaves. Kept in a file if one is named.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::directories::{self, Connector, IpGroup, Registration};

/// How AWS behaves here; changeable while running.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Behaviour {
    /// From CreateWorkspaces to AVAILABLE.
    pub pending_ms: u64,
    /// From StartWorkspaces to AVAILABLE, from StopWorkspaces to STOPPED, from RebootWorkspaces to AVAILABLE again.
    pub starting_ms: u64,
    pub stopping_ms: u64,
    pub rebooting_ms: u64,
    /// How long a new WorkSpace is not shown by DescribeWorkspaces.
    pub visibility_lag_ms: u64,
    /// 2 calls a second with a burst of 5 over all operations of WorkSpaces.
    pub throttle: bool,
    /// The guard against doubles: a second WorkSpace of a user in a directory is refused.
    pub one_workspace_per_user: bool,
    /// SendEmail a second.
    pub ses_rate: f64,
    /// Mails in 24 hours.
    pub ses_quota: usize,
    /// Out of the SES sandbox, in which mail goes to verified identities only.
    pub ses_production: bool,
    /// Whether the sender's identity is verified.
    pub ses_verified: bool,
    /// WorkSpaces that the account may have.
    pub quota: usize,
    /// DeviceTypeWeb of a registered directory for which nobody has set it.
    pub web_access: bool,
    /// From ConnectDirectory to the stage Creating, and from there to Active or Failed.
    pub connector_requested_ms: u64,
    pub connector_creating_ms: u64,
    /// For how long a connector is Updating when its DNS addresses are changed; the new ones are shown at once.
    pub connector_updating_ms: u64,
    /// From DeleteDirectory until the connector is gone.
    pub connector_deleting_ms: u64,
    /// From RegisterWorkspaceDirectory to REGISTERED or ERROR.
    pub registering_ms: u64,
    /// From DeregisterWorkspaceDirectory until WorkSpaces does not know the directory any more.
    pub deregistering_ms: u64,
    /// How long after that DeleteDirectory still finds authorized applications.
    pub release_ms: u64,
    /// AD Connectors that the account may have.
    pub connector_quota: usize,
    /// Whether the account has the role workspaces_DefaultRole.
    pub default_role: bool,
}

impl Behaviour {
    /// What takes AWS its time takes none, except WorkSpaces.
    #[must_use]
    pub fn with_prompt_directories(self) -> Self {
        Self {
            connector_requested_ms: 0,
            connector_creating_ms: 0,
            connector_updating_ms: 0,
            connector_deleting_ms: 0,
            registering_ms: 0,
            deregistering_ms: 0,
            release_ms: 0,
            ..self
        }
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            pending_ms: 20_000,
            starting_ms: 6_000,
            stopping_ms: 5_000,
            rebooting_ms: 8_000,
            visibility_lag_ms: 1_500,
            throttle: true,
            one_workspace_per_user: true,
            ses_rate: 14.0,
            ses_quota: 50_000,
            ses_production: true,
            ses_verified: true,
            quota: 10_000,
            web_access: false,
            connector_requested_ms: 5_000,
            connector_creating_ms: 25_000,
            // Journeys verify a change as soon as they see it; who wants the stage asks for it.
            connector_updating_ms: 0,
            connector_deleting_ms: 10_000,
            registering_ms: 8_000,
            deregistering_ms: 8_000,
            release_ms: 20_000,
            connector_quota: 10,
            default_role: true,
        }
    }
}

/// One WorkSpace, kept after its termination for those who count.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Workspace {
    pub id: String,
    pub directory: String,
    pub user_name: String,
    pub bundle: String,
    pub running_mode: String,
    pub auto_stop_minutes: Option<i64>,
    pub tags: Vec<(String, String)>,
    pub created_at: DateTime<Utc>,
    pub available_at: DateTime<Utc>,
    pub visible_at: DateTime<Utc>,
    pub terminated_at: Option<DateTime<Utc>>,
    /// A state other than the one that time brings: STOPPED, UNHEALTHY, ERROR.
    pub state: Option<String>,
    /// On the way to that state.
    #[serde(default)]
    pub change: Option<Change>,
    /// When its user last signed in to it; nobody does so by themselves.
    #[serde(default)]
    pub signed_in_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub volumes: Volumes,
}

/// Sizes in GiB, 0 where nobody said; and what is encrypted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volumes {
    pub root_gib: u64,
    pub user_gib: u64,
    pub encrypted_root: bool,
    pub encrypted_user: bool,
    pub key: Option<String>,
}

/// What lies before a state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Change {
    /// STARTING, STOPPING, REBOOTING.
    pub through: String,
    pub until: DateTime<Utc>,
}

impl Workspace {
    /// `None` when it is not shown: too new, or gone.
    pub fn state_at(&self, now: DateTime<Utc>) -> Option<&str> {
        match self.terminated_at {
            Some(at) if now > at + Duration::from_secs(5) => None,
            Some(_) => Some("TERMINATING"),
            None if now < self.visible_at => None,
            None if now < self.available_at => Some("PENDING"),
            None => match &self.change {
                Some(change) if now < change.until => Some(&change.through),
                _ => Some(self.state.as_deref().unwrap_or("AVAILABLE")),
            },
        }
    }

    pub fn is_gone(&self) -> bool {
        self.terminated_at.is_some()
    }
}

/// A mail as it was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Mail {
    pub id: String,
    pub at: DateTime<Utc>,
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub tags: Vec<(String, String)>,
}

/// Everything that outlives a restart. A file from before there were directories gets the first ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    pub workspaces: Vec<Workspace>,
    pub mails: Vec<Mail>,
    pub next_number: u64,
    pub connectors: Vec<Connector>,
    pub registrations: Vec<Registration>,
    pub ip_groups: Vec<IpGroup>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            workspaces: Vec::new(),
            mails: Vec::new(),
            next_number: 0,
            connectors: directories::connectors(),
            registrations: directories::registrations(),
            ip_groups: Vec::new(),
        }
    }
}

/// The memory, its file and the behaviour.
#[derive(Debug)]
pub struct State {
    memory: Mutex<Memory>,
    behaviour: Mutex<Behaviour>,
    file: Mutex<Option<PathBuf>>,
    pub(crate) changed: Notify,
}

impl State {
    /// Reads the file if there is one; true says that it was there.
    pub(crate) fn open(file: Option<PathBuf>, behaviour: Behaviour) -> anyhow::Result<(Self, bool)> {
        let kept = match &file {
            Some(path) if path.exists() => {
                let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
                Some(serde_json::from_str(&text).with_context(|| format!("{} is not a sandbox's state", path.display()))?)
            }
            _ => None,
        };
        let found = kept.is_some();
        let state = Self {
            memory: Mutex::new(kept.unwrap_or_default()),
            behaviour: Mutex::new(behaviour),
            file: Mutex::new(file),
            changed: Notify::new(),
        };
        Ok((state, found))
    }

    pub fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the memory; the file follows.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Memory) -> T) -> T {
        let result = change(&mut self.memory());
        self.changed.notify_one();
        result
    }

    /// Has the user of a WorkSpace sign in to it; false if it is not there for them.
    pub fn sign_in(&self, id: &str, now: DateTime<Utc>) -> bool {
        self.change(|memory| {
            let found = memory.workspaces.iter_mut().find(|workspace| workspace.id == id);
            let Some(workspace) = found.filter(|workspace| workspace.state_at(now) == Some("AVAILABLE")) else { return false };
            workspace.signed_in_at = Some(now);
            true
        })
    }

    pub fn behaviour(&self) -> Behaviour {
        self.behaviour.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_behaviour(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// Writes the file, whole or not at all.
    pub(crate) fn save(&self) -> anyhow::Result<()> {
        self.write(self.file().as_deref())
    }

    /// Writes the file a last time: a write that was under way is waited for, and none comes after.
    pub(crate) fn close(&self) -> anyhow::Result<()> {
        let mut file = self.file();
        self.write(file.as_deref())?;
        *file = None;
        Ok(())
    }

    /// The file, for one writer at a time: two would take the unfinished one away from each other, and the later could
    /// be the one that knows less.
    fn file(&self) -> MutexGuard<'_, Option<PathBuf>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, file: Option<&Path>) -> anyhow::Result<()> {
        let Some(path) = file else { return Ok(()) };
        // A copy, so that nobody waits for the writing.
        let memory = self.memory().clone();
        let text = serde_json::to_string(&memory)?;
        let beside = beside(path);
        fs::write(&beside, text).with_context(|| format!("writing {}", beside.display()))?;
        fs::rename(&beside, path).with_context(|| format!("writing {}", path.display()))
    }
}

fn beside(path: &Path) -> PathBuf {
    path.with_extension("new")
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// A save by the clock and the last one of a shutdown.
    #[test]
    fn writers_at_once_wait_for_each_other_and_none_writes_after_the_end() {
        let folder = std::env::temp_dir().join(format!("frontdesk-sandbox-writers-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("state.json");
        let (state, _) = State::open(Some(file.clone()), Behaviour::default()).unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50).for_each(|_| state.save().unwrap()));
            }
        });
        state.change(|memory| memory.next_number = 7);
        state.close().unwrap();
        state.change(|memory| memory.next_number = 8);
        state.save().unwrap();
        let (kept, found) = State::open(Some(file), Behaviour::default()).unwrap();
        assert!(found);
        assert_eq!(kept.memory().next_number, 7);
        fs::remove_dir_all(&folder).unwrap();
    }
}
