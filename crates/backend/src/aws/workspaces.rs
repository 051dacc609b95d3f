//! WorkSpaces: the calls Frontdesk makes, in its own types. Every call wants a [`Slot`] of the budget.

use aws_sdk_workspaces::types::{RunningMode as AwsRunningMode, WorkspaceProperties, WorkspaceRequest};
use chrono::{DateTime, Utc};
use model::{
    directories::{Devices, Settings},
    workspaces::{Encryption, RunningMode, Tag, Volumes},
};

use super::{Aws, AwsFault, registration};
use crate::budget::{Operation, Slot};

/// The most entries of one call (workspaces service model).
pub(crate) const BATCH: i64 = 25;

/// One WorkSpace to create.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub directory: String,
    pub user_name: String,
    pub bundle: String,
    pub running_mode: RunningMode,
    pub volumes: Volumes,
    pub encryption: Encryption,
    pub tags: Vec<Tag>,
}

/// The answer to CreateWorkspaces, by user: AWS does not promise an order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Created {
    pub pending: Vec<Workspace>,
    pub failed: Vec<FailedRequest>,
}

#[derive(Debug, Clone)]
pub(crate) struct FailedRequest {
    pub directory: String,
    pub user_name: String,
    pub code: String,
    pub message: String,
}

/// A WorkSpace as DescribeWorkspaces tells it.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    pub id: String,
    pub directory: String,
    pub user_name: String,
    pub bundle: Option<String>,
    pub state: String,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub computer_name: Option<String>,
    pub running_mode: Option<String>,
    pub auto_stop_minutes: Option<i32>,
    pub root_gib: Option<i32>,
    pub user_gib: Option<i32>,
    pub encrypted_root: bool,
    pub encrypted_user: bool,
}

/// One page of a listing.
#[derive(Debug, Clone)]
pub(crate) struct Listing<T> {
    pub rows: Vec<T>,
    pub next: Option<String>,
}

/// A directory's registration with WorkSpaces.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub directory: String,
    pub state: String,
    /// Why it could not be registered.
    pub error: Option<String>,
    pub registration_code: Option<String>,
    /// Those that WorkSpaces get their addresses from; they need not be the connector's.
    pub subnets: Vec<String>,
    /// The ARN of the role with which WorkSpaces works for the account.
    pub role: Option<String>,
    pub devices: Devices,
    /// But for the client's, which AWS tells in another answer.
    pub settings: Settings,
}

/// A bundle as DescribeWorkspaceBundles tells it.
#[derive(Debug, Clone)]
pub(crate) struct Bundle {
    pub id: String,
    pub name: String,
    pub owner: String,
    pub description: Option<String>,
    pub compute: String,
    pub root_gib: Option<i32>,
    pub user_gib: Option<i32>,
    pub state: Option<String>,
}

impl Aws {
    /// CreateWorkspaces, at most 25.
    pub(crate) async fn create_workspaces(&self, slot: Slot, requests: &[Request]) -> Result<Created, AwsFault> {
        let workspaces = requests.iter().map(build).collect::<Result<Vec<_>, _>>()?;
        let call = self.workspaces.create_workspaces().set_workspaces(Some(workspaces)).send();
        let answer = slot.call(Operation::CreateWorkspaces, call).await?;
        let failed = answer.failed_requests().iter().filter_map(|failed| {
            let request = failed.workspace_request()?;
            Some(FailedRequest {
                directory: request.directory_id().to_owned(),
                user_name: request.user_name().to_owned(),
                code: failed.error_code().unwrap_or("Unknown").to_owned(),
                message: failed.error_message().unwrap_or_default().to_owned(),
            })
        });
        Ok(Created { pending: answer.pending_requests().iter().filter_map(read_workspace).collect(), failed: failed.collect() })
    }

    /// DescribeWorkspaces by id, at most 25. What AWS does not (yet) show is missing from the answer.
    pub(crate) async fn workspaces_by_id(&self, slot: Slot, ids: &[String]) -> Result<Vec<Workspace>, AwsFault> {
        let call = self.workspaces.describe_workspaces().set_workspace_ids(Some(ids.to_vec())).send();
        let answer = slot.call(Operation::DescribeWorkspaces, call).await?;
        Ok(answer.workspaces().iter().filter_map(read_workspace).collect())
    }

