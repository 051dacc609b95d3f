//! The API budget: what Frontdesk asks of AWS, and who waits for it.

pub mod api;
#[cfg(feature = "ssr")]
mod figures;
mod page;

pub use page::BudgetPage;
