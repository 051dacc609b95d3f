//! Who decides at a stage. Four eyes always, by objectGUID and failing closed.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::rules::{Named, either};
use crate::{
    DirectoryId, PersonGuid,
    access::{Person, Role},
};

/// The most stages of a rule.
pub const MOST_STAGES: usize = 5;

/// Who is asked, as a rule says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// Anybody with the role approver.
    Approver,
    /// The manager, in Active Directory, of who asks.
    ManagersManager,
    CostCentreOwner,
    /// A group of Active Directory, by its distinguished name.
    Group {
        dn: String,
        name: String,
    },
    /// Any one of these.
    People(Vec<Named<PersonGuid>>),
    /// Anybody with the role admin.
    Admin,
}

impl StageKind {
    /// `the cost centre’s owner`.
    pub fn sentence(&self) -> String {
        match self {
            Self::Approver => "an approver".to_owned(),
            Self::ManagersManager => "the manager of who asks".to_owned(),
            Self::CostCentreOwner => "the cost centre\u{2019}s owner".to_owned(),
            Self::Group { name, .. } => format!("somebody of the group {name}"),
            Self::People(people) => either(people.iter().map(|person| person.name.as_str())),
            Self::Admin => "an administrator".to_owned(),
        }
    }
}

/// Who can decide at a stage that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deciders {
    /// Approvers, or admins in their place.
    Approvers,
    Admins,
    People(Vec<Named<PersonGuid>>),
    /// These, and admins because none of these has decided.
    PeopleOrAdmins(Vec<Named<PersonGuid>>),
}

impl Deciders {
    /// Those who are asked by name.
    pub fn people(&self) -> &[Named<PersonGuid>] {
        match self {
            Self::Approvers | Self::Admins => &[],
            Self::People(people) | Self::PeopleOrAdmins(people) => people,
        }
    }

    /// `Pia Lindqvist or Olaf Berg`.
    pub fn sentence(&self) -> String {
        match self {
            Self::Approvers => "an approver".to_owned(),
            Self::Admins => "an administrator".to_owned(),
            Self::People(people) if people.len() > NAMED => {
                let names = people.iter().take(NAMED).map(|person| person.name.as_str()).collect::<Vec<_>>().join(", ");
                format!("{names} or one of {} others", people.len() - NAMED)
            }
            Self::People(people) => either(people.iter().map(|person| person.name.as_str())),
            Self::PeopleOrAdmins(people) => format!("{}, or an administrator", Self::People(people.clone()).sentence()),
        }
    }

    /// Whether the person is one of them now. People who are named need any role that decides, which is for the caller to have
    /// asked; a role has to hold in all of these directories. Who stands in for one of them is one of them.
    fn include(&self, person: &Person, guid: PersonGuid, stand_ins: &[StandIn], directories: &[DirectoryId]) -> bool {
        let holds = |roles: &[Role]| directories.iter().all(|directory| person.holds(roles, directory));
        let named = || self.people().iter().any(|named| named.id == guid) || self.absent(guid, stand_ins).is_some();
        match self {
            Self::Approvers => holds(&[Role::Approver, Role::Admin]),
            Self::Admins => holds(&[Role::Admin]),
            Self::People(_) => named(),
            Self::PeopleOrAdmins(_) => named() || holds(&[Role::Admin]),
        }
    }

    /// For whom of them somebody stands in.
    pub fn absent<'a>(&self, guid: PersonGuid, stand_ins: &'a [StandIn]) -> Option<&'a Named<PersonGuid>> {
        let asked = |absent: &Named<PersonGuid>| self.people().iter().any(|named| named.id == absent.id);
        stand_ins.iter().find(|stand_in| stand_in.by == guid && asked(&stand_in.absent)).map(|stand_in| &stand_in.absent)
    }
}

/// Somebody who decides for a time in the place of one who is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandIn {
    pub absent: Named<PersonGuid>,
    pub by: PersonGuid,
}

/// How many deciders a sentence names.
const NAMED: usize = 4;

/// Those who may not decide on a request: who asks, for whom it is, and who decided an earlier stage of it, because stages are
/// there for more than one pair of eyes.
#[derive(Debug, Clone, Default)]
pub struct Barred(HashSet<PersonGuid>);

impl Barred {
    pub fn new(people: impl IntoIterator<Item = PersonGuid>) -> Self {
        Self(people.into_iter().collect())
    }

    pub fn bar(&mut self, person: PersonGuid) {
        self.0.insert(person);
    }

    pub fn contains(&self, person: PersonGuid) -> bool {
        self.0.contains(&person)
    }
}

