//! Every server function, as stranger and as each role: server functions are public HTTP endpoints.

mod samples;

use std::collections::BTreeSet;

use model::{Error, access::Role};
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use samples::Rows;

use crate::{MIGRATOR, house::House};

/// Somebody of the sandbox's company with that role and no other.
const PEOPLE: [(&str, Option<Role>); 7] = [
    ("mgarcia", Some(Role::Requester)),
    ("plindqvist", Some(Role::Approver)),
    ("hkeller", Some(Role::Helpdesk)),
    ("amoreau", Some(Role::Admin)),
    ("tokafor", Some(Role::Auditor)),
    ("jsmith", None),
    ("external.guest", None),
];

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_server_function_is_for_those_whose_role_allows_it(db: PgPool) {
    let house = House::open(db).await;
    let rows = Rows::write(&house).await;
    let samples = rows.samples();
    let registered: BTreeSet<_> = server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
    assert_eq!(registered, samples.keys().copied().collect(), "every server function needs a sample here, and no other");

    let before = house.fingerprint().await;
    let recorded = house.count("audit").await;
    let mut stranger = house.browser().script();
    for (path, (body, _)) in &samples {
        let answer = stranger.post_body(path, body).await;
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(serde_json::from_str::<Error>(&answer.body).unwrap(), Error::SignIn, "{path}");
    }
    assert_eq!((house.fingerprint().await, house.count("audit").await), (before, recorded), "a stranger changed something");

    let mut browsers = Vec::new();
    for (account, role) in PEOPLE {
        browsers.push((account, role, house.signed_in(account).await.script()));
    }
    let before = house.fingerprint().await;
    for (account, role, browser) in &mut browsers {
        for (path, (body, act)) in &samples {
            let Some(act) = act.filter(|act| role.is_none_or(|role| !act.roles().contains(&role))) else { continue };
            let answer = browser.post_body(path, body).await;
            assert_eq!(answer.status, 403, "{account} {path}: {}", answer.body);
            let refusal = Error::NotAllowed { needs: act.roles().to_vec() };
            assert_eq!(serde_json::from_str::<Error>(&answer.body).unwrap(), refusal, "{account} {path}");
        }
    }
    assert_eq!(house.fingerprint().await, before, "somebody who was refused changed something");
    let refusals = house.count("audit where action = 'refused' and phase = 'finished' and outcome = 'failed'").await;
    assert!(refusals > 100, "refusals are recorded: {refusals}");

    // Those whose role allows it get further: the samples are valid, so that the refusals above were not for want of that.
    for (account, role, browser) in &mut browsers {
        for (path, (body, act)) in &samples {
            if act.is_some_and(|act| role.is_none_or(|role| !act.roles().contains(&role))) {
                continue;
            }
            let answer = browser.post_body(path, body).await;
            assert!(!matches!(answer.status.as_u16(), 401 | 403 | 500..), "{account} {path}: {} {}", answer.status, answer.body);
            assert!(!answer.body.contains("came incomplete"), "{account} {path}: {}", answer.body);
        }
    }
}

/// The refusal comes while the body is still on its way, so it was not waited for.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_strangers_body_is_not_read(db: PgPool) {
    let house = House::open(db).await;
    let address = house.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/launches/start HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000000\r\n\r\ndraft="
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    let read = tokio::time::timeout(std::time::Duration::from_secs(10), stream.read_exact(&mut answer)).await;
    read.unwrap_or_else(|_| panic!("the server waits for the body")).unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 401");
}
