//! SQL of requests: `drafts` while one is written, `process` for what is decided, `items` for what is asked for and what comes of it,
//! `absence` for who decides in whose place, `patience` for what waits too long, `views` for pages, `rules` for the rules, `numbers` for
//! what became of all of them.

pub(super) mod absence;
pub(super) mod drafts;
pub(super) mod items;
pub(super) mod numbers;
pub(super) mod patience;
pub(super) mod process;
pub(super) mod rules;
pub(crate) mod views;
