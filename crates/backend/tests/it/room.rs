//! Room for WorkSpaces: what EC2 is asked and when, the forecast, and the warning before a launch that will not fit.

use std::time::Duration;

use backend::{
    directories,
    launches::{self, drafts},
};
use chrono::TimeDelta;
use model::{DirectoryId, PageRequest, access::Role, directories::Addresses};
use sandbox::faults::Kind;
use sqlx::PgPool;

use crate::{
    house::{DIRECTORY, House, count, helpdesk, person},
    watch::{later, stage, watch},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

fn directory() -> DirectoryId {
    DIRECTORY.parse().unwrap()
}

/// A house whose directory has WorkSpaces in two subnets that EC2 showed with so many free addresses.
async fn with_free(db: PgPool, free: [i64; 2]) -> House {
    let house = House::open(db).await;
    house
        .execute(
            "update directory set workspace_subnet_ids = '{subnet-0a1b2c3d,subnet-0b1c2d3e}', subnet_ids = '{subnet-0f203142}'",
        )
        .await;
    house.job("sweep_network").await;
    for (index, free) in free.into_iter().enumerate() {
        let subnet = ["subnet-0a1b2c3d", "subnet-0b1c2d3e"][index];
        sqlx::query(
            "update network set picture = jsonb_set(picture, '{vpcs}', (
               select jsonb_agg(jsonb_set(v, '{subnets}', (
                 select coalesce(jsonb_agg(case when s ->> 'id' = $1 then jsonb_set(s, '{free}', to_jsonb($2::bigint)) else s end), '[]')
                 from jsonb_array_elements(v -> 'subnets') s)))
               from jsonb_array_elements(picture -> 'vpcs') v))",
        )
        .bind(subnet)
        .bind(free)
        .execute(&house.db)
        .await
        .unwrap();
    }
    house
}

