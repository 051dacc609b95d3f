//! Moments as people read them, in the installation's time zone or in that of the directory that they belong to.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use model::Stamp;

use crate::{Services, directories};

impl Services {
    /// The moment with its texts in the configured zone, relative to now.
    pub(crate) fn stamp(&self, at: DateTime<Utc>) -> Stamp {
        stamp(at.with_timezone(&self.settings.time_zone).format("%-d %b %Y, %H:%M"), self.clock.now(), at)
    }

    /// For moments that belong to directories.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn stamps(&self) -> sqlx::Result<Stamps<'_>> {
        let named = directories::zones(self).await?.into_iter();
        let parsed = named.filter_map(|(directory, zone)| Some((directory, zone.parse::<Tz>().ok()?)));
        Ok(Stamps { services: self, zones: parsed.filter(|(_, zone)| *zone != self.settings.time_zone).collect() })
    }
}

/// Writes moments in the zones of the directories that they belong to.
#[derive(Debug)]
pub(crate) struct Stamps<'a> {
    services: &'a Services,
    /// Of the directories that have another than the configured one.
    zones: HashMap<String, Tz>,
}

impl Stamps<'_> {
    /// The moment with its texts in the directory's zone, which is named if it is not the configured one.
    pub(crate) fn of(&self, directory: &str, at: DateTime<Utc>) -> Stamp {
        match self.zones.get(directory) {
            Some(zone) => stamp(at.with_timezone(zone).format("%-d %b %Y, %H:%M %Z"), self.services.clock.now(), at),
            None => self.services.stamp(at),
        }
    }
}

fn stamp(local: impl ToString, now: DateTime<Utc>, at: DateTime<Utc>) -> Stamp {
    Stamp {
        local: local.to_string(),
        ago: ago(now - at),
        utc: at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        machine: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}

fn ago(passed: TimeDelta) -> String {
    let some = |count: i64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    let count = |count: i64, unit: &str| format!("{} ago", some(count, unit));
    match passed.num_seconds() {
        seconds @ ..-86_400 => format!("in {}", some((86_399 - seconds) / 86_400, "day")),
        seconds @ -86_400..-3_600 => format!("in {}", some((3_599 - seconds) / 3_600, "hour")),
        // Clocks differ a little.
        -3_600..10 => "just now".to_owned(),
        seconds @ 10..60 => count(seconds, "second"),
        seconds @ 60..3_600 => count(seconds / 60, "minute"),
        seconds @ 3_600..86_400 => count(seconds / 3_600, "hour"),
        seconds => count(seconds / 86_400, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_time_is_said_in_one_unit() {
        assert_eq!(ago(TimeDelta::seconds(3)), "just now");
        assert_eq!(ago(TimeDelta::seconds(61)), "1 minute ago");
        assert_eq!(ago(TimeDelta::hours(25)), "1 day ago");
        assert_eq!(ago(TimeDelta::seconds(-5)), "just now");
        assert_eq!(ago(TimeDelta::days(-12)), "in 12 days");
        assert_eq!(ago(TimeDelta::seconds(-30 * 86_400 + 1)), "in 30 days");
        assert_eq!(ago(TimeDelta::minutes(-61)), "in 2 hours");
    }
}
