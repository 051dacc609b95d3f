//! A sign-in, a launch and the opening of its welcome link: what the log and the metrics show of it, and what they don't.

use std::time::{Duration, Instant};

use sandbox::{
    Options,
    faults::{Fault, Kind},
};
use sqlx::PgPool;

use super::collector::Collector;
use crate::{
    MIGRATOR,
    browser::Browser,
    house::Place,
    program::{Frontdesk, free_port},
    wizard::launch,
};

/// Each line of the log as JSON; one that is none fails.
fn lines(log: &str) -> Vec<serde_json::Value> {
    log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// What Prometheus reads, once the last sweep of the start is through: it waits for what the API budget leaves.
async fn metrics_of(port: u16) -> String {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = reqwest::get(format!("http://127.0.0.1:{port}/metrics")).await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4");
        let metrics = answer.text().await.unwrap();
        if value(&metrics, "frontdesk_mirror_age_seconds{part=\"workspaces\"}").is_some() {
            return metrics;
        }
        assert!(Instant::now() < end, "{metrics}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The value of a metric, its labels written as Prometheus does.
fn value(metrics: &str, name: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

/// Waits until all of AWS that is read without being asked was read once.
async fn mirrored(db: &PgPool) {
    let end = Instant::now() + Duration::from_secs(60);
    while sqlx::query_scalar::<_, bool>("select bool_or(read_at is null) from mirror where part <> 'network'")
        .fetch_one(db)
        .await
        .unwrap()
    {
        assert!(Instant::now() < end, "the mirror stays empty");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Opens the welcome links of all mails; their tokens and addresses.
async fn open_links(place: &Place, frontdesk: &Frontdesk, count: usize) -> Vec<String> {
    let end = Instant::now() + Duration::from_secs(60);
    while place.sandbox.state().memory().mails.len() < count {
        assert!(Instant::now() < end, "no mail: {}", frontdesk.log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mails = place.sandbox.state().memory().mails.clone();
    let mut secrets = Vec::new();
    for mail in &mails {
        let token = mail.text.split("/welcome/").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        assert_eq!(Browser::new(&frontdesk.url).get(&format!("/welcome/{token}")).await.status, 200);
        secrets.extend([token, mail.to[0].clone()]);
    }
    secrets
}

/// What stands for these people in Active Directory, and what nobody may read in any case.
fn personal(place: &Place, accounts: &[&str]) -> Vec<String> {
    let roster = place.sandbox.company().read();
    let known = ["c0de-of-nobody", "st4te-of-nobody", "nordwind", "sandbox-ldap-password", "sandbox-oidc-secret"];
    let mut personal: Vec<String> = known.map(Into::into).to_vec();
    for account in accounts {
        let person = roster.person(account).unwrap();
        personal.extend([person.account.clone(), person.display.clone()]);
        personal.extend(person.mail.clone());
    }
    personal
}

fn log_has_routes_and_ids(log: &str) {
    let answered: Vec<_> = lines(log).into_iter().filter(|line| line["fields"]["message"] == "answered").collect();
    let of =
        |route: &str| answered.iter().find(|line| line["span"]["route"] == route).unwrap_or_else(|| panic!("{route}: {log}"));
    for route in ["/welcome/{token}", "/api/launches/start", "/sign-in/return", "/people/{guid}", "/events/launches/{id}"] {
        assert_eq!(of(route)["span"]["id"].as_str().unwrap().len(), 32, "{route}");
    }
    assert!(of("/welcome/{token}")["fields"]["milliseconds"].is_u64() && of("/people/{guid}")["fields"]["status"] == 200);
    assert_eq!(of("/api/launches/start")["span"]["session"].as_str().unwrap().len(), 36);
}

fn metrics_are_right(metrics: &str) {
    let request = "frontdesk_http_request_duration_seconds_count";
    for (name, expected) in [
        (format!("{request}{{method=\"GET\",route=\"/welcome/{{token}}\",status=\"2xx\"}}"), 3.0),
        (format!("{request}{{method=\"GET\",route=\"/welcome/{{token}}\",status=\"4xx\"}}"), 1.0),
        (format!("{request}{{method=\"POST\",route=\"/api/launches/start\",status=\"3xx\"}}"), 1.0),
        ("frontdesk_launch_rows{state=\"available\"}".to_owned(), 3.0),
        ("frontdesk_launch_rows{state=\"failed\"}".to_owned(), 0.0),
        ("frontdesk_invitations{state=\"sent\"}".to_owned(), 3.0),
        ("frontdesk_event_streams".to_owned(), 1.0),
        ("frontdesk_database_up".to_owned(), 1.0),
        ("frontdesk_database_connections_max".to_owned(), 20.0),
        (format!("frontdesk_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), 1.0),
        ("frontdesk_jobs{state=\"failed\",task=\"send_items\"}".to_owned(), 0.0),
    ] {
        assert_eq!(value(metrics, &name), Some(expected), "{name}\n{metrics}");
    }
    assert!(value(metrics, "frontdesk_mirror_age_seconds{part=\"workspaces\"}").unwrap() < 60.0, "{metrics}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn logs_and_metrics_name_routes_and_ids_and_nobody(db: PgPool) {
    let metrics_port = free_port();
    let collector = Collector::open().await;
    let settings = format!("[metrics]\nlisten = \"127.0.0.1:{metrics_port}\"\n[traces]\nendpoint = \"{}\"\n[aws]", collector.url);
    let listen = ("[aws]".to_owned(), settings);
    let place = Place { edits: vec![listen], ..Place::open(Options::default().behaviour).await };
    // An answer that is lost is logged, and the row is settled all the same.
    let lost = Fault::new("CreateWorkspaces", Kind::LoseReply).times(1);
    place.sandbox.faults().add(lost);
    backend::db::prepare(&db).await.unwrap();
    let port = free_port();
    let (config, _) = place.configure(&db, port);
    let mut frontdesk = Frontdesk::start(config, port).await;
    let mut browser = Browser::new(&frontdesk.url);
    assert_eq!(browser.sign_in("hkeller", "/").await, "/");
    let people = place.ordinary(3);
    let launch = launch(&mut browser, &people).await;
    let stream = browser.listen(&format!("/events/launches/{launch}")).await;
    let mut secrets = open_links(&place, &frontdesk, people.len()).await;
    secrets.extend(browser.cookies.values().cloned());
    // Things that go wrong are logged too.
    let mut stranger = Browser::new(&frontdesk.url);
    stranger.get(&format!("/welcome/{}", "B".repeat(43))).await;
    stranger.get("/sign-in/return?code=c0de-of-nobody&state=st4te-of-nobody").await;
    browser.get("/people?q=nordwind").await;
    browser.get(&format!("/people/{}", people[0].1)).await;
    mirrored(&db).await;
    let metrics = metrics_of(metrics_port).await;
    assert_eq!(stranger.script().get("/metrics").await.status, 401, "metrics have a listener of their own");
    drop(stream);
    frontdesk.ask_to_stop();
    assert!(frontdesk.ended(Duration::from_secs(10)).await.is_some());

    let log = frontdesk.log();
    let accounts: Vec<_> = people.iter().map(|(account, _)| account.as_str()).chain(["hkeller"]).collect();
    secrets.extend(personal(&place, &accounts));
    let traces = collector.heard();
    for part in ["frontdesk", "GET /welcome/{token}", "POST /api/launches/start", "answered"] {
        assert!(traces.contains(part), "{part} is in no span");
    }
    for secret in &secrets {
        for (what, text) in [("log", &log), ("metrics", &metrics), ("traces", &traces)] {
            let found = text.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
            assert!(found.is_none(), "{secret} stands in the {what}: {found:?}");
        }
    }
    assert!(log.contains("the answer to CreateWorkspaces was lost"), "{log}");
    log_has_routes_and_ids(&log);
    metrics_are_right(&metrics);
}
