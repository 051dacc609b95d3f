//! Every path through the stages, by proptest, and the ones that people tell each other about.

use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use super::*;
use crate::{
    CostCentreId, OfferingId,
    access::{Grant, Role, Scope},
    requests::rules::{Bound, Condition, DesktopFacts, Facts, Rule, rule},
};

fn guid(number: u128) -> PersonGuid {
    PersonGuid(Uuid::from_u128(number))
}

fn named(number: u128) -> Named<PersonGuid> {
    Named { id: guid(number), name: format!("P{number}") }
}

fn person(number: u128, roles: &[Role]) -> Person {
    let grants = roles.iter().map(|&role| Grant { role, scope: Scope::Everywhere }).collect();
    Person { subject: number.to_string(), name: "N".into(), guid: Some(guid(number)), grants }
}

fn item(number: u128) -> RequestItemId {
    RequestItemId(Uuid::from_u128(number))
}

/// Person 1 asks for 2 and 3.
fn draft() -> Process {
    Process {
        state: State::Draft,
        requester: Some(guid(1)),
        beneficiaries: vec![guid(2), guid(3)],
        directories: vec!["d-906731a2b4".parse().unwrap()],
        stages: vec![],
        items: vec![(item(2), ItemState::Asked), (item(3), ItemState::Asked)],
        stand_ins: vec![],
    }
}

fn submitted(kinds: &[(StageKind, &[u128])]) -> Process {
    let mut process = draft();
    let stages = kinds.iter().map(|(kind, people)| Stage::new(kind.clone(), people.iter().copied().map(named).collect()));
    let outcome = Outcome::Stages(kinds.iter().map(|(kind, _)| kind.clone()).collect());
    assert_eq!(process.submit(&outcome, stages.collect()), Some(Move::Submit));
    process
}

const ALL: Decision = Decision::Approve { except: vec![] };

#[test]
fn two_stages_take_two_people() {
    let mut process = submitted(&[(StageKind::Approver, &[]), (StageKind::CostCentreOwner, &[9])]);
    let nine = person(9, &[Role::Approver]);
    assert_eq!(process.decide(&nine, &ALL, true, &[]), Ok(Move::Pass));
    // The owner has decided already, so the stage went to admins.
    assert_eq!(process.waiting().unwrap().1.deciders, Some(Deciders::Admins));
    assert_eq!(process.decide(&nine, &ALL, true, &[]), Err(Undecided::NotYours(NotYours::Barred)));
    assert_eq!(process.decide(&person(8, &[Role::Admin]), &ALL, true, &[]), Ok(Move::Approve));
    assert!(process.items.iter().all(|(_, state)| *state == ItemState::Approved));
    assert_eq!(process.decide(&person(7, &[Role::Admin]), &ALL, true, &[]), Err(Undecided::NotWaiting));
}

#[test]
fn some_people_are_refused_and_the_rest_goes_on() {
    let mut process = submitted(&[(StageKind::Approver, &[])]);
    let approver = person(9, &[Role::Approver]);
    assert_eq!(process.decide(&approver, &Decision::Approve { except: vec![item(2)] }, true, &[]), Ok(Move::Approve));
    assert_eq!(process.items, [(item(2), ItemState::Refused), (item(3), ItemState::Approved)]);
    let mut process = submitted(&[(StageKind::Approver, &[])]);
    let nobody = Decision::Approve { except: vec![item(2), item(3)] };
    assert_eq!(process.decide(&approver, &nobody, true, &[]), Ok(Move::Refuse));
    assert_eq!(process.state, State::Refused);
}

#[test]
fn a_budget_that_is_used_up_meanwhile_asks_its_owner() {
    let mut process = submitted(&[(StageKind::Approver, &[])]);
    assert_eq!(process.decide(&person(9, &[Role::Approver]), &ALL, false, &[named(7)]), Ok(Move::Pass));
    assert_eq!(process.decide(&person(7, &[Role::Requester]), &ALL, false, &[]), Ok(Move::Approve));
}

#[test]
fn who_asks_back_keeps_the_stage() {
    let mut process = submitted(&[(StageKind::Approver, &[])]);
    let approver = person(9, &[Role::Approver]);
    assert_eq!(process.decide(&approver, &Decision::AskBack, true, &[]), Ok(Move::AskBack));
    assert_eq!(process.decide(&approver, &ALL, true, &[]), Err(Undecided::NotWaiting));
    process.state = process.state.after(Move::Answer).unwrap();
    assert_eq!(process.decide(&approver, &ALL, true, &[]), Ok(Move::Approve));
}

