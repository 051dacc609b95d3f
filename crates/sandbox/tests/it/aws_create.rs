//! CreateWorkspaces and TerminateWorkspaces: what is made, what is refused by item, and how a WorkSpace comes and goes.

use std::{collections::HashSet, time::Duration};

use aws_sdk_workspaces::types::{RunningMode, TerminateRequest, WorkspaceProperties, WorkspaceRequest, WorkspaceState};
use chrono::TimeDelta;

use crate::{
    aws_clients::{Aws, OWN_BUNDLE, PUBLIC_BUNDLE, request},
    refusal,
};

fn with(request: &WorkspaceRequest, mode: RunningMode, minutes: Option<i32>) -> WorkspaceRequest {
    let properties =
        WorkspaceProperties::builder().running_mode(mode).set_running_mode_auto_stop_timeout_in_minutes(minutes).build();
    let mut request = request.clone();
    request.workspace_properties = Some(properties);
    request
}

async fn state_of(aws: &Aws, id: &str) -> Option<WorkspaceState> {
    let answer = aws.workspaces.describe_workspaces().workspace_ids(id).send().await.unwrap();
    answer.workspaces().first().and_then(|workspace| workspace.state().cloned())
}

#[tokio::test]
async fn a_workspace_is_pending_then_available_with_name_and_address() {
    let aws = Aws::behaving(|behaviour| behaviour.pending_ms = 600_000).await;
    let account = aws.free_accounts(1).remove(0);
    let answer = aws.create(vec![with(&request(&aws, &account), RunningMode::AutoStop, None)]).await;
    let made = &answer.pending_requests()[0];
    assert_eq!(
        (made.state(), made.user_name(), made.bundle_id()),
        (Some(&WorkspaceState::Pending), Some(account.as_str()), Some(OWN_BUNDLE))
    );
    assert_eq!((made.computer_name(), made.ip_address()), (None, None));

    aws.sandbox.clock().advance(TimeDelta::minutes(11));
    let found = aws.workspaces.describe_workspaces().workspace_ids(made.workspace_id().unwrap()).send().await.unwrap();
    let ready = &found.workspaces()[0];
    assert_eq!(ready.state(), Some(&WorkspaceState::Available));
    assert!(
        ready.computer_name().unwrap().starts_with("WSAMZN-")
            && ready.ip_address().unwrap().parse::<std::net::Ipv4Addr>().is_ok()
    );
    let properties = ready.workspace_properties().unwrap();
    assert_eq!(
        (properties.running_mode(), properties.running_mode_auto_stop_timeout_in_minutes()),
        (Some(&RunningMode::AutoStop), Some(60))
    );
}

#[tokio::test]
async fn one_call_tells_each_refused_item_by_its_code_and_makes_the_others() {
    let aws = Aws::new().await;
    let accounts = aws.free_accounts(8);
    let right = |index: usize| request(&aws, &accounts[index]);
    let mut requests = vec![right(0), right(0), right(1), right(2), right(3), right(4), right(5), right(6)];
    requests[1].user_name = accounts[0].to_uppercase();
    requests[2].user_name = "nobody.at.all".to_owned();
    requests[3].directory_id = "d-90673c5d6e".to_owned();
    requests[4].bundle_id = "wsb-000000000".to_owned();
    requests[5] = with(&requests[5], RunningMode::AlwaysOn, Some(60));
    requests[6] = with(&requests[6], RunningMode::AutoStop, Some(90));
    let answer = aws.create(requests.clone()).await;

    let made: Vec<_> = answer.pending_requests().iter().filter_map(|workspace| workspace.user_name()).collect();
    assert_eq!(made, [accounts[0].as_str(), accounts[6].as_str()]);
    let failed: Vec<_> = answer.failed_requests().iter().map(|failed| failed.error_code().unwrap()).collect();
    let codes = [
        "ResourceExists.WorkSpace",
        "ResourceNotFound.User",
        "ResourceNotFound.Directory",
        "ResourceNotFound.Bundle",
        "AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace",
        "InvalidParameterValue",
    ];
    assert_eq!(failed, codes);
    assert!(answer.failed_requests().iter().all(|failed| failed.error_message().is_some_and(|message| !message.is_empty())));
    let echoed: Vec<_> = answer.failed_requests().iter().map(|failed| failed.workspace_request().unwrap().clone()).collect();
    assert_eq!(echoed, requests[1..7]);
}

