//! Mail: what SES takes and what it refuses. moto has neither GetAccount nor tags and tracking of a mail.

use sqlx::{PgPool, Row};

use super::{house, mailer_again, mails};
use crate::{
    MIGRATOR,
    house::{House, finished},
};

/// A directory for the rows, which needs none at AWS.
async fn row(house: &House, account: &str) -> uuid::Uuid {
    house
        .execute(
            "insert into directory (directory_id, name, stage, registration_state, registration_code, device_windows, device_macos,
                                    device_linux, device_ios, device_android, device_web, seen_at)
             values ('d-906731a2b4', 'corp.example.com', 'Active', 'REGISTERED', 'WSfra+7KQ2MD', true, true, false, true, true, true, now())",
        )
        .await;
    house.queued(1, account).await
}

/// The rate is not known, because moto has no GetAccount: mail goes all the same, one a second.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_invitation_is_taken(db: PgPool) {
    let (house, cloud) = house(db, "sa-east-1").await;
    cloud.verify_sender().await;
    assert!(house.services.mail.account().await.is_err(), "moto has GetAccount now: what does it say of the rate?");
    let id = row(&house, "greta.nordwind").await;
    house.send().await;
    assert_eq!(house.state(id).await, "sent");
    assert_eq!(house.sending_record(id).await, finished("succeeded"));
    let sent = mails("greta.nordwind@corp.example.com").await;
    assert_eq!(sent.len(), 1);
    let (from, subject, html) = &sent[0];
    assert_eq!(from, "Example Desktops <desktops@corp.example.com>");
    assert!(!subject.is_empty() && html.contains("WSfra+7KQ2MD") && html.contains("/welcome/"), "{html}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sender_that_is_not_verified_keeps_the_mail_and_says_why(db: PgPool) {
    let (house, _) = house(db, "ca-central-1").await;
    let id = row(&house, "hannes.nordwind").await;
    house.send().await;
    let invitation = house.invitation(id).await;
    assert_eq!(invitation.get::<String, _>("state"), "queued");
    assert_eq!(invitation.get::<Option<String>, _>("error_code").as_deref(), Some("MessageRejected"));
    let said: Option<String> = invitation.get("error_message");
    assert!(said.is_some_and(|said| said.contains("not verified")));
    assert_eq!(house.sending_record(id).await, finished("failed"));
    assert!(mails("hannes.nordwind@corp.example.com").await.is_empty());
}

/// Nobody listens there: the mail waits.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_mail_waits_for_ses(db: PgPool) {
    let (mut house, cloud) = house(db, "ap-south-1").await;
    cloud.verify_sender().await;
    let id = row(&house, "jonas.nordwind").await;
    let moto = house.services.settings.aws.endpoint_url.clone();
    house.set(|settings| settings.aws.endpoint_url = Some(crate::house::nobody("http").to_string()));
    mailer_again(&mut house).await;
    house.send().await;
    assert_eq!(house.state(id).await, "queued");
    house.set(|settings| settings.aws.endpoint_url = moto);
    mailer_again(&mut house).await;
    house.sandbox.clock().advance(chrono::TimeDelta::minutes(5));
    house.send().await;
    assert_eq!(house.state(id).await, "sent");
    assert_eq!(mails("jonas.nordwind@corp.example.com").await.len(), 1);
}
