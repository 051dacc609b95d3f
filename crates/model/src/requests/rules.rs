//! The rules that say who decides: ordered, and the first that matches counts.

use serde::{Deserialize, Serialize};

use super::stage::StageKind;
use crate::{CostCentreId, OfferingId, PersonGuid, money::Money};

/// What the rules look at; kept with the request, so that other rules can be tried out on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub requester: PersonGuid,
    /// One entry a person.
    pub desktops: Vec<DesktopFacts>,
    pub cost_centre: CostCentreId,
    /// What is left of the cost centre's budget before this request; `None` without a cap.
    pub left: Option<Money>,
    pub temporary: bool,
}

/// One person's desktop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesktopFacts {
    pub offering: OfferingId,
    /// The offering is never given without an approval.
    pub needs_approval: bool,
    /// By the month; `None` if not known.
    pub price: Option<Money>,
    pub department: Option<String>,
}

impl Facts {
    /// The monthly price of all; `None` if one is not known, or if they are not in one currency.
    pub fn total(&self) -> Option<Money> {
        let mut prices = self.desktops.iter().map(|desktop| desktop.price);
        let first = prices.next()??;
        prices.try_fold(first, |sum, price| sum.plus(price?))
    }

    /// The dearest desktop; `None` if a price is not known, or if they are not in one currency.
    fn dearest(&self) -> Option<Money> {
        let mut prices = self.desktops.iter().map(|desktop| desktop.price);
        let first = prices.next()??;
        prices.try_fold(first, |most, price| {
            let price = price.filter(|price| price.currency == most.currency)?;
            Some(if price.amount > most.amount { price } else { most })
        })
    }

    /// The budget has room for it; never if there is a budget and the price is not known.
    pub fn fits(&self) -> bool {
        match (self.left, self.total()) {
            (None, _) => true,
            (Some(left), Some(total)) => left.currency == total.currency && total.amount <= left.amount,
            (Some(_), None) => false,
        }
    }
}

/// Whether a condition is about all desktops of a request or about any one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    Every,
    Any,
}

impl Each {
    fn of<T>(self, things: &[T], holds: impl Fn(&T) -> bool) -> bool {
        match self {
            Self::Every => !things.is_empty() && things.iter().all(holds),
            Self::Any => things.iter().any(holds),
        }
    }
}

/// A bound on a number or an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound<T> {
    /// At most, this one included.
    UpTo(T),
    Above(T),
}

impl Bound<u32> {
    fn holds(self, count: u32) -> bool {
        match self {
            Self::UpTo(most) => count <= most,
            Self::Above(bound) => count > bound,
        }
    }
}

impl Bound<Money> {
    /// A price that is not known, or is in another currency, is never low, and counts as high.
    fn holds(self, price: Option<Money>) -> bool {
        let (Self::UpTo(bound) | Self::Above(bound)) = self;
        let low = price.is_some_and(|price| price.currency == bound.currency && price.amount <= bound.amount);
        matches!(self, Self::UpTo(_)) == low
    }
}

/// Something with its name as it was when the rule was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<T> {
    pub id: T,
    pub name: String,
}

/// One thing that has to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Offering {
        each: Each,
        among: Vec<Named<OfferingId>>,
    },
    /// The monthly price of the whole request.
    RequestPrice(Bound<Money>),
    /// The monthly price of the dearest desktop.
    PersonPrice(Bound<Money>),
    People(Bound<u32>),
    Department {
        each: Each,
        among: Vec<String>,
    },
    CostCentre {
        among: Vec<Named<CostCentreId>>,
    },
    /// Whether the budget has room.
    Fits(bool),
    Temporary(bool),
    Requester {
        among: Vec<Named<PersonGuid>>,
    },
}

impl Condition {
    fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::Offering { each, among } => {
                each.of(&facts.desktops, |desktop| among.iter().any(|offering| offering.id == desktop.offering))
            }
            Self::RequestPrice(bound) => bound.holds(facts.total()),
            Self::PersonPrice(bound) => bound.holds(facts.dearest()),
            Self::People(bound) => bound.holds(u32::try_from(facts.desktops.len()).unwrap_or(u32::MAX)),
            Self::Department { each, among } => each.of(&facts.desktops, |desktop| {
                let department = desktop.department.as_deref().unwrap_or_default().to_lowercase();
                among.iter().any(|known| known.to_lowercase() == department)
            }),
            Self::CostCentre { among } => among.iter().any(|centre| centre.id == facts.cost_centre),
            Self::Fits(fits) => facts.fits() == *fits,
            Self::Temporary(temporary) => facts.temporary == *temporary,
            Self::Requester { among } => among.iter().any(|person| person.id == facts.requester),
        }
    }

    /// `it costs up to 100.00 EUR a month`.
    fn sentence(&self) -> String {
        let each = |each: &Each, every: &str, any: &str| if *each == Each::Every { every.to_owned() } else { any.to_owned() };
        match self {
            Self::Offering { each: which, among } => {
                format!("{} {}", each(which, "every desktop is", "a desktop is"), either(names(among)))
            }
            Self::RequestPrice(Bound::UpTo(money)) => format!("it costs up to {money} a month"),
            Self::RequestPrice(Bound::Above(money)) => format!("it costs more than {money} a month"),
            Self::PersonPrice(Bound::UpTo(money)) => format!("no desktop costs more than {money} a month"),
            Self::PersonPrice(Bound::Above(money)) => format!("a desktop costs more than {money} a month"),
            Self::People(Bound::UpTo(1)) => "it is for 1 person".to_owned(),
            Self::People(Bound::UpTo(most)) => format!("it is for up to {most} people"),
            Self::People(Bound::Above(bound)) => format!("it is for more than {bound} people"),
            Self::Department { each: which, among } => {
                format!("{} in {}", each(which, "everybody works", "somebody works"), either(among.iter().map(String::as_str)))
            }
            Self::CostCentre { among } => format!("cost centre {} pays", either(names(among))),
            Self::Fits(true) => "the budget has room for it".to_owned(),
            Self::Fits(false) => "it goes over the budget".to_owned(),
            Self::Temporary(true) => "the desktops are temporary".to_owned(),
            Self::Temporary(false) => "the desktops are lasting".to_owned(),
            Self::Requester { among } => format!("{} asks", either(names(among))),
        }
    }
}

