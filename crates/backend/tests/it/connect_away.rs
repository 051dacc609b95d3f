//! Setting up a connector while AWS is away, in each step: words that say so, nothing typed is lost, and never a second connector.

use backend::directories::{connect, network};
use chrono::TimeDelta;
use model::{
    Conflict, ConnectId, Error,
    directories::{ConnectDraft, ConnectState, Outcome},
};
use sandbox::{
    faults::Kind,
    people::{CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD},
};
use sqlx::PgPool;

use crate::{
    connect::{SUBNETS, admin, create, drafted, house},
    house::{House, aws, count, nobody},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
const VPC: &str = "vpc-0a1b2c3d";

async fn draft(house: &House, id: ConnectId) -> ConnectDraft {
    connect::get(&house.services, &admin(), id).await.unwrap()
}

async fn make(house: &House, id: ConnectId) -> Result<bool, Error> {
    create(house, id, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await.map(|made| made.is_some())
}

/// What the record says of asking, in order.
async fn outcomes(house: &House) -> Vec<String> {
    let sql = "select outcome from audit where action = 'connect_directory' and phase = 'finished' order by id";
    sqlx::query_scalar(sql).fetch_all(&house.db).await.unwrap()
}

/// ConnectDirectory's answer is no answer, and then AWS is away for ten minutes: nothing is known meanwhile and nothing is asked again.
async fn lost_and_away(house: &House, answer: Kind) -> ConnectId {
    let id = drafted(house).await;
    house.fault_at("ConnectDirectory", answer, 1);
    house.fault_at("DescribeDirectories", Kind::ServerError, 1_000);
    assert_eq!(make(house, id).await, Ok(false));
    for _ in 0..10 {
        house.run_waiting().await;
        assert_eq!(draft(house, id).await.state, ConnectState::Unconfirmed);
        house.sandbox.clock().advance(TimeDelta::minutes(1));
    }
    assert_eq!(make(house, id).await, Err(Error::conflict(Conflict::ConnectUnderWay)));
    assert!(house.calls("ds:DescribeDirectories") >= 10, "it is looked for all along");
    assert_eq!((house.calls("ds:ConnectDirectory"), outcomes(house).await), (1, vec!["unknown".to_owned()]));
    house.sandbox.faults().clear();
    house.run_waiting().await;
    id
}

/// Beside the two that the sandbox begins with.
fn made(house: &House) -> usize {
    house.sandbox.state().memory().connectors.len() - 2
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_connector_whose_answer_was_lost_is_found_when_aws_comes_back(db: PgPool) {
    let house = house(db).await;
    let id = lost_and_away(&house, Kind::LoseReply).await;
    assert_eq!((draft(&house, id).await.state, made(&house)), (ConnectState::Created, 1));
    assert_eq!(outcomes(&house).await, ["unknown", "succeeded"]);
    // The form sent once more finds it, and the next sweeps have nothing to settle.
    assert_eq!(make(&house, id).await, Ok(true));
    house.run_waiting().await;
    assert_eq!((house.calls("ds:ConnectDirectory"), made(&house), outcomes(&house).await.len()), (1, 1, 2));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_that_aws_did_not_make_is_told_when_aws_comes_back_and_made_by_the_next_try(db: PgPool) {
    let house = house(db).await;
    let id = lost_and_away(&house, Kind::ServerError).await;
    let told = draft(&house, id).await;
    assert_eq!((told.state, made(&house)), (ConnectState::Draft, 0));
    assert!(told.refusal.is_some_and(|why| why.contains("no connector was made")));
    assert_eq!((told.form.organization.as_str(), told.account.as_deref()), ("Example Corp", Some(CONNECTOR_ACCOUNT)));
    assert_eq!(outcomes(&house).await, ["unknown", "failed"]);
    assert_eq!(make(&house, id).await, Ok(true));
    assert_eq!((made(&house), outcomes(&house).await), (1, ["unknown", "failed", "succeeded"].map(ToOwned::to_owned).to_vec()));
}

/// Others use up the rate of Directory Service: nothing is written that a lease would have to release, and AWS hears nothing.
#[sqlx::test(migrator = "MIGRATOR")]
async fn without_a_turn_nothing_is_begun(db: PgPool) {
    let house = house(db.clone()).await;
    let id = drafted(&house).await;
    house.execute("update api_budget set next_at = now() + interval '1 hour' where service = 'ds'").await;
    assert_eq!(make(&house, id).await, Err(Error::Busy { retry_after_seconds: 5 }));
    let kept = draft(&house, id).await;
    assert_eq!((kept.state, kept.account.as_deref(), kept.refusal), (ConnectState::Draft, Some(CONNECTOR_ACCOUNT), None));
    assert_eq!(count(&db, "audit where action = 'connect_directory'").await, 0);
    assert_eq!((count(&db, "directory_connect where claim is not null").await, house.calls("ds:ConnectDirectory")), (0, 0));
    house.execute("update api_budget set next_at = 'epoch'").await;
    assert_eq!(make(&house, id).await, Ok(true));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_network_is_what_was_read_last_and_a_choice_stays(db: PgPool) {
    let house = house(db).await;
    let (services, admin) = (&house.services, admin());
    let save = async |id| {
        let subnets = SUBNETS.map(ToOwned::to_owned).to_vec();
        connect::save_network(services, &admin, id, VPC.to_owned(), subnets).await.unwrap()
    };
    house.fault_at("DescribeVpcs", Kind::ServerError, 1_000);
    let id = connect::begin(services, &admin, None).await.unwrap();
    let (picture, freshness) = network::get(services, &admin).await.unwrap();
    assert!(picture.vpcs.is_empty() && freshness.read.is_none());
    assert!(freshness.problem.is_some_and(|problem| problem.contains("HTTP 500")), "it is not said that there are none");
    // What somebody chose by a page of before stays, though it can't be looked at.
    assert!(!save(id).await);
    let kept = draft(&house, id).await;
    assert_eq!((kept.form.vpc.as_str(), kept.form.subnets.len(), kept.errors[0].field.as_str()), (VPC, 2, "vpc"));

    house.sandbox.faults().clear();
    network::read(services, &admin).await.unwrap();
    assert!(save(id).await);
    house.fault_at("DescribeSubnets", Kind::ServerError, 1_000);
    network::read(services, &admin).await.unwrap();
    let (picture, freshness) = network::get(services, &admin).await.unwrap();
    assert!(picture.vpcs.len() >= 3 && freshness.read.is_some() && freshness.problem.is_some(), "{freshness:?}");
    assert!(save(id).await, "by the picture of before");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_preflight_tells_the_rest_and_creating_says_that_aws_was_not_reached(db: PgPool) {
    let mut house = house(db).await;
    let id = drafted(&house).await;
    let before = draft(&house, id).await;
    house.fault_at("GetDirectoryLimits", Kind::ServerError, 1);
    let looked = async |house: &House| {
        connect::look(&house.services, &admin(), id).await.unwrap();
        let findings = draft(house, id).await.preflight.unwrap().findings;
        let dns: Vec<_> = findings.iter().filter(|finding| finding.what.starts_with("DNS ")).collect();
        assert!(!dns.is_empty() && dns.iter().all(|finding| finding.outcome == Outcome::Pass), "{findings:#?}");
        let quota = findings.iter().find(|finding| finding.what.starts_with("Quota of AD Connectors")).unwrap();
        assert!(quota.outcome != Outcome::Pass, "{quota:?}");
        format!("{} {}", quota.seen, quota.cure.as_deref().unwrap())
    };
    let words = looked(&house).await;
    assert!(words.contains("HTTP 500") && words.contains("Try again"), "{words}");

    let mut settings = house.services.settings.aws.clone();
    settings.endpoint_url = Some(nobody("http").to_string());
    house.services.aws = aws(&settings).await.into();
    let words = looked(&house).await;
    assert!(words.contains("not sent") && words.contains("the way to AWS"), "{words}");
    assert_eq!(make(&house, id).await, Ok(false));
    let told = draft(&house, id).await;
    assert_eq!((told.state, told.form), (ConnectState::Draft, before.form));
    assert!(told.refusal.is_some_and(|why| why.starts_with("AWS was not reached, so nothing was made")));
    assert_eq!((outcomes(&house).await, made(&house)), (vec!["failed".to_owned()], 0));
}
