//! A launch's row: where it is, what came of it, and how many rows are where.

use serde::{Deserialize, Serialize};

use crate::{InvitationId, ItemId, PersonGuid, Stamp, WorkspaceId, invitations};

/// Where one row is. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Waits for its turn in the API budget.
    Queued,
    /// Claimed; the call to CreateWorkspaces is being made.
    Sending,
    /// The call's outcome is not known; AWS is asked before anything is sent again.
    Unconfirmed,
    /// AWS accepted it and is creating the WorkSpace.
    Pending,
    /// The WorkSpace can be used.
    Available,
    /// AWS refused it, or its WorkSpace ended in ERROR, or it took too long.
    Failed,
    /// The person had a WorkSpace in this directory that this launch did not make.
    AlreadyHas,
    /// Somebody took it back before it was sent.
    Canceled,
}

impl ItemState {
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Sending,
        Self::Unconfirmed,
        Self::Pending,
        Self::Available,
        Self::Failed,
        Self::AlreadyHas,
        Self::Canceled,
    ];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unconfirmed => "unconfirmed",
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Failed => "failed",
            Self::AlreadyHas => "already_has",
            Self::Canceled => "canceled",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The row's word: AWS's where AWS has one.
    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Sending => "Sending",
            Self::Unconfirmed => "Checking",
            Self::Pending => "PENDING",
            Self::Available => "AVAILABLE",
            Self::Failed => "Failed",
            Self::AlreadyHas => "Already has one",
            Self::Canceled => "Canceled",
        }
    }

    /// The plain gloss under the word.
    pub fn gloss(self) -> &'static str {
        match self {
            Self::Queued => "waits for its turn at AWS",
            Self::Sending => "being sent to AWS",
            Self::Unconfirmed => "AWS's answer was lost; asking AWS before anything is sent again",
            Self::Pending => "AWS is creating the WorkSpace, usually within 20 minutes",
            Self::Available => "ready to sign in",
            Self::Failed => "did not work",
            Self::AlreadyHas => "had a WorkSpace before this launch; nothing was created or mailed",
            Self::Canceled => "taken back before it was sent",
        }
    }

    /// Nothing more happens to the row by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Available | Self::Failed | Self::AlreadyHas | Self::Canceled)
    }
}

/// Rows of a launch by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub queued: i64,
    pub sending: i64,
    pub unconfirmed: i64,
    pub pending: i64,
    pub available: i64,
    pub failed: i64,
    pub already_has: i64,
    pub canceled: i64,
}

impl Counts {
    pub fn of(&self, state: ItemState) -> i64 {
        match state {
            ItemState::Queued => self.queued,
            ItemState::Sending => self.sending,
            ItemState::Unconfirmed => self.unconfirmed,
            ItemState::Pending => self.pending,
            ItemState::Available => self.available,
            ItemState::Failed => self.failed,
            ItemState::AlreadyHas => self.already_has,
            ItemState::Canceled => self.canceled,
        }
    }

    pub fn total(&self) -> i64 {
        ItemState::ALL.into_iter().map(|state| self.of(state)).sum()
    }

    pub fn finished(&self) -> i64 {
        ItemState::ALL.into_iter().filter(|state| state.is_final()).map(|state| self.of(state)).sum()
    }

    pub fn is_done(&self) -> bool {
        self.finished() == self.total()
    }

    /// `27 of 30 available, 2 failed, 1 already had one`.
    pub fn sentence(&self) -> String {
        let mut sentence = format!("{} of {} available", self.available, self.total());
        let rest = [
            (self.failed, "failed"),
            (self.already_has, "already had one"),
            (self.unconfirmed, "being checked"),
            (self.canceled, "canceled"),
        ];
        for (count, word) in rest.into_iter().filter(|(count, _)| *count > 0) {
            sentence.push_str(&format!(", {count} {word}"));
        }
        sentence
    }
}

/// Why a row failed: AWS's own words for staff, and ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub code: String,
    /// As AWS (or Active Directory) said it; shown to staff only.
    pub message: Option<String>,
}

