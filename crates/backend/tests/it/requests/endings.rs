//! The end of temporary desktops: asked about, extended, let go, held, undone, terminated.

use backend::{endings, notices, requests, worker};
use chrono::{Days, TimeDelta, TimeZone};
use chrono_tz::Europe::Berlin;
use model::{
    Conflict, EndingId, Error, PageRequest, RequestId,
    access::{Actor, Role},
    endings::{Decision, Ending, Filter, State},
    notices::PreferencesForm,
    requests::{RequestForm, Way},
};
use sqlx::PgPool;

use super::{MIGRATOR, Office};
use crate::house::count;

impl Office {
    /// Moves the time to four in the morning so many days on, and has all done that is due by then.
    pub(super) async fn morning(&self, days: u64) {
        let clock = self.house.sandbox.clock();
        let day = clock.now().with_timezone(&Berlin).date_naive() + Days::new(days);
        let at = Berlin.from_local_datetime(&day.and_hms_opt(4, 0, 0).unwrap()).unwrap();
        clock.advance(at.to_utc() - clock.now());
        self.settle().await;
    }

    /// Has all done that is due, AWS's answers included.
    pub(super) async fn settle(&self) {
        for _ in 0..8 {
            self.house.job("end_desktops").await;
            self.house.run_waiting().await;
            self.house.sandbox.clock().advance(TimeDelta::seconds(40));
        }
    }

    /// Two desktops that were asked for until 20 days from now, and are there.
    pub(super) async fn temporary(&self) -> RequestId {
        self.temporary_for(&["anna.nordwind", "ben.nordwind"]).await
    }

    pub(super) async fn temporary_for(&self, accounts: &[&str]) -> RequestId {
        self.morning(1).await;
        let form = RequestForm { until: self.day(20), ..self.form() };
        let id = self.draft(&self.manager(), accounts, form).await;
        self.hand_in(&self.manager(), id).await.unwrap();
        self.approve(&self.approver(), id).await.unwrap();
        self.work().await;
        id
    }

    pub(super) async fn endings(&self) -> Vec<Ending> {
        let filter = Filter { over: true, ..Filter::default() };
        let staff = self.actor("hkeller", Role::Helpdesk);
        let mut all = endings::list(&self.house.services, &staff, filter, PageRequest::default()).await.unwrap().page.rows;
        all.sort_by(|one, other| one.user_name.cmp(&other.user_name));
        all
    }

    pub(super) async fn states(&self) -> Vec<State> {
        self.endings().await.into_iter().map(|ending| ending.state).collect()
    }

    pub(super) async fn ending(&self, account: &str) -> Ending {
        self.endings().await.into_iter().find(|ending| ending.user_name == account).unwrap()
    }

    /// Decides on the version that is there now.
    pub(super) async fn end(&self, actor: &Actor, account: &str, decision: Decision) -> model::Result<()> {
        let ending = self.ending(account).await;
        endings::decide(&self.house.services, actor, ending.id, decision, ending.version).await
    }

    /// What AWS shows of somebody's desktop.
    pub(super) fn shown(&self, account: &str) -> String {
        let (made, now) = (self.house.made_for(account), self.house.sandbox.clock().now());
        made.first().and_then(|desktop| desktop.state_at(now)).unwrap_or("TERMINATED").to_owned()
    }

