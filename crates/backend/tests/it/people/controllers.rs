//! How domain controllers are spoken to: only over TLS, and one after the other until one answers.

use std::time::Duration;

use model::{Error, Part, people::Search};
use sandbox::people::{SERVICE_DN, SERVICE_PASSWORD, SERVICE_UPN};
use sqlx::PgPool;
use url::Url;

use super::{MIGRATOR, found, search};
use crate::{
    house::{House, nobody},
    tap::{End, Tap},
};

const AWAY: Error = Error::Unavailable { part: Part::ActiveDirectory };

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_controller_of_an_unknown_authority_is_not_spoken_to(db: PgPool) {
    let mut house = House::open(db).await;
    let marta = || Search::Term("marta.nordwind".into());
    assert_eq!(search(&house, marta(), 1, 25).await.unwrap().hits.len(), 1);
    house.ad(|ad| ad.ca_file = None);
    assert_eq!(search(&house, marta(), 1, 25).await, Err(AWAY));
    let other = sandbox::start(sandbox::Options { people: 0, ..sandbox::Options::default() }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.pem");
    std::fs::write(&file, other.ca_pem()).unwrap();
    house.ad(|ad| ad.ca_file = Some(file));
    assert_eq!(search(&house, marta(), 1, 25).await, Err(AWAY));
}

fn holds(heard: &[u8], text: &str) -> bool {
    heard.windows(text.len()).any(|window| window == text.as_bytes())
}

/// RFC 4511, 4.14: the request to raise the connection to TLS.
const START_TLS: &str = "1.3.6.1.4.1.1466.20037";

#[sqlx::test(migrator = "MIGRATOR")]
async fn on_the_plain_port_nothing_is_said_before_tls(db: PgPool) {
    let mut house = House::open(db).await;
    let tap = Tap::open(End::Controller(house.sandbox.ldap_address())).await;
    house.ad(|ad| ad.urls = vec![Url::parse(&format!("ldap://127.0.0.1:{}", tap.port)).unwrap()]);
    assert_eq!(found(&house, "marta.nordwind").await, ["marta.nordwind"]);
    let heard = tap.heard();
    assert_eq!(heard.len(), 1);
    let start = heard[0].windows(START_TLS.len()).position(|window| window == START_TLS.as_bytes()).unwrap();
    // The next byte on the wire is a TLS handshake record.
    assert_eq!(heard[0][start + START_TLS.len()..][..2], [0x16, 0x03]);
    for secret in [SERVICE_PASSWORD, SERVICE_UPN, SERVICE_DN, "marta.nordwind"] {
        assert!(!holds(&heard[0], secret), "{secret} was said in clear");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_controller_without_tls_never_hears_the_password(db: PgPool) {
    let mut house = House::open(db).await;
    let tap = Tap::open(End::WithoutTls).await;
    house.ad(|ad| ad.urls = vec![Url::parse(&format!("ldap://127.0.0.1:{}", tap.port)).unwrap()]);
    assert_eq!(search(&house, Search::All, 1, 25).await, Err(AWAY));
    let heard = tap.heard();
    assert!(holds(&heard[0], START_TLS));
    for heard in heard {
        assert!(!holds(&heard, SERVICE_PASSWORD) && !holds(&heard, SERVICE_UPN), "the bind came in clear");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_dead_controller_is_passed_over(db: PgPool) {
    let mut house = House::open(db).await;
    let dead = nobody("ldaps");
    house.ad(|ad| ad.urls.insert(0, dead.clone()));
    assert_eq!(found(&house, "marta.nordwind").await, ["marta.nordwind"]);
    house.ad(|ad| ad.urls = vec![dead]);
    assert_eq!(search(&house, Search::All, 1, 25).await, Err(AWAY));
}

/// Two that take the connection and say nothing, and a good one: each costs its time-out, and then the good one is known.
#[sqlx::test(migrator = "MIGRATOR")]
async fn controllers_that_hang_are_passed_over(db: PgPool) {
    let mut house = House::open(db).await;
    let (first, second) = (Tap::open(End::Silent).await, Tap::open(End::Silent).await);
    house.ad(|ad| {
        for tap in [&second, &first] {
            ad.urls.insert(0, Url::parse(&format!("ldaps://127.0.0.1:{}", tap.port)).unwrap());
        }
        ad.timeout = Duration::from_secs(3);
    });
    assert_eq!(found(&house, "marta.nordwind").await, ["marta.nordwind"]);
    assert_eq!((first.heard().len(), second.heard().len()), (1, 1));
    assert_eq!(found(&house, "anna.nordwind").await, ["anna.nordwind"]);
}

/// Controllers close connections that are idle; the next search opens another.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_connection_that_was_closed_is_replaced(db: PgPool) {
    let mut house = House::open(db).await;
    let tap = Tap::open(End::Controller(house.sandbox.ldaps_address())).await;
    house.ad(|ad| ad.urls = vec![Url::parse(&format!("ldaps://127.0.0.1:{}", tap.port)).unwrap()]);
    for connections in 1..=3 {
        assert_eq!(found(&house, "marta.nordwind").await, ["marta.nordwind"]);
        assert_eq!(found(&house, "anna.nordwind").await, ["anna.nordwind"]);
        assert_eq!(tap.heard().len(), connections, "a connection serves more than one search");
        tap.cut();
    }
}
