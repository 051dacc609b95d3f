//! More time for a temporary desktop: it stays what it is, whatever is offered by now, and is paid for once.

use backend::{endings, requests::decide::decide, requests::drafts};
use model::{
    RequestId,
    requests::{RequestForm, State},
};
use sqlx::PgPool;

use super::{APPROVE, MIGRATOR, Office, centre, invalid};
use crate::house::count;
use backend::requests::decide::Said;

impl Office {
    /// The draft that asks for more time for two desktops, so many days from now.
    async fn more_time(&self, days: u64) -> RequestId {
        let ending = self.ending("anna.nordwind").await.id;
        endings::extend(&self.house.services, &self.manager(), ending, &self.day(days)).await.unwrap()
    }
}

/// The rules judge the desktop that is there, not one that somebody names instead of it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_else_can_be_chosen_for_a_desktop_that_is_kept(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.morning(17).await;
    let (services, manager) = (&office.house.services, &office.manager());
    let id = office.more_time(60).await;
    let step = drafts::desktop_step(services, manager, id, model::PageRequest::default()).await.unwrap();
    assert!(step.draft.only_more_time && step.people.rows.iter().all(|asked| asked.extends));
    let typed = RequestForm { offering: office.smaller.to_string(), until: office.day(60), ..step.draft.form };
    let own = vec![(office.house.guid("anna.nordwind"), Some(office.smaller))];
    assert!(drafts::save(services, manager, id, typed, own).await.unwrap());
    let check = office.check(manager, id).await;
    assert!(check.rows.iter().all(|row| row.offering == "Office desktop"), "{:?}", check.rows);
    assert!(check.total.starts_with("80.00 EUR"), "{}", check.total);
    office.hand_in(manager, id).await.unwrap();

    let page = office.page(&office.approver(), id).await;
    assert!(page.items.iter().all(|item| item.instead.is_empty() && item.offering_name == "Office desktop"));
    let swaps = vec![(page.items[0].id, office.smaller)];
    let said = Said { decision: APPROVE, swaps, note: String::new(), seen: page.summary.version };
    assert_eq!(invalid(decide(services, &office.approver(), id, &said).await)[0].0, "swaps");
    office.approve(&office.approver(), id).await.unwrap();
    assert_eq!(office.ledger().await.0, "80.00 EUR", "what was paid for already");
}

/// The offering is closed by then, and the user can't sign in just now: the desktop is there all the same.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_not_offered_any_more_can_be_kept(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.morning(17).await;
    office.house.execute("update offering set state = 'closed'").await;
    office.house.sandbox.company().change("ben.nordwind", |person| person.lockout_time = 1);
    let id = office.more_time(60).await;
    let check = office.check(&office.manager(), id).await;
    assert_eq!((check.problems, check.draft.errors), (vec![], vec![]));
    office.hand_in(&office.manager(), id).await.unwrap();
    office.approve(&office.approver(), id).await.unwrap();
    assert!(office.states().await.iter().all(|state| *state == model::endings::State::Extended));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn another_cost_centre_pays_in_place_of_the_first(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.morning(17).await;
    let (services, manager) = (&office.house.services, &office.manager());
    let other = centre(&office.house, "4717", None).await;
    // For a day that is no later, so that only who pays changes.
    let id = office.more_time(3).await;
    let form = drafts::head(services, manager, id).await.unwrap().form;
    let form = RequestForm { cost_centre: other.to_string(), ..form };
    assert!(drafts::save(services, manager, id, form, vec![]).await.unwrap());
    office.hand_in(manager, id).await.unwrap();
    office.approve(&office.approver(), id).await.unwrap();
    let committed = async |centre| backend::cost_centres::standing(services, centre).await.unwrap().committed.to_string();
    assert_eq!((committed(office.centre).await.as_str(), committed(other).await.as_str()), ("0.00 EUR", "80.00 EUR"));
    assert_eq!(count(&office.house.db, "launch").await, 1);
    assert_eq!(office.page(manager, id).await.summary.state, State::Approved);
}
