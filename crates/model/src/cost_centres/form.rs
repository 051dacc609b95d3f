//! A cost centre as somebody types it, and the rules of its fields. A list brings the same fields line by line.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Owner;
use crate::{
    CostCentreId, Error, FieldError, PersonGuid, Result,
    money::{Currency, Money},
    people::Person,
};

/// The form, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CostCentreForm {
    pub number: String,
    pub name: String,
    /// Whom somebody looks for, to make them the owner.
    pub q: String,
    /// The owner's `objectGUID`.
    pub owner: String,
    /// A number; empty for no cap.
    pub cap: String,
    pub currency: String,
}

/// What is right of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    pub number: String,
    pub name: String,
    pub cap: Option<Money>,
    pub currency: Currency,
}

/// Longest number and name, in characters.
const LONGEST_NUMBER: usize = 40;
const LONGEST_NAME: usize = 100;
/// The largest cap, in whole units: nobody's desktops cost more, and sums of it stay exact.
const LARGEST_CAP: i64 = 1_000_000_000_000;

impl CostCentreForm {
    /// Checks all fields but the owner.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `number`, `name`, `cap` and `currency`.
    pub fn parse(&self) -> Result<Values> {
        let mut fields = Vec::new();
        let mut wrong = |field: &str, message: String| fields.push(FieldError { field: field.to_owned(), message });
        let (number, name) = (self.number.trim(), self.name.trim());
        for (field, text, longest) in [("number", number, LONGEST_NUMBER), ("name", name, LONGEST_NAME)] {
            if text.is_empty() || text.chars().count() > longest || text.chars().any(char::is_control) {
                wrong(field, format!("The {field} has 1 to {longest} characters on one line."));
            }
        }
        let currency = self.currency.parse::<Currency>();
        if currency.is_err() {
            wrong("currency", "A currency has three letters, as in EUR.".to_owned());
        }
        let cap = match self.cap.trim() {
            "" => Ok(None),
            typed => parse_amount(typed).map(Some),
        };
        if let Err(words) = &cap {
            wrong("cap", (*words).to_owned());
        }
        match (currency, cap) {
            (Ok(currency), Ok(cap)) if fields.is_empty() => {
                let cap = cap.map(|amount| Money { amount, currency });
                Ok(Values { number: number.to_owned(), name: name.to_owned(), cap, currency })
            }
            _ => Err(Error::Invalid { fields }),
        }
    }

    /// Who was chosen as the owner.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `owner` if nobody was.
    pub fn parse_owner(&self) -> Result<PersonGuid> {
        self.owner.parse().map_err(|_| Error::invalid("owner", "Look for the owner and choose them."))
    }
}

/// An amount with at most two decimals after a point, as in `5000.00`; not below zero.
fn parse_amount(typed: &str) -> std::result::Result<Decimal, &'static str> {
    const WORDS: &str = "Write the amount as 5000 or 5000.00: digits, and two after a point at most.";
    let plain =
        typed.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && typed.bytes().next().is_some_and(|byte| byte != b'.');
    let amount: Decimal = if plain { typed.parse().map_err(|_| WORDS)? } else { return Err(WORDS) };
    if amount.scale() > 2 {
        return Err(WORDS);
    }
    if amount > Decimal::from(LARGEST_CAP) { Err("This amount is larger than Frontdesk counts.") } else { Ok(amount.normalize()) }
}

/// A cost centre being made or changed, with what somebody typed if that was not right yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostCentreDraft {
    /// Of one that is not made yet, too: a form that is sent twice finds the first.
    pub id: CostCentreId,
    /// The version that was looked at; 0 of one that is not made yet.
    pub seen: i32,
    /// Of one that is changed.
    pub now: Option<Current>,
    /// Something was typed and kept.
    pub kept: bool,
    pub form: CostCentreForm,
    pub problems: Vec<FieldError>,
    /// Who is chosen as the owner.
    pub owner: Option<Owner>,
    /// Whom the form's `q` finds.
    pub found: Vec<Candidate>,
    /// More than those.
    pub more: bool,
}

/// One that is there, as it is now, whatever was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    pub title: String,
    pub open: bool,
    pub version: i32,
}

/// Somebody who can be made the owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub owner: Owner,
    pub mail: Option<String>,
    pub department: Option<String>,
}

impl From<Person> for Owner {
    fn from(person: Person) -> Self {
        let Person { guid, account, name, .. } = person;
        Self { guid, account, name }
    }
}

impl From<Person> for Candidate {
    fn from(person: Person) -> Self {
        Self { mail: person.mail.clone(), department: person.department.clone(), owner: person.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> CostCentreForm {
        CostCentreForm {
            number: " 4711 ".into(),
            name: "Engineering".into(),
            cap: "5000.50".into(),
            currency: "eur".into(),
            ..CostCentreForm::default()
        }
    }

    fn wrong(form: &CostCentreForm) -> Vec<String> {
        match form.parse() {
            Ok(_) => Vec::new(),
            Err(Error::Invalid { fields }) => fields.into_iter().map(|field| field.field).collect(),
            Err(other) => vec![other.to_string()],
        }
    }

    #[test]
    fn a_form_is_read_with_its_spaces_cut() {
        let values = form().parse().unwrap();
        assert_eq!((values.number.as_str(), values.cap.unwrap().to_string().as_str()), ("4711", "5000.50 EUR"));
        assert_eq!(CostCentreForm { cap: "  ".into(), ..form() }.parse().unwrap().cap, None);
        assert_eq!(CostCentreForm { cap: "0".into(), ..form() }.parse().unwrap().cap.unwrap().amount, Decimal::ZERO);
    }

    #[test]
    fn nonsense_is_told_at_its_field() {
        for cap in [
            "5,000",
            "5000,00",
            "-1",
            "+1",
            "1e9",
            "1.234",
            ".5",
            "5 000",
            "\u{0665}",
            "1.2.3",
            "1000000000001",
            "9999999999999999999999999999999",
        ] {
            assert_eq!(wrong(&CostCentreForm { cap: cap.into(), ..form() }), ["cap"], "{cap}");
        }
        assert_eq!(wrong(&CostCentreForm { number: "4711\n1".into(), ..form() }), ["number"]);
        assert_eq!(wrong(&CostCentreForm { name: "x".repeat(101), ..form() }), ["name"]);
        assert_eq!(wrong(&CostCentreForm { currency: "EURO".into(), ..form() }), ["currency"]);
        assert_eq!(wrong(&CostCentreForm::default()), ["number", "name", "currency"]);
        assert!(form().parse_owner().is_err());
    }
}
