//! The rules of endings, and that no path leads to a termination without a hold of seven days and a reason for it, nor leaves a
//! temporary desktop open for ever.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::*;
use crate::workspaces::{RunningMode, WorkspaceAction};

fn day(day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, 1).unwrap().checked_add_days(Days::new(day)).unwrap()
}

#[test]
fn a_temporary_one_is_asked_about_twice_and_held_after_its_last_day() {
    let mut course = Course::begin(Cause::Temporary, Some(day(20)));
    let mut told = Vec::new();
    for today in 0..22 {
        if let Some(state) = course.on(day(today)) {
            told.push((today, state));
            course.state = state;
        }
    }
    assert_eq!(told, [(6, State::Asked), (17, State::AskedAgain), (21, State::Holding)]);
    course = Course { state: State::Held, held_on: Some(day(21)), ..course };
    assert_eq!((course.on(day(27)), course.on(day(28))), (None, Some(State::Terminating)));
}

#[test]
fn a_late_look_skips_what_is_over() {
    let course = Course::begin(Cause::Temporary, Some(day(20)));
    assert_eq!((course.on(day(18)), course.on(day(40))), (Some(State::AskedAgain), Some(State::Holding)));
}

#[test]
fn a_leaver_waits_for_a_decision() {
    for cause in [Cause::Gone, Cause::Disabled, Cause::OutOfScope] {
        let course = Course::begin(cause, None);
        assert_eq!(course.on(day(4_000)), None);
        let held = Course { state: State::Held, held_on: Some(day(0)), ..course.decide(Decision::Hold, true, day(0)).unwrap() };
        assert_eq!(held.on(day(4_000)), None, "held, and nobody said that it ends");
        let goes = held.decide(Decision::LetGo, true, day(0)).unwrap();
        assert_eq!((goes.on(day(6)), goes.on(day(7))), (None, Some(State::Terminating)));
        assert_eq!(goes.decide(Decision::Undo, false, day(6)).unwrap().opens_to, Some(State::Kept));
    }
}

#[test]
fn who_asked_for_a_temporary_one_lets_it_go_or_asks_for_more_time() {
    let course = Course { state: State::Asked, ..Course::begin(Cause::Temporary, Some(day(20))) };
    assert_eq!(course.decisions(false, day(6)), [Decision::LetGo]);
    assert_eq!(course.decisions(true, day(6)), [Decision::LetGo, Decision::Hold, Decision::Keep]);
    let gone = course.decide(Decision::LetGo, false, day(6)).unwrap();
    assert_eq!((gone.state, gone.on(day(20)), gone.on(day(21))), (State::LetGo, None, Some(State::Holding)));
    assert_eq!(gone.decisions(false, day(7)), [Decision::Undo]);
    let held = Course { state: State::Held, held_on: Some(day(21)), ..course };
    assert_eq!(held.decisions(false, day(22)), [Decision::Undo], "it goes after the hold as it is");
    let early = Course { held_on: Some(day(2)), ..held };
    assert_eq!((early.decisions(false, day(3)), early.goes_on()), (vec![Decision::LetGo, Decision::Undo], Some(day(21))));
    assert_eq!(early.decide(Decision::LetGo, false, day(3)).unwrap().goes_on(), Some(day(9)));
}

#[test]
fn the_hold_of_a_temporary_one_is_undone_for_seven_days_and_by_who_asked_once() {
    let held = Course { state: State::Held, held_on: Some(day(21)), ..Course::begin(Cause::Temporary, Some(day(20))) };
    let opening = held.decide(Decision::Undo, false, day(25)).unwrap();
    assert_eq!((opening.state, opening.opens_to), (State::Opening, Some(State::Noticed)));
    assert_eq!(opening.stays(State::Extended).unwrap().opens_to, Some(State::Extended), "more time is approved meanwhile");
    let open = opening.done(day(25));
    assert_eq!((open.ends_on, open.undone_on, open.held_on), (Some(day(32)), Some(day(25)), None));
    assert_eq!((open.on(day(25)), open.on(day(29))), (Some(State::Asked), Some(State::AskedAgain)));
    assert_eq!(Course { state: State::AskedAgain, ..open }.on(day(32)), None, "the seventh day is its own");
    assert_eq!(open.on(day(33)), Some(State::Holding));
    let again = Course { state: State::Holding, ..open }.done(day(33));
    assert_eq!((again.on(day(39)), again.on(day(40))), (None, Some(State::Terminating)), "held for all its days again");
    assert_eq!(again.decisions(false, day(34)), []);
    assert_eq!(again.decide(Decision::Undo, true, day(34)).unwrap().ends_on, Some(day(41)));
    let early = Course { held_on: Some(day(2)), ..held };
    assert_eq!(early.decide(Decision::Undo, true, day(3)).unwrap().ends_on, Some(day(20)), "a later last day stays");
}

