//! What waits too long, and who decides in whose place.

use backend::requests::{absence, to_decide};
use chrono::{Datelike, TimeDelta, Weekday};
use model::{
    Error, PageRequest, RequestId,
    access::{Actor, Role},
    requests::{AbsenceForm, EventKind, Patience, State},
};
use sqlx::PgPool;

use super::{MIGRATOR, Office, invalid};
use crate::house::count;

impl Office {
    /// Goes on to the next morning of this day of the week.
    async fn until(&self, day: Weekday) {
        let today = self.house.services.clock.now().with_timezone(&chrono_tz::Europe::Berlin).weekday();
        let days = (7 + day.num_days_from_monday() - today.num_days_from_monday()) % 7;
        self.morning(if days == 0 { 7 } else { days.into() }).await;
        self.house.job("chase_requests").await;
        // At four in the morning nobody is chased.
        self.house.sandbox.clock().advance(TimeDelta::hours(5));
        self.chase().await;
    }

    async fn chase(&self) {
        self.house.job("chase_requests").await;
        self.post(TimeDelta::minutes(31)).await;
    }

    /// What happened to a request, the oldest first.
    async fn story(&self, id: RequestId) -> Vec<EventKind> {
        self.page(&self.manager(), id).await.events.into_iter().rev().map(|event| event.what).collect()
    }

    /// A request that only its cost centre's owner decides on, who is ncostas.
    async fn for_the_owner(&self) -> RequestId {
        self.rule(vec![super::rules::asks(&[("owner", "")])]).await;
        self.asked(&["anna.nordwind"]).await
    }

    async fn waits_for(&self, actor: &Actor) -> i64 {
        to_decide(&self.house.services, actor, PageRequest::default()).await.unwrap().total
    }

