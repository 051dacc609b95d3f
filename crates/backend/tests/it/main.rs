//! Use cases against PostgreSQL and the sandbox.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test ends at the first surprise")]

mod house;
mod invitations;
mod launched;
mod letter;
mod mail;
mod sending;
mod welcome;
mod wire;
