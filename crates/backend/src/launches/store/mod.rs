//! SQL of launches: `drafts` and `lists` while one is put together, `acts` for what people ask for, `engine` for the jobs, `views` for
//! pages.

mod acts;
mod drafts;
mod engine;
mod lists;
mod views;

pub(super) use acts::{cancel, insert_items, insert_launch, resume, retry};
pub(super) use drafts::{
    Choice, add_people, all_people, chosen_among, discard, draft, insert_draft, people, remove_people, save_desktop,
    set_directory,
};
pub(super) use engine::{
    Claimed, Watched, accepted, anything_due, anything_queued, claim_lost, claim_queued, finish, lease_until, next_lease,
    next_poll, next_thaw, pause, take_due, unconfirmed, unsend, watched_finish,
};
pub(super) use lists::{Judged, chosen_guids, keep_line, keep_list, line, line_counts, lines, list_of};
pub(crate) use views::of_person;
pub(super) use views::{items, list, one, today};
