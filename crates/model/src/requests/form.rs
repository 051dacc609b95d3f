//! What is asked for, as typed and right; and the limits of a request.

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{CostCentreId, FieldError, OfferingId};

/// The most people of one request.
pub const MOST_PEOPLE: usize = 500;
/// How far ahead a desktop can be asked for, in months.
const AHEAD: u32 = 12;
/// How long a temporary desktop may last, in months.
const LASTS: u32 = 36;
/// Characters of a reason, a question, an answer or a refusal.
const LONGEST: usize = 500;
const SHORTEST: usize = 3;

/// A request exactly as typed; the people stand in rows of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestForm {
    /// The offering for everybody who has none of their own.
    pub offering: String,
    pub reason: String,
    /// The cost centre's id.
    pub cost_centre: String,
    /// `2026-12-01`.
    pub needed_by: String,
    /// The last day of a temporary desktop; empty for a lasting one.
    pub until: String,
}

/// A request, right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub offering: OfferingId,
    pub reason: String,
    pub cost_centre: CostCentreId,
    pub needed_by: NaiveDate,
    pub until: Option<NaiveDate>,
}

impl Wanted {
    /// The day on which the desktops are made: the one before they are needed.
    pub fn launch_day(&self) -> NaiveDate {
        self.needed_by.checked_sub_days(Days::new(1)).unwrap_or(self.needed_by)
    }
}

impl RequestForm {
    /// # Errors
    /// All fields that are wrong, at once.
    pub fn parse(&self, today: NaiveDate) -> Result<Wanted, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut keep = |field: &str, message: &str| errors.push(FieldError { field: field.into(), message: message.into() });
        let offering = self.offering.parse().map_err(|_| keep("offering", "Choose what is asked for."));
        let cost_centre = self.cost_centre.parse().map_err(|_| keep("cost_centre", "Choose who pays."));
        let reason = words(&self.reason).map_err(|message| keep("reason", message));
        let needed_by = needed_by(&self.needed_by, today).map_err(|message| keep("needed_by", message));
        let until = until(&self.until, needed_by.ok(), today).map_err(|message| keep("until", message));
        match (offering, cost_centre, reason, needed_by, until) {
            (Ok(offering), Ok(cost_centre), Ok(reason), Ok(needed_by), Ok(until)) => {
                Ok(Wanted { offering, reason, cost_centre, needed_by, until })
            }
            _ => Err(errors),
        }
    }
}

/// Words that somebody else reads: the reason of a request, a refusal, a question, an answer.
///
/// # Errors
/// Fewer than 3 or more than 500 characters, in words.
pub fn words(typed: &str) -> Result<String, &'static str> {
    let kept: String = typed.trim().chars().filter(|character| !character.is_control() || *character == '\n').collect();
    match kept.chars().count() {
        ..SHORTEST => Err("Say in a few words why. Others decide by it."),
        count if count > LONGEST => Err("These are more than 500 characters. Say it shorter."),
        _ => Ok(kept),
    }
}

/// A day as date fields write it.
pub(super) fn day(typed: &str) -> Result<NaiveDate, &'static str> {
    NaiveDate::parse_from_str(typed.trim(), "%Y-%m-%d").map_err(|_| "Write the day as 2026-12-01.")
}

fn needed_by(typed: &str, today: NaiveDate) -> Result<NaiveDate, &'static str> {
    if typed.trim().is_empty() {
        return Err("Say by when the desktops are needed.");
    }
    let day = day(typed)?;
    if day < today {
        return Err("This day is over. Choose today or a later one.");
    }
    if today.checked_add_months(Months::new(AHEAD)).is_some_and(|last| day > last) {
        return Err("Desktops can be asked for twelve months ahead at most.");
    }
    Ok(day)
}

