//! What pages show of requests. Days, prices and sentences are written by the server.

use serde::{Deserialize, Serialize};

use super::{
    form::RequestForm,
    process::StageState,
    state::{EventKind, State, Way},
};
use crate::{
    FieldError, ItemId, LaunchId, OfferingId, Page, PersonGuid, RequestId, RequestItemId, Stamp,
    endings::Ending,
    offerings::Card,
    people::{Hits, Obstacles, Report},
};

/// The steps of asking, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    People,
    Desktop,
    Check,
}

impl Step {
    pub const ALL: [Self; 3] = [Self::People, Self::Desktop, Self::Check];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Desktop => "desktop",
            Self::Check => "check",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::People => "For whom",
            Self::Desktop => "What and why",
            Self::Check => "Check",
        }
    }
}

/// A request being written: what every step of it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftHead {
    pub id: RequestId,
    pub state: State,
    pub people: i64,
    pub form: RequestForm,
    /// What the last save found.
    pub errors: Vec<FieldError>,
    /// Another one after each change.
    pub version: i64,
    /// It was handed in before and is being changed.
    pub again: bool,
    /// Everybody on it has a desktop and is to keep it for longer, so there is nothing to choose.
    pub only_more_time: bool,
}

impl DraftHead {
    /// The first step that is not complete; `Check` when all are.
    pub fn furthest(&self) -> Step {
        if self.people == 0 {
            Step::People
        } else if self.form.offering.is_empty() || !self.errors.is_empty() {
            Step::Desktop
        } else {
            Step::Check
        }
    }
}

/// Somebody in a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub person: PersonGuid,
    pub name: String,
    pub account: String,
    pub department: Option<String>,
    /// Another offering than the request's.
    pub offering: Option<OfferingId>,
    /// Has a desktop, and is to keep it for longer.
    pub extends: bool,
}

/// The step "For whom".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleStep {
    pub draft: DraftHead,
    /// One page of one's own people, nearest first.
    pub reports: Page<(Report, Obstacles)>,
    /// Why not all of them are there, or why none could be read.
    pub reports_note: Option<String>,
    /// Whom the search found.
    pub found: Option<Hits>,
    /// What is wrong with the search.
    pub search_problem: Option<String>,
    pub chosen: Page<Asked>,
    /// Which of those shown are on the list.
    pub ticked: Vec<PersonGuid>,
}

/// The step "What and why".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesktopStep {
    pub draft: DraftHead,
    pub cards: Vec<Card>,
    /// Form value and text of each.
    pub cost_centres: Vec<(String, String)>,
    pub people: Page<Asked>,
    /// The first and the last day that can be chosen, as `2026-12-01`.
    pub first_day: String,
    pub last_day: String,
}

/// The step "Check": what would be handed in, and what would come of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStep {
    pub draft: DraftHead,
    pub rows: Vec<CheckRow>,
    pub needed_by: String,
    pub until: Option<String>,
    pub reason: String,
    pub cost_centre: String,
    /// `1,200.00 EUR a month`, or that it is not known.
    pub total: String,
    /// What is left of the budget, before and after.
    pub budget: String,
    /// Which rule decides, and why more is asked for than it says.
    pub rule: String,
    /// Who decides, in their order; nobody if it is decided at once.
    pub stages: Vec<StageView>,
    /// What keeps it from being handed in.
    pub problems: Vec<FieldError>,
    /// Versions and prices as they are shown here: what is handed in has to be the same.
    pub shown: String,
}

/// One person in the check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRow {
    pub person: PersonGuid,
    pub name: String,
    pub account: String,
    pub offering: String,
    pub price: String,
    pub obstacles: Obstacles,
}

/// A request in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub id: RequestId,
    /// `3 × Office desktop`.
    pub title: String,
    /// `Anna Nordwind and 2 others`.
    pub whom: String,
    pub requester: String,
    pub reason: String,
    pub state: State,
    pub asked: Stamp,
    pub needed_by: String,
    /// By the month, with the date of its sheet; `None` if not known.
    pub price: Option<String>,
    /// Whom it waits for.
    pub waiting_for: Option<String>,
    pub counts: WayCounts,
    pub version: i64,
}

/// How many people of a request are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayCounts {
    pub asked: i64,
    /// Approved, and on the way to a desktop.
    pub under_way: i64,
    pub invited: i64,
    pub signed_in: i64,
    /// Those whose desktops are terminated.
    pub ended: i64,
    pub looked_at: i64,
    /// Refused, set aside or not made.
    pub without: i64,
}

