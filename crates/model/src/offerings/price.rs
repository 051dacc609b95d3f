//! Prices: a sheet for a Region, from a date on, and what a desktop costs by it. Nothing is estimated: what the sheet does not say is
//! not known.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    PriceSheetId,
    money::{Currency, Money},
    workspaces::RunningMode,
};

/// The hours of the longest month: nobody can use a desktop for more.
pub const MOST_HOURS: u32 = 744;

/// What one bundle costs, as a sheet has it. At least one running mode has a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// As AWS writes it: `STANDARD`, …
    pub compute: String,
    /// The volumes that are in the price.
    pub root_gib: u32,
    pub user_gib: u32,
    pub always_on_month: Option<Decimal>,
    pub auto_stop: Option<AutoStop>,
    /// For each GiB more than the volumes that are in the price; `None`: larger ones have no price.
    pub volume_gib_month: Option<Decimal>,
}

/// The two prices of AutoStop, in the sheet's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AutoStop {
    pub month: Decimal,
    pub hour: Decimal,
}

/// All prices of a Region, from a date on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pub id: PriceSheetId,
    pub currency: Currency,
    pub valid_from: NaiveDate,
    /// Made up for the demo.
    pub example: bool,
    pub lines: Vec<Line>,
}

/// What a desktop costs in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub monthly: Money,
    /// How an AutoStop price comes about.
    pub hourly: Option<Hourly>,
    pub sheet: PriceSheetId,
    pub valid_from: NaiveDate,
    /// By an example sheet: not AWS's price.
    pub example: bool,
}

/// An AutoStop price: a fee, and so many hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hourly {
    pub fee: Money,
    pub hour: Money,
    pub hours: u32,
    /// The same desktop with AlwaysOn, where the sheet has that.
    pub always_on: Option<Money>,
    /// The fewest whole hours at which AutoStop costs as much as AlwaysOn or more; `None` if no month is so long.
    pub break_even: Option<u32>,
}

/// What is asked for a price.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub compute: &'a str,
    pub root_gib: u32,
    pub user_gib: u32,
    pub running_mode: RunningMode,
    /// Expected in a month; counts for AutoStop.
    pub hours: u32,
}

impl Sheet {
    /// The price of a desktop; `None` if the sheet does not say.
    pub fn price(&self, wanted: Wanted<'_>) -> Option<Price> {
        let line = self.line(wanted)?;
        let more = (wanted.root_gib - line.root_gib).checked_add(wanted.user_gib - line.user_gib)?;
        let volumes = match more {
            0 => Decimal::ZERO,
            more => line.volume_gib_month?.checked_mul(more.into())?,
        };
        let money = |amount: Decimal| Money { amount, currency: self.currency };
        let always_on = match line.always_on_month {
            Some(month) => Some(money(month.checked_add(volumes)?)),
            None => None,
        };
        let (monthly, hourly) = match wanted.running_mode {
            RunningMode::AlwaysOn => (always_on?, None),
            RunningMode::AutoStop { .. } => {
                let auto_stop = line.auto_stop?;
                let (fee, hour) = (money(auto_stop.month.checked_add(volumes)?), money(auto_stop.hour));
                let break_even = always_on.and_then(|always_on| break_even(fee, hour, always_on));
                let monthly = fee.plus(hour.times(wanted.hours)?)?;
                (monthly, Some(Hourly { fee, hour, hours: wanted.hours, always_on, break_even }))
            }
            RunningMode::Manual => return None,
        };
        Some(Price { monthly, hourly, sheet: self.id, valid_from: self.valid_from, example: self.example })
    }

