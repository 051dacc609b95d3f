//! What may be asked for, and what it costs.

pub mod api;
mod edit;
mod one;
mod page;
pub mod parts;
mod preview;
mod prices;
mod sheet;

pub use edit::EditPage;
pub use one::OfferingPage;
pub use page::OfferingsPage;
pub use preview::PreviewPage;
pub use prices::PricesPage;
pub use sheet::{SheetDraftPage, SheetPage};
