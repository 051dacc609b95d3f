//! What became of requests, month by month. Days and months are the installation's, and are written by the server.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::money::Money;

/// How many months are told: the running one and those before it.
pub const MONTHS: u32 = 12;

/// The last months, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    pub months: Vec<Month>,
    /// In order of the cost centres' numbers.
    pub costs: Vec<CentreCost>,
    /// Only what the reader's own cost centres pay for.
    pub own: bool,
}

impl Numbers {
    pub fn is_empty(&self) -> bool {
        self.costs.is_empty() && self.months.iter().all(Month::is_empty)
    }

    /// What all cost centres of a currency cost together, one amount a month; left out where that is too large for a decimal.
    pub fn totals(&self) -> Vec<Vec<Money>> {
        let mut totals: Vec<Option<Vec<Money>>> = Vec::new();
        for cost in &self.costs {
            let same = |total: &&mut Option<Vec<Money>>| {
                total.as_ref().and_then(|total| total.first()).is_some_and(|money| money.currency == cost.now.currency)
            };
            match totals.iter_mut().find(same) {
                Some(total) => {
                    let sums = total.iter().flatten().zip(&cost.amounts).map(|(sum, amount)| sum.plus(*amount));
                    *total = sums.collect();
                }
                None => totals.push(Some(cost.amounts.clone())),
            }
        }
        totals.into_iter().flatten().collect()
    }
}

/// One month. Desktops are counted, one for each person; times are those of what ended in this month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Month {
    /// `2026-11`.
    pub iso: String,
    /// `Nov 2026`.
    pub label: String,
    /// Handed in, for the last time.
    pub asked: i64,
    pub approved: i64,
    pub refused: i64,
    /// Of requests, from being handed in for the last time.
    pub decision: Option<Spread>,
    /// Of desktops, from the same moment.
    pub available: Option<Spread>,
}

impl Month {
    fn is_empty(&self) -> bool {
        self.asked + self.approved + self.refused == 0 && self.decision.is_none() && self.available.is_none()
    }
}

/// Times in seconds, and how they are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    pub count: usize,
    /// The one in the middle, or what is half way between the two there.
    pub median: i64,
    /// The shortest that nine of ten don't exceed: a time that was really taken. Of fewer than ten it is the longest.
    pub ninth: i64,
}

impl Spread {
    /// `None` of nothing.
    pub fn of(mut seconds: Vec<i64>) -> Option<Self> {
        seconds.sort_unstable();
        let count = seconds.len();
        let upper = seconds.get(count / 2)?;
        let lower = seconds.get(count.checked_sub(1)? / 2)?;
        let ninth = seconds.get((count * 9).div_ceil(10).checked_sub(1)?)?;
        Some(Self { count, median: (lower + upper) / 2, ninth: *ninth })
    }
}

/// What the desktops of a cost centre cost by the month in one currency, as it stood at the end of each month and
/// stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CentreCost {
    pub number: String,
    pub name: String,
    /// One for each month.
    pub amounts: Vec<Money>,
    pub now: Money,
}

/// A file behind the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumbersFile {
    Counts,
    Decision,
    Available,
    Costs,
    /// All desktops that the others count, one a line.
    Desktops,
}

impl NumbersFile {
    pub const ALL: [Self; 5] = [Self::Counts, Self::Decision, Self::Available, Self::Costs, Self::Desktops];

    pub fn name(self) -> &'static str {
        match self {
            Self::Counts => "requested.csv",
            Self::Decision => "time-to-decision.csv",
            Self::Available => "time-to-available.csv",
            Self::Costs => "costs.csv",
            Self::Desktops => "desktops.csv",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|file| file.name() == name)
    }
}

/// How high each value stands in thousandths of the highest.
pub fn heights<T: Into<Decimal> + Copy>(values: &[T], highest: T) -> Vec<i64> {
    let highest: Decimal = highest.into();
    let height = |value: &T| {
        let part = Into::<Decimal>::into(*value).checked_div(highest)?.checked_mul(Decimal::ONE_THOUSAND)?;
        part.round().to_i64()
    };
    values.iter().map(|value| height(value).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: &str, currency: &str) -> Money {
        Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() }
    }

    fn cost(number: &str, amounts: Vec<Money>) -> CentreCost {
        CentreCost { number: number.into(), name: "N".into(), now: amounts[1], amounts }
    }

    #[test]
    fn few_numbers_have_a_spread_too() {
        let of = |seconds: &[i64]| Spread::of(seconds.to_vec()).map(|spread| (spread.count, spread.median, spread.ninth));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some((1, 7, 7)));
        assert_eq!(of(&[10, 2]), Some((2, 6, 10)));
        assert_eq!(of(&[3, 1, 2]), Some((3, 2, 3)));
        assert_eq!(of(&(1..=10).collect::<Vec<_>>()), Some((10, 5, 9)));
        assert_eq!(of(&(1..=11).collect::<Vec<_>>()), Some((11, 6, 10)));
        assert_eq!(of(&(1..=100).collect::<Vec<_>>()), Some((100, 50, 90)));
    }

    #[test]
    fn totals_are_exact_and_by_currency() {
        let costs = vec![
            cost("1", vec![money("0.10", "EUR"), money("0.20", "EUR")]),
            cost("1", vec![money("5", "USD"), money("6", "USD")]),
            cost("2", vec![money("0.20", "EUR"), money("0.10", "EUR")]),
        ];
        let numbers = Numbers { costs, ..Numbers::default() };
        let expected = vec![vec![money("0.30", "EUR"), money("0.30", "EUR")], vec![money("5", "USD"), money("6", "USD")]];
        assert_eq!(numbers.totals(), expected);
        let most = Money { amount: Decimal::MAX, ..money("1", "EUR") };
        let numbers = Numbers { costs: vec![cost("1", vec![most, most]), cost("2", vec![most, most])], ..Numbers::default() };
        assert_eq!(numbers.totals(), Vec::<Vec<Money>>::new());
    }

    #[test]
    fn heights_reach_from_nothing_to_the_highest() {
        assert_eq!(heights(&[0_i64, 1, 3], 3), [0, 333, 1000]);
        assert_eq!(heights(&[0_i64, 0], 0), [0, 0]);
        assert_eq!(heights(&["0.1".parse::<Decimal>().unwrap(), "0.4".parse().unwrap()], "0.4".parse().unwrap()), [250, 1000]);
    }

    #[test]
    fn files_are_known_by_their_names() {
        for file in NumbersFile::ALL {
            assert_eq!(NumbersFile::from_name(file.name()), Some(file));
        }
        assert_eq!(NumbersFile::from_name("secrets.csv"), None);
    }
}
