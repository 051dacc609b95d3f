//! What is looked at and proven at a domain controller before a connector is made.

use backend::directories::connect::{self, Account};
use model::{
    ConnectId, Error,
    access::{Actor, Role},
    directories::{ConnectForm, Outcome},
};
use sqlx::PgPool;

use super::{PASSWORD, reading};
use crate::{
    MIGRATOR,
    house::{House, Plan, person},
};

fn admin() -> Actor {
    person(Role::Admin, None)
}

/// A draft to the witness's domain. Its DNS server is one that nobody reaches: the controller is found by the configuration.
async fn drafted(db: PgPool) -> (House, ConnectId) {
    let behaviour = Plan::default().behaviour.with_prompt_directories();
    let mut house = House::with(db, Plan { behaviour, ..Plan::default() }).await;
    house.ad(reading);
    let id = connect::begin(&house.services, &admin(), None).await.unwrap();
    let subnets = ["subnet-0a1b2c3d", "subnet-0b1c2d3e"].map(ToOwned::to_owned).to_vec();
    assert!(connect::save_network(&house.services, &admin(), id, "vpc-0a1b2c3d".into(), subnets).await.unwrap());
    let form = ConnectForm {
        dns_name: "corp.example.com".into(),
        dns_1: "127.0.53.251".into(),
        size: "Small".into(),
        ..ConnectForm::default()
    };
    assert!(connect::save_domain(&house.services, &admin(), id, form).await.unwrap());
    (house, id)
}

/// What the form says of an account; nothing when it was taken and AWS was asked.
async fn proven(house: &House, id: ConnectId, name: &str, password: &str) -> Option<(String, String)> {
    let seen = connect::get(&house.services, &admin(), id).await.unwrap().version;
    let account = Account { name: name.into(), password: password.to_owned().into(), again: password.to_owned().into() };
    match connect::create(&house.services, &admin(), id, seen, account).await {
        Ok(made) => {
            assert!(made.is_some());
            None
        }
        Err(Error::Invalid { mut fields }) => {
            let field = fields.remove(0);
            Some((field.field, field.message))
        }
        Err(error) => panic!("{error}"),
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_controller_says_what_it_is_to_the_preflight(db: PgPool) {
    let (house, id) = drafted(db).await;
    connect::look(&house.services, &admin(), id).await.unwrap();
    let findings = connect::get(&house.services, &admin(), id).await.unwrap().preflight.unwrap().findings;
    let controller = findings.iter().find(|finding| finding.what.starts_with("Domain controller")).unwrap();
    assert_eq!(controller.outcome, Outcome::Pass, "{findings:?}");
    assert!(controller.seen.contains("LDAPS; DC=corp,DC=example,DC=com"), "{controller:?}");
    let dns = findings.iter().find(|finding| finding.what.starts_with("DNS ")).unwrap();
    assert_eq!(dns.outcome, Outcome::CantTell, "{dns:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_an_account_that_will_do_reaches_aws(db: PgPool) {
    let (house, id) = drafted(db).await;
    for (account, password, field, words) in [
        ("svc-frontdesk", "not the password", "password", "52e"),
        ("nobody.at.all", PASSWORD, "password", "52e"),
        ("dino.disabled", PASSWORD, "password", "533"),
        ("ella.expired", PASSWORD, "password", "701"),
        ("mia.mustchange", PASSWORD, "password", "773"),
        ("pat.preauth", PASSWORD, "account", "pre-authentication"),
    ] {
        let (at, said) = proven(&house, id, account, password).await.unwrap_or_else(|| panic!("{account} was taken"));
        assert_eq!(at, field, "{account}: {said}");
        assert!(said.contains(words) && !said.contains(password), "{account}: {said}");
    }
    assert_eq!(house.calls("ds:ConnectDirectory"), 0);
    assert_eq!(proven(&house, id, "svc-frontdesk", "Reading-acc0unt").await, None);
    assert_eq!(house.calls("ds:ConnectDirectory"), 1);
}
