//! The fleet, and what is done to it.

pub mod api;
mod batches;
mod confirm;
mod page;

pub use batches::{BatchPage, BatchesPage};
pub use confirm::ConfirmPage;
pub use page::{WorkspacePage, WorkspacesPage};
