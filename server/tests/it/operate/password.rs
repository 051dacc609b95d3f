//! The password of a connector's account: the domain controller and AWS hear it, and nobody who looks after Frontdesk reads it.

use std::time::Duration;

use sandbox::{
    Options,
    faults::{Fault, Kind},
    people::{CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD},
};
use sqlx::PgPool;

use super::collector::Collector;
use crate::{
    MIGRATOR,
    browser::{Answer, Browser},
    house::Place,
    program::{Frontdesk, free_port},
};

const WRONG: &str = "Wr0ng-connector-7391";

/// The wizard up to its last step; the draft's id.
pub(super) async fn drafted(browser: &mut Browser) -> String {
    let begun = browser.post("/api/directories/begin", &[]).await.location();
    let draft = begun.split('/').nth(3).unwrap().to_owned();
    let network =
        [("draft", draft.as_str()), ("vpc", "vpc-0a1b2c3d"), ("subnets[]", "subnet-0a1b2c3d"), ("subnets[]", "subnet-0b1c2d3e")];
    assert!(browser.post("/api/directories/save_network", &network).await.location().ends_with("/directory"));
    let domain = [
        ("draft", draft.as_str()),
        ("form[dns_name]", "corp.example.com"),
        ("form[dns_1]", "127.0.0.1"),
        ("form[size]", "Small"),
    ];
    assert!(browser.post("/api/directories/save_domain", &domain).await.location().ends_with("/preflight"));
    draft
}

/// Posts the last step; where it leads.
pub(super) async fn post_account(browser: &mut Browser, draft: &str, password: &str) -> Option<Answer> {
    let page = browser.get(&format!("/directories/new/{draft}/check")).await.body;
    let (_, rest) = page.split_once("name=\"seen\" value=\"").unwrap();
    let seen = rest.split('"').next().unwrap().to_owned();
    let form = [
        ("draft", draft),
        ("seen", seen.as_str()),
        ("account", CONNECTOR_ACCOUNT),
        ("password", password),
        ("password_again", password),
    ];
    browser.try_post("/api/directories/connect", &form).await
}

/// Posts the last step; what comes back, whatever it is.
async fn create(browser: &mut Browser, draft: &str, password: &str) -> String {
    let answer = post_account(browser, draft, password).await.unwrap();
    let location = answer.headers.get("location").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let after = browser.get(&format!("/directories/new/{draft}/check")).await.body;
    format!("{} {location} {after}", answer.body)
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_password_is_in_no_log_trace_metric_page_or_address(db: PgPool) {
    let metrics_port = free_port();
    let collector = Collector::open().await;
    let settings = format!(
        "[metrics]\nlisten = \"127.0.0.1:{metrics_port}\"\n[traces]\nendpoint = \"{}\"\n[log]\nfilter = \"trace\"\n[aws]",
        collector.url
    );
    let place = Place { edits: vec![("[aws]".to_owned(), settings)], ..Place::open(Options::default().behaviour).await };
    backend::db::prepare(&db).await.unwrap();
    let port = free_port();
    let (config, _) = place.configure(&db, port);
    let mut frontdesk = Frontdesk::start(config, port).await;
    let mut browser = Browser::new(&frontdesk.url);
    assert_eq!(browser.sign_in("amoreau", "/").await, "/");

    let draft = drafted(&mut browser).await;
    let mut shown = create(&mut browser, &draft, WRONG).await;
    assert!(shown.contains("Active Directory refuses the account"), "{shown}");
    // AWS refuses, then its answer is lost.
    let refuse = Kind::Refuse { code: "ClientException".into(), message: "not today".into() };
    place.sandbox.faults().add(Fault::new("ConnectDirectory", refuse).times(1));
    shown += &create(&mut browser, &draft, CONNECTOR_PASSWORD).await;
    assert!(shown.contains("not today"), "{shown}");
    place.sandbox.faults().add(Fault::new("ConnectDirectory", Kind::LoseReply).times(1));
    shown += &create(&mut browser, &draft, CONNECTOR_PASSWORD).await;
    let metrics = reqwest::get(format!("http://127.0.0.1:{metrics_port}/metrics")).await.unwrap().text().await.unwrap();
    frontdesk.ask_to_stop();
    assert!(frontdesk.ended(Duration::from_secs(10)).await.is_some());

    let (log, traces) = (frontdesk.log(), collector.heard());
    assert!(log.contains("the answer to ConnectDirectory was lost"), "{log}");
    assert!(traces.contains("POST /api/directories/connect"), "the spans of it were sent");
    for secret in [WRONG, CONNECTOR_PASSWORD] {
        for (what, text) in [("log", &log), ("traces", &traces), ("metrics", &metrics), ("pages", &shown)] {
            let found = text.lines().find(|line| line.contains(secret));
            assert!(found.is_none(), "the password stands in the {what}: {found:?}");
        }
    }
}
