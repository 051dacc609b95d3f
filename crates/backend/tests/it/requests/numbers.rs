//! What became of requests by the month: known rows, and the clock moved by months.

use backend::{
    endings,
    requests::numbers::{csv, read},
};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use model::{
    Error,
    access::{Act, Actor, Grant, Role, Scope},
    requests::{MONTHS, Month, Numbers, NumbersFile, RequestForm, Spread, process::Decision},
};
use sqlx::PgPool;

use super::{MIGRATOR, Office};
use crate::house::UNREGISTERED;

impl Office {
    fn staff(&self) -> Actor {
        self.actor("hkeller", Role::Helpdesk)
    }

    fn now(&self) -> DateTime<Utc> {
        self.house.services.clock.now()
    }

    /// Moves the time on to the tenth of the next month, so that hours and days stay within it.
    fn next_month(&self) {
        let day = self.now().date_naive().with_day(1).unwrap() + chrono::Months::new(1) + chrono::Days::new(9);
        let then = day.and_hms_opt(12, 0, 0).unwrap().and_utc();
        self.house.sandbox.clock().advance(then - self.now());
    }

    fn wait(&self, minutes: i64) {
        self.house.sandbox.clock().advance(TimeDelta::minutes(minutes));
    }

    async fn numbers(&self) -> Numbers {
        read(&self.house.services, &self.staff()).await.unwrap()
    }

    async fn file(&self, file: NumbersFile) -> String {
        csv(&self.house.services, &self.staff(), file).await.unwrap()
    }
}

fn last(numbers: &Numbers) -> &Month {
    numbers.months.last().unwrap()
}

fn counts(month: &Month) -> (i64, i64, i64) {
    (month.asked, month.approved, month.refused)
}

/// In minutes, which passed on a clock that runs.
fn minutes(spread: Option<Spread>) -> Option<(usize, i64, i64)> {
    spread.map(|spread| (spread.count, spread.median / 60, spread.ninth / 60))
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn months_count_what_was_asked_decided_and_made(db: PgPool) {
    let office = Office::open(db).await;
    let empty = office.numbers().await;
    assert_eq!((empty.months.len(), empty.is_empty()), (MONTHS as usize, true));
    assert_eq!(office.file(NumbersFile::Costs).await, "month,cost_centre,name,amount_a_month,currency\r\n");

    office.next_month();
    let first = office.asked(&["anna.nordwind", "ben.nordwind"]).await;
    office.wait(60);
    office.approve(&office.approver(), first).await.unwrap();
    let second = office.asked(&["clara.nordwind"]).await;
    office.wait(180);
    office.decide(&office.approver(), second, Decision::Refuse, "Not this year").await.unwrap();
    office.asked(&["david.nordwind"]).await;
    let withdrawn = office.asked(&["emil.nordwind"]).await;
    let version = office.version(withdrawn).await;
    backend::requests::drafts::withdraw(&office.house.services, &office.manager(), withdrawn, version).await.unwrap();
    let numbers = office.numbers().await;
    let month = last(&numbers);
    assert_eq!((counts(month), month.available), ((5, 2, 1), None));
    assert_eq!(minutes(month.decision), Some((2, 120, 180)));
    assert!(numbers.months.iter().rev().skip(1).all(|month| counts(month) == (0, 0, 0)));
    // A single month has costs as they stand.
    assert_eq!(numbers.costs.len(), 1);
    assert_eq!((numbers.costs[0].number.as_str(), numbers.costs[0].now.to_string()), ("4716", "80.00 EUR".to_owned()));

    // What was made in a later month counts there, and what costs goes on costing.
    office.next_month();
    let before = office.now();
    office.work().await;
    assert!(office.now() - before < TimeDelta::days(1));
    let third = office.asked(&["frida.nordwind"]).await;
    office.approve(&office.approver(), third).await.unwrap();
    let numbers = office.numbers().await;
    let made = last(&numbers).available.unwrap();
    assert_eq!((counts(last(&numbers)), made.count), ((1, 1, 0), 2));
    assert!(made.median > 20 * 86_400, "{made:?}");
    let amounts: Vec<_> = numbers.costs[0].amounts.iter().rev().take(3).map(ToString::to_string).collect();
    assert_eq!(amounts, ["120.00 EUR", "80.00 EUR", "0.00 EUR"]);
    assert_eq!(counts(&numbers.months[MONTHS as usize - 2]), (5, 2, 1));

    // What is freed costs until the month in which it was.
    office.next_month();
    let free = "update cost_centre_entry set state = 'freed', freed_at = $2 where request_item in (select id from request_item where request_id = $1)";
    sqlx::query(free).bind(first.0).bind(office.now()).execute(&office.house.db).await.unwrap();
    let amounts: Vec<_> = office.numbers().await.costs[0].amounts.iter().rev().take(2).map(ToString::to_string).collect();
    assert_eq!(amounts, ["40.00 EUR", "120.00 EUR"]);

    // After a year only what still costs is left.
    for _ in 0..MONTHS {
        office.next_month();
    }
    let numbers = office.numbers().await;
    assert!(numbers.months.iter().all(|month| counts(month) == (0, 0, 0) && month.decision.is_none()));
    assert_eq!((numbers.is_empty(), numbers.costs[0].amounts[0].to_string()), (false, "40.00 EUR".to_owned()));
}

/// Somebody excepted from an approval is refused, others are approved.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_request_may_be_approved_in_part(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind", "ben.nordwind", "clara.nordwind"]).await;
    let ben = office.page(&office.approver(), id).await.items[1].id;
    office.decide(&office.approver(), id, Decision::Approve { except: vec![ben] }, "One is enough").await.unwrap();
    assert_eq!(counts(last(&office.numbers().await)), (3, 2, 1));
    // Taken back to be changed, it is not handed in.
    let id = office.asked(&["david.nordwind"]).await;
    assert_eq!(last(&office.numbers().await).asked, 4);
    let version = office.version(id).await;
    backend::requests::drafts::reopen(&office.house.services, &office.manager(), id, version).await.unwrap();
    assert_eq!(last(&office.numbers().await).asked, 3);
}

