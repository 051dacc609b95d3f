//! The fleet.

pub mod api;
mod page;

pub use page::{WorkspacePage, WorkspacesPage};
