//! What people are told by mail: who, how often, and what if nobody answers.

use backend::{notices, worker};
use chrono::TimeDelta;
use model::{
    Error, RequestId,
    access::{Actor, Grant, Person, Role, Scope},
    notices::{LetterState, Pace, PreferencesForm},
    requests::{RequestForm, process::Decision},
};
use sandbox::{faults::Kind as Fault, state::Mail};
use sqlx::PgPool;

use super::{APPROVE, MIGRATOR, Office, invalid};
use crate::house::count;

const MINUTE: TimeDelta = TimeDelta::minutes(1);

impl Office {
    /// Lets the time pass and has the letters sent that are due.
    pub(super) async fn post(&self, passed: TimeDelta) {
        self.house.sandbox.clock().advance(passed);
        self.house.job("send_letters").await;
    }

    /// Mails to somebody that are no invitations.
    pub(super) fn letters(&self, account: &str) -> Vec<Mail> {
        let to = format!("{account}@corp.example.com");
        let letter = |mail: &Mail| mail.to.contains(&to) && mail.tags.iter().any(|(name, _)| name == "letter");
        self.house.mails().into_iter().filter(letter).collect()
    }

    pub(super) fn subjects(&self, account: &str) -> Vec<String> {
        self.letters(account).into_iter().map(|mail| mail.subject).collect()
    }

    async fn prefer(&self, actor: &Actor, deciding: Pace, asking: Pace) {
        let form = PreferencesForm {
            deciding: deciding.as_str().into(),
            asking: asking.as_str().into(),
            ending: "at_once".into(),
            time_zone: String::new(),
        };
        notices::prefer(&self.house.services, actor, &form).await.unwrap();
    }

    async fn letter_states(&self, actor: &Actor) -> Vec<LetterState> {
        let page = notices::get(&self.house.services, actor).await.unwrap();
        page.letters.into_iter().map(|letter| letter.state).collect()
    }
}

