//! The record: who did what, when, with what outcome.

use serde::{Deserialize, Serialize};

use crate::{BatchId, LaunchId, PersonGuid, RequestId, Stamp, workspaces::WorkspaceAction};

/// What was done. The names are the database's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    SignIn,
    SignOut,
    EndSession,
    /// Somebody asked for something that their role does not allow.
    Refused,
    StartLaunch,
    RetryItems,
    CancelItems,
    ResumeLaunch,
    CreateWorkspace,
    Invite,
    SendInvitation,
    ConfirmInvitation,
    /// Had held invitations tried at once.
    ResumeInvitations,
    OpenWelcome,
    ConnectDirectory,
    RegisterDirectory,
    ChangeDirectory,
    /// Asked for a directory to be taken down.
    TakeDownDirectory,
    /// Had taking down stopped, or gone on with.
    ChangeTakeDown,
    DeregisterDirectory,
    DeleteDirectory,
    ChangeIpGroup,
    /// Mailed admins about a directory.
    AlertAdmins,
    /// A step of the change of a connector's DNS server.
    ChangeDns,
    /// Entered the quota that AWS granted.
    EnterQuota,
    /// Made a cost centre, changed, closed or opened it.
    ChangeCostCentre,
    /// Asked for an action on some WorkSpaces.
    StartBatch,
    CancelBatch,
    StartWorkspace,
    StopWorkspace,
    RebootWorkspace,
    MaintenanceOn,
    MaintenanceOff,
    TerminateWorkspace,
    /// Handed a request in.
    SubmitRequest,
    /// Answered, took back or withdrew a request.
    ChangeRequest,
    /// Decided on a request.
    DecideRequest,
    /// Began to make what was approved, or set somebody aside.
    FulfilRequest,
    /// Noticed that a desktop is to end, or took a step of its end.
    EndDesktop,
    /// Decided on the end of a desktop.
    DecideEnding,
    /// Reminded those who decide, or had somebody else asked too.
    ChaseRequest,
    /// Named somebody who decides in one's place, or took that back.
    ChangeAbsence,
    /// Mailed somebody about requests and ends of desktops.
    SendLetter,
    /// Chose what one is mailed, and where one's days are, by which temporary desktops end.
    ChangePreferences,
    /// Changed the rules that say who decides.
    ChangeRules,
    /// Made, changed, closed or opened what may be asked for.
    ChangeOffering,
    /// Took in a price sheet.
    KeepPrices,
}

