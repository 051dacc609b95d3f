//! The sweeps: directories, their registration, the fleet.

use aws_sdk_directory::types::{DirectorySize, DirectoryVpcSettings};
use aws_sdk_workspaces::types::{TerminateRequest, WorkspaceRequest};
use backend::{directories, workspaces};
use model::{PageRequest, directories::Devices, workspaces::Filter};
use sqlx::PgPool;

use super::house;
use crate::{
    MIGRATOR,
    house::{House, helpdesk},
};

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_account_is_known_by_its_credentials(db: PgPool) {
    let (house, _) = house(db, "eu-central-1").await;
    let identity = house.services.aws.caller_identity().await.0.unwrap();
    assert_eq!(identity.account, "123456789012");
    assert!(identity.arn.starts_with("arn:aws:sts::123456789012:"), "{}", identity.arn);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn connectors_and_their_registration_come_into_the_mirror(db: PgPool) {
    let (house, cloud) = house(db, "eu-west-1").await;
    house.job("sweep_directories").await;
    assert_eq!(directories::list(&house.services, &helpdesk()).await.unwrap().0, []);

    let corp = cloud.connect("Corp.Example.com", "CORP").await;
    let lab = cloud.connect("lab.example.com", "LAB").await;
    cloud.register(&corp).await;
    // A directory of another kind, which people can't be launched in by Frontdesk.
    let (vpc, subnets) = cloud.network().await;
    let network = DirectoryVpcSettings::builder().vpc_id(vpc).set_subnet_ids(Some(subnets)).build().unwrap();
    let simple = cloud.directory_service.create_directory().name("simple.example.com").password("Passw0rd!");
    simple.size(DirectorySize::Small).vpc_settings(network).send().await.unwrap();

    house.job("sweep_directories").await;
    let (found, freshness) = directories::list(&house.services, &helpdesk()).await.unwrap();
    assert_eq!(freshness.problem, None);
    assert_eq!(found.len(), 2, "{found:?}");
    let registered = found.iter().find(|directory| directory.id.as_str() == corp).unwrap();
    assert_eq!((registered.name.as_str(), registered.short_name.as_deref()), ("corp.example.com", Some("CORP")));
    assert_eq!((registered.stage.as_str(), registered.why_not()), ("Active", None));
    assert_eq!(registered.registration.as_deref(), Some("REGISTERED"));
    let raw = cloud.workspaces.describe_workspace_directories().directory_ids(&corp).send().await.unwrap();
    assert_eq!(registered.registration_code.as_deref(), raw.directories()[0].registration_code());
    assert!(registered.registration_code.as_ref().is_some_and(|code| code.starts_with("SLiad+")));
    // moto denies Windows and zero clients to AD Connectors; AWS allows them. What is said is what is shown.
    let devices = Devices { windows: false, zero_client: false, ..Devices::default() };
    assert_eq!(registered.devices, devices);
    let other = found.iter().find(|directory| directory.id.as_str() == lab).unwrap();
    assert_eq!((&other.registration, other.why_not().is_some()), (&None, true));
}

async fn fleet(house: &House) -> Vec<String> {
    let page = PageRequest { number: 1, size: 100 };
    let (page, freshness) = workspaces::list(&house.services, &helpdesk(), Filter::default(), page).await.unwrap();
    assert_eq!(freshness.problem, None);
    let mut users: Vec<_> = page.rows.into_iter().map(|workspace| workspace.user_name).collect();
    users.sort();
    users
}

/// moto takes 30 at once and answers all of them in one page, whatever limit is asked for. AWS takes 25 and answers 25; the
/// sandbox is what shows that further pages are read.
#[sqlx::test(migrator = "MIGRATOR")]
async fn the_fleet_comes_into_the_mirror_and_leaves_it(db: PgPool) {
    let (house, cloud) = house(db, "eu-west-2").await;
    let directory = cloud.connect("corp.example.com", "CORP").await;
    cloud.register(&directory).await;
    let request = |number: usize| {
        let request = WorkspaceRequest::builder().directory_id(&directory).user_name(format!("user{number:02}"));
        request.bundle_id("wsb-100000100").build().unwrap()
    };
    let made = cloud.workspaces.create_workspaces().set_workspaces(Some((0..30).map(request).collect())).send().await.unwrap();
    assert_eq!(made.pending_requests().len(), 30);
    house.job("sweep_directories").await;
    house.job("sweep_workspaces").await;
    assert_eq!(fleet(&house).await, (0..30).map(|number| format!("user{number:02}")).collect::<Vec<_>>());

    let first = made.pending_requests()[0].workspace_id().unwrap();
    let ended = TerminateRequest::builder().workspace_id(first).build().unwrap();
    cloud.workspaces.terminate_workspaces().terminate_workspace_requests(ended).send().await.unwrap();
    house.job("sweep_workspaces").await;
    assert_eq!(fleet(&house).await.len(), 29);
    let gone = workspaces::get(&house.services, &helpdesk(), first.parse().unwrap()).await.unwrap();
    assert_eq!(gone.workspace.state, "TERMINATED");
}

/// moto has no DescribeWorkspaceBundles, and says so by HTTP 500 with a page for people. Nothing is lost by it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_operation_that_is_not_there_loses_nothing(db: PgPool) {
    let (house, cloud) = house(db, "eu-west-3").await;
    cloud.connect("corp.example.com", "CORP").await;
    house.job("sweep_directories").await;
    let before = workspaces::bundles(&house.services, &helpdesk()).await.unwrap().0;
    assert_eq!(before.len(), 3);
    house.job("sweep_bundles").await;
    let (after, freshness) = workspaces::bundles(&house.services, &helpdesk()).await.unwrap();
    assert_eq!(after, before);
    let problem = freshness.problem.unwrap();
    assert!(problem.starts_with("AWS: no answer: HTTP 500: "), "{problem}");
    // It stands on pages: words, and not the answer with all its headers.
    assert!(!problem.contains("Werkzeug") && problem.len() < 300, "{problem}");
}
