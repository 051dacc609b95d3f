//! Launches: the list, the wizard that puts one together, and one launch live.

pub mod api;
mod page;
pub mod parts;
mod watch;
mod wizard;

pub use page::{LaunchPage, LaunchesPage};
pub use wizard::{CheckPage, DesktopPage, DirectoryPage, ListPage, NewLaunchPage, PeoplePage};
