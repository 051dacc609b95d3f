//! `/requests/rules`: the rules that say who decides, written as a draft, tried out, and switched on as a set.

pub mod api;
mod list;
mod one;

pub use list::RulesPage;
pub use one::RulePage;
