//! Directory Service: AD Connectors from ConnectDirectory to DeleteDirectory, and what goes wrong between.

use aws_sdk_directory::types::{DirectoryDescription, DirectoryStage, DirectoryType};
use chrono::TimeDelta;
use sandbox::{
    faults::{Fault, Kind},
    people::{CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD, PASSWORD},
};

use crate::{
    aws_clients::{Aws, SUBNETS, VPC, connect, connector, registered, settings},
    refusal,
};

async fn found(aws: &Aws, id: &str) -> DirectoryDescription {
    let answer = aws.directory.describe_directories().directory_ids(id).send().await.unwrap();
    answer.directory_descriptions.unwrap().remove(0)
}

async fn stage(aws: &Aws, id: &str) -> DirectoryStage {
    found(aws, id).await.stage.unwrap()
}

#[tokio::test]
async fn a_connector_is_requested_then_created_then_active() {
    let aws = Aws::behaving(|behaviour| {
        behaviour.connector_requested_ms = 10_000;
        behaviour.connector_creating_ms = 50_000;
    })
    .await;
    let id = connector(&aws).description("Berlin desktops").send().await.unwrap().directory_id.unwrap();
    assert_eq!(stage(&aws, &id).await, DirectoryStage::Requested);
    aws.sandbox.clock().advance(TimeDelta::seconds(11));
    assert_eq!(stage(&aws, &id).await, DirectoryStage::Creating);
    assert!(found(&aws, &id).await.connect_settings.unwrap().connect_ips().is_empty(), "it has no addresses yet");
    aws.sandbox.clock().advance(TimeDelta::seconds(44));
    assert_eq!(stage(&aws, &id).await, DirectoryStage::Created);
    aws.sandbox.clock().advance(TimeDelta::seconds(6));
    let active = found(&aws, &id).await;
    assert_eq!((active.stage(), active.stage_reason()), (Some(&DirectoryStage::Active), None));
    assert_eq!(
        (active.name(), active.short_name(), active.description()),
        (Some("corp.example.com"), Some("CORP"), Some("Berlin desktops"))
    );
    assert_eq!(
        (active.r#type(), active.dns_ip_addrs()),
        (Some(&DirectoryType::AdConnector), ["127.0.0.1".to_owned()].as_slice())
    );
    let (launched, updated) = (active.launch_time().unwrap(), active.stage_last_updated_date_time().unwrap());
    assert_eq!(updated.as_secs_f64().round() - launched.as_secs_f64().round(), 60.0);
    let network = active.connect_settings().unwrap();
    assert_eq!((network.vpc_id(), network.customer_user_name()), (Some(VPC), Some(CONNECTOR_ACCOUNT)));
    assert_eq!(
        (network.subnet_ids(), network.availability_zones()),
        (SUBNETS.map(ToOwned::to_owned).as_slice(), ["eu-central-1a", "eu-central-1b"].map(ToOwned::to_owned).as_slice())
    );
    assert!(network.connect_ips()[0].starts_with("10.0.0.") && network.connect_ips()[1].starts_with("10.0.64."), "{network:?}");
}

#[tokio::test]
async fn without_a_token_a_repeated_call_makes_a_second_connector_until_the_quota() {
    let aws = Aws::new().await;
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(connect(&aws).await);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 8);
    let (code, _, status) = refusal!(connector(&aws).send());
    assert_eq!((code.as_str(), status), ("DirectoryLimitExceededException", 400));
    let limits = aws.directory.get_directory_limits().send().await.unwrap().directory_limits.unwrap();
    assert_eq!((limits.connected_directories_current_count(), limits.connected_directories_limit()), (Some(10), Some(10)));
    assert!(limits.connected_directories_limit_reached());
    aws.directory.delete_directory().directory_id(&ids[0]).send().await.unwrap();
    connect(&aws).await;
}

