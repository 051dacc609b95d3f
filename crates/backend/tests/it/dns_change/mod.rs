//! Changing a connector's DNS servers: `steps` for its way from beginning to end, `outcomes` for what became of the WorkSpaces.

mod outcomes;
mod steps;

use backend::directories::dns_change;
use chrono::TimeDelta;
use model::{
    DirectoryId, DnsChangeId, Error, PageRequest,
    directories::{DnsChange, DnsChangePage, DnsFilter, DnsForm, DnsState},
};
use sqlx::PgPool;

use crate::{
    connect::{self, admin, sweep},
    house::{DIRECTORY, House},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// The address at which the sandbox's DNS answers for corp.example.com.
const NEW: &str = "127.0.0.1";
const OLD: [&str; 2] = ["10.20.0.10", "10.20.0.11"];

fn directory() -> DirectoryId {
    DIRECTORY.parse().unwrap()
}

fn form(old: &str, new: &str) -> DnsForm {
    DnsForm { old: old.into(), new: new.into(), unreachable: false }
}

/// As somebody changes the addresses in AWS's console.
fn console(house: &House, dns: &[&str]) {
    let mut memory = house.sandbox.state().memory();
    let connector = memory.connectors.iter_mut().find(|connector| connector.id == DIRECTORY).unwrap();
    connector.dns = dns.iter().map(ToString::to_string).collect();
}

/// A connector with two DNS servers and three WorkSpaces, WSAMZN-1 to -3; everything was swept.
async fn house(db: PgPool) -> House {
    let house = connect::house(db).await;
    console(&house, &OLD);
    sweep(&house).await;
    for (number, account) in (1..).zip(["anna.nordwind", "ben.nordwind", "carsten.nordwind"]) {
        house.workspace(number, account, "AVAILABLE").await;
    }
    house.execute("update workspace set computer_name = 'WSAMZN-' || right(workspace_id, 1)").await;
    house
}

async fn begin(house: &House) -> DnsChangeId {
    dns_change::begin(&house.services, &admin(), &directory(), &form(OLD[0], NEW)).await.unwrap()
}

async fn page(house: &House, id: DnsChangeId) -> DnsChangePage {
    let filter = DnsFilter::default();
    dns_change::page(&house.services, &admin(), &directory(), id, &filter, PageRequest::default()).await.unwrap()
}

async fn change(house: &House, id: DnsChangeId) -> DnsChange {
    page(house, id).await.change
}

async fn freeze(house: &House, id: DnsChangeId, meant: bool) -> Result<(), Error> {
    dns_change::freeze(&house.services, &admin(), &directory(), id, meant).await
}

/// Launches are frozen, and the quarter of an hour is over.
async fn frozen(house: &House) -> DnsChangeId {
    let id = begin(house).await;
    freeze(house, id, true).await.unwrap();
    pass(house, 15);
    assert_eq!(change(house, id).await.state, DnsState::Frozen);
    id
}

fn pass(house: &House, minutes: i64) {
    house.sandbox.clock().advance(TimeDelta::minutes(minutes));
}
