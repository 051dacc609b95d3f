//! Frontdesk over HTTP, with a real PostgreSQL and the sandbox beside it.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test ends at the first surprise")]

mod browser;
mod events;
mod forms;
mod house;
mod kill;
mod operate;
mod pages;
mod program;
mod sign_in;
mod walk;
mod welcome;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");
