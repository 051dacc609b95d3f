//! What AWS is asked to do to WorkSpaces.

use aws_sdk_workspaces::{
    error::BuildError,
    types::{FailedWorkspaceChangeRequest, RebootRequest, StartRequest, StopRequest, TargetWorkspaceState, TerminateRequest},
};
use model::workspaces::WorkspaceAction;

use super::{Aws, AwsFault, workspaces::incomplete};
use crate::budget::{Operation, Slot};

/// A WorkSpace that AWS did not take in a call that it answered.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub workspace: String,
    pub code: String,
    pub message: String,
}

impl Operation {
    /// The operation that does it.
    pub(crate) fn of(action: WorkspaceAction) -> Self {
        match action {
            WorkspaceAction::Start => Self::StartWorkspaces,
            WorkspaceAction::Stop => Self::StopWorkspaces,
            WorkspaceAction::Reboot => Self::RebootWorkspaces,
            WorkspaceAction::MaintenanceOn | WorkspaceAction::MaintenanceOff => Self::ModifyWorkspaceState,
            WorkspaceAction::Terminate => Self::TerminateWorkspaces,
        }
    }
}

impl Aws {
    /// Has AWS do it to at most [`WorkspaceAction::at_once`] WorkSpaces. All that the answer does not name were taken.
    pub(crate) async fn act(&self, slot: Slot, action: WorkspaceAction, ids: &[String]) -> Result<Vec<Refused>, AwsFault> {
        let (aws, operation) = (&self.workspaces, Operation::of(action));
        let failed = match action {
            WorkspaceAction::Start => {
                let requests = ids.iter().map(|id| StartRequest::builder().workspace_id(id).build()).collect();
                let call = aws.start_workspaces().set_start_workspace_requests(Some(requests)).send();
                slot.call(operation, call).await?.failed_requests
            }
            WorkspaceAction::Stop => {
                let requests = ids.iter().map(|id| StopRequest::builder().workspace_id(id).build()).collect();
                let call = aws.stop_workspaces().set_stop_workspace_requests(Some(requests)).send();
                slot.call(operation, call).await?.failed_requests
            }
            WorkspaceAction::Reboot => {
                let requests = all(ids, |id| RebootRequest::builder().workspace_id(id).build())?;
                let call = aws.reboot_workspaces().set_reboot_workspace_requests(Some(requests)).send();
                slot.call(operation, call).await?.failed_requests
            }
            WorkspaceAction::Terminate => {
                let requests = all(ids, |id| TerminateRequest::builder().workspace_id(id).build())?;
                let call = aws.terminate_workspaces().set_terminate_workspace_requests(Some(requests)).send();
                slot.call(operation, call).await?.failed_requests
            }
            WorkspaceAction::MaintenanceOn => return self.modify_state(slot, ids, TargetWorkspaceState::AdminMaintenance).await,
            WorkspaceAction::MaintenanceOff => return self.modify_state(slot, ids, TargetWorkspaceState::Available).await,
        };
        Ok(failed.unwrap_or_default().into_iter().filter_map(read).collect())
    }

    /// ModifyWorkspaceState, which takes one: what it refuses is the whole call.
    async fn modify_state(&self, slot: Slot, ids: &[String], state: TargetWorkspaceState) -> Result<Vec<Refused>, AwsFault> {
        let call = self.workspaces.modify_workspace_state().set_workspace_id(ids.first().cloned()).workspace_state(state);
        slot.call(Operation::ModifyWorkspaceState, call.send()).await?;
        Ok(Vec::new())
    }
}

fn all<T>(ids: &[String], build: impl Fn(&String) -> Result<T, BuildError>) -> Result<Vec<T>, AwsFault> {
    ids.iter().map(build).collect::<Result<_, _>>().map_err(incomplete)
}

fn read(failed: FailedWorkspaceChangeRequest) -> Option<Refused> {
    Some(Refused {
        workspace: failed.workspace_id?,
        code: failed.error_code.unwrap_or_else(|| "Unknown".to_owned()),
        message: failed.error_message.unwrap_or_default(),
    })
}
