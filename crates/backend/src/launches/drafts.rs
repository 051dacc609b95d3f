//! The wizard's drafts: everything typed is kept in a row, right or wrong, until it is launched.

use std::collections::{HashMap, HashSet};

use model::{
    BundleId, Conflict, DirectoryId, DraftId, Error, Page, PageRequest, PersonGuid,
    access::{Act, Actor},
    launches::{Added, Check, Desktop, DesktopForm, Draft, DraftPerson},
    people::{Obstacle, Obstacles},
    workspaces::Bundle,
};
use uuid::Uuid;

use super::store;
use crate::{Services, directories, fault::told, people, workspaces};

/// Begins a draft of the actor's.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn create(services: &Services, actor: &Actor) -> model::Result<DraftId> {
    actor.authorize(Act::Launch)?;
    let id = DraftId(Uuid::now_v7());
    store::insert_draft(services, actor, id).await.map_err(told)?;
    Ok(id)
}

/// The actor's own draft.
///
/// # Errors
/// [`Error::NotFound`] for an unknown draft and for somebody else's.
pub async fn get(services: &Services, actor: &Actor, id: DraftId) -> model::Result<Draft> {
    actor.authorize(Act::Launch)?;
    store::draft(services, actor, id).await.map_err(told)?.ok_or(Error::NotFound)
}

/// The actor's own draft, still open to change.
async fn open(services: &Services, actor: &Actor, id: DraftId) -> model::Result<Draft> {
    let draft = get(services, actor, id).await?;
    if draft.launch.is_some() { Err(Error::conflict(Conflict::DraftLaunched)) } else { Ok(draft) }
}

/// Chooses the directory. People of another domain than the new directory's are taken off the list.
///
/// # Errors
/// [`Error::Conflict`] if it can't take launches; [`Error::NotAllowed`] outside the actor's scope.
pub async fn choose_directory(services: &Services, actor: &Actor, id: DraftId, directory: DirectoryId) -> model::Result<()> {
    actor.authorize_in(Act::Launch, &directory)?;
    let draft = open(services, actor, id).await?;
    let chosen = directories::get(services, &directory).await?;
    if chosen.why_not().is_some() {
        return Err(Error::conflict(Conflict::DirectoryNotReady));
    }
    let same_domain = match &draft.directory {
        Some(before) => directories::get(services, before).await.is_ok_and(|before| before.domain == chosen.domain),
        None => false,
    };
    store::set_directory(services, id, &directory, !same_domain).await.map_err(told)
}

/// Adds people who can be launched; the others are counted and left out.
///
/// # Errors
/// [`Error::Conflict`] when the list would grow over its limit, [`Error::Unavailable`] when Active Directory is away.
pub async fn add_people(services: &Services, actor: &Actor, id: DraftId, guids: Vec<PersonGuid>) -> model::Result<Added> {
    let directory = directory_of(services, actor, id).await?;
    let known = chosen_among(services, actor, id, &guids).await?;
    let new: Vec<_> = guids.into_iter().filter(|guid| !known.contains(guid)).collect();
    let asked = new.len();
    let hits = people::hits(services, &directory, &new).await?;
    let eligible: Vec<_> = hits.into_iter().filter(|hit| hit.obstacles.is_empty()).map(|hit| hit.person).collect();
    if !store::add_people(services, id, &eligible).await.map_err(told)? {
        return Err(Error::conflict(Conflict::TooManyPeople));
    }
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(Added { added: count(eligible.len()), refused: count(asked.saturating_sub(eligible.len())) })
}

/// The directory that the actor's open draft is for, in which they may launch.
///
/// # Errors
/// [`Error::Invalid`] before one was chosen, [`Error::NotAllowed`] outside the actor's scope, [`Error::NotFound`],
/// [`Error::Conflict`] once it was launched.
pub(super) async fn directory_of(services: &Services, actor: &Actor, id: DraftId) -> model::Result<DirectoryId> {
    let draft = open(services, actor, id).await?;
    let directory = draft.directory.ok_or_else(|| Error::invalid("directory", "Choose a directory first."))?;
    actor.authorize_in(Act::Launch, &directory)?;
    Ok(directory)
}

/// One page of the people of the actor's own draft, in the order in which they were added.
///
/// # Errors
/// [`Error::NotFound`] for an unknown draft and for somebody else's.
pub async fn people(services: &Services, actor: &Actor, id: DraftId, page: PageRequest) -> model::Result<Page<DraftPerson>> {
    let total = get(services, actor, id).await?.people;
    Ok(Page { rows: store::people(services, id, page).await.map_err(told)?, total, request: page })
}

/// Which of these people are on the actor's own draft.
///
/// # Errors
/// [`Error::NotFound`] for an unknown draft and for somebody else's.
pub async fn chosen_among(
    services: &Services,
    actor: &Actor,
    id: DraftId,
    guids: &[PersonGuid],
) -> model::Result<Vec<PersonGuid>> {
    get(services, actor, id).await?;
    let guids: Vec<_> = guids.iter().map(|guid| guid.0).collect();
    store::chosen_among(services, id, &guids).await.map_err(told)
}

/// Takes people off the list.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] once it was launched.
pub async fn remove_people(services: &Services, actor: &Actor, id: DraftId, guids: Vec<PersonGuid>) -> model::Result<()> {
    open(services, actor, id).await?;
    let guids: Vec<_> = guids.into_iter().map(|guid| guid.0).collect();
    store::remove_people(services, id, &guids).await.map_err(told)
}