/// It is asked for and decided on like another one, but there is no more to pay for and nobody has a second one.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_desktop_that_gets_more_time_is_counted_once(db: PgPool) {
    let office = Office::open(db).await;
    office.next_month();
    let form = RequestForm { until: office.day(20), ..office.form() };
    let id = office.draft(&office.manager(), &["anna.nordwind"], form).await;
    office.hand_in(&office.manager(), id).await.unwrap();
    office.approve(&office.approver(), id).await.unwrap();
    office.work().await;
    office.morning(17).await;
    for (decision, days) in [(Decision::Refuse, 60), (super::APPROVE, 50)] {
        let ending = office.ending("anna.nordwind").await.id;
        let until = office.day(days);
        let more = endings::extend(&office.house.services, &office.manager(), ending, &until).await.unwrap();
        office.hand_in(&office.manager(), more).await.unwrap();
        office.wait(90);
        office.decide(&office.approver(), more, decision, "So it is").await.unwrap();
    }
    let numbers = office.numbers().await;
    assert_eq!(counts(last(&numbers)), (1, 1, 0));
    assert_eq!(minutes(last(&numbers).decision), Some((3, 90, 90)), "somebody had to decide");
    assert_eq!(last(&numbers).available.map(|made| made.count), Some(1));
    assert_eq!(numbers.costs[0].now.to_string(), "40.00 EUR");
    let file = office.file(NumbersFile::Desktops).await;
    assert_eq!((file.lines().count(), file.matches(&id.to_string()).count()), (2, 1), "{file}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn files_can_be_opened_without_harm(db: PgPool) {
    let office = Office::open(db).await;
    sqlx::query("update cost_centre set name = '@SUM(A1)' where id = $1")
        .bind(office.centre.0)
        .execute(&office.house.db)
        .await
        .unwrap();
    office.next_month();
    let form = RequestForm { reason: "=HYPERLINK(\"http://x\";\"y\")".into(), ..office.form() };
    let id = office.draft(&office.manager(), &["anna.nordwind"], form).await;
    office.hand_in(&office.manager(), id).await.unwrap();
    office.wait(90);
    office.approve(&office.approver(), id).await.unwrap();
    office.house.execute("update request_item set name = '+1-2'").await;
    let month = office.now().format("%Y-%m");
    let file = office.file(NumbersFile::Desktops).await;
    let mut lines = file.lines();
    assert!(lines.next().unwrap().starts_with("request,requester,person,account,offering,reason,cost_centre,"));
    let line = lines.next().unwrap();
    let middle = "mgarcia,'+1-2,anna.nordwind,Office desktop,\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",4716,'@SUM(A1),40.00,EUR,2020-01-01,approved,approved,";
    assert!(line.starts_with(&format!("{id},{middle}{month}-10T")) && line.ends_with(","), "{line}");
    assert_eq!(lines.next(), None);

    let of = |file: &str| file.lines().last().unwrap().to_owned();
    assert_eq!(of(&office.file(NumbersFile::Counts).await), format!("{month},1,1,0"));
    assert_eq!(of(&office.file(NumbersFile::Decision).await), format!("{month},1,1.50,1.50"));
    assert_eq!(of(&office.file(NumbersFile::Available).await), format!("{month},0,,"));
    assert_eq!(of(&office.file(NumbersFile::Costs).await), format!("{month},4716,'@SUM(A1),40.00,EUR"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn numbers_are_for_those_who_look_after_requests_and_for_owners(db: PgPool) {
    let office = Office::open(db).await;
    let services = &office.house.services;
    let id = office.asked(&["anna.nordwind"]).await;
    office.approve(&office.approver(), id).await.unwrap();
    for role in [Role::Helpdesk, Role::Admin, Role::Auditor] {
        let numbers = read(services, &office.actor("tokafor", role)).await.unwrap();
        assert_eq!((last(&numbers).asked, numbers.costs.len(), numbers.own), (1, 1, false), "{role:?}");
    }
    // Of those who don't, the owner of the cost centre sees what it pays for, and others nothing: who asked and who approved, too.
    let owner = office.actor("ncostas", Role::Requester);
    let numbers = read(services, &owner).await.unwrap();
    assert_eq!((last(&numbers).approved, numbers.costs.len(), numbers.own), (1, 1, true));
    assert_eq!(csv(services, &owner, NumbersFile::Desktops).await.unwrap().lines().count(), 2);
    let mut nobody = office.manager();
    if let Actor::Person(person) = &mut nobody {
        person.guid = None;
    }
    for other in [office.manager(), office.approver(), nobody] {
        let numbers = read(services, &other).await.unwrap();
        assert!(numbers.is_empty() && numbers.own, "{numbers:?}");
        assert_eq!(csv(services, &other, NumbersFile::Desktops).await.unwrap().lines().count(), 1);
    }
    // A role that holds in one directory shows the requests of that one.
    for (directory, asked) in [(crate::house::DIRECTORY, 1), (UNREGISTERED, 0)] {
        let mut scoped = office.staff();
        if let Actor::Person(person) = &mut scoped {
            person.grants = vec![Grant { role: Role::Helpdesk, scope: Scope::Directories(vec![directory.parse().unwrap()]) }];
        }
        let numbers = read(services, &scoped).await.unwrap();
        assert_eq!(
            (numbers.months.last().map_or(0, |month| month.asked), numbers.costs.len()),
            (asked, usize::try_from(asked).unwrap())
        );
    }
    let mut without = office.staff();
    if let Actor::Person(person) = &mut without {
        person.grants.clear();
    }
    for outcome in [read(services, &without).await.map(drop), csv(services, &without, NumbersFile::Costs).await.map(drop)] {
        assert_eq!(outcome, Err(Error::NotAllowed { needs: Act::SeeRequests.roles().to_vec() }));
    }
    assert_eq!(read(services, &Actor::Invitee).await.map(drop), Err(Error::SignIn));
}
