//! How long a request waits for a decision before somebody is reminded, and before somebody else is asked too.

use chrono::{Datelike, NaiveDate, Weekday};

/// In working days; 0: never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Those who are asked are reminded after so many, and again after as many more.
    pub remind_after: u32,
    /// Somebody else is asked too after so many.
    pub escalate_after: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { remind_after: 2, escalate_after: 5 }
    }
}

/// What waiting for too long leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chase {
    Remind,
    Escalate,
}

/// The days on which a stage began to wait, and was last chased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waited {
    pub since: NaiveDate,
    pub reminded: Option<NaiveDate>,
    pub escalated: Option<NaiveDate>,
}

impl Patience {
    /// What is due for a stage; `None` if nothing is.
    pub fn due(&self, waited: Waited, today: NaiveDate) -> Option<Chase> {
        let Waited { since, reminded, escalated } = waited;
        let over = |days: u32, from: NaiveDate| days > 0 && working_days(from, today) >= days;
        let asked = escalated.map_or(since, |day| day.max(since));
        // Nobody is passed over who was not reminded.
        let was_reminded = self.remind_after == 0 || reminded.is_some_and(|day| day >= asked);
        if was_reminded && over(self.escalate_after, asked) {
            Some(Chase::Escalate)
        } else {
            over(self.remind_after, reminded.map_or(asked, |day| day.max(asked))).then_some(Chase::Remind)
        }
    }

    /// `Those who are asked are reminded after 2 working days; after 5, somebody else is asked too.`
    pub fn sentence(&self) -> String {
        let days = |count: u32| if count == 1 { "a working day".to_owned() } else { format!("{count} working days") };
        match (self.remind_after, self.escalate_after) {
            (0, 0) => "Nobody is reminded, and nobody else is asked, however long it takes.".to_owned(),
            (remind, 0) => format!("Those who are asked are reminded every {}.", days(remind)),
            (0, escalate) => format!("After {} without a decision somebody else is asked too.", days(escalate)),
            (remind, escalate) => format!(
                "Those who are asked are reminded after {}; after {} without a decision the next in the line of managers, or an administrator, is asked too.",
                days(remind),
                days(escalate),
            ),
        }
    }
}

/// How many days from Monday to Friday have begun since a day. Holidays are working days here: no calendar knows them for every company.
pub fn working_days(since: NaiveDate, today: NaiveDate) -> u32 {
    let days = since.iter_days().skip(1).take_while(|day| *day <= today).take(MOST);
    let working = days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)).count();
    u32::try_from(working).unwrap_or(u32::MAX)
}

/// Days that are counted at most.
const MOST: usize = 3_660;

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_weekend_is_no_waiting() {
        // 27 November 2026 is a Friday.
        let since = day("2026-11-27");
        let counted = ["2026-11-27", "2026-11-29", "2026-11-30", "2026-12-01", "2026-12-04", "2026-11-20"].map(day);
        assert_eq!(counted.map(|today| working_days(since, today)), [0, 0, 1, 2, 5, 0]);
    }

    #[test]
    fn reminders_come_again_until_somebody_else_is_asked() {
        let patience = Patience::default();
        let mut waited = Waited { since: day("2026-11-27"), reminded: None, escalated: None };
        let mut said = Vec::new();
        for today in day("2026-11-27").iter_days().take(15) {
            match patience.due(waited, today) {
                Some(Chase::Remind) => waited.reminded = Some(today),
                Some(Chase::Escalate) => waited.escalated = Some(today),
                None => continue,
            }
            said.push((today.to_string(), waited.escalated == Some(today)));
        }
        let said: Vec<_> = said.iter().map(|(day, escalated)| (day.as_str(), *escalated)).collect();
        assert_eq!(
            said,
            [
                ("2026-12-01", false),
                ("2026-12-03", false),
                ("2026-12-04", true),
                ("2026-12-08", false),
                ("2026-12-10", false),
                ("2026-12-11", true)
            ]
        );
    }

    #[test]
    fn nobody_is_passed_over_who_was_not_reminded() {
        let waited = Waited { since: day("2026-01-01"), reminded: None, escalated: None };
        assert_eq!(Patience::default().due(waited, day("2026-11-27")), Some(Chase::Remind));
        let waited = Waited { reminded: Some(day("2026-11-27")), ..waited };
        assert_eq!(Patience::default().due(waited, day("2026-11-28")), Some(Chase::Escalate));
    }

    #[test]
    fn what_is_switched_off_never_comes() {
        let waited = Waited { since: day("2026-01-01"), reminded: None, escalated: None };
        let never = Patience { remind_after: 0, escalate_after: 0 };
        assert_eq!(never.due(waited, day("2026-11-27")), None);
        let only = Patience { remind_after: 0, escalate_after: 5 };
        assert_eq!(only.due(waited, day("2026-01-05")), None);
        assert_eq!(only.due(waited, day("2026-01-08")), Some(Chase::Escalate));
    }
}
