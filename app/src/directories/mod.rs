//! AD Connectors.

pub mod api;
mod connect;
mod ip_groups;
mod one;
mod page;
mod parts;
mod readiness;
mod register;
mod settings;

pub use connect::{CreatePage, DomainPage, NetworkPage, PreflightPage};
pub use ip_groups::IpGroupsPage;
pub use one::DirectoryPage;
pub use page::DirectoriesPage;
pub use readiness::ReadinessPage;
pub use register::RegisterPage;
pub use settings::SettingsPage;
