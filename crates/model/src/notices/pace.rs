//! How often somebody is mailed.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone};
use serde::{Deserialize, Serialize};

/// How soon somebody is told of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// What comes together is one mail, and one follows another after half an hour at the earliest.
    #[default]
    AtOnce,
    /// One mail a day, at eight in the morning.
    Daily,
    Never,
}

/// How long is waited for more that comes with it: one decision is several notices.
const GATHER: TimeDelta = TimeDelta::minutes(1);
/// The least time between two mails to one person.
const SPACE: TimeDelta = TimeDelta::minutes(30);
/// When the mail of the day goes.
const MORNING: NaiveTime = match NaiveTime::from_hms_opt(8, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

impl Pace {
    pub const ALL: [Self; 3] = [Self::AtOnce, Self::Daily, Self::Never];

    /// As the database and forms write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtOnce => "at_once",
            Self::Daily => "daily",
            Self::Never => "never",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pace| pace.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::AtOnce => "At once, at most every half hour",
            Self::Daily => "Once a day, at eight in the morning",
            Self::Never => "No mail",
        }
    }

    /// When something that came at `since` is told; `None` if never. `last`: when the last mail went to the person. Times are in the
    /// person's zone.
    pub fn due<Z: TimeZone>(self, since: &DateTime<Z>, last: Option<&DateTime<Z>>) -> Option<DateTime<Z>> {
        match self {
            Self::AtOnce => {
                let gathered = since.clone() + GATHER;
                Some(last.map_or(gathered.clone(), |last| gathered.max(last.clone() + SPACE)))
            }
            Self::Daily => {
                let day = since.date_naive();
                let morning = |day: chrono::NaiveDate| since.timezone().from_local_datetime(&day.and_time(MORNING)).earliest();
                match morning(day).filter(|at| at >= since) {
                    Some(at) => Some(at),
                    None => morning(day.checked_add_days(Days::new(1))?),
                }
            }
            Self::Never => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-{text}:00Z").parse().unwrap()
    }

    #[test]
    fn ten_things_are_two_mails() {
        let (first, second) = (at("27T09:00"), at("27T09:20"));
        assert_eq!(Pace::AtOnce.due(&first, None), Some(at("27T09:01")));
        assert_eq!(
            Pace::AtOnce.due(&second, Some(&at("27T09:01"))),
            Some(at("27T09:31")),
            "the other nine wait for half an hour"
        );
        assert_eq!(Pace::AtOnce.due(&second, Some(&at("26T09:00"))), Some(at("27T09:21")));
    }

    #[test]
    fn the_mail_of_the_day_goes_in_the_morning() {
        assert_eq!(Pace::Daily.due(&at("27T07:59"), None), Some(at("27T08:00")));
        assert_eq!(Pace::Daily.due(&at("27T08:01"), Some(&at("27T08:00"))), Some(at("28T08:00")));
        assert_eq!(Pace::Never.due(&at("27T08:01"), None), None);
        assert!(Pace::ALL.into_iter().all(|pace| Pace::parse(pace.as_str()) == Some(pace)));
    }
}
