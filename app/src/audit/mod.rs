//! The record: who did what, when, with what outcome.

pub mod api;
mod page;
pub mod parts;

pub use page::AuditPage;
