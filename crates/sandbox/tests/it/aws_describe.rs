//! What WorkSpaces tells: WorkSpaces, directories, bundles, tags and connections, page by page.

use std::collections::HashSet;

use aws_sdk_workspaces::types::{
    AccessPropertyValue, ConnectionState, WorkspaceDirectoryState, WorkspaceDirectoryType, WorkspaceState,
};

use crate::{
    aws_clients::{Aws, PUBLIC_BUNDLE, request},
    refusal,
};

const INVALID: &str = "InvalidParameterValuesException";

#[tokio::test]
async fn all_workspaces_come_once_each_over_pages_of_at_most_25() {
    let aws = Aws::new().await;
    let accounts = aws.free_accounts(40);
    for some in accounts.chunks(25) {
        aws.create(some.iter().map(|account| request(&aws, account)).collect()).await;
    }
    let mut pages = aws.workspaces.describe_workspaces().directory_id(aws.sandbox.directory()).into_paginator().send();
    let (mut sizes, mut ids) = (Vec::new(), HashSet::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push(page.workspaces().len());
        ids.extend(page.workspaces().iter().filter_map(|workspace| workspace.workspace_id().map(ToOwned::to_owned)));
    }
    assert_eq!((sizes, ids.len()), (vec![25, 25, 2], 52));
}

#[tokio::test]
async fn a_limit_makes_pages_smaller_and_a_wrong_token_is_refused() {
    let aws = Aws::new().await;
    let first = aws.workspaces.describe_workspaces().limit(5).send().await.unwrap();
    let second = aws.workspaces.describe_workspaces().limit(5).next_token(first.next_token().unwrap()).send().await.unwrap();
    assert_eq!((first.workspaces().len(), second.workspaces().len()), (5, 5));
    assert_ne!(first.workspaces()[4].workspace_id(), second.workspaces()[0].workspace_id());
    for token in ["nonsense", "sbx-", "sbx-9999", "sbx--1"] {
        let (code, message, status) = refusal!(aws.workspaces.describe_workspaces().next_token(token).send());
        assert_eq!((code.as_str(), status), (INVALID, 400), "{token}: {message}");
    }
    for limit in [0, 26, -1] {
        let (code, message, _) = refusal!(aws.workspaces.describe_workspaces().limit(limit).send());
        assert!(code == "ValidationException" && message.contains("'limit'"), "{limit}: {message}");
    }
}

#[tokio::test]
async fn combinations_that_aws_refuses_are_refused_in_its_words() {
    let aws = Aws::new().await;
    let only_one = "Only one of the following are allowed to be specified: BundleId, DirectoryId, WorkSpaceIds, Filters.";
    let ask = || aws.workspaces.describe_workspaces();
    let directory = aws.sandbox.directory();
    let calls = [
        (ask().workspace_ids("ws-500000007").directory_id(directory), only_one),
        (ask().bundle_id(PUBLIC_BUNDLE).directory_id(directory), only_one),
        (ask().workspace_ids("ws-500000007").bundle_id(PUBLIC_BUNDLE), only_one),
        (ask().user_name("ada"), "The DirectoryId parameter is required when UserName is used."),
    ];
    for (call, words) in calls {
        let (code, message, status) = refusal!(call.send());
        assert_eq!((code.as_str(), message.as_str(), status), (INVALID, words, 400));
    }
}

#[tokio::test]
async fn ids_of_nothing_are_missing_and_filters_narrow() {
    let aws = Aws::new().await;
    let account = aws.free_accounts(1).remove(0);
    let id = aws.create_for(&account).await;
    let found = aws.workspaces.describe_workspaces().workspace_ids("ws-000000000").workspace_ids(&id).send().await.unwrap();
    assert_eq!(found.workspaces().iter().map(|workspace| workspace.workspace_id().unwrap()).collect::<Vec<_>>(), [id.as_str()]);
    let shouted =
        aws.workspaces.describe_workspaces().directory_id(aws.sandbox.directory()).user_name(account.to_uppercase()).send();
    assert_eq!(shouted.await.unwrap().workspaces()[0].workspace_id(), Some(id.as_str()));
    let elsewhere = aws.workspaces.describe_workspaces().directory_id("d-90673c5d6e").send().await.unwrap();
    assert!(elsewhere.workspaces().is_empty());
    let of_bundle = aws.workspaces.describe_workspaces().bundle_id(PUBLIC_BUNDLE).send().await.unwrap();
    assert!(
        !of_bundle.workspaces().is_empty()
            && of_bundle.workspaces().iter().all(|workspace| workspace.bundle_id() == Some(PUBLIC_BUNDLE))
    );
}

#[tokio::test]
async fn a_dozen_workspaces_were_there_before_in_several_states() {
    let aws = Aws::new().await;
    let found = aws.workspaces.describe_workspaces().send().await.unwrap();
    let count = |state: WorkspaceState| found.workspaces().iter().filter(|workspace| workspace.state() == Some(&state)).count();
    assert_eq!((count(WorkspaceState::Unhealthy), count(WorkspaceState::Stopped), count(WorkspaceState::Available)), (1, 5, 6));
    let roster = aws.sandbox.company().read();
    assert!(found.workspaces().iter().all(|workspace| roster.person(workspace.user_name().unwrap()).is_some()));
}

