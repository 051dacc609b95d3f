//! Requests: asking for desktops (`new`), the lists and one request (`page`, `one`), what became of them (`numbers`), deciding (`decide`, and `absence`
//! for doing so in somebody's place), and the rules (`rules`).

mod absence;
pub mod api;
mod decide;
#[cfg(feature = "ssr")]
mod drawn;
#[cfg(feature = "ssr")]
mod figures;
mod new;
mod numbers;
mod one;
mod page;
pub mod parts;
mod rules;

pub use absence::AbsencePage;
pub use new::{CheckPage, DesktopPage, NewRequestPage, PeoplePage};
pub use numbers::NumbersPage;
pub use one::RequestPage;
pub use page::{ApprovalsPage, RequestsPage};
pub use rules::{RulePage, RulesPage};
