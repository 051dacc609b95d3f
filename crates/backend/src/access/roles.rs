//! Roles from groups of Active Directory, nested ones included, kept for five minutes at most.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use model::access::{Grant, Person, Scope};
use tokio::sync::RwLock;

use super::{Entry, Session, bare};
use crate::{Services, fault::told, ldap::Group, settings::RoleGroup};

/// How old roles may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Up to five minutes: for looking.
    Recent,
    /// Just read: for acts that launch, decide or destroy.
    Now,
}

const RECENT: TimeDelta = TimeDelta::minutes(5);

/// Roles by subject, with the time at which they were read.
type Known = HashMap<String, (DateTime<Utc>, Vec<Grant>)>;

/// What this process read lately.
#[derive(Debug, Clone, Default)]
pub struct RoleCache(Arc<RwLock<Known>>);

/// The person with the roles they have (recently or now).
///
/// # Errors
/// [`model::Error::Unavailable`] if they can't be read; old ones are never used instead.
pub async fn person(services: &Services, session: &Session, freshness: Freshness) -> model::Result<Person> {
    let now = services.clock.now();
    if freshness == Freshness::Recent
        && let Some((read, grants)) = services.roles.0.read().await.get(&session.subject)
        && *read + RECENT > now
    {
        return Ok(Person { grants: grants.clone(), ..bare(session) });
    }
    let grants = match &session.entry {
        Some(entry) => read(services, entry).await?,
        None => Vec::new(),
    };
    let mut cache = services.roles.0.write().await;
    cache.retain(|_, (read, _)| *read + RECENT > now);
    cache.insert(session.subject.clone(), (now, grants.clone()));
    Ok(Person { grants, ..bare(session) })
}

/// An account that is gone, disabled or expired has no roles, whatever its groups say.
async fn read(services: &Services, entry: &Entry) -> model::Result<Vec<Grant>> {
    let Some(domain) = services.ad.get(&entry.domain) else { return Ok(Vec::new()) };
    let found = domain.by_guids(&[entry.guid]).await.map_err(told)?.pop();
    if found.is_none_or(|person| person.standing.disabled || person.standing.expired) {
        return Ok(Vec::new());
    }
    let groups = domain.groups(entry.guid).await.map_err(told)?;
    Ok(grants(&services.settings.access.roles, &groups))
}

fn grants(roles: &[RoleGroup], groups: &[Group]) -> Vec<Grant> {
    let held = |role: &&RoleGroup| {
        groups.iter().any(|group| group.name.eq_ignore_ascii_case(&role.group) || group.dn.eq_ignore_ascii_case(&role.group))
    };
    let grant = |role: &RoleGroup| Grant {
        role: role.role,
        scope: if role.directories.is_empty() { Scope::Everywhere } else { Scope::Directories(role.directories.clone()) },
    };
    roles.iter().filter(held).map(grant).collect()
}

#[cfg(test)]
mod tests {
    use model::access::Role;

    use super::*;

    #[test]
    fn groups_are_matched_by_name_or_dn_without_case() {
        let role = |group: &str, role| RoleGroup { group: group.into(), role, directories: vec![] };
        let roles = [
            role("Frontdesk-Helpdesk", Role::Helpdesk),
            role("CN=Admins,DC=corp", Role::Admin),
            role("Frontdesk", Role::Auditor),
        ];
        let groups = [
            Group { dn: "CN=frontdesk-helpdesk,DC=corp".into(), name: "frontdesk-helpdesk".into() },
            Group { dn: "cn=admins,dc=corp".into(), name: "admins".into() },
        ];
        let held: Vec<_> = grants(&roles, &groups).into_iter().map(|grant| grant.role).collect();
        assert_eq!(held, [Role::Helpdesk, Role::Admin]);
    }
}