#[tokio::test]
async fn the_network_is_checked_at_once() {
    /// VPC, subnets and DNS addresses; the error and words of its message.
    type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a str, &'a str);
    let aws = Aws::new().await;
    let dns = ["127.0.0.1"].as_slice();
    let [first, second] = SUBNETS;
    let cases: [Case<'_>; 8] = [
        (VPC, &[first], dns, "InvalidParameterException", "two subnets"),
        (VPC, &[first, second, "subnet-2b3c4d5e"], dns, "InvalidParameterException", "two subnets"),
        (VPC, &[first, "subnet-00000000"], dns, "InvalidParameterException", "Invalid subnet"),
        (VPC, &[first, "subnet-1a2b3c4d"], dns, "ClientException", "different Availability Zones"),
        ("vpc-00000000", &[first, second], dns, "ClientException", "Invalid VPC"),
        ("vpc-0de1a017", &[first, second], dns, "InvalidParameterException", "specified VPC"),
        ("vpc-0dedcafe", &["subnet-4d5e6f70", "subnet-5e6f7081"], dns, "ClientException", "dedicated"),
        (VPC, &[first, second], &[], "InvalidParameterException", "DNS"),
    ];
    for (vpc, subnets, dns, wanted, words) in cases {
        let settings = settings(vpc, subnets, dns, CONNECTOR_ACCOUNT);
        let (code, message, status) = refusal!(connector(&aws).connect_settings(settings).send());
        assert_eq!((code.as_str(), status), (wanted, 400), "{vpc} {subnets:?}: {message}");
        assert!(message.contains(words), "{vpc} {subnets:?}: {message}");
    }
    assert_eq!(aws.sandbox.state().memory().connectors.len(), 2, "nothing was made");
}

#[tokio::test]
async fn the_models_constraints_hold() {
    let aws = Aws::new().await;
    let with = |dns: &str, user: &str| connector(&aws).connect_settings(settings(VPC, &SUBNETS, &[dns], user));
    let cases = [
        (connector(&aws).name("corp"), "'name'"),
        (connector(&aws).short_name("CO/RP"), "'shortName'"),
        (connector(&aws).description("Desktops (Berlin)"), "'description'"),
        (connector(&aws).description(""), "'description'"),
        (connector(&aws).password("x".repeat(129)), "'password'"),
        (with("10.20.0.256", CONNECTOR_ACCOUNT), "customerDnsIps"),
        (with("127.0.0.1", "CORP\\svc"), "customerUserName"),
    ];
    for (call, words) in cases {
        let (code, message, _) = refusal!(call.send());
        assert!(code == "ValidationException" && message.contains(words), "{words}: {code} {message}");
    }
}

/// Connects and waits; the stage and its reason.
async fn outcome(aws: &Aws, domain: &str, dns: &str, (user, password): (&str, &str)) -> (DirectoryStage, String) {
    let call = connector(aws).name(domain).password(password).connect_settings(settings(VPC, &SUBNETS, &[dns], user));
    let id = call.send().await.unwrap().directory_id.unwrap();
    assert_eq!(found(aws, &id).await.stage_reason(), None, "it takes its time to fail");
    aws.sandbox.clock().advance(TimeDelta::seconds(55));
    let late = stage(aws, &id).await;
    aws.sandbox.clock().advance(TimeDelta::seconds(6));
    let settled = found(aws, &id).await;
    let becomes = settled.stage.clone();
    assert_eq!(late == DirectoryStage::Created, becomes == Some(DirectoryStage::Active), "{late:?} before {becomes:?}");
    aws.directory.delete_directory().directory_id(&id).send().await.unwrap();
    (settled.stage.unwrap(), settled.stage_reason.unwrap_or_default())
}

#[tokio::test]
async fn a_network_that_can_not_be_reached_ends_in_failed_and_says_why() {
    let aws = Aws::behaving(|behaviour| behaviour.connector_creating_ms = 60_000).await;
    let firewall = "Connectivity issues detected: LDAP unavailable (TCP port 389) for IP: 10.20.0.88, Kerberos/authentication unavailable \
         (TCP port 88) for IP: 10.20.0.88. Please ensure that the listed ports are available and retry the operation.";
    for (domain, dns, reason) in [
        ("corp.example.com", "10.9.9.9", "DNS unavailable (TCP port 53) for IP: 10.9.9.9"),
        ("corp.example.com", "10.20.0.88", firewall),
        ("corp.example.com", "10.20.0.89", "SRV record for Kerberos does not exist for IP: 10.20.0.89"),
        ("elsewhere.example.com", "127.0.0.1", "SRV record for LDAP does not exist for IP: 127.0.0.1"),
    ] {
        let failed = outcome(&aws, domain, dns, (CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD)).await;
        assert_eq!(failed, (DirectoryStage::Failed, reason.to_owned()));
    }
}

