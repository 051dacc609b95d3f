//! The report on readiness: each part by itself, the quota that is entered, and the policy.

use std::time::Duration;

use backend::directories::readiness;
use chrono::TimeDelta;
use model::{
    Error,
    access::Actor,
    directories::{
        Finding, Outcome,
        readiness::{Area, PolicyChoice, Readiness, Report},
    },
};
use sandbox::{Behaviour, faults::Kind};
use sqlx::PgPool;

use crate::{
    connect::{admin, field},
    house::{House, Plan, aws, count, helpdesk, mailer, nobody},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

async fn page(house: &House) -> Readiness {
    readiness::get(&house.services, &admin(), PolicyChoice::default()).await.unwrap()
}

/// What a check finds now.
async fn checked(house: &House) -> Report {
    readiness::check(&house.services, &admin()).await.unwrap();
    page(house).await.report.unwrap()
}

/// All findings about it, by the beginning of what was looked at.
fn about<'a>(report: &'a Report, what: &str) -> Vec<&'a Finding> {
    report.parts.iter().flat_map(|part| &part.findings).filter(|finding| finding.what.starts_with(what)).collect()
}

fn outcome(report: &Report, what: &str) -> Outcome {
    about(report, what).first().unwrap_or_else(|| panic!("nothing about {what}: {report:#?}")).outcome
}

fn cure<'a>(report: &'a Report, what: &str) -> &'a str {
    about(report, what)[0].cure.as_deref().unwrap_or_else(|| panic!("no cure of {what}: {report:#?}"))
}

fn denied() -> Kind {
    Kind::Refuse { code: "AccessDeniedException".into(), message: "not authorized".into() }
}

