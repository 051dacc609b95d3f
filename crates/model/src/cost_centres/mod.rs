//! Cost centres: who pays for desktops, and how much of them a month.

mod budget;
mod form;
pub mod ledger;

use serde::{Deserialize, Serialize};

pub use self::{
    budget::{Budget, Share, ShareKind},
    form::{Candidate, CostCentreDraft, CostCentreForm, Current, Values},
    ledger::{Fit, Standing},
};
use crate::{
    CostCentreId, FieldError, PersonGuid,
    money::{Currency, Money},
};

/// Who pays for desktops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostCentre {
    pub id: CostCentreId,
    /// As `departmentNumber` in Active Directory has it; compared without case.
    pub number: String,
    pub name: String,
    pub owner: Owner,
    /// What its desktops may cost a month; `None`: no cap.
    pub cap: Option<Money>,
    /// The currency of the cap, or in which it is counted.
    pub currency: Currency,
    /// New requests may name it.
    pub open: bool,
    /// Changes with every change.
    pub version: i32,
}

/// Whom a cost centre belongs to, as Active Directory had them when they were named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub guid: PersonGuid,
    pub account: String,
    pub name: String,
}

impl CostCentre {
    /// `4711 Engineering`.
    pub fn title(&self) -> String {
        format!("{} {}", self.number, self.name)
    }
}

/// What a list of them shows of one, all in words of the server's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostCentreRow {
    pub id: CostCentreId,
    pub number: String,
    pub name: String,
    pub owner: Owner,
    pub open: bool,
    pub version: i32,
    pub budget: Budget,
}

/// Which of them a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// In the number, the name or the owner's name.
    pub q: String,
    /// Those that are closed, too.
    pub closed: bool,
}

/// What a list of them came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub made: u32,
    pub changed: u32,
    /// Those that were so already.
    pub same: u32,
}

/// A list of them as it was sent and not taken, for whoever sent it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListDraft {
    pub text: String,
    /// What is wrong, line by line; none if it was not looked at to its end.
    pub problems: Vec<FieldError>,
}

/// Lines of a list of them.
pub const MOST_LINES: usize = 2_000;
