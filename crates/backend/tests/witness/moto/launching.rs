//! Launches, from the start to the mail.

use aws_sdk_workspaces::types::{RunningMode, Tag, WorkspaceRequest};
use backend::launches;
use model::{LaunchId, launches::ItemState};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Cloud, house, mails};
use crate::{
    MIGRATOR,
    house::{DESK, House, desktop, helpdesk},
};

/// A launch just started in a directory of moto's, which is in the mirror.
async fn launch(house: &House, directory: &str, accounts: &[&str]) -> LaunchId {
    let (services, helena) = (&house.services, &helpdesk());
    let draft = launches::drafts::create(services, helena).await.unwrap();
    launches::drafts::choose_directory(services, helena, draft, directory.parse().unwrap()).await.unwrap();
    let guids: Vec<_> = accounts.iter().map(|account| house.guid(account)).collect();
    launches::drafts::add_people(services, helena, draft, guids).await.unwrap();
    assert!(launches::drafts::save_desktop(services, helena, draft, desktop(), Vec::new()).await.unwrap());
    launches::start(services, helena, draft, None).await.unwrap()
}

/// A registered directory, in moto and in the mirror.
async fn directory(house: &House, cloud: &Cloud) -> String {
    let directory = cloud.connect("corp.example.com", "CORP").await;
    cloud.register(&directory).await;
    house.job("sweep_directories").await;
    directory
}

/// What moto has of one user: id and tags.
async fn made_for(cloud: &Cloud, directory: &str, user: &str) -> Vec<(String, Vec<(String, String)>)> {
    let found = cloud.workspaces.describe_workspaces().directory_id(directory).user_name(user).send().await.unwrap();
    let mut made = Vec::new();
    for workspace in found.workspaces() {
        let id = workspace.workspace_id().unwrap().to_owned();
        let tags = cloud.workspaces.describe_tags().resource_id(&id).send().await.unwrap();
        let tags = tags.tag_list().iter().map(|tag| (tag.key().to_owned(), tag.value().unwrap_or_default().to_owned())).collect();
        made.push((id, tags));
    }
    made
}

/// moto gives WorkSpaces that are AVAILABLE at once, in the answer that AWS gives as PENDING.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_launch_comes_to_its_end(db: PgPool) {
    let (house, cloud) = house(db, "us-east-1").await;
    let directory = directory(&house, &cloud).await;
    cloud.verify_sender().await;
    let launch = launch(&house, &directory, &["marta.nordwind", "anna.nordwind"]).await;
    house.work(launch).await;
    for item in house.items(launch).await {
        assert_eq!(item.state, ItemState::Available, "{item:?}");
        let made = made_for(&cloud, &directory, &item.account).await;
        assert_eq!(made.len(), 1, "{}", item.account);
        assert_eq!(item.workspace.unwrap().as_str(), made[0].0);
        let tag = |key: &str| made[0].1.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
        assert_eq!((tag("cost centre"), tag("team")), (Some("4711"), Some("Logistics")));
        assert_eq!(tag(model::workspaces::Tag::ITEM), Some(item.id.to_string().as_str()));
        let sent = mails(&format!("{}@corp.example.com", item.account)).await;
        assert_eq!(sent.len(), 1, "{}", item.account);
        assert!(sent[0].2.contains("SLiad+") && sent[0].2.contains("/welcome/"), "{}", sent[0].2);
    }
    let raw = cloud.workspaces.describe_workspaces().directory_id(&directory).send().await.unwrap();
    for workspace in raw.workspaces() {
        let properties = workspace.workspace_properties().unwrap();
        assert_eq!((workspace.bundle_id(), properties.running_mode()), (Some(DESK), Some(&RunningMode::AutoStop)));
        assert_eq!(properties.running_mode_auto_stop_timeout_in_minutes(), Some(120));
    }
}

/// Frontdesk's picture may be older than the cloud.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_directory_that_is_not_registered_any_more_fails_the_rows(db: PgPool) {
    let (house, cloud) = house(db, "us-east-2").await;
    let directory = directory(&house, &cloud).await;
    cloud.workspaces.deregister_workspace_directory().directory_id(&directory).send().await.unwrap();
    let launch = launch(&house, &directory, &["marta.nordwind", "anna.nordwind"]).await;
    house.work(launch).await;
    let items = house.items(launch).await;
    assert_eq!(items.len(), 2);
    for item in items {
        let failure = item.failure.clone().unwrap();
        assert_eq!((item.state, failure.code.as_str()), (ItemState::Failed, "ResourceNotFound.Directory"));
        let said = "The specified directory could not be found in the specified region.";
        assert_eq!(failure.message.as_deref(), Some(said));
        assert!(made_for(&cloud, &directory, &item.account).await.is_empty());
    }
}

/// A worker that died after its call: what it made is found by the tag; what somebody else made is left alone. AWS, unlike
/// moto, would not make a second one of the same user.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_a_dead_worker_left_is_settled_by_the_tag(db: PgPool) {
    let (house, cloud) = house(db, "us-west-2").await;
    let directory = directory(&house, &cloud).await;
    cloud.verify_sender().await;
    let launch = launch(&house, &directory, &["emil.nordwind", "frida.nordwind"]).await;
    let now = house.services.clock.now();
    for item in house.items(launch).await {
        let ours = item.account == "emil.nordwind";
        let value = if ours { item.id.to_string() } else { Uuid::now_v7().to_string() };
        let tag = Tag::builder().key(model::workspaces::Tag::ITEM).value(value).build().unwrap();
        let request = WorkspaceRequest::builder().directory_id(&directory).user_name(&item.account).bundle_id(DESK).tags(tag);
        cloud.workspaces.create_workspaces().workspaces(request.build().unwrap()).send().await.unwrap();
        sqlx::query("update launch_item set state = 'sending', claim = $2, lease_until = $3, sent_at = $3 where id = $1")
            .bind(item.id.0)
            .bind(Uuid::now_v7())
            .bind(now)
            .execute(&house.db)
            .await
            .unwrap();
    }
    house.sandbox.clock().advance(chrono::TimeDelta::minutes(1));
    house.job("settle_items").await;
    house.work(launch).await;
    for item in house.items(launch).await {
        let ours = item.account == "emil.nordwind";
        let expected = if ours { ItemState::Available } else { ItemState::AlreadyHas };
        assert_eq!(item.state, expected, "{item:?}");
        let made = made_for(&cloud, &directory, &item.account).await;
        assert_eq!(made.len(), 1, "{}", item.account);
        assert_eq!(item.workspace.unwrap().as_str(), made[0].0);
        assert_eq!(mails(&format!("{}@corp.example.com", item.account)).await.len(), usize::from(ours), "{}", item.account);
    }
}