/// With fewer WorkSpaces allowed at AWS.
async fn house_with(db: PgPool, change: impl FnOnce(&mut Behaviour)) -> House {
    let mut plan = Plan::default();
    change(&mut plan.behaviour);
    House::with(db, plan).await
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_account_that_is_ready_is_called_so(db: PgPool) {
    let house = House::open(db.clone()).await;
    assert_eq!(page(&house).await.report, None, "before the first check");
    let report = checked(&house).await;
    assert_eq!(report.count(Outcome::Fail), 0, "{report:#?}");
    assert_eq!((report.headline().as_str(), report.by.as_str()), ("Nothing stands in the way", "Helena Keller"));
    let areas: Vec<_> = report.parts.iter().map(|part| part.area).collect();
    assert_eq!(areas, Area::ALL);
    for ready in [
        "AWS",
        "Region",
        "AWS's clock",
        "ds:DescribeDirectories",
        "workspaces:DescribeWorkspaces",
        "Role workspaces_DefaultRole",
        "Quota of WorkSpaces",
        "Quota of AD Connectors",
        "corp.example.com in workspaces-a (subnet-",
        "Active Directory corp.example.com at ldaps://",
        "ses:GetAccount",
        "mail.from",
    ] {
        assert_eq!(outcome(&report, ready), Outcome::Pass, "{ready}: {report:#?}");
    }
    assert_eq!(outcome(&report, "workspaces:CreateWorkspaces"), Outcome::CantTell, "it is not claimed");
    assert!(about(&report, "Role")[0].seen.contains("workspaces_DefaultRole, proven by d-"));
    assert!(house.mails().is_empty() && count(&db, "audit").await == 0);
    // The budget counts each call of WorkSpaces.
    let counted = async || count(&db, "(select distinct operation from api_call where class = 'person') o").await;
    for _ in 0..100 {
        if counted().await >= 3 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} operations are counted", counted().await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_part_that_is_away_fails_by_itself(db: PgPool) {
    let mut house = House::open(db).await;
    let mut settings = house.services.settings.aws.clone();
    settings.endpoint_url = Some(nobody("http").to_string());
    house.services.aws = aws(&settings).await.into();
    let report = checked(&house).await;
    assert_eq!(outcome(&report, "AWS"), Outcome::Fail);
    assert!(cure(&report, "AWS").starts_with("Check the Region (aws.region) and the way to AWS"), "{report:#?}");
    assert_eq!(outcome(&report, "workspaces:DescribeWorkspaceDirectories"), Outcome::Fail);
    assert_eq!(outcome(&report, "workspaces:DescribeWorkspaces"), Outcome::CantTell, "nobody waits for each call");
    assert_eq!((outcome(&report, "Subnets"), outcome(&report, "Quota of WorkSpaces")), (Outcome::Fail, Outcome::CantTell));
    // Mail has a client of its own, and Active Directory is not AWS.
    assert_eq!((outcome(&report, "mail.from"), outcome(&report, "Active Directory")), (Outcome::Pass, Outcome::Pass));

    house.services.aws = aws(&house.services.settings.aws).await.into();
    house.services.mail = mailer(&house.services, Some(nobody("http").to_string())).await.into();
    house.ad_away();
    let report = checked(&house).await;
    assert_eq!((outcome(&report, "AWS"), outcome(&report, "workspaces:DescribeWorkspaces")), (Outcome::Pass, Outcome::Pass));
    assert_eq!((outcome(&report, "ses:GetAccount"), outcome(&report, "ses:GetEmailIdentity")), (Outcome::Fail, Outcome::Fail));
    assert_eq!(outcome(&report, "Active Directory"), Outcome::Fail);
    assert_eq!(report.headline(), format!("{} things stand in the way", report.count(Outcome::Fail)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn credentials_that_aws_does_not_know_are_told_as_such(db: PgPool) {
    let house = House::open(db).await;
    let unknown = Kind::Refuse {
        code: "UnrecognizedClientException".into(),
        message: "The security token included in the request is invalid.".into(),
    };
    for operation in ["GetCallerIdentity", "DescribeWorkspaceDirectories", "GetServiceQuota", "GetAccount"] {
        house.fault_at(operation, unknown.clone(), 1);
    }
    let report = checked(&house).await;
    for what in ["AWS", "workspaces:DescribeWorkspaceDirectories", "ses:GetAccount"] {
        assert_eq!(outcome(&report, what), Outcome::Fail, "{what}");
        assert!(cure(&report, what).starts_with("Check the credentials"), "{what}: {}", cure(&report, what));
    }
    assert_eq!(outcome(&report, "Quota of WorkSpaces"), Outcome::CantTell);
    assert!(page(&house).await.policy.contains("arn:aws:workspaces:eu-central-1:ACCOUNT:directory/*"), "AWS did not tell it");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_not_allowed_is_named(db: PgPool) {
    let house = House::open(db).await;
    for operation in ["DescribeWorkspaces", "DescribeSubnets", "GetDirectoryLimits"] {
        house.fault_at(operation, denied(), 1);
    }
    let report = checked(&house).await;
    assert_eq!(outcome(&report, "workspaces:DescribeWorkspaces"), Outcome::Fail, "launches need it");
    assert!(cure(&report, "workspaces:DescribeWorkspaces").contains("Allow workspaces:DescribeWorkspaces"));
    for (what, action) in [("Subnets", "ec2:DescribeSubnets"), ("Quota of AD Connectors", "ds:GetDirectoryLimits")] {
        assert_eq!(outcome(&report, what), Outcome::CantTell, "launches do without");
        assert!(cure(&report, what).contains(&format!("Allow {action}")), "{}", cure(&report, what));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_quota_of_one_is_held_against_the_rows_that_wait(db: PgPool) {
    let house = house_with(db, |behaviour| behaviour.quota = 1).await;
    let report = checked(&house).await;
    assert_eq!(outcome(&report, "Quota of WorkSpaces"), Outcome::Note, "enough to try");
    house.launch(&["anna.nordwind", "ben.nordwind", "ida.nordwind"]).await;
    let report = page(&house).await.report.unwrap();
    assert_eq!(outcome(&report, "Quota of WorkSpaces"), Outcome::Fail, "without another check");
    let finding = about(&report, "Quota of WorkSpaces")[0];
    assert_eq!(finding.seen, "AWS allows 1; 0 are there and 3 wait in launches");
    assert!(finding.cure.as_ref().unwrap().starts_with("2 more than AWS allows."));
    assert!(finding.link.as_ref().unwrap().href.contains("eu-central-1") && !report.asks_for_quota);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_quota_that_aws_does_not_tell_is_entered(db: PgPool) {
    let house = House::open(db.clone()).await;
    house.fault_at("GetServiceQuota", denied(), 1);
    let report = checked(&house).await;
    assert_eq!((outcome(&report, "Quota of WorkSpaces"), report.asks_for_quota), (Outcome::CantTell, true));
    assert!(cure(&report, "Quota of WorkSpaces").contains("enter the number below"));
    for wrong in ["", "0", "-1", "many", "1000000000"] {
        let refused = readiness::enter_quota(&house.services, &admin(), wrong).await.unwrap_err();
        assert_eq!(field(refused), "quota", "{wrong}");
    }
    assert_eq!(count(&db, "workspace_quota").await, 0);
    readiness::enter_quota(&house.services, &admin(), "2").await.unwrap();
    house.launch(&["anna.nordwind", "ben.nordwind", "ida.nordwind"]).await;
    let found = page(&house).await;
    let report = found.report.unwrap();
    assert_eq!(outcome(&report, "Quota of WorkSpaces"), Outcome::Fail);
    assert!(about(&report, "Quota of WorkSpaces")[0].seen.starts_with("AWS allows 2, as Helena Keller entered just now; "));
    readiness::enter_quota(&house.services, &admin(), " 200 ").await.unwrap();
    let found = page(&house).await;
    assert_eq!(found.entered.unwrap().granted, 200);
    assert_eq!(outcome(&found.report.unwrap(), "Quota of WorkSpaces"), Outcome::Pass);
    assert_eq!(count(&db, "audit where action = 'enter_quota' and outcome = 'succeeded' and detail in ('2', '200')").await, 2);
    // What AWS tells wins.
    let report = checked(&house).await;
    assert!(about(&report, "Quota of WorkSpaces")[0].seen.starts_with("AWS allows 10000; ") && !report.asks_for_quota);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_account_in_the_ses_sandbox_and_a_sender_that_is_not_verified_are_told(db: PgPool) {
    let house = house_with(db, |behaviour| {
        behaviour.ses_production = false;
        behaviour.ses_verified = false;
    })
    .await;
    let report = checked(&house).await;
    assert_eq!((outcome(&report, "SES account"), outcome(&report, "mail.from")), (Outcome::Note, Outcome::Fail));
    assert!(about(&report, "SES account")[0].seen.contains("SES sandbox"));
    assert!(cure(&report, "SES account").contains("production access") && cure(&report, "mail.from").contains("DKIM"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_clock_that_goes_wrong_is_told_although_aws_refuses_all(db: PgPool) {
    let house = House::open(db).await;
    house.fault_at("GetCallerIdentity", Kind::ClockSkew { seconds: 3_600 }, 1);
    let report = checked(&house).await;
    assert_eq!((outcome(&report, "AWS"), outcome(&report, "AWS's clock")), (Outcome::Fail, Outcome::Fail));
    let apart: i64 = about(&report, "AWS's clock")[0].seen.split(' ').next().unwrap().parse().unwrap();
    assert!((3_595..=3_605).contains(&apart), "{apart}");
    // One that is wrong by less than AWS minds.
    house.sandbox.clock().advance(TimeDelta::seconds(30));
    let report = checked(&house).await;
    assert_eq!((outcome(&report, "AWS"), outcome(&report, "AWS's clock")), (Outcome::Pass, Outcome::Note));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_directory_whose_subnets_are_nearly_full_or_full_is_told(db: PgPool) {
    let house = House::open(db).await;
    let stand_in = |subnets: [&str; 2]| {
        for registration in &mut house.sandbox.state().memory().registrations {
            registration.subnets = subnets.map(ToOwned::to_owned).to_vec();
        }
    };
    house.sandbox.state().memory().workspaces.clear();
    stand_in(["subnet-0a1b2c3d", "subnet-0f203142"]);
    let nearly = checked(&house).await;
    assert_eq!(outcome(&nearly, "corp.example.com in nearly-full-b"), Outcome::Note);
    assert!(cure(&nearly, "corp.example.com in nearly-full-b").contains("3 addresses are free"));
    for number in 0..6_u64 {
        house.at_aws(&format!("ws-{:09}", 500_000_000 + 7 * number), &format!("user{number}"));
    }
    let full = checked(&house).await;
    let finding = about(&full, "corp.example.com in nearly-full-b")[0];
    assert_eq!(finding.outcome, Outcome::Fail, "{finding:#?}");
    assert!(finding.cure.as_ref().unwrap().starts_with("It has no free address left."));
    assert!(finding.link.as_ref().unwrap().href.ends_with("subnetId=subnet-0f203142"));
    stand_in(["subnet-0a1b2c3d", "subnet-ffffffff"]);
    let gone = checked(&house).await;
    assert_eq!(outcome(&gone, "corp.example.com in subnet-ffffffff"), Outcome::CantTell);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn before_there_is_a_directory_the_role_and_subnets_are_not_claimed(db: PgPool) {
    let house = House::open(db).await;
    house.sandbox.state().memory().registrations.clear();
    house.sandbox.state().memory().connectors.clear();
    let report = checked(&house).await;
    assert_eq!((outcome(&report, "Role"), outcome(&report, "Subnets")), (Outcome::CantTell, Outcome::CantTell));
    assert!(cure(&report, "Role").contains("AmazonWorkSpacesServiceAccess"));
    assert_eq!(report.count(Outcome::Fail), 0, "{report:#?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_region_without_workspaces_is_told(db: PgPool) {
    let mut house = House::open(db).await;
    let mut settings = house.services.settings.aws.clone();
    settings.region = Some("eu-north-1".into());
    house.services.aws = aws(&settings).await.into();
    assert_eq!(outcome(&checked(&house).await, "Region"), Outcome::CantTell);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_who_check_at_once_and_a_report_of_another_version_do_no_harm(db: PgPool) {
    let house = House::open(db.clone()).await;
    let (services, admin) = (&house.services, admin());
    let (one, two) = tokio::join!(readiness::check(services, &admin), readiness::check(services, &admin));
    assert_eq!((one, two), (Ok(()), Ok(())));
    assert_eq!(count(&db, "readiness").await, 1);
    house.execute("update readiness set report = '{\"version\": 9}'").await;
    assert_eq!(page(&house).await.report, None);
    assert_eq!(checked(&house).await.count(Outcome::Fail), 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_policy_knows_the_account_once_it_was_asked(db: PgPool) {
    let plan = Plan { configuration_set: Some("desktops".into()), ..Plan::default() };
    let house = House::with(db, plan).await;
    assert!(page(&house).await.policy.contains("arn:aws:ses:eu-central-1:ACCOUNT:configuration-set/desktops"));
    checked(&house).await;
    let found = page(&house).await;
    assert!(found.choice.configuration_set && found.choice.terminate, "everything, until somebody chooses");
    assert!(found.policy.contains("arn:aws:workspaces:eu-central-1:123456789012:directory/*"), "{}", found.policy);
    let least = PolicyChoice { chosen: true, ..PolicyChoice::default() };
    let policy = readiness::policy(&house.services, &admin(), least).await.unwrap();
    assert!(policy.contains("workspaces:CreateWorkspaces") && !policy.contains("Terminate") && !policy.contains("ec2:Create"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_admins_see_check_enter_and_download(db: PgPool) {
    let house = House::open(db.clone()).await;
    let services = &house.services;
    let choice = PolicyChoice::default();
    let refused = |answer: Result<(), Error>| assert!(matches!(answer, Err(Error::NotAllowed { .. })), "{answer:?}");
    refused(readiness::get(services, &helpdesk(), choice).await.map(drop));
    refused(readiness::check(services, &helpdesk()).await);
    refused(readiness::enter_quota(services, &helpdesk(), "5").await);
    refused(readiness::policy(services, &helpdesk(), choice).await.map(drop));
    refused(readiness::examine(services, &helpdesk()).await.map(drop));
    assert_eq!(readiness::check(services, &Actor::Invitee).await, Err(Error::SignIn));
    assert_eq!((count(&db, "readiness").await, count(&db, "workspace_quota").await), (0, 0));
    assert_eq!(house.calls("sts:GetCallerIdentity"), 0);
}
