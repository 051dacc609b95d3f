//! The job that sends invitations: claims, leases and workers that die or meet.

use std::{str::FromStr, time::Duration};

use backend::{invitations, worker};
use chrono::TimeDelta;
use sandbox::faults::Kind;
use sqlx::{PgPool, Row, postgres::PgPoolOptions};
use uuid::Uuid;

use crate::house::{DIRECTORY, House, count, finished, token};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_directory_without_code_sends_nothing(db: PgPool) {
    let house = House::open(db).await;
    let id = house.queued(1, "marta.nordwind").await;
    house.execute("update directory set registration_code = null").await;
    house.send().await;
    let row = house.invitation(id).await;
    assert_eq!(row.get::<String, _>("state"), "failed");
    assert_eq!(row.get::<Option<String>, _>("error_code").as_deref(), Some("Frontdesk.NoRegistrationCode"));
    assert_eq!(house.calls("ses:SendEmail"), 0);
}

/// An address that nothing can be joined to, so that the mail has no link.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_mail_that_can_not_be_written_fails_its_row(db: PgPool) {
    let mut house = House::open(db).await;
    let mut settings = (*house.services.settings).clone();
    settings.public_url = "data:nothing".parse().unwrap();
    house.services.settings = std::sync::Arc::new(settings);
    let id = house.queued(1, "marta.nordwind").await;
    house.send().await;
    let row = house.invitation(id).await;
    assert_eq!(row.get::<String, _>("state"), "failed");
    assert_eq!(row.get::<Option<String>, _>("error_code").as_deref(), Some("Frontdesk.Template"));
    assert_eq!(house.sending_record(id).await, finished("failed"));
    assert_eq!(house.calls("ses:SendEmail"), 0);
}

/// A process that died between its intent and the outcome.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sender_that_died_leaves_an_unconfirmed_row(db: PgPool) {
    let house = House::open(db).await;
    let (lost, held) = (house.queued(1, "marta.nordwind").await, house.queued(2, "anna.nordwind").await);
    for (id, seconds) in [(lost, -1), (held, 600)] {
        sqlx::query("update invitation set state = 'sending', claim = $2, lease_until = $3, attempts = 1 where id = $1")
            .bind(id)
            .bind(Uuid::now_v7())
            .bind(house.services.clock.now() + TimeDelta::seconds(seconds))
            .execute(&house.db)
            .await
            .unwrap();
    }
    house.send().await;
    house.send().await;
    assert_eq!(house.state(lost).await, "unconfirmed");
    assert_eq!(house.sending_record(lost).await.last().unwrap().1.as_deref(), Some("unknown"));
    assert_eq!(house.state(held).await, "sending", "a lease that still runs is somebody else's");
    assert_eq!(house.calls("ses:SendEmail"), 0);
    let wakes: i64 = sqlx::query_scalar(
        "select count(*) from graphile_worker._private_jobs j, invitation i where i.id = $1 and j.run_at between i.lease_until and i.lease_until + interval '1 minute'",
    )
    .bind(held)
    .fetch_one(&house.db)
    .await
    .unwrap();
    assert_eq!(wakes, 1, "the job looks again when the lease ends");
}

