//! SQL of requests: `drafts` while one is written, `process` for what is decided, `items` for what is asked for and what comes of it,
//! `views` for pages, `rules` for the rules.

pub(super) mod drafts;
pub(super) mod items;
pub(super) mod process;
pub(super) mod rules;
pub(super) mod views;