/// Keeps the desktop step as typed, with what is wrong with it. True when nothing is.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] once it was launched.
pub async fn save_desktop(
    services: &Services,
    actor: &Actor,
    id: DraftId,
    form: DesktopForm,
    bundles: Vec<(PersonGuid, Option<BundleId>)>,
) -> model::Result<bool> {
    open(services, actor, id).await?;
    let (known, _) = workspaces::bundles(services, actor).await?;
    let mut errors = match form.parse() {
        Ok(desktop) => desktop.fit(&known).err().unwrap_or_default(),
        Err(errors) => errors,
    };
    let is_known = |id: &str| known.iter().any(|bundle| bundle.id.as_str() == id);
    if !errors.iter().any(|error| error.field == "bundle") && !is_known(&form.bundle) {
        errors.push(Desktop::not_in_region());
    }
    if bundles.iter().any(|(_, bundle)| bundle.as_ref().is_some_and(|bundle| !is_known(bundle.as_str()))) {
        errors.push(model::FieldError {
            field: "person_bundle".into(),
            message: "One person's bundle is not in this Region. Choose one of the list.".into(),
        });
    }
    store::save_desktop(services, id, &form, &errors, &bundles).await.map_err(told)?;
    Ok(errors.is_empty())
}

/// What is wrong with the volumes for one of the bundles that these people get. A bundle that the mirror does not know is AWS's
/// to judge.
pub(super) fn misfit(desktop: &Desktop, people: &[DraftPerson], known: &[Bundle]) -> model::Result<()> {
    let wanted: HashSet<_> = people.iter().map(|person| person.bundle.as_ref().unwrap_or(&desktop.bundle)).collect();
    known.iter().filter(|bundle| wanted.contains(&bundle.id)).try_for_each(|bundle| desktop.volumes.fit(bundle))
}

/// How many of those who can't be launched any more the check names.
const NAMED: usize = 50;

/// Everything that will be sent, one page of its people, and what stands against it now: people are read from Active
/// Directory afresh.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Unavailable`] when Active Directory is away.
pub async fn check(services: &Services, actor: &Actor, id: DraftId, page: PageRequest) -> model::Result<Check> {
    let (draft, all) = with_people(services, actor, id).await?;
    let parsed = draft.desktop.parse().ok();
    let (known, _) = workspaces::bundles(services, actor).await?;
    let desktop_problem = parsed.as_ref().and_then(|desktop| misfit(desktop, &all, &known).err()).map(|error| error.to_string());
    let (mut obstacles, directory_problem, warning, freeze) = match &draft.directory {
        Some(id) if draft.launch.is_none() => {
            actor.authorize_in(Act::Launch, id)?;
            let directory = directories::get(services, id).await?;
            let warning = directories::room(services, id).await?.and_then(|addresses| addresses.warning(draft.people));
            (obstacles(services, id, &all).await?, directory.why_not(), warning, directory.freeze)
        }
        _ => (Vec::new(), None, None, None),
    };
    let blocked = i64::try_from(obstacles.len()).unwrap_or(i64::MAX);
    obstacles.truncate(NAMED);
    Ok(Check {
        bundles: known.into_iter().map(|bundle| (bundle.id, bundle.name)).collect(),
        blocked,
        obstacles,
        people: Page { rows: store::people(services, id, page).await.map_err(told)?, total: draft.people, request: page },
        running_mode: parsed.as_ref().map(|desktop| desktop.running_mode),
        volumes: parsed.as_ref().map(|desktop| desktop.volumes).unwrap_or_default(),
        encryption: parsed.as_ref().map(|desktop| desktop.encryption.clone()).unwrap_or_default(),
        tags: parsed.map(|desktop| desktop.tags).unwrap_or_default(),
        directory_problem,
        desktop_problem,
        warning,
        freeze,
        draft,
    })
}

/// The actor's own draft with all of its people.
pub(super) async fn with_people(services: &Services, actor: &Actor, id: DraftId) -> model::Result<(Draft, Vec<DraftPerson>)> {
    let draft = get(services, actor, id).await?;
    Ok((draft, store::all_people(services, id).await.map_err(told)?))
}

/// Those of the people who can't be launched now, with what keeps them from it.
pub(super) async fn obstacles(
    services: &Services,
    directory: &DirectoryId,
    people: &[DraftPerson],
) -> model::Result<Vec<(DraftPerson, Obstacles)>> {
    let guids: Vec<_> = people.iter().map(|person| person.guid).collect();
    let hits: HashMap<_, _> =
        people::hits(services, directory, &guids).await?.into_iter().map(|hit| (hit.person.guid, hit.obstacles)).collect();
    Ok(people
        .iter()
        .map(|person| (person.clone(), hits.get(&person.guid).cloned().unwrap_or_else(|| vec![Obstacle::NotInDirectory])))
        .filter(|(_, obstacles)| !obstacles.is_empty())
        .collect())
}

/// Takes everybody off the list who can't be launched any more.
///
/// # Errors
/// As [`check`].
pub async fn remove_blocked(services: &Services, actor: &Actor, id: DraftId) -> model::Result<()> {
    let directory = directory_of(services, actor, id).await?;
    let (_, all) = with_people(services, actor, id).await?;
    let blocked: Vec<_> = obstacles(services, &directory, &all).await?.into_iter().map(|(person, _)| person.guid.0).collect();
    store::remove_people(services, id, &blocked).await.map_err(told)
}

/// Throws the draft away.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] once it was launched.
pub async fn discard(services: &Services, actor: &Actor, id: DraftId) -> model::Result<()> {
    open(services, actor, id).await?;
    store::discard(services, id).await.map_err(told)
}
