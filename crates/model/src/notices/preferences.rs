//! What somebody wants to be told, how often, and where their days are.

use serde::{Deserialize, Serialize};

use super::{Letter, Pace, Topic};
use crate::FieldError;

/// One person's choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    pub deciding: Pace,
    pub asking: Pace,
    pub ending: Pace,
    /// A name of the IANA time zone database; `None`: the installation's.
    pub time_zone: Option<String>,
}

impl Preferences {
    pub fn pace(&self, topic: Topic) -> Pace {
        match topic {
            Topic::Deciding => self.deciding,
            Topic::Asking => self.asking,
            Topic::Ending => self.ending,
        }
    }
}

/// As chosen in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PreferencesForm {
    pub deciding: String,
    pub asking: String,
    pub ending: String,
    pub time_zone: String,
}

impl PreferencesForm {
    /// `is_zone`: whether there is a time zone of that name, which the time zone database knows.
    ///
    /// # Errors
    /// All fields that are wrong, at once.
    pub fn parse(&self, is_zone: impl FnOnce(&str) -> bool) -> Result<Preferences, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut pace = |field: &str, chosen: &str| {
            Pace::parse(chosen).unwrap_or_else(|| {
                errors.push(FieldError { field: field.into(), message: "Choose how often.".into() });
                Pace::default()
            })
        };
        let (deciding, asking, ending) =
            (pace("deciding", &self.deciding), pace("asking", &self.asking), pace("ending", &self.ending));
        let time_zone = Some(self.time_zone.trim().to_owned()).filter(|zone| !zone.is_empty());
        if time_zone.as_deref().is_some_and(|zone| !is_zone(zone)) {
            let message = "There is no time zone of this name. Write it as Europe/Berlin.".into();
            errors.push(FieldError { field: "time_zone".into(), message });
        }
        if errors.is_empty() { Ok(Preferences { deciding, asking, ending, time_zone }) } else { Err(errors) }
    }
}

/// The page of one's own mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailPage {
    pub preferences: Preferences,
    /// Where mails go, by Active Directory; `None` where it has no address that mail can go to.
    pub address: Option<String>,
    /// Active Directory could be asked for it.
    pub address_known: bool,
    /// The installation's time zone.
    pub usual_zone: String,
    /// The last mails, the newest first.
    pub letters: Vec<Letter>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_right_or_says_what_is_not() {
        let form = |zone: &str, ending: &str| PreferencesForm {
            deciding: "at_once".into(),
            asking: "daily".into(),
            ending: ending.into(),
            time_zone: zone.into(),
        };
        let parse = |form: PreferencesForm| form.parse(|zone| zone == "Europe/Berlin");
        let right = parse(form(" Europe/Berlin ", "never")).unwrap();
        assert_eq!((right.pace(Topic::Asking), right.time_zone.as_deref()), (Pace::Daily, Some("Europe/Berlin")));
        assert_eq!(parse(form("", "never")).unwrap().time_zone, None);
        let wrong: Vec<_> = parse(form("Mars", "often")).unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(wrong, ["ending", "time_zone"]);
    }
}
