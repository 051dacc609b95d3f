//! Notices: what people are told by mail of requests and of ends of desktops. Several that come together are one letter, and everybody
//! says for themselves which they want and how often.

mod pace;
mod preferences;

use serde::{Deserialize, Serialize};

pub use self::{
    pace::Pace,
    preferences::{MailPage, Preferences, PreferencesForm},
};
use crate::{EndingId, RequestId, Stamp};

/// What somebody is told. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One's request was handed in, and who decides.
    Submitted,
    /// A request waits for one's decision.
    ToDecide,
    /// It still does.
    Reminded,
    /// Others have not decided for long, so one is asked too.
    Escalated,
    /// One's request was approved or refused.
    Decided,
    /// Somebody who decides has a question.
    AskedBack,
    /// A desktop that one asked for is there.
    Ready,
    /// A desktop that one asked for ends soon.
    EndsSoon,
    /// It has ended, and can be opened again for some days.
    Held,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Submitted,
        Self::ToDecide,
        Self::Reminded,
        Self::Escalated,
        Self::Decided,
        Self::AskedBack,
        Self::Ready,
        Self::EndsSoon,
        Self::Held,
    ];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::ToDecide => "to_decide",
            Self::Reminded => "reminded",
            Self::Escalated => "escalated",
            Self::Decided => "decided",
            Self::AskedBack => "asked_back",
            Self::Ready => "ready",
            Self::EndsSoon => "ends_soon",
            Self::Held => "held",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn topic(self) -> Topic {
        match self {
            Self::ToDecide | Self::Reminded | Self::Escalated => Topic::Deciding,
            Self::Submitted | Self::Decided | Self::AskedBack | Self::Ready => Topic::Asking,
            Self::EndsSoon | Self::Held => Topic::Ending,
        }
    }

    /// Whether an earlier notice about the same says nothing any more once this one is there.
    fn replaces(self, earlier: Self) -> bool {
        match self {
            Self::Decided | Self::AskedBack => matches!(earlier, Self::Submitted | Self::AskedBack),
            Self::Reminded | Self::Escalated => matches!(earlier, Self::ToDecide | Self::Reminded),
            Self::ToDecide => matches!(earlier, Self::ToDecide | Self::Reminded),
            Self::Held | Self::EndsSoon => earlier == Self::EndsSoon,
            Self::Submitted => earlier == Self::Submitted,
            Self::Ready => false,
        }
    }
}

/// What a notice is about, as people choose what they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    Deciding,
    Asking,
    Ending,
}

impl Topic {
    pub const ALL: [Self; 3] = [Self::Deciding, Self::Asking, Self::Ending];

    /// As forms write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deciding => "deciding",
            Self::Asking => "asking",
            Self::Ending => "ending",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Deciding => "Requests that wait for my decision",
            Self::Asking => "What becomes of my requests",
            Self::Ending => "Ends of desktops that I asked for",
        }
    }

    pub fn gloss(self) -> &'static str {
        match self {
            Self::Deciding => "to decide, reminders, and what others have left undecided",
            Self::Asking => "handed in, decided, asked back, ready",
            Self::Ending => "14 and 3 days before the last day, and when they are held",
        }
    }
}

/// One thing to tell one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: i64,
    pub kind: Kind,
    pub request: RequestId,
    pub ending: Option<EndingId>,
    /// Whose desktop is ready.
    pub name: Option<String>,
    /// The stage that waited when it was written.
    pub stage: Option<i32>,
}

/// What of these is still worth telling, in their order: what a later one replaces is left out. `notices` are one person's, the oldest
/// first.
pub fn gathered(notices: &[Notice]) -> Vec<&Notice> {
    let about_the_same = |one: &Notice, other: &Notice| one.request == other.request && one.ending == other.ending;
    let replaced = |at: usize, notice: &Notice| {
        notices.iter().skip(at + 1).any(|later| about_the_same(later, notice) && later.kind.replaces(notice.kind))
    };
    notices.iter().enumerate().filter(|(at, notice)| !replaced(*at, notice)).map(|(_, notice)| notice).collect()
}

/// What became of a mail with notices. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    Sending,
    Sent,
    /// SES did not take it.
    Failed,
    /// It is not known whether SES took it. It is never sent again: everything in it stands in Frontdesk too.
    Unconfirmed,
}

impl LetterState {
    pub const ALL: [Self; 4] = [Self::Sending, Self::Sent, Self::Failed, Self::Unconfirmed];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unconfirmed => "unconfirmed",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Sending => "Being sent",
            Self::Sent => "Sent",
            Self::Failed => "Not taken",
            Self::Unconfirmed => "Not known whether it was sent",
        }
    }
}

/// A mail that somebody got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub at: Stamp,
    pub subject: String,
    pub state: LetterState,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn names_round_trip() {
        assert!(Kind::ALL.into_iter().all(|kind| Kind::from_db(kind.as_str()) == Some(kind)));
        assert!(LetterState::ALL.into_iter().all(|state| LetterState::from_db(state.as_str()) == Some(state)));
    }

    fn notice(id: i64, kind: Kind, request: u128) -> Notice {
        Notice { id, kind, request: RequestId(Uuid::from_u128(request)), ending: None, name: None, stage: None }
    }

    fn left(notices: &[Notice]) -> Vec<i64> {
        gathered(notices).into_iter().map(|notice| notice.id).collect()
    }

    #[test]
    fn what_is_over_is_not_told() {
        use Kind::{AskedBack, Decided, EndsSoon, Held, Ready, Reminded, Submitted, ToDecide};
        assert_eq!(left(&[notice(1, Submitted, 1), notice(2, Submitted, 2), notice(3, Decided, 1)]), [2, 3]);
        assert_eq!(left(&[notice(1, AskedBack, 1), notice(2, ToDecide, 1), notice(3, Decided, 1)]), [2, 3]);
        assert_eq!(left(&[notice(1, ToDecide, 1), notice(2, Reminded, 1), notice(3, ToDecide, 2)]), [2, 3]);
        assert_eq!(left(&[notice(1, Ready, 1), notice(2, Ready, 1)]), [1, 2], "each desktop is its own");
        let ending = |number| Some(EndingId(Uuid::from_u128(number)));
        let of = |id, kind, number| Notice { ending: ending(number), ..notice(id, kind, 1) };
        assert_eq!(left(&[of(1, EndsSoon, 1), of(2, EndsSoon, 2), of(3, Held, 1)]), [2, 3]);
    }
}
