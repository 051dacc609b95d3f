//! Registering a directory with WorkSpaces, and its settings.

use std::slice;

use backend::directories::{self, ip_groups, settings};
use chrono::TimeDelta;
use model::{
    Conflict, DirectoryId, Error,
    directories::{Client, CreationForm, Devices, RegisterForm, SelfService, Settings},
};
use sandbox::{
    Behaviour,
    faults::Kind,
    people::{CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD},
};
use sqlx::PgPool;

use crate::{
    connect::{SUBNETS, admin, create, drafted, field, house, sweep},
    groups::{group, groups},
    house::{House, Plan, count, helpdesk},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
const UNIT: &str = "OU=WorkSpaces,DC=corp,DC=example,DC=com";

/// A connector that is Active and not registered.
async fn connector(house: &House) -> DirectoryId {
    let id = drafted(house).await;
    let made = create(house, id, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await.unwrap().unwrap();
    sweep(house).await;
    made
}

/// One that is registered.
pub async fn registered(house: &House) -> DirectoryId {
    let id = connector(house).await;
    settings::register(&house.services, &admin(), &id, &form(&SUBNETS)).await.unwrap();
    sweep(house).await;
    id
}

fn form(subnets: &[&str]) -> RegisterForm {
    let subnets = subnets.iter().map(ToString::to_string).collect();
    RegisterForm { subnets, self_service: true, tenancy: "SHARED".into() }
}

async fn state(house: &House, id: &DirectoryId) -> (Option<String>, bool) {
    let (directory, _) = directories::one(&house.services, &admin(), id).await.unwrap();
    (directory.registration, directory.registration_code.is_some())
}

pub async fn set(house: &House, id: &DirectoryId) -> (Devices, Settings) {
    let found = settings::settings(&house.services, &admin(), id).await.unwrap();
    (found.directory.devices, found.settings)
}

fn says(state: &str) -> Option<String> {
    Some(state.to_owned())
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_connector_is_registered_and_its_code_appears(db: PgPool) {
    let house = house(db.clone()).await;
    let id = connector(&house).await;
    assert_eq!(state(&house, &id).await, (None, false));
    settings::register(&house.services, &admin(), &id, &form(&SUBNETS)).await.unwrap();
    assert_eq!(state(&house, &id).await.0, says("REGISTERING"), "the page says so before the next sweep");
    let twice = settings::register(&house.services, &admin(), &id, &form(&SUBNETS)).await;
    assert_eq!(twice, Err(Error::conflict(Conflict::NotRegistrable)));
    sweep(&house).await;
    assert_eq!(state(&house, &id).await, (says("REGISTERED"), true));
    let (_, settings) = set(&house, &id).await;
    assert_eq!(settings.subnets, SUBNETS);
    assert_eq!(settings.tenancy.as_deref(), Some("SHARED"));
    assert!(settings.self_service.rebuild && settings.own_security_group.is_some());
    assert_eq!(house.calls("workspaces:RegisterWorkspaceDirectory"), 1);
    assert_eq!(count(&db, "audit where action = 'register_directory' and outcome = 'succeeded'").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn subnets_that_will_not_do_are_never_sent_to_aws(db: PgPool) {
    let house = house(db).await;
    let id = connector(&house).await;
    // Of another VPC, in a zone without WorkSpaces, unknown, the same twice, one, none.
    let one = SUBNETS[0];
    for wrong in [&[one, "subnet-4d5e6f70"][..], &[one, "subnet-0d1e2f30"], &[one, "subnet-99999999"], &[one, one], &[one], &[]] {
        let refused = settings::register(&house.services, &admin(), &id, &form(wrong)).await;
        assert_eq!(field(refused.unwrap_err()), "subnets", "{wrong:?}");
    }
    let nowhere = RegisterForm { tenancy: "CLOUD".into(), ..form(&SUBNETS) };
    assert_eq!(field(settings::register(&house.services, &admin(), &id, &nowhere).await.unwrap_err()), "tenancy");
    assert_eq!(house.calls("workspaces:RegisterWorkspaceDirectory"), 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_ec2_the_connectors_own_subnets_will_do(db: PgPool) {
    let house = house(db).await;
    let id = connector(&house).await;
    house.execute("delete from network").await;
    let other = settings::register(&house.services, &admin(), &id, &form(&["subnet-0c1d2e3f", SUBNETS[0]])).await;
    assert_eq!(field(other.unwrap_err()), "subnets");
    settings::register(&house.services, &admin(), &id, &form(&SUBNETS)).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_missing_role_is_told_with_its_cure_and_nothing_is_kept(db: PgPool) {
    let behaviour = Behaviour { default_role: false, ..Plan::default().behaviour.with_prompt_directories() };
    let house = House::with(db.clone(), Plan { behaviour, ..Plan::default() }).await;
    let id = connector(&house).await;
    let Err(Error::Refused { why }) = settings::register(&house.services, &admin(), &id, &form(&SUBNETS)).await else {
        panic!("registered without the role")
    };
    assert!(why.contains("workspaces_DefaultRole") && why.contains("AmazonWorkSpacesServiceAccess"), "{why}");
    assert_eq!(state(&house, &id).await, (None, false));
    assert_eq!(count(&db, "audit where action = 'register_directory' and outcome = 'failed'").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_answer_shows_with_the_next_sweep(db: PgPool) {
    let house = house(db.clone()).await;
    let id = connector(&house).await;
    house.fault_at("RegisterWorkspaceDirectory", Kind::LoseReply, 1);
    let lost = settings::register(&house.services, &admin(), &id, &form(&SUBNETS)).await;
    assert_eq!(lost, Err(Error::conflict(Conflict::AnswerLost)));
    assert_eq!(count(&db, "audit where action = 'register_directory' and outcome = 'unknown'").await, 1);
    sweep(&house).await;
    assert_eq!(state(&house, &id).await, (says("REGISTERED"), true));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn somebody_was_faster_in_the_console(db: PgPool) {
    let house = house(db).await;
    let id = registered(&house).await;
    house.execute("update directory set registration_state = null").await;
    settings::register(&house.services, &admin(), &id, &form(&SUBNETS)).await.unwrap();
    sweep(&house).await;
    assert_eq!(state(&house, &id).await, (says("REGISTERED"), true));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn throttled_or_away_aws_changes_nothing(db: PgPool) {
    let house = house(db).await;
    let id = connector(&house).await;
    house.fault_at("RegisterWorkspaceDirectory", Kind::Throttle, 1);
    let busy = settings::register(&house.services, &admin(), &id, &form(&SUBNETS)).await;
    assert!(matches!(busy, Err(Error::Busy { .. })), "{busy:?}");
    assert_eq!(state(&house, &id).await, (None, false));
}

/// Ten minutes without AWS, a sweep in each of them.
async fn ten_minutes_away(house: &House) {
    for _ in 0..10 {
        house.sandbox.clock().advance(TimeDelta::minutes(1));
        sweep(house).await;
    }
}

/// What was asked before AWS went away goes on when it is back, and what is asked meanwhile is told and can be asked again.
#[sqlx::test(migrator = "MIGRATOR")]
async fn aws_may_be_away_while_a_directory_registers(db: PgPool) {
    let house = house(db.clone()).await;
    let id = connector(&house).await;
    for call in ["RegisterWorkspaceDirectory", "DescribeWorkspaceDirectories"] {
        house.fault_at(call, Kind::ServerError, 1_000);
    }
    let lost = settings::register(&house.services, &admin(), &id, &form(&SUBNETS)).await;
    assert_eq!(lost, Err(Error::conflict(Conflict::AnswerLost)), "an answer of 500 does not say what AWS did");
    ten_minutes_away(&house).await;
    let (_, freshness) = directories::one(&house.services, &admin(), &id).await.unwrap();
    assert!(freshness.problem.is_some() && state(&house, &id).await == (None, false));

    house.sandbox.faults().clear();
    settings::register(&house.services, &admin(), &id, &form(&SUBNETS)).await.unwrap();
    house.fault_at("DescribeWorkspaceDirectories", Kind::ServerError, 1_000);
    ten_minutes_away(&house).await;
    assert_eq!(state(&house, &id).await.0, says("REGISTERING"), "the last that is known");
    house.sandbox.faults().clear();
    sweep(&house).await;
    assert_eq!(state(&house, &id).await, (says("REGISTERED"), true));
    let (_, freshness) = directories::one(&house.services, &admin(), &id).await.unwrap();
    assert_eq!(freshness.problem, None);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn aws_may_be_away_while_settings_change(db: PgPool) {
    let house = house(db.clone()).await;
    let id = registered(&house).await;
    let (services, admin) = (&house.services, admin());
    ip_groups::create(services, &admin, &group("Offices", "203.0.113.0/24")).await.unwrap();
    let made = groups(&house).await.remove(0).id;
    let before = set(&house, &id).await;
    let change = async || {
        let devices = Devices { web: true, linux: true, ..Devices::default() };
        let client = Client { reconnect: false, log_upload: true };
        let creation = CreationForm { internet_access: true, ..CreationForm::default() };
        [
            settings::set_devices(services, &admin, &id, devices).await,
            settings::set_self_service(services, &admin, &id, SelfService { rebuild: false, ..SelfService::default() }).await,
            settings::set_client(services, &admin, &id, client).await,
            settings::set_creation(services, &admin, &id, &creation).await,
            ip_groups::attach(services, &admin, &id, slice::from_ref(&made), false).await,
        ]
    };
    let asked = [
        "ModifyWorkspaceAccessProperties",
        "ModifySelfservicePermissions",
        "ModifyClientProperties",
        "ModifyWorkspaceCreationProperties",
        "AssociateIpGroups",
    ];
    for call in asked.into_iter().chain(["DescribeWorkspaceDirectories"]) {
        house.fault_at(call, Kind::ServerError, 1_000);
    }
    for told in change().await {
        assert_eq!(told, Err(Error::conflict(Conflict::AnswerLost)));
    }
    ten_minutes_away(&house).await;
    assert_eq!(set(&house, &id).await, before, "nothing is shown that AWS did not take");
    house.sandbox.faults().clear();
    sweep(&house).await;
    assert_eq!(set(&house, &id).await, before);
    for told in change().await {
        told.unwrap();
    }
    let kept = set(&house, &id).await;
    assert!(kept.0.web && kept.1.client.log_upload && kept.1.creation.internet_access && !kept.1.ip_groups.is_empty());
    sweep(&house).await;
    assert_eq!(set(&house, &id).await, kept, "AWS says the same");
}

/// As a kill leaves it: the attempt is in the record, and nobody lives to write what came of it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_attempt_without_an_outcome_gets_one(db: PgPool) {
    let house = house(db.clone()).await;
    let id = registered(&house).await;
    settings::set_client(&house.services, &admin(), &id, Client::default()).await.unwrap();
    house.execute("delete from audit where phase = 'finished' and action = 'change_directory'").await;
    sweep(&house).await;
    let unknown = "audit where action = 'change_directory' and outcome = 'unknown' and detail like 'client; Frontdesk ended%'";
    assert_eq!(count(&db, unknown).await, 0, "the answer may still come");
    house.sandbox.clock().advance(TimeDelta::minutes(5));
    sweep(&house).await;
    sweep(&house).await;
    assert_eq!(count(&db, unknown).await, 1, "once");
    assert_eq!(count(&db, "audit where action = 'register_directory' and outcome = 'unknown'").await, 0, "others have theirs");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_setting_goes_to_aws_and_comes_back(db: PgPool) {
    let house = house(db.clone()).await;
    let id = registered(&house).await;
    let (services, admin) = (&house.services, admin());
    let devices = Devices { web: true, linux: true, windows: false, thin_client: false, ..Devices::default() };
    let may = SelfService { restart: false, rebuild: true, ..SelfService::default() };
    let client = Client { reconnect: false, log_upload: true };
    let creation = CreationForm {
        internet_access: true,
        default_ou: UNIT.to_lowercase(),
        security_group: "sg-0a1b2c3d".into(),
        local_administrator: false,
        maintenance: false,
    };
    settings::set_devices(services, &admin, &id, devices).await.unwrap();
    settings::set_self_service(services, &admin, &id, may).await.unwrap();
    settings::set_client(services, &admin, &id, client).await.unwrap();
    settings::set_creation(services, &admin, &id, &creation).await.unwrap();
    let kept = set(&house, &id).await;
    assert_eq!((kept.0, kept.1.self_service, kept.1.client), (devices, may, client), "before the next sweep");
    let found = &kept.1.creation;
    assert!(found.internet_access && !found.local_administrator && !found.maintenance);
    assert_eq!((found.default_ou.as_deref(), found.security_group.as_deref()), (Some(UNIT), Some("sg-0a1b2c3d")));
    house.execute("update directory set settings = '{}', device_web = false").await;
    sweep(&house).await;
    assert_eq!(set(&house, &id).await, kept, "AWS says the same");
    assert_eq!(count(&db, "audit where action = 'change_directory' and outcome = 'succeeded'").await, 4);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_unit_that_is_not_there_is_never_sent_to_aws(db: PgPool) {
    let house = house(db).await;
    let id = registered(&house).await;
    let units = settings::settings(&house.services, &admin(), &id).await.unwrap().units;
    assert!(units.unwrap().iter().any(|unit| unit == UNIT));
    for (unit, group, wrong) in [
        ("OU=Nowhere,DC=corp,DC=example,DC=com", "", "default_ou"),
        ("CN=Computers,DC=corp,DC=example,DC=com", "", "default_ou"),
        ("", "sg-1", "security_group"),
    ] {
        let form = CreationForm { default_ou: unit.into(), security_group: group.into(), ..CreationForm::default() };
        assert_eq!(field(settings::set_creation(&house.services, &admin(), &id, &form).await.unwrap_err()), wrong);
    }
    assert_eq!(house.calls("workspaces:ModifyWorkspaceCreationProperties"), 0);
}

/// Active Directory is not asked for what nobody changes: it may be away, or have given the unit another name.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_unit_that_stays_stands_in_nobodys_way(db: PgPool) {
    let mut house = house(db).await;
    let id = registered(&house).await;
    let form = |maintenance| CreationForm { default_ou: UNIT.into(), maintenance, ..CreationForm::default() };
    settings::set_creation(&house.services, &admin(), &id, &form(true)).await.unwrap();
    house.ad_away();
    settings::set_creation(&house.services, &admin(), &id, &form(false)).await.unwrap();
    let kept = set(&house, &id).await.1.creation;
    assert_eq!((kept.maintenance, kept.default_ou.as_deref()), (false, Some(UNIT)));
    let other = CreationForm { default_ou: "OU=Elsewhere,DC=corp,DC=example,DC=com".into(), ..form(true) };
    let asked = settings::set_creation(&house.services, &admin(), &id, &other).await;
    assert!(matches!(asked, Err(Error::Unavailable { .. })), "{asked:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_admins_register_and_set_and_only_what_is_there(db: PgPool) {
    let house = house(db).await;
    let id = connector(&house).await;
    let (services, devices) = (&house.services, Devices::default());
    let refused = settings::register(services, &helpdesk(), &id, &form(&SUBNETS)).await;
    assert!(matches!(refused, Err(Error::NotAllowed { .. })));
    let refused = settings::set_devices(services, &helpdesk(), &id, devices).await;
    assert!(matches!(refused, Err(Error::NotAllowed { .. })));
    let early = settings::set_devices(services, &admin(), &id, devices).await;
    assert_eq!(early, Err(Error::conflict(Conflict::NotRegistered)));
    let unknown = settings::register(services, &admin(), &"d-0000000000".parse().unwrap(), &form(&SUBNETS)).await;
    assert_eq!(unknown, Err(Error::NotFound));
}

/// As with a policy from before these were asked for.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_part_that_aws_refuses_to_tell_stays_as_it_was(db: PgPool) {
    let house = house(db).await;
    let id = registered(&house).await;
    let client = Client { reconnect: false, log_upload: false };
    settings::set_client(&house.services, &admin(), &id, client).await.unwrap();
    ip_groups::create(&house.services, &admin(), &group("Offices", "203.0.113.0/24")).await.unwrap();
    let no = || Kind::Refuse { code: "AccessDeniedException".into(), message: "not authorized".into() };
    house.fault_at("DescribeClientProperties", no(), 1);
    house.fault_at("DescribeIpGroups", no(), 1);
    house.execute("update directory set stage = 'Impaired'").await;
    sweep(&house).await;
    assert_eq!(set(&house, &id).await.1.client, client);
    assert_eq!(groups(&house).await.len(), 1);
    let (directory, freshness) = directories::one(&house.services, &admin(), &id).await.unwrap();
    assert_eq!((directory.stage.as_str(), freshness.problem), ("Active", None), "all else is read");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_directory_without_workspaces_counts_down(db: PgPool) {
    let house = house(db).await;
    let id = registered(&house).await;
    let found = async || directories::one(&house.services, &admin(), &id).await.unwrap().0;
    house.job("sweep_workspaces").await;
    sweep(&house).await;
    let deregistration = found().await.deregistration.unwrap();
    assert_eq!((deregistration.at.ago.as_str(), deregistration.soon), ("in 30 days", false));
    let troubles = async || backend::launches::today(&house.services, &admin()).await.unwrap().connectors.len();
    assert_eq!(troubles().await, 0);
    house.execute("update directory set empty_since = empty_since - interval '17 days'").await;
    sweep(&house).await;
    assert!(found().await.deregistration.unwrap().soon, "a sweep does not begin anew");
    assert!(found().await.troubles(None)[0].what_to_do.contains("deregisters it by itself"));
    assert!(troubles().await > 0);
    house.workspace(7, "anna.nordwind", "AVAILABLE").await;
    house
        .execute("update workspace set directory_id = (select directory_id from directory where empty_since is not null limit 1)")
        .await;
    sweep(&house).await;
    assert_eq!(found().await.deregistration, None, "somebody is there");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_impaired_connector_stands_on_today(db: PgPool) {
    let house = house(db).await;
    let id = registered(&house).await;
    house
        .execute("update directory set stage = 'Impaired', stage_reason = 'DNS unavailable (TCP port 53) for IP: 10.0.0.1'")
        .await;
    let found = backend::launches::today(&house.services, &helpdesk()).await.unwrap().connectors;
    assert!(found.iter().any(|trouble| trouble.id == id && trouble.what_to_do.contains("port 53")));
}
