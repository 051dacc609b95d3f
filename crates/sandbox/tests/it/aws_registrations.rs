//! Registered directories: RegisterWorkspaceDirectory, settings, tags and DeregisterWorkspaceDirectory.

use aws_sdk_workspaces::types::{
    AccessPropertyValue, ClientProperties, DeletableSamlProperty, ReconnectEnum, SamlProperties, SamlStatusEnum,
    SelfservicePermissions, Tenancy, TerminateRequest, WorkspaceAccessProperties, WorkspaceCreationProperties,
    WorkspaceDirectoryState, WorkspaceDirectoryType, WorkspaceRequest, WorkspaceState, WorkspaceType,
};
use chrono::TimeDelta;
use sandbox::{
    Behaviour,
    faults::{Fault, Kind},
};
use serde_json::json;

use crate::{
    aws_clients::{Aws, OWN_BUNDLE, PUBLIC_BUNDLE, SUBNETS, connect, launch, make, registered, told},
    refusal,
};

const MISSING: &str = "ResourceNotFoundException";
const NOWHERE: &str = "d-0000000000";

async fn state(aws: &Aws, id: &str) -> Option<WorkspaceDirectoryState> {
    told(aws, id).await.and_then(|directory| directory.state)
}

fn behave(aws: &Aws, change: impl FnOnce(&mut Behaviour)) {
    let mut behaviour = aws.sandbox.state().behaviour();
    change(&mut behaviour);
    aws.sandbox.state().set_behaviour(behaviour);
}

async fn terminate(aws: &Aws, id: &str) {
    let ending = TerminateRequest::builder().workspace_id(id).build().unwrap();
    aws.workspaces.terminate_workspaces().terminate_workspace_requests(ending).send().await.unwrap();
    aws.sandbox.clock().advance(TimeDelta::minutes(10));
}

#[tokio::test]
async fn a_directory_is_registering_then_registered_with_a_code_of_its_own() {
    let aws = Aws::behaving(|behaviour| behaviour.registering_ms = 60_000).await;
    let id = connect(&aws).await;
    let answer =
        aws.workspaces.register_workspace_directory().directory_id(&id).subnet_ids(SUBNETS[1]).subnet_ids("subnet-3c4d5e6f");
    let answer = answer.tenancy(Tenancy::Shared).send().await.unwrap();
    assert_eq!((answer.directory_id(), answer.state()), (Some(id.as_str()), Some(&WorkspaceDirectoryState::Registering)));
    assert_eq!(state(&aws, &id).await, Some(WorkspaceDirectoryState::Registering));
    aws.sandbox.clock().advance(TimeDelta::seconds(61));
    let directory = told(&aws, &id).await.unwrap();
    assert_eq!((directory.state(), directory.error_message()), (Some(&WorkspaceDirectoryState::Registered), None));
    assert_eq!(directory.subnet_ids(), [SUBNETS[1], "subnet-3c4d5e6f"]);
    assert_eq!(
        (directory.directory_name(), directory.directory_type()),
        (Some("corp.example.com"), Some(&WorkspaceDirectoryType::AdConnector))
    );
    assert_eq!(
        (directory.customer_user_name(), directory.dns_ip_addresses()),
        (Some("svc-adconnector"), ["127.0.0.1".to_owned()].as_slice())
    );
    assert!(directory.iam_role_id().unwrap().ends_with(":role/workspaces_DefaultRole"));
    let code = directory.registration_code().unwrap();
    assert!(code.starts_with("WSfra+") && code.len() == 12 && code != "WSfra+7KQ2MD", "{code}");
    assert!(directory.workspace_security_group_id().unwrap().starts_with("sg-"));
    let permissions = directory.selfservice_permissions().unwrap();
    assert_eq!(
        (permissions.restart_workspace(), permissions.rebuild_workspace()),
        (Some(&ReconnectEnum::Enabled), Some(&ReconnectEnum::Disabled))
    );
    assert_eq!(directory.saml_properties().unwrap().status(), Some(&SamlStatusEnum::Disabled));
    let creation = directory.workspace_creation_properties().unwrap();
    assert_eq!((creation.user_enabled_as_local_administrator(), creation.default_ou()), (Some(true), None));
}

