//! One invitation on its way to SES: what is asked, and what each kind of answer leaves behind.

use std::time::Duration;

use backend::worker;
use sandbox::faults::Kind;
use sqlx::{PgPool, Row};

use crate::{
    house::{House, Plan, finished},
    wire::{Reply, Wire},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_call_asks_ses_not_to_touch_the_links(db: PgPool) {
    let wire = Wire::open(Reply { status: 200, code: "", body: r#"{"MessageId":"m-1"}"# }).await;
    let plan = Plan { ses: Some(wire.url.clone()), configuration_set: Some("ws-invites".into()), ..Plan::default() };
    let house = House::with(db, plan).await;
    house.queued(1, "marta.nordwind").await;
    house.send().await;

    let asked = wire.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["ConfigurationSetName"], "ws-invites");
    assert_eq!(asked[0]["ReplyToAddresses"][0], "helpdesk@corp.example.com");
    for part in ["Text", "Html"] {
        assert_eq!(asked[0]["Content"]["Simple"]["Body"][part]["Charset"], "UTF-8");
    }
    assert_eq!(asked[0]["ConfigurationOverrides"]["Tracking"]["ClickTrackingEnabled"], "DISABLED");
    assert_eq!(asked[0]["ConfigurationOverrides"]["Tracking"]["OpenTrackingEnabled"], "DISABLED");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_reply_is_unconfirmed_and_never_sent_twice(db: PgPool) {
    let house = House::open(db).await;
    let id = house.queued(1, "marta.nordwind").await;
    house.fault(Kind::LoseReply, 1);
    house.send().await;
    assert_eq!(house.state(id).await, "unconfirmed");
    assert_eq!(house.sending_record(id).await, finished("unknown"));
    house.send().await;
    house.run_waiting().await;
    assert_eq!(house.calls("ses:SendEmail"), 1);
    assert_eq!(house.mails().len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_after_the_time_out_is_unconfirmed(db: PgPool) {
    let house = House::with(db, Plan { operation_timeout: Duration::from_secs(2), ..Plan::default() }).await;
    let id = house.queued(1, "marta.nordwind").await;
    house.fault(Kind::Delay { ms: 4_000 }, 1);
    house.send().await;
    assert_eq!(house.state(id).await, "unconfirmed");
    house.send().await;
    // The sandbox does not log a call whose caller has gone, but it did the work.
    assert_eq!(house.mails().len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_throttled_mail_waits_and_is_sent_with_a_new_link(db: PgPool) {
    let house = House::open(db).await;
    let id = house.queued(1, "marta.nordwind").await;
    house.fault(Kind::Throttle, 1);
    house.send().await;
    let first = house.invitation(id).await;
    assert_eq!(first.get::<String, _>("state"), "queued");
    assert_eq!(house.mails().len(), 0);
    let later: bool =
        sqlx::query_scalar("select bool_and(run_at > now() + interval '5 seconds') from graphile_worker._private_jobs")
            .fetch_one(&house.db)
            .await
            .unwrap();
    assert!(later, "the next try is not at once");

    house.run_waiting().await;
    let second = house.invitation(id).await;
    assert_eq!(second.get::<String, _>("state"), "sent");
    assert_eq!(second.get::<i32, _>("attempts"), 2);
    assert_ne!(first.get::<Vec<u8>, _>("token_hash"), second.get::<Vec<u8>, _>("token_hash"));
    assert_eq!(house.mails().len(), 1);
    assert_eq!(house.sending_record(id).await, [finished("failed"), finished("succeeded")].concat());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_throttled_mail_does_not_wait_for_somebody_elses_lease(db: PgPool) {
    let house = House::open(db).await;
    let other = house.queued(1, "anna.nordwind").await;
    sqlx::query("update invitation set state = 'sending', claim = $2, lease_until = now() + interval '10 minutes' where id = $1")
        .bind(other)
        .bind(uuid::Uuid::now_v7())
        .execute(&house.db)
        .await
        .unwrap();
    house.queued(2, "marta.nordwind").await;
    house.fault(Kind::Throttle, 1);
    house.send().await;
    let soon: bool =
        sqlx::query_scalar("select bool_or(run_at < now() + interval '1 minute') from graphile_worker._private_jobs")
            .fetch_one(&house.db)
            .await
            .unwrap();
    assert!(soon, "the throttled mail waits for the lease of another");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refused_connection_was_never_a_mail(db: PgPool) {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let house = House::with(db, Plan { ses: Some(format!("http://{nobody}")), ..Plan::default() }).await;
    let id = house.queued(1, "marta.nordwind").await;
    house.send().await;
    assert_eq!(house.state(id).await, "queued");
}

/// What SES may answer, and what we know then.
#[sqlx::test(migrator = "MIGRATOR")]
async fn every_answer_has_its_meaning(db: PgPool) {
    // What is about the account leaves the mail where it is; `held` tells the rest.
    let refused = [
        ("MessageRejected", "failed"),
        ("BadRequestException", "failed"),
        ("MailFromDomainNotVerifiedException", "queued"),
        ("SendingPausedException", "queued"),
        ("AccountSuspendedException", "queued"),
        ("LimitExceededException", "queued"),
    ];
    let message = r#"{"message":"why"}"#;
    let mut answers: Vec<(Reply, &str)> = refused.map(|(code, state)| (Reply { status: 400, code, body: message }, state)).into();
    answers.push((Reply { status: 403, code: "AccessDeniedException", body: message }, "queued"));
    answers.push((Reply { status: 404, code: "NotFoundException", body: message }, "queued"));
    answers.push((Reply { status: 429, code: "TooManyRequestsException", body: message }, "queued"));
    answers.push((Reply { status: 400, code: "Throttling", body: r#"{"message":"Maximum sending rate exceeded."}"# }, "queued"));
    answers.push((Reply { status: 500, code: "InternalFailure", body: message }, "unconfirmed"));
    answers.push((Reply { status: 503, code: "ServiceUnavailable", body: message }, "unconfirmed"));
    answers.push((Reply { status: 502, code: "", body: "<html>Bad gateway</html>" }, "unconfirmed"));
    answers.push((Reply { status: 200, code: "", body: "<html>not SES</html>" }, "unconfirmed"));

    let house = House::open(db.clone()).await;
    for (number, (reply, expected)) in (1..).zip(answers) {
        let wire = Wire::open(reply.clone()).await;
        let mut services = house.services.clone();
        services.mail = crate::house::mailer(&services, Some(wire.url.clone())).await.into();
        let id = house.queued(number, "marta.nordwind").await;
        house.execute("select graphile_worker.add_job('send_invitations', '{}'::json, job_key => 'send_invitations')").await;
        worker::run_once(&services).await.unwrap();
        let row = house.invitation(id).await;
        assert_eq!(row.get::<String, _>("state"), expected, "{} {}", reply.status, reply.code);
        if expected == "failed" {
            assert_eq!(row.get::<Option<String>, _>("error_code").as_deref(), Some(reply.code));
        }
        assert_eq!(wire.asked().len(), 1, "{} {} was asked once", reply.status, reply.code);
        sqlx::query("update invitation set state = 'failed' where id = $1").bind(id).execute(&db).await.unwrap();
    }
}
