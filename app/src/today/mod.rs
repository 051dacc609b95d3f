//! The start page: what waits.

pub mod api;
#[cfg(feature = "ssr")]
mod figures;
mod page;
mod parts;

pub use page::TodayPage;
