//! Who manages whom, as `manager` in Active Directory says.
//!
//! These serve use cases that have authorized; they are public for tests, which ask them alone.

use std::collections::{HashMap, HashSet};

use model::{
    PersonGuid, dn,
    people::{Cut, Person, Report, Reports},
};

use super::one;
use crate::{Fault, Services, fault::told};

/// People below a manager who are looked for at most.
pub const MOST_REPORTS: u32 = 5_000;
/// Levels below a manager that are looked at: no company has more.
const MOST_LEVELS: u32 = 12;

/// The person whom somebody's entry names as manager; `None` without one, and where it is outside of what Frontdesk may read, or
/// the person themselves.
///
/// # Errors
/// [`model::Error::NotFound`] if Active Directory does not know the person, [`model::Error::Unavailable`] if it can't be asked.
pub async fn manager_of(services: &Services, guid: PersonGuid) -> model::Result<Option<Person>> {
    let Some(dn) = one(services, guid).await?.manager_dn else { return Ok(None) };
    for domain in services.ad.iter() {
        if let Some(manager) = domain.by_dn(&dn).await.map_err(told)? {
            return Ok(Some(manager).filter(|manager| manager.guid != guid));
        }
    }
    Ok(None)
}

/// Those below a manager, level by level, `most` of them at most ([`MOST_REPORTS`] and no more). Nobody stands there twice and the
/// manager not at all, also where people manage each other in a circle.
///
/// # Errors
/// [`model::Error::NotFound`] if Active Directory does not know the manager, [`model::Error::Unavailable`] if it can't be asked.
pub async fn reports(services: &Services, guid: PersonGuid, most: u32) -> model::Result<Reports> {
    let most = most.min(MOST_REPORTS);
    let mut seen = HashSet::from([guid]);
    let mut level = vec![one(services, guid).await?];
    let mut reports = Reports::default();
    for depth in 1.. {
        level = below(services, &level, depth, &mut seen, &mut reports.people).await.map_err(told)?;
        if reports.people.len() > most as usize {
            reports.people.truncate(most as usize);
            reports.cut = Some(Cut::People(most));
            break;
        }
        if level.is_empty() {
            break;
        }
        if depth > MOST_LEVELS {
            reports.people.retain(|report| report.depth <= MOST_LEVELS);
            reports.cut = Some(Cut::Levels(MOST_LEVELS));
            break;
        }
    }
    Ok(reports)
}

/// Those who name one of the managers and were not seen before, added to `found` in order of their names. All domains are asked:
/// a manager may be of another.
async fn below(
    services: &Services,
    managers: &[Person],
    depth: u32,
    seen: &mut HashSet<PersonGuid>,
    found: &mut Vec<Report>,
) -> Result<Vec<Person>, Fault> {
    let by_name: HashMap<String, PersonGuid> = managers.iter().map(|manager| (dn::plain(&manager.dn), manager.guid)).collect();
    let names: Vec<_> = managers.iter().map(|manager| manager.dn.clone()).collect();
    let mut level = Vec::new();
    for domain in services.ad.iter() {
        for person in domain.managed_by(&names).await? {
            let manager = person.manager_dn.as_deref().and_then(|name| by_name.get(&dn::plain(name)));
            if let Some(manager) = manager
                && seen.insert(person.guid)
            {
                level.push(Report { person, depth, manager: *manager });
            }
        }
    }
    level.sort_by_cached_key(|report| (report.person.name.to_lowercase(), report.person.guid));
    found.extend(level.iter().cloned());
    Ok(level.into_iter().map(|report| report.person).collect())
}
