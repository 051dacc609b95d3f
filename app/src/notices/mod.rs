//! What people are told by mail, and how often.

pub mod api;
mod page;

pub use page::MailPage;