/// The claim ran out while SES was slow, and another worker gave the row up: row and record must tell the same.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_outcome_that_comes_after_the_claim_does_not_contradict_the_row(db: PgPool) {
    let house = House::open(db).await;
    let id = house.queued(1, "marta.nordwind").await;
    house.fault(Kind::Delay { ms: 1_200 }, 1);
    let other = async {
        tokio::time::sleep(Duration::from_millis(600)).await;
        house.execute("update invitation set lease_until = now() - interval '1 second' where claim is not null").await;
        house.execute("select graphile_worker.add_job('send_invitations', '{}'::json)").await;
        worker::run_once(&house.services).await.unwrap();
    };
    tokio::join!(house.send(), other);
    let state = house.state(id).await;
    let record = house.sending_record(id).await;
    let outcomes: Vec<_> = record.iter().filter_map(|(_, outcome)| outcome.as_deref()).collect();
    match state.as_str() {
        "sent" => assert_eq!(outcomes.last(), Some(&"succeeded")),
        "unconfirmed" => assert_eq!(outcomes, ["unknown"], "the row is unconfirmed and the record says otherwise"),
        other => panic!("{other}"),
    }
    assert_eq!(house.calls("ses:SendEmail"), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn many_workers_send_each_invitation_once(db: PgPool) {
    let house = House::open(db.clone()).await;
    for number in 1..=60 {
        house.queued(number, &format!("person{number}")).await;
    }
    let many = PgPoolOptions::new().max_connections(24).connect_with((*db.connect_options()).clone()).await.unwrap();
    let mut services = house.services.clone();
    services.db = many.clone();
    // Without a key, so that all of them run at the same time.
    house.execute("select graphile_worker.add_job('send_invitations', '{}'::json) from generate_series(1, 50)").await;
    let workers = (0..7).map(|_| worker::run_once(&services));
    for ended in futures::future::join_all(workers).await {
        ended.unwrap();
    }
    let mut recipients: Vec<_> = house.mails().into_iter().flat_map(|mail| mail.to).collect();
    let sent = recipients.len();
    recipients.sort();
    recipients.dedup();
    assert_eq!((sent, recipients.len()), (60, 60));
    assert_eq!(count(&db, "invitation where state = 'sent' and attempts = 1 and claim is null").await, 60);
    assert_eq!(count(&db, "audit where action = 'send_invitation' and outcome = 'succeeded'").await, 60);
    many.close().await;
}

/// The raw token is in the mail and nowhere else: not in a column of ours, not in the job queue.
#[sqlx::test(migrator = "MIGRATOR")]
async fn the_token_is_in_no_table(db: PgPool) {
    let house = House::open(db.clone()).await;
    let id = house.queued(1, "marta.nordwind").await;
    house.fault(Kind::Throttle, 1);
    house.send().await;
    house.run_waiting().await;
    let raw = token(&house.mails()[0].text);
    invitations::welcome(&house.services, &raw).await.unwrap().unwrap();
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select table_schema::text, table_name::text from information_schema.tables
         where table_type = 'BASE TABLE' and table_schema in ('public', 'graphile_worker')",
    )
    .fetch_all(&db)
    .await
    .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    for (schema, table) in &tables {
        let sql = format!("select count(*) from \"{schema}\".\"{table}\" t where strpos(t::text, $1) > 0");
        let found = |needle: String| sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql.clone())).bind(needle).fetch_one(&db);
        assert_eq!(found(raw.clone()).await.unwrap(), 0, "{table} holds the token");
        if table == "invitation" {
            assert_eq!(found(id.to_string()).await.unwrap(), 1, "the search finds what is there");
        }
    }
    let hash: Vec<u8> = house.invitation(id).await.get("token_hash");
    assert_eq!(hash.len(), 32);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn those_who_watch_a_launch_hear_of_its_invitations(db: PgPool) {
    let house = House::open(db.clone()).await;
    let id = house.queued(1, "marta.nordwind").await;
    let (launch, item) = (Uuid::now_v7(), Uuid::now_v7());
    sqlx::query(
        "insert into launch (id, directory_id, started_by, started_by_name, started_at, running_mode, tags)
         values ($1, $2, 's', 'Helena Keller', now(), 'ALWAYS_ON', '[]')",
    )
    .bind(launch)
    .bind(DIRECTORY)
    .execute(&db)
    .await
    .unwrap();
    sqlx::query(
        "insert into launch_item (id, launch_id, directory_id, position, person_guid, account, name, mail, bundle_id, state, state_since, workspace_id)
         values ($1, $2, $3, 1, $1, 'marta.nordwind', 'Marta Nordwind', 'm@corp.example.com', 'wsb-8vbljg4r6', 'available', now(), 'ws-000000001')",
    )
    .bind(item)
    .bind(launch)
    .bind(DIRECTORY)
    .execute(&db)
    .await
    .unwrap();
    sqlx::query("update invitation set item_id = $2, reason = null where id = $1")
        .bind(id)
        .bind(item)
        .execute(&db)
        .await
        .unwrap();

    let mut listener = sqlx::postgres::PgListener::connect_with(&db).await.unwrap();
    listener.listen(backend::db::CHANNEL).await.unwrap();
    house.send().await;
    for what in ["sending", "sent"] {
        let heard = tokio::time::timeout(Duration::from_secs(10), listener.recv())
            .await
            .unwrap_or_else(|_| panic!("nothing about {what}"))
            .unwrap();
        assert_eq!(backend::db::Topic::from_str(heard.payload()).unwrap().to_string(), format!("launch:{launch}"));
    }
    let again = sqlx::query(
        "insert into invitation (id, item_id, workspace_id, directory_id, account, name, mail, asked_by, asked_by_name, state, state_since, created_at)
         values ($1, $2, 'ws-000000001', $3, 'a', 'a', 'a@b.example', 's', 's', 'queued', now(), now())",
    )
    .bind(Uuid::now_v7())
    .bind(item)
    .bind(DIRECTORY)
    .execute(&db)
    .await;
    let constraint = again.unwrap_err().as_database_error().and_then(|error| error.constraint().map(str::to_owned));
    assert_eq!(constraint.as_deref(), Some("invitation_item"), "the database itself allows a row one invitation");
}
