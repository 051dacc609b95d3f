//! When admins are mailed about a directory: one mail for a trouble, another if it grows worse, one a day while it lasts, and one
//! when it is over.

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    DirectoryId,
    directories::{Matter, TroubleKind},
};
use uuid::Uuid;

/// The pause between two reminders.
const REMIND: TimeDelta = TimeDelta::days(1);
/// How long all has to be well before that is told: a connector that comes and goes is one trouble.
const CALM: TimeDelta = TimeDelta::minutes(10);

/// What is, or was, the matter with a directory, as long as there is something to tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alert {
    pub id: Uuid,
    pub directory: DirectoryId,
    pub kind: TroubleKind,
    pub since: DateTime<Utc>,
    /// Since when it is what it is now.
    pub kind_since: DateTime<Utc>,
    /// Since when all is well.
    pub ended_at: Option<DateTime<Utc>>,
    /// The worst of which a mail left or may have left, and when the last one did.
    pub told: Option<Told>,
    /// A worker is sending.
    pub is_claimed: bool,
    /// The mail service took none; not before then.
    pub retry_at: Option<DateTime<Utc>>,
}

/// What admins know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub kind: TroubleKind,
    pub at: DateTime<Utc>,
}

/// A mail that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letter {
    Trouble,
    Reminder,
    Over,
}

impl Alert {
    pub(super) fn matter(&self) -> Matter {
        self.kind.matter()
    }

    /// The mail that is due now, if one is.
    pub(super) fn due(&self, now: DateTime<Utc>) -> Option<Letter> {
        if self.is_claimed || self.retry_at.is_some_and(|at| at > now) {
            return None;
        }
        let lasted = self.kind_since + TimeDelta::minutes(self.kind.patience_minutes()) <= now;
        match (self.ended_at, self.told) {
            (Some(ended), Some(_)) => (ended + CALM <= now).then_some(Letter::Over),
            // Nobody was told of it, so nobody wants to know that it is over.
            (Some(_), None) => None,
            (None, None) => lasted.then_some(Letter::Trouble),
            (None, Some(told)) if told.kind < self.kind && lasted => Some(Letter::Trouble),
            (None, Some(told)) => (told.at + REMIND <= now).then_some(Letter::Reminder),
        }
    }

    /// What admins know once a mail about the trouble has left.
    pub(super) fn once_told(&self, now: DateTime<Utc>) -> Told {
        Told { kind: self.told.map_or(self.kind, |told| told.kind.max(self.kind)), at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_900_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn alert(kind: TroubleKind) -> Alert {
        Alert {
            id: Uuid::nil(),
            directory: "d-906731a2b4".parse().unwrap(),
            kind,
            since: at(0),
            kind_since: at(0),
            ended_at: None,
            told: None,
            is_claimed: false,
            retry_at: None,
        }
    }

    fn told(kind: TroubleKind, minutes: i64) -> Option<Told> {
        Some(Told { kind, at: at(minutes) })
    }

    #[test]
    fn only_what_passes_by_itself_is_waited_for() {
        assert_eq!(alert(TroubleKind::Impaired).due(at(39)), None);
        assert_eq!(alert(TroubleKind::Impaired).due(at(40)), Some(Letter::Trouble));
        for kind in TroubleKind::ALL.into_iter().filter(|kind| *kind != TroubleKind::Impaired) {
            assert_eq!(alert(kind).due(at(0)), Some(Letter::Trouble), "{kind:?}");
        }
    }

    #[test]
    fn a_trouble_that_lasts_is_told_once_a_day() {
        let day = 24 * 60;
        let known = Alert { told: told(TroubleKind::Account, 0), ..alert(TroubleKind::Account) };
        assert_eq!(known.due(at(day - 1)), None);
        assert_eq!(known.due(at(day)), Some(Letter::Reminder));
    }

    #[test]
    fn what_grows_worse_is_told_and_what_grows_better_waits_for_the_reminder() {
        let worse = Alert { told: told(TroubleKind::Impaired, 40), ..alert(TroubleKind::Inoperable) };
        assert_eq!(worse.due(at(41)), Some(Letter::Trouble));
        let better = Alert { told: told(TroubleKind::Inoperable, 0), ..alert(TroubleKind::Impaired) };
        assert_eq!(better.due(at(60)), None);
        assert_eq!(better.once_told(at(60)).kind, TroubleKind::Inoperable, "the worst is remembered");
    }

    #[test]
    fn the_end_is_told_after_a_calm_and_only_to_those_who_knew() {
        let over = Alert { ended_at: Some(at(50)), ..alert(TroubleKind::Impaired) };
        assert_eq!(over.due(at(90)), None);
        let known = Alert { told: told(TroubleKind::Impaired, 40), ..over };
        assert_eq!(known.due(at(59)), None);
        assert_eq!(known.due(at(60)), Some(Letter::Over));
    }

    #[test]
    fn nobody_sends_what_another_sends_or_before_the_mail_service_may_be_asked_again() {
        assert_eq!(Alert { is_claimed: true, ..alert(TroubleKind::Failed) }.due(at(1)), None);
        let later = Alert { retry_at: Some(at(10)), ..alert(TroubleKind::Failed) };
        assert_eq!((later.due(at(9)), later.due(at(10))), (None, Some(Letter::Trouble)));
    }
}
