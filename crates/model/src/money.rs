//! Amounts of money: decimal, in a currency, never mixed.

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A currency as ISO 4217 writes it: `EUR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// How many decimals its amounts are shown with (ISO 4217, "minor unit"; those of three are not among AWS's prices).
    fn decimals(self) -> u32 {
        if matches!(&self.0, b"JPY" | b"KRW") { 0 } else { 2 }
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim().as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_alphabetic) => {
                Ok(Self([a, b, c].map(|letter| letter.to_ascii_uppercase())))
            }
            _ => Err(Error::invalid("currency", "A currency has three letters, as in EUR.")),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.to_string()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

/// An amount in a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    pub amount: Decimal,
    pub currency: Currency,
}

impl Money {
    pub fn zero(currency: Currency) -> Self {
        Self { amount: Decimal::ZERO, currency }
    }

    /// The sum; `None` if the currencies differ or it is too large for a decimal of 28 digits.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let amount = self.amount.checked_add(other.amount).filter(|_| self.currency == other.currency)?;
        Some(Self { amount, ..self })
    }

    /// So many times as much; `None` if that is too large for a decimal of 28 digits.
    #[must_use]
    pub fn times(self, count: u32) -> Option<Self> {
        Some(Self { amount: self.amount.checked_mul(count.into())?, ..self })
    }
}

/// Rounded half up to the currency's decimals: `1234.50 EUR`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let rounded = self.amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
        write!(f, "{rounded:.*} {}", decimals as usize, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: &str, currency: &str) -> Money {
        Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() }
    }

    #[test]
    fn amounts_are_exact_and_never_mixed() {
        let tenth = money("0.1", "eur");
        assert_eq!(tenth.plus(money("0.2", "EUR")), Some(money("0.3", "EUR")));
        assert_eq!(tenth.plus(money("0.2", "USD")), None);
        assert_eq!(money("0.0375", "EUR").times(80), Some(money("3.0000", "EUR")));
        assert_eq!(Money { amount: Decimal::MAX, ..tenth }.times(2), None);
    }

    #[test]
    fn they_are_shown_with_the_decimals_of_their_currency() {
        assert_eq!(money("1234.5", "EUR").to_string(), "1234.50 EUR");
        assert_eq!(money("2.345", "EUR").to_string(), "2.35 EUR");
        assert_eq!(money("4200", "JPY").to_string(), "4200 JPY");
        assert!("EURO".parse::<Currency>().is_err() && "E1".parse::<Currency>().is_err());
    }

    #[test]
    fn json_carries_amounts_as_text() {
        let json = serde_json::to_string(&money("0.10", "EUR")).unwrap();
        assert_eq!(json, r#"{"amount":"0.10","currency":"EUR"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money("0.10", "EUR"));
    }
}
