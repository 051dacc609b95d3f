//! Rules: what matches, which one counts, what is never given without an approval, and how it reads.

use uuid::Uuid;

use super::*;

fn money(amount: u32) -> Money {
    Money { amount: amount.into(), currency: "EUR".parse().unwrap() }
}

fn offering(number: u128) -> OfferingId {
    OfferingId(Uuid::from_u128(number))
}

fn desktop(number: u128, price: Option<u32>) -> DesktopFacts {
    let department = Some("Logistics".to_owned());
    DesktopFacts { offering: offering(number), needs_approval: false, price: price.map(money), department }
}

fn facts(desktops: Vec<DesktopFacts>) -> Facts {
    let requester = PersonGuid(Uuid::from_u128(1));
    Facts { requester, desktops, cost_centre: CostCentreId(Uuid::nil()), left: None, temporary: false }
}

fn named(number: u128, name: &str) -> Named<OfferingId> {
    Named { id: offering(number), name: name.into() }
}

fn at_once(conditions: Vec<Condition>) -> Rule {
    Rule { name: "Small ones".into(), conditions, outcome: Outcome::AtOnce }
}

const ONE: fn() -> Outcome = || Outcome::Stages(vec![StageKind::Approver]);

#[test]
fn the_first_match_decides() {
    let small = at_once(vec![Condition::RequestPrice(Bound::UpTo(money(50)))]);
    let other = Rule { name: "Others".into(), conditions: vec![], outcome: Outcome::Refuse("Not now".into()) };
    let rules = [small, other];
    assert_eq!(rule(&rules, &facts(vec![desktop(1, Some(50))])).outcome, Outcome::AtOnce);
    assert_eq!(rule(&rules, &facts(vec![desktop(1, Some(51))])).outcome, Outcome::Refuse("Not now".into()));
    assert_eq!(rule(&[], &facts(vec![desktop(1, Some(1))])).outcome, ONE());
}

#[test]
fn an_unknown_price_is_never_low_and_needs_an_approval() {
    let unknown = facts(vec![desktop(1, Some(10)), desktop(1, None)]);
    let low = at_once(vec![Condition::RequestPrice(Bound::UpTo(money(1_000)))]);
    assert_eq!(rule(&[low], &unknown).text, NO_RULE);
    let high = at_once(vec![Condition::PersonPrice(Bound::Above(money(1_000)))]);
    let ruling = rule(&[high, at_once(vec![])], &unknown);
    assert_eq!(ruling.outcome, ONE());
    assert!(ruling.text.ends_with("The price is not known, so an approver decides."), "{}", ruling.text);
    // Amounts of two currencies are not known either.
    let mut mixed = facts(vec![desktop(1, Some(10)), desktop(1, Some(10))]);
    mixed.desktops[1].price = Some(Money { amount: 10.into(), currency: "USD".parse().unwrap() });
    assert_eq!((mixed.total(), rule(&[at_once(vec![])], &mixed).outcome), (None, ONE()));
}

#[test]
fn every_and_any_are_told_apart() {
    let mixed = facts(vec![desktop(1, Some(10)), desktop(2, Some(10))]);
    let office = |each| Condition::Offering { each, among: vec![named(1, "Office")] };
    assert!(!office(Each::Every).holds(&mixed) && office(Each::Any).holds(&mixed));
    let in_logistics = |each| Condition::Department { each, among: vec!["LOGISTICS".into()] };
    assert!(in_logistics(Each::Every).holds(&mixed));
    assert!(!in_logistics(Each::Every).holds(&facts(vec![])), "nobody is not everybody");
}

#[test]
fn what_goes_over_the_budget_needs_its_owner() {
    let mut over = facts(vec![desktop(1, Some(60)), desktop(1, Some(60))]);
    over.left = Some(money(100));
    let ruling = rule(&[at_once(vec![])], &over);
    assert_eq!(ruling.outcome, Outcome::Stages(vec![StageKind::Approver, StageKind::CostCentreOwner]));
    over.left = Some(money(120));
    assert_eq!(rule(&[at_once(vec![])], &over).outcome, Outcome::AtOnce);
    over.desktops[0].needs_approval = true;
    assert_eq!(rule(&[at_once(vec![])], &over).outcome, ONE());
    let refuse = Rule { outcome: Outcome::Refuse("No.".into()), ..at_once(vec![]) };
    over.left = Some(money(1));
    assert_eq!(rule(&[refuse], &over).outcome, Outcome::Refuse("No.".into()));
}

#[test]
fn a_rule_reads_as_a_sentence() {
    let rule = Rule {
        name: "Developers".into(),
        conditions: vec![
            Condition::Offering { each: Each::Any, among: vec![named(1, "Developer"), named(2, "GPU")] },
            Condition::RequestPrice(Bound::Above(money(500))),
            Condition::Temporary(false),
        ],
        outcome: Outcome::Stages(vec![StageKind::ManagersManager, StageKind::CostCentreOwner]),
    };
    assert_eq!(
        rule.text(),
        "Developers: if a desktop is Developer or GPU and it costs more than 500.00 EUR a month and the desktops are lasting, it is decided by the manager of who asks, then by the cost centre\u{2019}s owner."
    );
    let refuse = Rule { name: "Freeze".into(), conditions: vec![], outcome: Outcome::Refuse("Nothing before May.".into()) };
    assert_eq!(refuse.text(), "Freeze: it is refused: Nothing before May.");
}
