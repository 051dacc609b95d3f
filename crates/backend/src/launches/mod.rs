//! Launches: putting one together (`drafts`, `list`), starting it, and what can be done about its rows. The engine that brings the
//! rows to AWS is in `send`, `settle` and `poll`.

pub mod drafts;
pub mod list;
pub(crate) mod poll;
pub(crate) mod send;
pub(crate) mod settle;
pub(crate) mod store;

use model::{
    Conflict, DirectoryId, DraftId, Error, FieldError, ItemId, LaunchId, Page, PageRequest,
    access::{Act, Actor, Scope},
    audit::{Action, Outcome},
    launches::{Desktop, DraftPerson, Filter, Item, ItemState, Launch, Summary, Today},
    people::Obstacles,
    workspaces::Tag,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Fault, Services, audit,
    directories::{self, Part, scope_ids},
    fault::told,
    invitations, offerings, workspaces,
};

/// Starts the launch that the draft describes. A draft becomes one launch: a second submit finds the first. `seen` is the version
/// that the actor looked at, if it is known.
///
/// # Errors
/// [`Error::Invalid`] naming what stands against it (nothing was sent), [`Error::Conflict`] when the directory can't take
/// launches, [`Error::NotAllowed`], [`Error::Unavailable`] when Active Directory can't be asked.
pub async fn start(services: &Services, actor: &Actor, draft: DraftId, seen: Option<i64>) -> model::Result<LaunchId> {
    actor.authorize(Act::Launch)?;
    let (id, (draft, people)) = (draft, drafts::with_people(services, actor, draft).await?);
    if let Some(launch) = draft.launch {
        return Ok(launch);
    }
    if seen.is_some_and(|seen| seen != draft.version) {
        return Err(Error::conflict(Conflict::DraftChanged));
    }
    let directory = draft.directory.ok_or_else(|| Error::invalid("directory", "Choose a directory first."))?;
    actor.authorize_in(Act::Launch, &directory)?;
    if directories::get(services, &directory).await?.why_not().is_some() {
        return Err(Error::conflict(Conflict::DirectoryNotReady));
    }
    if people.is_empty() {
        return Err(Error::invalid("people", "Add at least one person. Your draft is kept."));
    }
    let desktop = draft.desktop.parse().map_err(|fields| Error::Invalid { fields })?;
    if !draft.errors.is_empty() {
        return Err(Error::Invalid { fields: draft.errors });
    }
    refuse_tags(&desktop.tags, &people)?;
    let (known, _) = workspaces::bundles(services, actor).await?;
    drafts::misfit(&desktop, &people, &known)?;
    let obstacles = drafts::obstacles(services, &directory, &people).await?;
    if let Err(refusal) = refuse_obstacles(&obstacles) {
        // Another submit of this draft may have won since the draft was read: then these people are its own.
        return drafts::get(services, actor, id).await?.launch.ok_or(refusal);
    }

    let mut tx = services.db.begin().await.map_err(told)?;
    if store::insert_launch(&mut tx, services, (actor.key(), actor.name()), id, &directory, &desktop).await.map_err(told)? {
        store::insert_items(&mut tx, services, id, &directory, &desktop, &people)
            .await
            .map_err(|error| live_elsewhere(error, &people))?;
        let record = record(Action::StartLaunch, LaunchId(id.0), &format!("{} people", people.len()));
        audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
        send::wake(&mut tx, services.clock.now()).await.map_err(told)?;
    }
    tx.commit().await.map_err(told)?;
    Ok(LaunchId(id.0))
}

/// Starts a launch for a request that was approved, in the transaction that ties the request to it; its people were looked at by the
/// caller. `starter`: the key and the name of who asked, whom the mails name.
///
/// # Errors
/// The database's; the index `launch_item_live` refuses somebody who is on the way in another launch.
pub(crate) async fn begin_for(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    starter: (&str, &str),
    id: LaunchId,
    (directory, desktop): (&DirectoryId, &Desktop),
    people: &[DraftPerson],
) -> Result<(), Fault> {
    let draft = DraftId(id.0);
    store::insert_launch(tx, services, starter, draft, directory, desktop).await?;
    store::insert_items(tx, services, draft, directory, desktop, people).await?;
    let record = record(Action::StartLaunch, id, &format!("{} people, by a request", people.len()));
    audit::noted(tx, services, actor, &record, Outcome::Succeeded).await?;
    Ok(send::wake(tx, services.clock.now()).await?)
}

