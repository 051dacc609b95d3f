//! SQL of launches: `drafts` while one is put together, `acts` for what people ask for, `engine` for the jobs, `views` for
//! pages.

mod acts;
mod drafts;
mod engine;
mod views;

pub(super) use acts::{cancel, insert_items, insert_launch, retry};
pub(super) use drafts::{add_people, discard, draft, insert_draft, remove_people, save_desktop, set_directory};
pub(super) use engine::{
    Claimed, Watched, accepted, anything_due, anything_queued, claim_lost, claim_queued, finish, lease_until, next_lease,
    next_poll, take_due, unconfirmed, unsend, watched_finish,
};
pub(crate) use views::of_person;
pub(super) use views::{items, list, one, today};
