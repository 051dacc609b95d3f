//! What a day, a decision, or what AWS shows leads to.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{ASKED, ASKED_AGAIN, Cause, Decision, GRACE, HOLD, State};

/// Everything that a day or a decision depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    pub cause: Cause,
    pub state: State,
    /// The last day of a temporary one.
    pub ends_on: Option<NaiveDate>,
    /// The day from which the days of its hold count: on which AWS showed it held, or on which it was to be closed if AWS can't.
    pub held_on: Option<NaiveDate>,
    /// The day on which the hold of a temporary one was last undone.
    pub undone_on: Option<NaiveDate>,
    /// Somebody decided that it is terminated after the hold.
    pub terminates: bool,
    /// What it becomes once it is open again.
    pub opens_to: Option<State>,
}

impl Course {
    /// One that was just noticed.
    pub fn begin(cause: Cause, ends_on: Option<NaiveDate>) -> Self {
        Self { cause, state: State::Noticed, ends_on, held_on: None, undone_on: None, terminates: false, opens_to: None }
    }

    /// A leaver's end on which nobody has decided gives way to the end that the desktop has as a temporary one: that one comes by
    /// itself.
    pub fn gives_way(&self, ends_on: NaiveDate) -> Option<Self> {
        let undecided = self.cause != Cause::Temporary && self.state == State::Noticed;
        undecided.then(|| Self::begin(Cause::Temporary, Some(ends_on)))
    }

    /// What the day brings by itself; `None` if nothing.
    pub fn on(&self, today: NaiveDate) -> Option<State> {
        use State::{Asked, AskedAgain, Held, Holding, LetGo, Noticed, Terminating};
        let reached = |days| self.ends_on.and_then(|end| end.checked_sub_days(Days::new(days))).is_some_and(|day| today >= day);
        match self.state {
            Noticed | Asked | AskedAgain | LetGo if self.is_past(today) => Some(Holding),
            Noticed | Asked if reached(ASKED_AGAIN) => Some(AskedAgain),
            Noticed if reached(ASKED) => Some(Asked),
            Held if self.is_served(today) => Some(Terminating),
            _ => None,
        }
    }

    /// The end of a temporary one has come.
    fn is_past(&self, today: NaiveDate) -> bool {
        self.ends_on.is_some_and(|end| today > end)
    }

    /// The day from which one whose hold counts may be terminated; `None` while nobody has decided so.
    pub fn goes_on(&self) -> Option<NaiveDate> {
        let held = self.held_on?.checked_add_days(Days::new(HOLD))?;
        match (self.terminates, self.ends_on) {
            (true, _) => Some(held),
            (false, Some(end)) => Some(held.max(end.checked_add_days(Days::new(1))?)),
            (false, None) => None,
        }
    }

    /// The days of its hold are over, whether AWS has closed it or could not.
    pub fn is_served(&self, today: NaiveDate) -> bool {
        matches!(self.state, State::Holding | State::Held) && self.goes_on().is_some_and(|day| today >= day)
    }

    /// What it is once AWS shows what was asked for.
    #[must_use]
    pub fn done(&self, today: NaiveDate) -> Self {
        match self.state {
            State::Holding => Self { state: State::Held, held_on: Some(today), ..*self },
            State::Terminating => Self { state: State::Terminated, ..*self },
            _ => Self { state: self.opens_to.unwrap_or(State::Kept), opens_to: None, ..*self },
        }
    }

    /// What becomes of a hold that AWS can't bring about, since a day on which it was asked to. Its days count all the same, from
    /// the day before this is noticed at the earliest, so that there is time to undo it; when they are over it is terminated.
    pub fn unclosed(&self, since: NaiveDate, today: NaiveDate) -> Option<Self> {
        match (self.state, self.held_on) {
            (State::Holding, None) if since < today => Some(Self { held_on: Some(since.max(today.pred_opt()?)), ..*self }),
            (State::Holding, Some(_)) if self.is_served(today) => Some(Self { state: State::Terminating, ..*self }),
            _ => None,
        }
    }

    /// What a decision leads to; `None` if it can't be made now. `staff`: somebody of those who look after desktops. Who asked for a
    /// temporary desktop lets it go, asks for more time, or undoes its hold once; that it stays is not theirs to say.
    pub fn decide(&self, decision: Decision, staff: bool, today: NaiveDate) -> Option<Self> {
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
            (Decision::Undo, State::Holding | State::Held) if temporary => {
                (staff || self.undone_on.is_none()).then(|| self.open_for_a_while(today))?
            }
            (Decision::Undo, State::Holding | State::Held) => Some(self.open(State::Kept)),
            _ => None,
        }
    }

    /// The desktop stays after all: it becomes so at once, or once it is open again.
    pub fn stays(&self, as_what: State) -> Option<Self> {
        match self.state {
            state if state.is_ahead() => Some(Self { state: as_what, ..*self }),
            State::Holding | State::Held => Some(self.open(as_what)),
            // It is being opened for a while, and that becomes longer.
            State::Opening if self.opens_to == Some(State::Noticed) => Some(self.open(as_what)),
            _ => None,
        }
    }

    fn open(&self, to: State) -> Self {
        Self { state: State::Opening, opens_to: Some(to), terminates: false, ..*self }
    }

    /// Opens a temporary one until a new last day, before which its people are asked again, and after which it is held again.
    fn open_for_a_while(&self, today: NaiveDate) -> Option<Self> {
        let until = today.checked_add_days(Days::new(GRACE))?;
        let ends_on = self.ends_on.map_or(until, |end| end.max(until));
        Some(Self { ends_on: Some(ends_on), held_on: None, undone_on: Some(today), ..self.open(State::Noticed) })
    }

    /// What can be decided now.
    pub fn decisions(&self, staff: bool, today: NaiveDate) -> Vec<Decision> {
        Decision::ALL.into_iter().filter(|decision| self.decide(*decision, staff, today).is_some()).collect()
    }
}
