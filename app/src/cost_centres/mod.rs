//! Cost centres: who pays for desktops, and what is left of their caps.

pub mod api;
mod form;
mod page;

pub use form::{CostCentrePage, NewCostCentrePage};
pub use page::CostCentresPage;
