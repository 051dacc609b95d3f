//! How the controller is spoken to: TLS first, by either port, with an account in any of Active Directory's forms.

use backend::{Clock, ldap::Domains, settings::AdDomain};
use model::{Error, Part, people::Search};
use sqlx::PgPool;
use url::Url;

use super::{Administrator, BASE, PASSWORD, READER, ca_file, hit, house, reading, search, url};
use crate::{
    MIGRATOR,
    house::House,
    tap::{End, Tap},
    told,
};

const AWAY: Error = Error::Unavailable { part: Part::ActiveDirectory };

async fn finds_marta(house: &House) -> Result<usize, Error> {
    search(house, Search::Term("marta.nordwind".into()), 1, 25).await.map(|hits| hits.hits.len())
}

/// What the adapter says when it asks with these settings: nothing, or why not.
async fn asked(house: &House, change: impl FnOnce(&mut AdDomain)) -> Option<String> {
    let mut settings = house.services.settings.ad.clone();
    reading(&mut settings[0]);
    change(&mut settings[0]);
    let domains = Domains::open(&settings, &backend::settings::Directories::default(), Clock::system()).unwrap();
    let controllers = domains.get("corp.example.com").unwrap().probe().await;
    let one = controllers.into_iter().map(|controller| controller.outcome).reduce(Result::or).unwrap();
    one.err().map(|fault| fault.to_string())
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn both_ports_serve_once_tls_stands(db: PgPool) {
    let mut house = house(db).await;
    for scheme in ["ldaps", "ldap"] {
        house.ad(|ad| {
            reading(ad);
            ad.urls = vec![url(scheme)];
        });
        assert_eq!(finds_marta(&house).await, Ok(1), "{scheme}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_reading_account_is_named_in_any_form(db: PgPool) {
    let house = house(db).await;
    let dn = format!("CN=Frontdesk Reader,OU=Service,{BASE}");
    for name in [READER, dn.as_str(), "CORP\\svc-frontdesk"] {
        assert_eq!(asked(&house, |ad| ad.bind_dn = name.into()).await, None, "{name}");
    }
    assert!(asked(&house, |ad| ad.bind_dn = "nobody@corp.example.com".into()).await.unwrap().contains("data 52e"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_controller_of_an_unknown_authority_is_not_spoken_to(db: PgPool) {
    let mut house = house(db).await;
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.pem");
    std::fs::write(&other, house.sandbox.ca_pem()).unwrap();
    for scheme in ["ldaps", "ldap"] {
        for ca_file in [None, Some(other.clone())] {
            let set = |ad: &mut AdDomain| {
                reading(ad);
                ad.urls = vec![url(scheme)];
                ad.ca_file = ca_file.clone();
            };
            house.ad(set);
            assert_eq!(finds_marta(&house).await, Err(AWAY), "{scheme}, {ca_file:?}");
            let why = asked(&house, set).await.unwrap();
            assert!(why.contains("UnknownIssuer"), "{why}");
        }
    }
}

/// The right authority, and a certificate that names another host: nothing is said to it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_controller_of_another_name_never_hears_the_password(db: PgPool) {
    let house = house(db).await;
    let address = told("WITNESS_AD");
    for (scheme, port) in [("ldaps", 636), ("ldap", 389)] {
        let tap = Tap::open(End::Controller(format!("{address}:{port}").parse().unwrap())).await;
        for host in ["127.0.0.1", "localhost"] {
            let elsewhere = Url::parse(&format!("{scheme}://{host}:{}", tap.port)).unwrap();
            let why = asked(&house, |ad| ad.urls = vec![elsewhere]).await.unwrap();
            assert!(why.contains("not valid for name"), "{scheme}, {host}: {why}");
        }
        for heard in tap.heard() {
            for secret in [READER, "Reading-acc0unt"] {
                assert!(!heard.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} was said in clear");
            }
        }
    }
}

/// Active Directory says why in a code, which staff can look up (Microsoft, "LDAP bind error sub-codes").
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refused_bind_tells_why(db: PgPool) {
    let house = house(db).await;
    let refusals = [
        ("jsmith", "wrong", "data 52e"),
        ("dino.disabled", PASSWORD, "data 533"),
        ("ella.expired", PASSWORD, "data 701"),
        ("mia.mustchange", PASSWORD, "data 773"),
    ];
    for (account, password, code) in refusals {
        let why = asked(&house, |ad| {
            ad.bind_dn = format!("{account}@corp.example.com");
            ad.bind_password = password.to_owned().into();
        });
        let why = why.await.unwrap();
        assert!(why.contains("refused: bind: 49") && why.contains(code), "{account}: {why}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_guessed_too_often_is_locked_out_and_found_so(db: PgPool) {
    let house = house(db).await;
    assert!(!hit(&house, "lou.locked").await.person.standing.locked_out);
    Administrator::open().await.set(BASE, "lockoutThreshold", "4").await;
    let bind = |password: &'static str| {
        asked(&house, move |ad| {
            ad.bind_dn = "lou.locked@corp.example.com".into();
            ad.bind_password = String::from(password).into();
        })
    };
    assert_eq!(bind(PASSWORD).await, None);
    for _ in 0..4 {
        assert!(bind("guessed").await.is_some());
    }
    let why = bind(PASSWORD).await.unwrap();
    assert!(why.contains("data 775"), "{why}");
    let hit = hit(&house, "lou.locked").await;
    assert_eq!(hit.obstacles, [model::people::Obstacle::LockedOut]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_dead_controller_is_passed_over(db: PgPool) {
    let mut house = house(db).await;
    house.ad(|ad| {
        reading(ad);
        ad.ca_file = Some(ca_file());
        ad.urls = vec![crate::house::nobody("ldaps"), url("ldaps")];
    });
    assert_eq!(finds_marta(&house).await, Ok(1));
}
