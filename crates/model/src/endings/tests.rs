//! The rules of endings, and that no path leads to a termination without a hold of seven days and a reason for it.

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
        let held = Course { state: State::Held, held_on: Some(day(0)), ..course.decide(Decision::Hold, true).unwrap() };
        assert_eq!(held.on(day(4_000)), None, "held, and nobody said that it ends");
        let goes = held.decide(Decision::LetGo, true).unwrap();
        assert_eq!((goes.on(day(6)), goes.on(day(7))), (None, Some(State::Terminating)));
        assert_eq!(goes.decide(Decision::Undo, false).unwrap().opens_to, Some(State::Kept));
    }
}

#[test]
fn who_asked_for_a_temporary_one_lets_it_go_or_asks_for_more_time() {
    let course = Course { state: State::Asked, ..Course::begin(Cause::Temporary, Some(day(20))) };
    assert_eq!(course.decisions(false), [Decision::LetGo]);
    assert_eq!(course.decisions(true), [Decision::LetGo, Decision::Hold, Decision::Keep]);
    let gone = course.decide(Decision::LetGo, false).unwrap();
    assert_eq!((gone.state, gone.on(day(20)), gone.on(day(21))), (State::LetGo, None, Some(State::Holding)));
    assert_eq!(gone.decisions(false), [Decision::Undo]);
    let held = Course { state: State::Held, held_on: Some(day(21)), ..course };
    assert_eq!(held.decisions(false), [], "it goes after the hold as it is");
    let early = Course { held_on: Some(day(2)), ..held };
    assert_eq!((early.decisions(false), early.goes_on()), (vec![Decision::LetGo], Some(day(21))));
    assert_eq!(early.decide(Decision::LetGo, false).unwrap().goes_on(), Some(day(9)));
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
    Stays,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0_u64..9).prop_map(Happening::Days),
        (0..Decision::ALL.len(), any::<bool>()).prop_map(|(which, staff)| Happening::Decision(which, staff)),
        Just(Happening::Aws),
        Just(Happening::Stays),
    ]
}

proptest! {
    #[test]
    fn nothing_is_terminated_before_seven_days_of_hold_and_without_a_reason(
        cause in 0..Cause::ALL.len(),
        end in 0_u64..30,
        happenings in prop::collection::vec(happening(), 0..40),
    ) {
        let cause = Cause::ALL[cause];
        let ends_on = (cause == Cause::Temporary).then(|| day(end));
        let mut course = Course::begin(cause, ends_on);
        let (mut today, mut since_held, mut said) = (0, None, false);
        for happening in happenings {
            match happening {
                Happening::Days(days) => today += days,
                Happening::Decision(which, staff) => {
                    let decision = Decision::ALL[which];
                    if let Some(after) = course.decide(decision, staff) {
                        said = match decision { Decision::LetGo => true, Decision::Undo | Decision::Hold => false, Decision::Keep => said };
                        course = after;
                    }
                }
                Happening::Aws if course.state == State::Holding => {
                    course = Course { state: State::Held, held_on: Some(day(today)), ..course };
                    since_held = Some(today);
                }
                Happening::Aws if course.state == State::Opening => course.state = course.opens_to.unwrap(),
                Happening::Aws => {}
                Happening::Stays => course = course.stays(State::Extended).unwrap_or(course),
            }
            if let Some(state) = course.on(day(today)) {
                if state == State::Terminating {
                    prop_assert!(today >= since_held.unwrap() + HOLD);
                    prop_assert!(said || ends_on.is_some_and(|end| day(today) > end));
                }
                course.state = state;
            }
            prop_assert_eq!(course.state == State::Opening, course.opens_to.is_some() && !course.state.is_over());
            if course.state.is_over() {
                prop_assert!(course.decisions(true).is_empty() && course.on(day(today + 100)).is_none());
            }
        }
    }
}
