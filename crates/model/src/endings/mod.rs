//! Endings: how a desktop ends, of a temporary one and of those whose people have left. `Course` says what a day or a decision leads
//! to, `hold` what AWS is asked for, `page` what pages show. Days are those of the directory's time zone.

mod course;
mod hold;
mod page;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::{
    course::Course,
    hold::{Step, hold, is_stuck, open, terminate},
    page::{Ending, EndingPage, Filter, Overview, Waiting},
};
use crate::{dn, people::Person};

/// Days before the end on which who asked for the desktop is asked whether it is still needed.
pub const ASKED: u64 = 14;
/// Days before the end on which they are asked again.
pub const ASKED_AGAIN: u64 = 3;
/// Days that a desktop is held before it is terminated.
pub const HOLD: u64 = 7;
/// Days that a temporary one is open after its hold was undone.
pub const GRACE: u64 = 7;

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
    /// It is opened again, a temporary one for some days and another one for good; or it is not let go after all.
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

    /// What comes of it there.
    pub fn explains(self, cause: Cause, state: State) -> &'static str {
        let (temporary, ahead) = (cause == Cause::Temporary, state.is_ahead());
        match self {
            Self::LetGo if temporary && ahead => {
                "It is held after its last day, for 7 days in which that can be undone, and then terminated."
            }
            Self::LetGo if ahead => "It is held now, for 7 days in which that can be undone, and then terminated.",
            Self::LetGo => "It is terminated once its hold has lasted 7 days. Until then that can be undone.",
            Self::Hold if temporary => {
                "Nobody can use it from now on. It is terminated after 7 days, and not before its last day is over."
            }
            Self::Hold => "Nobody can use it from now on. It is terminated only if somebody decides that too.",
            Self::Keep if temporary => {
                "It is a lasting desktop from now on, whatever was asked for: nobody is asked about its end again."
            }
            Self::Keep => "It stays as it is, and this end is forgotten.",
            Self::Undo if state == State::LetGo => "It is not let go after all. Its last day stays as it is.",
            Self::Undo if temporary => {
                "It is opened again with all that is on it, for 7 days, or until its last day if that is later. Then it is held again, unless more time is approved before."
            }
            Self::Undo => "It is opened again with all that is on it, and stays.",
        }
    }
}
