//! An action on some WorkSpaces: what it would do, and how far each of them is.

use serde::{Deserialize, Serialize};

use super::{Workspace, WorkspaceAction};
use crate::{BatchId, Stamp, WorkspaceId};

/// The most WorkSpaces of one batch.
pub const MOST_AT_ONCE: usize = 500;

/// A WorkSpace that an action was chosen for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub workspace: Workspace,
    /// Why the action can't be done to it.
    pub why_not: Option<String>,
}

/// What an action would do, before anybody has said yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    pub id: BatchId,
    pub action: WorkspaceAction,
    /// Those that it would be done to.
    pub ready: Vec<Workspace>,
    /// Those that are left out, with why.
    pub left_out: Vec<Candidate>,
    /// As typed before it was refused.
    pub reason: String,
    /// It was started already.
    pub started: bool,
}

impl Confirmation {
    /// What has to be typed before something is destroyed: the user name of a single one, the number of several.
    pub fn word(&self) -> Option<String> {
        if !self.action.needs_word() {
            return None;
        }
        match self.ready.as_slice() {
            [] => None,
            [one] => Some(one.user_name.clone()),
            several => Some(several.len().to_string()),
        }
    }
}

/// Where one WorkSpace of a batch is. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionState {
    /// Waits for its turn in the API budget.
    Queued,
    /// Claimed; the call is being made.
    Sending,
    /// The call's outcome is not known; AWS is asked for the state before anything is sent again.
    Unconfirmed,
    /// AWS took it and is at it.
    Accepted,
    /// It is where the action leads.
    Done,
    Failed,
    /// Somebody took it back before it was sent.
    Canceled,
}

impl ActionState {
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Sending, Self::Unconfirmed, Self::Accepted, Self::Done, Self::Failed, Self::Canceled];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unconfirmed => "unconfirmed",
            Self::Accepted => "accepted",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Sending => "Sending",
            Self::Unconfirmed => "Checking",
            Self::Accepted => "Under way",
            Self::Done => "Done",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
        }
    }

    /// The plain gloss under the word.
    pub fn gloss(self) -> &'static str {
        match self {
            Self::Queued => "waits for its turn at AWS",
            Self::Sending => "being sent to AWS",
            Self::Unconfirmed => "AWS's answer was lost; AWS is asked before anything is sent again",
            Self::Accepted => "AWS has taken it and is at it",
            Self::Done => "AWS shows it done",
            Self::Failed => "did not work",
            Self::Canceled => "taken back before it was sent",
        }
    }

    /// Nothing more happens by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Canceled)
    }
}

/// Rows of a batch by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionCounts {
    pub queued: i64,
    pub sending: i64,
    pub unconfirmed: i64,
    pub accepted: i64,
    pub done: i64,
    pub failed: i64,
    pub canceled: i64,
}

impl ActionCounts {
    pub fn of(&self, state: ActionState) -> i64 {
        match state {
            ActionState::Queued => self.queued,
            ActionState::Sending => self.sending,
            ActionState::Unconfirmed => self.unconfirmed,
            ActionState::Accepted => self.accepted,
            ActionState::Done => self.done,
            ActionState::Failed => self.failed,
            ActionState::Canceled => self.canceled,
        }
    }

    pub fn total(&self) -> i64 {
        ActionState::ALL.into_iter().map(|state| self.of(state)).sum()
    }

    pub fn finished(&self) -> i64 {
        self.done + self.failed + self.canceled
    }

    pub fn is_done(&self) -> bool {
        self.finished() == self.total()
    }

    /// `27 of 30 done, 2 failed, 1 being checked`.
    pub fn sentence(&self) -> String {
        let mut sentence = format!("{} of {} done", self.done, self.total());
        let rest = [(self.failed, "failed"), (self.unconfirmed, "being checked"), (self.canceled, "canceled")];
        for (count, word) in rest.into_iter().filter(|(count, _)| *count > 0) {
            sentence.push_str(&format!(", {count} {word}"));
        }
        sentence
    }
}

/// An action that was started, as far as the reader may see its WorkSpaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    pub id: BatchId,
    pub action: WorkspaceAction,
    pub reason: Option<String>,
    pub asked_by: String,
    pub asked: Stamp,
    pub counts: ActionCounts,
}