#[tokio::test]
async fn what_can_not_be_registered_is_refused_by_its_own_error() {
    let aws = Aws::new().await;
    let id = connect(&aws).await;
    let register = |subnets: &[&str]| {
        let subnets = subnets.iter().map(|&subnet| subnet.to_owned()).collect();
        aws.workspaces.register_workspace_directory().directory_id(&id).set_subnet_ids(Some(subnets))
    };
    let [first, second] = SUBNETS;
    let cases = [
        (register(&[first, "subnet-1a2b3c4d"]), "OperationNotSupportedException"),
        (register(&[first]), "OperationNotSupportedException"),
        (register(&[first, "subnet-0d1e2f30"]), "OperationNotSupportedException"),
        (register(&["subnet-4d5e6f70", "subnet-5e6f7081"]), "UnsupportedNetworkConfigurationException"),
        (register(&[first, "subnet-00000000"]), "InvalidParameterValuesException"),
        (register(&[first, second]).tenancy(Tenancy::Dedicated), "InvalidParameterValuesException"),
        (register(&[first, second]).workspace_type(WorkspaceType::Pools), "OperationNotSupportedException"),
        (register(&[first, second]).directory_id(NOWHERE), MISSING),
        (aws.workspaces.register_workspace_directory(), "InvalidParameterValuesException"),
        (register(&[first, second, second]), "ValidationException"),
    ];
    for (call, wanted) in cases {
        let (code, message, status) = refusal!(call.send());
        assert_eq!((code.as_str(), status), (wanted, 400), "{message}");
    }
    behave(&aws, |behaviour| behaviour.default_role = false);
    assert_eq!(refusal!(register(&[first, second]).send()).0, "WorkspacesDefaultRoleNotFoundException");
    behave(&aws, |behaviour| behaviour.default_role = true);
    assert_eq!(make(&aws, &id, &json!({ "stage": "Impaired" })).await, 204);
    assert_eq!(refusal!(register(&[first, second]).send()).0, "InvalidResourceStateException");
    assert_eq!(make(&aws, &id, &json!({ "stage": "Active" })).await, 204);
    assert_eq!(state(&aws, &id).await, None, "nothing was registered");
    register(&[first, second]).send().await.unwrap();
    assert_eq!(refusal!(register(&[first, second]).send()).0, "ResourceAlreadyExistsException");
}

#[tokio::test]
async fn a_connector_that_is_not_active_yet_and_one_in_a_change_are_in_the_wrong_state() {
    let aws = Aws::behaving(|behaviour| {
        behaviour.connector_creating_ms = 60_000;
        behaviour.registering_ms = 60_000;
    })
    .await;
    let id = connect(&aws).await;
    let register = || aws.workspaces.register_workspace_directory().directory_id(&id).send();
    let deregister = || aws.workspaces.deregister_workspace_directory().directory_id(&id).send();
    assert_eq!(refusal!(register()).0, "InvalidResourceStateException");
    aws.sandbox.clock().advance(TimeDelta::seconds(61));
    register().await.unwrap();
    assert_eq!(refusal!(register()).0, "InvalidResourceStateException");
    assert_eq!(refusal!(deregister()).0, "InvalidResourceStateException");
    aws.sandbox.clock().advance(TimeDelta::seconds(61));
    deregister().await.unwrap();
}

#[tokio::test]
async fn fifty_directories_can_be_registered() {
    let aws = Aws::behaving(|behaviour| behaviour.connector_quota = 60).await;
    for _ in 0..49 {
        registered(&aws).await;
    }
    let id = connect(&aws).await;
    let refused = aws.workspaces.register_workspace_directory().directory_id(&id).send();
    assert_eq!(refusal!(refused).0, "ResourceLimitExceededException");
    let mut pages = aws.workspaces.describe_workspace_directories().into_paginator().send();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().directories().len());
    }
    assert_eq!(sizes, [25, 25]);
}

