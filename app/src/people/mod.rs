//! People: the search, and one person with everything Frontdesk knows.

pub mod api;
mod page;
pub mod parts;
mod person;

pub use page::PeoplePage;
pub use person::PersonPage;
