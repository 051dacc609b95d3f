//! What the preflight says of a company's network, whole and with something wrong in it.

use backend::directories::connect;
use model::directories::{ConnectForm, Finding, Outcome};
use sandbox::{
    Behaviour,
    faults::{Fault, Kind},
};
use sqlx::PgPool;

use crate::{
    connect::{SUBNETS, admin, drafted, house},
    house::{House, Plan},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

async fn look(house: &House) -> Vec<Finding> {
    let id = drafted(house).await;
    connect::look(&house.services, &admin(), id).await.unwrap();
    connect::get(&house.services, &admin(), id).await.unwrap().preflight.unwrap().findings
}

/// The one line that is about it.
fn line<'a>(findings: &'a [Finding], what: &str) -> &'a Finding {
    let found: Vec<_> = findings.iter().filter(|finding| finding.what.contains(what)).collect();
    let [line] = found[..] else { panic!("{what}: {findings:#?}") };
    line
}

fn fault(house: &House, operation: &str, kind: Kind, items: &[&str]) {
    house.sandbox.faults().add(Fault::new(operation, kind).items(items.iter().map(ToString::to_string).collect()));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_preflight_tells_what_it_can(db: PgPool) {
    let house = house(db).await;
    let id = drafted(&house).await;
    connect::look(&house.services, &admin(), id).await.unwrap();
    let preflight = connect::get(&house.services, &admin(), id).await.unwrap().preflight.unwrap();
    let outcome =
        |what: &str| preflight.findings.iter().find(|finding| finding.what.contains(what)).map(|finding| finding.outcome);
    assert_eq!(outcome("_ldap._tcp.dc._msdcs.corp.example.com"), Some(Outcome::Pass), "{preflight:#?}");
    assert_eq!(outcome("_kerberos._tcp"), Some(Outcome::Pass));
    assert_eq!(outcome("functional level"), Some(Outcome::Pass));
    assert_eq!(outcome("Kerberos "), Some(Outcome::Pass));
    assert_eq!(outcome("Quota"), Some(Outcome::Pass));
    assert_eq!(preflight.count(Outcome::Fail), 0);

    let typed = ConnectForm {
        dns_name: "other.example.com".into(),
        dns_1: "127.0.0.1".into(),
        size: "Small".into(),
        ..ConnectForm::default()
    };
    assert!(connect::save_domain(&house.services, &admin(), id, typed).await.unwrap());
    assert_eq!(connect::get(&house.services, &admin(), id).await.unwrap().preflight, None, "that was of another domain");
    connect::look(&house.services, &admin(), id).await.unwrap();
    let preflight = connect::get(&house.services, &admin(), id).await.unwrap().preflight.unwrap();
    let unknown = preflight.findings.iter().find(|finding| finding.what.contains("_ldap._tcp")).unwrap();
    assert_eq!(unknown.outcome, Outcome::Fail);
    assert!(unknown.cure.is_some());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_connector_is_left_in_the_quota(db: PgPool) {
    let behaviour = Behaviour { connector_quota: 1, ..Plan::default().behaviour };
    let house = House::with(db, Plan { behaviour, ..Plan::default() }).await;
    let findings = look(&house).await;
    let quota = line(&findings, "Quota of AD Connectors");
    assert_eq!((quota.outcome, quota.seen.as_str()), (Outcome::Fail, "all 1 AD Connectors are in use"));
    assert!(quota.cure.is_some() && quota.link.is_some());
}

/// A port that is open but not trusted is another matter than one that does not answer.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_controller_without_tls_is_told_from_one_that_does_not_answer(db: PgPool) {
    let mut house = house(db).await;
    house.ad_away();
    fault(&house, "Connect", Kind::LoseReply, &[]);
    let findings = look(&house).await;
    let (ours, named) =
        (line(&findings, "Domain controller 127.0.0.1"), line(&findings, "Domain controller dc1.corp.example.com"));
    assert!(ours.seen.contains("does not answer from here"), "{ours:?}");
    let port = house.sandbox.ldap_address().port();
    assert!(named.seen.starts_with(&format!("port {port} is open, but no TLS")), "{named:?}");
    for finding in [ours, named] {
        assert_eq!(finding.outcome, Outcome::CantTell, "AWS may reach it");
    }
    assert_ne!(ours.cure, named.cure);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_dns_server_that_refuses_fails_and_one_that_is_silent_can_not_be_told(db: PgPool) {
    let house = house(db).await;
    fault(&house, "Lookup", Kind::ServerError, &["_ldap._tcp.dc._msdcs"]);
    fault(&house, "Lookup", Kind::LoseReply, &["_kerberos._tcp"]);
    let findings = look(&house).await;
    let (ldap, kerberos) = (line(&findings, "_ldap._tcp.dc._msdcs"), line(&findings, "_kerberos._tcp"));
    assert_eq!((ldap.outcome, kerberos.outcome), (Outcome::Fail, Outcome::CantTell), "{ldap:?} {kerberos:?}");
    assert!(ldap.cure.is_some() && kerberos.cure.is_some());
    let configured = line(&findings, "Domain controller 127.0.0.1: functional level");
    assert_eq!(configured.outcome, Outcome::Pass, "the configured one is asked all the same");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_domain_without_kerberos_records_fails(db: PgPool) {
    let house = house(db).await;
    let unknown = Kind::Refuse { code: String::new(), message: String::new() };
    fault(&house, "Lookup", unknown, &["_kerberos._tcp"]);
    let findings = look(&house).await;
    let line = line(&findings, "_kerberos._tcp");
    assert_eq!((line.outcome, line.seen.as_str()), (Outcome::Fail, "it answers, and knows no such record"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_subnet_that_is_nearly_full_is_told(db: PgPool) {
    let house = house(db).await;
    let id = drafted(&house).await;
    let subnets = vec![SUBNETS[0].to_owned(), "subnet-0f203142".to_owned()];
    assert!(connect::save_network(&house.services, &admin(), id, "vpc-0a1b2c3d".to_owned(), subnets).await.unwrap());
    connect::look(&house.services, &admin(), id).await.unwrap();
    let findings = connect::get(&house.services, &admin(), id).await.unwrap().preflight.unwrap().findings;
    let few = line(&findings, "nearly-full-b");
    assert_eq!((few.outcome, few.seen.as_str()), (Outcome::CantTell, "3 are free"));
    assert!(few.cure.as_ref().is_some_and(|cure| cure.contains("Only 3 addresses are free")), "{few:?}");
    assert_eq!(line(&findings, "workspaces-a").outcome, Outcome::Pass);
}
