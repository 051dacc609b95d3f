//! People: what finds them and what keeps them from a WorkSpace (`finding`), who manages them
//! (`managers`), how their domain controllers are spoken to (`controllers`), and their page (`person`).

mod controllers;
mod finding;
mod managers;
mod person;

use backend::people;
use model::{
    Error, PageRequest,
    people::{Hits, Search},
};

use crate::house::{DIRECTORY, House, helpdesk};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

async fn search(house: &House, search: Search, number: u32, size: u32) -> Result<Hits, Error> {
    let directory = DIRECTORY.parse().unwrap();
    people::search(&house.services, &helpdesk(), &directory, search, PageRequest { number, size }).await
}

/// The accounts that a typed term finds, in alphabetical order.
async fn found(house: &House, term: &str) -> Vec<String> {
    let hits = search(house, Search::Term(term.to_owned()), 1, 100).await.unwrap();
    assert!(!hits.more, "{term} finds more than a page");
    let mut accounts: Vec<_> = hits.hits.into_iter().map(|hit| hit.person.account).collect();
    accounts.sort();
    accounts
}
