//! Starting a launch: once, whoever submits what how often, and only with people who may have a WorkSpace.

use backend::launches::{self, drafts};
use model::{Conflict, Error, LaunchId, PageRequest, Part, people::Obstacle};
use sqlx::PgPool;

use super::{MIGRATOR, invalid};
use crate::house::{House, colleague, count, helpdesk};

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_second_submit_finds_the_first_launch(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = house.draft(helena, &["marta.nordwind", "anna.nordwind"]).await;
    for _ in 0..2 {
        assert_eq!(launches::start(services, helena, draft, None).await, Ok(LaunchId(draft.0)));
    }
    assert_eq!((count(&house.db, "launch").await, count(&house.db, "launch_item").await), (1, 2));
    assert_eq!(count(&house.db, "audit where action = 'start_launch' and phase = 'finished'").await, 1);
    let launched = Err(Error::conflict(Conflict::DraftLaunched));
    assert_eq!(drafts::discard(services, helena, draft).await, launched);
    assert_eq!(drafts::remove_people(services, helena, draft, vec![house.guid("marta.nordwind")]).await, launched);
    assert_eq!(drafts::get(services, helena, draft).await.unwrap().launch, Some(LaunchId(draft.0)));
}

/// Two clicks, or two tabs: whoever comes second is told the launch, however far the first has come.
#[sqlx::test(migrator = "MIGRATOR")]
async fn submits_at_the_same_time_make_one_launch(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    for account in ["marta", "anna", "ben", "clara", "david", "emil", "frida", "greta"] {
        let accounts = [format!("{account}.nordwind"), format!("{account}.seewald")];
        let draft = house.draft(helena, &accounts.each_ref().map(String::as_str)).await;
        let submits = (0..7).map(|_| launches::start(services, helena, draft, None));
        for outcome in futures::future::join_all(submits).await {
            assert_eq!(outcome, Ok(LaunchId(draft.0)));
        }
    }
    assert_eq!((count(&house.db, "launch").await, count(&house.db, "launch_item").await), (8, 16));
    assert_eq!(count(&house.db, "audit where action = 'start_launch' and phase = 'finished'").await, 8);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_became_ineligible_stops_the_start(db: PgPool) {
    let mut house = House::open(db).await;
    let helena = &helpdesk();
    let draft = house.draft(helena, &["marta.nordwind", "anna.nordwind"]).await;
    house.sandbox.company().change("marta.nordwind", |person| person.user_account_control |= 0x2);
    let check = drafts::check(&house.services, helena, draft, PageRequest::default()).await.unwrap();
    let obstacles: Vec<_> = check.obstacles.iter().map(|(person, obstacles)| (person.guid, obstacles.clone())).collect();
    assert_eq!(obstacles, [(house.guid("marta.nordwind"), vec![Obstacle::Disabled])]);
    let refusal = invalid(launches::start(&house.services, helena, draft, None).await);
    assert_eq!(refusal, [("people".to_owned(), "Marta Nordwind: account disabled.".to_owned())]);

    house.sandbox.company().remove("marta.nordwind");
    let refusal = invalid(launches::start(&house.services, helena, draft, None).await);
    assert_eq!(refusal, [("people".to_owned(), "Marta Nordwind: not in Active Directory any more.".to_owned())]);
    house.ad_away();
    let away = Err(Error::Unavailable { part: Part::ActiveDirectory });
    assert_eq!(launches::start(&house.services, helena, draft, None).await, away);
    assert_eq!((count(&house.db, "launch").await, count(&house.db, "launch_item").await), (0, 0));
    assert_eq!(count(&house.db, "audit").await, 0);
    house.run().await;
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_of_two_drafts_with_the_same_person_wins(db: PgPool) {
    let house = House::open(db).await;
    let services = &house.services;
    let (helena, tomas) = (&helpdesk(), &colleague());
    let first = house.draft(helena, &["marta.nordwind", "anna.nordwind"]).await;
    let second = house.draft(tomas, &["ben.nordwind", "marta.nordwind"]).await;
    let (one, other) =
        tokio::join!(launches::start(services, helena, first, None), launches::start(services, tomas, second, None));
    let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    let won = won.unwrap();
    let refusal = invalid(lost);
    assert_eq!(refusal[0].0, "people");
    assert!(refusal[0].1.contains("being launched already"), "{refusal:?}");
    assert_eq!(count(&house.db, "launch").await, 1);
    assert_eq!(count(&house.db, "launch_item").await, 2);
    assert_eq!(house.items(won).await.len(), 2);
    assert_eq!(count(&house.db, "audit where action = 'start_launch' and phase = 'finished'").await, 1);
}

/// The same people in the opposite order: neither start may wait for the other for ever.
#[sqlx::test(migrator = "MIGRATOR")]
async fn lists_that_meet_from_both_ends_do_not_deadlock(db: PgPool) {
    let house = House::open(db).await;
    let services = &house.services;
    let (helena, tomas) = (&helpdesk(), &colleague());
    let given = ["Anna", "Ben", "Clara", "David", "Emil", "Frida", "Greta", "Hannes", "Ida", "Jonas", "Karla", "Leon"];
    let accounts: Vec<_> = given.iter().map(|given| format!("{}.nordwind", given.to_lowercase())).collect();
    // One call each, because a call hands its people over in the order of Active Directory.
    let draft = async |actor, accounts: Vec<&String>| {
        let draft = house.draft(actor, &[accounts[0]]).await;
        for account in &accounts[1..] {
            drafts::add_people(services, actor, draft, vec![house.guid(account)]).await.unwrap();
        }
        draft
    };
    let first = draft(helena, accounts.iter().collect()).await;
    let second = draft(tomas, accounts.iter().rev().collect()).await;
    let (one, other) =
        tokio::join!(launches::start(services, helena, first, None), launches::start(services, tomas, second, None));
    let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    let won = won.unwrap();
    assert_eq!(invalid(lost)[0].0, "people");
    assert_eq!(count(&house.db, "launch_item").await, 12);

    // However the rows were written, they are shown as the people were added.
    let shown: Vec<_> = house.items(won).await.into_iter().map(|item| item.account).collect();
    let mut expected = accounts;
    if won.0 == second.0 {
        expected.reverse();
    }
    assert_eq!(shown, expected);
}

/// What is launched is what was looked at.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_draft_that_was_changed_since_is_not_started(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = house.draft(helena, &["marta.nordwind", "anna.nordwind"]).await;
    let version = async || drafts::get(services, helena, draft).await.unwrap().version;
    let mut seen = version().await;
    let changed = Err(Error::conflict(Conflict::DraftChanged));
    drafts::add_people(services, helena, draft, vec![house.guid("ida.nordwind")]).await.unwrap();
    assert_eq!(launches::start(services, helena, draft, Some(seen)).await, changed);
    seen = version().await;
    drafts::remove_people(services, helena, draft, vec![house.guid("ida.nordwind")]).await.unwrap();
    assert_eq!(launches::start(services, helena, draft, Some(seen)).await, changed);
    seen = version().await;
    drafts::save_desktop(services, helena, draft, crate::house::desktop(), Vec::new()).await.unwrap();
    assert_eq!(launches::start(services, helena, draft, Some(seen)).await, changed);
    assert_eq!(count(&house.db, "launch").await, 0);
    assert_eq!(launches::start(services, helena, draft, Some(version().await)).await, Ok(LaunchId(draft.0)));
}
