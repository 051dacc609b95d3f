//! The invitation that a launched row gets by itself, through the job that watches AWS.

use backend::invitations;
use model::invitations::State;
use sandbox::faults::Kind;
use sqlx::PgPool;
use uuid::Uuid;

use crate::house::{DIRECTORY, House, aws, helpdesk, nobody};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// A row that AWS has accepted and that is AVAILABLE by now.
async fn accepted(house: &House) -> Uuid {
    house.at_aws("ws-000000001", "marta.nordwind");
    let (launch, item) = (Uuid::now_v7(), Uuid::now_v7());
    sqlx::query(
        "insert into launch (id, directory_id, started_by, started_by_name, started_at, running_mode, tags)
         values ($1, $2, 'subject-of-helena', 'Helena Keller', now(), 'ALWAYS_ON', '[]')",
    )
    .bind(launch)
    .bind(DIRECTORY)
    .execute(&house.db)
    .await
    .unwrap();
    sqlx::query(
        "insert into launch_item (id, launch_id, directory_id, position, person_guid, account, name, mail, bundle_id, state, state_since,
                                  workspace_id, accepted_at, next_poll_at)
         values ($1, $2, $3, 1, $1, 'marta.nordwind', 'Marta Nordwind', 'marta.nordwind@corp.example.com', 'wsb-8vbljg4r6', 'pending',
                 now(), 'ws-000000001', now(), now() - interval '1 second')",
    )
    .bind(item)
    .bind(launch)
    .bind(DIRECTORY)
    .execute(&house.db)
    .await
    .unwrap();
    item
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_first_available_sends_exactly_one(db: PgPool) {
    let house = House::open(db).await;
    let item = accepted(&house).await;
    house.job("poll_items").await;
    // A second look, as after a crash between the answer and the commit.
    sqlx::query("update launch_item set state = 'pending', next_poll_at = now() - interval '1 second' where id = $1")
        .bind(item)
        .execute(&house.db)
        .await
        .unwrap();
    house.job("poll_items").await;
    let invitations: Vec<(String, String)> = sqlx::query_as("select state, asked_by_name from invitation where item_id = $1")
        .bind(item)
        .fetch_all(&house.db)
        .await
        .unwrap();
    assert_eq!(invitations, [("sent".to_owned(), "Helena Keller".to_owned())]);
    assert_eq!(house.mails().len(), 1);
}

/// Nothing was sent, so the row is queued as before, and the job comes back soon but not at once.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refused_connection_leaves_the_row_queued(db: PgPool) {
    let mut house = House::open(db).await;
    let item = accepted(&house).await;
    sqlx::query(
        "update launch_item set state = 'queued', workspace_id = null, accepted_at = null, next_poll_at = null where id = $1",
    )
    .bind(item)
    .execute(&house.db)
    .await
    .unwrap();
    let mut settings = house.services.settings.aws.clone();
    settings.endpoint_url = Some(nobody("http").to_string());
    house.services.aws = aws(&settings).await.into();
    house.job("send_items").await;
    let state: String =
        sqlx::query_scalar("select state from launch_item where id = $1").bind(item).fetch_one(&house.db).await.unwrap();
    assert_eq!(state, "queued");
    let attempts: i64 =
        sqlx::query_scalar("select count(*) from audit where action = 'create_workspace' and phase = 'attempted'")
            .fetch_one(&house.db)
            .await
            .unwrap();
    assert_eq!(attempts, 1);
    let soon: bool = sqlx::query_scalar(
        "select run_at between now() + interval '5 seconds' and now() + interval '1 minute'
         from graphile_worker._private_jobs where key = 'send_items'",
    )
    .fetch_one(&house.db)
    .await
    .unwrap();
    assert!(soon);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_row_shows_who_took_its_mail_as_sent_and_why(db: PgPool) {
    let house = House::open(db).await;
    let launch = house.launch(&["marta.nordwind"]).await;
    house.fault(Kind::LoseReply, 1);
    house.work(launch).await;
    let shown = async || house.items(launch).await.remove(0).invitation.unwrap();
    let before = shown().await;
    assert_eq!((before.state, before.decision), (State::Unconfirmed, None));
    let mut listener = sqlx::postgres::PgListener::connect_with(&house.db).await.unwrap();
    listener.listen(backend::db::CHANNEL).await.unwrap();
    invitations::confirm(&house.services, &helpdesk(), before.id, "has the mail").await.unwrap();
    let heard = tokio::time::timeout(std::time::Duration::from_secs(10), listener.recv()).await;
    assert_eq!(heard.unwrap().unwrap().payload(), format!("launch:{launch}"), "those who watch the launch hear of it");
    let after = shown().await;
    let decision = after.decision.unwrap();
    assert!(decision.starts_with("taken as sent by Helena Keller, ") && decision.ends_with(": has the mail"), "{decision}");
    assert_eq!(after.state, State::Sent);
}