#[tokio::test]
async fn a_registration_can_end_in_error_and_be_taken_back() {
    let aws = Aws::new().await;
    let id = connect(&aws).await;
    aws.sandbox.faults().add(Fault::new("RegisterWorkspaceDirectory", Kind::EndInError).items(vec![id.clone()]).times(1));
    let register = || aws.workspaces.register_workspace_directory().directory_id(&id).send();
    register().await.unwrap();
    let broken = told(&aws, &id).await.unwrap();
    assert_eq!(broken.state(), Some(&WorkspaceDirectoryState::Error));
    assert!(broken.error_message().is_some_and(|message| !message.is_empty()));
    aws.workspaces.deregister_workspace_directory().directory_id(&id).send().await.unwrap();
    register().await.unwrap();
    assert_eq!(state(&aws, &id).await, Some(WorkspaceDirectoryState::Registered));
}

#[tokio::test]
async fn deregistering_waits_for_the_last_workspace_and_the_code_dies_with_it() {
    let aws = Aws::behaving(|behaviour| behaviour.deregistering_ms = 60_000).await;
    let id = registered(&aws).await;
    let code = told(&aws, &id).await.unwrap().registration_code;
    let desktop = launch(&aws, &id, "marta.nordwind").await;
    let deregister = || aws.workspaces.deregister_workspace_directory().directory_id(&id).send();
    assert_eq!(refusal!(deregister()).0, "OperationNotSupportedException");
    terminate(&aws, &desktop).await;
    deregister().await.unwrap();
    assert_eq!(state(&aws, &id).await, Some(WorkspaceDirectoryState::Deregistering));
    assert_eq!(refusal!(deregister()).0, "InvalidResourceStateException");
    let request =
        WorkspaceRequest::builder().directory_id(&id).user_name("marta.nordwind").bundle_id(OWN_BUNDLE).build().unwrap();
    let refused = aws.create(vec![request]).await;
    assert_eq!(refused.failed_requests()[0].error_code(), Some("ResourceNotFound.Directory"));
    aws.sandbox.clock().advance(TimeDelta::seconds(61));
    assert_eq!(state(&aws, &id).await, None);
    assert_eq!(refusal!(deregister()).0, MISSING);
    aws.workspaces.register_workspace_directory().directory_id(&id).send().await.unwrap();
    assert_ne!(told(&aws, &id).await.unwrap().registration_code, code, "another registration, another code");
}

#[tokio::test]
async fn access_and_self_service_change_member_by_member() {
    use AccessPropertyValue::{Allow, Deny};
    let aws = Aws::new().await;
    let id = registered(&aws).await;
    let modify = |access: WorkspaceAccessProperties| {
        aws.workspaces.modify_workspace_access_properties().resource_id(&id).workspace_access_properties(access).send()
    };
    modify(WorkspaceAccessProperties::builder().device_type_web(Allow).build()).await.unwrap();
    modify(WorkspaceAccessProperties::builder().device_type_ios(Deny).build()).await.unwrap();
    let permissions = SelfservicePermissions::builder().rebuild_workspace(ReconnectEnum::Enabled).build();
    let modify = aws.workspaces.modify_selfservice_permissions().resource_id(&id).selfservice_permissions(permissions);
    modify.send().await.unwrap();
    let directory = told(&aws, &id).await.unwrap();
    let access = directory.workspace_access_properties().unwrap();
    assert_eq!((access.device_type_web(), access.device_type_ios()), (Some(&Allow), Some(&Deny)));
    assert_eq!((access.device_type_linux(), access.device_type_windows()), (Some(&Deny), Some(&Allow)), "as before");
    let permissions = directory.selfservice_permissions().unwrap();
    let enabled = Some(&ReconnectEnum::Enabled);
    assert_eq!((permissions.rebuild_workspace(), permissions.restart_workspace()), (enabled, enabled));
    assert_eq!(permissions.change_compute_type(), Some(&ReconnectEnum::Disabled), "as before");
    let other = told(&aws, aws.sandbox.directory()).await.unwrap();
    assert_eq!(other.workspace_access_properties().unwrap().device_type_web(), Some(&Deny), "of its own only");
}