    /// Which of these WorkSpaces, at most 25, were ever used, and when last.
    pub(crate) async fn connections(&self, slot: Slot, ids: &[String]) -> Result<Vec<(String, DateTime<Utc>)>, AwsFault> {
        let call = self.workspaces.describe_workspaces_connection_status().set_workspace_ids(Some(ids.to_vec())).send();
        let answer = slot.call(Operation::DescribeWorkspacesConnectionStatus, call).await?;
        let used = answer.workspaces_connection_status().iter().filter_map(|status| {
            let at = status.last_known_user_connection_timestamp()?;
            Some((status.workspace_id()?.to_owned(), DateTime::from_timestamp(at.secs(), 0)?))
        });
        Ok(used.collect())
    }

    /// The WorkSpaces of one user in one directory; usually one at most.
    pub(crate) async fn workspaces_of_user(&self, slot: Slot, directory: &str, user: &str) -> Result<Vec<Workspace>, AwsFault> {
        let call = self.workspaces.describe_workspaces().directory_id(directory).user_name(user).send();
        let answer = slot.call(Operation::DescribeWorkspaces, call).await?;
        Ok(answer.workspaces().iter().filter_map(read_workspace).collect())
    }

    /// One page of all WorkSpaces of a directory.
    pub(crate) async fn workspaces_of_directory(
        &self,
        slot: Slot,
        directory: &str,
        next: Option<String>,
    ) -> Result<Listing<Workspace>, AwsFault> {
        let call = self.workspaces.describe_workspaces().directory_id(directory).limit(25).set_next_token(next);
        let answer = slot.call(Operation::DescribeWorkspaces, call.send()).await?;
        Ok(Listing { rows: answer.workspaces().iter().filter_map(read_workspace).collect(), next: answer.next_token })
    }

    /// The id of any WorkSpace, if there is one.
    pub(crate) async fn any_workspace(&self, slot: Slot) -> Result<Option<String>, AwsFault> {
        let answer = slot.call(Operation::DescribeWorkspaces, self.workspaces.describe_workspaces().limit(1).send()).await?;
        Ok(answer.workspaces().iter().find_map(|found| found.workspace_id().map(ToOwned::to_owned)))
    }

    /// The value of one tag of a WorkSpace.
    pub(crate) async fn workspace_tag(&self, slot: Slot, id: &str, key: &str) -> Result<Option<String>, AwsFault> {
        let call = self.workspaces.describe_tags().resource_id(id).send();
        let answer = slot.call(Operation::DescribeTags, call).await?;
        let tag = answer.tag_list().iter().find(|tag| tag.key() == key);
        Ok(tag.and_then(|tag| tag.value()).map(ToOwned::to_owned))
    }

    /// One page of the directories registered with WorkSpaces.
    pub(crate) async fn registrations(&self, slot: Slot, next: Option<String>) -> Result<Listing<Registration>, AwsFault> {
        let call = self.workspaces.describe_workspace_directories().set_next_token(next).send();
        let answer = slot.call(Operation::DescribeWorkspaceDirectories, call).await?;
        let rows = answer.directories().iter().filter_map(read_registration);
        Ok(Listing { rows: rows.collect(), next: answer.next_token })
    }