impl Failure {
    /// The WorkSpace did not become AVAILABLE within the time limit; it may still.
    pub const TIME_LIMIT: &'static str = "Frontdesk.TimeLimit";
    /// The WorkSpace that AWS had accepted ended in the state ERROR.
    pub const ERROR_STATE: &'static str = "Frontdesk.ErrorState";
    /// The WorkSpace that AWS had accepted is not there any more.
    pub const VANISHED: &'static str = "Frontdesk.Vanished";

    /// What it means and what to do.
    pub fn plain(&self) -> &'static str {
        match self.code.as_str() {
            "ResourceNotFound.User" => {
                "AWS does not find this account in the directory. Check that the account exists in this domain and that AD Connector can read it, then retry."
            }
            "ResourceNotFound.Directory" => {
                "AWS does not know the directory in this Region. Check its registration with WorkSpaces, then retry."
            }
            "ResourceNotFound.Bundle" => "AWS does not know the bundle any more. Start a new launch with another bundle.",
            "ResourceExists.WorkSpace" => "The person already has a WorkSpace in this directory.",
            "ResourceLimitExceeded" | "ResourceLimitExceededException" => {
                "The account's quota for WorkSpaces is used up. Ask for a higher one in Service Quotas, then retry."
            }
            "AccessDeniedException" => {
                "Frontdesk's AWS role may not do this. An administrator has to allow the action that AWS names."
            }
            "InvalidUserConfiguration.Workspace" => {
                "AWS finds the account misconfigured. Check it in Active Directory, then retry."
            }
            "AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace" => "AWS takes no AutoStop time for AlwaysOn.",
            Self::TIME_LIMIT => "AWS is taking unusually long. Retry to go on watching it; nothing is created again.",
            Self::ERROR_STATE => {
                "AWS could not finish the WorkSpace. It still counts and has to be terminated in AWS before this person can be launched again. The usual cause is the network or the organizational unit of the directory."
            }
            Self::VANISHED => "The WorkSpace is not in AWS any more. Somebody may have terminated it. Retry to create a new one.",
            _ => "AWS refused it. Its words are beside this; put the cause right, then retry.",
        }
    }
}

/// One person's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: ItemId,
    pub person: PersonGuid,
    pub name: String,
    pub account: String,
    pub mail: String,
    /// The bundle's name, or its id where the mirror does not know it.
    pub bundle: String,
    pub state: ItemState,
    /// Since when it is in this state.
    pub since: Stamp,
    pub workspace: Option<WorkspaceId>,
    pub failure: Option<Failure>,
    pub invitation: Option<ItemInvitation>,
}

/// The newest invitation of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemInvitation {
    pub id: InvitationId,
    pub state: invitations::State,
    pub opened: bool,
    /// As in [`invitations::Invitation`].
    pub decision: Option<String>,
}

impl Item {
    pub fn can_retry(&self) -> bool {
        can_retry(self.state, self.failure.as_ref().map(|failure| failure.code.as_str()))
    }

    pub fn can_cancel(&self) -> bool {
        self.state == ItemState::Queued
    }
}

/// A WorkSpace in ERROR has to be terminated first: until then AWS answers ResourceExists.WorkSpace.
pub fn can_retry(state: ItemState, code: Option<&str>) -> bool {
    state == ItemState::Failed && code != Some(Failure::ERROR_STATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_round_trip_and_only_four_are_final() {
        for state in ItemState::ALL {
            assert_eq!(ItemState::from_db(state.as_str()), Some(state));
        }
        assert_eq!(ItemState::ALL.into_iter().filter(|state| state.is_final()).count(), 4);
    }

    #[test]
    fn counts_are_said_in_a_sentence() {
        let counts = Counts { available: 27, failed: 2, already_has: 1, ..Counts::default() };
        assert_eq!(counts.sentence(), "27 of 30 available, 2 failed, 1 already had one");
        assert!(counts.is_done());
        assert!(!Counts { pending: 1, ..counts }.is_done());
    }

    #[test]
    fn a_workspace_in_error_is_not_retried() {
        assert!(can_retry(ItemState::Failed, Some("ResourceNotFound.User")));
        assert!(!can_retry(ItemState::Failed, Some(Failure::ERROR_STATE)));
        assert!(!can_retry(ItemState::AlreadyHas, None));
    }
}
