//! Cost centres: who pays for desktops, and what is left of their caps.

pub mod api;
mod form;
mod list;
mod page;

pub use form::{CostCentrePage, NewCostCentrePage};
pub use list::CostCentreListPage;
pub use page::CostCentresPage;
