//! The wizard's forms, as a browser without scripts posts them.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::{browser::Browser, house::DIRECTORY};

/// Launches through the wizard, as the helpdesk does.
pub async fn launch(browser: &mut Browser, people: &[(String, Uuid)]) -> Uuid {
    let draft = draft(browser, people).await;
    let started = browser.post("/api/launches/start", &[("draft", &draft)]).await.location();
    assert_eq!(started, format!("/launches/{draft}"));
    draft.parse().unwrap()
}

/// The wizard up to its last step; the draft's id.
pub async fn draft(browser: &mut Browser, people: &[(String, Uuid)]) -> String {
    let draft = browser.post("/api/launches/begin", &[]).await.location().split('/').nth(3).unwrap().to_owned();
    // The first sweep has to find the directory and the bundles.
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        let chosen =
            browser.script().post("/api/launches/choose_directory", &[("draft", &draft), ("directory", DIRECTORY)]).await;
        let form = [
            ("draft", draft.as_str()),
            ("desktop[bundle]", "wsb-own000001"),
            ("desktop[running_mode]", "AUTO_STOP"),
            ("desktop[auto_stop_hours]", "1"),
            ("desktop[tags]", ""),
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
    draft
}
