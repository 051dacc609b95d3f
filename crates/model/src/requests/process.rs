//! A request on its way through the stages: the one place that says what a decision leads to. Pure, so that every path through it
//! can be tried.

use super::{
    rules::{Named, Outcome},
    stage::{Barred, Deciders, NotYours, StageKind, StandIn, deciders, escalated, may_decide},
    state::{ItemState, Move, State},
};
use crate::{DirectoryId, PersonGuid, RequestItemId, access::Person};

/// Where a stage is. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// Its turn has not come.
    Later,
    Waiting,
    Approved,
    Refused,
}

impl StageState {
    pub const ALL: [Self; 4] = [Self::Later, Self::Waiting, Self::Approved, Self::Refused];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Later => "later",
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// One stage of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    pub kind: StageKind,
    /// Whom Active Directory and the cost centre named for it when the request was handed in, and again before its turn came.
    pub candidates: Vec<Named<PersonGuid>>,
    pub state: StageState,
    /// Who can decide; known once its turn has come.
    pub deciders: Option<Deciders>,
    /// Why it was passed on, if it was.
    pub note: Option<String>,
    pub decided_by: Option<PersonGuid>,
    /// In whose place.
    pub decided_for: Option<PersonGuid>,
}

impl Stage {
    pub fn new(kind: StageKind, candidates: Vec<Named<PersonGuid>>) -> Self {
        Self { kind, candidates, state: StageState::Later, deciders: None, note: None, decided_by: None, decided_for: None }
    }
}

/// What one of those who decide says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// All but these people.
    Approve {
        except: Vec<RequestItemId>,
    },
    Refuse,
    AskBack,
}

/// Why nothing was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecided {
    /// It does not wait for a decision (any more).
    NotWaiting,
    NotYours(NotYours),
}

/// A request with all that a decision depends on.
#[derive(Debug, Clone)]
pub struct Process {
    pub state: State,
    /// `None` if it can't be told: then nobody can decide.
    pub requester: Option<PersonGuid>,
    /// Everybody it is or was for.
    pub beneficiaries: Vec<PersonGuid>,
    /// Where the desktops would be; roles have to hold in all of them.
    pub directories: Vec<DirectoryId>,
    pub stages: Vec<Stage>,
    pub items: Vec<(RequestItemId, ItemState)>,
    /// Who decides in whose place now.
    pub stand_ins: Vec<StandIn>,
}

impl Process {
    /// Hands the request in, to those whom the rules demand.
    pub fn submit(&mut self, outcome: &Outcome, stages: Vec<Stage>) -> Option<Move> {
        let what = match outcome {
            Outcome::Refuse(_) => Move::Refuse,
            Outcome::AtOnce => Move::Approve,
            Outcome::Stages(_) => Move::Submit,
        };
        self.state = self.state.after(what)?;
        self.stages = stages;
        match what {
            Move::Approve => self.settle(ItemState::Approved),
            Move::Refuse => self.settle(ItemState::Refused),
            _ => self.open_next(),
        }
        Some(what)
    }

    /// The stage that waits.
    pub fn waiting(&self) -> Option<(usize, &Stage)> {
        self.stages.iter().enumerate().find(|(_, stage)| stage.state == StageState::Waiting)
    }

    /// Who is asked at the stage after that.
    pub fn next(&self) -> Option<&StageKind> {
        self.stages.iter().find(|stage| stage.state == StageState::Later).map(|stage| &stage.kind)
    }

    /// Who is named for that stage now.
    pub fn name_next(&mut self, candidates: Vec<Named<PersonGuid>>) {
        if let Some(stage) = self.stages.iter_mut().find(|stage| stage.state == StageState::Later) {
            stage.candidates = candidates;
        }
    }

    /// Whether the person may decide now.
    ///
    /// # Errors
    /// Why not.
    pub fn may_decide(&self, person: &Person) -> Result<PersonGuid, Undecided> {
        let (_, stage) = self.waiting().filter(|_| self.state == State::Waiting).ok_or(Undecided::NotWaiting)?;
        let deciders = stage.deciders.as_ref().ok_or(Undecided::NotWaiting)?;
        let (barred, stand_ins) = (self.barred(), &self.stand_ins);
        may_decide(person, deciders, stand_ins, &barred, self.requester, &self.directories).map_err(Undecided::NotYours)
    }

    /// Whether somebody is asked at the stage that waits: by name, in somebody's place, or as one of those who hold the role that is asked.
    /// Whether they hold it is not looked at here.
    pub fn asks(&self, guid: PersonGuid) -> bool {
        let Some(deciders) = self.waiting().and_then(|(_, stage)| stage.deciders.as_ref()) else { return false };
        let named = || deciders.people().iter().any(|named| named.id == guid) || self.in_place_of(guid).is_some();
        !self.is_barred(guid) && (!matches!(deciders, Deciders::People(_)) || named())
    }