#[test]
fn a_leaver_on_whom_nobody_decides_gives_way_to_the_end_of_a_temporary_desktop() {
    let leaver = Course::begin(Cause::Disabled, None);
    assert_eq!(leaver.gives_way(day(20)), Some(Course::begin(Cause::Temporary, Some(day(20)))));
    let held = leaver.decide(Decision::Hold, true, day(0)).unwrap();
    assert_eq!(held.gives_way(day(20)), None, "somebody has decided");
    assert_eq!(Course::begin(Cause::Temporary, Some(day(20))).gives_way(day(30)), None);
}

#[test]
fn the_days_of_a_hold_count_also_if_aws_can_not_close_the_desktop() {
    let holding = Course { state: State::Holding, ..Course::begin(Cause::Temporary, Some(day(20))) };
    assert_eq!(holding.unclosed(day(21), day(21)), None, "it has a day");
    let counts = holding.unclosed(day(21), day(22)).unwrap();
    assert_eq!((counts.state, counts.held_on, counts.goes_on()), (State::Holding, Some(day(21)), Some(day(28))));
    assert_eq!((counts.unclosed(day(21), day(27)), counts.on(day(28))), (None, None), "a day alone ends nothing");
    assert_eq!(counts.unclosed(day(21), day(28)).unwrap().state, State::Terminating);
    assert_eq!(counts.done(day(26)).goes_on(), Some(day(33)), "closed after all, it is held for all its days");
    assert_eq!(holding.unclosed(day(21), day(60)).unwrap().held_on, Some(day(59)), "what nobody was told of has not begun");
    let leaver = Course { state: State::Holding, ..Course::begin(Cause::Gone, None) };
    let counts = leaver.unclosed(day(0), day(1)).unwrap();
    assert_eq!(counts.unclosed(day(0), day(4_000)), None, "nobody said that it ends");
}

#[test]
fn a_desktop_with_trouble_is_brought_where_aws_closes_it() {
    let (auto, always) = (Some(RunningMode::AutoStop { hours: 1 }), Some(RunningMode::AlwaysOn));
    for kept_out in [false, true] {
        assert_eq!(hold("UNHEALTHY", always, kept_out), Step::Act(WorkspaceAction::Reboot));
        assert_eq!(hold("IMPAIRED", auto, kept_out), Step::Act(WorkspaceAction::Stop));
        assert_eq!(hold("IMPAIRED", always, kept_out), Step::Wait);
    }
    assert_eq!(hold("UNHEALTHY", auto, true), Step::Act(WorkspaceAction::Stop), "stopped is enough");
    assert_eq!((hold("ERROR", auto, false), hold("STOPPED", always, false)), (Step::Wait, Step::Wait));
    for state in ["UNHEALTHY", "IMPAIRED", "ERROR"] {
        assert!(is_stuck(state, auto, false) && is_stuck(state, always, true), "{state}");
        assert_eq!(terminate(state, always), Step::Act(WorkspaceAction::Terminate));
    }
    assert!(is_stuck("STOPPED", always, false) && !is_stuck("STOPPED", auto, false) && !is_stuck("STOPPED", always, true));
    for state in ["AVAILABLE", "STARTING", "MAINTENANCE", "SUSPENDED", "ADMIN_MAINTENANCE"] {
        assert!(!is_stuck(state, always, false), "{state}");
    }
}