#[test]
fn who_waits_too_long_gets_company_and_keeps_the_stage() {
    let mut process = submitted(&[(StageKind::CostCentreOwner, &[9])]);
    assert!(process.escalate(5));
    assert!(!process.escalate(5), "nobody is left to ask");
    let (mut other, admin) = (process.clone(), person(8, &[Role::Admin]));
    assert_eq!(process.decide(&person(9, &[Role::Requester]), &ALL, true, &[]), Ok(Move::Approve));
    assert_eq!(other.decide(&admin, &ALL, true, &[]), Ok(Move::Approve));
    assert!(!other.escalate(5), "it is decided");
    let mut process = submitted(&[(StageKind::Approver, &[])]);
    assert!(process.escalate(5) && !process.escalate(5), "admins hear of it once");
    process.state = State::AskedBack;
    assert!(!process.escalate(9), "whoever asked has the word");
}

#[test]
fn a_stand_in_decides_one_stage() {
    let mut process = submitted(&[(StageKind::CostCentreOwner, &[9]), (StageKind::People(vec![named(7)]), &[7])]);
    process.stand_ins = vec![StandIn { absent: named(9), by: guid(8) }, StandIn { absent: named(7), by: guid(8) }];
    let eight = person(8, &[Role::Requester]);
    assert_eq!(process.in_place_of(guid(8)), Some(&named(9)));
    assert!(process.asks(guid(8)) && process.asks(guid(9)) && !process.asks(guid(7)) && !process.asks(guid(1)));
    assert_eq!(process.decide(&eight, &ALL, true, &[]), Ok(Move::Pass));
    assert_eq!(process.decide(&eight, &ALL, true, &[]), Err(Undecided::NotYours(NotYours::Barred)), "the same eyes twice");
    assert_eq!(process.in_place_of(guid(7)), None);
    assert_eq!(process.decide(&person(7, &[Role::Requester]), &ALL, true, &[]), Ok(Move::Approve));
}

#[test]
fn nobody_decides_twice_by_sending_another_one_first() {
    let mut process = submitted(&[(StageKind::CostCentreOwner, &[9]), (StageKind::People(vec![named(9)]), &[9])]);
    process.stand_ins = vec![StandIn { absent: named(9), by: guid(8) }];
    assert_eq!(process.decide(&person(8, &[Role::Requester]), &ALL, true, &[]), Ok(Move::Pass));
    assert_eq!(process.waiting().unwrap().1.deciders, Some(Deciders::Admins), "the one who was away has had their say");
    let nine = person(9, &[Role::Admin]);
    assert_eq!(process.decide(&nine, &ALL, true, &[]), Err(Undecided::NotYours(NotYours::Barred)));
}

fn any_stage() -> impl Strategy<Value = StageKind> {
    prop_oneof![
        Just(StageKind::Approver),
        Just(StageKind::ManagersManager),
        Just(StageKind::CostCentreOwner),
        Just(StageKind::Admin),
        Just(StageKind::Group { dn: "CN=g".into(), name: "g".into() }),
        vec(1_u128..9, 1..3).prop_map(|people| StageKind::People(people.into_iter().map(named).collect())),
    ]
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let money = |amount: u32| crate::money::Money { amount: amount.into(), currency: "EUR".parse().unwrap() };
    let condition = prop_oneof![
        (0_u32..60).prop_map(move |amount| Condition::RequestPrice(Bound::UpTo(money(amount)))),
        (0_u32..60).prop_map(move |amount| Condition::PersonPrice(Bound::Above(money(amount)))),
        any::<bool>().prop_map(Condition::Fits),
        any::<bool>().prop_map(Condition::Temporary),
        (0_u32..4).prop_map(|people| Condition::People(Bound::UpTo(people))),
    ];
    let outcome =
        prop_oneof![Just(Outcome::AtOnce), vec(any_stage(), 1..4).prop_map(Outcome::Stages), Just(Outcome::Refuse("no".into())),];
    (vec(condition, 0..3), outcome).prop_map(|(conditions, outcome)| Rule { name: "r".into(), conditions, outcome })
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let money = |amount: u32| crate::money::Money { amount: amount.into(), currency: "EUR".parse().unwrap() };
    let desktop = (prop::option::weighted(0.9, 0_u32..50), prop::bool::weighted(0.2)).prop_map(move |(price, needs_approval)| {
        DesktopFacts { offering: OfferingId(Uuid::nil()), needs_approval, price: price.map(money), department: None }
    });
    (vec(desktop, 1..4), prop::option::of(0_u32..100), any::<bool>()).prop_map(move |(desktops, left, temporary)| Facts {
        requester: guid(1),
        desktops,
        cost_centre: CostCentreId(Uuid::nil()),
        left: left.map(money),
        temporary,
    })
}

