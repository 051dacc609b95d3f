//! Use cases against PostgreSQL and the sandbox.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]

mod access;
mod actions;
mod audit;
mod budget;
mod cadence;
mod connect;
mod connect_away;
mod connect_draft;
mod cost_centres;
mod desk;
mod dns_change;
mod faults;
mod groups;
mod held;
mod house;
mod invitations;
mod launched;
mod launches;
mod letter;
mod mail;
mod mirror;
mod offerings;
mod people;
mod permissions;
mod preflight;
mod readiness;
mod registered;
mod requests;
mod room;
mod sending;
mod take_down;
mod tap;
mod watch;
mod welcome;
mod wire;
