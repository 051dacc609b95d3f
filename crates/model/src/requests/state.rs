//! Where a request is and what can be done to it, where one person's row of it is, and what its manager reads of the way.

use serde::{Deserialize, Serialize};

/// Where a request is. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being written, for the first time or again.
    Draft,
    /// Waits for those who decide.
    Waiting,
    /// One of those who decide wants to know something.
    AskedBack,
    /// Decided: its people get their desktops.
    Approved,
    Refused,
    /// Taken back by who asked.
    Withdrawn,
}

/// What is done to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// Handed in, and waits for somebody.
    Submit,
    /// A stage was approved and another one waits.
    Pass,
    /// The last stage was approved, or the rules ask nobody.
    Approve,
    Refuse,
    AskBack,
    /// The question was answered, and nothing else changed.
    Answer,
    /// Taken back into the draft, to be changed.
    Reopen,
    Withdraw,
}

impl Move {
    pub const ALL: [Self; 8] =
        [Self::Submit, Self::Pass, Self::Approve, Self::Refuse, Self::AskBack, Self::Answer, Self::Reopen, Self::Withdraw];
}

impl State {
    pub const ALL: [Self; 6] = [Self::Draft, Self::Waiting, Self::AskedBack, Self::Approved, Self::Refused, Self::Withdrawn];

    /// As the database and addresses write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Waiting => "waiting",
            Self::AskedBack => "asked_back",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Waiting => "Waiting",
            Self::AskedBack => "Asked back",
            Self::Approved => "Approved",
            Self::Refused => "Refused",
            Self::Withdrawn => "Withdrawn",
        }
    }

    /// The table of moves: where one leads from here; `None` if it can't be made.
    pub fn after(self, what: Move) -> Option<Self> {
        match (self, what) {
            (Self::Draft, Move::Submit) | (Self::Waiting, Move::Pass) | (Self::AskedBack, Move::Answer) => Some(Self::Waiting),
            // From the draft: by a rule that asks nobody.
            (Self::Draft | Self::Waiting, Move::Approve) => Some(Self::Approved),
            (Self::Draft | Self::Waiting, Move::Refuse) => Some(Self::Refused),
            (Self::Waiting, Move::AskBack) => Some(Self::AskedBack),
            (Self::Waiting | Self::AskedBack, Move::Reopen) => Some(Self::Draft),
            (Self::Draft | Self::Waiting | Self::AskedBack, Move::Withdraw) => Some(Self::Withdrawn),
            _ => None,
        }
    }

    /// Nothing is decided any more.
    pub fn is_decided(self) -> bool {
        matches!(self, Self::Approved | Self::Refused | Self::Withdrawn)
    }
}

/// What was decided about one person's row. What comes after the approval is read from the launch: see [`Way`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    Asked,
    Approved,
    Refused,
    /// Approved, but the person can't get a desktop any more.
    SetAside,
}

impl ItemState {
    pub const ALL: [Self; 4] = [Self::Asked, Self::Approved, Self::Refused, Self::SetAside];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::SetAside => "set_aside",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// How far one person's desktop is, as who asked for it reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    Asked,
    Refused,
    /// Taken back with its request.
    Withdrawn,
    /// Waits for its date.
    Approved,
    SetAside,
    Launching,
    /// The WorkSpace can be used; the invitation is not out yet.
    Available,
    Invited,
    SignedIn,
    /// Its launch was canceled, or the person has a desktop already.
    NotMade,
    /// The desktop was there and is terminated.
    Ended,
    /// Something went wrong, which is helpdesk's.
    LookedAt,
}

/// What is known of an approved row's launch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Launched {
    /// The launch's row is there.
    pub row: Option<crate::launches::ItemState>,
    /// The invitation was sent, or taken as sent.
    pub invited: bool,
    /// The mail service refused the invitation, or it is not known whether it was sent.
    pub mail_trouble: bool,
    pub signed_in: bool,
    /// AWS shows that the WorkSpace is terminated.
    pub ended: bool,
}

impl Way {
    /// The steps of the way that leads to a desktop, in order.
    pub const STEPS: [Self; 6] = [Self::Asked, Self::Approved, Self::Launching, Self::Available, Self::Invited, Self::SignedIn];

    /// How far a row is whose request is in that state.
    pub fn of(request: State, item: ItemState, launched: Launched) -> Self {
        use crate::launches::ItemState as Row;
        match (item, request) {
            (ItemState::Refused, _) => return Self::Refused,
            (ItemState::SetAside, _) => return Self::SetAside,
            (ItemState::Asked, State::Withdrawn) => return Self::Withdrawn,
            (ItemState::Asked, State::Refused) => return Self::Refused,
            (ItemState::Asked, _) => return Self::Asked,
            (ItemState::Approved, _) => {}
        }
        match launched.row {
            None => Self::Approved,
            Some(Row::Queued | Row::Sending | Row::Unconfirmed | Row::Pending) => Self::Launching,
            Some(Row::Failed) => Self::LookedAt,
            Some(Row::AlreadyHas | Row::Canceled) => Self::NotMade,
            Some(Row::Available) if launched.ended => Self::Ended,
            Some(Row::Available) if launched.signed_in => Self::SignedIn,
            Some(Row::Available) if launched.mail_trouble && !launched.invited => Self::LookedAt,
            Some(Row::Available) if launched.invited => Self::Invited,
            Some(Row::Available) => Self::Available,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Asked => "Asked",
            Self::Refused => "Refused",
            Self::Withdrawn => "Withdrawn",
            Self::Approved => "Approved",
            Self::SetAside => "Set aside",
            Self::Launching => "Launching",
            Self::Available => "Available",
            Self::Invited => "Invited",
            Self::SignedIn => "Signed in",
            Self::NotMade => "Not made",
            Self::Ended => "Ended",
            Self::LookedAt => "Being looked at",
        }
    }