#[tokio::test]
async fn a_disabled_person_can_have_a_workspace_and_a_person_who_left_can_not() {
    let aws = Aws::new().await;
    let accounts = aws.free_accounts(2);
    assert!(aws.sandbox.company().change(&accounts[0], |person| person.user_account_control |= 0x2));
    aws.create_for(&accounts[0]).await;
    aws.sandbox.company().remove(&accounts[1]);
    let answer = aws.create(vec![request(&aws, &accounts[1])]).await;
    assert_eq!(answer.failed_requests()[0].error_code(), Some("ResourceNotFound.User"));
}

#[tokio::test]
async fn twenty_five_are_one_call_and_twenty_six_are_refused_whole() {
    let aws = Aws::new().await;
    let requests: Vec<_> = aws.free_accounts(26).iter().map(|account| request(&aws, account)).collect();
    let (code, message, status) = refusal!(aws.workspaces.create_workspaces().set_workspaces(Some(requests.clone())).send());
    assert_eq!((code.as_str(), status), ("ValidationException", 400));
    assert!(message.starts_with("1 validation error detected: ") && message.contains("'workspaces'"), "{message}");
    let before = aws.sandbox.state().memory().workspaces.len();
    let answer = aws.create(requests[..25].to_vec()).await;
    let ids: HashSet<_> = answer.pending_requests().iter().filter_map(|workspace| workspace.workspace_id()).collect();
    assert_eq!(ids.len(), 25);
    assert_eq!(aws.sandbox.state().memory().workspaces.len(), before + 25);
}

#[tokio::test]
async fn the_guard_against_doubles_can_be_switched_off() {
    let aws = Aws::new().await;
    let account = aws.free_accounts(1).remove(0);
    let first = aws.create_for(&account).await;
    let mut behaviour = aws.sandbox.state().behaviour();
    behaviour.one_workspace_per_user = false;
    aws.sandbox.state().set_behaviour(behaviour);
    let second = aws.create_for(&account).await;
    assert_ne!(first, second);
    let created = aws.control("workspaces").await;
    let doubles = created.as_array().unwrap().iter().filter(|workspace| workspace["user_name"] == account.as_str()).count();
    assert_eq!(doubles, 2);
}

#[tokio::test]
async fn a_call_at_the_same_time_does_not_get_past_the_guard() {
    let aws = Aws::new().await;
    let account = aws.free_accounts(1).remove(0);
    let calls = (0..8).map(|_| aws.create(vec![request(&aws, &account)]));
    let made: usize = futures::future::join_all(calls).await.iter().map(|answer| answer.pending_requests().len()).sum();
    assert_eq!(made, 1);
}

#[tokio::test]
async fn the_quota_refuses_what_is_beyond_it() {
    let aws = Aws::new().await;
    let mut behaviour = aws.sandbox.state().behaviour();
    behaviour.quota = aws.sandbox.state().memory().workspaces.len() + 1;
    aws.sandbox.state().set_behaviour(behaviour);
    let answer = aws.create(aws.free_accounts(2).iter().map(|account| request(&aws, account)).collect()).await;
    assert_eq!((answer.pending_requests().len(), answer.failed_requests().len()), (1, 1));
    assert_eq!(answer.failed_requests()[0].error_code(), Some("ResourceLimitExceeded"));
}

#[tokio::test]
async fn a_new_workspace_hides_for_the_visibility_lag_from_every_question() {
    let aws = Aws::behaving(|behaviour| behaviour.visibility_lag_ms = 60_000).await;
    let account = aws.free_accounts(1).remove(0);
    let id = aws.create_for(&account).await;
    let by_user = || aws.workspaces.describe_workspaces().directory_id(aws.sandbox.directory()).user_name(&account).send();
    let tags = || aws.workspaces.describe_tags().resource_id(&id).send();
    assert_eq!(state_of(&aws, &id).await, None);
    assert!(by_user().await.unwrap().workspaces().is_empty());
    assert!(tags().await.unwrap().tag_list().is_empty());
    let again = aws.create(vec![request(&aws, &account)]).await;
    assert_eq!(again.failed_requests()[0].error_code(), Some("ResourceExists.WorkSpace"), "the guard sees what is not shown yet");

    aws.sandbox.clock().advance(TimeDelta::minutes(2));
    assert_eq!(state_of(&aws, &id).await, Some(WorkspaceState::Available));
    assert_eq!(by_user().await.unwrap().workspaces()[0].workspace_id(), Some(id.as_str()));
    assert_eq!(tags().await.unwrap().tag_list()[0].value(), Some(format!("item-of-{account}").as_str()));
}

