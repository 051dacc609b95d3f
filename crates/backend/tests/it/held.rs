//! SES takes no mail at all: every invitation waits, none is lost, and SES is not asked over and over.

use model::{
    Error,
    access::Role,
    invitations::{Hold, Waiting},
};
use sandbox::{Behaviour, faults::Kind};
use sqlx::PgPool;

use crate::house::{House, Plan, count, helpdesk, person};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

async fn three_queued(house: &House) {
    for (number, account) in [(1, "marta.nordwind"), (2, "anna.nordwind"), (3, "lost.person")] {
        house.queued(number, account).await;
    }
}

async fn waiting(house: &House) -> Waiting {
    backend::launches::today(&house.services, &helpdesk()).await.unwrap().invitations
}

fn refuse(code: &str) -> Kind {
    Kind::Refuse { code: code.to_owned(), message: "Sending is off.".to_owned() }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_refusal_of_the_account_keeps_all_mails(db: PgPool) {
    let house = House::open(db.clone()).await;
    three_queued(&house).await;
    house.fault(refuse("SendingPausedException"), 1);
    house.send().await;
    house.send().await;
    assert_eq!(count(&db, "invitation where state = 'queued'").await, 3);
    assert_eq!(house.calls("ses:SendEmail"), 1, "the second run does not ask again so soon");
    let held = waiting(&house).await.held.unwrap();
    assert_eq!((held.hold, held.code.as_str(), held.count), (Hold::Paused, "SendingPausedException", 3));
    assert_eq!(count(&db, "audit where action = 'send_invitation' and outcome = 'failed'").await, 1);

    house.execute("update invitation set state_since = state_since - interval '11 minutes'").await;
    house.send().await;
    assert_eq!(count(&db, "invitation where state = 'sent' and error_code is null").await, 3);
    assert_eq!(waiting(&house).await.held, None);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_mails_of_a_day_are_used_up(db: PgPool) {
    let behaviour = Behaviour { ses_quota: 1, ..Plan::default().behaviour };
    let house = House::with(db.clone(), Plan { behaviour, ..Plan::default() }).await;
    three_queued(&house).await;
    house.send().await;
    assert_eq!(count(&db, "invitation where state = 'sent'").await, 1);
    let held = waiting(&house).await.held.unwrap();
    assert_eq!((held.hold, held.count), (Hold::DailyQuota, 2));
    assert_eq!(house.calls("ses:SendEmail"), 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_unknown_sender_is_nobodys_fault_but_ours(db: PgPool) {
    let plan = Plan { from: "Desktops <desktops@elsewhere.example>".into(), ..Plan::default() };
    let house = House::with(db.clone(), plan).await;
    three_queued(&house).await;
    house.send().await;
    let held = waiting(&house).await.held.unwrap();
    assert_eq!((held.hold, held.code.as_str(), held.count), (Hold::Sender, "MessageRejected", 3));
    assert_eq!((house.calls("ses:SendEmail"), house.mails().len()), (1, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn somebody_has_them_tried_at_once(db: PgPool) {
    let house = House::open(db.clone()).await;
    three_queued(&house).await;
    house.fault(refuse("AccountSuspendedException"), 1);
    house.send().await;

    let refused = backend::invitations::resume(&house.services, &person(Role::Requester, None)).await;
    assert!(matches!(refused, Err(Error::NotAllowed { .. })), "{refused:?}");
    backend::invitations::resume(&house.services, &helpdesk()).await.unwrap();
    assert_eq!(waiting(&house).await.held, None);
    house.run().await;
    assert_eq!(count(&db, "invitation where state = 'sent'").await, 3);
    backend::invitations::resume(&house.services, &helpdesk()).await.unwrap();
    let records = count(&db, "audit where action = 'resume_invitations' and phase = 'finished'").await;
    assert_eq!(records, 1, "nothing was held any more, so nothing was done");
}
