//! Endings: how a desktop ends, of a temporary one and of those whose people have left. `Course` says what a day or a decision leads
//! to, `hold` what AWS is asked for, `page` what pages show. Days are those of the directory's time zone.

mod hold;
mod page;
#[cfg(test)]
mod tests;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

pub use self::{
    hold::{Step, hold, open, terminate},
    page::{Ending, EndingPage, Filter, Overview, Waiting},
};
use crate::{dn, people::Person};

/// Days before the end on which who asked for the desktop is asked whether it is still needed.
pub const ASKED: u64 = 14;
/// Days before the end on which they are asked again.
pub const ASKED_AGAIN: u64 = 3;
/// Days that a desktop is held before it is terminated.
pub const HOLD: u64 = 7;

/// Why a desktop is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It was asked for until a day.
    Temporary,
    /// Its user's entry is not in Active Directory any more.
    Gone,
    /// Its user's account is disabled.
    Disabled,
    /// Its user's entry was moved out of the organizational unit that the directory is for.
    OutOfScope,
}

impl Cause {
    pub const ALL: [Self; 4] = [Self::Temporary, Self::Gone, Self::Disabled, Self::OutOfScope];

    /// As forms and the database write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Temporary => "temporary",
            Self::Gone => "gone",
            Self::Disabled => "disabled",
            Self::OutOfScope => "out_of_scope",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Temporary => "Temporary desktop",
            Self::Gone => "Not in Active Directory any more",
            Self::Disabled => "Account disabled",
            Self::OutOfScope => "Moved out of the directory\u{2019}s unit",
        }
    }

    /// What Active Directory says of a desktop's user; `None` if nothing speaks for an end.
    pub fn of(person: Option<&Person>, scope: Option<&str>) -> Option<Self> {
        match person {
            None => Some(Self::Gone),
            Some(person) if person.standing.disabled => Some(Self::Disabled),
            Some(person) if scope.is_some_and(|unit| !dn::is_under(&person.dn, unit)) => Some(Self::OutOfScope),
            Some(_) => None,
        }
    }

    /// Its user can't sign in, so that a stopped desktop stays stopped.
    pub fn keeps_out(self) -> bool {
        matches!(self, Self::Gone | Self::Disabled)
    }
}

/// New leavers that a comparison may find at once, whatever the size of the fleet.
const FEW: usize = 5;

/// Whether a comparison with Active Directory can be believed: of `desktops`, the users of `without` have left, `new` of them since
/// the last time. A domain that answers nothing for everybody is a fault. One that has lost more than a tenth overnight may be one,
/// unless it says so again after it was `doubted`.
pub fn believable(desktops: usize, without: usize, new: usize, doubted: bool) -> bool {
    let everybody = desktops > 1 && without == desktops;
    new == 0 || (!everybody && (doubted || new <= FEW.max(desktops / 10)))
}

/// Where an ending is. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Proposed; nothing happens by itself but the questions before the end of a temporary desktop.
    Noticed,
    Asked,
    AskedAgain,
    /// It is held at its end; nobody is asked any more.
    LetGo,
    /// AWS is being asked to close it.
    Holding,
    Held,
    /// AWS is being asked to open it again.
    Opening,
    /// AWS is being asked to terminate it.
    Terminating,
    Terminated,
    Extended,
    Kept,
    /// Its user is back in Active Directory.
    Back,
    /// Somebody else has terminated it.
    Vanished,
}

impl State {
    pub const ALL: [Self; 13] = [
        Self::Noticed,
        Self::Asked,
        Self::AskedAgain,
        Self::LetGo,
        Self::Holding,
        Self::Held,
        Self::Opening,
        Self::Terminating,
        Self::Terminated,
        Self::Extended,
        Self::Kept,
        Self::Back,
        Self::Vanished,
    ];

    /// As forms and the database write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Noticed => "noticed",
            Self::Asked => "asked",
            Self::AskedAgain => "asked_again",
            Self::LetGo => "let_go",
            Self::Holding => "holding",
            Self::Held => "held",
            Self::Opening => "opening",
            Self::Terminating => "terminating",
            Self::Terminated => "terminated",
            Self::Extended => "extended",
            Self::Kept => "kept",
            Self::Back => "back",
            Self::Vanished => "vanished",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Noticed => "Proposed",
            Self::Asked => "Asked",
            Self::AskedAgain => "Asked again",
            Self::LetGo => "Let go",
            Self::Holding => "Being held",
            Self::Held => "Held",
            Self::Opening => "Being opened",
            Self::Terminating => "Being terminated",
            Self::Terminated => "Terminated",
            Self::Extended => "Extended",
            Self::Kept => "Kept",
            Self::Back => "User is back",
            Self::Vanished => "Gone",
        }
    }

    /// The plain gloss under the word.
    pub fn gloss(self) -> &'static str {
        match self {
            Self::Noticed => "waits for a decision",
            Self::Asked | Self::AskedAgain => "who asked for it can extend it or let it go",
            Self::LetGo => "held at its end",
            Self::Holding => "AWS is closing it",
            Self::Held => "nobody can use it; it can be opened again",
            Self::Opening => "AWS is opening it again",
            Self::Terminating => "AWS is removing it",
            Self::Terminated => "removed, with all that was on it",
            Self::Extended => "it lasts longer",
            Self::Kept => "it stays",
            Self::Back => "it stays",
            Self::Vanished => "somebody terminated it elsewhere",
        }
    }

    /// Nothing more comes of it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Terminated | Self::Extended | Self::Kept | Self::Back | Self::Vanished)
    }

    /// Nothing was done to the desktop yet.
    pub fn is_ahead(self) -> bool {
        matches!(self, Self::Noticed | Self::Asked | Self::AskedAgain | Self::LetGo)
    }
}