    /// In whose place somebody would decide; `None` in their own.
    pub fn in_place_of(&self, guid: PersonGuid) -> Option<&Named<PersonGuid>> {
        let deciders = self.waiting()?.1.deciders.as_ref()?;
        if deciders.people().iter().any(|named| named.id == guid) {
            return None;
        }
        deciders.absent(guid, &self.stand_ins)
    }

    /// Has somebody else asked too at the stage that waits, where nobody has decided for so many working days. False where nobody is
    /// left to ask.
    pub fn escalate(&mut self, days: u32) -> bool {
        let barred = self.barred();
        let waiting = self.stages.iter_mut().find(|stage| stage.state == StageState::Waiting);
        let Some(stage) = waiting.filter(|_| self.state == State::Waiting) else { return false };
        let asked = stage.deciders.as_ref().and_then(|asked| escalated((&stage.kind, &stage.candidates, asked), &barred, days));
        // Approvers stay those who are asked, so that is said once.
        let Some((asked, words)) = asked.filter(|(_, words)| stage.note.as_ref() != Some(words)) else { return false };
        (stage.deciders, stage.note) = (Some(asked), Some(words));
        true
    }

    /// Makes a decision. `fits`: the cost centre's budget has room for what would be approved now; where it has not, the last
    /// approval leads on to the cost centre's owner, with `owner` as candidates, unless that stage was there.
    ///
    /// # Errors
    /// Why not; then nothing has changed.
    pub fn decide(
        &mut self,
        person: &Person,
        decision: &Decision,
        fits: bool,
        owner: &[Named<PersonGuid>],
    ) -> Result<Move, Undecided> {
        let by = self.may_decide(person)?;
        let by = (by, self.in_place_of(by).map(|absent| absent.id));
        let mut next = self.clone();
        if let Decision::Approve { except } = decision {
            for (_, state) in next.items.iter_mut().filter(|(id, state)| *state == ItemState::Asked && except.contains(id)) {
                *state = ItemState::Refused;
            }
        }
        let nobody_left = !next.items.iter().any(|(_, state)| *state == ItemState::Asked);
        let what = match decision {
            Decision::AskBack => Move::AskBack,
            Decision::Refuse => Move::Refuse,
            Decision::Approve { .. } if nobody_left => Move::Refuse,
            Decision::Approve { .. } => {
                next.close(StageState::Approved, by);
                if !fits && !next.asks_owner() {
                    next.stages.push(Stage::new(StageKind::CostCentreOwner, owner.to_vec()));
                }
                next.open_next();
                if next.waiting().is_some() { Move::Pass } else { Move::Approve }
            }
        };
        match what {
            Move::Refuse => {
                next.close(StageState::Refused, by);
                next.settle(ItemState::Refused);
            }
            Move::Approve => next.settle(ItemState::Approved),
            _ => {}
        }
        next.state = next.state.after(what).ok_or(Undecided::NotWaiting)?;
        *self = next;
        Ok(what)
    }

    /// Whether the cost centre's owner is among those who have to approve, so that it may go over the budget.
    pub fn asks_owner(&self) -> bool {
        self.stages.iter().any(|stage| stage.kind == StageKind::CostCentreOwner)
    }

    /// Whether it is somebody who asks, is asked for, or has decided an earlier stage.
    pub fn is_barred(&self, person: PersonGuid) -> bool {
        self.barred().contains(person)
    }

    fn barred(&self) -> Barred {
        let asked_for = self.beneficiaries.iter().copied().chain(self.requester);
        let mut barred = Barred::new(asked_for);
        // Who decided in somebody's place has spent that person's eyes too.
        let spent = self.stages.iter().flat_map(|stage| [stage.decided_by, stage.decided_for]);
        spent.flatten().for_each(|by| barred.bar(by));
        barred
    }

    fn open_next(&mut self) {
        let barred = self.barred();
        if let Some(stage) = self.stages.iter_mut().find(|stage| stage.state == StageState::Later) {
            let (who, note) = deciders(&stage.kind, &stage.candidates, &barred);
            (stage.state, stage.deciders, stage.note) = (StageState::Waiting, Some(who), note);
        }
    }

    fn close(&mut self, state: StageState, (by, in_place_of): (PersonGuid, Option<PersonGuid>)) {
        if let Some(stage) = self.stages.iter_mut().find(|stage| stage.state == StageState::Waiting) {
            (stage.state, stage.decided_by, stage.decided_for) = (state, Some(by), in_place_of);
        }
    }

    fn settle(&mut self, state: ItemState) {
        for (_, item) in self.items.iter_mut().filter(|(_, item)| *item == ItemState::Asked) {
            *item = state;
        }
    }
}

#[cfg(test)]
#[path = "process_tests.rs"]
mod tests;
