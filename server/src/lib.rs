//! The `frontdesk` binary's parts: configuration, HTTP, sign-in and the wiring of everything. Use cases are in `backend`,
//! pages in `app`.

pub mod config;
pub mod doctor;
pub mod http;
pub mod log;
pub mod metrics;
pub mod serve;
pub mod traces;