fn names<T>(among: &[Named<T>]) -> impl Iterator<Item = &str> {
    among.iter().map(|named| named.name.as_str())
}

/// `a, b or c`.
pub(super) fn either<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "nobody".to_owned(),
    }
}

/// What a rule leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    AtOnce,
    /// Each of these has to approve, in this order; one at least.
    Stages(Vec<StageKind>),
    /// Refused, with these words.
    Refuse(String),
}

impl Outcome {
    fn sentence(&self) -> String {
        match self {
            Self::AtOnce => "it is approved at once".to_owned(),
            Self::Stages(stages) => {
                let names: Vec<_> = stages.iter().map(StageKind::sentence).collect();
                format!("it is decided by {}", names.join(", then by "))
            }
            Self::Refuse(why) => format!("it is refused: {why}"),
        }
    }
}

/// One rule. All its conditions have to hold; one without any always matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub name: String,
    pub conditions: Vec<Condition>,
    pub outcome: Outcome,
}

impl Rule {
    fn matches(&self, facts: &Facts) -> bool {
        self.conditions.iter().all(|condition| condition.holds(facts))
    }

    /// The rule in plain words: `Small ones: if it costs up to 100.00 EUR a month, it is approved at once.`
    pub fn text(&self) -> String {
        let conditions: Vec<_> = self.conditions.iter().map(Condition::sentence).collect();
        let (name, outcome) = (&self.name, self.outcome.sentence());
        let sentence = match conditions.as_slice() {
            [] => format!("{name}: {outcome}"),
            conditions => format!("{name}: if {}, {outcome}", conditions.join(" and ")),
        };
        if sentence.ends_with(['.', '!', '?']) { sentence } else { sentence + "." }
    }
}

/// What the rules say of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// Which rule decided, as it was, and why more is asked for than it says.
    pub text: String,
    pub outcome: Outcome,
}

/// What no rule says.
const NO_RULE: &str = "No rule is about this request, so one approver decides.";

/// Has the first matching rule decide. Whatever it says, nothing is given without an approval whose price is not known or whose
/// offering wants one, and what goes over the budget needs the cost centre's owner as well.
pub fn rule(rules: &[Rule], facts: &Facts) -> Ruling {
    let found = rules.iter().find(|rule| rule.matches(facts));
    let mut text = found.map_or_else(|| NO_RULE.to_owned(), Rule::text);
    let outcome = found.map_or_else(|| Outcome::Stages(vec![StageKind::Approver]), |rule| rule.outcome.clone());
    let mut stages = match outcome {
        refused @ Outcome::Refuse(_) => return Ruling { text, outcome: refused },
        Outcome::AtOnce => Vec::new(),
        Outcome::Stages(stages) => stages,
    };
    if stages.is_empty() {
        let why = if facts.total().is_none() {
            Some("The price is not known, so an approver decides.")
        } else if facts.desktops.iter().any(|desktop| desktop.needs_approval) {
            Some("What is asked for always needs an approval, so an approver decides.")
        } else if facts.fits() {
            None
        } else {
            Some("It goes over the budget, so an approver decides.")
        };
        if let Some(why) = why {
            text = format!("{text} {why}");
            stages.push(StageKind::Approver);
        }
    }
    if !facts.fits() && !stages.contains(&StageKind::CostCentreOwner) {
        let why = if facts.total().is_none() {
            "It is not known whether the budget has room for it"
        } else {
            "The budget has no room for it"
        };
        text = format!("{text} {why}, so the cost centre\u{2019}s owner decides too.");
        stages.push(StageKind::CostCentreOwner);
    }
    let outcome = if stages.is_empty() { Outcome::AtOnce } else { Outcome::Stages(stages) };
    Ruling { text, outcome }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
