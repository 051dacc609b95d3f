//! Deciding: four eyes, one decision, per person or whole, and a budget that nobody overdraws.

use backend::requests::{
    self,
    decide::{Said, decide, decide_all},
    drafts,
    submit::submit,
};
use model::{
    Conflict, Error, PageRequest,
    access::{Act, Actor, Person, Role},
    requests::{State, Way, process::Decision},
};
use sqlx::PgPool;

use super::{APPROVE, MIGRATOR, Office, invalid};
use crate::house::count;

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_approver_approves_and_the_launch_is_there(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind", "ben.nordwind"]).await;
    let waiting = requests::to_decide(&office.house.services, &office.approver(), PageRequest::default()).await.unwrap();
    assert_eq!(waiting.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
    let before = office.version(id).await;
    assert!(office.page(&office.approver(), id).await.can.decide);
    assert_eq!(office.version(id).await, before, "looking decides nothing");
    office.approve(&office.approver(), id).await.unwrap();
    // One transaction: nothing had to run for it.
    assert_eq!((count(&office.house.db, "launch").await, count(&office.house.db, "launch_item").await), (1, 2));
    assert_eq!(count(&office.house.db, "request_item where launch_item is not null").await, 2);
    assert_eq!(office.ledger().await, ("80.00 EUR".into(), "0.00 EUR".into()));
    assert_eq!(
        count(&office.house.db, "audit where action = 'start_launch' and actor = 'system' and on_behalf_of is not null").await,
        2
    );
    let page = office.page(&office.manager(), id).await;
    assert_eq!((page.summary.state, page.items[0].way), (State::Approved, Way::Launching));
    assert!(page.events.iter().any(|event| event.rule.as_deref().is_some_and(|rule| rule.starts_with("No rule"))));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_decides_for_themselves(db: PgPool) {
    let office = Office::open(db).await;
    let services = &office.house.services;
    // An approver is among those asked for; the manager has become one, and an admin.
    let id = office.draft(&office.manager(), &["plindqvist", "anna.nordwind"], office.form()).await;
    office.hand_in(&office.manager(), id).await.unwrap();
    let refused = async |actor: &Actor| {
        let page = requests::to_decide(services, actor, PageRequest::default()).await.unwrap();
        assert_eq!(page.total, 0);
        let outcome = office.approve(actor, id).await;
        assert!(matches!(outcome, Err(Error::Refused { .. })), "{outcome:?}");
    };
    refused(&office.approver()).await;
    refused(&office.actor("mgarcia", Role::Approver)).await;
    refused(&office.actor("mgarcia", Role::Admin)).await;
    let Actor::Person(person) = office.actor("jbergman", Role::Approver) else { unreachable!() };
    refused(&Actor::Person(Person { guid: None, ..person.clone() })).await;
    refused(&office.actor("skowalska", Role::Requester)).await;
    let elsewhere = model::access::Grant {
        role: Role::Approver,
        scope: model::access::Scope::Directories(vec!["d-90673c5d6e".parse().unwrap()]),
    };
    refused(&Actor::Person(Person { grants: vec![elsewhere], ..person })).await;
    assert_eq!(office.page(&office.manager(), id).await.summary.state, State::Waiting);
    office.approve(&office.actor("jbergman", Role::Approver), id).await.unwrap();
}

/// Roles are read afresh before each decision; who has lost theirs is refused, whatever the page showed.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_approver_who_lost_the_role_decides_nothing(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind"]).await;
    assert!(Act::DecideRequests.needs_fresh_roles() && Act::Ask.needs_fresh_roles(), "a rule may approve at once");
    let now_auditor = office.actor("plindqvist", Role::Auditor);
    let outcome = office.approve(&now_auditor, id).await;
    assert_eq!(outcome, Err(Error::NotAllowed { needs: Act::DecideRequests.roles().to_vec() }));
    let system = Actor::System { on_behalf_of: None };
    assert_eq!(office.approve(&system, id).await, Err(Error::SignIn));
    assert_eq!(count(&office.house.db, "request_stage where decided_by is not null").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_who_decide_at_once_one_is_told(db: PgPool) {
    let office = Office::open(db).await;
    let services = &office.house.services;
    for (account, other) in [("anna.nordwind", APPROVE), ("ben.nordwind", Decision::Refuse)] {
        let id = office.asked(&[account]).await;
        let seen = office.version(id).await;
        let said = |decision| Said { decision, swaps: vec![], note: "because".into(), seen };
        let (pia, jonas) = (office.approver(), office.actor("jbergman", Role::Approver));
        let (first, second) = (said(APPROVE), said(other));
        let (one, two) = tokio::join!(decide(services, &pia, id, &first), decide(services, &jonas, id, &second));
        let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
        assert_eq!((won, lost), (Ok(()), Err(Error::conflict(Conflict::RequestChanged))));
    }
    assert_eq!(count(&office.house.db, "audit where action = 'decide_request' and phase = 'finished'").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_decision_sent_again_finds_the_first(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind"]).await;
    let said = Said { decision: APPROVE, swaps: vec![], note: String::new(), seen: office.version(id).await };
    for _ in 0..3 {
        assert_eq!(decide(&office.house.services, &office.approver(), id, &said).await, Ok(()));
    }
    let refuse = Said { decision: Decision::Refuse, note: "no".repeat(3), ..said };
    assert_eq!(
        decide(&office.house.services, &office.approver(), id, &refuse).await,
        Err(Error::conflict(Conflict::RequestChanged))
    );
    assert_eq!(count(&office.house.db, "launch").await, 1);
    assert_eq!(count(&office.house.db, "audit where action = 'decide_request' and phase = 'finished'").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn some_are_refused_and_some_get_something_cheaper(db: PgPool) {
    let office = Office::open(db).await;
    let (services, approver) = (&office.house.services, &office.approver());
    let id = office.asked(&["anna.nordwind", "ben.nordwind", "clara.nordwind"]).await;
    let page = office.page(approver, id).await;
    let [anna, ben, _] = page.items.as_slice() else { panic!("{:?}", page.items) };
    assert_eq!(anna.instead.iter().map(|(offering, _)| *offering).collect::<Vec<_>>(), [office.smaller]);
    let said = |note: &str, seen| Said {
        decision: Decision::Approve { except: vec![anna.id] },
        swaps: vec![(ben.id, office.smaller)],
        note: note.into(),
        seen,
    };
    assert_eq!(invalid(decide(services, approver, id, &said(" ", page.summary.version)).await)[0].0, "note");
    decide(services, approver, id, &said("Anna has a notebook", page.summary.version)).await.unwrap();
    let page = office.page(&office.manager(), id).await;
    let ways: Vec<_> = page.items.iter().map(|item| (item.way, item.offering_name.as_str(), item.note.as_deref())).collect();
    assert_eq!(ways[0], (Way::Refused, "Office desktop", Some("Anna has a notebook")));
    assert_eq!(ways[1], (Way::Launching, "Small desktop", None));
    assert_eq!(ways[2], (Way::Launching, "Office desktop", None));
    assert_eq!(office.ledger().await, ("70.00 EUR".into(), "0.00 EUR".into()));
    // One launch for each desktop.
    assert_eq!((count(&office.house.db, "launch").await, count(&office.house.db, "launch_item").await), (2, 2));

    // Upwards is refused.
    let small = model::requests::RequestForm { offering: office.smaller.to_string(), ..office.form() };
    let id = office.draft(&office.manager(), &["david.nordwind"], small).await;
    office.hand_in(&office.manager(), id).await.unwrap();
    let page = office.page(approver, id).await;
    assert_eq!(page.items[0].instead, []);
    let up = Said {
        decision: APPROVE,
        swaps: vec![(page.items[0].id, office.desktop)],
        note: String::new(),
        seen: page.summary.version,
    };
    assert_eq!(invalid(decide(services, approver, id, &up).await)[0].0, "swaps");
    assert_eq!(office.page(approver, id).await.summary.state, State::Waiting);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_question_is_answered_and_decided_then(db: PgPool) {
    let office = Office::open(db).await;
    let (services, manager, approver) = (&office.house.services, &office.manager(), &office.approver());
    let id = office.asked(&["anna.nordwind"]).await;
    assert_eq!(invalid(office.decide(approver, id, Decision::AskBack, "").await)[0].0, "note");
    office.decide(approver, id, Decision::AskBack, "For how long?").await.unwrap();
    let page = office.page(manager, id).await;
    assert_eq!((page.summary.state, page.question.as_deref(), page.can.answer), (State::AskedBack, Some("For how long?"), true));
    assert_eq!(office.approve(approver, id).await, Err(Error::conflict(Conflict::RequestChanged)));
    drafts::answer(services, manager, id, office.version(id).await, "For good").await.unwrap();
    office.approve(approver, id).await.unwrap();
    assert_eq!(office.page(manager, id).await.summary.state, State::Approved);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn many_are_decided_at_once_and_each_stands_by_itself(db: PgPool) {
    let office = Office::open(db).await;
    let approver = &office.approver();
    let mut chosen = Vec::new();
    for account in ["anna.nordwind", "ben.nordwind", "clara.nordwind"] {
        let id = office.asked(&[account]).await;
        chosen.push((id, office.version(id).await));
    }
    drafts::withdraw(&office.house.services, &office.manager(), chosen[1].0, chosen[1].1).await.unwrap();
    let refuse = decide_all(&office.house.services, approver, chosen.clone(), Decision::Refuse, String::new()).await;
    assert_eq!(invalid(refuse)[0].0, "note");
    let bulk = decide_all(&office.house.services, approver, chosen.clone(), APPROVE, String::new()).await.unwrap();
    assert_eq!((bulk.done, bulk.failed), (2, vec![(chosen[1].0, Error::conflict(Conflict::RequestChanged))]));
    assert_eq!(count(&office.house.db, "launch").await, 2);
    let none = decide_all(&office.house.services, approver, vec![], APPROVE, String::new()).await;
    assert_eq!(invalid(none)[0].0, "requests");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refusal_frees_the_budget(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind"]).await;
    office.decide(&office.approver(), id, Decision::Refuse, "Not this year").await.unwrap();
    assert_eq!(office.ledger().await, ("0.00 EUR".into(), "0.00 EUR".into()));
    let page = office.page(&office.manager(), id).await;
    assert_eq!((page.summary.state, page.items[0].way), (State::Refused, Way::Refused));
    assert_eq!(count(&office.house.db, "launch").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn over_the_budget_its_owner_decides_too(db: PgPool) {
    let office = Office::open(db).await;
    office.cap(50).await;
    let id = office.draft(&office.manager(), &["anna.nordwind", "ben.nordwind"], office.form()).await;
    let check = office.check(&office.manager(), id).await;
    assert_eq!(check.budget, "50.00 EUR a month left");
    assert_eq!(check.stages.last().unwrap().who.as_deref(), Some("Nadia Costas"));
    office.hand_in(&office.manager(), id).await.unwrap();
    office.approve(&office.approver(), id).await.unwrap();
    let owner = office.actor("ncostas", Role::Requester);
    assert_eq!(office.page(&owner, id).await.summary.waiting_for.as_deref(), Some("Nadia Costas"));
    assert_eq!(count(&office.house.db, "launch").await, 0);
    // Who decided the stage before is not asked again.
    let again = office.approve(&office.approver(), id).await;
    assert!(matches!(again, Err(Error::Refused { .. })), "{again:?}");
    office.approve(&owner, id).await.unwrap();
    assert_eq!(office.ledger().await.0, "80.00 EUR");
}

/// Fifty requests, handed in and approved at the same time, on one budget that holds ten.
#[sqlx::test(migrator = "MIGRATOR")]
async fn fifty_at_the_same_time_do_not_overdraw_a_budget(db: PgPool) {
    const GIVEN: [&str; 25] = [
        "anna", "ben", "clara", "david", "emil", "frida", "greta", "hannes", "ida", "jonas", "karla", "leon", "marta", "nils",
        "olga", "paul", "quirin", "rosa", "stefan", "tilda", "ulrich", "vera", "willi", "xenia", "yannick",
    ];
    let mut office = Office::open(db).await;
    // Fifty who ask Active Directory at once wait for each other.
    office.house.ad(|ad| (ad.connections, ad.timeout) = (8, std::time::Duration::from_secs(60)));
    office.cap(400).await;
    let mut written = Vec::new();
    for account in GIVEN.iter().flat_map(|given| [format!("{given}.nordwind"), format!("{given}.seewald")]) {
        let form = model::requests::RequestForm { needed_by: office.day(20), ..office.form() };
        let id = office.draft(&office.manager(), &[&account], form).await;
        let check = office.check(&office.manager(), id).await;
        written.push((id, check.draft.version, check.shown));
    }
    let handed_in = written.iter().cloned().map(|(id, seen, shown)| {
        let (services, manager) = (office.house.services.clone(), office.manager());
        tokio::spawn(async move { submit(&services, &manager, id, seen, &shown).await })
    });
    for outcome in futures::future::join_all(handed_in).await {
        assert_eq!(outcome.unwrap(), Ok(()));
    }
    assert_eq!(office.ledger().await, ("0.00 EUR".into(), "400.00 EUR".into()));
    let approvals = written.iter().map(|(id, seen, _)| {
        let (services, approver) = (office.house.services.clone(), office.approver());
        let (id, said) = (*id, Said { decision: APPROVE, swaps: vec![], note: String::new(), seen: seen + 1 });
        tokio::spawn(async move { decide(&services, &approver, id, &said).await })
    });
    for outcome in futures::future::join_all(approvals).await {
        assert_eq!(outcome.unwrap(), Ok(()));
    }
    assert_eq!(count(&office.house.db, "request where state = 'approved'").await, 10);
    assert_eq!(count(&office.house.db, "request_stage where state = 'waiting' and kind = '\"cost_centre_owner\"'").await, 40);
    assert_eq!(office.ledger().await, ("400.00 EUR".into(), "0.00 EUR".into()));
}

/// Whoever waits for a row holds a connection; if the one that is waited for needed a second one, all would stand still.
#[sqlx::test(migrator = "MIGRATOR")]
async fn one_connection_is_enough_for_each_step(db: PgPool) {
    let mut office = Office::open(db).await;
    office.cap(100).await;
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(1).acquire_timeout(std::time::Duration::from_secs(15));
    office.house.services.db = options.connect_with((*office.house.db.connect_options()).clone()).await.unwrap();
    let (manager, approver) = (&office.manager(), &office.approver());
    let id = office.asked(&["anna.nordwind", "ben.nordwind"]).await;
    office.decide(approver, id, Decision::AskBack, "For how long?").await.unwrap();
    drafts::answer(&office.house.services, manager, id, office.version(id).await, "For good").await.unwrap();
    drafts::reopen(&office.house.services, manager, id, office.version(id).await).await.unwrap();
    office.hand_in(manager, id).await.unwrap();
    let page = office.page(approver, id).await;
    let said = Said {
        decision: APPROVE,
        swaps: vec![(page.items[0].id, office.smaller)],
        note: String::new(),
        seen: page.summary.version,
    };
    decide(&office.house.services, approver, id, &said).await.unwrap();
    assert_eq!(office.ledger().await.0, "70.00 EUR");
    assert_eq!(count(&office.house.db, "launch_item").await, 2);
}

/// The budget was lowered while a request waited.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_budget_that_has_shrunk_asks_its_owner_at_the_last_approval(db: PgPool) {
    let office = Office::open(db).await;
    office.cap(100).await;
    let id = office.asked(&["anna.nordwind"]).await;
    office.cap(30).await;
    office.approve(&office.approver(), id).await.unwrap();
    let page = office.page(&office.manager(), id).await;
    assert_eq!((page.summary.state, page.summary.waiting_for.as_deref()), (State::Waiting, Some("Nadia Costas")));
    assert_eq!(office.ledger().await.0, "0.00 EUR");
    office.approve(&office.actor("ncostas", Role::Approver), id).await.unwrap();
    assert_eq!(office.ledger().await.0, "40.00 EUR");
}
