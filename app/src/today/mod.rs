//! The start page: what waits.

pub mod api;
mod page;
mod parts;

pub use page::TodayPage;
