//! WorkSpaces: how a directory is registered, and its settings.

use aws_sdk_workspaces::{
    operation::describe_client_properties::DescribeClientPropertiesOutput,
    types::{
        AccessPropertyValue, ClientProperties, LogUploadEnum, ReconnectEnum, SelfservicePermissions, Tenancy,
        WorkspaceAccessProperties, WorkspaceCreationProperties, WorkspaceDirectory,
    },
};
use model::directories::{Client, Creation, Devices, Registering, Saml, SelfService, Settings};

use super::{Aws, AwsFault};
use crate::budget::{Operation, Slot};

impl Aws {
    /// RegisterWorkspaceDirectory for personal WorkSpaces. WorkDocs, which old examples switch on here, is in the call no more.
    pub(crate) async fn register_directory(&self, slot: Slot, id: &str, how: &Registering) -> Result<(), AwsFault> {
        let subnets = how.subnets.iter().map(ToString::to_string).collect();
        let tenancy = if how.dedicated { Tenancy::Dedicated } else { Tenancy::Shared };
        let call = self.workspaces.register_workspace_directory().directory_id(id).set_subnet_ids(Some(subnets)).tenancy(tenancy);
        let call = call.enable_self_service(how.self_service).send();
        slot.call(Operation::RegisterWorkspaceDirectory, call).await.map(drop)
    }

    /// DeregisterWorkspaceDirectory, which AWS refuses while there are WorkSpaces.
    pub(crate) async fn deregister_directory(&self, slot: Slot, id: &str) -> Result<(), AwsFault> {
        let call = self.workspaces.deregister_workspace_directory().directory_id(id).send();
        slot.call(Operation::DeregisterWorkspaceDirectory, call).await.map(drop)
    }

    /// ModifyWorkspaceAccessProperties.
    pub(crate) async fn modify_devices(&self, slot: Slot, id: &str, devices: Devices) -> Result<(), AwsFault> {
        let value = |allowed: bool| if allowed { AccessPropertyValue::Allow } else { AccessPropertyValue::Deny };
        let properties = WorkspaceAccessProperties::builder()
            .device_type_windows(value(devices.windows))
            .device_type_osx(value(devices.macos))
            .device_type_linux(value(devices.linux))
            .device_type_ios(value(devices.ios))
            .device_type_android(value(devices.android))
            .device_type_chrome_os(value(devices.chrome_os))
            .device_type_zero_client(value(devices.zero_client))
            .device_type_work_spaces_thin_client(value(devices.thin_client))
            .device_type_web(value(devices.web))
            .build();
        let call = self.workspaces.modify_workspace_access_properties().resource_id(id).workspace_access_properties(properties);
        slot.call(Operation::ModifyWorkspaceAccessProperties, call.send()).await.map(drop)
    }

    /// ModifyWorkspaceCreationProperties; what is `None` is left out and stays as it is.
    pub(crate) async fn modify_creation(&self, slot: Slot, id: &str, creation: &Creation) -> Result<(), AwsFault> {
        let properties = WorkspaceCreationProperties::builder()
            .enable_internet_access(creation.internet_access)
            .set_default_ou(creation.default_ou.clone())
            .set_custom_security_group_id(creation.security_group.clone())
            .user_enabled_as_local_administrator(creation.local_administrator)
            .enable_maintenance_mode(creation.maintenance)
            .build();
        let call =
            self.workspaces.modify_workspace_creation_properties().resource_id(id).workspace_creation_properties(properties);
        slot.call(Operation::ModifyWorkspaceCreationProperties, call.send()).await.map(drop)
    }

    /// ModifySelfservicePermissions.
    pub(crate) async fn modify_self_service(&self, slot: Slot, id: &str, may: SelfService) -> Result<(), AwsFault> {
        let permissions = SelfservicePermissions::builder()
            .restart_workspace(enabled(may.restart))
            .increase_volume_size(enabled(may.increase_volumes))
            .change_compute_type(enabled(may.change_compute))
            .switch_running_mode(enabled(may.switch_running_mode))
            .rebuild_workspace(enabled(may.rebuild))
            .build();
        let call = self.workspaces.modify_selfservice_permissions().resource_id(id).selfservice_permissions(permissions);
        slot.call(Operation::ModifySelfservicePermissions, call.send()).await.map(drop)
    }