/// Tags of a list's columns come on top of the launch's; AWS counts them together.
fn refuse_tags(tags: &[Tag], people: &[DraftPerson]) -> model::Result<()> {
    let over = people.iter().find(|person| Tag::merged(tags.to_vec(), &person.tags).len() > Tag::MOST);
    match over {
        Some(person) => {
            let name = &person.name;
            Err(Error::invalid("tags", format!("{name} would have more than 50 tags, with those of the list. Nothing was sent.")))
        }
        None => Ok(()),
    }
}

/// How many refused people an error names.
const NAMED: usize = 20;

fn refuse_obstacles(obstacles: &[(DraftPerson, Obstacles)]) -> model::Result<()> {
    let fields = obstacles.iter().take(NAMED).map(|(person, obstacles)| {
        let why = obstacles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        FieldError { field: "people".to_owned(), message: format!("{}: {why}.", person.name) }
    });
    let mut fields: Vec<_> = fields.collect();
    if obstacles.len() > NAMED {
        let message = format!("And {} more. The check names them.", obstacles.len() - NAMED);
        fields.push(FieldError { field: "people".to_owned(), message });
    }
    if fields.is_empty() { Ok(()) } else { Err(Error::Invalid { fields }) }
}

/// The index that allows a person one live row refused: somebody else launched them since the check.
fn live_elsewhere(error: sqlx::Error, people: &[DraftPerson]) -> Error {
    match &error {
        sqlx::Error::Database(database) if database.constraint() == Some("launch_item_live") => {
            let names = people.iter().take(3).map(|person| person.name.as_str()).collect::<Vec<_>>().join(", ");
            let who = if names.is_empty() { names } else { format!(" ({names} …)") };
            Error::invalid(
                "people",
                format!(
                    "One of them is being launched already by somebody else{who}. Nothing was sent. Reload the page to see who."
                ),
            )
        }
        _ => told(error),
    }
}

fn record(action: Action, launch: LaunchId, detail: &str) -> audit::Record<'static> {
    audit::Record {
        action,
        object: audit::Object { kind: "launch", id: launch.to_string(), name: format!("Launch {}", short(launch)) },
        person: None,
        detail: Some(detail.to_owned()),
    }
}

/// The last group of the id, as pages show it.
fn short(launch: LaunchId) -> String {
    launch.to_string().chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect()
}

/// One page of launches, the newest first.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn list(services: &Services, actor: &Actor, filter: Filter, page: PageRequest) -> model::Result<Page<Summary>> {
    let scope = actor.scope(Act::SeeDesktops)?;
    store::list(services, scope_ids(&scope).as_deref(), &filter, page).await.map_err(told)
}

/// One launch without its rows.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn get(services: &Services, actor: &Actor, id: LaunchId) -> model::Result<Launch> {
    let launch = seen(services, actor, id).await?;
    let warning = match launch.summary.counts.queued {
        0 => None,
        _ => directories::room(services, &launch.summary.directory).await?.and_then(|addresses| addresses.warning_under_way()),
    };
    Ok(Launch { warning, ..launch })
}