    async fn away(&self, actor: &Actor, who: &str, (from, until): (u64, u64)) -> model::Result<()> {
        let form = AbsenceForm { who: who.into(), from: self.day(from), until: self.day(until) };
        absence::name(&self.house.services, actor, &form).await
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn those_who_are_asked_are_reminded_and_others_are_asked_at_last(db: PgPool) {
    let office = Office::open(db).await;
    let (owner, admin) = (office.actor("ncostas", Role::Approver), office.actor("amoreau", Role::Admin));
    office.until(Weekday::Fri).await;
    let id = office.for_the_owner().await;
    office.chase().await;
    assert_eq!(office.subjects("ncostas"), ["To decide: 1 \u{d7} Office desktop"]);
    office.until(Weekday::Mon).await;
    assert_eq!(office.letters("ncostas").len(), 1, "a weekend is no waiting");
    office.until(Weekday::Tue).await;
    office.chase().await;
    assert_eq!(office.subjects("ncostas")[1..], ["Still to decide: 1 \u{d7} Office desktop"]);
    office.until(Weekday::Thu).await;
    assert_eq!((office.letters("ncostas").len(), office.waits_for(&admin).await), (3, 0));
    office.until(Weekday::Fri).await;
    assert_eq!(office.subjects("amoreau"), ["Left undecided by others: 1 \u{d7} Office desktop"]);
    assert_eq!((office.waits_for(&admin).await, office.waits_for(&owner).await), (1, 1));
    let page = office.page(&office.manager(), id).await;
    assert_eq!(page.summary.waiting_for.as_deref(), Some("Nadia Costas, or an administrator"));
    assert!(page.stages[0].note.as_deref().unwrap().starts_with("Nobody has decided for 5 working days"), "{:?}", page.stages);
    use EventKind::{Approve, Escalate, Launch, Remind, Submit};
    assert_eq!(office.story(id).await, [Submit, Remind, Remind, Escalate]);
    // Nobody is left to ask, so both are reminded from then on.
    office.until(Weekday::Tue).await;
    assert_eq!(office.subjects("amoreau").last().unwrap(), "Still to decide: 1 \u{d7} Office desktop");
    office.approve(&admin, id).await.unwrap();
    assert_eq!(office.story(id).await, [Submit, Remind, Remind, Escalate, Remind, Approve, Launch]);
    assert_eq!(count(&office.house.db, "audit where action = 'chase_request' and phase = 'finished'").await, 4);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_question_stops_the_waiting_and_nothing_is_chased_that_is_switched_off(db: PgPool) {
    let mut office = Office::open(db).await;
    office.until(Weekday::Mon).await;
    let id = office.for_the_owner().await;
    let owner = office.actor("ncostas", Role::Approver);
    office.decide(&owner, id, model::requests::process::Decision::AskBack, "For how long?").await.unwrap();
    office.until(Weekday::Sun).await;
    assert_eq!(office.story(id).await, [EventKind::Submit, EventKind::AskBack], "it waits for the manager");
    let version = office.version(id).await;
    backend::requests::drafts::answer(&office.house.services, &office.manager(), id, version, "For good").await.unwrap();
    office.until(Weekday::Mon).await;
    assert_eq!(office.story(id).await.len(), 3, "the waiting begins anew");
    office.house.set(|settings| settings.requests = Patience { remind_after: 0, escalate_after: 0 });
    office.until(Weekday::Sun).await;
    office.until(Weekday::Sat).await;
    assert_eq!(office.story(id).await.len(), 3);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn somebody_decides_in_the_place_of_one_who_is_away(db: PgPool) {
    let office = Office::open(db).await;
    office.morning(1).await;
    let (owner, stand_in) = (office.actor("ncostas", Role::Approver), office.actor("skowalska", Role::Requester));
    office.away(&owner, "skowalska", (1, 3)).await.unwrap();
    let id = office.for_the_owner().await;
    assert_eq!(office.waits_for(&stand_in).await, 0, "from tomorrow on");
    assert!(matches!(office.approve(&stand_in, id).await, Err(Error::Refused { .. })));
    office.morning(1).await;
    office.post(TimeDelta::minutes(31)).await;
    assert_eq!((office.waits_for(&stand_in).await, office.waits_for(&owner).await), (1, 1));
    assert_eq!(office.subjects("skowalska"), ["To decide: 1 \u{d7} Office desktop"], "the mail goes to who is there");
    assert!(office.subjects("ncostas").is_empty());
    let page = office.page(&stand_in, id).await;
    assert!(page.can.decide);
    assert_eq!(page.stages[0].who.as_deref(), Some("Nadia Costas (Sofia Kowalska decides in the place of ncostas)"));
    office.approve(&stand_in, id).await.unwrap();
    let page = office.page(&office.manager(), id).await;
    assert_eq!(page.summary.state, State::Approved);
    assert_eq!(page.stages[0].decided_by.as_deref(), Some("skowalska in the place of ncostas"));

    let again = office.asked(&["ben.nordwind"]).await;
    assert!(office.house.sandbox.company().change("ncostas", |person| person.set_disabled(true)));
    assert!(matches!(office.approve(&stand_in, again).await, Err(Error::Refused { .. })), "who is gone has nothing to hand on");
    assert!(office.house.sandbox.company().change("ncostas", |person| person.set_disabled(false)));
    absence::end(&office.house.services, &owner).await.unwrap();
    assert!(matches!(office.approve(&stand_in, again).await, Err(Error::Refused { .. })), "the owner is back");
    office.away(&owner, "skowalska", (0, 0)).await.unwrap();
    office.morning(1).await;
    assert!(matches!(office.approve(&stand_in, again).await, Err(Error::Refused { .. })), "the last day is over");
    assert_eq!(count(&office.house.db, "audit where action = 'change_absence' and phase = 'finished'").await, 3);
    let page = absence::get(&office.house.services, &owner).await.unwrap();
    assert!(page.known && page.own.is_none(), "what is over is not shown");
}

/// What waits already is told to the stand-in on the first day; whoever is not asked any more by then is told nothing.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_waits_already_is_told_on_the_first_day(db: PgPool) {
    let office = Office::open(db).await;
    office.morning(1).await;
    let owner = office.actor("ncostas", Role::Approver);
    office.for_the_owner().await;
    office.post(TimeDelta::minutes(1)).await;
    office.away(&owner, "skowalska", (1, 3)).await.unwrap();
    office.post(TimeDelta::minutes(31)).await;
    assert_eq!((office.letters("ncostas").len(), office.letters("skowalska").len()), (1, 0));
    office.morning(1).await;
    office.post(TimeDelta::minutes(1)).await;
    office.post(TimeDelta::minutes(1)).await;
    let told = office.letters("skowalska");
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("In the place of: ncostas"), "{}", told[0].text);
    office.post(TimeDelta::minutes(60)).await;
    assert_eq!(office.letters("skowalska").len(), 1, "once");
    // Named for another one, and taken back before the mail goes.
    office.asked(&["ben.nordwind"]).await;
    office.house.job("send_letters").await;
    absence::end(&office.house.services, &owner).await.unwrap();
    office.post(TimeDelta::minutes(60)).await;
    assert_eq!(office.letters("skowalska").len(), 1, "the owner is back");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn standing_in_takes_away_no_pair_of_eyes(db: PgPool) {
    let office = Office::open(db).await;
    let owner = office.actor("ncostas", Role::Approver);
    // Who asks is named by who decides.
    office.away(&owner, "mgarcia", (0, 5)).await.unwrap();
    let id = office.for_the_owner().await;
    assert!(matches!(office.approve(&office.manager(), id).await, Err(Error::Refused { .. })));
    office.post(TimeDelta::minutes(1)).await;
    assert_eq!(office.subjects("mgarcia"), ["Handed in: 1 \u{d7} Office desktop"], "and is not asked to");
    // For whom it is, likewise.
    office.away(&owner, "skowalska", (0, 5)).await.unwrap();
    let own = office.asked(&["skowalska"]).await;
    assert!(matches!(office.approve(&office.actor("skowalska", Role::Requester), own).await, Err(Error::Refused { .. })));
    // A role is not handed on.
    let approver = office.approver();
    office.away(&approver, "skowalska", (0, 5)).await.unwrap();
    office.rule(vec![super::rules::asks(&[("approver", "")])]).await;
    let role = office.asked(&["ben.nordwind"]).await;
    assert!(matches!(office.approve(&office.actor("skowalska", Role::Requester), role).await, Err(Error::Refused { .. })));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_can_be_named_is_said_on_the_field(db: PgPool) {
    let office = Office::open(db).await;
    let owner = office.actor("ncostas", Role::Approver);
    for (who, says) in [
        ("nobody.here", "knows nobody"),
        ("ncostas", "This is you"),
        ("jsmith", "no role"),
        ("dino.disabled", "disabled or expired"),
    ] {
        let fields = invalid(office.away(&owner, who, (0, 5)).await);
        assert!(fields[0].0 == "who" && fields[0].1.contains(says), "{who}: {fields:?}");
    }
    assert_eq!(invalid(office.away(&owner, "skowalska", (5, 4)).await)[0].0, "until");
    for who in ["CORP\\skowalska", "skowalska@corp.example.com"] {
        office.away(&owner, who, (0, 5)).await.unwrap();
    }
    let page = absence::get(&office.house.services, &office.actor("skowalska", Role::Requester)).await.unwrap();
    assert_eq!(page.others.len(), 1);
    let desk = office.actor("hkeller", Role::Helpdesk);
    assert!(matches!(absence::get(&office.house.services, &desk).await, Err(Error::NotAllowed { .. })));
    assert!(matches!(office.away(&desk, "skowalska", (0, 1)).await, Err(Error::NotAllowed { .. })));
}