    pub(super) async fn extended(&self, actor: &Actor, id: EndingId, days: u64) -> RequestId {
        let request = endings::extend(&self.house.services, actor, id, &self.day(days)).await.unwrap();
        self.hand_in(actor, request).await.unwrap();
        request
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_temporary_desktop_is_asked_about_twice_held_and_terminated(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.temporary().await;
    assert_eq!(office.ledger().await.0, "80.00 EUR");
    office.morning(5).await;
    assert!(office.states().await.iter().all(|state| *state == State::Noticed), "15 days before");
    office.morning(1).await;
    assert_eq!(office.states().await, [State::Asked; 2]);
    assert_eq!(office.page(&office.manager(), id).await.endings.len(), 2, "the manager finds them with the request");
    let services = &office.house.services;
    assert_eq!(endings::waiting(services, &office.manager()).await.unwrap().mine_total, 2, "and on the start page");
    assert!(
        endings::waiting(services, &office.actor("skowalska", Role::Requester)).await.unwrap().is_empty(),
        "nobody else does"
    );
    office.morning(11).await;
    assert_eq!(office.states().await, [State::AskedAgain; 2]);
    office.morning(3).await;
    assert_eq!(office.states().await, [State::AskedAgain; 2], "on the last day it can be used");
    office.morning(1).await;
    assert_eq!(office.states().await, [State::Held; 2]);
    assert_eq!(office.shown("anna.nordwind"), "ADMIN_MAINTENANCE");
    assert_eq!(office.ledger().await.0, "80.00 EUR", "held, it costs what it did");
    office.morning(6).await;
    assert_eq!((office.states().await, office.house.calls("workspaces:TerminateWorkspaces")), (vec![State::Held; 2], 0));
    office.morning(1).await;
    office.morning(1).await;
    assert_eq!(office.states().await, [State::Terminated; 2]);
    assert_eq!((office.shown("anna.nordwind").as_str(), office.ledger().await.0.as_str()), ("TERMINATED", "0.00 EUR"));
    assert!(office.page(&office.manager(), id).await.items.iter().all(|item| item.way == Way::Ended));
    assert!(
        requests::waiting(&office.house.services, &office.manager()).await.unwrap().mine.is_empty(),
        "nothing more comes of it"
    );
    assert_eq!(count(&office.house.db, "request_decision where what = 'ending'").await, 12, "told at each turn");
    assert_eq!(count(&office.house.db, "audit where action = 'end_desktop' and outcome = 'succeeded'").await, 12);
    // Nothing is noticed anew.
    office.morning(30).await;
    assert_eq!(office.states().await.len(), 2);
}

/// By those who look after it as often as they like, each time for a week; to make it a lasting one they have to say so.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_is_undone_with_one_click(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.morning(21).await;
    assert_eq!(office.states().await, [State::Held; 2]);
    let staff = office.actor("hkeller", Role::Helpdesk);
    office.end(&staff, "anna.nordwind", Decision::Undo).await.unwrap();
    office.settle().await;
    assert_eq!(office.states().await, [State::Asked, State::Held]);
    assert_eq!(office.shown("anna.nordwind"), "AVAILABLE");
    office.morning(8).await;
    office.morning(1).await;
    assert_eq!(office.states().await, [State::Held, State::Terminated], "nothing is open for ever by an undo");
    office.end(&staff, "anna.nordwind", Decision::Undo).await.unwrap();
    office.settle().await;
    assert_eq!((office.states().await[0], office.shown("anna.nordwind").as_str()), (State::Asked, "AVAILABLE"));
    office.end(&staff, "anna.nordwind", Decision::Keep).await.unwrap();
    office.morning(40).await;
    assert_eq!(office.states().await, [State::Kept, State::Terminated], "what was decided on this end stays decided");
    assert_eq!(office.ledger().await.0, "40.00 EUR");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn more_time_goes_through_the_rules_and_launches_nothing(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.morning(17).await;
    let ending = office.ending("anna.nordwind").await;
    let request = office.extended(&office.manager(), ending.id, 60).await;
    assert_eq!(office.states().await, [State::AskedAgain; 2], "asked for is not approved");
    let again = endings::extend(&office.house.services, &office.manager(), ending.id, &office.day(90)).await.unwrap();
    assert_eq!(again, request, "one is under way already");
    let page = endings::get(&office.house.services, &office.manager(), ending.id).await.unwrap();
    assert_eq!((page.extension, page.extend_from), (Some(request), None));
    office.approve(&office.approver(), request).await.unwrap();
    assert_eq!(office.states().await, [State::Extended; 2], "both of the request");
    office.work().await;
    assert_eq!(count(&office.house.db, "launch").await, 1, "nobody gets a second desktop");
    assert_eq!(office.ledger().await.0, "80.00 EUR", "nothing costs twice");
    assert!(office.page(&office.manager(), request).await.items.iter().all(|item| item.way == Way::Invited));
    office.morning(10).await;
    assert_eq!(office.states().await, [State::Extended; 2]);
    office.morning(37).await;
    let live = office.endings().await.into_iter().filter(|ending| ending.state == State::Asked).count();
    assert_eq!(live, 2, "asked about again before the new end");
}

/// The manager asks for more time only when they are held already.
#[sqlx::test(migrator = "MIGRATOR")]
async fn more_time_opens_what_is_held(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.morning(21).await;
    let ending = office.ending("ben.nordwind").await;
    let request = office.extended(&office.manager(), ending.id, 60).await;
    office.morning(3).await;
    assert_eq!(office.states().await, [State::Held; 2]);
    office.approve(&office.approver(), request).await.unwrap();
    office.settle().await;
    assert_eq!(office.states().await, [State::Extended; 2]);
    assert_eq!(office.shown("ben.nordwind"), "AVAILABLE");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn more_time_for_a_desktop_that_is_gone_is_set_aside(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.morning(21).await;
    let ending = office.ending("ben.nordwind").await;
    let request = office.extended(&office.manager(), ending.id, 60).await;
    office.morning(8).await;
    office.morning(1).await;
    assert_eq!(office.states().await, [State::Terminated; 2]);
    office.approve(&office.approver(), request).await.unwrap();
    assert!(office.page(&office.manager(), request).await.items.iter().all(|item| item.way == Way::SetAside));
    assert_eq!((office.ledger().await.0.as_str(), count(&office.house.db, "launch").await), ("0.00 EUR", 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_ending_is_decided_by_those_who_may_and_once(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.morning(18).await;
    let (ending, manager) = (office.ending("anna.nordwind").await, office.manager());
    let stranger = office.actor("plindqvist", Role::Requester);
    let services = &office.house.services;
    assert!(matches!(endings::get(services, &stranger, ending.id).await, Err(Error::NotFound)));
    assert!(matches!(office.end(&stranger, "anna.nordwind", Decision::LetGo).await, Err(Error::NotFound)));
    let auditor = office.actor("hkeller", Role::Auditor);
    assert!(endings::get(services, &auditor, ending.id).await.unwrap().decisions.is_empty());
    assert!(matches!(office.end(&auditor, "anna.nordwind", Decision::LetGo).await, Err(Error::NotAllowed { .. })));
    assert!(matches!(
        endings::list(services, &manager, Filter::default(), PageRequest::default()).await,
        Err(Error::NotAllowed { .. })
    ));
    // That a temporary desktop stays is for the rules to say.
    let changed = Err(Error::conflict(Conflict::EndingChanged));
    assert_eq!(office.end(&manager, "anna.nordwind", Decision::Keep).await, changed);
    office.end(&manager, "anna.nordwind", Decision::LetGo).await.unwrap();
    endings::decide(services, &manager, ending.id, Decision::LetGo, ending.version).await.unwrap();
    let late =
        endings::decide(services, &office.actor("hkeller", Role::Helpdesk), ending.id, Decision::Keep, ending.version).await;
    assert_eq!(late, changed);
    assert_eq!(count(&office.house.db, "audit where action = 'decide_ending' and outcome = 'succeeded'").await, 1);
    office.end(&manager, "anna.nordwind", Decision::Undo).await.unwrap();
    office.settle().await;
    assert_eq!(office.states().await, [State::AskedAgain; 2]);
}

/// Four workers find the same endings at once, and one dies after it has ordered.
#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_is_asked_of_aws_twice(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    let clock = office.house.sandbox.clock();
    clock.advance(TimeDelta::days(21));
    let other = office.house.services.clone();
    for _ in 0..10 {
        sqlx::query("select graphile_worker.add_job('end_desktops', '{}'::json) from generate_series(1, 4)")
            .execute(&office.house.db)
            .await
            .unwrap();
        let (one, two) = tokio::join!(worker::run_once(&office.house.services), worker::run_once(&other));
        assert!(one.is_ok() && two.is_ok());
        office.house.run_waiting().await;
        clock.advance(TimeDelta::seconds(40));
    }
    assert_eq!(office.states().await, [State::Held; 2]);
    assert_eq!(count(&office.house.db, "workspace_batch where action = 'maintenance_on'").await, 2);
    assert_eq!(requests::waiting(&office.house.services, &office.manager()).await.unwrap().mine.len(), 1);
}

/// Where it is tomorrow already for who asked, the last day is over, whatever day it is where the directory is.
#[sqlx::test(migrator = "MIGRATOR")]
async fn days_are_counted_where_who_asked_is(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    let form = |zone: &str| PreferencesForm {
        deciding: "never".into(),
        asking: "never".into(),
        ending: "never".into(),
        time_zone: zone.into(),
    };
    office.morning(20).await;
    let noon = TimeDelta::hours(8);
    office.house.sandbox.clock().advance(noon);
    office.settle().await;
    assert_eq!(office.states().await, [State::AskedAgain; 2], "the last day is not over here");
    notices::prefer(&office.house.services, &office.manager(), &form("Pacific/Kiritimati")).await.unwrap();
    office.house.execute("update ending set next_at = null").await;
    office.settle().await;
    assert_eq!(office.states().await, [State::Held; 2], "fourteen hours ahead it is");
}
