//! What AWS is asked for: to hold a desktop, to open it again, to terminate it. Each looks at the state that AWS shows, so that what
//! was done already is not done again.

use crate::workspaces::{RunningMode, WorkspaceAction};

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is there.
    Done,
    Act(WorkspaceAction),
    /// AWS takes nothing in this state.
    Wait,
    /// The desktop is not there any more.
    Gone,
}

fn is_gone(state: &str) -> bool {
    matches!(state, "TERMINATING" | "TERMINATED")
}

/// The way to a desktop that nobody can use. `kept_out`: its user can't sign in, so it is enough that it is stopped; another one would
/// start again when its user signs in, and is closed for maintenance, for which it has to run. One with trouble is rebooted, or stopped
/// to be started, because AWS closes only what is well.
pub fn hold(state: &str, mode: Option<RunningMode>, kept_out: bool) -> Step {
    let possible = |action: WorkspaceAction| action.why_not(state, mode).is_none();
    match state {
        _ if is_gone(state) => Step::Gone,
        "ADMIN_MAINTENANCE" => Step::Done,
        "STOPPED" if kept_out => Step::Done,
        _ if kept_out && possible(WorkspaceAction::Stop) => Step::Act(WorkspaceAction::Stop),
        _ if possible(WorkspaceAction::MaintenanceOn) => Step::Act(WorkspaceAction::MaintenanceOn),
        _ if !kept_out && possible(WorkspaceAction::Start) => Step::Act(WorkspaceAction::Start),
        _ if possible(WorkspaceAction::Reboot) => Step::Act(WorkspaceAction::Reboot),
        // One in ERROR stays there when it is stopped.
        "IMPAIRED" if possible(WorkspaceAction::Stop) => Step::Act(WorkspaceAction::Stop),
        _ => Step::Wait,
    }
}

/// AWS can't close a desktop in this state, which does not pass by itself: somebody has to see what is the matter with it.
pub fn is_stuck(state: &str, mode: Option<RunningMode>, kept_out: bool) -> bool {
    match state {
        "UNHEALTHY" | "IMPAIRED" | "ERROR" => true,
        "STOPPED" => !kept_out && WorkspaceAction::Start.why_not(state, mode).is_some(),
        _ => false,
    }
}

/// The way back from a hold. A stopped one starts when its user signs in.
pub fn open(state: &str) -> Step {
    match state {
        _ if is_gone(state) => Step::Gone,
        "ADMIN_MAINTENANCE" => Step::Act(WorkspaceAction::MaintenanceOff),
        _ => Step::Done,
    }
}

/// The way out.
pub fn terminate(state: &str, mode: Option<RunningMode>) -> Step {
    match state {
        "TERMINATED" => Step::Done,
        "TERMINATING" => Step::Wait,
        _ if WorkspaceAction::Terminate.why_not(state, mode).is_none() => Step::Act(WorkspaceAction::Terminate),
        _ => Step::Wait,
    }
}
