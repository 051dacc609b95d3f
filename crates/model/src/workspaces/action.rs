//! What can be done to a WorkSpace: when AWS takes it, what it does, and how to tell that it is done (WorkSpaces Admin Guide,
//! "Administer WorkSpaces", and the workspaces service model).

use serde::{Deserialize, Serialize};

use super::RunningMode;
use crate::access::Act;

/// Something that AWS is asked to do to a WorkSpace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceAction {
    Start,
    Stop,
    Reboot,
    /// Into ADMIN_MAINTENANCE: nobody can sign in.
    MaintenanceOn,
    MaintenanceOff,
    /// For ever, with all that is on it.
    Terminate,
}

/// What a WorkSpace's state tells of an action that AWS may have taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It is in the state that the action leads to.
    There,
    /// It is on its way there.
    Moving,
    /// It is in a state from which the action starts.
    Untouched,
    /// It is somewhere else; there is no way from here.
    Elsewhere,
    /// AWS does not show it any more.
    Gone,
}

impl WorkspaceAction {
    pub const ALL: [Self; 6] =
        [Self::Start, Self::Stop, Self::Reboot, Self::MaintenanceOn, Self::MaintenanceOff, Self::Terminate];

    /// As forms and the database write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Reboot => "reboot",
            Self::MaintenanceOn => "maintenance_on",
            Self::MaintenanceOff => "maintenance_off",
            Self::Terminate => "terminate",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }

    /// The word of its button.
    pub fn label(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Stop => "Stop",
            Self::Reboot => "Reboot",
            Self::MaintenanceOn => "Close for maintenance",
            Self::MaintenanceOff => "End maintenance",
            Self::Terminate => "Terminate",
        }
    }

    /// `Reboot 3 WorkSpaces`.
    pub fn headline(self, count: i64) -> String {
        let whom = if count == 1 { "1 WorkSpace".to_owned() } else { format!("{count} WorkSpaces") };
        match self {
            Self::MaintenanceOn => format!("Close {whom} for maintenance"),
            Self::MaintenanceOff => format!("End the maintenance of {whom}"),
            _ => format!("{} {whom}", self.label()),
        }
    }

    /// What it means for those who work there.
    pub fn explains(self) -> &'static str {
        match self {
            Self::Start => {
                "Each is started and can be used after a minute or two. AWS charges by the hour from then on, until it stops again."
            }
            Self::Stop => {
                "Each is shut down, whoever is signed in. What is not saved is lost. It starts again when its user signs in, or from here."
            }
            Self::Reboot => "Windows or Linux restarts, whoever is signed in. What is not saved is lost. It takes a few minutes.",
            Self::MaintenanceOn => {
                "Nobody can sign in until the maintenance is ended, and AWS does not start, stop or reboot it meanwhile."
            }
            Self::MaintenanceOff => "Its user can sign in again.",
            Self::Terminate => {
                "AWS removes each of them within about five minutes. Nobody can bring one back, not AWS either; the person can be launched a new, empty one."
            }
        }
    }

    /// What nobody gets back.
    pub fn loses(self) -> &'static [&'static str] {
        match self {
            Self::Terminate => &[
                "The root volume (C:), with everything installed on it",
                "The user volume (D:), with every file of its user",
                "The snapshots of both, so that nothing can be restored",
                "Its computer name and address. The computer object stays behind in Active Directory",
            ],
            _ => &[],
        }
    }

    /// Who may do it.
    pub fn act(self) -> Act {
        match self {
            Self::Terminate => Act::TerminateWorkspaces,
            _ => Act::ActOnWorkspaces,
        }
    }

    /// How many WorkSpaces one call of AWS takes.
    pub fn at_once(self) -> usize {
        match self {
            Self::MaintenanceOn | Self::MaintenanceOff => 1,
            _ => 25,
        }
    }

    /// Whether it has to be said why, and the count or the name typed.
    pub fn needs_word(self) -> bool {
        self == Self::Terminate
    }

    fn starts_from(self, state: &str) -> bool {
        match self {
            Self::Start => state == "STOPPED",
            Self::Stop => matches!(state, "AVAILABLE" | "IMPAIRED" | "UNHEALTHY" | "ERROR"),
            Self::Reboot => matches!(state, "AVAILABLE" | "UNHEALTHY"),
            Self::MaintenanceOn => state == "AVAILABLE",
            Self::MaintenanceOff => state == "ADMIN_MAINTENANCE",
            Self::Terminate => !matches!(state, "SUSPENDED" | "TERMINATING" | "TERMINATED"),
        }
    }

    /// Why AWS would not take it now; `None` if it would.
    pub fn why_not(self, state: &str, mode: Option<RunningMode>) -> Option<String> {
        if matches!(state, "TERMINATING" | "TERMINATED") {
            return Some(format!("{state}: it is gone, or going"));
        }
        if matches!(self, Self::Start | Self::Stop) && mode == Some(RunningMode::AlwaysOn) {
            return Some("AlwaysOn: AWS starts and stops only AutoStop and Manual ones".to_owned());
        }
        if self.starts_from(state) {
            return None;
        }
        let wants = match self {
            Self::Start => "only a STOPPED one can be started",
            Self::Stop => "only a running one can be stopped",
            Self::Reboot => "only an AVAILABLE or UNHEALTHY one can be rebooted",
            Self::MaintenanceOn => "only an AVAILABLE one can be closed for maintenance",
            Self::MaintenanceOff => "it is not closed for maintenance",
            Self::Terminate => "an image is being taken from it; it can be terminated afterwards",
        };
        Some(format!("{state}: {wants}"))
    }

    /// Reads AWS's state, or that AWS does not show it. A reboot ends where it began, so [`Sign::Untouched`] may also mean that it
    /// is over.
    pub fn sign(self, state: Option<&str>) -> Sign {
        let Some(state) = state else { return if self == Self::Terminate { Sign::There } else { Sign::Gone } };
        match (self, state) {
            (Self::Start | Self::MaintenanceOff, "AVAILABLE")
            | (Self::Stop, "STOPPED")
            | (Self::MaintenanceOn, "ADMIN_MAINTENANCE")
            | (Self::Terminate, "TERMINATED") => Sign::There,
            (Self::Start, "STARTING")
            | (Self::Stop, "STOPPING")
            | (Self::Reboot, "REBOOTING")
            | (Self::Terminate, "TERMINATING") => Sign::Moving,
            (_, "TERMINATING" | "TERMINATED") => Sign::Gone,
            _ if self.starts_from(state) => Sign::Untouched,
            _ => Sign::Elsewhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTO: Option<RunningMode> = Some(RunningMode::AutoStop { hours: 1 });
    /// WorkspaceState of the workspaces service model.
    const STATES: [&str; 17] = [
        "PENDING",
        "AVAILABLE",
        "IMPAIRED",
        "UNHEALTHY",
        "REBOOTING",
        "STARTING",
        "REBUILDING",
        "RESTORING",
        "MAINTENANCE",
        "ADMIN_MAINTENANCE",
        "TERMINATING",
        "TERMINATED",
        "SUSPENDED",
        "UPDATING",
        "STOPPING",
        "STOPPED",
        "ERROR",
    ];

    fn allowed(action: WorkspaceAction) -> Vec<&'static str> {
        STATES.into_iter().filter(|state| action.why_not(state, AUTO).is_none()).collect()
    }

    #[test]
    fn each_action_starts_from_the_states_that_aws_names() {
        assert_eq!(allowed(WorkspaceAction::Start), ["STOPPED"]);
        assert_eq!(allowed(WorkspaceAction::Stop), ["AVAILABLE", "IMPAIRED", "UNHEALTHY", "ERROR"]);
        assert_eq!(allowed(WorkspaceAction::Reboot), ["AVAILABLE", "UNHEALTHY"]);
        assert_eq!(allowed(WorkspaceAction::MaintenanceOn), ["AVAILABLE"]);
        assert_eq!(allowed(WorkspaceAction::MaintenanceOff), ["ADMIN_MAINTENANCE"]);
        let kept = ["TERMINATING", "TERMINATED", "SUSPENDED"];
        let rest: Vec<_> = STATES.into_iter().filter(|state| !kept.contains(state)).collect();
        assert_eq!(allowed(WorkspaceAction::Terminate), rest);
    }

    #[test]
    fn only_what_can_stop_by_itself_is_started_and_stopped() {
        for action in WorkspaceAction::ALL {
            let state = if action == WorkspaceAction::Start { "STOPPED" } else { "AVAILABLE" };
            let refused = matches!(action, WorkspaceAction::Start | WorkspaceAction::Stop | WorkspaceAction::MaintenanceOff);
            assert_eq!(action.why_not(state, Some(RunningMode::AlwaysOn)).is_some(), refused, "{action:?}");
        }
        assert_eq!(WorkspaceAction::Stop.why_not("AVAILABLE", Some(RunningMode::Manual)), None);
        assert_eq!(WorkspaceAction::Stop.why_not("AVAILABLE", None), None, "AWS knows what we don't");
    }

    #[test]
    fn names_round_trip_and_one_action_wants_a_word() {
        for action in WorkspaceAction::ALL {
            assert_eq!(WorkspaceAction::parse(action.as_str()), Some(action));
            assert_eq!(action.needs_word(), !action.loses().is_empty(), "what takes something away says what");
        }
        assert_eq!(WorkspaceAction::parse("rebuild"), None);
        assert_eq!(WorkspaceAction::MaintenanceOn.headline(2), "Close 2 WorkSpaces for maintenance");
        assert_eq!(WorkspaceAction::Terminate.headline(1), "Terminate 1 WorkSpace");
    }

    #[test]
    fn states_tell_how_far_an_action_is() {
        use WorkspaceAction::{MaintenanceOff, MaintenanceOn, Reboot, Start, Stop, Terminate};
        for (action, way) in [
            (Start, ["STOPPED", "STARTING", "AVAILABLE"]),
            (Stop, ["AVAILABLE", "STOPPING", "STOPPED"]),
            (Terminate, ["ERROR", "TERMINATING", "TERMINATED"]),
        ] {
            assert_eq!(way.map(|state| action.sign(Some(state))), [Sign::Untouched, Sign::Moving, Sign::There], "{action:?}");
        }
        assert_eq!(MaintenanceOn.sign(Some("ADMIN_MAINTENANCE")), Sign::There);
        assert_eq!(MaintenanceOff.sign(Some("AVAILABLE")), Sign::There);
        assert_eq!((Reboot.sign(Some("REBOOTING")), Reboot.sign(Some("AVAILABLE"))), (Sign::Moving, Sign::Untouched));
        assert_eq!(
            (Terminate.sign(None), Stop.sign(None), Stop.sign(Some("TERMINATING"))),
            (Sign::There, Sign::Gone, Sign::Gone)
        );
        assert_eq!(Start.sign(Some("ERROR")), Sign::Elsewhere);
    }
}
