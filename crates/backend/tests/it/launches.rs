//! Launches: putting one together, starting it once, and what the engine makes of AWS's answers.

use backend::launches::{self, drafts};
use chrono::TimeDelta;
use model::{
    Conflict, DraftId, Error, ItemId, LaunchId, PageRequest, Part, PersonGuid,
    access::Role,
    invitations::State,
    launches::{DesktopForm, Failure, Filter, ItemState, Step},
    people::Obstacle,
    workspaces::{RunningMode, Tag},
};
use sandbox::{Behaviour, faults::Kind};
use sqlx::{PgPool, Row, postgres::PgPoolOptions};
use uuid::Uuid;

use crate::house::{DESK, DIRECTORY, House, OFFICE, Plan, UNREGISTERED, colleague, count, desktop, helpdesk, person};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// The sandbox's own guard against doubles is off, so that a second WorkSpace would be made.
fn unguarded(visibility_lag_ms: u64) -> Plan {
    let plan = Plan::default();
    let behaviour = Behaviour { one_workspace_per_user: false, visibility_lag_ms, ..plan.behaviour.clone() };
    Plan { behaviour, ..plan }
}

fn states(items: &[model::launches::Item]) -> Vec<(&str, ItemState)> {
    let mut states: Vec<_> = items.iter().map(|item| (item.account.as_str(), item.state)).collect();
    states.sort_by_key(|(account, _)| *account);
    states
}

/// The fields that a refusal names, with their messages.
fn invalid<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<(String, String)> {
    let Err(Error::Invalid { fields }) = outcome else { panic!("not refused: {outcome:?}") };
    fields.into_iter().map(|field| (field.field, field.message)).collect()
}

fn failed(detail: &str) -> (String, Option<String>, Option<String>) {
    ("finished".into(), Some("failed".into()), Some(detail.into()))
}

fn succeeded(workspace: &str) -> (String, Option<String>, Option<String>) {
    ("finished".into(), Some("succeeded".into()), Some(workspace.into()))
}

fn attempted() -> (String, Option<String>, Option<String>) {
    ("attempted".into(), None, None)
}

