//! What every page carries, whatever stands on it.

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
