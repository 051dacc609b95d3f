//! AD Connectors.

pub mod api;
mod page;

pub use page::DirectoriesPage;
