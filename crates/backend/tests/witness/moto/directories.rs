//! A directory's whole way: the network, ConnectDirectory, registration, settings, and the way back.

use backend::{
    directories::{
        self,
        connect::{self, Account},
        network, settings, take_down,
    },
    worker,
};
use chrono::TimeDelta;
use model::{
    DirectoryId,
    access::{Actor, Role},
    directories::{Client, ConnectForm, RegisterForm, SelfService, TakeDownForm, TakeDownStep},
};
use sandbox::people::CONNECTOR_ACCOUNT;
use sqlx::PgPool;

use super::house;
use crate::{
    MIGRATOR,
    house::{House, person},
};

/// moto asks of it what AWS asks of a directory's own administrator only: three kinds of characters.
const PASSWORD: &str = "Connect0r-password";

fn admin() -> Actor {
    person(Role::Admin, None)
}

/// Makes a connector in moto's network as the wizard does; the account is proven at the sandbox's domain controller.
async fn made(house: &House) -> (DirectoryId, Vec<String>) {
    let (services, admin) = (&house.services, admin());
    assert!(house.sandbox.company().change_service(CONNECTOR_ACCOUNT, |service| service.password = PASSWORD.into()));
    let id = connect::begin(services, &admin, None).await.unwrap();
    let (picture, freshness) = network::get(services, &admin).await.unwrap();
    assert_eq!(freshness.problem, None);
    let vpc = picture.vpcs.iter().find(|vpc| vpc.obstacle().is_none()).expect("moto has a default VPC");
    let able: Vec<_> = vpc.subnets.iter().filter(|subnet| subnet.obstacle(&picture.region).is_none()).collect();
    let subnets: Vec<_> = able.iter().take(2).map(|subnet| subnet.id.to_string()).collect();
    assert!(connect::save_network(services, &admin, id, vpc.id.to_string(), subnets.clone()).await.unwrap(), "{vpc:?}");
    let form = ConnectForm {
        dns_name: "corp.example.com".into(),
        dns_1: "127.0.0.1".into(),
        size: "Small".into(),
        ..ConnectForm::default()
    };
    assert!(connect::save_domain(services, &admin, id, form).await.unwrap());
    let seen = connect::get(services, &admin, id).await.unwrap().version;
    let account =
        Account { name: CONNECTOR_ACCOUNT.into(), password: PASSWORD.to_owned().into(), again: PASSWORD.to_owned().into() };
    let made = connect::create(services, &admin, id, seen, account).await.unwrap();
    let refusal = connect::get(services, &admin, id).await.unwrap().refusal;
    (made.unwrap_or_else(|| panic!("{refusal:?}")), subnets)
}

/// moto makes, registers and deletes at once.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_directory_is_made_registered_set_and_taken_down(db: PgPool) {
    let (house, cloud) = house(db, "us-east-1").await;
    let (services, admin) = (&house.services, admin());
    let (id, subnets) = made(&house).await;
    house.job("sweep_directories").await;
    let (directory, _) = directories::one(services, &admin, &id).await.unwrap();
    assert_eq!((directory.stage.as_str(), directory.dns.as_slice()), ("Active", &["127.0.0.1".to_owned()][..]));

    let form = RegisterForm { subnets: subnets.clone(), self_service: false, tenancy: "SHARED".into() };
    settings::register(services, &admin, &id, &form).await.unwrap();
    let may = SelfService { restart: true, rebuild: true, ..SelfService::default() };
    house.job("sweep_directories").await;
    settings::set_self_service(services, &admin, &id, may).await.unwrap();
    let client = Client { reconnect: false, ..Client::default() };
    settings::set_client(services, &admin, &id, client).await.unwrap();
    let raw = cloud.workspaces.describe_workspace_directories().directory_ids(id.as_str()).send().await.unwrap();
    let raw = &raw.directories()[0];
    assert_eq!(raw.state().map(|state| state.as_str()), Some("REGISTERED"));
    let mut given = raw.subnet_ids().to_vec();
    given.sort();
    let mut wanted = subnets;
    wanted.sort();
    assert_eq!(given, wanted);
    let told = raw.selfservice_permissions().unwrap();
    assert_eq!(told.rebuild_workspace().map(|value| value.as_str()), Some("ENABLED"));
    assert_eq!(told.change_compute_type().map(|value| value.as_str()), Some("DISABLED"));

    let form = TakeDownForm { name: "corp.example.com".into(), count: String::new(), reason: "seen enough".into() };
    take_down::begin(services, &admin, &id, &form).await.unwrap();
    for _ in 0..10 {
        house.run_waiting().await;
        house.sandbox.clock().advance(TimeDelta::minutes(1));
    }
    let (_, down, _) = take_down::of(services, &admin, &id).await.unwrap();
    let down = down.unwrap();
    assert_eq!((down.step, down.halt), (TakeDownStep::Done, None), "{down:?}");
    let left = cloud.directory_service.describe_directories().send().await.unwrap();
    assert!(left.directory_descriptions().iter().all(|left| left.directory_id() != Some(id.as_str())));
    worker::run_once(services).await.unwrap();
}
