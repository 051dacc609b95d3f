//! Putting a launch together: each step is kept as it was typed, and only its owner sees it.

use backend::launches::{self, drafts};
use model::{
    Conflict, DraftId, Error, PageRequest, PersonGuid,
    access::Role,
    launches::{DesktopForm, Step},
    workspaces::RunningMode,
};
use sqlx::PgPool;
use uuid::Uuid;

use super::{MIGRATOR, invalid};
use crate::house::{DIRECTORY, House, OFFICE, UNREGISTERED, colleague, count, desktop, helpdesk, person};

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
    let people = async || drafts::people(services, helena, draft, PageRequest::default()).await.unwrap().rows;
    let mut accounts: Vec<_> = people().await.into_iter().map(|person| person.account).collect();
    accounts.sort_unstable();
    assert_eq!(accounts, ["anna.nordwind", "marta.nordwind"]);
    assert_eq!((get().await.people, get().await.furthest()), (2, Step::Desktop));

    let other = vec![(house.guid("marta.nordwind"), Some(OFFICE.parse().unwrap()))];
    assert!(drafts::save_desktop(services, helena, draft, desktop(), other).await.unwrap());
    let kept = get().await;
    assert_eq!((kept.desktop.clone(), kept.errors.clone(), kept.furthest()), (desktop(), vec![], Step::Check));
    for person in people().await {
        let bundle = (person.account == "marta.nordwind").then(|| OFFICE.parse().unwrap());
        assert_eq!(person.bundle, bundle, "{}", person.account);
    }

    let check = drafts::check(services, helena, draft, PageRequest::default()).await.unwrap();
    assert!(check.can_launch(), "{check:?}");
    assert_eq!(check.running_mode, Some(RunningMode::AutoStop { hours: 2 }));
    assert_eq!(
        check.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect::<Vec<_>>(),
        [("cost centre", "4711"), ("team", "Logistics")]
    );
    assert!(check.bundles.iter().any(|(id, name)| id.as_str() == OFFICE && name == "Office-Desk"));

    drafts::remove_people(services, helena, draft, vec![house.guid("marta.nordwind")]).await.unwrap();
    assert_eq!(get().await.people, 1);
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
    let check = drafts::check(services, helena, draft, PageRequest::default()).await.unwrap();
    assert!(!check.can_launch());
    assert_eq!((check.running_mode, check.tags), (None, vec![]));
    let fields = invalid(launches::start(services, helena, draft, None).await);
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
    assert!(launches::start(services, helena, draft, None).await.is_ok());
}

/// A bundle that the mirror does not know, for one person, is as wrong at the start as it was when it was typed.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_draft_with_errors_is_not_started(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = house.draft(helena, &["marta.nordwind"]).await;
    let unknown = vec![(house.guid("marta.nordwind"), Some("wsb-not0known".parse().unwrap()))];
    assert!(!drafts::save_desktop(services, helena, draft, desktop(), unknown).await.unwrap());
    assert!(!drafts::check(services, helena, draft, PageRequest::default()).await.unwrap().can_launch());
    assert_eq!(invalid(launches::start(services, helena, draft, None).await)[0].0, "person_bundle");
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
    assert_eq!((kept.directory.unwrap().as_str(), kept.people), (DIRECTORY, 1));

    // It was ready when it was chosen.
    house.execute("update directory set stage = 'Impaired' where directory_id = 'd-906731a2b4'").await;
    let check = drafts::check(services, helena, draft, PageRequest::default()).await.unwrap();
    assert!(check.directory_problem.as_deref().is_some_and(|problem| problem.contains("Impaired")), "{check:?}");
    assert_eq!(launches::start(services, helena, draft, None).await, Err(Error::conflict(Conflict::DirectoryNotReady)));
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
    assert_eq!(drafts::get(&house.services, helena, draft).await.unwrap().people, 1);
    house.execute("update directory set name = 'lab.example.com' where directory_id = 'd-906731a2b4'").await;
    house.set(|settings| {
        let lab = backend::settings::AdDomain { domain: "lab.example.com".into(), ..settings.ad[0].clone() };
        settings.ad.push(lab);
    });
    house.ad(|_| {});
    drafts::choose_directory(&house.services, helena, draft, DIRECTORY.parse().unwrap()).await.unwrap();
    assert_eq!(drafts::get(&house.services, helena, draft).await.unwrap().people, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn somebody_elses_draft_is_not_there(db: PgPool) {
    let house = House::open(db).await;
    let (services, tomas) = (&house.services, &colleague());
    let draft = house.draft(&helpdesk(), &["marta.nordwind"]).await;
    let anna = vec![house.guid("anna.nordwind")];
    assert_eq!(drafts::get(services, tomas, draft).await, Err(Error::NotFound));
    assert_eq!(drafts::check(services, tomas, draft, PageRequest::default()).await, Err(Error::NotFound));
    assert_eq!(launches::start(services, tomas, draft, None).await, Err(Error::NotFound));
    assert_eq!(drafts::save_desktop(services, tomas, draft, desktop(), Vec::new()).await, Err(Error::NotFound));
    assert_eq!(drafts::add_people(services, tomas, draft, anna.clone()).await, Err(Error::NotFound));
    assert_eq!(drafts::people(services, tomas, draft, PageRequest::default()).await, Err(Error::NotFound));
    assert_eq!(drafts::chosen_among(services, tomas, draft, &[house.guid("marta.nordwind")]).await, Err(Error::NotFound));
    assert_eq!(drafts::remove_blocked(services, tomas, draft).await, Err(Error::NotFound));
    assert_eq!(drafts::remove_people(services, tomas, draft, vec![house.guid("marta.nordwind")]).await, Err(Error::NotFound));
    assert_eq!(drafts::choose_directory(services, tomas, draft, DIRECTORY.parse().unwrap()).await, Err(Error::NotFound));
    assert_eq!(drafts::discard(services, tomas, draft).await, Err(Error::NotFound));
    assert_eq!(drafts::get(services, &helpdesk(), DraftId(Uuid::from_u128(1))).await, Err(Error::NotFound));
    assert_eq!(drafts::get(services, &helpdesk(), draft).await.unwrap().people, 1);
    for role in [Role::Auditor, Role::Requester, Role::Approver] {
        assert!(matches!(drafts::get(services, &person(role, None), draft).await, Err(Error::NotAllowed { .. })), "{role:?}");
        assert!(matches!(drafts::create(services, &person(role, None)).await, Err(Error::NotAllowed { .. })), "{role:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_draft_holds_5000_people(db: PgPool) {
    let house = House::open(db).await;
    let (services, helena) = (&house.services, &helpdesk());
    let draft = house.draft(helena, &["marta.nordwind"]).await;
    let too_many = Err(Error::conflict(Conflict::TooManyPeople));
    sqlx::query(
        "insert into launch_draft_person (draft_id, person_guid, account, name)
         select $1, gen_random_uuid(), 'person' || number, 'Person' from generate_series(1, 4998) number",
    )
    .bind(draft.0)
    .execute(&house.db)
    .await
    .unwrap();
    let two = ["anna.nordwind", "ben.nordwind"].map(|account| house.guid(account));
    assert_eq!(drafts::add_people(services, helena, draft, two.to_vec()).await, too_many);
    assert_eq!(count(&house.db, "launch_draft_person").await, 4_999, "the list is kept as it was");
    assert_eq!(drafts::add_people(services, helena, draft, two[..1].to_vec()).await.unwrap().added, 1);
    assert_eq!(drafts::add_people(services, helena, draft, two[1..].to_vec()).await, too_many);
}
