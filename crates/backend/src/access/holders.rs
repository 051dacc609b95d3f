//! Who holds a role: from the groups of Active Directory that give it to their members. Who is signed in is told apart by `roles`; this is
//! for those who are not here now and are to be told of something.

use std::collections::{HashMap, HashSet};

use model::{
    DirectoryId, PersonGuid,
    access::{self, Act, Grant, Role},
    people::Person,
};

use super::roles::{grants, role_groups};
use crate::{Services, fault::told, settings::Groups};

/// How many members of a group are read at most.
const MEMBERS: usize = 500;

/// Whether the person may do the act somewhere; `None` where only the provider's token names groups, which is there at sign-in.
///
/// # Errors
/// [`model::Error::Unavailable`] if Active Directory can't be asked.
pub(crate) async fn may(services: &Services, guid: PersonGuid, act: Act) -> model::Result<Option<bool>> {
    if !matches!(services.settings.access.groups, Groups::Directory) {
        return Ok(None);
    }
    let mut groups = Vec::new();
    for domain in services.ad.iter() {
        let found = domain.groups(guid).await.map_err(told)?;
        groups.extend(found.into_iter().flat_map(|group| [group.name, group.dn]));
    }
    let grants = grants(&role_groups(services).await?, &groups);
    let person = access::Person { subject: String::new(), name: String::new(), guid: Some(guid), grants };
    Ok(Some(person.may(act)))
}

/// Those who hold one of the roles in each of the directories and can sign in, by the groups that Active Directory has; in the order of
/// their names. Where the provider's token names the groups, those are found that Active Directory has too.
///
/// # Errors
/// [`model::Error::Unavailable`] if Active Directory can't be asked.
pub(crate) async fn holders(services: &Services, roles: &[Role], directories: &[DirectoryId]) -> model::Result<Vec<Person>> {
    let mut groups = role_groups(services).await?;
    groups.retain(|group| roles.contains(&group.role));
    let mut known: HashMap<PersonGuid, Person> = HashMap::new();
    let mut members: HashMap<String, HashSet<PersonGuid>> = HashMap::new();
    for group in &groups {
        if members.contains_key(&group.group) {
            continue;
        }
        let found = people(services, &group.group).await?;
        members.insert(group.group.clone(), found.iter().map(|person| person.guid).collect());
        known.extend(found.into_iter().map(|person| (person.guid, person)));
    }
    let holds = |guid: &PersonGuid| {
        let of = groups.iter().filter(|group| members.get(&group.group).is_some_and(|members| members.contains(guid)));
        let grants: Vec<Grant> = of.map(|group| group.grant()).collect();
        let person = access::Person { subject: String::new(), name: String::new(), guid: Some(*guid), grants };
        match directories {
            [] => person.scope_of(roles).is_some(),
            some => some.iter().all(|directory| person.holds(roles, directory)),
        }
    };
    known.retain(|guid, person| !person.standing.disabled && !person.standing.expired && holds(guid));
    let mut holders: Vec<_> = known.into_values().collect();
    holders.sort_by(|one, other| (&one.name, one.guid).cmp(&(&other.name, other.guid)));
    Ok(holders)
}

async fn people(services: &Services, group: &str) -> model::Result<Vec<Person>> {
    let mut people = Vec::new();
    for domain in services.ad.iter() {
        if let Some(group) = domain.group(group).await.map_err(told)? {
            people.extend(domain.members(&group.dn, MEMBERS).await.map_err(told)?);
        }
    }
    Ok(people)
}
