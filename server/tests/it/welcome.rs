//! The welcome page over HTTP: what it carries, what it does not, and how often it may be asked for.

use std::time::Instant;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::Method;
use sandbox::Options;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    MIGRATOR,
    house::{DIRECTORY, House, Place},
};

/// A sent invitation; the link's path.
async fn sent(house: &House) -> String {
    let token = [7_u8; 32];
    sqlx::query("insert into workspace (workspace_id, directory_id, user_name, bundle_id, state, seen_at) values ('ws-000000001', $1, 'anna.nordwind', 'wsb-own000001', 'AVAILABLE', now())")
        .bind(DIRECTORY)
        .execute(&house.db)
        .await
        .unwrap();
    sqlx::query(
        "insert into invitation (id, workspace_id, directory_id, account, name, mail, asked_by, asked_by_name, reason, state, state_since, created_at,
                                 sent_at, token_hash, token_expires_at)
         values ($1, 'ws-000000001', $2, 'anna.nordwind', 'Anna Nordwind', 'anna.nordwind@corp.example.com', 's', 'Helena Keller', 'lost it', 'sent',
                 now(), now(), now(), $3, now() + interval '1 day')",
    )
    .bind(Uuid::now_v7())
    .bind(DIRECTORY)
    .bind(Sha256::digest(token).to_vec())
    .execute(&house.db)
    .await
    .unwrap();
    format!("/welcome/{}", BASE64_URL_SAFE_NO_PAD.encode(token))
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_page_is_small_private_and_needs_nothing(db: PgPool) {
    let house = House::open(db).await;
    let path = sent(&house).await;
    let mut browser = house.browser();
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(page.body.len() <= 60 * 1024, "{} bytes", page.body.len());
    assert!(page.body.contains("WSfra+7KQ2MD") && page.body.contains("anna.nordwind"), "{}", page.body);
    for absent in [".wasm", "/pkg/", "Helena Keller", "corp.example.com\""] {
        assert!(!page.body.contains(absent), "{absent}");
    }
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(page.header("x-robots-tag").contains("noindex"));
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; "));
    assert!(browser.cookies.is_empty());
    // A link checker's question is no opening.
    browser.ask(Method::HEAD, &path, None, &[]).await;
    let opened: i32 = sqlx::query_scalar("select opened from invitation").fetch_one(&house.db).await.unwrap();
    assert_eq!(opened, 1);
}

/// How many openings an address may have made that began so long ago: 20 at once, and one every two seconds.
fn most(began: Instant) -> f64 {
    20.0 + 0.5 * began.elapsed().as_secs_f64()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn guessing_is_slowed_and_tells_nothing(db: PgPool) {
    let house = House::open(db).await;
    let path = sent(&house).await;
    let mut browser = house.browser();
    let (mut answers, began) = (Vec::new(), Instant::now());
    for guess in 0..30_u8 {
        let token = BASE64_URL_SAFE_NO_PAD.encode([guess.wrapping_add(100); 32]);
        answers.push(browser.get(&format!("/welcome/{token}")).await);
    }
    let unknown: Vec<_> = answers.iter().filter(|answer| answer.status == 404).collect();
    let slowed = answers.iter().filter(|answer| answer.status == 429).count();
    let opened = u32::try_from(unknown.len()).unwrap();
    assert!(opened >= 20 && f64::from(opened) <= most(began) && unknown.len() + slowed == 30, "{opened} {slowed}");
    let without_nonce = |body: &str| {
        body.split("nonce=\"").map(|part| part.split_once('"').map_or(part, |(_, rest)| rest).to_owned()).collect::<String>()
    };
    assert!(unknown.windows(2).all(|pair| without_nonce(&pair[0].body) == without_nonce(&pair[1].body)));
    // The true link waits its turn like the guesses.
    let mut waits = false;
    for _ in 0..10 {
        waits |= browser.get(&path).await.status == 429;
    }
    assert!(waits);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn behind_a_proxy_one_who_guesses_slows_nobody_else(db: PgPool) {
    let house = House::open(db).await;
    let path = sent(&house).await;
    let mut browser = house.browser();
    let mut ask = async |path: &str, forwarded: &str| {
        browser.ask(Method::GET, path, None, &[("x-forwarded-for", forwarded)]).await.status.as_u16()
    };
    // Whatever a client writes itself stands before what the proxy adds.
    let (mut slowed, began) = (0, Instant::now());
    for guess in 0..30 {
        let status = ask("/welcome/guess", &format!("198.51.100.{guess}, 203.0.113.7")).await;
        slowed += u32::from(status == 429);
    }
    assert!(f64::from(30 - slowed) <= most(began), "{slowed}");
    assert_eq!(ask(&path, "203.0.113.8").await, 200);
}

/// Whoever is no trusted proxy of ours can write into the header what they like.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_header_of_somebody_who_is_no_proxy_of_ours_helps_no_guesser(db: PgPool) {
    let elsewhere = ("trusted_proxies = [\"127.0.0.0/8\"]".to_owned(), "trusted_proxies = [\"192.0.2.0/24\"]".to_owned());
    let place = Place { edits: vec![elsewhere], ..Place::open(Options::default().behaviour).await };
    let house = House::open_in(place, db).await;
    let mut browser = house.browser();
    let (mut slowed, began) = (0, Instant::now());
    for guess in 0..30 {
        let forwarded = format!("203.0.113.{guess}");
        let headers =
            [("x-forwarded-for", forwarded.as_str()), ("x-real-ip", forwarded.as_str()), ("forwarded", "for=192.0.2.60")];
        slowed += u32::from(browser.ask(Method::GET, "/welcome/guess", None, &headers).await.status == 429);
    }
    assert!(f64::from(30 - slowed) <= most(began), "{slowed}");
}