#[test]
fn a_stopped_desktop_is_started_to_be_closed_unless_its_user_is_kept_out() {
    let (auto, always) = (Some(RunningMode::AutoStop { hours: 1 }), Some(RunningMode::AlwaysOn));
    assert_eq!(hold("STOPPED", auto, false), Step::Act(WorkspaceAction::Start));
    assert_eq!(hold("STARTING", auto, false), Step::Wait);
    assert_eq!(hold("AVAILABLE", auto, false), Step::Act(WorkspaceAction::MaintenanceOn));
    assert_eq!(hold("AVAILABLE", always, false), Step::Act(WorkspaceAction::MaintenanceOn));
    assert_eq!(hold("ADMIN_MAINTENANCE", auto, false), Step::Done);
    assert_eq!(hold("STOPPED", auto, true), Step::Done);
    assert_eq!(hold("AVAILABLE", auto, true), Step::Act(WorkspaceAction::Stop));
    assert_eq!(hold("AVAILABLE", always, true), Step::Act(WorkspaceAction::MaintenanceOn));
    assert_eq!(hold("REBUILDING", auto, true), Step::Wait);
    assert_eq!(hold("TERMINATED", auto, true), Step::Gone);
    assert_eq!(open("ADMIN_MAINTENANCE"), Step::Act(WorkspaceAction::MaintenanceOff));
    assert_eq!((open("STOPPED"), open("TERMINATING")), (Step::Done, Step::Gone));
    assert_eq!(terminate("ADMIN_MAINTENANCE", auto), Step::Act(WorkspaceAction::Terminate));
    assert_eq!((terminate("SUSPENDED", auto), terminate("TERMINATED", auto)), (Step::Wait, Step::Done));
}

#[test]
fn a_domain_that_has_lost_everybody_is_not_believed() {
    let at_first = |desktops, without, new| believable(desktops, without, new, false);
    assert!(at_first(3_000, 20, 20) && at_first(40, 5, 5) && at_first(1, 1, 1));
    assert!(!at_first(3_000, 3_000, 3_000) && !at_first(3_000, 301, 301) && !at_first(3, 3, 1));
    assert!(at_first(3_000, 900, 300), "what was known before does not count again");
    assert!(at_first(2, 2, 0), "nothing new is nothing to doubt");
    assert!(believable(3_000, 301, 301, true), "said a second time");
    assert!(!believable(3_000, 3_000, 3_000, true), "everybody never");
}

#[test]
fn names_round_trip() {
    assert!(State::ALL.into_iter().all(|state| State::from_db(state.as_str()) == Some(state)));
    assert!(Cause::ALL.into_iter().all(|cause| Cause::from_db(cause.as_str()) == Some(cause)));
    assert!(Decision::ALL.into_iter().all(|decision| Decision::parse(decision.as_str()) == Some(decision)));
}

#[derive(Debug, Clone, Copy)]
enum Happening {
    Days(u64),
    Decision(usize, bool),
    /// AWS shows what was asked for.
    Aws,
    /// AWS shows a state in which it closes nothing.
    Stuck,
    Stays,
    /// A temporary desktop's day is near.
    GivesWay(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0_u64..9).prop_map(Happening::Days),
        (0..Decision::ALL.len(), any::<bool>()).prop_map(|(which, staff)| Happening::Decision(which, staff)),
        Just(Happening::Aws),
        Just(Happening::Stuck),
        Just(Happening::Stays),
        (0_u64..30).prop_map(Happening::GivesWay),
    ]
}

/// An ending with what has to be remembered to judge it.
struct Watched {
    course: Course,
    today: u64,
    /// When AWS was first asked for the hold, and the day from which it counts.
    asked: u64,
    counts: u64,
    /// Somebody said that it is terminated.
    said: bool,
    undone: Option<u64>,
    undone_by_owner: usize,
    /// The last day that somebody agreed on, or that an undo gave.
    open_until: Option<u64>,
}

impl Watched {
    fn new(cause: Cause, end: u64) -> Self {
        let open_until = (cause == Cause::Temporary).then_some(end);
        let course = Course::begin(cause, open_until.map(day));
        Self { course, today: 0, asked: 0, counts: 0, said: false, undone: None, undone_by_owner: 0, open_until }
    }

    fn becomes(&mut self, after: Course) {
        if after.state == State::Holding && self.course.state != State::Holding {
            self.asked = self.today;
        }
        self.course = after;
    }

