//! What pages show of endings. Days and prices are written by the server.

use serde::{Deserialize, Serialize};

use super::{Cause, Decision, State};
use crate::{EndingId, Page, PersonGuid, RequestId, Stamp, WorkspaceId};

/// What the list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Matches the user's name, the account or the WorkSpace.
    pub q: String,
    pub state: Option<State>,
    pub cause: Option<Cause>,
    /// Also those of which nothing more comes.
    pub over: bool,
}

/// One desktop that is to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    pub id: EndingId,
    pub workspace: WorkspaceId,
    pub directory_name: String,
    pub person: Option<PersonGuid>,
    pub name: String,
    pub user_name: String,
    pub cause: Cause,
    pub state: State,
    pub since: Stamp,
    pub noticed: Stamp,
    /// The last day of a temporary one.
    pub ends: Option<String>,
    /// The day on which it was held.
    pub held: Option<String>,
    /// AWS can't close it, and the days of its hold count all the same.
    pub unclosed: bool,
    /// The day on which its hold was last undone, of one that is open for a while.
    pub undone: Option<String>,
    /// The day on which it is terminated, if nothing is done.
    pub terminates: Option<String>,
    /// What it costs a month while it is there, with the date of that price, if it is known.
    pub cost: Option<String>,
    /// Why it does not go on.
    pub waits: Option<String>,
    pub decided_by: Option<String>,
    /// The request by which it came.
    pub request: Option<RequestId>,
    /// Another one after each change.
    pub version: i64,
}

/// The list, and what there is to say of the comparison with Active Directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub page: Page<Ending>,
    /// Why nothing was concluded, by directory.
    pub problems: Vec<String>,
}

/// One ending, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndingPage {
    pub ending: Ending,
    /// As AWS writes it.
    pub workspace_state: String,
    /// What the reader can decide.
    pub decisions: Vec<Decision>,
    /// The reader can ask for more time: the first day that makes sense, as `1 Dec 2026`.
    pub extend_from: Option<String>,
    /// A request for more time that is under way, or being written by the reader.
    pub extension: Option<RequestId>,
    /// The reader looks after desktops, and may follow links to them.
    pub staff: bool,
}

/// What waits for the reader's decision, the first few of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Of desktops that the reader asked for.
    pub mine: Vec<Ending>,
    pub mine_total: i64,
    /// Of people who have left.
    pub leavers: Vec<Ending>,
    pub leavers_total: i64,
    /// Those for which AWS has not done in a day what was asked for.
    pub stuck: Vec<Ending>,
    pub stuck_total: i64,
}

impl Waiting {
    pub fn is_empty(&self) -> bool {
        self.mine.is_empty() && self.leavers.is_empty() && self.stuck.is_empty()
    }
}