/// The WorkSpace that was made last came from another launch, or from another Frontdesk.
fn tagged_elsewhere(house: &House) {
    let mut memory = house.sandbox.state().memory();
    memory.workspaces.last_mut().unwrap().tags = vec![(Tag::ITEM.to_owned(), Uuid::now_v7().to_string())];
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_draft_keeps_each_step(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = drafts::create(services, helena).await.unwrap();
    let get = async || drafts::get(services, helena, draft).await.unwrap();
    assert_eq!(get().await.furthest(), Step::Directory);
    let marta = vec![house.guid("marta.nordwind")];
    assert_eq!(invalid(drafts::add_people(services, helena, draft, marta).await)[0].0, "directory");

    drafts::choose_directory(services, helena, draft, DIRECTORY.parse().unwrap()).await.unwrap();
    assert_eq!(get().await.directory_name.as_deref(), Some("corp.example.com"));
    let asked = ["marta.nordwind", "dino.disabled", "anna.nordwind", "nora.nomail"].map(|account| house.guid(account));
    let mut asked = asked.to_vec();
    asked.push(PersonGuid(Uuid::from_u128(1)));
    let added = drafts::add_people(services, helena, draft, asked.clone()).await.unwrap();
    assert_eq!((added.added, added.refused), (2, 3));
    let again = drafts::add_people(services, helena, draft, asked[..1].to_vec()).await.unwrap();
    assert_eq!((again.added, again.refused), (0, 0), "who is on the list stays there once");
    let kept = get().await;
    let mut accounts: Vec<_> = kept.people.iter().map(|person| person.account.as_str()).collect();
    accounts.sort_unstable();
    assert_eq!(accounts, ["anna.nordwind", "marta.nordwind"]);
    assert_eq!(kept.furthest(), Step::Desktop);

    let other = vec![(house.guid("marta.nordwind"), Some(OFFICE.parse().unwrap()))];
    assert!(drafts::save_desktop(services, helena, draft, desktop(), other).await.unwrap());
    let kept = get().await;
    assert_eq!((kept.desktop.clone(), kept.errors.clone(), kept.furthest()), (desktop(), vec![], Step::Check));
    for person in &kept.people {
        let bundle = (person.account == "marta.nordwind").then(|| OFFICE.parse().unwrap());
        assert_eq!(person.bundle, bundle, "{}", person.account);
    }

    let check = drafts::check(services, helena, draft).await.unwrap();
    assert!(check.can_launch(), "{check:?}");
    assert_eq!(check.running_mode, Some(RunningMode::AutoStop { hours: 2 }));
    assert_eq!(
        check.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect::<Vec<_>>(),
        [("cost centre", "4711"), ("team", "Logistics")]
    );
    assert!(check.bundles.iter().any(|(id, name)| id.as_str() == OFFICE && name == "Office-Desk"));

    drafts::remove_people(services, helena, draft, vec![house.guid("marta.nordwind")]).await.unwrap();
    assert_eq!(get().await.people.len(), 1);
    drafts::discard(services, helena, draft).await.unwrap();
    assert_eq!(drafts::get(services, helena, draft).await, Err(Error::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_wrong_with_the_desktop_is_kept_as_typed(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = house.draft(helena, &["marta.nordwind"]).await;
    let save = async |form: DesktopForm| {
        let right = drafts::save_desktop(services, helena, draft, form.clone(), Vec::new()).await.unwrap();
        let kept = drafts::get(services, helena, draft).await.unwrap();
        assert_eq!(kept.desktop, form);
        assert_eq!(right, kept.errors.is_empty());
        kept.errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
    };
    let wrong = DesktopForm { auto_stop_hours: "1.5".into(), tags: "team=Logistics\naws:owner=me".into(), ..desktop() };
    assert_eq!(save(wrong).await, ["auto_stop_hours", "tags"]);
    let check = drafts::check(services, helena, draft).await.unwrap();
    assert!(!check.can_launch());
    assert_eq!((check.running_mode, check.tags), (None, vec![]));
    let fields = invalid(launches::start(services, helena, draft).await);
    assert_eq!(fields.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), ["auto_stop_hours", "tags"]);
    assert!(fields[1].1.starts_with("Line 2:"), "{fields:?}");

    assert_eq!(save(DesktopForm { bundle: "wsb-not0known".into(), ..desktop() }).await, ["bundle"]);
    assert_eq!(
        save(DesktopForm { bundle: String::new(), running_mode: "MANUAL".into(), ..desktop() }).await,
        ["bundle", "running_mode"]
    );
    let unknown = vec![(house.guid("marta.nordwind"), Some("wsb-not0known".parse().unwrap()))];
    assert!(!drafts::save_desktop(services, helena, draft, desktop(), unknown).await.unwrap());
    let errors = drafts::get(services, helena, draft).await.unwrap().errors;
    assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["person_bundle"]);
    assert_eq!(count(&house.db, "launch").await, 0);

    assert_eq!(save(desktop()).await, [""; 0]);
    let nothing = vec![(house.guid("marta.nordwind"), None)];
    drafts::save_desktop(services, helena, draft, desktop(), nothing).await.unwrap();
    assert!(launches::start(services, helena, draft).await.is_ok());
}

/// A bundle that the mirror does not know, for one person, is as wrong at the start as it was when it was typed.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_draft_with_errors_is_not_started(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = house.draft(helena, &["marta.nordwind"]).await;
    let unknown = vec![(house.guid("marta.nordwind"), Some("wsb-not0known".parse().unwrap()))];
    assert!(!drafts::save_desktop(services, helena, draft, desktop(), unknown).await.unwrap());
    assert!(!drafts::check(services, helena, draft).await.unwrap().can_launch());
    assert_eq!(invalid(launches::start(services, helena, draft).await)[0].0, "person_bundle");
    assert_eq!((count(&house.db, "launch").await, count(&house.db, "launch_item").await), (0, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_directory_that_is_not_ready_takes_no_launch(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    house.second_directory().await;
    house.execute("update directory set registration_state = null where directory_id = 'd-90673c5d6e'").await;
    let draft = house.draft(helena, &["marta.nordwind"]).await;
    let choose = async |id: &str| drafts::choose_directory(services, helena, draft, id.parse().unwrap()).await;
    assert_eq!(choose(UNREGISTERED).await, Err(Error::conflict(Conflict::DirectoryNotReady)));
    assert_eq!(choose("d-0123456789").await, Err(Error::NotFound));
    let kept = drafts::get(services, helena, draft).await.unwrap();
    assert_eq!((kept.directory.unwrap().as_str(), kept.people.len()), (DIRECTORY, 1));

    // It was ready when it was chosen.
    house.execute("update directory set stage = 'Impaired' where directory_id = 'd-906731a2b4'").await;
    let check = drafts::check(services, helena, draft).await.unwrap();
    assert!(check.directory_problem.as_deref().is_some_and(|problem| problem.contains("Impaired")), "{check:?}");
    assert_eq!(launches::start(services, helena, draft).await, Err(Error::conflict(Conflict::DirectoryNotReady)));
    assert_eq!(count(&house.db, "launch").await, 0);
}

/// People are of one domain: another directory of the same domain keeps them, one of another domain does not.
#[sqlx::test(migrator = "MIGRATOR")]
async fn another_directory_keeps_people_of_its_domain(db: PgPool) {
    let mut house = House::open(db).await;
    house.second_directory().await;
    let helena = &helpdesk();
    let draft = house.draft(helena, &["marta.nordwind"]).await;
    drafts::choose_directory(&house.services, helena, draft, UNREGISTERED.parse().unwrap()).await.unwrap();
    assert_eq!(drafts::get(&house.services, helena, draft).await.unwrap().people.len(), 1);
    house.execute("update directory set name = 'lab.example.com' where directory_id = 'd-906731a2b4'").await;
    house.set(|settings| {
        let lab = backend::settings::AdDomain { domain: "lab.example.com".into(), ..settings.ad[0].clone() };
        settings.ad.push(lab);
    });
    house.ad(|_| {});
    drafts::choose_directory(&house.services, helena, draft, DIRECTORY.parse().unwrap()).await.unwrap();
    assert_eq!(drafts::get(&house.services, helena, draft).await.unwrap().people, []);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn somebody_elses_draft_is_not_there(db: PgPool) {
    let house = House::open(db).await;
    let (services, tomas) = (&house.services, &colleague());
    let draft = house.draft(&helpdesk(), &["marta.nordwind"]).await;
    let anna = vec![house.guid("anna.nordwind")];
    assert_eq!(drafts::get(services, tomas, draft).await, Err(Error::NotFound));
    assert_eq!(drafts::check(services, tomas, draft).await, Err(Error::NotFound));
    assert_eq!(launches::start(services, tomas, draft).await, Err(Error::NotFound));
    assert_eq!(drafts::save_desktop(services, tomas, draft, desktop(), Vec::new()).await, Err(Error::NotFound));
    assert_eq!(drafts::add_people(services, tomas, draft, anna.clone()).await, Err(Error::NotFound));
    assert_eq!(drafts::remove_people(services, tomas, draft, vec![house.guid("marta.nordwind")]).await, Err(Error::NotFound));
    assert_eq!(drafts::choose_directory(services, tomas, draft, DIRECTORY.parse().unwrap()).await, Err(Error::NotFound));
    assert_eq!(drafts::discard(services, tomas, draft).await, Err(Error::NotFound));
    assert_eq!(drafts::get(services, &helpdesk(), DraftId(Uuid::from_u128(1))).await, Err(Error::NotFound));
    assert_eq!(drafts::get(services, &helpdesk(), draft).await.unwrap().people.len(), 1);
    for role in [Role::Auditor, Role::Requester, Role::Approver] {
        assert!(matches!(drafts::get(services, &person(role, None), draft).await, Err(Error::NotAllowed { .. })), "{role:?}");
        assert!(matches!(drafts::create(services, &person(role, None)).await, Err(Error::NotAllowed { .. })), "{role:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_list_holds_500_people(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = house.draft(helena, &["marta.nordwind"]).await;
    let too_many = Err(Error::conflict(Conflict::TooManyPeople));
    let strangers = (0..500).map(|number| PersonGuid(Uuid::from_u128(number))).collect();
    assert_eq!(drafts::add_people(services, helena, draft, strangers).await, too_many);
    sqlx::query(
        "insert into launch_draft_person (draft_id, person_guid, account, name)
         select $1, gen_random_uuid(), 'person' || number, 'Person' from generate_series(1, 498) number",
    )
    .bind(draft.0)
    .execute(&house.db)
    .await
    .unwrap();
    let two = ["anna.nordwind", "ben.nordwind"].map(|account| house.guid(account));
    assert_eq!(drafts::add_people(services, helena, draft, two.to_vec()).await, too_many);
    assert_eq!(count(&house.db, "launch_draft_person").await, 499, "the list is kept as it was");
    assert_eq!(drafts::add_people(services, helena, draft, two[..1].to_vec()).await.unwrap().added, 1);
    assert_eq!(drafts::add_people(services, helena, draft, two[1..].to_vec()).await, too_many);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_second_submit_finds_the_first_launch(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = house.draft(helena, &["marta.nordwind", "anna.nordwind"]).await;
    for _ in 0..2 {
        assert_eq!(launches::start(services, helena, draft).await, Ok(LaunchId(draft.0)));
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
        let submits = (0..7).map(|_| launches::start(services, helena, draft));
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
    let check = drafts::check(&house.services, helena, draft).await.unwrap();
    assert_eq!(check.obstacles, [(house.guid("marta.nordwind"), vec![Obstacle::Disabled])]);
    let refusal = invalid(launches::start(&house.services, helena, draft).await);
    assert_eq!(refusal, [("people".to_owned(), "Marta Nordwind: account disabled.".to_owned())]);

    house.sandbox.company().remove("marta.nordwind");
    let refusal = invalid(launches::start(&house.services, helena, draft).await);
    assert_eq!(refusal, [("people".to_owned(), "Marta Nordwind: not in Active Directory any more.".to_owned())]);
    house.ad_away();
    let away = Err(Error::Unavailable { part: Part::ActiveDirectory });
    assert_eq!(launches::start(&house.services, helena, draft).await, away);
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
    let (one, other) = tokio::join!(launches::start(services, helena, first), launches::start(services, tomas, second));
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
    let (one, other) = tokio::join!(launches::start(services, helena, first), launches::start(services, tomas, second));
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

/// The whole way, with the database as `frontdesk serve` and `frontdesk worker` see it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn people_become_workspaces_and_are_invited(db: PgPool) {
    let mut house = House::open(db.clone()).await;
    house.services.db = PgPoolOptions::new()
        .max_connections(8)
        .after_connect(|connection, _| {
            Box::pin(async move { sqlx::query("set role frontdesk_serve").execute(connection).await.map(drop) })
        })
        .connect_with((*db.connect_options()).clone())
        .await
        .unwrap();
    let helena = &helpdesk();
    let accounts = ["marta.nordwind", "anna.nordwind", "ben.nordwind"];
    let draft = house.draft(helena, &accounts).await;
    let other = vec![(house.guid("marta.nordwind"), Some(OFFICE.parse().unwrap()))];
    assert!(drafts::save_desktop(&house.services, helena, draft, desktop(), other).await.unwrap());
    let launch = launches::start(&house.services, helena, draft).await.unwrap();
    let items = house.items(launch).await;
    assert!(items.iter().all(|item| item.state == ItemState::Queued), "{items:?}");
    house.run().await;
    let items = house.items(launch).await;
    assert!(items.iter().all(|item| item.state == ItemState::Pending && item.workspace.is_some()), "{items:?}");
    assert_eq!(house.mails().len(), 0, "nobody is invited to what is not ready");
    house.work(launch).await;

    let items = house.items(launch).await;
    assert_eq!(states(&items), ["anna.nordwind", "ben.nordwind", "marta.nordwind"].map(|name| (name, ItemState::Available)));
    for item in &items {
        let made = house.made_for(&item.account);
        assert_eq!(made.len(), 1, "{}", item.account);
        let made = &made[0];
        assert_eq!(item.workspace.as_ref().unwrap().as_str(), made.id);
        assert_eq!((made.running_mode.as_str(), made.auto_stop_minutes), ("AUTO_STOP", Some(120)));
        let id = item.id.to_string();
        let tags: Vec<_> = made.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(tags, [("cost centre", "4711"), ("team", "Logistics"), (Tag::ITEM, id.as_str())]);
        let marta = item.account == "marta.nordwind";
        assert_eq!(made.bundle, if marta { OFFICE } else { DESK });
        assert_eq!(item.invitation.as_ref().map(|invitation| invitation.state), Some(State::Sent));
        assert_eq!(house.making_record(&item.account).await, [attempted(), succeeded(&made.id)]);
        let tied: (Uuid, String) = sqlx::query_as("select person_guid, person_name from workspace where workspace_id = $1")
            .bind(&made.id)
            .fetch_one(&house.db)
            .await
            .unwrap();
        assert_eq!(tied, (item.person.0, item.name.clone()));
    }
    let mut recipients: Vec<_> = house.mails().into_iter().flat_map(|mail| mail.to).collect();
    recipients.sort();
    assert_eq!(recipients, ["anna", "ben", "marta"].map(|name| format!("{name}.nordwind@corp.example.com")));
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 1);
    let made_by: Vec<(String, Option<String>)> =
        sqlx::query_as("select distinct actor, on_behalf_of from audit where action = 'create_workspace'")
            .fetch_all(&house.db)
            .await
            .unwrap();
    assert_eq!(made_by, [("system".to_owned(), Some("subject-of-helena".to_owned()))]);
    let started: Vec<(String, String, Option<String>)> =
        sqlx::query_as("select actor, phase, outcome from audit where action = 'start_launch' and object_id = $1 order by id")
            .bind(launch.to_string())
            .fetch_all(&house.db)
            .await
            .unwrap();
    let helena = "subject-of-helena".to_owned();
    assert_eq!(
        started,
        [(helena.clone(), "attempted".to_owned(), None), (helena, "finished".to_owned(), Some("succeeded".to_owned()))]
    );
    house.services.db.close().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn thirty_people_are_two_calls(db: PgPool) {
    let house = House::open(db).await;
    let given = [
        "anna", "ben", "clara", "david", "emil", "frida", "greta", "hannes", "ida", "jonas", "karla", "leon", "marta", "nils",
        "olga", "paul", "quirin", "rosa", "stefan", "tilda", "ulrich", "vera", "willi", "xenia", "yannick", "zoe", "arne",
        "birte", "carsten", "doris",
    ];
    let accounts: Vec<_> = given.iter().map(|given| format!("{given}.nordwind")).collect();
    let launch = house.launch(&accounts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    house.work(launch).await;
    let launch = launches::get(&house.services, &helpdesk(), launch).await.unwrap();
    assert_eq!((launch.summary.counts.available, launch.summary.counts.total(), launch.invitations.sent), (30, 30, 30));
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 2);
    for account in &accounts {
        assert_eq!(house.made_for(account).len(), 1, "{account}");
    }
    assert_eq!(house.mails().len(), 30);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refused_row_is_retried_and_no_other(db: PgPool) {
    let house = House::open(db).await;
    let services = &house.services;
    let code = "ResourceNotFound.User".to_owned();
    let users = vec!["marta.nordwind".to_owned()];
    house.fault_at("CreateWorkspaces", Kind::FailItem { code: code.clone(), message: "No such user.".into(), users }, 1);
    let launch = house.launch(&["marta.nordwind", "anna.nordwind"]).await;
    house.work(launch).await;
    let items = house.items(launch).await;
    assert_eq!(states(&items), [("anna.nordwind", ItemState::Available), ("marta.nordwind", ItemState::Failed)]);
    assert_eq!(items[0].failure, Some(Failure { code: code.clone(), message: Some("No such user.".into()) }));
    assert!(items[0].can_retry() && !items[1].can_retry());
    assert_eq!(house.making_record("marta.nordwind").await, [attempted(), failed(&code)]);
    assert_eq!(house.mails().len(), 1);

    let anna = house.made_for("anna.nordwind");
    let conflict = Err(Error::conflict(Conflict::NotRetryable));
    assert_eq!(launches::retry(services, &helpdesk(), launch, vec![items[1].id]).await, conflict);
    assert_eq!(launches::retry(services, &helpdesk(), launch, Vec::new()).await, Ok(1));
    assert_eq!(launches::retry(services, &helpdesk(), launch, Vec::new()).await, conflict, "it is on its way");
    house.work(launch).await;
    let items = house.items(launch).await;
    assert_eq!(states(&items), [("anna.nordwind", ItemState::Available), ("marta.nordwind", ItemState::Available)]);
    assert!(items.iter().all(|item| item.failure.is_none()), "{items:?}");
    assert_eq!(house.made_for("marta.nordwind").len(), 1);
    assert_eq!(house.made_for("anna.nordwind").iter().map(|made| &made.id).collect::<Vec<_>>(), [&anna[0].id]);
    assert_eq!((house.mails().len(), house.calls("workspaces:CreateWorkspaces")), (2, 2));
    assert_eq!(house.making_record("anna.nordwind").await.len(), 2);
    assert_eq!(count(&house.db, "audit where action = 'retry_items' and phase = 'finished' and detail = '1 rows'").await, 1);
}

/// The person is on the way to a WorkSpace through another launch by now.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_row_that_is_live_elsewhere_is_not_retried(db: PgPool) {
    let house = House::open(db).await;
    let fault = Kind::FailItem { code: "ResourceNotFound.User".into(), message: String::new(), users: Vec::new() };
    house.fault_at("CreateWorkspaces", fault, 1);
    let first = house.launch(&["marta.nordwind"]).await;
    house.run().await;
    assert_eq!(house.items(first).await[0].state, ItemState::Failed);
    let second = house.launch(&["marta.nordwind"]).await;
    let refusal = invalid(launches::retry(&house.services, &helpdesk(), first, Vec::new()).await);
    let told = "One of them is being launched already by somebody else. Nothing was sent. Reload the page to see who.";
    assert_eq!(refusal, [("people".to_owned(), told.to_owned())]);
    assert_eq!(house.items(first).await[0].state, ItemState::Failed);
    house.work(second).await;
    assert_eq!(house.made_for("marta.nordwind").len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn queued_rows_can_be_taken_back(db: PgPool) {
    let house = House::open(db).await;
    let services = &house.services;
    let launch = house.launch(&["marta.nordwind", "anna.nordwind", "ben.nordwind"]).await;
    let marta = house.items(launch).await.into_iter().find(|item| item.account == "marta.nordwind").unwrap();
    assert!(marta.can_cancel());
    assert_eq!(launches::cancel(services, &helpdesk(), launch, vec![marta.id]).await, Ok(1));
    let conflict = Err(Error::conflict(Conflict::NotCancelable));
    assert_eq!(launches::cancel(services, &helpdesk(), launch, vec![marta.id]).await, conflict);
    assert_eq!(launches::cancel(services, &helpdesk(), launch, vec![ItemId(Uuid::from_u128(1))]).await, conflict);
    house.run().await;
    assert_eq!(launches::cancel(services, &helpdesk(), launch, Vec::new()).await, conflict, "all others were sent");
    house.work(launch).await;
    assert_eq!(
        states(&house.items(launch).await),
        [
            ("anna.nordwind", ItemState::Available),
            ("ben.nordwind", ItemState::Available),
            ("marta.nordwind", ItemState::Canceled)
        ]
    );
    assert_eq!(house.made_for("marta.nordwind").len(), 0);
    assert_eq!(house.mails().len(), 2);
    assert_eq!(count(&house.db, "audit where action = 'cancel_items' and phase = 'finished'").await, 1);

    // Who was taken back can be launched again.
    let again = house.launch(&["marta.nordwind"]).await;
    assert_eq!(launches::cancel(services, &helpdesk(), again, Vec::new()).await, Ok(1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_answer_is_settled_by_the_tag(db: PgPool) {
    let house = House::with(db, unguarded(0)).await;
    house.fault_at("CreateWorkspaces", Kind::LoseReply, 1);
    let launch = house.launch(&["marta.nordwind", "anna.nordwind"]).await;
    house.work(launch).await;
    assert_eq!(
        states(&house.items(launch).await),
        [("anna.nordwind", ItemState::Available), ("marta.nordwind", ItemState::Available)]
    );
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 1);
    for account in ["anna.nordwind", "marta.nordwind"] {
        assert_eq!(house.made_for(account).len(), 1, "{account}");
        let record = house.making_record(account).await;
        assert_eq!(record, [attempted(), ("finished".into(), Some("unknown".into()), None)]);
    }
    assert_eq!(house.mails().len(), 2);
}

/// AWS does not show at once what it made: nothing is sent again before the lag is over, however often a job looks.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_aws_does_not_show_yet_is_not_sent_again(db: PgPool) {
    let house = House::with(db, unguarded(120_000)).await;
    house.fault_at("CreateWorkspaces", Kind::LoseReply, 1);
    let launch = house.launch(&["marta.nordwind"]).await;
    for _ in 0..3 {
        house.run_waiting().await;
        assert_eq!(house.items(launch).await[0].state, ItemState::Unconfirmed);
        house.sandbox.clock().advance(TimeDelta::seconds(30));
    }
    house.work(launch).await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Available);
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 1);
    assert_eq!((house.made_for("marta.nordwind").len(), house.mails().len()), (1, 1));
}

/// HTTP 500 may mean both; here it means that nothing was done.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_aws_never_made_is_sent_again_after_the_lag(db: PgPool) {
    let house = House::with(db, unguarded(0)).await;
    house.fault_at("CreateWorkspaces", Kind::ServerError, 1);
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run_waiting().await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Unconfirmed);
    house.sandbox.clock().advance(TimeDelta::seconds(280));
    house.run_waiting().await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Unconfirmed);
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 1);
    house.work(launch).await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Available);
    let made = house.made_for("marta.nordwind");
    assert_eq!((made.len(), house.calls("workspaces:CreateWorkspaces"), house.mails().len()), (1, 2, 1));
    let record = house.making_record("marta.nordwind").await;
    let unknown = ("finished".to_owned(), Some("unknown".to_owned()), None);
    assert_eq!(record, [attempted(), unknown, attempted(), succeeded(&made[0].id)]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_foreign_workspace_is_shown_with_its_difference(db: PgPool) {
    let house = House::open(db).await;
    house.at_aws("ws-777777777", "marta.nordwind");
    tagged_elsewhere(&house);
    let launch = house.launch(&["marta.nordwind", "anna.nordwind"]).await;
    house.work(launch).await;
    let items = house.items(launch).await;
    assert_eq!(states(&items), [("anna.nordwind", ItemState::Available), ("marta.nordwind", ItemState::AlreadyHas)]);
    let marta = items.iter().find(|item| item.account == "marta.nordwind").unwrap();
    assert_eq!(marta.workspace.as_ref().map(|id| id.as_str()), Some("ws-777777777"));
    let failure = marta.failure.clone().unwrap();
    assert_eq!(failure.code, "ResourceExists.WorkSpace");
    assert_eq!(
        failure.message.unwrap(),
        format!(
            "ws-777777777 is AVAILABLE; its bundle is {OFFICE}, this launch wanted {DESK}; it runs AlwaysOn, this launch wanted \
             AutoStop after 2 hours"
        )
    );
    assert!(!marta.can_retry() && marta.invitation.is_none());
    assert_eq!(house.made_for("marta.nordwind").len(), 1);
    let recipients: Vec<_> = house.mails().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(recipients, ["anna.nordwind@corp.example.com"], "a mail goes only to those whom this launch gave one");
    let conflict = Err(Error::conflict(Conflict::NotRetryable));
    assert_eq!(launches::retry(&house.services, &helpdesk(), launch, Vec::new()).await, conflict);
}

/// The guard is off and somebody else made one: the lost answer is ours by its tag, never by the user's name.
#[sqlx::test(migrator = "MIGRATOR")]
async fn the_tag_decides_and_not_the_user_name(db: PgPool) {
    let house = House::with(db, unguarded(0)).await;
    house.at_aws("ws-777777777", "marta.nordwind");
    tagged_elsewhere(&house);
    house.fault_at("CreateWorkspaces", Kind::LoseReply, 1);
    let launch = house.launch(&["marta.nordwind"]).await;
    house.work(launch).await;
    let item = house.items(launch).await.remove(0);
    assert_eq!(item.state, ItemState::Available);
    let made = house.made_for("marta.nordwind");
    assert_eq!(made.len(), 2);
    assert_eq!(item.workspace.unwrap().as_str(), made[1].id);
    assert_eq!(made[1].tags.last(), Some(&(Tag::ITEM.to_owned(), item.id.to_string())));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_throttled_row_is_queued_and_sent_later(db: PgPool) {
    let house = House::with(db, unguarded(0)).await;
    house.fault_at("CreateWorkspaces", Kind::Throttle, 1);
    let launch = house.launch(&["marta.nordwind"]).await;
    house.work(launch).await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Available);
    let made = house.made_for("marta.nordwind");
    assert_eq!((made.len(), house.calls("workspaces:CreateWorkspaces"), house.mails().len()), (1, 2, 1));
    let record = house.making_record("marta.nordwind").await;
    assert_eq!(record, [attempted(), failed("not taken, sent again later"), attempted(), succeeded(&made[0].id)]);
}

/// Another worker took the row over while AWS was slow: the first may not write what it learns too late.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_worker_that_lost_its_claim_writes_nothing(db: PgPool) {
    let house = House::with(db, unguarded(0)).await;
    house.fault_at("CreateWorkspaces", Kind::Delay { ms: 1_200 }, 1);
    let launch = house.launch(&["marta.nordwind"]).await;
    let other = Uuid::now_v7();
    let taken_over = async {
        for _ in 0..200 {
            let taken = sqlx::query("update launch_item set claim = $1 where state = 'sending'").bind(other);
            if taken.execute(&house.db).await.unwrap().rows_affected() == 1 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("the row was never sent");
    };
    tokio::join!(house.run(), taken_over);
    let row = sqlx::query("select state, claim, workspace_id from launch_item").fetch_one(&house.db).await.unwrap();
    assert_eq!(row.get::<String, _>("state"), "sending");
    assert_eq!(row.get::<Option<Uuid>, _>("claim"), Some(other));
    assert_eq!(row.get::<Option<String>, _>("workspace_id"), None);
    assert_eq!(house.made_for("marta.nordwind").len(), 1);

    // The other one died with it; what it left is settled as any other.
    house.sandbox.clock().advance(TimeDelta::seconds(30));
    house.work(launch).await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Available);
    assert_eq!((house.made_for("marta.nordwind").len(), house.mails().len()), (1, 1));
    assert_eq!(house.calls("workspaces:CreateWorkspaces"), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_workspace_in_error_is_not_retried(db: PgPool) {
    let house = House::open(db).await;
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run().await;
    house.sandbox.state().memory().workspaces.last_mut().unwrap().state = Some("ERROR".into());
    house.work(launch).await;
    let item = house.items(launch).await.remove(0);
    let failure = item.failure.clone().unwrap();
    assert_eq!((item.state, failure.code.as_str()), (ItemState::Failed, Failure::ERROR_STATE));
    let message = "DomainJoinError.InternalError: The WorkSpace could not join the domain.";
    assert_eq!(failure.message.as_deref(), Some(message));
    assert!(!item.can_retry());
    let conflict = Err(Error::conflict(Conflict::NotRetryable));
    assert_eq!(launches::retry(&house.services, &helpdesk(), launch, vec![item.id]).await, conflict);
    assert_eq!(house.items(launch).await[0].state, ItemState::Failed);
    assert_eq!((house.mails().len(), house.calls("workspaces:CreateWorkspaces")), (0, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_slow_workspace_is_watched_again_and_not_made_again(db: PgPool) {
    let plan = unguarded(0);
    let behaviour = Behaviour { pending_ms: 10_800_000, ..plan.behaviour.clone() };
    let house = House::with(db, Plan { behaviour, ..plan }).await;
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run().await;
    house.sandbox.clock().advance(TimeDelta::hours(2) + TimeDelta::minutes(1));
    house.run_waiting().await;
    let item = house.items(launch).await.remove(0);
    assert_eq!((item.state, item.failure.unwrap().code.as_str()), (ItemState::Failed, Failure::TIME_LIMIT));
    assert_eq!(launches::retry(&house.services, &helpdesk(), launch, Vec::new()).await, Ok(1));
    assert_eq!(house.items(launch).await[0].state, ItemState::Pending);
    house.sandbox.clock().advance(TimeDelta::hours(1));
    house.work(launch).await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Available);
    assert_eq!((house.made_for("marta.nordwind").len(), house.calls("workspaces:CreateWorkspaces")), (1, 1));
    assert_eq!(house.mails().len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_workspace_that_vanished_is_made_anew(db: PgPool) {
    let house = House::open(db).await;
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run().await;
    let now = house.sandbox.clock().now();
    house.sandbox.state().memory().workspaces.last_mut().unwrap().terminated_at = Some(now);
    house.sandbox.clock().advance(TimeDelta::seconds(60));
    house.run_waiting().await;
    assert_eq!(house.items(launch).await[0].state, ItemState::Pending, "AWS may not show it yet");
    house.sandbox.clock().advance(TimeDelta::seconds(300));
    house.run_waiting().await;
    let item = house.items(launch).await.remove(0);
    assert_eq!((item.state, item.failure.unwrap().code.as_str()), (ItemState::Failed, Failure::VANISHED));
    assert_eq!(launches::retry(&house.services, &helpdesk(), launch, vec![item.id]).await, Ok(1));
    house.work(launch).await;
    let item = house.items(launch).await.remove(0);
    assert_eq!(
        (item.state, item.workspace.unwrap().as_str()),
        (ItemState::Available, house.made_for("marta.nordwind")[0].id.as_str())
    );
    assert_eq!(house.mails().len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_scoped_role_does_nothing_elsewhere(db: PgPool) {
    let house = House::open(db).await;
    house.second_directory().await;
    let services = &house.services;
    // The same person as the one whose draft it is, who had the role everywhere a moment ago.
    let elsewhere = &person(Role::Helpdesk, Some(UNREGISTERED));
    let refused = || Error::NotAllowed { needs: vec![Role::Helpdesk, Role::Admin] };
    let draft = house.draft(&helpdesk(), &["marta.nordwind"]).await;
    assert_eq!(launches::start(services, elsewhere, draft).await, Err(refused()));
    let directory = DIRECTORY.parse().unwrap();
    assert_eq!(drafts::choose_directory(services, elsewhere, draft, directory).await, Err(refused()));
    let anna = vec![house.guid("anna.nordwind")];
    assert_eq!(drafts::add_people(services, elsewhere, draft, anna).await, Err(refused()));
    assert_eq!(count(&house.db, "launch").await, 0);

    let launch = launches::start(services, &helpdesk(), draft).await.unwrap();
    let not_seen = || Error::NotAllowed { needs: vec![Role::Helpdesk, Role::Admin, Role::Auditor] };
    assert_eq!(launches::get(services, elsewhere, launch).await, Err(not_seen()));
    assert_eq!(launches::items(services, elsewhere, launch, None, PageRequest::default()).await, Err(not_seen()));
    let list = async |actor| launches::list(services, actor, Filter::default(), PageRequest::default()).await.unwrap();
    assert_eq!((list(elsewhere).await.total, list(elsewhere).await.rows.len()), (0, 0));
    assert_eq!(launches::cancel(services, elsewhere, launch, Vec::new()).await, Err(refused()));
    sqlx::query("update launch_item set state = 'failed'").execute(&house.db).await.unwrap();
    assert_eq!(launches::retry(services, elsewhere, launch, Vec::new()).await, Err(refused()));
    assert_eq!(house.items(launch).await[0].state, ItemState::Failed);
    let today = launches::today(services, elsewhere).await.unwrap();
    assert!(today.running.is_empty() && today.failed.is_empty());

    let here = &person(Role::Helpdesk, Some(DIRECTORY));
    assert_eq!(list(here).await.rows.iter().map(|launch| launch.id).collect::<Vec<_>>(), [launch]);
    assert_eq!(launches::get(services, here, launch).await.unwrap().summary.counts.failed, 1);
    let auditor = &person(Role::Auditor, None);
    assert_eq!(list(auditor).await.total, 1);
    assert_eq!(launches::retry(services, auditor, launch, Vec::new()).await, Err(refused()));
    assert_eq!(launches::retry(services, here, launch, Vec::new()).await, Ok(1));
}