impl Action {
    pub const ALL: [Self; 47] = [
        Self::SignIn,
        Self::SignOut,
        Self::EndSession,
        Self::Refused,
        Self::StartLaunch,
        Self::RetryItems,
        Self::CancelItems,
        Self::ResumeLaunch,
        Self::CreateWorkspace,
        Self::Invite,
        Self::SendInvitation,
        Self::ConfirmInvitation,
        Self::ResumeInvitations,
        Self::OpenWelcome,
        Self::ConnectDirectory,
        Self::RegisterDirectory,
        Self::ChangeDirectory,
        Self::TakeDownDirectory,
        Self::ChangeTakeDown,
        Self::DeregisterDirectory,
        Self::DeleteDirectory,
        Self::ChangeIpGroup,
        Self::AlertAdmins,
        Self::ChangeDns,
        Self::EnterQuota,
        Self::ChangeCostCentre,
        Self::StartBatch,
        Self::CancelBatch,
        Self::StartWorkspace,
        Self::StopWorkspace,
        Self::RebootWorkspace,
        Self::MaintenanceOn,
        Self::MaintenanceOff,
        Self::TerminateWorkspace,
        Self::SubmitRequest,
        Self::ChangeRequest,
        Self::DecideRequest,
        Self::FulfilRequest,
        Self::EndDesktop,
        Self::DecideEnding,
        Self::ChaseRequest,
        Self::ChangeAbsence,
        Self::SendLetter,
        Self::ChangePreferences,
        Self::ChangeRules,
        Self::ChangeOffering,
        Self::KeepPrices,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::EndSession => "end_session",
            Self::Refused => "refused",
            Self::StartLaunch => "start_launch",
            Self::RetryItems => "retry_items",
            Self::CancelItems => "cancel_items",
            Self::ResumeLaunch => "resume_launch",
            Self::CreateWorkspace => "create_workspace",
            Self::Invite => "invite",
            Self::SendInvitation => "send_invitation",
            Self::ConfirmInvitation => "confirm_invitation",
            Self::ResumeInvitations => "resume_invitations",
            Self::OpenWelcome => "open_welcome",
            Self::ConnectDirectory => "connect_directory",
            Self::RegisterDirectory => "register_directory",
            Self::ChangeDirectory => "change_directory",
            Self::TakeDownDirectory => "take_down_directory",
            Self::ChangeTakeDown => "change_take_down",
            Self::DeregisterDirectory => "deregister_directory",
            Self::DeleteDirectory => "delete_directory",
            Self::ChangeIpGroup => "change_ip_group",
            Self::AlertAdmins => "alert_admins",
            Self::ChangeDns => "change_dns",
            Self::EnterQuota => "enter_quota",
            Self::ChangeCostCentre => "change_cost_centre",
            Self::StartBatch => "start_batch",
            Self::CancelBatch => "cancel_batch",
            Self::StartWorkspace => "start_workspace",
            Self::StopWorkspace => "stop_workspace",
            Self::RebootWorkspace => "reboot_workspace",
            Self::MaintenanceOn => "maintenance_on",
            Self::MaintenanceOff => "maintenance_off",
            Self::TerminateWorkspace => "terminate_workspace",
            Self::SubmitRequest => "submit_request",
            Self::ChangeRequest => "change_request",
            Self::DecideRequest => "decide_request",
            Self::FulfilRequest => "fulfil_request",
            Self::EndDesktop => "end_desktop",
            Self::DecideEnding => "decide_ending",
            Self::ChaseRequest => "chase_request",
            Self::ChangeAbsence => "change_absence",
            Self::SendLetter => "send_letter",
            Self::ChangePreferences => "change_preferences",
            Self::ChangeRules => "change_rules",
            Self::ChangeOffering => "change_offering",
            Self::KeepPrices => "keep_prices",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::SignIn => "Signed in",
            Self::SignOut => "Signed out",
            Self::EndSession => "Ended a session",
            Self::Refused => "Was refused",
            Self::StartLaunch => "Started a launch",
            Self::RetryItems => "Retried rows",
            Self::CancelItems => "Canceled rows",
            Self::ResumeLaunch => "Resumed a launch",
            Self::CreateWorkspace => "Created a WorkSpace",
            Self::Invite => "Asked for an invitation",
            Self::SendInvitation => "Sent an invitation",
            Self::ConfirmInvitation => "Took an invitation as sent",
            Self::ResumeInvitations => "Had held invitations tried again",
            Self::OpenWelcome => "Opened the welcome page",
            Self::ConnectDirectory => "Set up an AD Connector",
            Self::RegisterDirectory => "Registered a directory with WorkSpaces",
            Self::ChangeDirectory => "Changed a directory\u{2019}s settings",
            Self::TakeDownDirectory => "Asked for a directory to be taken down",
            Self::ChangeTakeDown => "Stopped a directory\u{2019}s taking down, or let it go on",
            Self::DeregisterDirectory => "Deregistered a directory from WorkSpaces",
            Self::DeleteDirectory => "Deleted an AD Connector",
            Self::ChangeIpGroup => "Changed an IP access group",
            Self::AlertAdmins => "Mailed admins about a directory",
            Self::ChangeDns => "Took a step of a DNS change",
            Self::EnterQuota => "Entered the quota of WorkSpaces",
            Self::ChangeCostCentre => "Changed a cost centre",
            Self::StartBatch => "Asked for an action on WorkSpaces",
            Self::CancelBatch => "Took back an action on WorkSpaces",
            Self::StartWorkspace => "Started a WorkSpace",
            Self::StopWorkspace => "Stopped a WorkSpace",
            Self::RebootWorkspace => "Rebooted a WorkSpace",
            Self::MaintenanceOn => "Closed a WorkSpace for maintenance",
            Self::MaintenanceOff => "Ended a WorkSpace's maintenance",
            Self::TerminateWorkspace => "Terminated a WorkSpace",
            Self::SubmitRequest => "Asked for desktops",
            Self::ChangeRequest => "Changed a request",
            Self::DecideRequest => "Decided on a request",
            Self::FulfilRequest => "Carried a request out",
            Self::EndDesktop => "Went on with the end of a desktop",
            Self::DecideEnding => "Decided on the end of a desktop",
            Self::ChaseRequest => "Reminded those who decide, or asked others too",
            Self::ChangeAbsence => "Named who decides in one\u{2019}s place, or took that back",
            Self::SendLetter => "Mailed news of requests",
            Self::ChangePreferences => "Chose what to be mailed, or a time zone",
            Self::ChangeRules => "Changed the rules of requests",
            Self::ChangeOffering => "Changed what may be asked for",
            Self::KeepPrices => "Took in a price sheet",
        }
    }
}

impl From<WorkspaceAction> for Action {
    fn from(action: WorkspaceAction) -> Self {
        match action {
            WorkspaceAction::Start => Self::StartWorkspace,
            WorkspaceAction::Stop => Self::StopWorkspace,
            WorkspaceAction::Reboot => Self::RebootWorkspace,
            WorkspaceAction::MaintenanceOn => Self::MaintenanceOn,
            WorkspaceAction::MaintenanceOff => Self::MaintenanceOff,
            WorkspaceAction::Terminate => Self::TerminateWorkspace,
        }
    }
}

/// Whether the row says that something is about to be done, or what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Attempted,
    Finished,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Succeeded,
    Failed,
    /// Not known: the answer was lost.
    Unknown,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        [Self::Succeeded, Self::Failed, Self::Unknown].into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// One row of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: i64,
    pub at: Stamp,
    pub actor: String,
    pub action: Action,
    pub phase: Phase,
    pub outcome: Option<Outcome>,
    /// What it was done to, for people: a name, an id.
    pub object: String,
    pub object_link: Option<ObjectLink>,
    /// A short remark: a reason, a code, a count.
    pub detail: Option<String>,
    pub request_id: Option<String>,
}

/// The page of the thing that the entry is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectLink {
    Launch(LaunchId),
    Batch(BatchId),
    Request(RequestId),
    Person(PersonGuid),
}

/// What the record is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Matches actor, object or request id.
    pub q: String,
    pub action: Option<Action>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for action in Action::ALL {
            assert_eq!(Action::from_db(action.as_str()), Some(action));
        }
    }
}