#[tokio::test]
async fn creation_properties_change_member_by_member() {
    let aws = Aws::new().await;
    let id = registered(&aws).await;
    let modify = |creation: WorkspaceCreationProperties| {
        aws.workspaces.modify_workspace_creation_properties().resource_id(&id).workspace_creation_properties(creation).send()
    };
    let unit = "OU=WorkSpaces,DC=corp,DC=example,DC=com";
    let first = WorkspaceCreationProperties::builder().default_ou(unit).user_enabled_as_local_administrator(false);
    modify(first.build()).await.unwrap();
    modify(WorkspaceCreationProperties::builder().enable_internet_access(true).build()).await.unwrap();
    let creation = told(&aws, &id).await.unwrap().workspace_creation_properties.unwrap();
    assert_eq!((creation.default_ou(), creation.enable_maintenance_mode()), (Some(unit), Some(true)));
    assert_eq!((creation.enable_internet_access(), creation.user_enabled_as_local_administrator()), (Some(true), Some(false)));
}

#[tokio::test]
async fn client_properties_are_told_apart() {
    let aws = Aws::new().await;
    let id = registered(&aws).await;
    let properties = ClientProperties::builder().reconnect_enabled(ReconnectEnum::Disabled).build();
    aws.workspaces.modify_client_properties().resource_id(&id).client_properties(properties).send().await.unwrap();
    let both =
        aws.workspaces.describe_client_properties().resource_ids(&id).resource_ids(aws.sandbox.directory()).send().await.unwrap();
    let reconnect: Vec<_> = both
        .client_properties_list()
        .iter()
        .map(|one| one.client_properties().unwrap().reconnect_enabled().unwrap().clone())
        .collect();
    assert_eq!(reconnect, [ReconnectEnum::Disabled, ReconnectEnum::Enabled]);
    assert!(both.client_properties_list()[0].client_properties().unwrap().log_upload_enabled().is_some());
    assert_eq!(refusal!(aws.workspaces.describe_client_properties().resource_ids(NOWHERE).send()).0, MISSING);
}

#[tokio::test]
async fn saml_needs_a_url_and_parts_of_it_can_be_deleted() {
    let aws = Aws::new().await;
    let id = registered(&aws).await;
    let modify =
        |properties: SamlProperties| aws.workspaces.modify_saml_properties().resource_id(&id).saml_properties(properties);
    let on = SamlProperties::builder().status(SamlStatusEnum::Enabled);
    assert_eq!(refusal!(modify(on.clone().build()).send()).0, "InvalidParameterValuesException");
    modify(on.user_access_url("https://sso.example.com/x").relay_state_parameter_name("RelayState").build())
        .send()
        .await
        .unwrap();
    let saml = told(&aws, &id).await.unwrap().saml_properties.unwrap();
    assert_eq!((saml.status(), saml.relay_state_parameter_name()), (Some(&SamlStatusEnum::Enabled), Some("RelayState")));
    let relay = DeletableSamlProperty::SamlPropertiesRelayStateParameterName;
    aws.workspaces.modify_saml_properties().resource_id(&id).properties_to_delete(relay).send().await.unwrap();
    let saml = told(&aws, &id).await.unwrap().saml_properties.unwrap();
    assert_eq!((saml.user_access_url(), saml.relay_state_parameter_name()), (Some("https://sso.example.com/x"), None));
}

