//! Launches: the list, the wizard that puts one together, and one launch live.

pub mod api;
mod desktop_fields;
mod page;
pub mod parts;
mod watch;
mod wizard;

pub use desktop_fields::DesktopFields;
pub use page::{LaunchPage, LaunchesPage};
pub use wizard::{CheckPage, DesktopPage, DirectoryPage, ListPage, NewLaunchPage, PeoplePage};
