//! People: found in Active Directory, with what keeps them from getting a WorkSpace.

mod managers;
mod store;

use std::collections::{HashMap, HashSet};

use model::{
    DirectoryId, Error, PageRequest, Part, PersonGuid,
    access::{Act, Actor},
    people::{Hit, Hits, InDirectory, Person, PersonPage, Search, obstacles},
};

pub use managers::{MOST_REPORTS, manager_of, reports};

use crate::{
    Fault, Services,
    directories::{self, desk},
    fault::told,
    invitations, launches,
    ldap::{Domain, LdapFault},
    workspaces,
};

/// One page of people of the directory's domain, each with their obstacles in that directory.
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::NotFound`] for an unknown directory, [`Error::Unavailable`] when Active Directory is away.
pub async fn search(
    services: &Services,
    actor: &Actor,
    directory: &DirectoryId,
    search: Search,
    page: PageRequest,
) -> model::Result<Hits> {
    actor.authorize_in(Act::SeePeople, directory)?;
    let domain = domain_of(services, directory).await?;
    // Who is looked for by name is found wherever they stand, and their row says why they can't be launched.
    let under = match search {
        Search::All => desk::of(services, directory.as_str()).await.map_err(told)?.scope_ou,
        Search::Term(_) => None,
    };
    let (people, more) = domain.search(&search, under.as_deref(), page.number, page.size).await.map_err(told)?;
    Ok(Hits { hits: with_obstacles(services, directory, people).await?, page: page.number, more })
}

/// These people, read afresh, with their obstacles; those who are not in Active Directory (any more) are missing.
pub(crate) async fn hits(services: &Services, directory: &DirectoryId, guids: &[PersonGuid]) -> model::Result<Vec<Hit>> {
    if guids.is_empty() {
        return Ok(Vec::new());
    }
    let people = domain_of(services, directory).await?.by_guids(guids).await.map_err(told)?;
    with_obstacles(services, directory, people).await
}

/// What a written account or address is compared by: without case, `CORP\ada` as `ada`, `Ada <ada@c.example>` as the address.
pub(crate) fn key(written: &str) -> String {
    let address = written.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(written, |(address, _)| address);
    let bare = address.rsplit_once('\\').map_or(address, |(_, account)| account);
    bare.trim().to_lowercase()
}

/// The people whom these name, by [`key`], with their obstacles. A name may be several people's; one who is named is asked for
/// once, however many lines there are.
pub(crate) async fn written(
    services: &Services,
    directory: &DirectoryId,
    keys: Vec<String>,
) -> model::Result<HashMap<String, Vec<Hit>>> {
    let people = domain_of(services, directory).await?.by_names(&keys).await.map_err(told)?;
    let hits = with_obstacles(services, directory, once(people)).await?;
    Ok(by_key(keys, hits, |hit| &hit.person))
}

/// Somebody named by account and by address comes in two answers.
fn once(people: Vec<Person>) -> Vec<Person> {
    let people: HashMap<PersonGuid, Person> = people.into_iter().map(|person| (person.guid, person)).collect();
    people.into_values().collect()
}

/// Each key with those whose account, UPN or mail address it is.
fn by_key<T: Clone>(keys: Vec<String>, found: Vec<T>, person: impl Fn(&T) -> &Person) -> HashMap<String, Vec<T>> {
    let mut named: HashMap<String, Vec<T>> = keys.into_iter().map(|key| (key, Vec::new())).collect();
    for one in found {
        let person = person(&one);
        let names = [Some(&person.account), person.upn.as_ref(), person.mail.as_ref()];
        let names: HashSet<String> = names.into_iter().flatten().map(|name| name.to_lowercase()).collect();
        for name in names {
            if let Some(whom) = named.get_mut(&name) {
                whom.push(one.clone());
            }
        }
    }
    named
}

/// As [`written`], in all domains and without obstacles: people who get no WorkSpace by it.
pub(crate) async fn named(services: &Services, keys: Vec<String>) -> model::Result<HashMap<String, Vec<Person>>> {
    let mut people = Vec::new();
    for domain in services.ad.iter() {
        people.extend(domain.by_names(&keys).await.map_err(told)?);
    }
    Ok(by_key(keys, once(people), |person| person))
}

/// The first people of all domains whom the search finds, and whether there are more.
pub(crate) async fn first(services: &Services, search: &Search, count: u32) -> model::Result<(Vec<Person>, bool)> {
    let (mut people, mut more) = (Vec::new(), false);
    for domain in services.ad.iter() {
        let found = domain.search(search, None, 1, count).await.map_err(told)?;
        people.extend(found.0);
        more |= found.1;
    }
    more |= people.len() > count as usize;
    people.truncate(count as usize);
    Ok((people, more))
}

/// One person, for use cases that have authorized.
///
/// # Errors
/// [`Error::NotFound`] if Active Directory does not know them, [`Error::Unavailable`] if it can't be asked.
pub(crate) async fn one(services: &Services, guid: PersonGuid) -> model::Result<Person> {
    match find(services, guid).await {
        (Some(person), _) => Ok(person),
        (None, None) => Err(Error::NotFound),
        (None, Some(_)) => Err(Error::Unavailable { part: Part::ActiveDirectory }),
    }
}

/// These people, read afresh, in the order of their ids; those who are not in Active Directory (any more) are missing.
pub(crate) async fn known(services: &Services, guids: &[PersonGuid]) -> model::Result<Vec<Person>> {
    let mut found = HashMap::new();
    for domain in services.ad.iter() {
        found.extend(domain.by_guids(guids).await.map_err(told)?.into_iter().map(|person| (person.guid, person)));
    }
    Ok(guids.iter().filter_map(|guid| found.remove(guid)).collect())
}

async fn domain_of<'a>(services: &'a Services, directory: &DirectoryId) -> model::Result<&'a Domain> {
    let directory = directories::get(services, directory).await?;
    services.ad.get(&directory.domain).ok_or_else(|| told(LdapFault::UnknownDomain(directory.domain)))
}

/// The people with their obstacles in the directory, in the same order.
pub(crate) async fn with_obstacles(services: &Services, directory: &DirectoryId, people: Vec<Person>) -> model::Result<Vec<Hit>> {
    let accounts: Vec<_> = people.iter().map(|person| person.account.to_lowercase()).collect();
    let occupancies = store::occupancies(services, directory, &accounts).await.map_err(told)?;
    let scope = desk::of(services, directory.as_str()).await.map_err(told)?.scope_ou;
    let hit = |person: Person| {
        let occupancy = occupancies.get(&person.account.to_lowercase()).cloned().unwrap_or_default();
        Hit { obstacles: obstacles(&person, &occupancy, scope.as_deref()), person }
    };
    Ok(people.into_iter().map(hit).collect())
}

/// One person, for "no mail, lost the code, can't get in". What Frontdesk itself knows is shown when Active Directory is
/// away, and of people who have left it.
///
/// # Errors
/// [`Error::NotFound`] if neither Active Directory nor Frontdesk knows the person; [`Error::NotAllowed`].
pub async fn get(services: &Services, actor: &Actor, guid: PersonGuid) -> model::Result<PersonPage> {
    let scope = actor.scope(Act::SeePeople)?;
    let (person, ad_problem) = find(services, guid).await;
    let known_as = person.as_ref().map(|person| (person.domain.as_str(), person.account.as_str()));
    let mut workspaces = workspaces::store::of_person(services, guid, known_as).await.map_err(told)?;
    let mut launches = launches::store::of_person(services, guid).await.map_err(told)?;
    let mut invitations = invitations::of_person(services, guid).await?;
    // What happened in other directories than the actor's is not theirs to see.
    workspaces.retain(|workspace| scope.covers(&workspace.directory));
    launches.retain(|launch| scope.covers(&launch.directory));
    invitations.retain(|invitation| scope.covers(&invitation.directory));
    if person.is_none() && ad_problem.is_none() && workspaces.is_empty() && launches.is_empty() && invitations.is_empty() {
        return Err(Error::NotFound);
    }
    let mut places = Vec::new();
    for directory in directories::all(services).await?.into_iter().filter(|directory| scope.covers(&directory.id)) {
        let own: Vec<_> = workspaces.iter().filter(|workspace| workspace.directory == directory.id).cloned().collect();
        let joins = person.as_ref().filter(|person| person.domain == directory.domain);
        if own.is_empty() && (joins.is_none() || directory.registration.is_none()) {
            continue;
        }
        let obstacles = match joins {
            Some(person) => with_obstacles(services, &directory.id, vec![person.clone()]).await?.pop().map(|hit| hit.obstacles),
            None => None,
        };
        places.push(InDirectory {
            directory_name: directory.name.clone(),
            registration_code: directory.registration_code.clone(),
            can_take_launches: directory.why_not().is_none(),
            directory: directory.id,
            obstacles: obstacles.unwrap_or_default(),
            workspaces: own,
        });
    }
    let freshness = directories::freshness(services, directories::Part::Workspaces).await?;
    Ok(PersonPage { guid, person, places, invitations, launches, ad_problem, freshness })
}

/// Asks every configured domain; a domain that is away is told of only if no other knows the person.
async fn find(services: &Services, guid: PersonGuid) -> (Option<Person>, Option<String>) {
    let mut problem = None;
    for domain in services.ad.iter() {
        match domain.by_guids(&[guid]).await {
            Ok(mut found) => {
                if let Some(person) = found.pop() {
                    return (Some(person), None);
                }
            }
            Err(fault) => {
                problem = Some(format!("{} does not answer.", domain.name()));
                tracing::warn!(%fault, "a person could not be looked up");
            }
        }
    }
    (None, problem)
}

/// Somebody with the names of the groups that they are in, each by its common and its distinguished name, for use cases that have
/// authorized. `None` if no domain knows them.
///
/// # Errors
/// [`Error::Unavailable`] if a domain that may know them can't be asked.
pub(crate) async fn with_groups(services: &Services, guid: PersonGuid) -> model::Result<Option<(Person, Vec<String>)>> {
    let mut away = None;
    for domain in services.ad.iter() {
        match domain.by_guids(&[guid]).await {
            Ok(mut found) => {
                if let Some(person) = found.pop() {
                    let groups = domain.groups(guid).await.map_err(told)?;
                    let names = groups.into_iter().flat_map(|group| [group.name, group.dn]).collect();
                    return Ok(Some((person, names)));
                }
            }
            Err(fault) => away = Some(fault),
        }
    }
    match away {
        Some(fault) => Err(told(fault)),
        None => Ok(None),
    }
}

/// The person behind a WorkSpace's user name.
pub(crate) async fn by_account(services: &Services, domain: &str, account: &str) -> Result<Option<Person>, Fault> {
    let domain = services.ad.get(domain).ok_or_else(|| LdapFault::UnknownDomain(domain.to_owned()))?;
    Ok(domain.by_attribute(crate::ldap::Attribute::Account, account).await?)
}