#[tokio::test]
async fn a_terminated_workspace_lingers_and_is_gone_and_its_person_can_have_another() {
    let aws = Aws::new().await;
    let account = aws.free_accounts(1).remove(0);
    let id = aws.create_for(&account).await;
    let ending = |id: &str| TerminateRequest::builder().workspace_id(id).build().unwrap();
    let call = aws
        .workspaces
        .terminate_workspaces()
        .terminate_workspace_requests(ending(&id))
        .terminate_workspace_requests(ending("ws-000000000"));
    let answer = call.send().await.unwrap();
    let failed: Vec<_> = answer.failed_requests().iter().map(|failed| (failed.workspace_id(), failed.error_code())).collect();
    assert_eq!(failed, [(Some("ws-000000000"), Some("ResourceNotFound.Workspace"))]);
    assert_eq!(state_of(&aws, &id).await, Some(WorkspaceState::Terminating));
    aws.sandbox.clock().advance(TimeDelta::minutes(1));
    assert_eq!(state_of(&aws, &id).await, None);
    assert_ne!(aws.create_for(&account).await, id);
}

#[tokio::test]
async fn ready_comes_by_itself_in_real_time() {
    let aws = Aws::behaving(|behaviour| behaviour.pending_ms = 3_000).await;
    let answer = aws.create(vec![request(&aws, &aws.free_accounts(1)[0])]).await;
    let id = answer.pending_requests()[0].workspace_id().unwrap();
    assert_eq!(state_of(&aws, id).await, Some(WorkspaceState::Pending));
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    assert_eq!(state_of(&aws, id).await, Some(WorkspaceState::Available));
}

#[tokio::test]
async fn a_public_bundle_can_be_launched() {
    let aws = Aws::new().await;
    let mut request = request(&aws, &aws.free_accounts(1)[0]);
    request.bundle_id = PUBLIC_BUNDLE.to_owned();
    assert_eq!(aws.create(vec![request]).await.pending_requests()[0].bundle_id(), Some(PUBLIC_BUNDLE));
}

#[tokio::test]
async fn volumes_are_those_that_aws_offers_and_encryption_wants_a_key() {
    let aws = Aws::new().await;
    let accounts = aws.free_accounts(7);
    let sized = |index: usize, root: i32, user: i32| {
        let properties = WorkspaceProperties::builder().root_volume_size_gib(root).user_volume_size_gib(user).build();
        let mut request = request(&aws, &accounts[index]);
        request.workspace_properties = Some(properties);
        request
    };
    let encrypted = |index: usize, key: Option<&str>| {
        let mut request = request(&aws, &accounts[index]);
        request.user_volume_encryption_enabled = Some(true);
        request.volume_encryption_key = key.map(ToOwned::to_owned);
        request
    };
    // The bundle has 80 and 50.
    let requests = vec![
        sized(0, 80, 100),
        sized(1, 175, 100),
        sized(2, 80, 10),
        sized(3, 100, 100),
        sized(4, 80, 200),
        encrypted(5, None),
        encrypted(6, Some("alias/aws/workspaces")),
    ];
    let answer = aws.create(requests).await;
    let made: Vec<_> = answer.pending_requests().iter().filter_map(|workspace| workspace.user_name()).collect();
    assert_eq!(made, [accounts[0].as_str(), &accounts[1], &accounts[6]]);
    assert!(answer.failed_requests().iter().all(|failed| failed.error_code() == Some("InvalidParameterValue")));
    let id = answer.pending_requests()[1].workspace_id().unwrap();
    let shown = aws.workspaces.describe_workspaces().workspace_ids(id).send().await.unwrap();
    let properties = shown.workspaces()[0].workspace_properties().unwrap();
    assert_eq!((properties.root_volume_size_gib(), properties.user_volume_size_gib()), (Some(175), Some(100)));
    let with_key = &answer.pending_requests()[2];
    assert_eq!(with_key.user_volume_encryption_enabled(), Some(true));
    assert_eq!(with_key.volume_encryption_key(), Some("alias/aws/workspaces"));
}