#[tokio::test]
async fn one_directory_is_registered_with_code_and_devices() {
    let aws = Aws::new().await;
    let all = aws.workspaces.describe_workspace_directories().send().await.unwrap();
    let [directory] = all.directories() else { panic!("{all:?}") };
    assert_eq!(directory.directory_id(), Some("d-906731a2b4"));
    assert_eq!((directory.directory_name(), directory.registration_code()), (Some("corp.example.com"), Some("WSfra+7KQ2MD")));
    assert_eq!(directory.state(), Some(&WorkspaceDirectoryState::Registered));
    assert_eq!(directory.directory_type(), Some(&WorkspaceDirectoryType::AdConnector));
    assert_eq!(directory.subnet_ids().len(), 2);
    assert_eq!(directory.workspace_access_properties().unwrap().device_type_web(), Some(&AccessPropertyValue::Deny));
    let none = aws.workspaces.describe_workspace_directories().directory_ids("d-90673c5d6e").send().await.unwrap();
    assert!(none.directories().is_empty(), "the lab is not registered");

    let mut behaviour = aws.sandbox.state().behaviour();
    behaviour.web_access = true;
    aws.sandbox.state().set_behaviour(behaviour);
    let open = aws.workspaces.describe_workspace_directories().directory_ids("d-906731a2b4").send().await.unwrap();
    let properties = open.directories()[0].workspace_access_properties().unwrap();
    assert_eq!(properties.device_type_web(), Some(&AccessPropertyValue::Allow));
}

#[tokio::test]
async fn bundles_of_aws_fill_pages_and_own_ones_need_no_owner() {
    let aws = Aws::new().await;
    let mut pages = aws.workspaces.describe_workspace_bundles().owner("AMAZON").into_paginator().send();
    let (mut count, mut seen) = (0, HashSet::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        count += 1;
        for bundle in page.bundles() {
            assert_eq!(bundle.owner(), Some("AMAZON"));
            assert!(
                bundle.root_storage().unwrap().capacity().parse::<u32>().is_ok()
                    && bundle.user_storage().unwrap().capacity().parse::<u32>().is_ok()
            );
            assert!(bundle.compute_type().unwrap().name().is_some());
            assert!(seen.insert(bundle.bundle_id().unwrap().to_owned()));
        }
    }
    assert_eq!((count, seen.len()), (2, 37));
    let own = aws.workspaces.describe_workspace_bundles().send().await.unwrap();
    assert_eq!(own.bundles().iter().map(|bundle| bundle.owner().unwrap()).collect::<Vec<_>>(), ["123456789012"; 3]);
    let two = aws
        .workspaces
        .describe_workspace_bundles()
        .bundle_ids(PUBLIC_BUNDLE)
        .bundle_ids("wsb-own000002")
        .bundle_ids("wsb-000000000");
    assert_eq!(two.send().await.unwrap().bundles().len(), 2);
    let (code, _, _) = refusal!(aws.workspaces.describe_workspace_bundles().bundle_ids(PUBLIC_BUNDLE).owner("AMAZON").send());
    assert_eq!(code, INVALID);
}

#[tokio::test]
async fn tags_of_a_launch_are_kept_and_of_nothing_are_none() {
    let aws = Aws::new().await;
    let account = aws.free_accounts(1).remove(0);
    let id = aws.create_for(&account).await;
    let tags = aws.workspaces.describe_tags().resource_id(&id).send().await.unwrap();
    let tags: Vec<_> = tags.tag_list().iter().map(|tag| (tag.key(), tag.value())).collect();
    assert_eq!(tags, [("frontdesk:item", Some(format!("item-of-{account}").as_str()))]);
    assert!(aws.workspaces.describe_tags().resource_id("ws-000000000").send().await.unwrap().tag_list().is_empty());
}

#[tokio::test]
async fn stopped_workspaces_have_no_known_connection_and_others_are_disconnected() {
    let aws = Aws::new().await;
    let all = aws.workspaces.describe_workspaces().send().await.unwrap();
    for workspace in all.workspaces() {
        let id = workspace.workspace_id().unwrap();
        let answer = aws.workspaces.describe_workspaces_connection_status().workspace_ids(id).send().await.unwrap();
        let [status] = answer.workspaces_connection_status() else { panic!("{answer:?}") };
        let stopped = workspace.state() == Some(&WorkspaceState::Stopped);
        let wanted = if stopped { ConnectionState::from("UNKNOWN") } else { ConnectionState::Disconnected };
        assert_eq!((status.workspace_id(), status.connection_state()), (Some(id), Some(&wanted)));
        assert!(status.connection_state_check_timestamp().is_some());
    }
}

#[tokio::test]
async fn who_signed_in_is_told_with_the_time() {
    let aws = Aws::behaving(|behaviour| behaviour.pending_ms = 30_000).await;
    let account = aws.free_accounts(1).remove(0);
    aws.create(vec![request(&aws, &account)]).await;
    let id = aws.sandbox.state().memory().workspaces.iter().find(|known| known.user_name == account).unwrap().id.clone();
    let last = async || {
        let answer = aws.workspaces.describe_workspaces_connection_status().workspace_ids(&id).send().await.unwrap();
        answer.workspaces_connection_status()[0].last_known_user_connection_timestamp().map(|at| at.secs())
    };
    assert!(!aws.sandbox.state().sign_in(&id, aws.sandbox.clock().now()), "it is not there yet");
    aws.sandbox.clock().advance(chrono::TimeDelta::minutes(1));
    assert_eq!(last().await, None);
    let now = aws.sandbox.clock().now();
    assert!(aws.sandbox.state().sign_in(&id, now) && !aws.sandbox.state().sign_in("ws-000000000", now));
    assert_eq!(last().await, Some(now.timestamp()));
}
