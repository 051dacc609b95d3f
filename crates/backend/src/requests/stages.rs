//! Whom Active Directory and the cost centre name for a stage. Whether they may decide is `model::requests`'s to say.

use std::collections::HashSet;

use model::{
    PersonGuid,
    cost_centres::CostCentre,
    people::Person,
    requests::{StageKind, process::Stage, rules::Named},
};

use crate::{Services, fault::told, people};

/// How far up the line of managers is looked for one who may decide.
const LINE: usize = 8;
/// How many members of a group may decide at a stage.
const MEMBERS: usize = 500;

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

async fn candidates(
    services: &Services,
    kind: &StageKind,
    requester: PersonGuid,
    centre: &CostCentre,
) -> model::Result<Vec<Named<PersonGuid>>> {
    match kind {
        StageKind::Approver | StageKind::Admin => Ok(Vec::new()),
        StageKind::ManagersManager => line(services, requester).await,
        StageKind::CostCentreOwner => owner(services, centre).await,
        StageKind::Group { dn, .. } => {
            let mut members = Vec::new();
            for domain in services.ad.iter() {
                members.extend(domain.members(dn, MEMBERS).await.map_err(told)?);
            }
            Ok(named(members))
        }
        StageKind::People(named_people) => {
            let guids: Vec<_> = named_people.iter().map(|person| person.id).collect();
            Ok(named(people::known(services, &guids).await?))
        }
    }
}

/// The owner of a cost centre, if they are there still.
///
/// # Errors
/// As [`stages`].
pub(super) async fn owner(services: &Services, centre: &CostCentre) -> model::Result<Vec<Named<PersonGuid>>> {
    Ok(named(people::known(services, &[centre.owner.guid]).await?))
}

/// The managers above somebody, the nearest first; a circle ends where it began.
async fn line(services: &Services, from: PersonGuid) -> model::Result<Vec<Named<PersonGuid>>> {
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
    Ok(named(above))
}

/// Those who can sign in: others could decide nothing, and a stage would wait for them in vain.
fn named(people: Vec<Person>) -> Vec<Named<PersonGuid>> {
    let there = people.into_iter().filter(|person| !person.standing.disabled && !person.standing.expired);
    there.map(|person| Named { id: person.guid, name: person.name }).collect()
}