/// A decision that somebody tries: who, with which role, what, and whether the budget has room at that moment.
fn any_try() -> impl Strategy<Value = (u128, Role, Decision, bool)> {
    let role = prop_oneof![Just(Role::Requester), Just(Role::Approver), Just(Role::Admin), Just(Role::Helpdesk)];
    let decision = prop_oneof![
        6 => Just(ALL),
        1 => Just(Decision::Approve { except: vec![item(2)] }),
        1 => Just(Decision::Refuse),
        1 => Just(Decision::AskBack),
    ];
    (1_u128..9, role, decision, prop::bool::weighted(0.8))
}

proptest! {
    /// No path reaches `approved` unless every stage that the rule demands was approved, each by somebody else, none of whom
    /// asks or is asked for; and it is decided once.
    #[test]
    fn approved_means_that_every_stage_was(
        rules in vec(any_rule(), 0..4), facts in any_facts(), tries in vec(any_try(), 0..40),
        candidates in vec(vec(1_u128..9, 0..3), 6), away in vec((1_u128..9, 1_u128..9), 0..4), patience in 1_usize..8,
    ) {
        let ruling = rule(&rules, &facts);
        let mut process = draft();
        let kinds = match &ruling.outcome { Outcome::Stages(kinds) => kinds.clone(), _ => vec![] };
        let stages = kinds.iter().zip(candidates.iter().cycle()).map(|(kind, people)| {
            Stage::new(kind.clone(), people.iter().copied().map(named).collect())
        }).collect();
        process.stand_ins = away.into_iter().map(|(absent, by)| StandIn { absent: named(absent), by: guid(by) }).collect();
        process.submit(&ruling.outcome, stages);
        match &ruling.outcome {
            Outcome::Refuse(_) => prop_assert_eq!(process.state, State::Refused),
            Outcome::AtOnce => {
                prop_assert_eq!(process.state, State::Approved);
                let facts_allow = facts.total().is_some() && facts.fits() && !facts.desktops.iter().any(|desktop| desktop.needs_approval);
                prop_assert!(facts_allow, "approved at once without grounds: {:?}", facts);
            }
            Outcome::Stages(_) => prop_assert_eq!(process.state, State::Waiting),
        }
        let mut over = false;
        for (turn, (who, role, decision, fits)) in tries.into_iter().enumerate() {
            if turn % patience == 0 {
                process.escalate(5);
            }
            let before = process.clone();
            match process.decide(&person(who, &[role]), &decision, fits, &[named(5)]) {
                Ok(Move::Approve) => over = !fits,
                Ok(_) => prop_assert!(!before.state.is_decided()),
                Err(_) => {
                    prop_assert_eq!(&process.stages, &before.stages);
                    prop_assert_eq!(process.state, before.state);
                }
            }
            if before.state.is_decided() {
                prop_assert_eq!(process.state, before.state);
                prop_assert_eq!(&process.items, &before.items);
            }
            if process.state == State::AskedBack {
                process.state = process.state.after(Move::Answer).unwrap();
            }
        }
        if process.state == State::Approved {
            prop_assert!(process.stages.len() >= kinds.len());
            for (demanded, stage) in kinds.iter().zip(&process.stages) {
                prop_assert_eq!(demanded, &stage.kind);
            }
            let mut eyes = std::collections::HashSet::from([guid(1), guid(2), guid(3)]);
            for stage in &process.stages {
                prop_assert_eq!(stage.state, StageState::Approved);
                prop_assert!(eyes.insert(stage.decided_by.unwrap()), "the same eyes twice");
                prop_assert!(stage.decided_for.is_none_or(|absent| eyes.insert(absent)), "the same eyes, in their place and by themselves");
            }
            prop_assert!(!over || process.asks_owner(), "over the budget without its owner");
            prop_assert!(process.items.iter().all(|(_, state)| *state != ItemState::Asked));
        }
    }
}
