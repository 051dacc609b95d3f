//! Invitations: where each one is, sending one again, and the page that its link opens.

pub mod api;
mod page;
pub mod parts;
#[cfg(feature = "ssr")]
pub mod welcome;
#[cfg(feature = "ssr")]
mod words;

pub use page::InvitationsPage;