/// Why it did not work: the code, and what AWS said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionFailure {
    pub code: String,
    /// For staff only.
    pub message: Option<String>,
}

impl ActionFailure {
    /// AWS does not show that it is done within the time limit; it may still come.
    pub const TIME_LIMIT: &'static str = "Frontdesk.TimeLimit";
    /// AWS does not show the WorkSpace any more.
    pub const VANISHED: &'static str = "Frontdesk.Vanished";
    /// It went into a state from which the action leads nowhere.
    pub const OTHER_STATE: &'static str = "Frontdesk.OtherState";
    /// The answer was lost, and too late it can't be told whether it restarted.
    pub const NOT_KNOWN: &'static str = "Frontdesk.NotKnown";

    /// What it means and what to do.
    pub fn plain(&self) -> &'static str {
        match self.code.as_str() {
            Self::TIME_LIMIT => "AWS took it but is unusually slow. Look at the WorkSpace again later before you ask once more.",
            Self::VANISHED => "The WorkSpace is not in AWS any more. Somebody may have terminated it.",
            Self::OTHER_STATE => {
                "The WorkSpace went into another state, so the action can't be finished. Look at it, then ask once more if needed."
            }
            Self::NOT_KNOWN => {
                "AWS's answer was lost, and the WorkSpace runs: it may have restarted. Nothing was sent again. Ask its user, then reboot it once more if needed."
            }
            "ResourceNotFound.Workspace" | "ResourceNotFoundException" => {
                "AWS does not know this WorkSpace any more. Somebody may have terminated it."
            }
            "AccessDenied" | "AccessDeniedException" | "NotAuthorized" => {
                "Frontdesk's AWS role may not do this. An administrator has to allow the action that AWS names; then ask once more."
            }
            _ => "AWS refused it. Its words are beside this; put the cause right, then ask once more.",
        }
    }
}

/// One WorkSpace of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchItem {
    pub workspace: WorkspaceId,
    pub user_name: String,
    pub name: Option<String>,
    pub directory_name: String,
    pub state: ActionState,
    /// Since when.
    pub since: Stamp,
    pub failure: Option<ActionFailure>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_round_trip_and_three_are_final() {
        for state in ActionState::ALL {
            assert_eq!(ActionState::from_db(state.as_str()), Some(state));
        }
        assert_eq!(ActionState::ALL.into_iter().filter(|state| state.is_final()).count(), 3);
    }

    #[test]
    fn counts_are_said_in_a_sentence() {
        let counts = ActionCounts { done: 27, failed: 2, unconfirmed: 1, ..ActionCounts::default() };
        assert_eq!(counts.sentence(), "27 of 30 done, 2 failed, 1 being checked");
        assert!(!counts.is_done());
        assert!(ActionCounts { done: 1, failed: 1, canceled: 1, ..ActionCounts::default() }.is_done());
    }

    fn confirmation(action: WorkspaceAction, users: &[&str]) -> Confirmation {
        let workspace = |user: &&str| Workspace {
            id: "ws-0a1b2c3d4".parse().unwrap(),
            directory: "d-906731a2b4".parse().unwrap(),
            directory_name: "corp.example.com".into(),
            user_name: (*user).into(),
            person: None,
            name: None,
            bundle: None,
            state: "AVAILABLE".into(),
            running_mode: None,
            computer_name: None,
            invitation: None,
        };
        let ready = users.iter().map(workspace).collect();
        Confirmation { id: BatchId(uuid::Uuid::nil()), action, ready, left_out: vec![], reason: String::new(), started: false }
    }

    #[test]
    fn the_name_of_one_or_the_number_of_several_is_typed() {
        assert_eq!(confirmation(WorkspaceAction::Terminate, &["marta"]).word().as_deref(), Some("marta"));
        assert_eq!(confirmation(WorkspaceAction::Terminate, &["marta", "anna"]).word().as_deref(), Some("2"));
        assert_eq!(confirmation(WorkspaceAction::Terminate, &[]).word(), None);
        assert_eq!(confirmation(WorkspaceAction::Stop, &["marta", "anna"]).word(), None);
    }
}