fn none() -> Vec<String> {
    Vec::new()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_step_is_told_to_those_whom_it_concerns(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind", "ben.nordwind"]).await;
    office.post(MINUTE).await;
    assert_eq!(office.subjects("mgarcia"), ["Handed in: 2 \u{d7} Office desktop"]);
    for approver in ["plindqvist", "jbergman", "ncostas"] {
        assert_eq!(office.subjects(approver), ["To decide: 2 \u{d7} Office desktop"], "{approver}");
    }
    assert_eq!(office.subjects("amoreau"), none(), "admins are not asked while there are approvers");
    let mail = office.letters("plindqvist").remove(0);
    for fact in ["Asked by: mgarcia", "New colleagues", "80.00 EUR", &format!("/requests/{id}"), "/settings/mail"] {
        assert!(mail.text.contains(fact), "{fact}: {}", mail.text);
    }
    assert_eq!(office.page(&office.manager(), id).await.summary.state, model::requests::State::Waiting, "a mail decides nothing");

    office.decide(&office.approver(), id, Decision::AskBack, "For how long?").await.unwrap();
    office.post(MINUTE * 31).await;
    assert_eq!(office.subjects("mgarcia").last().unwrap(), "A question: 2 \u{d7} Office desktop");
    assert!(office.letters("mgarcia").last().unwrap().text.contains("For how long?"));
    let version = office.version(id).await;
    backend::requests::drafts::answer(&office.house.services, &office.manager(), id, version, "For good").await.unwrap();
    office.post(MINUTE * 31).await;
    assert_eq!(office.subjects("jbergman").len(), 2, "it waits again");

    office.approve(&office.approver(), id).await.unwrap();
    office.post(MINUTE * 31).await;
    assert_eq!(office.subjects("mgarcia").last().unwrap(), "Approved: 2 \u{d7} Office desktop");
    office.work().await;
    office.post(MINUTE * 31).await;
    office.post(MINUTE).await;
    let ready = office.letters("mgarcia").pop().unwrap();
    assert_eq!(ready.subject, "Ready: Desktops of Anna Nordwind and Ben Nordwind");
    assert!(ready.text.contains("Anna Nordwind") && ready.text.contains("Ben Nordwind"), "{}", ready.text);
    let sent = office.letters("mgarcia").len();
    office.post(MINUTE * 60).await;
    assert_eq!(office.letters("mgarcia").len(), sent, "nothing is told twice");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn ten_requests_are_one_letter(db: PgPool) {
    let office = Office::open(db).await;
    for account in ["anna", "ben", "clara", "david", "emil", "frida", "greta", "hannes", "marta", "nils"] {
        office.asked(&[&format!("{account}.nordwind")]).await;
    }
    office.post(MINUTE).await;
    assert_eq!(office.subjects("plindqvist"), ["Desktops: 10 to decide"]);
    // What comes within half an hour waits for its end, and is told together.
    office.asked(&["karla.nordwind"]).await;
    office.post(MINUTE * 5).await;
    office.asked(&["leon.nordwind"]).await;
    office.post(MINUTE * 5).await;
    assert_eq!(office.letters("plindqvist").len(), 1);
    office.post(MINUTE * 21).await;
    assert_eq!(office.subjects("plindqvist")[1], "Desktops: 2 to decide");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_decided_meanwhile_is_not_asked(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind"]).await;
    office.decide(&office.approver(), id, Decision::Refuse, "Not this year").await.unwrap();
    office.post(MINUTE).await;
    assert_eq!((office.subjects("plindqvist"), office.subjects("jbergman")), (none(), none()));
    assert_eq!(office.subjects("mgarcia"), ["Refused: 1 \u{d7} Office desktop"], "that it was handed in is known by then");
    assert!(office.letters("mgarcia")[0].text.contains("Not this year"));
    assert_eq!(count(&office.house.db, "notice where letter_id is null").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn everybody_chooses_what_and_how_often(db: PgPool) {
    let office = Office::open(db).await;
    office.morning(1).await;
    office.prefer(&office.approver(), Pace::Daily, Pace::AtOnce).await;
    office.prefer(&office.manager(), Pace::AtOnce, Pace::Never).await;
    office.asked(&["anna.nordwind"]).await;
    office.post(MINUTE * 60).await;
    assert_eq!((office.subjects("plindqvist"), office.subjects("mgarcia")), (none(), none()), "five in the morning");
    assert_eq!(office.subjects("jbergman").len(), 1);
    office.asked(&["ben.nordwind"]).await;
    office.post(MINUTE * 185).await;
    assert_eq!(office.subjects("plindqvist"), ["Desktops: 2 to decide"], "eight in the morning");
    assert_eq!(count(&office.house.db, "notice where letter_id is null").await, 0, "what nobody wants is forgotten");

    let services = &office.house.services;
    let page = notices::get(services, &office.approver()).await.unwrap();
    assert_eq!((page.preferences.deciding, page.address.as_deref()), (Pace::Daily, Some("plindqvist@corp.example.com")));
    assert_eq!(page.letters.len(), 1);
    assert_eq!(count(&office.house.db, "audit where action = 'change_preferences' and phase = 'finished'").await, 2);
    let form = PreferencesForm { deciding: "often".into(), time_zone: "Mars".into(), ..PreferencesForm::default() };
    let fields: Vec<_> =
        invalid(notices::prefer(services, &office.approver(), &form).await).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["deciding", "asking", "ending", "time_zone"]);
    let grants = vec![Grant { role: Role::Requester, scope: Scope::Everywhere }];
    let guest = Actor::Person(Person { subject: "guest".into(), name: "G".into(), guid: None, grants });
    assert!(matches!(notices::get(services, &guest).await, Err(Error::Refused { .. })), "nobody knows where to write");
    assert!(matches!(notices::get(services, &Actor::Invitee).await, Err(Error::SignIn)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_answer_is_never_a_second_letter(db: PgPool) {
    let office = Office::open(db).await;
    office.prefer(&office.manager(), Pace::AtOnce, Pace::Never).await;
    for account in ["jbergman", "ncostas"] {
        office.prefer(&office.actor(account, Role::Approver), Pace::Never, Pace::Never).await;
    }
    office.asked(&["anna.nordwind"]).await;
    office.house.fault(Fault::LoseReply, 1);
    office.post(MINUTE).await;
    office.post(MINUTE * 60).await;
    assert_eq!(office.subjects("plindqvist").len(), 1);
    assert_eq!(office.letter_states(&office.approver()).await, [LetterState::Unconfirmed]);
    assert_eq!(count(&office.house.db, "audit where action = 'send_letter' and outcome = 'unknown'").await, 1);

    // A process that died while it was sending.
    office.asked(&["ben.nordwind"]).await;
    office.house.execute("update letter set state = 'sending', lease_until = at - interval '1 second'").await;
    office.post(MINUTE).await;
    assert_eq!(office.letter_states(&office.approver()).await[..], [LetterState::Sent, LetterState::Unconfirmed][..]);

    // SES asks us to slow down, then takes nothing, then refuses this one.
    office.asked(&["clara.nordwind"]).await;
    office.house.fault(Fault::Throttle, 1);
    office.post(MINUTE * 31).await;
    assert_eq!(office.letters("plindqvist").len(), 2);
    office.post(TimeDelta::seconds(11)).await;
    assert_eq!(office.letters("plindqvist").len(), 3, "ten seconds later it went");
    office.asked(&["david.nordwind"]).await;
    office.house.fault(Fault::Refuse { code: "AccountSuspendedException".into(), message: "suspended".into() }, 1);
    office.post(MINUTE * 31).await;
    office.post(MINUTE * 9).await;
    assert_eq!(office.letters("plindqvist").len(), 3);
    office.post(MINUTE * 2).await;
    assert_eq!(office.letters("plindqvist").len(), 4, "once SES takes mail again");
    office.asked(&["emil.nordwind"]).await;
    office.house.fault(Fault::Refuse { code: "MessageRejected".into(), message: "no".into() }, 1);
    office.post(MINUTE * 31).await;
    office.post(MINUTE * 60).await;
    assert_eq!(office.letters("plindqvist").len(), 4);
    assert_eq!(office.letter_states(&office.approver()).await[0], LetterState::Failed, "and it says so on the page");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_is_lost_while_active_directory_is_away(db: PgPool) {
    let mut office = Office::open(db).await;
    office.asked(&["anna.nordwind"]).await;
    let there = office.house.services.ad.clone();
    office.house.ad_away();
    office.post(MINUTE).await;
    assert_eq!(office.house.calls("ses:SendEmail"), 0);
    office.house.services.ad = there;
    office.post(MINUTE * 5).await;
    assert_eq!(office.house.calls("ses:SendEmail"), 0, "it is not asked every minute");
    office.post(MINUTE * 6).await;
    office.post(MINUTE).await;
    assert_eq!((office.subjects("plindqvist").len(), office.subjects("mgarcia").len()), (1, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_can_not_read_mail_is_told_nothing_and_holds_up_nobody(db: PgPool) {
    let office = Office::open(db).await;
    let company = office.house.sandbox.company();
    assert!(company.change("jbergman", |person| person.set_disabled(true)));
    assert!(company.change("ncostas", |person| person.mail = None));
    office.asked(&["anna.nordwind"]).await;
    office.post(MINUTE).await;
    assert_eq!(office.subjects("plindqvist").len(), 1);
    assert_eq!((office.subjects("jbergman"), office.subjects("ncostas")), (none(), none()));
    assert_eq!(count(&office.house.db, "notice where letter_id is null").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_workers_send_one_letter(db: PgPool) {
    let office = Office::open(db).await;
    office.asked(&["anna.nordwind"]).await;
    office.house.sandbox.clock().advance(MINUTE);
    office.house.execute("update graphile_worker._private_jobs set run_at = now() - interval '1 second'").await;
    office.house.execute("select graphile_worker.add_job('send_letters', '{}'::json)").await;
    let (one, other) = tokio::join!(worker::run_once(&office.house.services), worker::run_once(&office.house.services));
    one.unwrap();
    other.unwrap();
    office.post(MINUTE).await;
    for account in ["plindqvist", "jbergman", "ncostas", "mgarcia"] {
        assert_eq!(office.letters(account).len(), 1, "{account}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_end_of_a_desktop_is_told_before_and_when_it_is_held(db: PgPool) {
    let office = Office::open(db).await;
    office.prefer(&office.manager(), Pace::AtOnce, Pace::Never).await;
    office.morning(1).await;
    let form = RequestForm { until: office.day(20), ..office.form() };
    let id = office.draft(&office.manager(), &["anna.nordwind"], form).await;
    office.hand_in(&office.manager(), id).await.unwrap();
    office.decide(&office.approver(), id, APPROVE, "").await.unwrap();
    office.work().await;
    for (days, told) in [(6, 1), (11, 2), (4, 3)] {
        office.morning(days).await;
        office.post(MINUTE * 31).await;
        assert_eq!(office.letters("mgarcia").len(), told, "{:?}", office.subjects("mgarcia"));
    }
    let subjects = office.subjects("mgarcia");
    assert_eq!(subjects[..2], ["Ends soon: Desktop of Anna Nordwind"; 2]);
    assert_eq!(subjects[2], "Held: Desktop of Anna Nordwind");
    let held = office.letters("mgarcia").pop().unwrap();
    assert!(held.text.contains("/endings/") && held.text.contains("Terminated on: "), "{}", held.text);
}

/// Letters are forgotten after 90 days, and what they told with them.
#[sqlx::test(migrator = "MIGRATOR")]
async fn old_letters_are_forgotten(db: PgPool) {
    let office = Office::open(db).await;
    let id: RequestId = office.asked(&["anna.nordwind"]).await;
    office.post(MINUTE).await;
    assert!(count(&office.house.db, "notice").await > 0, "{id}");
    office.post(TimeDelta::days(91)).await;
    assert_eq!((count(&office.house.db, "notice").await, count(&office.house.db, "letter").await), (0, 0));
}
