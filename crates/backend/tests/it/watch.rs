//! Looking after directories: which mails admins get, and which not.

use std::time::Duration;

use backend::worker;
use chrono::TimeDelta;
use sandbox::{faults::Kind, state::Mail};
use sqlx::PgPool;
use uuid::Uuid;

use crate::house::{ADMINS, DIRECTORY, House, count};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
/// A reason as AWS may word it. What of it is documented is in `model`.
const PASSWORD: &str = "The credentials of the service account are not valid.";

/// What the mirror says of the connector from now on.
pub async fn stage(house: &House, stage: &str, reason: Option<&str>) {
    sqlx::query("update directory set stage = $1, stage_reason = $2, stage_since = $3")
        .bind(stage)
        .bind(reason)
        .bind(house.services.clock.now())
        .execute(&house.db)
        .await
        .unwrap();
}

pub async fn watch(house: &House) -> Vec<String> {
    house.job("watch_directories").await;
    subjects(house)
}

pub async fn later(house: &House, minutes: i64) -> Vec<String> {
    house.sandbox.clock().advance(TimeDelta::minutes(minutes));
    watch(house).await
}

fn subjects(house: &House) -> Vec<String> {
    house.mails().into_iter().map(|mail| mail.subject).collect()
}

fn last(house: &House) -> Mail {
    house.mails().pop().unwrap()
}

/// What the record says of mails to admins that ended so.
async fn recorded(db: &PgPool, outcome: &str) -> i64 {
    sqlx::query_scalar("select count(*) from audit where action = 'alert_admins' and outcome = $1")
        .bind(outcome)
        .fetch_one(db)
        .await
        .unwrap()
}