/// What somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// A temporary one is held at its end, another one now; it is terminated after the hold.
    LetGo,
    /// It is held now; what then is decided later.
    Hold,
    /// It stays.
    Keep,
    /// It is opened again and stays, or is not let go after all.
    Undo,
}

impl Decision {
    pub const ALL: [Self; 4] = [Self::LetGo, Self::Hold, Self::Keep, Self::Undo];

    /// As forms write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LetGo => "let_go",
            Self::Hold => "hold",
            Self::Keep => "keep",
            Self::Undo => "undo",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.as_str() == text)
    }

    /// The word of its button.
    pub fn label(self) -> &'static str {
        match self {
            Self::LetGo => "Let it go",
            Self::Hold => "Hold it now",
            Self::Keep => "Keep it",
            Self::Undo => "Undo",
        }
    }

    /// What comes of it.
    pub fn explains(self) -> &'static str {
        match self {
            Self::LetGo => {
                "It is held for 7 days, which can be undone, and then terminated. A temporary one is held after its last day."
            }
            Self::Hold => "Nobody can use it from now on. It is terminated only if somebody decides that too.",
            Self::Keep => "It stays as it is, and this end is forgotten.",
            Self::Undo => "It is opened again with all that is on it, and stays.",
        }
    }
}

/// Everything that a day or a decision depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    pub cause: Cause,
    pub state: State,
    /// The last day of a temporary one.
    pub ends_on: Option<NaiveDate>,
    /// The day on which AWS showed it held.
    pub held_on: Option<NaiveDate>,
    /// Somebody decided that it is terminated after the hold.
    pub terminates: bool,
    /// What it becomes once it is open again.
    pub opens_to: Option<State>,
}

impl Course {
    /// One that was just noticed.
    pub fn begin(cause: Cause, ends_on: Option<NaiveDate>) -> Self {
        Self { cause, state: State::Noticed, ends_on, held_on: None, terminates: false, opens_to: None }
    }

    /// What the day brings by itself; `None` if nothing.
    pub fn on(&self, today: NaiveDate) -> Option<State> {
        use State::{Asked, AskedAgain, Held, Holding, LetGo, Noticed, Terminating};
        let reached = |days| self.ends_on.and_then(|end| end.checked_sub_days(Days::new(days))).is_some_and(|day| today >= day);
        match self.state {
            Noticed | Asked | AskedAgain | LetGo if self.is_past(today) => Some(Holding),
            Noticed | Asked if reached(ASKED_AGAIN) => Some(AskedAgain),
            Noticed if reached(ASKED) => Some(Asked),
            Held if self.goes_on().is_some_and(|day| today >= day) => Some(Terminating),
            _ => None,
        }
    }

    /// The end of a temporary one has come.
    fn is_past(&self, today: NaiveDate) -> bool {
        self.ends_on.is_some_and(|end| today > end)
    }

    /// The day from which a held one may be terminated; `None` while nobody has decided so.
    pub fn goes_on(&self) -> Option<NaiveDate> {
        let held = self.held_on?.checked_add_days(Days::new(HOLD))?;
        match (self.terminates, self.ends_on) {
            (true, _) => Some(held),
            (false, Some(end)) => Some(held.max(end.checked_add_days(Days::new(1))?)),
            (false, None) => None,
        }
    }

    /// What a decision leads to; `None` if it can't be made now. `staff`: somebody of those who look after desktops. Who asked for a
    /// temporary desktop lets it go or asks for more time; that it stays is not theirs to say.
    pub fn decide(&self, decision: Decision, staff: bool) -> Option<Self> {
        let temporary = self.cause == Cause::Temporary;
        let own = staff || !temporary;
        let to = |state| Some(Self { state, ..*self });
        match (decision, self.state) {
            (Decision::LetGo, State::Noticed | State::Asked | State::AskedAgain) => {
                Some(Self { state: if temporary { State::LetGo } else { State::Holding }, terminates: true, ..*self })
            }
            (Decision::LetGo, State::Holding | State::Held) if !self.terminates => {
                // A temporary one goes anyway; it is only sooner than its end that somebody may want.
                let after = Self { terminates: true, ..*self };
                (!temporary || after.goes_on() != self.goes_on()).then_some(after)
            }
            (Decision::Hold, state) if state.is_ahead() && own => {
                Some(Self { state: State::Holding, terminates: false, ..*self })
            }
            (Decision::Keep, state) if state.is_ahead() && own => to(State::Kept),
            (Decision::Undo, State::LetGo) => Some(Self { state: State::Noticed, terminates: false, ..*self }),
            (Decision::Undo, State::Holding | State::Held) if own => Some(self.open(State::Kept)),
            _ => None,
        }
    }

    /// The desktop stays after all: it becomes so at once, or once it is open again.
    pub fn stays(&self, as_what: State) -> Option<Self> {
        match self.state {
            state if state.is_ahead() => Some(Self { state: as_what, ..*self }),
            State::Holding | State::Held => Some(self.open(as_what)),
            _ => None,
        }
    }

    fn open(&self, to: State) -> Self {
        Self { state: State::Opening, opens_to: Some(to), terminates: false, ..*self }
    }

    /// What can be decided now.
    pub fn decisions(&self, staff: bool) -> Vec<Decision> {
        Decision::ALL.into_iter().filter(|decision| self.decide(*decision, staff).is_some()).collect()
    }
}