/// Who decides at a stage. `candidates` are those whom Active Directory and the cost centre name for it, in their order: a stage of
/// named people is any of theirs who is not barred, the manager's is the first such one up the line. Where nobody is left, the
/// stage is passed on to admins, with words that say so.
pub fn deciders(kind: &StageKind, candidates: &[Named<PersonGuid>], barred: &Barred) -> (Deciders, Option<String>) {
    let free: Vec<_> = candidates.iter().filter(|person| !barred.0.contains(&person.id)).cloned().collect();
    let passed = |to: &str, why: &str| Some(format!("Passed on to {to}: {why}"));
    match kind {
        StageKind::Approver => (Deciders::Approvers, None),
        StageKind::Admin => (Deciders::Admins, None),
        _ if free.is_empty() => {
            let who = kind.sentence();
            let why = if candidates.is_empty() {
                format!("{who} can\u{2019}t be found.")
            } else {
                format!("{who} may not decide here, because of being asked for, asking, or having decided already.")
            };
            (Deciders::Admins, passed("administrators", &why))
        }
        StageKind::ManagersManager => {
            let first: Vec<_> = free.into_iter().take(1).collect();
            let moved = first.first().map(|person| person.id) != candidates.first().map(|person| person.id);
            let note = moved.then(|| {
                passed("the next in the line", "the manager of who asks may not decide on this request.").unwrap_or_default()
            });
            (Deciders::People(first), note)
        }
        StageKind::CostCentreOwner | StageKind::Group { .. } | StageKind::People(_) => (Deciders::People(free), None),
    }
}

/// Whom else to ask at a stage where nobody has decided for so many working days, with words that say so: the next in the line of
/// managers, else admins. `None` where nobody is left to ask, or has been told already.
pub fn escalated(
    (kind, candidates, asked): (&StageKind, &[Named<PersonGuid>], &Deciders),
    barred: &Barred,
    days: u32,
) -> Option<(Deciders, String)> {
    let says = |who: &str| format!("Nobody has decided for {days} working days, so {who} can decide too.");
    let people = match asked {
        Deciders::Admins | Deciders::PeopleOrAdmins(_) => return None,
        // Admins decide in the place of approvers anyway: they only have to hear of it.
        Deciders::Approvers => return Some((Deciders::Approvers, says("an administrator"))),
        Deciders::People(people) => people,
    };
    let next = candidates.iter().filter(|_| *kind == StageKind::ManagersManager);
    let mut next = next.filter(|person| !barred.0.contains(&person.id) && !people.contains(person));
    match next.next() {
        Some(next) => {
            let people = people.iter().chain([next]).cloned().collect();
            Some((Deciders::People(people), says(&next.name)))
        }
        None => Some((Deciders::PeopleOrAdmins(people.clone()), says("an administrator"))),
    }
}

/// Why somebody may not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotYours {
    /// Frontdesk can't tell who the person is in Active Directory.
    NoEntry,
    /// It can't be told who asked.
    RequesterUnknown,
    /// The person asks, is asked for, or decided an earlier stage.
    Barred,
    /// Somebody else is asked at this stage.
    OthersDecide,
}

impl NotYours {
    pub fn explain(self) -> &'static str {
        match self {
            Self::NoEntry => {
                "Your account has no entry in Active Directory, so nobody can tell whether this is your own request. Nothing was decided. Ask your administrator to connect it."
            }
            Self::RequesterUnknown => {
                "It is not known who asked, so nobody can tell whether it was you. Nothing was decided. Have it asked for again."
            }
            Self::Barred => {
                "You ask here, are asked for, or have decided an earlier stage, and it takes somebody else\u{2019}s eyes. Nothing was decided."
            }
            Self::OthersDecide => "Somebody else is asked at this stage. Nothing was decided.",
        }
    }
}

