//! AD Connectors.

pub mod api;
mod connect;
mod one;
mod page;

pub use connect::{CreatePage, DomainPage, NetworkPage, PreflightPage};
pub use one::DirectoryPage;
pub use page::DirectoriesPage;