#[tokio::test]
async fn an_account_that_does_not_prove_itself_ends_in_failed_and_says_why() {
    let aws = Aws::behaving(|behaviour| behaviour.connector_creating_ms = 60_000).await;
    let ends = async |user, password| outcome(&aws, "CORP.example.com", "10.20.0.10", (user, password)).await;
    aws.sandbox.company().change_service(CONNECTOR_ACCOUNT, |service| service.password = "rotated".to_owned());
    let incorrect = "the user name or password is incorrect";
    for (user, password, why) in [
        ("jsmith", "wrong", incorrect),
        ("nobody", PASSWORD, incorrect),
        (CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD, incorrect),
        ("dino.disabled", PASSWORD, "the account is disabled"),
        ("ella.expired", PASSWORD, "the account has expired"),
        ("lou.locked", PASSWORD, "the account is locked out"),
        ("mia.mustchange", PASSWORD, "the password must be changed"),
    ] {
        let reason = format!("Invalid credentials for the service account {user}: {why}.");
        assert_eq!(ends(user, password).await, (DirectoryStage::Failed, reason));
    }
    assert_eq!(ends(CONNECTOR_ACCOUNT, "rotated").await.0, DirectoryStage::Active);
    assert_eq!(ends("jsmith", PASSWORD).await.0, DirectoryStage::Active);
}

#[tokio::test]
async fn a_password_is_in_no_state_no_log_no_page_and_no_error() {
    let folder = std::env::temp_dir().join(format!("frontdesk-sandbox-password-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let state = folder.join("state.json");
    let aws = Aws::with(sandbox::Options { state: Some(state.clone()), ..sandbox::Options::default() }).await;
    let secret = format!("Zaubersp{}", "r".repeat(100));
    let too_long = format!("{secret}{secret}");
    connector(&aws).password(&secret).send().await.unwrap();
    let (code, message, _) = refusal!(connector(&aws).password(&too_long).send());
    assert_eq!(code, "ValidationException");
    assert!(
        message.contains("Value at 'password' failed to satisfy constraint: Member must have length less than or equal to 128"),
        "{message}"
    );
    let mut told = vec![message, format!("{:?}", aws.sandbox.state().memory()), format!("{:?}", aws.sandbox)];
    for path in ["calls", "directories", "faults", "behaviour"] {
        told.push(aws.control(path).await.to_string());
    }
    for path in ["calls", "directories"] {
        told.push(aws.page(path).await);
    }
    let Aws { sandbox, .. } = aws;
    sandbox.shutdown().unwrap();
    told.push(std::fs::read_to_string(&state).unwrap());
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(told.last().unwrap().contains("svc-adconnector"), "the connector itself is kept");
    for text in told {
        assert!(!text.contains("Zaubersp"), "{text}");
    }
}

#[tokio::test]
async fn directories_come_in_pages_and_by_their_ids() {
    let aws = Aws::new().await;
    let id = connect(&aws).await;
    let mut pages = aws.directory.describe_directories().limit(2).into_paginator().send();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().directory_descriptions().len());
    }
    assert_eq!(sizes, [2, 1]);
    let two = aws.directory.describe_directories().directory_ids(&id).directory_ids("d-906731a2b4").send().await.unwrap();
    let ids: Vec<_> = two.directory_descriptions().iter().map(|one| one.directory_id().unwrap()).collect();
    assert_eq!(ids, [id.as_str(), "d-906731a2b4"]);
    let (code, _, _) = refusal!(aws.directory.describe_directories().next_token("made-up").send());
    assert_eq!(code, "InvalidNextTokenException");
    let (code, _, _) = refusal!(aws.directory.describe_directories().set_directory_ids(Some(Vec::new())).send());
    assert_eq!(code, "InvalidParameterException");
    let (code, message, _) =
        refusal!(aws.directory.describe_directories().directory_ids(&id).directory_ids("d-0000000000").send());
    assert!(code == "EntityDoesNotExistException" && message.contains("d-0000000000"), "{code} {message}");
}

#[tokio::test]
async fn a_directory_with_authorized_applications_is_not_deleted_and_then_takes_its_time() {
    let aws = Aws::behaving(|behaviour| {
        behaviour.connector_deleting_ms = 60_000;
        behaviour.release_ms = 1_800_000;
    })
    .await;
    let id = registered(&aws).await;
    let delete = || aws.directory.delete_directory().directory_id(&id).send();
    let authorized = "Cannot delete the directory because it still has authorized applications.";
    let refused = ("ClientException".to_owned(), authorized.to_owned(), 400);
    assert_eq!(refusal!(delete()), refused);
    aws.workspaces.deregister_workspace_directory().directory_id(&id).send().await.unwrap();
    assert_eq!(refusal!(delete()), refused, "AWS has not let go of it yet");
    aws.sandbox.clock().advance(TimeDelta::minutes(31));
    assert_eq!(delete().await.unwrap().directory_id(), Some(id.as_str()));
    assert_eq!(stage(&aws, &id).await, DirectoryStage::Deleting);
    assert_eq!(refusal!(delete()).0, "ClientException");
    aws.sandbox.clock().advance(TimeDelta::seconds(61));
    let (code, _, _) = refusal!(aws.directory.describe_directories().directory_ids(&id).send());
    assert_eq!(code, "EntityDoesNotExistException");
    assert_eq!(refusal!(delete()).0, "EntityDoesNotExistException");
    let all = aws.control("directories").await;
    let gone = all.as_array().unwrap().iter().find(|one| one["id"] == id.as_str()).unwrap();
    assert!(gone["stage"].is_null() && gone["gone_at"].is_string(), "kept for those who count: {gone}");
}

