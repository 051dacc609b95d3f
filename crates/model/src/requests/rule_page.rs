//! What the pages of the rules show.

use serde::{Deserialize, Serialize};

use super::rule_form::RuleForm;
use crate::{FieldError, RequestId, RuleId, RuleSetId, Stamp};

/// One rule of a set as pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleView {
    pub id: RuleId,
    pub name: String,
    /// In plain words; what is typed is not right yet where there is none.
    pub text: Option<String>,
}

/// The rules that count, and those being written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesPage {
    pub on: Option<RuleSetView>,
    pub draft: Option<RuleSetView>,
    /// Earlier sets, the newest first.
    pub earlier: Vec<RuleSetView>,
    /// When somebody is reminded, and somebody else asked too: [`super::Patience::sentence`].
    pub patience: String,
}

/// A set of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSetView {
    pub id: RuleSetId,
    pub rules: Vec<RuleView>,
    pub by: String,
    /// When it was switched on, or last changed.
    pub at: Stamp,
    pub version: i64,
}

/// A rule being written, with what can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulePage {
    pub id: RuleId,
    pub form: RuleForm,
    pub errors: Vec<FieldError>,
    pub offerings: Vec<(String, String)>,
    pub cost_centres: Vec<(String, String)>,
    pub version: i64,
}

/// What the draft's rules would have said of past requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    pub rows: Vec<TrialRow>,
    /// How many would have been decided otherwise.
    pub different: i64,
}

/// One past request under both sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialRow {
    pub request: RequestId,
    pub title: String,
    pub requester: String,
    pub asked: Stamp,
    /// What the rules that count say of it.
    pub now: String,
    /// What the draft says of it.
    pub then: String,
    pub different: bool,
}