    pub fn gloss(self) -> &'static str {
        match self {
            Self::Asked => "waits for the decision",
            Self::Refused => "gets no desktop from this request",
            Self::Withdrawn => "the request was taken back",
            Self::Approved => "the desktop is made on its day",
            Self::SetAside => "can\u{2019}t get a desktop any more",
            Self::Launching => "the desktop is being made",
            Self::Available => "the desktop is there; the invitation follows",
            Self::Invited => "has the mail with the registration code",
            Self::SignedIn => "has used the desktop",
            Self::NotMade => "the service desk has canceled it, or there is a desktop already",
            Self::Ended => "the desktop is terminated",
            Self::LookedAt => "something did not work, and the service desk sees to it",
        }
    }

    /// Its place among [`Way::STEPS`]; `None` off the way.
    pub fn step(self) -> Option<usize> {
        let on_the_way = match self {
            Self::LookedAt => Self::Launching,
            other => other,
        };
        Self::STEPS.iter().position(|step| *step == on_the_way)
    }
}

/// What happened to a request. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Submit,
    Approve,
    Refuse,
    AskBack,
    Answer,
    Reopen,
    Withdraw,
    /// Somebody gets another offering than was asked for.
    Swap,
    /// Somebody can't get a desktop any more.
    SetAside,
    Launch,
    /// Something of a desktop's end.
    Ending,
    /// Those who are asked were reminded.
    Remind,
    /// Somebody else is asked too, because nobody has decided.
    Escalate,
}

impl EventKind {
    pub const ALL: [Self; 13] = [
        Self::Submit,
        Self::Approve,
        Self::Refuse,
        Self::AskBack,
        Self::Answer,
        Self::Reopen,
        Self::Withdraw,
        Self::Swap,
        Self::SetAside,
        Self::Launch,
        Self::Ending,
        Self::Remind,
        Self::Escalate,
    ];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::AskBack => "ask_back",
            Self::Answer => "answer",
            Self::Reopen => "reopen",
            Self::Withdraw => "withdraw",
            Self::Swap => "swap",
            Self::SetAside => "set_aside",
            Self::Launch => "launch",
            Self::Ending => "ending",
            Self::Remind => "remind",
            Self::Escalate => "escalate",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Submit => "Asked",
            Self::Approve => "Approved",
            Self::Refuse => "Refused",
            Self::AskBack => "Asked back",
            Self::Answer => "Answered",
            Self::Reopen => "Took it back to change it",
            Self::Withdraw => "Withdrew it",
            Self::Swap => "Changed what somebody gets",
            Self::SetAside => "Set somebody aside",
            Self::Launch => "Began to make desktops",
            Self::Ending => "End of a desktop",
            Self::Remind => "Reminded those who are asked",
            Self::Escalate => "Asked somebody else too",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launches::ItemState as Row;

    #[test]
    fn names_round_trip() {
        for state in State::ALL {
            assert_eq!(State::from_db(state.as_str()), Some(state));
        }
        for state in ItemState::ALL {
            assert_eq!(ItemState::from_db(state.as_str()), Some(state));
        }
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from_db(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn nothing_leads_out_of_a_decided_request() {
        for state in State::ALL {
            let moves = Move::ALL.into_iter().filter(|what| state.after(*what).is_some()).count();
            assert_eq!(moves == 0, state.is_decided(), "{state:?}");
        }
        assert_eq!(State::AskedBack.after(Move::Approve), None, "the question comes first");
        assert_eq!(State::AskedBack.after(Move::Answer), Some(State::Waiting));
    }

    #[test]
    fn the_way_is_read_from_the_launch() {
        let way = |row, invited, mail_trouble, signed_in| {
            Way::of(State::Approved, ItemState::Approved, Launched { row, invited, mail_trouble, signed_in, ended: false })
        };
        assert_eq!(way(None, false, false, false), Way::Approved);
        assert_eq!(way(Some(Row::Unconfirmed), false, false, false), Way::Launching);
        assert_eq!(way(Some(Row::Failed), false, false, false), Way::LookedAt);
        assert_eq!(way(Some(Row::Canceled), false, false, false), Way::NotMade, "nobody looks at it any more");
        assert_eq!(way(Some(Row::AlreadyHas), false, false, false), Way::NotMade);
        assert_eq!(way(Some(Row::Available), false, false, false), Way::Available);
        assert_eq!(way(Some(Row::Available), false, true, false), Way::LookedAt);
        assert_eq!(way(Some(Row::Available), true, false, false), Way::Invited);
        assert_eq!(way(Some(Row::Available), false, true, true), Way::SignedIn);
        let ended = Launched { row: Some(Row::Available), signed_in: true, ended: true, ..Launched::default() };
        assert_eq!(Way::of(State::Approved, ItemState::Approved, ended), Way::Ended);
        assert_eq!(Way::of(State::Withdrawn, ItemState::Asked, Launched::default()), Way::Withdrawn);
        assert_eq!(Way::LookedAt.step(), Way::Launching.step());
        assert_eq!(Way::SetAside.step(), None);
    }
}
