//! What every page carries, whatever stands on it.

use reqwest::Method;
use sqlx::PgPool;

use crate::{MIGRATOR, house::House};

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_pages_policy_names_the_nonce_of_its_scripts(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let mut seen = Vec::new();
    for path in ["/", "/launches", "/people?q=nordwind", "/nowhere", "/audit"] {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy");
        let nonce = policy.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\'')).unwrap().0;
        let scripts: Vec<_> = page.body.match_indices("<script").map(|(at, _)| &page.body[at..]).collect();
        assert!(!scripts.is_empty(), "{path}");
        for script in scripts {
            let tag = script.split_once('>').unwrap().0;
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{path}: {tag}");
        }
        assert!(!page.body.contains(" style=\""), "{path}");
        seen.push(nonce.to_owned());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

/// Another site can't put its words on our pages by way of a form's error in the address.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_error_in_the_address_counts_only_if_a_form_of_ours_led_there(db: PgPool) {
    let house = House::open(db).await;
    let mut browser = house.signed_in("hkeller").await;
    let from =
        browser.post("/api/launches/choose_directory", &[("draft", "00000000-0000-7000-8000-000000000000")]).await.location();
    let path = from.strip_prefix(&house.url).unwrap_or(&from).replace("/from?", "/launches?status=failed&");
    assert!(path.contains("__err="), "{path}");
    for site in ["cross-site", "same-site", "none"] {
        let answer = browser.ask(Method::GET, &path, None, &[("sec-fetch-site", site)]).await;
        assert_eq!(answer.location(), "/launches?status=failed", "{site}");
    }
    let answer = browser.ask(Method::GET, &path, None, &[("sec-fetch-site", "same-origin")]).await;
    assert!(answer.status == 200 && answer.body.contains("Choose a directory. Nothing was changed."), "{}", answer.body);
}

/// Also while many are rendered at once, and whatever else is asked meanwhile.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_announces_its_part(db: PgPool) {
    let house = House::open(db).await;
    let browser = house.signed_in("hkeller").await;
    let ask = async |path: &'static str| {
        let mut browser = browser.clone();
        (path, browser.get(path).await.header("link").to_owned())
    };
    let paths = ["/launches", "/", "/audit", "/people", "/settings/sessions", "/favicon.svg", "/launches/nothing"];
    let asked = paths.iter().copied().cycle().take(140);
    for (path, announced) in futures::future::join_all(asked.map(ask)).await {
        let part = match path {
            "/audit" | "/settings/sessions" => "</pkg/split_looking.test.wasm>; rel=preload;",
            path if path.starts_with("/launches") => "</pkg/split_overview.test.wasm>; rel=preload;",
            _ => "",
        };
        assert!(announced.starts_with(part) && announced.is_empty() == part.is_empty(), "{path}: {announced}");
    }
}
