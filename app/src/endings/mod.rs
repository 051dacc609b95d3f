//! Which desktops are to end, and deciding on it.

pub mod api;
mod one;
mod page;
mod parts;

pub use one::EndingPage;
pub use page::EndingsPage;
pub use parts::EndingTable;