fn until(typed: &str, needed_by: Option<NaiveDate>, today: NaiveDate) -> Result<Option<NaiveDate>, &'static str> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let day = day(typed)?;
    let start = needed_by.unwrap_or(today);
    if day <= start {
        return Err("A temporary desktop ends after the day on which it is needed.");
    }
    if start.checked_add_months(Months::new(LASTS)).is_some_and(|last| day > last) {
        return Err("Three years are the longest for a temporary desktop. Leave this empty for a lasting one.");
    }
    Ok(Some(day))
}

/// What is wrong with whom it is for, if anything.
pub fn people_error(count: usize, oneself: bool) -> Option<FieldError> {
    let message = if oneself {
        "You can\u{2019}t ask for yourself: nobody decides on their own desktop. Ask your own manager to."
    } else if count == 0 {
        "Add at least one person. Your draft is kept."
    } else if count > MOST_PEOPLE {
        "One request is for 500 people at most. The list is kept as it was. Make a second request for the others."
    } else {
        return None;
    };
    Some(FieldError { field: "people".into(), message: message.into() })
}

/// What is wrong with asking for that many of an offering, where a manager has some: `most` is the offering's limit.
pub fn limit_error(offering: &str, most: Option<u32>, has: u32, asks: u32) -> Option<FieldError> {
    let most = most.filter(|most| has.saturating_add(asks) > *most)?;
    let left = most.saturating_sub(has);
    let message = format!(
        "Of \u{201c}{offering}\u{201d} each manager may have {most}; you have {has} and ask for {asks}. Ask for {left} at most, or choose something else."
    );
    Some(FieldError { field: "people".into(), message })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 28).unwrap()
    }

    fn form() -> RequestForm {
        RequestForm {
            offering: uuid::Uuid::from_u128(1).to_string(),
            reason: " New team in Hamburg\u{0} ".into(),
            cost_centre: uuid::Uuid::from_u128(2).to_string(),
            needed_by: "2026-12-01".into(),
            until: String::new(),
        }
    }

    fn fields(form: &RequestForm) -> Vec<String> {
        form.parse(today()).unwrap_err().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_right_form_is_read() {
        let wanted = form().parse(today()).unwrap();
        assert_eq!(wanted.reason, "New team in Hamburg");
        assert_eq!(wanted.launch_day(), NaiveDate::from_ymd_opt(2026, 11, 30).unwrap());
        let until = RequestForm { until: "2027-03-31".into(), ..form() };
        assert_eq!(until.parse(today()).unwrap().until, NaiveDate::from_ymd_opt(2027, 3, 31));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        assert_eq!(fields(&RequestForm::default()), ["offering", "cost_centre", "reason", "needed_by"]);
        for wrong in ["2026-11-27", "2027-11-29", "01.12.2026", "2026-02-30"] {
            assert_eq!(fields(&RequestForm { needed_by: wrong.into(), ..form() }), ["needed_by"], "{wrong}");
        }
        for wrong in ["2026-12-01", "2026-11-30", "2030-12-01", "soon"] {
            assert_eq!(fields(&RequestForm { until: wrong.into(), ..form() }), ["until"], "{wrong}");
        }
        for wrong in [" x ", &"x".repeat(501)] {
            assert_eq!(fields(&RequestForm { reason: wrong.into(), ..form() }), ["reason"]);
        }
    }

    #[test]
    fn a_request_is_for_1_to_500_others() {
        assert_eq!(people_error(1, false).or(people_error(500, false)), None);
        for (count, oneself) in [(0, false), (501, false), (3, true)] {
            assert!(people_error(count, oneself).is_some(), "{count} {oneself}");
        }
    }

    #[test]
    fn a_manager_has_a_limit_of_an_offering() {
        assert_eq!(limit_error("Office", None, 1_000, 1_000), None);
        assert_eq!(limit_error("Office", Some(5), 3, 2), None);
        let error = limit_error("Office", Some(5), 3, 3).unwrap();
        assert!(error.message.contains("Ask for 2 at most"), "{}", error.message);
    }
}
