//! Asking: what may be asked for by whom, what is kept, and what is handed in.

use backend::requests::{self, drafts, submit};
use model::{
    Conflict, Error, PageRequest, PersonGuid,
    access::{Act, Actor, Person, Role},
    people::Obstacle,
    requests::{Filter, RequestForm, State, Step, Way},
};
use sqlx::PgPool;

use super::{MIGRATOR, Office, invalid};
use crate::house::count;

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_manager_asks_for_their_people(db: PgPool) {
    let office = Office::open(db).await;
    let (services, manager) = (&office.house.services, &office.manager());
    let id = drafts::begin(services, manager).await.unwrap();
    let step = drafts::people_step(services, manager, id, &drafts::Look::default()).await.unwrap();
    let first = &step.reports.rows[0];
    assert_eq!((first.0.person.account.as_str(), first.0.depth), ("anna.nordwind", 1));
    assert!(step.reports.total > 10, "those below them too");
    let blocked = step.reports.rows.iter().find(|(report, _)| report.person.account == "falk.nordwind").unwrap();
    assert_eq!(blocked.1, [Obstacle::Disabled]);
    let look = drafts::Look { q: "seewald".into(), ..drafts::Look::default() };
    let found = drafts::people_step(services, manager, id, &look).await.unwrap().found.unwrap();
    assert_eq!(found.hits.len(), 25);

    let people = ["anna.nordwind", "ben.nordwind", "anna.seewald"].map(|account| office.house.guid(account)).to_vec();
    drafts::add(services, manager, id, people).await.unwrap();
    let own = vec![(office.house.guid("ben.nordwind"), Some(office.smaller))];
    assert!(drafts::save(services, manager, id, office.form(), own).await.unwrap());
    let check = office.check(manager, id).await;
    assert_eq!((check.total.as_str(), check.budget.as_str()), ("110.00 EUR a month, prices of 1 Jan 2020", "no cap"));
    assert!(check.rule.starts_with("No rule is about this request"), "{}", check.rule);
    assert_eq!(check.stages.iter().map(|stage| stage.kind.as_str()).collect::<Vec<_>>(), ["an approver"]);
    assert_eq!((check.problems, check.draft.furthest()), (vec![], Step::Check));

    // Two clicks, and one more later.
    let hand_in = || submit::submit(services, manager, id, check.draft.version, &check.shown);
    let (one, other) = tokio::join!(hand_in(), hand_in());
    assert_eq!((one, other), (Ok(()), Ok(())));
    assert_eq!(hand_in().await, Ok(()));
    assert_eq!(count(&office.house.db, "audit where action = 'submit_request' and phase = 'finished'").await, 1);
    assert_eq!(office.ledger().await, ("0.00 EUR".into(), "110.00 EUR".into()));
    let page = office.page(manager, id).await;
    assert_eq!(page.summary.title, "2 \u{d7} Office desktop, 1 \u{d7} Small desktop");
    assert_eq!((page.summary.state, page.summary.waiting_for.as_deref()), (State::Waiting, Some("an approver")));
    assert!(page.items.iter().all(|item| item.way == Way::Asked && item.price.contains("prices of 1 Jan 2020")));
    assert_eq!(count(&office.house.db, "launch").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_asks_for_themselves_for_nobody_or_for_501(db: PgPool) {
    let office = Office::open(db).await;
    let (services, manager) = (&office.house.services, &office.manager());
    let id = drafts::begin(services, manager).await.unwrap();
    let refusal = invalid(drafts::add(services, manager, id, vec![office.house.guid("mgarcia")]).await);
    assert!(refusal[0].1.contains("can\u{2019}t ask for yourself"), "{refusal:?}");
    let many: Vec<_> = (0..501).map(|number| PersonGuid(uuid::Uuid::from_u128(number))).collect();
    assert!(invalid(drafts::add(services, manager, id, many).await)[0].1.contains("500 people at most"));
    assert!(drafts::save(services, manager, id, office.form(), vec![]).await.unwrap());
    let refusal = invalid(office.hand_in(manager, id).await);
    assert!(refusal[0].1.contains("at least one person"), "{refusal:?}");

    // The 501st of those who are on the list.
    sqlx::query("insert into request_item (id, request_id, person_guid, account, name) select gen_random_uuid(), $1, gen_random_uuid(), 'a' || n, 'A' from generate_series(1, 500) n")
        .bind(id.0).execute(&office.house.db).await.unwrap();
    let one_more = drafts::add(services, manager, id, vec![office.house.guid("anna.nordwind")]).await;
    assert!(invalid(one_more)[0].1.contains("The list is kept"));
    assert_eq!(drafts::head(services, manager, id).await.unwrap().people, 500);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_typed_wrong_is_kept_with_why(db: PgPool) {
    let office = Office::open(db).await;
    let (services, manager) = (&office.house.services, &office.manager());
    let id = office.draft(manager, &["anna.nordwind"], office.form()).await;
    let wrong = RequestForm { needed_by: office.day(30), until: office.day(20), reason: "x\0".into(), ..office.form() };
    assert!(!drafts::save(services, manager, id, wrong.clone(), vec![]).await.unwrap());
    let head = drafts::head(services, manager, id).await.unwrap();
    assert_eq!((head.form.until.as_str(), head.form.reason.as_str()), (wrong.until.as_str(), "x"));
    let fields: Vec<_> = head.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!((fields, head.furthest()), (vec!["reason", "until"], Step::Desktop));
    assert!(!invalid(office.hand_in(manager, id).await).is_empty());
    assert_eq!(count(&office.house.db, "request where round > 0").await, 0);
}

/// Nobody could tell whether they decide on their own request.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_manager_without_an_entry_is_told_why_not(db: PgPool) {
    let office = Office::open(db).await;
    let Actor::Person(person) = office.manager() else { unreachable!() };
    let guest = &Actor::Person(Person { guid: None, ..person });
    let id = office.draft(guest, &["anna.nordwind"], office.form()).await;
    let step = drafts::people_step(&office.house.services, guest, id, &drafts::Look::default()).await.unwrap();
    assert!(step.reports_note.unwrap().contains("no entry in Active Directory"));
    let refusal = invalid(office.hand_in(guest, id).await);
    assert!(refusal[0].1.contains("no entry in Active Directory"), "{refusal:?}");
    assert_eq!(drafts::head(&office.house.services, guest, id).await.unwrap().state, State::Draft);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_became_ineligible_is_named_before_anything_is_handed_in(db: PgPool) {
    let mut office = Office::open(db).await;
    let manager = &office.manager();
    let id = office.draft(manager, &["anna.nordwind", "ben.nordwind"], office.form()).await;
    office.house.sandbox.company().change("anna.nordwind", |person| person.user_account_control |= 0x2);
    let check = office.check(manager, id).await;
    assert_eq!(check.rows[0].obstacles, [Obstacle::Disabled]);
    assert!(invalid(office.hand_in(manager, id).await)[0].1.contains("One person can\u{2019}t get a desktop"));
    drafts::remove(&office.house.services, manager, id, vec![office.house.guid("anna.nordwind")]).await.unwrap();
    assert_eq!(office.hand_in(manager, id).await, Ok(()));

    let other = office.draft(manager, &["clara.nordwind"], office.form()).await;
    let check = office.check(manager, other).await;
    office.house.ad_away();
    let away = submit::submit(&office.house.services, manager, other, check.draft.version, &check.shown).await;
    assert!(matches!(away, Err(Error::Unavailable { .. })), "{away:?}");
    assert_eq!(drafts::head(&office.house.services, manager, other).await.unwrap().people, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_offering_that_changed_meanwhile_is_looked_at_again(db: PgPool) {
    let office = Office::open(db).await;
    let (services, manager) = (&office.house.services, &office.manager());
    let id = office.draft(manager, &["anna.nordwind"], office.form()).await;
    let check = office.check(manager, id).await;
    office.house.execute("update price_line set always_on_month = 41 where compute = 'STANDARD'").await;
    let dearer = submit::submit(services, manager, id, check.draft.version, &check.shown).await;
    assert_eq!(dearer, Err(Error::conflict(Conflict::RequestPriced)));
    office.house.execute("update offering set state = 'closed' where name = 'Office desktop'").await;
    let closed = invalid(office.hand_in(manager, id).await);
    assert!(closed[0].1.contains("not offered to you any more"), "{closed:?}");
    // What was handed in keeps its version, and those who decide are told.
    office.house.execute("update offering set state = 'open'").await;
    assert_eq!(office.hand_in(manager, id).await, Ok(()));
    office.house.execute("update offering set state = 'closed' where name = 'Office desktop'").await;
    let page = office.page(&office.approver(), id).await;
    assert!(page.notes[0].contains("not offered any more") && page.items[0].price.starts_with("41.00 EUR"), "{:?}", page.notes);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_prices_asking_works_and_says_so(db: PgPool) {
    let office = Office::without_prices(db).await;
    let manager = &office.manager();
    let id = office.draft(manager, &["anna.nordwind"], office.form()).await;
    let check = office.check(manager, id).await;
    assert_eq!((check.total.as_str(), check.rows[0].price.as_str()), ("price not known", "price not known"));
    office.hand_in(manager, id).await.unwrap();
    let page = office.page(manager, id).await;
    assert_eq!((page.summary.state, page.summary.price), (State::Waiting, None));
    assert_eq!(count(&office.house.db, "cost_centre_entry").await, 0);
    assert_eq!(office.approve(&office.approver(), id).await, Ok(()));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_offering_has_a_limit_for_each_manager(db: PgPool) {
    let office = Office::open(db).await;
    let manager = &office.manager();
    office.house.execute("update offering_version set most_per_manager = 2").await;
    office.asked(&["anna.nordwind"]).await;
    let id = office.draft(manager, &["ben.nordwind", "clara.nordwind"], office.form()).await;
    let refusal = invalid(office.hand_in(manager, id).await);
    assert!(refusal[0].1.contains("you have 1 and ask for 2"), "{refusal:?}");
    drafts::remove(&office.house.services, manager, id, vec![office.house.guid("ben.nordwind")]).await.unwrap();
    assert_eq!(office.hand_in(manager, id).await, Ok(()));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_request_can_be_changed_and_withdrawn_until_it_is_decided(db: PgPool) {
    let office = Office::open(db).await;
    let (services, manager) = (&office.house.services, &office.manager());
    let id = office.asked(&["anna.nordwind", "ben.nordwind"]).await;
    let seen = office.version(id).await;
    assert_eq!(drafts::remove(services, manager, id, vec![]).await, Err(Error::conflict(Conflict::RequestDecided)));
    drafts::reopen(services, manager, id, seen).await.unwrap();
    assert_eq!(drafts::reopen(services, manager, id, seen).await, Ok(()), "sent again, it finds the first");
    assert_eq!(office.ledger().await, ("0.00 EUR".into(), "0.00 EUR".into()));
    assert_eq!(count(&office.house.db, "request_stage").await, 0);
    drafts::remove(services, manager, id, vec![office.house.guid("ben.nordwind")]).await.unwrap();
    office.hand_in(manager, id).await.unwrap();
    assert_eq!(office.ledger().await.1, "40.00 EUR");

    // Another tab still shows the version before.
    let old = drafts::withdraw(services, manager, id, seen).await;
    assert_eq!(old, Err(Error::conflict(Conflict::RequestChanged)));
    drafts::withdraw(services, manager, id, office.version(id).await).await.unwrap();
    let page = office.page(manager, id).await;
    assert_eq!((page.summary.state, page.items[0].way), (State::Withdrawn, Way::Withdrawn));
    assert_eq!(office.ledger().await.1, "0.00 EUR");
    let late = office.approve(&office.approver(), id).await;
    assert_eq!(late, Err(Error::conflict(Conflict::RequestChanged)));

    let copy = drafts::copy(services, manager, id).await.unwrap();
    let head = drafts::head(services, manager, copy).await.unwrap();
    assert_eq!((head.people, head.form.reason.as_str(), head.state), (1, "New colleagues", State::Draft));
    drafts::discard(services, manager, copy).await.unwrap();
    assert_eq!(drafts::head(services, manager, copy).await.map(drop), Err(Error::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn others_see_only_what_is_theirs(db: PgPool) {
    let office = Office::open(db).await;
    let services = &office.house.services;
    let id = office.asked(&["anna.nordwind"]).await;
    let total =
        async |actor: &Actor| requests::list(services, actor, Filter::default(), PageRequest::default()).await.unwrap().total;
    let other = &office.actor("skowalska", Role::Requester);
    assert_eq!(requests::get(services, other, id).await.map(drop), Err(Error::NotFound));
    assert_eq!(drafts::head(services, other, id).await.map(drop), Err(Error::NotFound));
    assert_eq!(drafts::withdraw(services, other, id, office.version(id).await).await, Err(Error::NotFound));
    assert_eq!((total(other).await, total(&office.manager()).await), (0, 1));
    for (account, role) in [("hkeller", Role::Helpdesk), ("tokafor", Role::Auditor), ("amoreau", Role::Admin)] {
        let staff = office.actor(account, role);
        assert_eq!(total(&staff).await, 1, "{account}");
        assert!(requests::get(services, &staff, id).await.is_ok());
    }
    let auditor = &office.actor("tokafor", Role::Auditor);
    assert_eq!(drafts::begin(services, auditor).await.map(drop), Err(Error::NotAllowed { needs: Act::Ask.roles().to_vec() }));
    let elsewhere = office.actor("hkeller", Role::Helpdesk);
    let Actor::Person(mut person) = elsewhere else { unreachable!() };
    person.grants[0].scope = model::access::Scope::Directories(vec!["d-90673c5d6e".parse().unwrap()]);
    let elsewhere = &Actor::Person(person);
    assert_eq!(total(elsewhere).await, 0);
    assert_eq!(requests::get(services, elsewhere, id).await.map(drop), Err(Error::NotFound));
}
