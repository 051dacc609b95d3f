//! SQL of requests: `drafts` while one is written, `process` for what is decided, `items` for what is asked for and what comes of it,
//! `views` for pages, `rules` for the rules, `numbers` for what became of
//! all of them.

pub(super) mod drafts;
pub(super) mod items;
pub(super) mod numbers;
pub(super) mod process;
pub(super) mod rules;
pub(super) mod views;