impl WayCounts {
    pub fn add(&mut self, way: Way) {
        *match way {
            Way::Asked => &mut self.asked,
            Way::Approved | Way::Launching | Way::Available => &mut self.under_way,
            Way::Invited => &mut self.invited,
            Way::SignedIn => &mut self.signed_in,
            Way::Ended => &mut self.ended,
            Way::LookedAt => &mut self.looked_at,
            Way::Refused | Way::Withdrawn | Way::SetAside | Way::NotMade => &mut self.without,
        } += 1;
    }

    pub fn total(&self) -> i64 {
        self.asked + self.under_way + self.invited + self.signed_in + self.ended + self.looked_at + self.without
    }

    /// Nothing more comes for anybody.
    pub fn is_over(&self) -> bool {
        self.signed_in + self.ended + self.without == self.total()
    }

    /// `2 of 3 signed in, 1 being looked at`.
    pub fn sentence(&self) -> String {
        let mut sentence = format!("{} of {} signed in", self.signed_in, self.total());
        let rest = [
            (self.invited, "invited"),
            (self.under_way, "under way"),
            (self.looked_at, "being looked at"),
            (self.ended, "ended"),
            (self.without, "without a desktop"),
        ];
        for (count, word) in rest.into_iter().filter(|(count, _)| *count > 0) {
            sentence.push_str(&format!(", {count} {word}"));
        }
        sentence
    }
}

/// One person's row of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemView {
    pub id: RequestItemId,
    pub person: PersonGuid,
    pub name: String,
    pub account: String,
    pub department: Option<String>,
    pub offering: OfferingId,
    pub offering_name: String,
    pub price: String,
    pub way: Way,
    /// Why the person is refused or set aside.
    pub note: Option<String>,
    /// For staff: where the desktop is made.
    pub launch: Option<(LaunchId, ItemId)>,
    /// Cheaper or equal offerings that may be given instead, for those who decide.
    pub instead: Vec<(OfferingId, String)>,
}

/// A stage of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageView {
    /// As the rule says it.
    pub kind: String,
    /// Who is asked, once it is known.
    pub who: Option<String>,
    pub state: StageState,
    pub since: Option<Stamp>,
    /// Why it was passed on.
    pub note: Option<String>,
    pub decided_by: Option<String>,
}

/// Something that happened to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub at: Stamp,
    pub by: String,
    pub what: EventKind,
    /// A reason, a question, an answer.
    pub note: Option<String>,
    /// The rule as it was when it decided.
    pub rule: Option<String>,
}

/// What the reader can do with a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Can {
    pub decide: bool,
    pub answer: bool,
    /// Edit and withdraw.
    pub change: bool,
    pub copy: bool,
}

/// One request, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestPage {
    pub summary: Summary,
    pub cost_centre: String,
    pub budget: Option<String>,
    pub until: Option<String>,
    pub rule: String,
    pub items: Vec<ItemView>,
    pub stages: Vec<StageView>,
    /// The newest first.
    pub events: Vec<Event>,
    /// The open question.
    pub question: Option<String>,
    /// When the desktops are made, if they wait for their day.
    pub launch_day: Option<String>,
    /// What is worth knowing about what was asked for, such as that it is not offered any more.
    pub notes: Vec<String>,
    pub can: Can,
    /// Why the reader, who may decide elsewhere, may not here.
    pub why_not: Option<String>,
    /// Ends of its desktops, the newest first.
    pub endings: Vec<Ending>,
}

/// What the list of requests is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Matches who asks, for whom, and the reason.
    pub q: String,
    pub state: Option<State>,
}

/// Requests for the start page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Those that wait for the reader's decision, the oldest first.
    pub to_decide: Vec<Summary>,
    pub to_decide_total: i64,
    /// The reader's own that were asked back.
    pub asked_back: Vec<Summary>,
    /// The reader's own that are under way, the newest first.
    pub mine: Vec<Summary>,
    pub drafts: Vec<DraftLine>,
    /// For those who see to them: approved, and not launched though their day has come.
    pub overdue: Vec<Summary>,
}

impl Waiting {
    pub fn is_empty(&self) -> bool {
        let lists = [&self.to_decide, &self.asked_back, &self.mine, &self.overdue];
        lists.into_iter().all(Vec::is_empty) && self.drafts.is_empty()
    }
}

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftLine {
    pub id: RequestId,
    pub people: i64,
    pub reason: String,
    pub changed: Stamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_success_is_said_as_one() {
        let mut counts = WayCounts::default();
        [Way::SignedIn, Way::SignedIn, Way::LookedAt, Way::SetAside, Way::Launching].into_iter().for_each(|way| counts.add(way));
        assert_eq!(counts.sentence(), "2 of 5 signed in, 1 under way, 1 being looked at, 1 without a desktop");
    }
}
