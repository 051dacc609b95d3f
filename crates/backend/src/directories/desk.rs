//! How Frontdesk itself works for a directory: whom its people call, in which language, which domain it looks into, and who may
//! work there beside those that the configuration names.

use model::{
    DirectoryId, Error,
    access::{Act, Actor, Role},
    audit::{Action, Outcome},
    directories::{Desk, DeskForm, DeskPage, Directory},
    dn,
};

use super::{change::object, get, store::desk as rows};
use crate::{
    Fault, Services, audit,
    fault::told,
    settings::{Groups, RoleGroup},
};

/// What is set, for use cases that have authorized; the directory may be gone.
pub(crate) async fn of(services: &Services, id: &str) -> Result<Desk, Fault> {
    rows::get(services, id).await
}

/// What is set, with all that its page shows, for the page of settings, which has authorized.
pub(super) async fn page(services: &Services, directory: &Directory) -> model::Result<DeskPage> {
    let (id, domain) = (&directory.id, &directory.domain);
    let settings = &services.settings;
    let here = |role: &&RoleGroup| role.directories.is_empty() || role.directories.contains(id);
    let configured = settings.access.roles.iter().filter(here).map(|role| (role.role, role.group.clone())).collect();
    Ok(DeskPage {
        desk: of(services, id.as_str()).await.map_err(told)?,
        units: units(services, domain).await,
        contact: settings.mail.contact.clone(),
        time_zone: settings.time_zone.to_string(),
        domains: domains(services),
        configured,
    })
}

/// The organizational units of a domain; `None` where Active Directory does not tell them.
pub(super) async fn units(services: &Services, domain: &str) -> Option<Vec<String>> {
    match services.ad.get(domain)?.units().await {
        Ok(units) => Some(units),
        Err(fault) => {
            tracing::warn!(%fault, "organizational units could not be read");
            None
        }
    }
}

fn domains(services: &Services) -> Vec<String> {
    let mut domains: Vec<_> = services.ad.iter().map(|domain| domain.name().to_owned()).collect();
    domains.sort_unstable();
    domains
}

/// Sets all of it.
///
/// # Errors
/// [`Error::Invalid`] on a field of the form, [`Error::Unavailable`] if Active Directory can't be asked for the unit or the
/// groups, [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn set(services: &Services, actor: &Actor, id: &DirectoryId, form: &DeskForm) -> model::Result<()> {
    actor.authorize_in(Act::ManageDirectories, id)?;
    let directory = get(services, id).await?;
    let mut desk = form.parse(&domains(services))?;
    if desk.time_zone.as_ref().is_some_and(|zone| zone.parse::<chrono_tz::Tz>().is_err()) {
        return Err(Error::invalid("time_zone", "This is no time zone such as Europe/Berlin. Nothing was saved."));
    }
    let before = of(services, id.as_str()).await.map_err(told)?;
    if desk.ad_domain != before.ad_domain {
        // Whoever may look up the people of a directory sees those of that domain.
        actor.authorize_everywhere(Act::ManageDirectories)?;
    }
    if (&desk.scope_ou, &desk.ad_domain) != (&before.scope_ou, &before.ad_domain) {
        let domain = desk.ad_domain.as_deref().unwrap_or(&directory.name);
        desk.scope_ou = known_unit(services, domain, desk.scope_ou).await?;
    }
    // Who keeps them need not ask Active Directory for them again.
    if desk.helpdesk_groups != before.helpdesk_groups {
        desk.helpdesk_groups = role_groups(services, "helpdesk_groups", desk.helpdesk_groups).await?;
    }
    if desk.auditor_groups != before.auditor_groups {
        desk.auditor_groups = role_groups(services, "auditor_groups", desk.auditor_groups).await?;
    }
    let mut tx = services.db.begin().await.map_err(told)?;
    rows::set(&mut tx, id, &desk).await.map_err(told)?;
    let record = audit::Record {
        action: Action::ChangeDirectory,
        object: object(&directory),
        person: None,
        detail: Some(difference(&before, &desk)),
    };
    audit::noted(&mut tx, services, actor, &record, Outcome::Succeeded).await.map_err(told)?;
    tx.commit().await.map_err(told)
}

/// The unit as Active Directory writes it.
async fn known_unit(services: &Services, domain: &str, unit: Option<String>) -> model::Result<Option<String>> {
    let Some(unit) = unit else { return Ok(None) };
    let Some(domain) = services.ad.get(domain) else {
        return Err(Error::invalid("scope_ou", "No domain is configured for this directory, so it can have no unit."));
    };
    let known = domain.units().await.map_err(told)?.into_iter().find(|known| dn::same(known, &unit));
    let words = "Active Directory has no such organizational unit. Nothing was saved.";
    known.map(Some).ok_or_else(|| Error::invalid("scope_ou", words))
}

/// The groups as roles are compared by them. Those of the provider's token can't be asked for.
async fn role_groups(services: &Services, field: &str, groups: Vec<String>) -> model::Result<Vec<String>> {
    if services.settings.access.groups == Groups::Directory { known_groups(services, field, groups).await } else { Ok(groups) }
}

/// The groups as Active Directory writes them, for use cases that have authorized.
///
/// # Errors
/// [`Error::Invalid`] on the field for a group that no domain has, [`Error::Unavailable`] if one can't be asked.
pub(crate) async fn known_groups(services: &Services, field: &str, groups: Vec<String>) -> model::Result<Vec<String>> {
    let mut known = Vec::new();
    for typed in groups {
        let mut found = None;
        for domain in services.ad.iter() {
            found = found.or(domain.group(&typed).await.map_err(told)?);
        }
        let group = found.ok_or_else(|| {
            let words = "Nothing was saved. Write its common name or its distinguished name.";
            Error::invalid(field, format!("Active Directory has no group {typed}. {words}"))
        })?;
        known.push(if dn::same(&group.dn, &typed) { group.dn } else { group.name });
    }
    Ok(known)
}

/// What of it changed, for the record: who may work here is named.
fn difference(before: &Desk, after: &Desk) -> String {
    let mut changed = Vec::new();
    let mut note = |differs: bool, words: String| {
        if differs {
            changed.push(words);
        }
    };
    note(before.contact != after.contact, "contact".to_owned());
    note(before.language != after.language, format!("language {}", after.language.as_str()));
    note(before.time_zone != after.time_zone, "time zone".to_owned());
    note(before.ad_domain != after.ad_domain, "AD domain".to_owned());
    note(before.scope_ou != after.scope_ou, "organizational unit of its people".to_owned());
    for (role, before, after) in [
        (Role::Helpdesk, &before.helpdesk_groups, &after.helpdesk_groups),
        (Role::Auditor, &before.auditor_groups, &after.auditor_groups),
    ] {
        note(before != after, format!("{} groups: {}", role.as_str(), after.join("; ")));
    }
    if changed.is_empty() { "nothing changed".to_owned() } else { changed.join(", ") }
}

/// The groups that may work in some directory by what is set there.
pub(crate) async fn roles(services: &Services) -> Result<Vec<RoleGroup>, Fault> {
    rows::roles(services).await
}