    /// The line whose volumes come nearest to what is wanted without being larger: with the same, or with a price for what is more.
    fn line(&self, wanted: Wanted<'_>) -> Option<&Line> {
        let fits = |line: &&Line| {
            let exact = (line.root_gib, line.user_gib) == (wanted.root_gib, wanted.user_gib);
            line.compute == wanted.compute
                && line.root_gib <= wanted.root_gib
                && line.user_gib <= wanted.user_gib
                && (exact || line.volume_gib_month.is_some())
        };
        let lines = self.lines.iter().filter(fits);
        lines.max_by_key(|line| (u64::from(line.root_gib) + u64::from(line.user_gib), line.root_gib))
    }
}

fn break_even(fee: Money, hour: Money, always_on: Money) -> Option<u32> {
    let costs = |hours: u32| Some(fee.plus(hour.times(hours)?)?.amount);
    (0..=MOST_HOURS).find(|hours| costs(*hours).is_some_and(|cost| cost >= always_on.amount))
}

/// A price as pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTag {
    /// `39.00 EUR`
    pub monthly: String,
    /// How an AutoStop price comes about, and from when on AlwaysOn is cheaper.
    pub hourly: Option<String>,
    pub sheet: PriceSheetId,
    /// The date of its sheet: `1 Oct 2026`.
    pub valid_from: String,
    pub example: bool,
}

impl Price {
    pub fn tag(&self) -> PriceTag {
        PriceTag {
            monthly: self.monthly.to_string(),
            hourly: self.hourly.as_ref().map(ToString::to_string),
            sheet: self.sheet,
            valid_from: date(self.valid_from),
            example: self.example,
        }
    }
}

/// `1 Oct 2026`
pub fn date(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// `9.75 EUR + 80 hours × 0.30 EUR. From 117 hours a month on, AlwaysOn (44.00 EUR) is no dearer.`
impl std::fmt::Display for Hourly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} + {} hours \u{d7} {}.", self.fee, self.hours, exact(self.hour))?;
        match (self.always_on, self.break_even) {
            (Some(always_on), Some(hours)) => write!(f, " From {hours} hours a month on, AlwaysOn ({always_on}) is no dearer."),
            (Some(always_on), None) => write!(f, " AlwaysOn ({always_on}) is never cheaper."),
            (None, _) => f.write_str(" The price of AlwaysOn is not known."),
        }
    }
}