#[tokio::test]
async fn settings_of_nothing_and_of_what_is_going_are_refused() {
    let aws = Aws::behaving(|behaviour| behaviour.deregistering_ms = 60_000).await;
    let id = registered(&aws).await;
    aws.workspaces.deregister_workspace_directory().directory_id(&id).send().await.unwrap();
    for (id, wanted) in [(NOWHERE, MISSING), (id.as_str(), "OperationNotSupportedException")] {
        let access = WorkspaceAccessProperties::builder().build();
        let calls = [
            refusal!(
                aws.workspaces.modify_workspace_access_properties().resource_id(id).workspace_access_properties(access).send()
            ),
            refusal!(
                aws.workspaces
                    .modify_selfservice_permissions()
                    .resource_id(id)
                    .selfservice_permissions(SelfservicePermissions::builder().build())
                    .send()
            ),
            refusal!(
                aws.workspaces
                    .modify_workspace_creation_properties()
                    .resource_id(id)
                    .workspace_creation_properties(WorkspaceCreationProperties::builder().build())
                    .send()
            ),
            refusal!(
                aws.workspaces
                    .modify_client_properties()
                    .resource_id(id)
                    .client_properties(ClientProperties::builder().build())
                    .send()
            ),
            refusal!(aws.workspaces.modify_saml_properties().resource_id(id).send()),
        ];
        for (code, message, _) in calls {
            assert_eq!(code, wanted, "{message}");
        }
    }
}

#[tokio::test]
async fn a_workspace_for_a_unit_that_is_not_there_ends_in_error() {
    let aws = Aws::new().await;
    let id = registered(&aws).await;
    let set = async |unit: &str| {
        let creation = WorkspaceCreationProperties::builder().default_ou(unit).build();
        let call = aws.workspaces.modify_workspace_creation_properties().resource_id(&id).workspace_creation_properties(creation);
        call.send().await.expect("AWS does not look");
    };
    let outcome = async |account: &str| {
        let desktop = launch(&aws, &id, account).await;
        aws.sandbox.clock().advance(TimeDelta::minutes(1));
        let found = aws.workspaces.describe_workspaces().workspace_ids(&desktop).send().await.unwrap();
        found.workspaces()[0].state().unwrap().clone()
    };
    set("OU=Nowhere,DC=corp,DC=example,DC=com").await;
    assert_eq!(outcome("anna.nordwind").await, WorkspaceState::Error);
    set("ou=Sales,OU=WorkSpaces,DC=corp,DC=example,DC=com").await;
    assert_eq!(outcome("ben.nordwind").await, WorkspaceState::Available);
    assert_eq!(make(&aws, &id, &json!({ "stage": "Inoperable" })).await, 204);
    assert_eq!(outcome("clara.nordwind").await, WorkspaceState::Error);
}

#[tokio::test]
async fn one_user_may_have_a_workspace_in_each_directory() {
    let aws = Aws::new().await;
    let id = registered(&aws).await;
    launch(&aws, &id, "anna.nordwind").await;
    launch(&aws, aws.sandbox.directory(), "anna.nordwind").await;
    let request =
        WorkspaceRequest::builder().directory_id(&id).user_name("ANNA.nordwind").bundle_id(PUBLIC_BUNDLE).build().unwrap();
    let answer = aws.create(vec![request]).await;
    assert_eq!(answer.failed_requests()[0].error_code(), Some("ResourceExists.WorkSpace"));
    let mine = aws.workspaces.describe_workspaces().directory_id(&id).send().await.unwrap();
    assert_eq!(mine.workspaces().len(), 1);
}

#[tokio::test]
async fn faults_hit_registrations_too() {
    let aws = Aws::new().await;
    let id = connect(&aws).await;
    let register = || aws.workspaces.register_workspace_directory().directory_id(&id).send();
    aws.sandbox.faults().add(Fault::new("RegisterWorkspaceDirectory", Kind::LoseReply).times(1));
    assert!(register().await.unwrap_err().as_service_error().is_none());
    assert_eq!(state(&aws, &id).await, Some(WorkspaceDirectoryState::Registered));
    let denied = Kind::Refuse { code: "AccessDeniedException".to_owned(), message: "No.".to_owned() };
    aws.sandbox.faults().add(Fault::new("DeregisterWorkspaceDirectory", denied).items(vec![id.clone()]));
    assert_eq!(refusal!(aws.workspaces.deregister_workspace_directory().directory_id(&id).send()).0, "AccessDeniedException");
    assert_eq!(state(&aws, &id).await, Some(WorkspaceDirectoryState::Registered));
}
