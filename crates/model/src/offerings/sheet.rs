//! What prices are read from: a list for a Region in one currency, from a date on.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{DraftId, FieldError, PriceSheetId, Stamp, money::Currency};

/// The most lines of one sheet: every bundle that AWS has ever had, several times.
pub const MOST_LINES: usize = 2_000;

/// A sheet in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetHead {
    pub id: PriceSheetId,
    pub region: String,
    /// Counts the sheets of all Regions.
    pub number: i64,
    pub currency: String,
    /// `1 Oct 2026`
    pub valid_from: String,
    /// Where the prices come from, as typed.
    pub note: String,
    pub example: bool,
    pub lines: i64,
    pub standing: Standing,
    pub kept: Stamp,
    pub kept_by: String,
}

/// Whether prices are read from a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    InForce,
    /// Its date has not come.
    Later,
    /// A newer one is in force.
    Past,
}

impl Standing {
    pub fn label(self) -> &'static str {
        match self {
            Self::InForce => "In force",
            Self::Later => "Later",
            Self::Past => "Past",
        }
    }
}

/// A sheet with its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetPage {
    pub head: SheetHead,
    pub lines: Vec<LineRow>,
}

/// A line as pages show it and its CSV has it; what is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRow {
    pub compute: String,
    pub root_gib: u32,
    pub user_gib: u32,
    pub always_on_month: String,
    pub auto_stop_month: String,
    pub auto_stop_hour: String,
    pub volume_gib_month: String,
}

/// A sheet being taken in: what was typed, right or wrong, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetDraft {
    pub id: DraftId,
    pub form: SheetForm,
    pub errors: Vec<FieldError>,
}

/// The form, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SheetForm {
    pub region: String,
    pub currency: String,
    /// `2026-10-01`
    pub valid_from: String,
    pub note: String,
    /// The lines, as CSV.
    pub text: String,
}

/// The form without its lines, right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub region: String,
    pub currency: Currency,
    pub valid_from: NaiveDate,
    pub note: String,
}

/// The longest note, in characters.
const LONGEST_NOTE: usize = 200;

impl SheetForm {
    /// Checks all but the lines. `today` keeps a slip of the finger away: prices are not known for more than two years ahead, and
    /// WorkSpaces began in 2014.
    ///
    /// # Errors
    /// All fields that are wrong, at once.
    pub fn terms(&self, today: NaiveDate) -> Result<Terms, Vec<FieldError>> {
        let mut fields = Vec::new();
        let mut wrong =
            |field: &str, message: &str| fields.push(FieldError { field: field.to_owned(), message: message.to_owned() });
        let region = self.region.trim();
        if !is_region(region) {
            wrong("region", "Write a Region as AWS does, such as eu-central-1.");
        }
        let currency = self.currency.parse::<Currency>().ok();
        if currency.is_none() {
            wrong("currency", "A currency has three letters, such as USD or EUR.");
        }
        let valid_from = NaiveDate::parse_from_str(self.valid_from.trim(), "%Y-%m-%d").ok();
        let valid_from = valid_from.filter(|date| (2014..=today.year() + 2).contains(&date.year()));
        if valid_from.is_none() {
            wrong("valid_from", "A date such as 2026-10-01, from 2014 to two years ahead.");
        }
        let note = self.note.trim();
        if note.chars().count() > LONGEST_NOTE || note.chars().any(char::is_control) {
            wrong("note", "At most 200 characters on one line.");
        }
        match (currency, valid_from) {
            (Some(currency), Some(valid_from)) if fields.is_empty() => {
                Ok(Terms { region: region.to_owned(), currency, valid_from, note: note.to_owned() })
            }
            _ => Err(fields),
        }
    }
}

/// `eu-central-1`, `us-gov-west-1`
fn is_region(text: &str) -> bool {
    let mut parts: Vec<_> = text.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    let word = |part: &&str| (2..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase());
    (2..=3).contains(&parts.len()) && parts.iter().all(word) && matches!(number.as_bytes(), [b'1'..=b'9'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> SheetForm {
        SheetForm {
            region: "eu-central-1".into(),
            currency: "usd".into(),
            valid_from: "2026-10-01".into(),
            note: " from the AWS price list ".into(),
            text: String::new(),
        }
    }

    fn wrong(form: &SheetForm) -> Vec<String> {
        let today = NaiveDate::from_ymd_opt(2026, 11, 28).unwrap();
        form.terms(today).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn terms_are_checked_all_at_once() {
        assert!(wrong(&form()).is_empty());
        let nothing = SheetForm { note: "a\nb".into(), ..SheetForm::default() };
        assert_eq!(wrong(&nothing), ["region", "currency", "valid_from", "note"]);
        for region in ["Frankfurt", "eu-central", "eu-central-", "EU-central-1", "eu_central_1", "eu-central-10"] {
            assert_eq!(wrong(&SheetForm { region: region.into(), ..form() }), ["region"], "{region}");
        }
        assert!(wrong(&SheetForm { region: "us-gov-west-1".into(), ..form() }).is_empty());
        for currency in ["EURO", "\u{20ac}", "E1R", ""] {
            assert_eq!(wrong(&SheetForm { currency: currency.into(), ..form() }), ["currency"], "{currency}");
        }
        for date in ["1.10.2026", "2026-13-01", "2026-02-30", "0026-10-01", "2062-10-01"] {
            assert_eq!(wrong(&SheetForm { valid_from: date.into(), ..form() }), ["valid_from"], "{date}");
        }
        assert!(wrong(&SheetForm { valid_from: "2028-12-31".into(), ..form() }).is_empty(), "a date to come");
    }
}