#[tokio::test]
async fn a_lost_answer_of_connect_directory_leaves_a_connector_behind() {
    let aws = Aws::new().await;
    let count = || aws.sandbox.state().memory().connectors.len();
    aws.sandbox.faults().add(Fault::new("ConnectDirectory", Kind::LoseReply).times(1));
    let lost = connector(&aws).send().await.unwrap_err();
    assert!(lost.as_service_error().is_none(), "nothing that AWS said: {lost:?}");
    assert_eq!(count(), 3);
    for (work_done, wanted) in [(false, 3), (true, 4)] {
        aws.sandbox.faults().add(Fault::new("ConnectDirectory", Kind::TimeOut { work_done }).times(1));
        aws.is_not_answered("ds:ConnectDirectory", connector(&aws).send()).await;
        assert_eq!(count(), wanted);
    }
}

#[tokio::test]
async fn faults_hit_the_named_connector_only() {
    let aws = Aws::new().await;
    let refuse = Kind::Refuse { code: "ServiceException".to_owned(), message: "Later.".to_owned() };
    aws.sandbox.faults().add(Fault::new("ConnectDirectory", refuse).items(vec!["BERLIN".to_owned()]));
    aws.sandbox.faults().add(Fault::new("ConnectDirectory", Kind::EndInError).items(vec!["Vienna".to_owned()]));
    let (code, message, _) = refusal!(connector(&aws).description("berlin desktops").send());
    assert_eq!((code.as_str(), message.as_str()), ("ServiceException", "Later."));
    let broken = connector(&aws).description("Vienna desktops").send().await.unwrap().directory_id.unwrap();
    let reason = found(&aws, &broken).await.stage_reason.unwrap();
    assert!(reason.starts_with("Internal service error"), "{reason}");
    assert_eq!(stage(&aws, &connect(&aws).await).await, DirectoryStage::Active);
    aws.sandbox.faults().add(Fault::new("DescribeDirectories", Kind::Throttle).times(1));
    assert_eq!(refusal!(aws.directory.describe_directories().send()).0, "ThrottlingException");
    aws.sandbox.faults().add(Fault::new("DeleteDirectory", Kind::ServerError).times(1));
    assert_eq!(refusal!(aws.directory.delete_directory().directory_id(&broken).send()).2, 500);
    assert_eq!(stage(&aws, &broken).await, DirectoryStage::Failed, "nothing was done");
}

#[tokio::test]
async fn directory_service_has_another_rate_than_workspaces() {
    let aws = Aws::behaving(|behaviour| behaviour.throttle = true).await;
    for _ in 0..20 {
        aws.directory.describe_directories().send().await.expect("it is not in WorkSpaces' bucket");
    }
    aws.workspaces.describe_workspaces().send().await.expect("and takes nothing out of it");
}

#[tokio::test]
async fn directories_outlive_a_restart_and_files_from_before_them_get_the_first_ones() {
    let folder = std::env::temp_dir().join(format!("frontdesk-sandbox-directories-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let options = || sandbox::Options { state: Some(folder.join("state.json")), ..sandbox::Options::default() };
    let ids = |aws: &Aws| {
        let memory = aws.sandbox.state().memory();
        memory.connectors.iter().map(|connector| connector.id.clone()).collect::<Vec<_>>()
    };
    std::fs::write(folder.join("state.json"), r#"{"workspaces":[],"mails":[],"next_number":3}"#).unwrap();
    let aws = Aws::with(options()).await;
    assert_eq!(ids(&aws), ["d-906731a2b4", "d-90673c5d6e"]);
    let id = registered(&aws).await;
    let code = crate::aws_clients::told(&aws, &id).await.unwrap().registration_code;
    aws.sandbox.shutdown().unwrap();
    let aws = Aws::with(options()).await;
    assert_eq!(ids(&aws), ["d-906731a2b4", "d-90673c5d6e", id.as_str()]);
    assert_eq!(crate::aws_clients::told(&aws, &id).await.unwrap().registration_code, code);
    aws.sandbox.shutdown().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}
