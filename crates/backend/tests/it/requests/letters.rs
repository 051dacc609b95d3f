//! The letters of each kind as they reach SES, both parts, made from real requests and ends. All of it happens in January 2035, so that a
//! letter says the same in every run.

use chrono::{TimeDelta, TimeZone};
use chrono_tz::Europe::Berlin;
use model::{
    access::{Actor, Person, Role},
    requests::{RequestForm, process::Decision},
};
use sqlx::PgPool;

use super::{APPROVE, MIGRATOR, Office, rules::asks};

const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// One letter follows another no sooner.
const HALF_AN_HOUR: TimeDelta = TimeDelta::minutes(31);

impl Office {
    /// Moves the time on to nine in the morning of a day of January 2035, whose first one is a Monday.
    fn january(&self, day: u32) {
        let clock = self.house.sandbox.clock();
        let at = Berlin.with_ymd_and_hms(2035, 1, day, 9, 0, 0).unwrap();
        clock.advance(at.to_utc() - clock.now());
    }

    /// Somebody with the name that the sign-in gives them.
    fn named(&self, account: &str, name: &str, role: Role) -> Actor {
        match self.actor(account, role) {
            Actor::Person(person) => Actor::Person(Person { name: name.into(), ..person }),
            other => other,
        }
    }

    fn mateo(&self) -> Actor {
        self.named("mgarcia", "Mateo García", Role::Requester)
    }

    fn pia(&self) -> Actor {
        self.named("plindqvist", "Pia Lindqvist", Role::Approver)
    }

    /// Compares the last letter to somebody that begins so, without ids and the time of day.
    async fn reads(&self, account: &str, heading: &str, name: &str) {
        let mail = self.letters(account).into_iter().rev().find(|mail| mail.subject.starts_with(heading));
        let mail = mail.unwrap_or_else(|| panic!("no \u{201c}{heading}\u{201d} among {:?}", self.subjects(account)));
        let marks: Vec<(String, String)> = sqlx::query_as(
            "select id::text, '[request]'::text from request union all select id::text, '[ending]' from ending
             union all select to_char(waiting_since at time zone 'Europe/Berlin', 'HH24:MI'), '[time]'
                       from request_stage where waiting_since is not null",
        )
        .fetch_all(&self.house.db)
        .await
        .unwrap();
        let marked = |part: &str| marks.iter().fold(part.to_owned(), |part, (text, mark)| part.replace(text.as_str(), mark));
        let (text, html) = (marked(&format!("Subject: {}\n\n{}", mail.subject, mail.text)), marked(&mail.html));
        insta::assert_snapshot!(format!("{name}_text"), text);
        insta::assert_snapshot!(format!("{name}_html"), html);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_asks_and_who_decides_read_of_each_step(db: PgPool) {
    let office = Office::open(db).await;
    let (mateo, pia) = (office.mateo(), office.pia());
    office.january(8);
    let form = RequestForm { until: office.day(30), reason: "New colleagues in <Hamburg>".into(), ..office.form() };
    let id = office.draft(&mateo, &["anna.nordwind", "ben.nordwind", "clara.nordwind"], form).await;
    office.hand_in(&mateo, id).await.unwrap();
    office.post(MINUTE).await;
    office.reads("mgarcia", "Handed in", "submitted").await;
    office.reads("plindqvist", "To decide", "to_decide").await;

    office.decide(&pia, id, Decision::AskBack, "For how long?\n\nAnd is the small one enough?").await.unwrap();
    office.post(HALF_AN_HOUR).await;
    office.reads("mgarcia", "A question", "asked_back").await;
    let version = office.version(id).await;
    backend::requests::drafts::answer(&office.house.services, &mateo, id, version, "Until the move").await.unwrap();
    office.post(HALF_AN_HOUR).await;

    let clara = office.page(&pia, id).await.items[2].id;
    office.decide(&pia, id, Decision::Approve { except: vec![clara] }, "Clara has one in the office").await.unwrap();
    office.post(HALF_AN_HOUR).await;
    office.reads("mgarcia", "Approved", "approved").await;
    office.work().await;
    office.post(HALF_AN_HOUR).await;
    office.post(MINUTE).await;
    office.reads("mgarcia", "Ready", "ready").await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refusal_reads_with_its_reason(db: PgPool) {
    let office = Office::open(db).await;
    office.january(8);
    let id = office.draft(&office.mateo(), &["frida.nordwind"], office.form()).await;
    office.hand_in(&office.mateo(), id).await.unwrap();
    office.decide(&office.pia(), id, Decision::Refuse, "Not this year").await.unwrap();
    office.post(MINUTE).await;
    office.reads("mgarcia", "Refused", "refused").await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn those_who_leave_it_undecided_and_those_who_are_asked_too_read(db: PgPool) {
    let office = Office::open(db).await;
    office.january(8);
    office.rule(vec![asks(&[("owner", "")])]).await;
    let id = office.draft(&office.mateo(), &["anna.nordwind"], office.form()).await;
    office.hand_in(&office.mateo(), id).await.unwrap();
    office.post(MINUTE).await;
    // Two working days later, and five.
    for (day, account, heading, name) in
        [(10, "ncostas", "Still to decide", "reminded"), (15, "amoreau", "Left undecided by others", "escalated")]
    {
        office.january(day);
        office.house.job("chase_requests").await;
        office.post(HALF_AN_HOUR).await;
        office.reads(account, heading, name).await;
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_asked_reads_of_the_end(db: PgPool) {
    let office = Office::open(db).await;
    office.january(8);
    let form = RequestForm { until: office.day(20), ..office.form() };
    let id = office.draft(&office.mateo(), &["anna.nordwind"], form).await;
    office.hand_in(&office.mateo(), id).await.unwrap();
    office.decide(&office.pia(), id, APPROVE, "").await.unwrap();
    office.work().await;
    // What is told of the request itself goes before.
    for _ in 0..2 {
        office.post(HALF_AN_HOUR).await;
    }
    // Two weeks before its last day, three days before, and after it.
    for (days, heading, name) in [(6, "Ends soon", "ends_soon"), (11, "Ends soon", "ends_very_soon"), (4, "Held", "held")] {
        office.morning(days).await;
        office.post(HALF_AN_HOUR).await;
        office.reads("mgarcia", heading, name).await;
    }
}
