//! The welcome link: what it opens, what it counts, and when it opens nothing.

use backend::invitations;
use chrono::TimeDelta;
use model::{
    Conflict, Error, InvitationId,
    access::Actor,
    invitations::{LinkProblem, Readiness},
};
use sandbox::faults::Kind;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::house::{CODE, House, helpdesk, token};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// A sent invitation and its token.
async fn sent(house: &House) -> (Uuid, String) {
    let id = house.queued(1, "marta.nordwind").await;
    house.send().await;
    let token = token(&house.mails().last().unwrap().text);
    (id, token)
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_link_opens_what_its_owner_needs(db: PgPool) {
    let house = House::open(db).await;
    let (_, token) = sent(&house).await;
    let welcome = invitations::welcome(&house.services, &token).await.unwrap().unwrap();
    assert_eq!(welcome.account, "marta.nordwind");
    assert_eq!(welcome.registration_code.as_deref(), Some(CODE));
    assert_eq!(welcome.readiness, Readiness::Ready);
    assert!(welcome.web, "the directory allows it and the bundle is Windows with DCV");
    for (state, readiness) in [("PENDING", Readiness::Preparing), ("ERROR", Readiness::Trouble), ("TERMINATED", Readiness::Gone)]
    {
        sqlx::query("update workspace set state = $1").bind(state).execute(&house.db).await.unwrap();
        assert_eq!(invitations::welcome(&house.services, &token).await.unwrap().unwrap().readiness, readiness, "{state}");
    }
    house.execute("update workspace set state = 'AVAILABLE', gone_at = now()").await;
    assert_eq!(invitations::welcome(&house.services, &token).await.unwrap().unwrap().readiness, Readiness::Gone);
    house.execute("update bundle set name = 'Standard with Ubuntu 22.04'").await;
    assert!(!invitations::welcome(&house.services, &token).await.unwrap().unwrap().web);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn openings_are_counted_and_the_first_is_recorded(db: PgPool) {
    let house = House::open(db).await;
    let (id, token) = sent(&house).await;
    let openings = (0..20).map(|_| invitations::welcome(&house.services, &token));
    assert!(futures::future::join_all(openings).await.into_iter().all(|opened| opened.unwrap().is_ok()));
    let row = house.invitation(id).await;
    assert_eq!(row.get::<i32, _>("opened"), 20);
    assert!(row.get::<Option<chrono::DateTime<chrono::Utc>>, _>("first_opened_at").is_some());
    let recorded: Vec<(String, String)> =
        sqlx::query_as("select actor, object_id from audit where action = 'open_welcome' and phase = 'finished'")
            .fetch_all(&house.db)
            .await
            .unwrap();
    assert_eq!(recorded, [(Actor::Invitee.key().to_owned(), id.to_string())]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_wrong_old_or_replaced_link_opens_nothing(db: PgPool) {
    let house = House::open(db).await;
    let (id, first) = sent(&house).await;
    let other = if first.starts_with('A') { "B" } else { "A" };
    for wrong in ["", "x", &first[1..], &format!("{first}A"), &format!("{other}{}", &first[1..]), "../../../../etc/passwd", "\0"]
    {
        assert_eq!(invitations::welcome(&house.services, wrong).await.unwrap(), Err(LinkProblem::Unknown), "{wrong:?}");
    }

    let workspace = "ws-000000001".parse().unwrap();
    let again = invitations::invite(&house.services, &helpdesk(), vec![workspace], "lost the first".into()).await.unwrap();
    let again = again[0].1.as_ref().unwrap().0;
    assert!(invitations::welcome(&house.services, &first).await.unwrap().is_ok(), "the old link works until a new one is made");
    house.send().await;
    let second = token(&house.mails().last().unwrap().text);
    assert_ne!(first, second);
    assert_eq!(invitations::welcome(&house.services, &first).await.unwrap(), Err(LinkProblem::Superseded));
    assert!(invitations::welcome(&house.services, &second).await.unwrap().is_ok());
    assert_eq!(house.invitation(id).await.get::<i32, _>("opened"), 1, "a link that opens nothing counts nothing");

    house.sandbox.clock().advance(TimeDelta::days(30) + TimeDelta::seconds(5));
    assert_eq!(invitations::welcome(&house.services, &second).await.unwrap(), Err(LinkProblem::Expired));
    assert_eq!(house.invitation(again).await.get::<i32, _>("opened"), 1);
}

/// A new link replaces the old one when SES has taken it, or may have.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_link_that_was_not_sent_replaces_nothing(db: PgPool) {
    let house = House::open(db).await;
    let (_, first) = sent(&house).await;
    let opens = async || invitations::welcome(&house.services, &first).await.unwrap().map(drop);
    let again = async || {
        let workspace = "ws-000000001".parse().unwrap();
        invitations::invite(&house.services, &helpdesk(), vec![workspace], "lost the first".into())
            .await
            .unwrap()
            .remove(0)
            .1
            .unwrap()
            .0
    };

    let refused = again().await;
    house.execute("update directory set registration_code = null").await;
    house.send().await;
    assert_eq!(house.state(refused).await, "failed");
    assert_eq!(opens().await, Ok(()));

    sqlx::query("update directory set registration_code = $1").bind(CODE).execute(&house.db).await.unwrap();
    let lost = again().await;
    house.fault(Kind::Throttle, 1);
    house.send().await;
    assert_eq!(house.state(lost).await, "queued");
    assert_eq!(opens().await, Ok(()));

    house.fault(Kind::LoseReply, 1);
    house.run_waiting().await;
    assert_eq!(house.state(lost).await, "unconfirmed");
    assert_eq!(opens().await, Err(LinkProblem::Superseded));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whoever_opens_the_link_has_the_mail(db: PgPool) {
    let house = House::open(db).await;
    let id = house.queued(1, "marta.nordwind").await;
    house.fault(Kind::LoseReply, 1);
    house.send().await;
    assert_eq!(house.state(id).await, "unconfirmed");
    let link = token(&house.mails()[0].text);
    invitations::welcome(&house.services, &link).await.unwrap().unwrap();
    let row = house.invitation(id).await;
    assert_eq!(row.get::<String, _>("state"), "sent");
    assert!(row.get::<Option<chrono::DateTime<chrono::Utc>>, _>("sent_at").is_some());
    let late = invitations::confirm(&house.services, &helpdesk(), InvitationId(id), "has the mail").await;
    assert_eq!(late, Err(Error::conflict(Conflict::Decided)), "nothing is left to decide");
}
