//! Somebody who decides is away for a time, and another one decides in their place.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::form::day;
use crate::FieldError;

/// As typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AbsenceForm {
    /// Account, user principal name or mail address of who stands in.
    pub who: String,
    /// The first day, `2026-12-01`.
    pub from: String,
    /// The last day.
    pub until: String,
}

/// The days of an absence and who was named, right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    pub who: String,
    pub from: NaiveDate,
    pub until: NaiveDate,
}

/// The longest absence, in months.
const LASTS: u32 = 12;

impl AbsenceForm {
    /// # Errors
    /// All fields that are wrong, at once.
    pub fn parse(&self, today: NaiveDate) -> Result<Away, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut keep = |field: &str, message: &str| errors.push(FieldError { field: field.into(), message: message.into() });
        let who = self.who.trim();
        if who.is_empty() {
            keep("who", "Say who decides in your place.");
        }
        let from = day(&self.from).map_err(|message| keep("from", message));
        let until = day(&self.until).map_err(|message| keep("until", message));
        if let (Ok(from), Ok(until)) = (from, until) {
            if until < from {
                keep("until", "The last day is before the first one.");
            } else if until < today {
                keep("until", "This day is over. Choose today or a later one.");
            } else if today.checked_add_months(Months::new(LASTS)).is_some_and(|last| until > last) {
                keep("until", "Somebody can decide in your place for the next twelve months at most.");
            } else if errors.is_empty() {
                return Ok(Away { who: who.to_owned(), from, until });
            }
        }
        Err(errors)
    }
}

/// Who decides in whose place, for the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbsencePage {
    /// The reader's own, that is now or to come.
    pub own: Option<Absence>,
    /// Those in whose place the reader decides now, or will.
    pub others: Vec<Absence>,
    /// The reader has an entry in Active Directory; without one nobody can be told apart.
    pub known: bool,
    /// Today, as forms write it.
    pub first_day: String,
}

/// One absence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Who decides, or in whose place.
    pub name: String,
    pub from: String,
    pub until: String,
    pub is_now: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_told_apart() {
        let today = "2026-11-27".parse().unwrap();
        let form = |who: &str, from: &str, until: &str| AbsenceForm { who: who.into(), from: from.into(), until: until.into() };
        let fields = |form: AbsenceForm| -> Vec<String> {
            form.parse(today).map_or_else(|errors| errors.into_iter().map(|error| error.field).collect(), |_| Vec::new())
        };
        assert!(fields(form("bo", "2026-11-20", "2026-11-27")).is_empty(), "one may have left already");
        assert_eq!(fields(form(" ", "x", "")), ["who", "from", "until"]);
        assert_eq!(fields(form("bo", "2026-12-02", "2026-12-01")), ["until"]);
        assert_eq!(fields(form("bo", "2026-11-01", "2026-11-26")), ["until"]);
        assert_eq!(fields(form("bo", "2026-12-01", "2027-12-01")), ["until"]);
        assert_eq!(fields(form("", "2026-12-01", "2026-12-02")), ["who"]);
    }
}