/// With all of its decimals, two at least: an hour's price may have more than the currency is shown with.
fn exact(money: Money) -> String {
    let mut amount = money.amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    format!("{amount} {}", money.currency)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn line(root_gib: u32, user_gib: u32, volume: Option<&str>) -> Line {
        Line {
            compute: "STANDARD".into(),
            root_gib,
            user_gib,
            always_on_month: Some(decimal("44")),
            auto_stop: Some(AutoStop { month: decimal("9.75"), hour: decimal("0.3") }),
            volume_gib_month: volume.map(decimal),
        }
    }

    fn sheet(lines: Vec<Line>) -> Sheet {
        Sheet {
            id: PriceSheetId(uuid::Uuid::nil()),
            currency: "EUR".parse().unwrap(),
            valid_from: NaiveDate::from_ymd_opt(2026, 10, 1).unwrap(),
            example: false,
            lines,
        }
    }

    fn wanted(root_gib: u32, user_gib: u32, running_mode: RunningMode) -> Wanted<'static> {
        Wanted { compute: "STANDARD", root_gib, user_gib, running_mode, hours: 80 }
    }

    const AUTO_STOP: RunningMode = RunningMode::AutoStop { hours: 1 };

    #[test]
    fn auto_stop_is_a_fee_and_hours_and_says_from_when_always_on_is_no_dearer() {
        let sheet = sheet(vec![line(80, 50, None)]);
        assert_eq!(sheet.price(wanted(80, 50, RunningMode::AlwaysOn)).unwrap().tag().monthly, "44.00 EUR");
        let tag = sheet.price(wanted(80, 50, AUTO_STOP)).unwrap().tag();
        assert_eq!((tag.monthly.as_str(), tag.valid_from.as_str()), ("33.75 EUR", "1 Oct 2026"));
        let words = "9.75 EUR + 80 hours \u{d7} 0.30 EUR. From 115 hours a month on, AlwaysOn (44.00 EUR) is no dearer.";
        assert_eq!(tag.hourly.as_deref(), Some(words), "34.25 / 0.30 is 114.2");
    }

    #[test]
    fn a_break_even_that_no_month_reaches_is_never() {
        let cheap = Line { auto_stop: Some(AutoStop { month: decimal("9"), hour: decimal("0.01") }), ..line(80, 50, None) };
        let hourly = sheet(vec![cheap]).price(wanted(80, 50, AUTO_STOP)).unwrap().hourly.unwrap();
        assert_eq!(hourly.break_even, None);
        assert!(hourly.to_string().ends_with("AlwaysOn (44.00 EUR) is never cheaper."));
        let free = Line { auto_stop: Some(AutoStop { month: decimal("44"), hour: Decimal::ZERO }), ..line(80, 50, None) };
        assert_eq!(sheet(vec![free]).price(wanted(80, 50, AUTO_STOP)).unwrap().hourly.unwrap().break_even, Some(0));
        let alone = Line { always_on_month: None, ..line(80, 50, None) };
        let sheet = sheet(vec![alone]);
        assert_eq!(sheet.price(wanted(80, 50, RunningMode::AlwaysOn)), None);
        assert!(sheet.price(wanted(80, 50, AUTO_STOP)).unwrap().tag().hourly.unwrap().ends_with("is not known."));
    }

    #[test]
    fn larger_volumes_add_to_the_nearest_smaller_line() {
        let priced = sheet(vec![line(80, 10, Some("0.1")), line(80, 50, Some("0.1")), line(175, 100, None)]);
        let monthly = |root, user| Some(priced.price(wanted(root, user, RunningMode::AlwaysOn))?.tag().monthly);
        assert_eq!(monthly(80, 100).as_deref(), Some("49.00 EUR"), "50 more than 80 and 50");
        assert_eq!(monthly(175, 100).as_deref(), Some("44.00 EUR"), "a line of its own");
        assert_eq!(monthly(200, 100).as_deref(), Some("61.00 EUR"), "the nearest has no price for more, so the next does");
        assert_eq!(sheet(vec![line(80, 50, None)]).price(wanted(80, 100, AUTO_STOP)), None);
    }

    #[test]
    fn what_no_line_is_about_has_no_price() {
        let sheet = sheet(vec![line(175, 100, Some("0.1"))]);
        assert_eq!(sheet.price(wanted(80, 50, AUTO_STOP)), None, "smaller than any line");
        assert_eq!(sheet.price(Wanted { compute: "POWER", ..wanted(175, 100, AUTO_STOP) }), None);
        assert_eq!(sheet.price(wanted(175, 100, RunningMode::Manual)), None);
    }

    proptest! {
        /// The break-even, checked against a division of integers.
        #[test]
        fn the_break_even_is_the_first_hour_that_is_no_cheaper(fee in 0_u32..20_000, hour in 0_u32..500, always_on in 0_u32..40_000) {
            let cents = |cents: u32| Decimal::new(i64::from(cents), 2);
            let auto_stop = Some(AutoStop { month: cents(fee), hour: cents(hour) });
            let line = Line { always_on_month: Some(cents(always_on)), auto_stop, ..line(80, 50, None) };
            let found = sheet(vec![line]).price(wanted(80, 50, AUTO_STOP)).unwrap();
            prop_assert_eq!(found.monthly.amount, cents(fee + 80 * hour));
            let gap = always_on.saturating_sub(fee);
            let expected = match (gap, hour) {
                (0, _) => Some(0),
                (_, 0) => None,
                (gap, hour) => Some(gap.div_ceil(hour)).filter(|hours| *hours <= MOST_HOURS),
            };
            prop_assert_eq!(found.hourly.unwrap().break_even, expected);
        }
    }
}
