//! `frontdesk serve` is killed ten times in the middle of a launch: nothing may happen twice, and nothing may be forgotten.
//!
//! The sandbox's own guard against doubles is off: one that can't fail would prove nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use sandbox::{
    Behaviour,
    faults::{Fault, Kind},
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    MIGRATOR,
    browser::Browser,
    house::{DIRECTORY, Place},
    program::{Frontdesk, free_port},
};

const SEED: u64 = 20_261_124;
const KILLS: usize = 10;
const PEOPLE: usize = 60;

/// Launches through the wizard, as the helpdesk does.
pub async fn launch(browser: &mut Browser, people: &[(String, Uuid)]) -> Uuid {
    let draft = browser.post("/api/launches/begin", &[]).await.location().split('/').nth(3).unwrap().to_owned();
    // The first sweep has to find the directory and the bundles.
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let chosen =
            browser.script().post("/api/launches/choose_directory", &[("draft", &draft), ("directory", DIRECTORY)]).await;
        let form = [
            ("draft", draft.as_str()),
            ("bundle", "wsb-own000001"),
            ("running_mode", "AUTO_STOP"),
            ("auto_stop_hours", "1"),
            ("tags", ""),
        ];
        if chosen.status == 200 && browser.post("/api/launches/save_desktop", &form).await.location().ends_with("/check") {
            break;
        }
        assert!(Instant::now() < end, "{}", chosen.body);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let ids: Vec<_> = people.iter().map(|(_, guid)| guid.to_string()).collect();
    let mut form = vec![("draft", draft.as_str())];
    form.extend(ids.iter().map(|id| ("guids[]", id.as_str())));
    let added = browser.post("/api/launches/add_people", &form).await.location();
    assert!(added.ends_with(&format!("added={}&refused=0", people.len())), "{added}");
    let started = browser.post("/api/launches/start", &[("draft", &draft)]).await.location();
    assert_eq!(started, format!("/launches/{draft}"));
    draft.parse().unwrap()
}

async fn count(db: &PgPool, what: &'static str) -> usize {
    let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {what}"))).fetch_one(db).await.unwrap();
    usize::try_from(count).unwrap()
}

/// Rows and invitations that are still on their way, a launched row without an invitation among them.
async fn under_way(db: &PgPool) -> usize {
    count(db, "launch_item where state not in ('available', 'failed', 'already_has', 'canceled')").await
        + count(db, "invitation where state in ('queued', 'sending')").await
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn ten_kills_double_nothing_and_forget_nothing(db: PgPool) {
    let behaviour = Behaviour {
        one_workspace_per_user: false,
        pending_ms: 3_000,
        visibility_lag_ms: 700,
        ses_rate: 6.0,
        ..Behaviour::default()
    };
    let place = Place::open(behaviour).await;
    // AWS does the work first and answers later, so that many a kill falls between the two.
    for (operation, ms) in [("CreateWorkspaces", 700), ("SendEmail", 100)] {
        place.sandbox.faults().add(Fault::new(operation, Kind::Delay { ms }));
    }
    backend::db::prepare(&db).await.unwrap();
    let port = free_port();
    let (config, _) = place.configure(&db, port);
    let people = place.ordinary(PEOPLE);
    let mut frontdesk = Frontdesk::start(config, port).await;
    let mut browser = Browser::new(&frontdesk.url);
    assert_eq!(browser.sign_in("hkeller", "/").await, "/");
    launch(&mut browser, &people).await;

    let mut moments = StdRng::seed_from_u64(SEED);
    let mut in_flight = BTreeSet::new();
    for kill in 1..=KILLS {
        tokio::time::sleep(Duration::from_millis(moments.random_range(50..1_600))).await;
        frontdesk.kill();
        assert!(under_way(&db).await > 0, "kill {kill} came after the end: the launch is too quick for this test");
        let sending: Vec<Uuid> =
            sqlx::query_scalar("select id from invitation where state = 'sending'").fetch_all(&db).await.unwrap();
        in_flight.extend(sending);
        frontdesk.start_again().await;
    }
    let end = Instant::now() + Duration::from_secs(240);
    while under_way(&db).await > 0 {
        assert!(Instant::now() < end, "{} rows and mails are stuck", under_way(&db).await);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // A second look at everything by a process that was not killed must not start anything anew.
    frontdesk.kill();
    frontdesk.start_again().await;
    tokio::time::sleep(Duration::from_secs(3)).await;

    assert_eq!(count(&db, "launch_item where state = 'available'").await, PEOPLE, "every row is AVAILABLE");
    let mut created: BTreeMap<String, usize> = BTreeMap::new();
    for workspace in &place.sandbox.state().memory().workspaces {
        *created.entry(workspace.user_name.clone()).or_default() += 1;
    }
    let mut received: BTreeMap<String, usize> = BTreeMap::new();
    for mail in &place.sandbox.state().memory().mails {
        *received.entry(mail.to.join(", ")).or_default() += 1;
    }
    for (account, guid) in &people {
        assert_eq!(created.get(account), Some(&1), "{account}: WorkSpaces");
        let (state, mail): (String, String) = sqlx::query_as(
            "select v.state, v.mail from invitation v join launch_item i on i.id = v.item_id where i.person_guid = $1",
        )
        .bind(guid)
        .fetch_one(&db)
        .await
        .unwrap();
        let mails = received.get(&mail).copied().unwrap_or(0);
        match state.as_str() {
            "sent" => assert_eq!(mails, 1, "{account}: mails"),
            "unconfirmed" => assert!(mails <= 1, "{account}: {mails} mails"),
            other => panic!("{account}: the invitation is {other}"),
        }
    }
    let unconfirmed: BTreeSet<Uuid> = sqlx::query_scalar("select id from invitation where state = 'unconfirmed'")
        .fetch_all(&db)
        .await
        .unwrap()
        .into_iter()
        .collect();
    assert!(unconfirmed.is_subset(&in_flight), "{unconfirmed:?} were not being sent at a kill: {in_flight:?}");
}