/// Whether the person may decide at a stage. The role that decides has been asked for by the caller.
///
/// # Errors
/// Why not.
pub fn may_decide(
    person: &Person,
    deciders: &Deciders,
    stand_ins: &[StandIn],
    barred: &Barred,
    requester: Option<PersonGuid>,
    directories: &[DirectoryId],
) -> Result<PersonGuid, NotYours> {
    let guid = person.guid.ok_or(NotYours::NoEntry)?;
    let requester = requester.ok_or(NotYours::RequesterUnknown)?;
    if guid == requester || barred.0.contains(&guid) {
        return Err(NotYours::Barred);
    }
    if deciders.include(person, guid, stand_ins, directories) { Ok(guid) } else { Err(NotYours::OthersDecide) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Grant, Scope};

    fn guid(number: u128) -> PersonGuid {
        PersonGuid(uuid::Uuid::from_u128(number))
    }

    fn named(number: u128) -> Named<PersonGuid> {
        Named { id: guid(number), name: format!("P{number}") }
    }

    fn person(number: Option<u128>, role: Role, directories: Option<&str>) -> Person {
        let scope = directories.map_or(Scope::Everywhere, |id| Scope::Directories(vec![id.parse().unwrap()]));
        Person { subject: "s".into(), name: "N".into(), guid: number.map(guid), grants: vec![Grant { role, scope }] }
    }

    #[test]
    fn a_stage_without_anybody_goes_to_admins() {
        let barred = Barred::new([guid(1), guid(2)]);
        let (to, why) = deciders(&StageKind::CostCentreOwner, &[], &barred);
        assert_eq!(
            (to, why.as_deref()),
            (Deciders::Admins, Some("Passed on to administrators: the cost centre\u{2019}s owner can\u{2019}t be found."))
        );
        let (to, why) = deciders(&StageKind::CostCentreOwner, &[named(2)], &barred);
        assert!(to == Deciders::Admins && why.is_some());
        let (to, why) = deciders(&StageKind::People(vec![]), &[named(2), named(3), named(4)], &barred);
        assert_eq!((to.sentence().as_str(), why), ("P3 or P4", None));
    }

    #[test]
    fn a_manager_who_may_not_decide_passes_it_up_the_line() {
        let barred = Barred::new([guid(1), guid(2)]);
        let (to, why) = deciders(&StageKind::ManagersManager, &[named(2), named(3), named(4)], &barred);
        assert_eq!((to, why.is_some()), (Deciders::People(vec![named(3)]), true));
        let (to, why) = deciders(&StageKind::ManagersManager, &[named(3), named(4)], &barred);
        assert_eq!((to, why), (Deciders::People(vec![named(3)]), None));
    }

    #[test]
    fn four_eyes_fail_closed() {
        let directory: DirectoryId = "d-906731a2b4".parse().unwrap();
        let here = std::slice::from_ref(&directory);
        let barred = Barred::new([guid(1), guid(2)]);
        let may = |person: &Person, to: &Deciders, requester| may_decide(person, to, &[], &barred, requester, here);
        let pia = person(Some(9), Role::Approver, None);
        assert_eq!(may(&pia, &Deciders::Approvers, Some(guid(1))), Ok(guid(9)));
        assert_eq!(may(&pia, &Deciders::Approvers, None), Err(NotYours::RequesterUnknown));
        assert_eq!(may(&pia, &Deciders::Admins, Some(guid(1))), Err(NotYours::OthersDecide));
        assert_eq!(may(&pia, &Deciders::People(vec![named(8)]), Some(guid(1))), Err(NotYours::OthersDecide));
        assert_eq!(may(&person(None, Role::Admin, None), &Deciders::Admins, Some(guid(1))), Err(NotYours::NoEntry));
        for number in [1, 2] {
            let own = person(Some(number), Role::Admin, None);
            assert_eq!(may(&own, &Deciders::Admins, Some(guid(1))), Err(NotYours::Barred));
        }
        // A role of another directory decides nothing here.
        let elsewhere = person(Some(9), Role::Approver, Some("d-90673c5d6e"));
        assert_eq!(may(&elsewhere, &Deciders::Approvers, Some(guid(1))), Err(NotYours::OthersDecide));
    }

    #[test]
    fn a_stand_in_is_who_they_stand_in_for_and_no_more() {
        let directory: DirectoryId = "d-906731a2b4".parse().unwrap();
        let here = std::slice::from_ref(&directory);
        let barred = Barred::new([guid(1), guid(2)]);
        let stand_ins = [StandIn { absent: named(8), by: guid(9) }, StandIn { absent: named(8), by: guid(2) }];
        let may = |number, to: &Deciders| {
            may_decide(&person(Some(number), Role::Requester, None), to, &stand_ins, &barred, Some(guid(1)), here)
        };
        let asked = Deciders::People(vec![named(8)]);
        assert_eq!(may(9, &asked), Ok(guid(9)));
        assert_eq!(asked.absent(guid(9), &stand_ins), Some(&named(8)));
        assert_eq!(may(2, &asked), Err(NotYours::Barred), "whoever is asked for does not decide in anybody\u{2019}s place");
        assert_eq!(may(9, &Deciders::People(vec![named(7)])), Err(NotYours::OthersDecide));
        assert_eq!(may(9, &Deciders::Approvers), Err(NotYours::OthersDecide), "a role is nobody\u{2019}s to hand on");
    }

    #[test]
    fn where_nobody_decides_the_next_in_the_line_is_asked_too_and_admins_at_last() {
        let barred = Barred::new([guid(1), guid(4)]);
        let (kind, line) = (StageKind::ManagersManager, [named(3), named(4), named(5)]);
        let mut asked = Deciders::People(vec![named(3)]);
        let mut said = Vec::new();
        while let Some((next, words)) = escalated((&kind, &line, &asked), &barred, 5) {
            said.push(words);
            asked = next;
        }
        assert_eq!(asked, Deciders::PeopleOrAdmins(vec![named(3), named(5)]));
        assert_eq!(asked.sentence(), "P3 or P5, or an administrator");
        assert_eq!(
            said,
            [
                "Nobody has decided for 5 working days, so P5 can decide too.",
                "Nobody has decided for 5 working days, so an administrator can decide too."
            ]
        );
        let owner = escalated((&StageKind::CostCentreOwner, &[named(3)], &Deciders::People(vec![named(3)])), &barred, 5);
        assert_eq!(owner.unwrap().0, Deciders::PeopleOrAdmins(vec![named(3)]));
        assert_eq!(escalated((&StageKind::Admin, &[], &Deciders::Admins), &barred, 5), None);
    }
}
