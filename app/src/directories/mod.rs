//! AD Connectors.

mod addresses;
pub mod api;
mod connect;
mod desk;
pub mod dns;
mod ip_groups;
mod one;
mod page;
mod parts;
mod readiness;
mod register;
mod settings;
mod take_down;

pub use connect::{CreatePage, DomainPage, NetworkPage, PreflightPage};
pub use dns::{DnsChangePage, DnsChangesPage, DnsRecordPage};
pub use ip_groups::IpGroupsPage;
pub use one::DirectoryPage;
pub use page::DirectoriesPage;
pub use readiness::ReadinessPage;
pub use register::RegisterPage;
pub use settings::SettingsPage;
pub use take_down::TakeDownPage;