const DAY: i64 = 24 * 60;

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_kind_of_trouble_is_mailed_once(db: PgPool) {
    let house = House::open(db.clone()).await;
    assert_eq!(watch(&house).await, [""; 0], "all is well");
    let lost = "Connectivity issues detected: LDAP unavailable (TCP port 389) for IP: 10.0.0.1";
    let kinds = [
        ("Inoperable", Some(lost), "the connector does not work", "53, 88 and 389"),
        ("Inoperable", Some(PASSWORD), "the domain refuses the connector\u{2019}s account", "Check its name and password"),
        ("Active", Some(PASSWORD), "the domain refuses the connector\u{2019}s account", "Check its name and password"),
        ("Failed", None, "AWS could not make the connector", "made anew"),
    ];
    for (number, (name, reason, title, cure)) in kinds.into_iter().enumerate() {
        house.execute("delete from directory_alert").await;
        stage(&house, name, reason).await;
        assert_eq!(watch(&house).await.len(), number + 1, "{name}");
        assert_eq!(watch(&house).await.len(), number + 1, "not one with every look");
        let mail = last(&house);
        assert_eq!((mail.subject.as_str(), mail.to), (format!("corp.example.com: {title}").as_str(), vec![ADMINS.to_owned()]));
        for part in [cure, "https://desktops.corp.example.com/directories/d-906731a2b4"] {
            assert!(mail.text.contains(part) && mail.html.contains(part), "{part}: {}", mail.text);
        }
    }
    stage(&house, "Active", None).await;
    house.execute("delete from directory_alert").await;
    house.execute("update directory set registration_state = 'ERROR', registration_error = 'No route'").await;
    assert_eq!(watch(&house).await.last().unwrap(), "corp.example.com: WorkSpaces could not register it");
    house.execute("update directory set registration_state = 'REGISTERED', empty_since = now() - interval '17 days'").await;
    assert_eq!(watch(&house).await.last().unwrap(), "corp.example.com: AWS will deregister it soon");
    assert_eq!(house.mails().len(), 6);
    assert_eq!(recorded(&db, "succeeded").await, 6);
    assert!(house.mails().iter().all(|mail| mail.tags.iter().any(|(name, _)| name == "alert")));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_trouble_that_lasts_is_told_again_once_a_day_and_its_end_once(db: PgPool) {
    let house = House::open(db).await;
    stage(&house, "Inoperable", None).await;
    assert_eq!(watch(&house).await.len(), 1);
    assert_eq!(later(&house, DAY - 1).await.len(), 1);
    assert_eq!(later(&house, 1).await.last().unwrap(), "Still: corp.example.com: the connector does not work");
    assert_eq!(later(&house, DAY - 1).await.len(), 2);
    stage(&house, "Active", None).await;
    assert_eq!(watch(&house).await.len(), 2, "it may come back");
    assert_eq!(later(&house, 10).await.last().unwrap(), "corp.example.com works again");
    assert!(last(&house).text.contains("the connector does not work"), "{}", last(&house).text);
    assert_eq!(later(&house, 3 * DAY).await.len(), 3);
    stage(&house, "Inoperable", None).await;
    assert_eq!(watch(&house).await.len(), 4, "another trouble");
}

/// AWS's own maintenance: nobody is mailed, neither that it began nor that it is over.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_blip_of_impaired_mails_nothing(db: PgPool) {
    let house = House::open(db.clone()).await;
    stage(&house, "Impaired", None).await;
    watch(&house).await;
    assert_eq!(later(&house, 39).await.len(), 0);
    stage(&house, "Active", None).await;
    watch(&house).await;
    assert_eq!(later(&house, 60).await.len(), 0);
    assert_eq!(count(&db, "directory_alert where closed_at is not null and told is null").await, 1);

    stage(&house, "Impaired", None).await;
    watch(&house).await;
    assert_eq!(later(&house, 40).await, ["corp.example.com: the connector has trouble"]);
    // What AWS says it was before Frontdesk looked counts.
    house.execute("delete from directory_alert").await;
    house.execute("update directory set stage_since = stage_since - interval '41 minutes'").await;
    assert_eq!(watch(&house).await.len(), 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_grows_worse_is_told_and_what_comes_and_goes_is_one_trouble(db: PgPool) {
    let house = House::open(db.clone()).await;
    stage(&house, "Impaired", None).await;
    assert_eq!(watch(&house).await.len(), 0);
    stage(&house, "Impaired", Some(PASSWORD)).await;
    assert_eq!(watch(&house).await.len(), 1, "an account is not waited for");
    stage(&house, "Inoperable", None).await;
    assert_eq!(watch(&house).await.len(), 1, "they know of worse");
    for _ in 0..5 {
        stage(&house, "Active", None).await;
        later(&house, 3).await;
        stage(&house, "Inoperable", None).await;
        later(&house, 3).await;
    }
    assert_eq!((house.mails().len(), count(&db, "directory_alert").await), (1, 1));
    // While AWS changes it nothing can be told.
    stage(&house, "Updating", None).await;
    assert_eq!(later(&house, 60).await.len(), 1);
    stage(&house, "Active", None).await;
    watch(&house).await;
    assert_eq!(later(&house, 10).await.last().unwrap(), "corp.example.com works again");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_directory_that_is_gone_is_told_of_no_more(db: PgPool) {
    let house = House::open(db.clone()).await;
    stage(&house, "Failed", None).await;
    watch(&house).await;
    house.execute("update directory set gone_at = now()").await;
    assert_eq!(later(&house, 2 * DAY).await.len(), 1);
    assert_eq!(count(&db, "directory_alert where closed_at is null").await, 0);
}

/// The sweep itself, from the sandbox's stage to the mail.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_the_sweep_finds_is_mailed(db: PgPool) {
    let house = House::open(db).await;
    let now = house.services.clock.now();
    let made = sandbox::directories::Made { stage: "Inoperable".into(), reason: Some(PASSWORD.into()), at: now };
    house.sandbox.state().memory().connectors.iter_mut().find(|connector| connector.id == DIRECTORY).unwrap().made = Some(made);
    house.job("sweep_directories").await;
    house.run_waiting().await;
    assert_eq!(watch(&house).await, ["corp.example.com: the domain refuses the connector\u{2019}s account"]);
    assert!(last(&house).text.contains(PASSWORD));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn while_ses_takes_nothing_the_mail_waits_and_is_not_doubled(db: PgPool) {
    let house = House::open(db.clone()).await;
    stage(&house, "Inoperable", None).await;
    house.fault(Kind::Throttle, 1);
    assert_eq!(watch(&house).await.len(), 0);
    assert_eq!(watch(&house).await.len(), 0, "not before ten seconds");
    assert_eq!(later(&house, 1).await.len(), 1);
    // An account that is stopped holds all of them, the reminder too.
    house.fault(Kind::Refuse { code: "SendingPausedException".into(), message: "paused".into() }, 1);
    assert_eq!(later(&house, DAY).await.len(), 1);
    assert_eq!(later(&house, 9).await.len(), 1);
    assert_eq!(later(&house, 1).await.last().unwrap(), "Still: corp.example.com: the connector does not work");
    // An address that SES does not take: in an hour.
    house.fault(Kind::Refuse { code: "MessageRejected".into(), message: "Email address is not verified".into() }, 1);
    assert_eq!(later(&house, DAY).await.len(), 2);
    assert_eq!(later(&house, 59).await.len(), 2);
    assert_eq!(later(&house, 1).await.len(), 3);
    assert_eq!((recorded(&db, "failed").await, recorded(&db, "succeeded").await), (3, 3));
}

/// One too few rather than one too many; the reminder makes up for it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_answer_is_not_a_second_mail(db: PgPool) {
    let house = House::open(db.clone()).await;
    stage(&house, "Inoperable", None).await;
    house.fault(Kind::LoseReply, 1);
    watch(&house).await;
    assert_eq!(later(&house, 120).await.len(), 1);
    assert_eq!(house.calls("ses:SendEmail"), 1);
    assert_eq!(recorded(&db, "unknown").await, 1);
    assert_eq!(later(&house, DAY).await.len(), 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_worker_that_was_killed_between_sends_nothing_twice(db: PgPool) {
    let house = House::open(db.clone()).await;
    stage(&house, "Inoperable", None).await;
    house.fault(Kind::Delay { ms: 5_000 }, 1);
    // Killed once SES has the mail, and before its answer is there.
    let taken = async {
        while house.mails().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = house.job("watch_directories") => panic!("it was not killed in the middle of the call"),
        () = taken => {}
    }
    assert_eq!(count(&db, "directory_alert where claim is not null and told = 'inoperable'").await, 1);
    house.execute("update graphile_worker._private_jobs set locked_at = null, locked_by = null").await;
    assert_eq!(watch(&house).await.len(), 1, "SES had taken it, and the claim is somebody's");
    assert_eq!(count(&db, "directory_alert where claim is not null").await, 1);
    assert_eq!(later(&house, 1).await.len(), 1);
    assert_eq!(count(&db, "directory_alert where claim is not null").await, 0);
    assert_eq!(recorded(&db, "unknown").await, 1);
    assert_eq!(later(&house, DAY).await.len(), 2, "the reminder");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn many_workers_mail_once(db: PgPool) {
    let house = House::open(db.clone()).await;
    house.second_directory().await;
    stage(&house, "Inoperable", None).await;
    house.execute("select graphile_worker.add_job('watch_directories', '{}'::json) from generate_series(1, 12)").await;
    for ended in futures::future::join_all((0..3).map(|_| worker::run_once(&house.services))).await {
        ended.unwrap();
    }
    house.no_job_failed().await;
    assert_eq!(subjects(&house).len(), 2, "one for each directory");
    assert_eq!(count(&db, "directory_alert where closed_at is null").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_admins_nobody_is_mailed_until_somebody_is_named(db: PgPool) {
    let mut house = House::open(db).await;
    house.set(|settings| settings.mail.admins.clear());
    stage(&house, "Inoperable", None).await;
    assert_eq!(watch(&house).await.len(), 0);
    house.set(|settings| settings.mail.admins = vec![ADMINS.into(), "second@corp.example.com".into()]);
    assert_eq!(watch(&house).await.len(), 1);
    assert_eq!(last(&house).to, [ADMINS, "second@corp.example.com"]);
}

/// The database itself allows one alert of a matter at a time.
#[sqlx::test(migrator = "MIGRATOR")]
async fn two_alerts_of_one_matter_can_not_be(db: PgPool) {
    let house = House::open(db).await;
    stage(&house, "Inoperable", None).await;
    watch(&house).await;
    let again = sqlx::query(
        "insert into directory_alert (id, directory_id, matter, kind, since, kind_since) values ($1, $2, 'connector', 'failed', now(), now())",
    )
    .bind(Uuid::now_v7())
    .bind(DIRECTORY)
    .execute(&house.db)
    .await;
    let constraint = again.unwrap_err().as_database_error().and_then(|error| error.constraint().map(str::to_owned));
    assert_eq!(constraint.as_deref(), Some("directory_alert_open"));
}
