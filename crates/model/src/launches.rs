//! A launch: a batch of people becoming WorkSpaces, row by row.

use serde::{Deserialize, Serialize};

use crate::{
    BundleId, DirectoryId, DraftId, FieldError, InvitationId, ItemId, LaunchId, PersonGuid, Stamp, WorkspaceId,
    directories::Freshness,
    invitations, people,
    workspaces::{RunningMode, Tag},
};

/// The most people one launch holds.
pub const MOST_PEOPLE: usize = 500;

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

/// A launch in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub id: LaunchId,
    pub directory: DirectoryId,
    pub directory_name: String,
    pub started_by: String,
    pub started: Stamp,
    pub counts: Counts,
}

/// A launch, whole but for its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    pub summary: Summary,
    pub running_mode: RunningMode,
    pub tags: Vec<Tag>,
    /// Invitations by state.
    pub invitations: invitations::Counts,
}

/// What the list of launches is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Matches the starter's name, a person's name or account in it, or the launch id.
    pub q: String,
    pub status: Option<Status>,
}

/// How a launch stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Rows are still on their way.
    Running,
    /// Every row is final and none failed.
    Done,
    /// A row failed.
    Failed,
}

impl Status {
    pub const ALL: [Self; 3] = [Self::Running, Self::Done, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    pub fn from_query(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// What waits, for the start page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Today {
    /// Launches with rows on their way, the newest first.
    pub running: Vec<Summary>,
    /// Launches with failed rows of the last 14 days, the newest first.
    pub failed: Vec<Summary>,
    pub unconfirmed_invitations: i64,
    pub failed_invitations: i64,
    /// Sent more than three days ago and never opened.
    pub never_opened: i64,
    /// The fleet: how many WorkSpaces are in each of AWS's states.
    pub fleet: Vec<(String, i64)>,
    pub freshness: Freshness,
    pub drafts: Vec<DraftSummary>,
}

/// A draft of the actor's that was not launched yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftSummary {
    pub id: DraftId,
    pub directory_name: Option<String>,
    pub people: i64,
    pub changed: Stamp,
}

/// What came of adding people to a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    pub added: u32,
    /// Not eligible, or not found any more.
    pub refused: u32,
}

/// The wizard's steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Directory,
    People,
    Desktop,
    Check,
}

impl Step {
    pub const ALL: [Self; 4] = [Self::Directory, Self::People, Self::Desktop, Self::Check];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::People => "people",
            Self::Desktop => "desktop",
            Self::Check => "check",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Directory => "Directory",
            Self::People => "People",
            Self::Desktop => "Desktop",
            Self::Check => "Check",
        }
    }
}

/// A launch being put together: what was typed, right or wrong, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub id: DraftId,
    pub directory: Option<DirectoryId>,
    pub directory_name: Option<String>,
    pub people: Vec<DraftPerson>,
    pub desktop: DesktopForm,
    /// What the last save of the desktop step found.
    pub errors: Vec<FieldError>,
    /// The launch this draft became.
    pub launch: Option<LaunchId>,
}

impl Draft {
    /// The first step that is not complete; `Check` when all are.
    pub fn furthest(&self) -> Step {
        if self.directory.is_none() {
            Step::Directory
        } else if self.people.is_empty() {
            Step::People
        } else if self.desktop.bundle.is_empty() || !self.errors.is_empty() {
            Step::Desktop
        } else {
            Step::Check
        }
    }

    /// The step before which something was left out.
    pub fn may_open(&self, step: Step) -> bool {
        step <= self.furthest()
    }
}

/// A person in a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftPerson {
    pub guid: PersonGuid,
    pub account: String,
    pub name: String,
    pub mail: Option<String>,
    pub department: Option<String>,
    /// Another bundle than the default.
    pub bundle: Option<BundleId>,
}

/// The desktop step exactly as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesktopForm {
    pub bundle: String,
    /// `ALWAYS_ON` or `AUTO_STOP`.
    pub running_mode: String,
    pub auto_stop_hours: String,
    /// Lines of `key=value`.
    pub tags: String,
}

/// The desktop step, right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desktop {
    pub bundle: BundleId,
    pub running_mode: RunningMode,
    pub tags: Vec<Tag>,
}

impl DesktopForm {
    /// # Errors
    /// All fields that are wrong, at once.
    pub fn parse(&self) -> Result<Desktop, Vec<FieldError>> {
        let mut fields = Vec::new();
        let mut keep = |error: crate::Error| match error {
            crate::Error::Invalid { fields: some } => fields.extend(some),
            other => fields.push(FieldError { field: "desktop".into(), message: other.to_string() }),
        };
        let bundle = self.bundle.parse().map_err(|_| keep(crate::Error::invalid("bundle", "Choose a bundle.")));
        let running_mode = RunningMode::parse(&self.running_mode, &self.auto_stop_hours).map_err(&mut keep);
        let tags = Tag::parse_lines(&self.tags).map_err(&mut keep);
        match (bundle, running_mode, tags) {
            (Ok(bundle), Ok(running_mode), Ok(tags)) => Ok(Desktop { bundle, running_mode, tags }),
            _ => Err(fields),
        }
    }
}

/// What the check step shows: everything that will be sent, and what stands against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub draft: Draft,
    /// Names of the bundles in use, by id.
    pub bundles: Vec<(BundleId, String)>,
    /// People who became ineligible since they were added.
    pub obstacles: Vec<(PersonGuid, people::Obstacles)>,
    pub running_mode: Option<RunningMode>,
    pub tags: Vec<Tag>,
    pub directory_problem: Option<String>,
}

impl Check {
    pub fn can_launch(&self) -> bool {
        self.obstacles.is_empty() && self.directory_problem.is_none() && self.draft.furthest() == Step::Check
    }
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
    fn a_desktop_form_reports_every_wrong_field_at_once() {
        let form = DesktopForm {
            bundle: "x".into(),
            running_mode: "AUTO_STOP".into(),
            auto_stop_hours: "1.5".into(),
            tags: "=v".into(),
        };
        let fields: Vec<_> = form.parse().unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["bundle", "auto_stop_hours", "tags"]);
    }

    #[test]
    fn steps_open_in_order() {
        let mut draft = Draft {
            id: DraftId(uuid::Uuid::nil()),
            directory: None,
            directory_name: None,
            people: vec![],
            desktop: DesktopForm::default(),
            errors: vec![],
            launch: None,
        };
        assert_eq!(draft.furthest(), Step::Directory);
        draft.directory = "d-906731a2b4".parse().ok();
        assert!(draft.may_open(Step::People) && !draft.may_open(Step::Desktop));
    }

    #[test]
    fn a_workspace_in_error_is_not_retried() {
        assert!(can_retry(ItemState::Failed, Some("ResourceNotFound.User")));
        assert!(!can_retry(ItemState::Failed, Some(Failure::ERROR_STATE)));
        assert!(!can_retry(ItemState::AlreadyHas, None));
    }
}