    fn decide(&mut self, decision: Decision, staff: bool) {
        let before = self.course;
        let Some(after) = before.decide(decision, staff, day(self.today)) else { return };
        self.said = match decision {
            Decision::LetGo => true,
            Decision::Undo | Decision::Hold => false,
            Decision::Keep => self.said,
        };
        if decision == Decision::Undo && !before.state.is_ahead() {
            self.undone = Some(self.today);
            if before.cause == Cause::Temporary {
                self.undone_by_owner += usize::from(!staff);
                self.open_until = self.open_until.map(|until| until.max(self.today + GRACE));
            }
        }
        self.becomes(after);
    }

    fn happens(&mut self, happening: Happening) {
        let now = day(self.today);
        match happening {
            Happening::Days(days) => self.today += days,
            Happening::Decision(which, staff) => self.decide(Decision::ALL[which], staff),
            Happening::Aws if matches!(self.course.state, State::Holding | State::Opening | State::Terminating) => {
                self.counts = self.today;
                self.becomes(self.course.done(now));
            }
            Happening::Stuck => {
                if let Some(after) = self.course.unclosed(day(self.asked), now) {
                    if after.state == State::Holding {
                        self.counts = self.asked.max(self.today - 1);
                    } else {
                        self.check_termination();
                    }
                    self.becomes(after);
                }
            }
            Happening::Stays => self.becomes(self.course.stays(State::Extended).unwrap_or(self.course)),
            Happening::GivesWay(end) => {
                if let Some(after) = self.course.gives_way(day(end)) {
                    self.open_until = Some(end);
                    self.becomes(after);
                }
            }
            Happening::Aws => {}
        }
        if let Some(state) = self.course.on(day(self.today)) {
            if state == State::Terminating {
                self.check_termination();
            }
            self.becomes(Course { state, ..self.course });
        }
    }

    /// It was held for seven days, all of them after the last undo, and for a reason.
    fn check_termination(&self) {
        assert!(self.today >= self.counts + HOLD && self.counts >= self.asked);
        assert!(self.undone.is_none_or(|undone| self.counts >= undone));
        assert!(self.said || self.open_until.is_some_and(|until| self.today > until));
    }

    fn check(&self) {
        let course = self.course;
        assert_eq!(course.state == State::Opening, course.opens_to.is_some());
        assert_eq!(course.cause == Cause::Temporary, course.ends_on.is_some());
        assert!(self.undone_by_owner <= 1);
        assert_eq!(course.ends_on, self.open_until.map(day), "nobody but the rules gives a temporary one more time");
        if course.state.is_ahead() {
            assert!(course.ends_on.is_none_or(|end| day(self.today) <= end), "it is not open beyond its last day");
        }
        if course.state.is_over() {
            assert!(course.decisions(true, day(self.today)).is_empty() && course.on(day(self.today + 100)).is_none());
            assert_eq!(course.unclosed(day(0), day(self.today)), None);
        }
    }
}

proptest! {
    #[test]
    fn nothing_is_terminated_before_seven_days_of_hold_and_without_a_reason(
        cause in 0..Cause::ALL.len(),
        end in 0_u64..30,
        happenings in prop::collection::vec(happening(), 0..40),
    ) {
        let mut watched = Watched::new(Cause::ALL[cause], end);
        for happening in happenings {
            watched.happens(happening);
            watched.check();
        }
    }

    #[test]
    fn a_temporary_desktop_that_nobody_keeps_or_extends_ends(
        end in 0_u64..30,
        decisions in prop::collection::vec((0..Decision::ALL.len(), any::<bool>(), 0_u64..9), 0..20),
        closes in any::<bool>(),
    ) {
        let mut watched = Watched::new(Cause::Temporary, end);
        for (which, staff, days) in decisions {
            if Decision::ALL[which] != Decision::Keep {
                watched.happens(Happening::Decision(which, staff));
            }
            watched.happens(Happening::Aws);
            watched.happens(Happening::Days(days));
        }
        // From now on nobody does anything, and AWS closes desktops or can't.
        for _ in 0..60 {
            let aws = if closes || watched.course.state != State::Holding { Happening::Aws } else { Happening::Stuck };
            watched.happens(aws);
            watched.happens(Happening::Days(1));
        }
        prop_assert_eq!(watched.course.state, State::Terminated);
    }
}
