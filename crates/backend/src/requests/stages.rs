//! Whom Active Directory and the cost centre name for a stage, and who is told that it waits. Whether they may decide is
//! `model::requests`'s to say.

use std::collections::HashSet;

use model::{
    PersonGuid, RequestId,
    access::{Act, Role},
    cost_centres::CostCentre,
    people::Person,
    requests::{Deciders, StageKind, State, process::Stage, rules::Named},
};

use crate::{Services, access, fault::told, people};

/// How far up the line of managers is looked for one who may decide.
const LINE: usize = 8;
/// How many members of a group may decide at a stage.
const MEMBERS: usize = 500;
/// Up to how many people who are asked by name are asked about one by one whether they have a role that decides.
const LOOKED_AT: usize = 20;

/// The stages that a rule demands, each with whom it names.
///
/// # Errors
/// [`model::Error::Unavailable`] when Active Directory is away.
pub(super) async fn stages(
    services: &Services,
    kinds: &[StageKind],
    requester: PersonGuid,
    centre: &CostCentre,
) -> model::Result<Vec<Stage>> {
    let mut stages = Vec::with_capacity(kinds.len());
    for kind in kinds {
        stages.push(Stage::new(kind.clone(), candidates(services, kind, requester, centre).await?));
    }
    Ok(stages)
}

/// Whom Active Directory and the cost centre name for a stage, as far as they may decide.
///
/// # Errors
/// As [`stages`].
pub(super) async fn candidates(
    services: &Services,
    kind: &StageKind,
    requester: PersonGuid,
    centre: &CostCentre,
) -> model::Result<Vec<Named<PersonGuid>>> {
    let people = match kind {
        StageKind::Approver | StageKind::Admin => Vec::new(),
        StageKind::ManagersManager => line(services, requester).await?,
        StageKind::CostCentreOwner => people::known(services, &[centre.owner.guid]).await?,
        StageKind::Group { dn, .. } => {
            let mut members = Vec::new();
            for domain in services.ad.iter() {
                members.extend(domain.members(dn, MEMBERS).await.map_err(told)?);
            }
            members
        }
        StageKind::People(people) => {
            let guids: Vec<_> = people.iter().map(|person| person.id).collect();
            people::known(services, &guids).await?
        }
    };
    named(services, people).await
}

/// The owner of a cost centre, if they are there still.
///
/// # Errors
/// As [`stages`].
pub(super) async fn owner(services: &Services, centre: &CostCentre) -> model::Result<Vec<Named<PersonGuid>>> {
    candidates(services, &StageKind::CostCentreOwner, centre.owner.guid, centre).await
}

/// The managers above somebody, the nearest first; a circle ends where it began.
async fn line(services: &Services, from: PersonGuid) -> model::Result<Vec<Person>> {
    let mut seen = HashSet::from([from]);
    let (mut above, mut at) = (Vec::new(), from);
    while above.len() < LINE {
        match people::manager_of(services, at).await {
            Ok(Some(manager)) if seen.insert(manager.guid) => {
                at = manager.guid;
                above.push(manager);
            }
            Ok(_) | Err(model::Error::NotFound) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(above)
}

/// Those who can sign in and, where they are few, have a role that decides: a stage would wait for others in vain.
async fn named(services: &Services, people: Vec<Person>) -> model::Result<Vec<Named<PersonGuid>>> {
    let there = people.into_iter().filter(|person| !person.standing.disabled && !person.standing.expired);
    let mut there: Vec<_> = there.map(|person| Named { id: person.guid, name: person.name }).collect();
    if there.len() <= LOOKED_AT {
        let able = able(services, there.iter().map(|named| named.id).collect()).await?;
        there.retain(|named| able.contains(&named.id));
    }
    Ok(there)
}

/// Who is told that a request waits.
pub(crate) struct Asked {
    /// The stage that waits.
    pub stage: i32,
    pub people: Vec<PersonGuid>,
}

/// Who is to be told that a request waits at its stage, or because `escalated` that others have left it undecided: those who are asked by
/// name, or who stands in for them; where a role is asked, those who hold it. Nobody who may not decide. `None` if it does not wait.
///
/// # Errors
/// [`model::Error::Unavailable`] when Active Directory is away, [`model::Error::NotFound`].
pub(crate) async fn asked(services: &Services, id: RequestId, escalated: bool) -> model::Result<Option<Asked>> {
    let held = super::held(services, id).await?;
    let process = &held.process;
    let Some((stage, Stage { deciders: Some(deciders), .. })) = process.waiting().filter(|_| process.state == State::Waiting)
    else {
        return Ok(None);
    };
    let mut people: Vec<PersonGuid> = match deciders {
        // Those who were asked before know of it.
        Deciders::People(line) if escalated => line.last().map(|next| next.id).into_iter().collect(),
        _ if escalated => Vec::new(),
        named => named.people().iter().map(|named| named.id).collect(),
    };
    for absent in &mut people {
        let stand_in = process.stand_ins.iter().find(|stand_in| stand_in.absent.id == *absent && !process.is_barred(stand_in.by));
        if let Some(stand_in) = stand_in {
            *absent = stand_in.by;
        }
    }
    if people.len() <= LOOKED_AT {
        people = able(services, people).await?;
    }
    let roles: &[&[Role]] = match deciders {
        Deciders::People(_) => &[],
        Deciders::Admins | Deciders::PeopleOrAdmins(_) => &[&[Role::Admin]],
        Deciders::Approvers if escalated => &[&[Role::Admin]],
        // Admins decide in the place of approvers: where there are none, admins have to hear of it.
        Deciders::Approvers => &[&[Role::Approver], &[Role::Admin]],
    };
    for roles in roles {
        let holders = access::holders(services, roles, &process.directories).await?;
        people.extend(holders.into_iter().map(|person| person.guid).filter(|guid| !process.is_barred(*guid)));
        if !people.is_empty() {
            break;
        }
    }
    people.retain(|guid| !process.is_barred(*guid));
    people.sort_unstable();
    people.dedup();
    if people.is_empty() {
        tracing::warn!(request = %id, stage, "nobody was found who could be mailed that a request waits");
    }
    Ok(Some(Asked { stage: i32::try_from(stage).unwrap_or(i32::MAX), people }))
}

/// Those of them who have a role with which one decides.
async fn able(services: &Services, people: Vec<PersonGuid>) -> model::Result<Vec<PersonGuid>> {
    let mut able = Vec::with_capacity(people.len());
    for person in people {
        if access::may(services, person, Act::DecideRequests).await? != Some(false) {
            able.push(person);
        }
    }
    Ok(able)
}