async fn addresses(house: &House) -> Addresses {
    directories::with_addresses(&house.services, &helpdesk(), &directory()).await.unwrap().1.unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_forecast_counts_who_is_on_the_way_and_not_yet_counted_by_ec2(db: PgPool) {
    let house = with_free(db.clone(), [7, 20]).await;
    let now = addresses(&house).await;
    let seen: Vec<_> = now.subnets.iter().map(|subnet| (subnet.id.as_str(), subnet.zone.as_str(), subnet.free)).collect();
    assert_eq!(seen, [("subnet-0a1b2c3d", "eu-central-1a", 7), ("subnet-0b1c2d3e", "eu-central-1b", 20)]);
    assert_eq!((now.free(), now.coming, now.left()), (27, 0, 27), "those of the registration, not the connector's");
    house.launch(&["anna.nordwind", "marta.nordwind"]).await;
    assert_eq!((addresses(&house).await.coming, addresses(&house).await.left()), (2, 25));
    // AWS has accepted them since, and EC2 was not asked again.
    house.sandbox.clock().advance(TimeDelta::seconds(5));
    house.job("send_items").await;
    assert_eq!(count(&db, "launch_item where state = 'pending'").await, 2);
    assert_eq!(addresses(&house).await.coming, 2);
    house.sandbox.clock().advance(TimeDelta::seconds(5));
    house.job("sweep_network").await;
    assert_eq!(addresses(&house).await.coming, 0, "EC2 counts them");

    // Another directory in the same subnets takes of the same addresses; one elsewhere does not.
    house.second_directory().await;
    house.execute("update launch_item set directory_id = 'd-90673c5d6e', state = 'queued'").await;
    house.execute("update directory set workspace_subnet_ids = '{subnet-0b1c2d3e}' where directory_id = 'd-90673c5d6e'").await;
    assert_eq!(addresses(&house).await.coming, 2);
    house.execute("update directory set workspace_subnet_ids = '{subnet-1a2b3c4d}' where directory_id = 'd-90673c5d6e'").await;
    assert_eq!(addresses(&house).await.coming, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_launch_that_will_not_fit_is_warned_of_and_not_refused(db: PgPool) {
    let house = with_free(db, [1, 1]).await;
    let check = async |accounts: &[&str]| {
        let draft = house.draft(&helpdesk(), accounts).await;
        let check = drafts::check(&house.services, &helpdesk(), draft, PageRequest::default()).await.unwrap();
        assert!(check.can_launch(), "AWS decides");
        (draft, check.warning)
    };
    assert_eq!(check(&["anna.nordwind", "marta.nordwind"]).await.1, None);
    let first = house.launch(&["anna.nordwind"]).await;
    assert_eq!(launches::get(&house.services, &helpdesk(), first).await.unwrap().warning, None);
    let (draft, warning) = check(&["marta.nordwind", "ben.nordwind"]).await;
    let warning = warning.unwrap();
    for part in ["2 free addresses", "has 2 people and 1 person before them in the queue", "1 too few"] {
        assert!(warning.contains(part), "{part}: {warning}");
    }
    let second = launches::start(&house.services, &helpdesk(), draft, None).await.unwrap();
    let warned = launches::get(&house.services, &helpdesk(), second).await.unwrap().warning.unwrap();
    assert!(warned.contains("3 people have still to get one: 1 too few"), "{warned}");

    let today = launches::today(&house.services, &helpdesk()).await.unwrap().connectors;
    assert_eq!((today.len(), today[0].state.as_str()), (1, "2 addresses are free"));
    assert_eq!(watch(&house).await, ["corp.example.com: launches want more addresses than are free"]);
    let elsewhere = person(Role::Helpdesk, Some("d-90673c5d6e"));
    assert_eq!(launches::today(&house.services, &elsewhere).await.unwrap().connectors, []);
    assert!(directories::with_addresses(&house.services, &elsewhere, &directory()).await.is_err());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn few_addresses_are_told_before_there_are_none(db: PgPool) {
    let house = with_free(db, [5, 4]).await;
    assert_eq!(watch(&house).await, ["corp.example.com: few addresses are free"]);
    house.job("sweep_network").await;
    watch(&house).await;
    assert_eq!(later(&house, 10).await.last().unwrap(), "corp.example.com has enough free addresses again");
}

async fn tick(house: &House) {
    house.execute("select graphile_worker.add_job('tick', 'null'::json)").await;
    house.run().await;
    house.run_waiting().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_network_is_read_every_hour_and_more_often_during_launches(db: PgPool) {
    let house = House::open(db.clone()).await;
    let minutes = |minutes| house.sandbox.clock().advance(TimeDelta::minutes(minutes));
    let reads = || house.calls("ec2:DescribeSubnets");
    tick(&house).await;
    assert_eq!(reads(), 1);
    minutes(59);
    tick(&house).await;
    assert_eq!(reads(), 1);
    minutes(1);
    tick(&house).await;
    assert_eq!(reads(), 2);
    // A row that waits for somebody, so that no worker brings it on its way.
    let launch = house.launch(&["anna.nordwind"]).await;
    sqlx::query("update launch set paused_at = now(), paused_code = 'ResourceLimitExceeded', paused_message = 'm' where id = $1")
        .bind(launch.0)
        .execute(&db)
        .await
        .unwrap();
    minutes(9);
    tick(&house).await;
    assert_eq!(reads(), 2);
    minutes(1);
    tick(&house).await;
    assert_eq!(reads(), 3);
    house.execute("update directory set registration_state = null").await;
    minutes(120);
    tick(&house).await;
    assert_eq!(reads(), 3, "nobody has WorkSpaces");
    for _ in 0..100 {
        if count(&db, "(select distinct operation from api_call where service = 'ec2' and class = 'sweep') o").await == 3 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the three operations are not counted");
}

/// An account whose policy does not let EC2 be read: everything else goes on, and EC2 is not asked every minute.
#[sqlx::test(migrator = "MIGRATOR")]
async fn where_ec2_says_no_everything_else_goes_on(db: PgPool) {
    let house = House::open(db.clone()).await;
    let no = Kind::Refuse { code: "UnauthorizedOperation".into(), message: "You are not authorized".into() };
    house.fault_at("DescribeVpcs", no, 100);
    tick(&house).await;
    let problem: Option<String> =
        sqlx::query_scalar("select problem from mirror where part = 'network'").fetch_one(&db).await.unwrap();
    assert!(problem.is_some_and(|problem| problem.contains("UnauthorizedOperation")));
    tick(&house).await;
    assert_eq!(house.calls("ec2:DescribeVpcs"), 1);
    let known = addresses(&house).await;
    assert_eq!((known.subnets.len(), known.freshness.problem.is_some()), (0, true));
    let draft = house.draft(&helpdesk(), &["anna.nordwind"]).await;
    let check = drafts::check(&house.services, &helpdesk(), draft, PageRequest::default()).await.unwrap();
    assert_eq!((check.warning.clone(), check.can_launch()), (None, true));
    assert_eq!(launches::today(&house.services, &helpdesk()).await.unwrap().connectors, []);
    stage(&house, "Inoperable", None).await;
    assert_eq!(watch(&house).await.len(), 1, "other troubles are mailed");
}