    /// ModifyClientProperties.
    pub(crate) async fn modify_client(&self, slot: Slot, id: &str, client: Client) -> Result<(), AwsFault> {
        let upload = if client.log_upload { LogUploadEnum::Enabled } else { LogUploadEnum::Disabled };
        let properties =
            ClientProperties::builder().reconnect_enabled(enabled(client.reconnect)).log_upload_enabled(upload).build();
        let call = self.workspaces.modify_client_properties().resource_id(id).client_properties(properties);
        slot.call(Operation::ModifyClientProperties, call.send()).await.map(drop)
    }

    /// DescribeClientProperties of at most 25 directories: each with its own.
    pub(crate) async fn client_properties(&self, slot: Slot, ids: &[String]) -> Result<Vec<(String, Client)>, AwsFault> {
        let call = self.workspaces.describe_client_properties().set_resource_ids(Some(ids.to_vec())).send();
        let answer: DescribeClientPropertiesOutput = slot.call(Operation::DescribeClientProperties, call).await?;
        let standard = Client::default();
        let rows = answer.client_properties_list().iter().filter_map(|found| {
            let properties = found.client_properties()?;
            let reconnect = properties.reconnect_enabled().map_or(standard.reconnect, is_enabled);
            let log_upload =
                properties.log_upload_enabled().map_or(standard.log_upload, |value| *value == LogUploadEnum::Enabled);
            Some((found.resource_id()?.to_owned(), Client { reconnect, log_upload }))
        });
        Ok(rows.collect())
    }
}

/// AWS uses one type for all of these.
fn enabled(yes: bool) -> ReconnectEnum {
    if yes { ReconnectEnum::Enabled } else { ReconnectEnum::Disabled }
}

fn is_enabled(value: &ReconnectEnum) -> bool {
    *value == ReconnectEnum::Enabled
}

pub(super) fn read_devices(access: &WorkspaceAccessProperties) -> Devices {
    let standard = Devices::default();
    let allowed = |value: Option<&AccessPropertyValue>, standard: bool| {
        value.map_or(standard, |value| *value == AccessPropertyValue::Allow)
    };
    Devices {
        windows: allowed(access.device_type_windows(), standard.windows),
        macos: allowed(access.device_type_osx(), standard.macos),
        linux: allowed(access.device_type_linux(), standard.linux),
        ios: allowed(access.device_type_ios(), standard.ios),
        android: allowed(access.device_type_android(), standard.android),
        chrome_os: allowed(access.device_type_chrome_os(), standard.chrome_os),
        zero_client: allowed(access.device_type_zero_client(), standard.zero_client),
        thin_client: allowed(access.device_type_work_spaces_thin_client(), standard.thin_client),
        web: allowed(access.device_type_web(), standard.web),
    }
}

pub(super) fn read_settings(found: &WorkspaceDirectory) -> Settings {
    let own = |text: Option<&str>| text.map(ToOwned::to_owned);
    let standard = Creation::default();
    let creation = found.workspace_creation_properties().map(|found| Creation {
        internet_access: found.enable_internet_access().unwrap_or(standard.internet_access),
        default_ou: own(found.default_ou()),
        security_group: own(found.custom_security_group_id()),
        local_administrator: found.user_enabled_as_local_administrator().unwrap_or(standard.local_administrator),
        maintenance: found.enable_maintenance_mode().unwrap_or(standard.maintenance),
    });
    let may = |value: Option<&ReconnectEnum>| value.is_some_and(is_enabled);
    let self_service = found.selfservice_permissions().map(|found| SelfService {
        restart: may(found.restart_workspace()),
        increase_volumes: may(found.increase_volume_size()),
        change_compute: may(found.change_compute_type()),
        switch_running_mode: may(found.switch_running_mode()),
        rebuild: may(found.rebuild_workspace()),
    });
    let saml = found.saml_properties().map(|found| Saml {
        status: found.status().map(|status| status.as_str().to_owned()),
        user_access_url: own(found.user_access_url()),
        relay_state: own(found.relay_state_parameter_name()),
    });
    Settings {
        subnets: found.subnet_ids().to_vec(),
        tenancy: found.tenancy().map(|tenancy| tenancy.as_str().to_owned()),
        own_security_group: own(found.workspace_security_group_id()),
        ip_groups: found.ip_group_ids().to_vec(),
        creation: creation.unwrap_or_default(),
        self_service: self_service.unwrap_or_default(),
        client: Client::default(),
        saml: saml.unwrap_or_default(),
    }
}
