//! One run of a job at a time in each process.
//!
//! A job that runs is followed by another when somebody wakes it, because it has seen the rows as they were. Without turns
//! those that wait for the API budget would pile up until they have taken all places of the worker, and the jobs that spend
//! the budget better would not start at all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The jobs that run in this process, and whether each was asked to look once more.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<&'static str, bool>>>);

/// The right to run; given back when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    job: &'static str,
    turns: Turns,
    /// It was given back already, and may be somebody else's.
    over: bool,
}

impl Turns {
    fn running(&self) -> MutexGuard<'_, HashMap<&'static str, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` if the job runs already; it will look once more when it is through.
    pub(super) fn begin(&self, job: &'static str) -> Option<Turn> {
        let mut running = self.running();
        if let Some(again) = running.get_mut(job) {
            *again = true;
            return None;
        }
        running.insert(job, false);
        Some(Turn { job, turns: self.clone(), over: false })
    }
}

impl Turn {
    /// The turn again if somebody came meanwhile; otherwise it is over, and nobody can have come unseen.
    pub(super) fn again(mut self) -> Option<Self> {
        let turns = self.turns.clone();
        let mut running = turns.running();
        if let Some(again) = running.get_mut(self.job)
            && std::mem::take(again)
        {
            return Some(self);
        }
        running.remove(self.job);
        self.over = true;
        None
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.over {
            self.turns.running().remove(self.job);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_meanwhile_is_seen_to() {
        let turns = Turns::default();
        let turn = turns.begin("send").unwrap();
        assert!(turns.begin("poll").is_some(), "others have turns of their own");
        assert!(turns.begin("send").is_none() && turns.begin("send").is_none());
        let turn = turn.again().expect("two came");
        assert!(turn.again().is_none(), "nobody came");
        assert!(turns.begin("send").is_some());
    }

    #[test]
    fn a_turn_that_ends_badly_is_given_back() {
        let turns = Turns::default();
        drop(turns.begin("send").unwrap());
        assert!(turns.begin("send").is_some());
    }
}
