//! Frontdesk over HTTP, with a real PostgreSQL and the sandbox beside it.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test ends at the first surprise")]

mod actions;
mod browser;
mod cost_centres;
mod directories;
mod dns;
mod events;
mod forms;
mod house;
mod numbers;
mod offerings;
mod operate;
mod pages;
mod program;
mod readiness;
mod requests;
mod sign_in;
mod today;
mod walk;
mod welcome;
mod wizard;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");
