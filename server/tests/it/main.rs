//! Frontdesk over HTTP, with a real PostgreSQL and the sandbox beside it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

mod browser;
mod events;
mod forms;
mod house;
mod kill;
mod pages;
mod sign_in;
mod today;
mod walk;
mod welcome;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");
