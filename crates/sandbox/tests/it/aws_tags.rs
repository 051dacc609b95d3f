//! Tags: WorkSpaces' own of WorkSpaces, directories and groups, and apart from them those of Directory Service.

use aws_sdk_directory::types::Tag as DirectoryTag;
use aws_sdk_workspaces::types::Tag;

use crate::{
    aws_clients::{Aws, connect, connector, launch},
    refusal,
};

#[tokio::test]
async fn tags_of_a_directory_are_directory_services_own() {
    let aws = Aws::new().await;
    let tag = |key: &str, value: &str| DirectoryTag::builder().key(key).value(value).build().unwrap();
    let id = connector(&aws).tags(tag("frontdesk:request", "one")).send().await.unwrap().directory_id.unwrap();
    let add = |tags: Vec<DirectoryTag>| aws.directory.add_tags_to_resource().resource_id(&id).set_tags(Some(tags)).send();
    add(vec![tag("team", "a"), tag("frontdesk:request", "two")]).await.unwrap();
    let list = async || {
        let answer = aws.directory.list_tags_for_resource().resource_id(&id).send().await.unwrap();
        answer.tags().iter().map(|tag| format!("{}={}", tag.key(), tag.value())).collect::<Vec<_>>()
    };
    assert_eq!(list().await, ["frontdesk:request=two", "team=a"]);
    aws.directory.remove_tags_from_resource().resource_id(&id).tag_keys("team").send().await.unwrap();
    assert_eq!(list().await, ["frontdesk:request=two"]);
    assert_eq!(refusal!(add((0..50).map(|number| tag(&format!("k{number}"), "")).collect())).0, "TagLimitExceededException");
    assert_eq!(list().await.len(), 1, "none of them was added");
    assert_eq!(refusal!(add(vec![tag("aws:x", "")])).0, "InvalidParameterException");
    let reserved = connector(&aws).tags(tag("aws:cloudformation", "x")).send();
    assert_eq!(refusal!(reserved).0, "InvalidParameterException");
    let nobody = aws.directory.list_tags_for_resource().resource_id("d-0000000000").send();
    assert_eq!(refusal!(nobody).0, "EntityDoesNotExistException");
    let others = aws.workspaces.describe_tags().resource_id(&id).send().await.unwrap();
    assert!(others.tag_list().is_empty(), "WorkSpaces does not know them");
}

#[tokio::test]
async fn tags_of_workspaces_directories_and_groups_change() {
    let aws = Aws::new().await;
    let id = connect(&aws).await;
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
    aws.workspaces.register_workspace_directory().directory_id(&id).tags(tag("a", "1")).send().await.unwrap();
    let desktop = launch(&aws, &id, "anna.nordwind").await;
    let group = aws.workspaces.create_ip_group().group_name("Berlin").tags(tag("a", "1")).send().await.unwrap().group_id.unwrap();
    for resource in [&id, &desktop, &group] {
        let create = |tags: Vec<Tag>| aws.workspaces.create_tags().resource_id(resource).set_tags(Some(tags)).send();
        create(vec![tag("a", "2"), tag("b", "3")]).await.unwrap();
        aws.workspaces.delete_tags().resource_id(resource).tag_keys("b").send().await.unwrap();
        let told = aws.workspaces.describe_tags().resource_id(resource).send().await.unwrap();
        let told: Vec<_> = told.tag_list().iter().map(|tag| (tag.key(), tag.value().unwrap())).collect();
        assert_eq!(told, [("a", "2")], "{resource}");
        let full = create((0..50).map(|number| tag(&format!("k{number}"), "")).collect());
        assert_eq!(refusal!(full).0, "ResourceLimitExceededException", "{resource}");
    }
    let nobody = aws.workspaces.create_tags().resource_id("ws-000000000").tags(tag("a", "1")).send();
    assert_eq!(refusal!(nobody).0, "ResourceNotFoundException");
    assert_eq!(
        refusal!(aws.workspaces.delete_tags().resource_id("ws-000000000").tag_keys("a").send()).0,
        "ResourceNotFoundException"
    );
}
