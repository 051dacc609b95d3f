//! IP access control groups: made, changed and attached to directories.
//!
//! They are the whole account's. Whoever looks after some directory sees all of them and makes new ones; one that is attached is
//! changed by those who look after each of its directories.

use model::{
    DirectoryId, Error, IpGroupId,
    access::{Act, Actor},
    audit::Action,
    directories::{Freshness, IpGroup, IpGroupForm},
};

use super::{
    Part,
    change::{Change, make},
    freshness,
    settings::changeable,
    store::{ip_groups as rows, settings},
};
use crate::{
    Services,
    audit::Object,
    aws::ip_groups::Group,
    budget::{Operation, Slot},
    fault::told,
};

/// All groups of the Region, and how old the picture is.
///
/// # Errors
/// [`Error::NotAllowed`].
pub async fn list(services: &Services, actor: &Actor) -> model::Result<(Vec<IpGroup>, Freshness)> {
    Ok((all(services, actor).await?, freshness(services, Part::Directories).await?))
}

/// All groups, with the directories that the actor looks after.
pub(super) async fn all(services: &Services, actor: &Actor) -> model::Result<Vec<IpGroup>> {
    let scope = actor.scope(Act::ManageDirectories)?;
    rows::all(services, &scope).await.map_err(told)
}

/// One that the actor may change.
async fn one(services: &Services, actor: &Actor, id: &IpGroupId) -> model::Result<IpGroup> {
    let group = all(services, actor).await?.into_iter().find(|group| group.id == *id).ok_or(Error::NotFound)?;
    if group.elsewhere > 0 {
        return Err(Error::NotAllowed { needs: Act::ManageDirectories.roles().to_vec() });
    }
    Ok(group)
}

/// Makes a group.
///
/// # Errors
/// [`Error::Invalid`] on `name` or `rules`, [`Error::Refused`] with what AWS said (also that there is one of that name),
/// [`Error::Conflict`] if the answer was lost, [`Error::NotAllowed`].
pub async fn create(services: &Services, actor: &Actor, form: &IpGroupForm) -> model::Result<()> {
    actor.authorize(Act::ManageDirectories)?;
    let name = form.parse_name()?;
    let rules = form.parse_rules()?;
    let description: String = form.description.trim().chars().filter(|character| !character.is_control()).take(250).collect();
    let change = Change {
        action: Action::ChangeIpGroup,
        operation: Operation::CreateIpGroup,
        object: Object { kind: "ip_group", id: name.to_owned(), name: name.to_owned() },
        detail: Some("made".to_owned()),
    };
    let call = async |slot: Slot| services.aws.create_ip_group(slot, name, &description, &rules).await;
    make(services, actor, change, call, async |tx, id: &String| {
        let group = Group { id: id.clone(), name: name.to_owned(), description: description.clone(), rules: rules.clone() };
        rows::insert(tx, services, &group).await
    })
    .await
    .map(drop)
}

/// The words for a group that would shut everybody out, unless that is meant.
fn shut(field: &str, meant: bool) -> model::Result<()> {
    if meant {
        return Ok(());
    }
    let words = "A group without rules lets nobody in: everybody in its directories is locked out, and who works is disconnected. Add a rule, or tick that you mean it.";
    Err(Error::invalid(field, words))
}

/// Gives a group these rules instead of those it had. `lock_out`: that nobody gets in is meant.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`]; [`Error::NotAllowed`] also if it is attached to a directory that the actor does not look
/// after.
pub async fn set_rules(
    services: &Services,
    actor: &Actor,
    id: &IpGroupId,
    form: &IpGroupForm,
    lock_out: bool,
) -> model::Result<()> {
    let group = one(services, actor, id).await?;
    let rules = form.parse_rules()?;
    shut("rules", lock_out || !rules.is_empty() || group.is_free())?;
    let change = Change::of_group(&group, "rules", Operation::UpdateRulesOfIpGroup);
    let call = async |slot: Slot| services.aws.set_ip_rules(slot, id.as_str(), &rules).await;
    make(services, actor, change, call, async |tx, ()| rows::set_rules(tx, services, id, &rules).await).await
}

/// Takes a group away that no directory has.
///
/// # Errors
/// As [`set_rules`].
pub async fn delete(services: &Services, actor: &Actor, id: &IpGroupId) -> model::Result<()> {
    let group = one(services, actor, id).await?;
    if !group.directories.is_empty() {
        let names = group.directories.join(", ");
        return Err(Error::invalid("group", format!("{} is attached to {names}. Take it off there first.", group.name)));
    }
    let change = Change::of_group(&group, "deleted", Operation::DeleteIpGroup);
    let call = async |slot: Slot| services.aws.delete_ip_group(slot, id.as_str()).await;
    make(services, actor, change, call, async |tx, ()| rows::delete(tx, id).await).await
}

/// Attaches these groups to a directory and takes the others off it: those that let more people in first.
///
/// # Errors
/// As [`create`], on `groups`; [`Error::Conflict`] while the directory is not registered; [`Error::NotFound`].
pub async fn attach(
    services: &Services,
    actor: &Actor,
    id: &DirectoryId,
    chosen: &[IpGroupId],
    lock_out: bool,
) -> model::Result<()> {
    let directory = changeable(services, actor, id).await?;
    let groups = all(services, actor).await?;
    let found: Vec<_> = chosen.iter().filter_map(|id| groups.iter().find(|group| group.id == *id)).collect();
    if found.len() != chosen.len() {
        return Err(Error::invalid("groups", "One of the groups is not there any more. Reload the page and choose again."));
    }
    if found.len() > IpGroup::MOST_OF_DIRECTORY {
        return Err(Error::invalid("groups", "A directory takes at most 25 groups."));
    }
    shut("groups", lock_out || !found.iter().any(|group| group.locks_out()))?;
    let before = settings::get(services, id).await.map_err(told)?.ip_groups;
    let added: Vec<_> = chosen.iter().map(ToString::to_string).filter(|id| !before.contains(id)).collect();
    let taken: Vec<_> = before.iter().filter(|id| !chosen.iter().any(|chosen| chosen.as_str() == *id)).cloned().collect();
    let both: Vec<IpGroupId> = before.iter().chain(&added).filter_map(|id| id.parse().ok()).collect();
    if !added.is_empty() {
        let change = Change::of(&directory, "IP access groups attached", Operation::AssociateIpGroups);
        let call = async |slot: Slot| services.aws.associate_ip_groups(slot, id.as_str(), added).await;
        make(services, actor, change, call, async |tx, ()| rows::attached(tx, services, id, &both).await).await?;
    }
    if !taken.is_empty() {
        let change = Change::of(&directory, "IP access groups taken off", Operation::DisassociateIpGroups);
        let call = async |slot: Slot| services.aws.disassociate_ip_groups(slot, id.as_str(), taken).await;
        make(services, actor, change, call, async |tx, ()| rows::attached(tx, services, id, chosen).await).await?;
    }
    Ok(())
}
