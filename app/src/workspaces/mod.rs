//! The fleet, and what is done to it.

mod acting;
pub mod api;
mod page;

pub use acting::{BatchPage, BatchesPage, ConfirmPage};
pub use page::{WorkspacePage, WorkspacesPage};
