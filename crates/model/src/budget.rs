//! The API budget: how many calls AWS takes from all of Frontdesk together, and who goes first.

use crate::Stamp;

/// How pressing a call is. The first goes first: each leaves room for those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Somebody looks at the page and waits.
    Person,
    /// Rows of a launch, and mails.
    Launch,
    /// Watching what AWS accepted.
    Poll,
    /// The mirror.
    Sweep,
}

impl Class {
    pub const ALL: [Self; 4] = [Self::Person, Self::Launch, Self::Poll, Self::Sweep];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Launch => "launch",
            Self::Poll => "poll",
            Self::Sweep => "sweep",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Person => "A person waiting",
            Self::Launch => "Launches",
            Self::Poll => "Polling",
            Self::Sweep => "Sweeps",
        }
    }

    pub fn gloss(self) -> &'static str {
        match self {
            Self::Person => "somebody asked for a WorkSpace's state now",
            Self::Launch => "rows being sent to AWS, and those whose outcome is not known",
            Self::Poll => "accepted WorkSpaces, until they are AVAILABLE",
            Self::Sweep => "the fleet, the bundles and the directories, with what is left",
        }
    }
}

/// How the budget stands, over all replicas.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// WorkSpaces calls a second at the steady rate, and how many may be made at once after a pause.
    pub per_second: f64,
    pub burst: u32,
    /// Calls a second of the other services, by their names: AWS publishes no rate for these, or far more, and Frontdesk has chosen.
    pub chosen: Vec<(&'static str, f64)>,
    /// Mails a second, as the last sender kept to it; `None` before the first.
    pub mails_per_second: Option<f64>,
    /// Seconds until a call of each class may be made.
    pub next: Vec<(Class, f64)>,
    /// Who waits for a turn now, the most pressing first.
    pub waiting: Vec<Waiting>,
    /// The last time that AWS throttled although the rate was kept.
    pub held: Option<Held>,
    /// The last day, the most pressing first.
    pub calls: Vec<Calls>,
    /// Calls of WorkSpaces in each of the last 60 minutes, the oldest first: those that were answered and those that were throttled.
    pub minutes: Vec<(i64, i64)>,
}

/// Callers that wait for the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub class: Class,
    pub operation: String,
    pub count: i64,
    /// How long the first of them waits.
    pub longest_seconds: f64,
}

/// Everybody waits because AWS throttled.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub since: Stamp,
    pub until: Stamp,
    /// Until the last class may call again; nothing is left when it is over.
    pub seconds_left: f64,
}

/// The calls of one operation by one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    pub class: Class,
    pub operation: String,
    pub hour: Counts,
    pub day: Counts,
}

/// Calls by what came of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub ok: i64,
    /// AWS said no, and why.
    pub refused: i64,
    pub throttled: i64,
    /// No connection came about.
    pub not_sent: i64,
    /// The answer was lost.
    pub unknown: i64,
    /// All of them together, for their turn.
    pub waited_ms: i64,
}

impl Counts {
    pub fn total(&self) -> i64 {
        self.ok + self.refused + self.throttled + self.not_sent + self.unknown
    }

    /// How long one of them waited for its turn, on average.
    pub fn average_wait_ms(&self) -> i64 {
        self.waited_ms / self.total().max(1)
    }
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            ok: self.ok + other.ok,
            refused: self.refused + other.refused,
            throttled: self.throttled + other.throttled,
            not_sent: self.not_sent + other.not_sent,
            unknown: self.unknown + other.unknown,
            waited_ms: self.waited_ms + other.waited_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_round_trip_in_their_order() {
        for class in Class::ALL {
            assert_eq!(Class::from_db(class.as_str()), Some(class));
        }
        assert!(Class::ALL.is_sorted());
    }

    #[test]
    fn counts_add_up() {
        let one = Counts { ok: 3, refused: 1, throttled: 2, not_sent: 1, unknown: 1, waited_ms: 800 };
        assert_eq!((one.total(), one.average_wait_ms()), (8, 100));
        assert_eq!((one + one).total(), 16);
        assert_eq!(Counts::default().average_wait_ms(), 0);
    }
}