/// One launch as its rows say, for those who may see it.
async fn seen(services: &Services, actor: &Actor, id: LaunchId) -> model::Result<Launch> {
    actor.authorize(Act::SeeDesktops)?;
    let launch = store::one(services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    actor.authorize_in(Act::SeeDesktops, &launch.summary.directory)?;
    Ok(launch)
}

/// One page of a launch's rows, in the order in which people were added; failed ones first.
///
/// # Errors
/// As [`get`].
pub async fn items(
    services: &Services,
    actor: &Actor,
    id: LaunchId,
    state: Option<ItemState>,
    page: PageRequest,
) -> model::Result<Page<Item>> {
    seen(services, actor, id).await?;
    store::items(services, id, state, page).await.map_err(told)
}

/// Sends failed rows again; all of them if none is named. A row whose WorkSpace AWS had accepted is only watched again.
///
/// # Errors
/// [`Error::Conflict`] if none of the rows can be tried again, [`Error::NotAllowed`].
pub async fn retry(services: &Services, actor: &Actor, id: LaunchId, items: Vec<ItemId>) -> model::Result<u32> {
    change(services, actor, id, items, Action::RetryItems).await
}

/// Takes back rows that were not sent yet; all of them if none is named.
///
/// # Errors
/// [`Error::Conflict`] if all of the rows were sent already, [`Error::NotAllowed`].
pub async fn cancel(services: &Services, actor: &Actor, id: LaunchId, items: Vec<ItemId>) -> model::Result<u32> {
    change(services, actor, id, items, Action::CancelItems).await
}

/// Sends the unsent rows of a launch that waits because AWS refused the account.
///
/// # Errors
/// [`Error::Conflict`] if it does not wait, [`Error::NotAllowed`].
pub async fn resume(services: &Services, actor: &Actor, id: LaunchId) -> model::Result<()> {
    actor.authorize(Act::Launch)?;
    let launch = store::one(services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    actor.authorize_in(Act::Launch, &launch.summary.directory)?;
    let mut tx = services.db.begin().await.map_err(told)?;
    if !store::resume(&mut tx, id).await.map_err(told)? {
        return Err(Error::conflict(Conflict::NotPaused));
    }
    let record = record(Action::ResumeLaunch, id, &format!("{} rows", launch.summary.counts.queued));
    audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
    send::wake(&mut tx, services.clock.now()).await.map_err(told)?;
    crate::db::announce(&mut tx, crate::db::Topic::Launch(id)).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

async fn change(services: &Services, actor: &Actor, id: LaunchId, items: Vec<ItemId>, action: Action) -> model::Result<u32> {
    actor.authorize(Act::Launch)?;
    let launch = store::one(services, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    actor.authorize_in(Act::Launch, &launch.summary.directory)?;
    let items: Vec<Uuid> = items.into_iter().map(|item| item.0).collect();
    let named = (!items.is_empty()).then_some(items.as_slice());
    let mut tx = services.db.begin().await.map_err(told)?;
    let (changed, none) = match action {
        Action::CancelItems => (store::cancel(&mut tx, services, id, named).await, Conflict::NotCancelable),
        _ => (store::retry(&mut tx, services, id, named).await, Conflict::NotRetryable),
    };
    let changed = changed.map_err(|error| live_elsewhere(error, &[]))?;
    if changed == 0 {
        return Err(Error::conflict(none));
    }
    let record = record(action, id, &format!("{changed} rows"));
    audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
    send::wake(&mut tx, services.clock.now()).await.map_err(told)?;
    poll::wake(&mut tx, services.clock.now()).await.map_err(told)?;
    crate::db::announce(&mut tx, crate::db::Topic::Launch(id)).await.map_err(told)?;
    tx.commit().await.map_err(told)?;
    Ok(changed)
}

/// The start page: what runs, what failed, what was left half done. Nothing of this waits for those who only ask or approve.
///
/// # Errors
/// [`Error::NotAllowed`] without any role.
pub async fn today(services: &Services, actor: &Actor) -> model::Result<Today> {
    actor.authorize(Act::SeeToday)?;
    let scope = actor.scope(Act::SeeDesktops).unwrap_or(Scope::Directories(Vec::new()));
    let freshness = directories::freshness(services, Part::Workspaces).await?;
    let connectors = directories::troubles(services, &scope).await?;
    let scope = scope_ids(&scope);
    let waiting = invitations::waiting(services, scope.as_deref()).await?;
    let offerings = offerings::flagged(services, actor).await?;
    store::today(services, actor, scope.as_deref(), freshness, (waiting, connectors, offerings)).await.map_err(told)
}
