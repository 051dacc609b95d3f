//! Requests: asking for desktops (`new`), the lists and one request (`page`, `one`), deciding (`decide`), and the rules (`rules`).

pub mod api;
mod decide;
mod new;
mod one;
mod page;
pub mod parts;
mod rules;

pub use new::{CheckPage, DesktopPage, NewRequestPage, PeoplePage};
pub use one::RequestPage;
pub use page::{ApprovalsPage, RequestsPage};
pub use rules::{RulePage, RulesPage};
