//! Signing in, sessions, and the pages for those who may not or can't.

pub mod api;
mod page;
mod theme;

use model::access::Act;
use serde::{Deserialize, Serialize};

pub use page::{NotFoundPage, SessionsPage, SignInPage};
pub use theme::Theme;

/// The signed-in person as far as the frame around the page needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub name: String,
    /// What their roles allow; nothing if they can't be read.
    pub acts: Vec<Act>,
    pub theme: Theme,
}
