//! How a cost centre stands, as people read it.

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};

use super::Standing;
use crate::money::Money;

/// How a cost centre stands, as a picture shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// `1200.00 EUR of 5000.00 EUR a month`.
    pub sentence: String,
    /// What is left, or that there is no cap, or by how much it goes beyond.
    pub left: String,
    pub is_over: bool,
    /// What is taken; shares of nothing are left out.
    pub shares: Vec<Share>,
    /// What no share holds, in words.
    pub beyond: Option<String>,
}

/// A share of a cost centre's cap, or of what is taken where that is more or there is no cap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub kind: ShareKind,
    pub amount: String,
    /// Thousandths of the whole.
    pub width: i64,
}

/// What a share is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareKind {
    Committed,
    Reserved,
}

impl ShareKind {
    pub fn label(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Reserved => "reserved",
        }
    }
}

impl Budget {
    /// In words and thousandths.
    pub fn of(standing: &Standing) -> Self {
        let zero = Money::zero(standing.currency());
        let (committed, reserved, left) = (standing.committed, standing.reserved, standing.left());
        let taken = committed.plus(reserved).unwrap_or(zero);
        let whole = standing.cap.map_or(taken.amount, |cap| cap.amount.max(taken.amount));
        let width = |amount: Money| {
            let thousandths = amount.amount.checked_div(whole).unwrap_or_default() * Decimal::ONE_THOUSAND;
            thousandths.round().to_i64().unwrap_or(0)
        };
        let shares = [(ShareKind::Committed, committed), (ShareKind::Reserved, reserved)];
        let shares = shares.into_iter().filter(|(_, amount)| !amount.amount.is_zero());
        let shares = shares.map(|(kind, amount)| Share { kind, amount: amount.to_string(), width: width(amount) });
        let over = left.filter(|left| left.amount < Decimal::ZERO).map(|left| Money { amount: -left.amount, ..left });
        let mut beyond = Vec::new();
        if !standing.beyond.amount.is_zero() {
            beyond.push(format!("{} more is asked for and does not fit", standing.beyond));
        }
        match standing.uncounted {
            0 => {}
            1 => beyond.push("1 desktop in another currency, which is not counted".to_owned()),
            count => beyond.push(format!("{count} desktops in another currency, which are not counted")),
        }
        Self {
            sentence: match standing.cap {
                Some(cap) => format!("{taken} of {cap} a month"),
                None => format!("{taken} a month"),
            },
            left: match (over, left) {
                (Some(over), _) => format!("{over} over the cap"),
                (None, Some(left)) => format!("{left} left"),
                (None, None) => "no cap".to_owned(),
            },
            is_over: over.is_some(),
            shares: shares.collect(),
            beyond: (!beyond.is_empty()).then(|| beyond.join("; ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros(amount: i64) -> Money {
        Money { amount: Decimal::from(amount), currency: "EUR".parse().unwrap() }
    }

    fn standing(cap: Option<i64>, committed: i64, reserved: i64) -> Standing {
        let empty = Standing::empty(cap.map(euros), euros(0).currency);
        Standing { committed: euros(committed), reserved: euros(reserved), ..empty }
    }

    #[test]
    fn shares_are_of_the_cap_and_of_what_is_taken_where_that_is_more() {
        let budget = Budget::of(&standing(Some(1_000), 500, 250));
        assert_eq!((budget.sentence.as_str(), budget.left.as_str()), ("750.00 EUR of 1000.00 EUR a month", "250.00 EUR left"));
        let widths: Vec<_> = budget.shares.iter().map(|share| (share.kind.label(), share.width)).collect();
        assert_eq!(widths, [("committed", 500), ("reserved", 250)]);

        let over = Budget::of(&standing(Some(1_000), 1_500, 500));
        assert_eq!((over.left.as_str(), over.is_over), ("1000.00 EUR over the cap", true));
        assert_eq!(over.shares.iter().map(|share| share.width).collect::<Vec<_>>(), [750, 250]);
    }

    #[test]
    fn what_has_no_cap_or_nothing_taken_says_so() {
        let none = Budget::of(&standing(None, 0, 0));
        assert_eq!((none.sentence.as_str(), none.left.as_str(), none.shares.len()), ("0.00 EUR a month", "no cap", 0));
        let used_up = Budget::of(&standing(Some(0), 0, 0));
        assert_eq!((used_up.left.as_str(), used_up.is_over), ("0.00 EUR left", false));
        let asked = Budget::of(&Standing { beyond: euros(70), uncounted: 2, ..standing(Some(50), 50, 0) });
        let words = "70.00 EUR more is asked for and does not fit; 2 desktops in another currency, which are not counted";
        assert_eq!(asked.beyond.as_deref(), Some(words));
    }
}
