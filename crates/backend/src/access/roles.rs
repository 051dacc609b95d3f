//! Roles from groups, nested ones included, kept for five minutes at most. The groups are Active Directory's, or those that the
//! provider's token names.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    Error, Part,
    access::{Grant, Person, Scope},
};
use tokio::{sync::RwLock, time::Instant};

use super::{Entry, Session, bare, renewal};
use crate::{
    Services, directories,
    fault::told,
    ldap::Domain,
    settings::{Groups, RoleGroup},
};

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

/// How long one request waits for another that asks the provider about the same session.
const PATIENCE: Duration = Duration::from_secs(12);
const PAUSE: Duration = Duration::from_millis(50);

/// The person with the roles they have (recently or now).
///
/// # Errors
/// [`Error::Unavailable`] if they can't be read; old ones are never used instead. [`Error::SignIn`] if the provider has ended
/// the session.
pub async fn person(services: &Services, session: &Session, freshness: Freshness) -> model::Result<Person> {
    let asked = services.clock.now();
    let enough = |read: DateTime<Utc>| match freshness {
        Freshness::Recent => read + RECENT > asked,
        // What another request has begun to read since is as good.
        Freshness::Now => read > asked,
    };
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some((read, grants)) = services.roles.0.read().await.get(&session.subject)
            && enough(*read)
        {
            return Ok(Person { grants: grants.clone(), ..bare(session) });
        }
        let now = services.clock.now();
        if let Some(grants) = read(services, session).await? {
            let mut cache = services.roles.0.write().await;
            cache.retain(|_, (read, _)| *read + RECENT > now);
            cache.insert(session.subject.clone(), (now, grants.clone()));
            return Ok(Person { grants, ..bare(session) });
        }
        if Instant::now() > end {
            return Err(Error::Unavailable { part: Part::SignInProvider });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// An account that is gone, disabled or expired has no roles, whatever its groups say. `None` while another request reads.
async fn read(services: &Services, session: &Session) -> model::Result<Option<Vec<Grant>>> {
    let entry = session.entry.as_ref().and_then(|entry| Some((services.ad.get(&entry.domain)?, entry)));
    if session.entry.is_some() && entry.is_none() {
        return Ok(Some(Vec::new()));
    }
    if let Some((domain, entry)) = entry
        && !stands(domain, entry).await?
    {
        return Ok(Some(Vec::new()));
    }
    let groups = match &services.settings.access.groups {
        Groups::Directory => match entry {
            Some((domain, entry)) => {
                let groups = domain.groups(entry.guid).await.map_err(told)?;
                Some(groups.into_iter().flat_map(|group| [group.name, group.dn]).collect())
            }
            None => Some(Vec::new()),
        },
        Groups::Token { claim } => renewal::groups(services, session, claim).await?,
    };
    let Some(groups) = groups else { return Ok(None) };
    Ok(Some(grants(&role_groups(services).await?, &groups)))
}

/// The groups that give roles: the configuration's, and those of directories, where who may work in one can be set too.
pub(super) async fn role_groups(services: &Services) -> model::Result<Vec<RoleGroup>> {
    let mut roles = services.settings.access.roles.clone();
    roles.extend(directories::desk::roles(services).await.map_err(told)?);
    Ok(roles)
}

async fn stands(domain: &Domain, entry: &Entry) -> model::Result<bool> {
    let found = domain.by_guids(&[entry.guid]).await.map_err(told)?.pop();
    Ok(found.is_some_and(|person| !person.standing.disabled && !person.standing.expired))
}

pub(super) fn grants(roles: &[RoleGroup], groups: &[String]) -> Vec<Grant> {
    let held = |role: &&RoleGroup| groups.iter().any(|group| group.eq_ignore_ascii_case(&role.group));
    roles.iter().filter(held).map(RoleGroup::grant).collect()
}

impl RoleGroup {
    /// What its members may be.
    pub(super) fn grant(&self) -> Grant {
        let scope = if self.directories.is_empty() { Scope::Everywhere } else { Scope::Directories(self.directories.clone()) };
        Grant { role: self.role, scope }
    }
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
        let groups = ["frontdesk-helpdesk", "CN=frontdesk-helpdesk,DC=corp", "admins", "cn=admins,dc=corp"].map(String::from);
        let held: Vec<_> = grants(&roles, &groups).into_iter().map(|grant| grant.role).collect();
        assert_eq!(held, [Role::Helpdesk, Role::Admin]);
    }
}