    /// The registration of one directory; `None` if it is not registered.
    pub(crate) async fn registration(&self, slot: Slot, directory: &str) -> Result<Option<Registration>, AwsFault> {
        let call = self.workspaces.describe_workspace_directories().directory_ids(directory).send();
        match slot.call(Operation::DescribeWorkspaceDirectories, call).await {
            Ok(answer) => Ok(answer.directories().iter().filter_map(read_registration).next()),
            Err(AwsFault::Refused { code, .. }) if code == "ResourceNotFoundException" => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// One page of bundles: AWS's with `owner` `AMAZON`, the account's own without.
    pub(crate) async fn bundles(
        &self,
        slot: Slot,
        owner: Option<&str>,
        next: Option<String>,
    ) -> Result<Listing<Bundle>, AwsFault> {
        let call = self.workspaces.describe_workspace_bundles().set_owner(owner.map(ToOwned::to_owned)).set_next_token(next);
        let answer = slot.call(Operation::DescribeWorkspaceBundles, call.send()).await?;
        let capacity = |text: Option<&str>| text.and_then(|text| text.parse().ok());
        let rows = answer.bundles().iter().filter_map(|found| {
            Some(Bundle {
                id: found.bundle_id()?.to_owned(),
                name: found.name().unwrap_or(found.bundle_id()?).to_owned(),
                owner: found.owner().unwrap_or_default().to_owned(),
                description: found.description().map(ToOwned::to_owned),
                compute: found.compute_type()?.name()?.as_str().to_owned(),
                root_gib: capacity(found.root_storage().map(|storage| storage.capacity())),
                user_gib: capacity(found.user_storage().map(|storage| storage.capacity())),
                state: found.state().map(|state| state.as_str().to_owned()),
            })
        });
        Ok(Listing { rows: rows.collect(), next: answer.next_token })
    }
}

fn build(request: &Request) -> Result<WorkspaceRequest, AwsFault> {
    let size = |gib: Option<u32>| gib.and_then(|gib| i32::try_from(gib).ok());
    let encrypted = |volume: bool| volume.then_some(true);
    let mode = AwsRunningMode::from(request.running_mode.as_aws());
    let properties = WorkspaceProperties::builder()
        .running_mode(mode)
        .set_running_mode_auto_stop_timeout_in_minutes(request.running_mode.auto_stop_minutes())
        .set_root_volume_size_gib(size(request.volumes.root_gib))
        .set_user_volume_size_gib(size(request.volumes.user_gib))
        .build();
    let tags = request.tags.iter().map(|tag| aws_sdk_workspaces::types::Tag::builder().key(&tag.key).value(&tag.value).build());
    WorkspaceRequest::builder()
        .directory_id(&request.directory)
        .user_name(&request.user_name)
        .bundle_id(&request.bundle)
        .workspace_properties(properties)
        .set_root_volume_encryption_enabled(encrypted(request.encryption.root))
        .set_user_volume_encryption_enabled(encrypted(request.encryption.user))
        .set_volume_encryption_key(request.encryption.key_for_aws().map(ToOwned::to_owned))
        .set_tags(Some(tags.collect::<Result<_, _>>().map_err(incomplete)?))
        .build()
        .map_err(incomplete)
}

pub(super) fn incomplete(error: aws_smithy_types::error::operation::BuildError) -> AwsFault {
    AwsFault::Refused { code: "ValidationException".to_owned(), message: error.to_string() }
}

fn read_registration(found: &aws_sdk_workspaces::types::WorkspaceDirectory) -> Option<Registration> {
    Some(Registration {
        directory: found.directory_id()?.to_owned(),
        state: found.state()?.as_str().to_owned(),
        error: found.error_message().map(ToOwned::to_owned),
        registration_code: found.registration_code().map(ToOwned::to_owned),
        subnets: found.subnet_ids().to_vec(),
        role: found.iam_role_id().map(ToOwned::to_owned),
        devices: found.workspace_access_properties().map(registration::read_devices).unwrap_or_default(),
        settings: registration::read_settings(found),
    })
}

fn read_workspace(found: &aws_sdk_workspaces::types::Workspace) -> Option<Workspace> {
    let properties = found.workspace_properties();
    Some(Workspace {
        id: found.workspace_id()?.to_owned(),
        directory: found.directory_id()?.to_owned(),
        user_name: found.user_name()?.to_owned(),
        bundle: found.bundle_id().map(ToOwned::to_owned),
        state: found.state()?.as_str().to_owned(),
        error_code: found.error_code().map(ToOwned::to_owned),
        error_message: found.error_message().map(ToOwned::to_owned),
        computer_name: found.computer_name().map(ToOwned::to_owned),
        running_mode: properties.and_then(|properties| properties.running_mode()).map(|mode| mode.as_str().to_owned()),
        auto_stop_minutes: properties.and_then(|properties| properties.running_mode_auto_stop_timeout_in_minutes()),
        root_gib: properties.and_then(|properties| properties.root_volume_size_gib()),
        user_gib: properties.and_then(|properties| properties.user_volume_size_gib()),
        encrypted_root: found.root_volume_encryption_enabled().unwrap_or(false),
        encrypted_user: found.user_volume_encryption_enabled().unwrap_or(false),
    })
}
