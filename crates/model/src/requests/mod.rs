//! Requests: a manager asks for desktops, the rules say who decides, and what was approved is launched. `form` is what is asked for,
//! `rules` and `stage` who decides, `process` what a decision leads to, `state` where all of it is, `page` what pages show, `numbers` what became
//! of it by the month; `patience` when somebody is reminded, `absence` who decides in whose place.

mod absence;
mod form;
mod numbers;
mod page;
mod patience;
pub mod process;
mod rule_form;
mod rule_page;
pub mod rules;
mod stage;
mod state;

pub use self::{
    absence::{Absence, AbsenceForm, AbsencePage, Away},
    form::{MOST_PEOPLE, RequestForm, Wanted, limit_error, people_error, words},
    numbers::{CentreCost, MONTHS, Month, Numbers, NumbersFile, Spread, heights},
    page::{
        Asked, Can, CheckRow, CheckStep, DesktopStep, DraftHead, DraftLine, Event, Filter, ItemView, PeopleStep, RequestPage,
        StageView, Step, Summary, Waiting, WayCounts,
    },
    patience::{Chase, Patience, Waited, working_days},
    rule_form::{Known, MOST_RULES, RuleForm, StageForm},
    rule_page::{RulePage, RuleSetView, RuleView, RulesPage, Trial, TrialRow},
    stage::{Barred, Deciders, MOST_STAGES, NotYours, StageKind, StandIn, deciders, escalated, may_decide},
    state::{EventKind, ItemState, Launched, Move, State, Way},
};
