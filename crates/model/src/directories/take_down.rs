//! Taking a directory down, in AWS's order: its WorkSpaces end, IP access groups come off, WorkSpaces lets go of it, Directory
//! Service deletes the connector (WorkSpaces Admin Guide, `delete-workspaces-directory`).

use serde::{Deserialize, Serialize};

use super::{Directory, Trouble};
use crate::{BatchId, DirectoryId, Error, FieldError, Result, Stamp};

/// Where taking down is. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakeDownStep {
    /// Its WorkSpaces are terminated, until AWS shows none.
    Terminate,
    /// IP access groups are taken off.
    IpGroups,
    /// WorkSpaces deregisters it, until AWS shows it no more.
    Deregister,
    /// Directory Service deletes the connector, until AWS shows it no more.
    Delete,
    Done,
    /// Somebody stopped it before it was done.
    Stopped,
}

impl TakeDownStep {
    /// Those that ask something of AWS, in its order.
    pub const WORK: [Self; 4] = [Self::Terminate, Self::IpGroups, Self::Deregister, Self::Delete];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Terminate => "terminate",
            Self::IpGroups => "ip_groups",
            Self::Deregister => "deregister",
            Self::Delete => "delete",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::WORK.into_iter().chain([Self::Done, Self::Stopped]).find(|step| step.as_str() == text)
    }

    /// The line of the checklist.
    pub fn label(self) -> &'static str {
        match self {
            Self::Terminate => "Terminate its WorkSpaces",
            Self::IpGroups => "Take its IP access groups off",
            Self::Deregister => "Deregister it from WorkSpaces",
            Self::Delete => "Delete the AD Connector",
            Self::Done => "Done",
            Self::Stopped => "Stopped",
        }
    }

    /// What it means, and how long it may take.
    pub fn explains(self) -> &'static str {
        match self {
            Self::Terminate => "With everything on them. AWS takes about five minutes for each batch.",
            Self::IpGroups => "The groups themselves stay; other directories may use them.",
            Self::Deregister => "Its registration code ends. It takes a few minutes.",
            Self::Delete => {
                "AWS first has to release it from WorkSpaces, which can take up to an hour. Active Directory itself is not touched; computer objects of old WorkSpaces stay there."
            }
            Self::Done => "AWS shows the directory no more.",
            Self::Stopped => "What was done until then stays done.",
        }
    }

    /// What comes after it.
    pub fn next(self) -> Self {
        match self {
            Self::Terminate => Self::IpGroups,
            Self::IpGroups => Self::Deregister,
            Self::Deregister => Self::Delete,
            Self::Delete | Self::Done => Self::Done,
            Self::Stopped => Self::Stopped,
        }
    }

    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Stopped)
    }
}

/// Why it stands still until somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Halt {
    /// There are WorkSpaces that nobody has said may be terminated, or that could not be.
    WorkspacesLeft,
    /// AWS has not released the connector within [`TakeDown::RELEASE_MINUTES`].
    NotReleased,
    /// AWS refuses the step for a reason that does not pass by itself.
    Refused,
}

impl Halt {
    const ALL: [Self; 3] = [Self::WorkspacesLeft, Self::NotReleased, Self::Refused];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorkspacesLeft => "workspaces_left",
            Self::NotReleased => "not_released",
            Self::Refused => "refused",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|halt| halt.as_str() == text)
    }

    /// What happened, what was kept, what to do.
    pub fn explain(self) -> &'static str {
        match self {
            Self::WorkspacesLeft => {
                "There are WorkSpaces in the directory that nobody has confirmed, or whose termination failed. Nothing more was done. Say below that they may be terminated too, or stop here."
            }
            Self::NotReleased => {
                "AWS has not released the connector for an hour, though WorkSpaces has let go of it. Nothing is lost. Try again; if it stays so, AWS Support can release it."
            }
            Self::Refused => {
                "AWS refuses this step; its words are beside this. What was done until here stays done. Put the cause right and go on, or stop here."
            }
        }
    }
}

/// A directory that is taken down, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeDown {
    pub directory: DirectoryId,
    /// The domain's DNS name.
    pub name: String,
    pub step: TakeDownStep,
    /// Since when it is at this step.
    pub since: Stamp,
    /// It stands still until somebody decides.
    pub halt: Option<Halt>,
    /// What AWS said last, or what is waited for; for staff.
    pub note: Option<String>,
    pub asked_by: String,
    pub asked: Stamp,
    pub reason: String,
    /// How many WorkSpaces were confirmed, all in all.
    pub confirmed: i64,
    /// How their termination is going, where there were some.
    pub batch: Option<BatchId>,
    /// The step it was at when it was stopped.
    pub stopped_at: Option<TakeDownStep>,
}

impl TakeDown {
    /// As the start page shows one that stands still.
    pub fn trouble(&self) -> Option<Trouble> {
        let halt = self.halt?;
        let (id, name) = (self.directory.clone(), self.name.clone());
        Some(Trouble { id, name, state: "Taking down stands still".to_owned(), what_to_do: halt.explain().to_owned() })
    }

    /// How long AWS may take to release a connector (WorkSpaces Admin Guide, `delete-workspaces-directory`: "wait 30 to 60
    /// minutes").
    pub const RELEASE_MINUTES: i64 = 60;

    /// How far a line of the checklist is: `None` before it, `Some(false)` at it, `Some(true)` when it is done.
    pub fn progress(&self, line: TakeDownStep) -> Option<bool> {
        let at = self.stopped_at.unwrap_or(self.step);
        match line.cmp(&at) {
            std::cmp::Ordering::Less => Some(true),
            std::cmp::Ordering::Equal => Some(false),
            std::cmp::Ordering::Greater => None,
        }
    }
}

/// What taking a directory down would do, before anybody has said yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeDownPlan {
    pub directory: Directory,
    /// WorkSpaces in it, as the mirror knows them.
    pub workspaces: i64,
    /// Rows of launches that are on their way to it.
    pub launching: i64,
    /// The names of its IP access groups.
    pub ip_groups: Vec<String>,
}

impl TakeDownPlan {
    /// Why it can't begin now.
    pub fn why_not(&self) -> Option<String> {
        if self.launching > 0 {
            let rows = if self.launching == 1 { "1 person is".to_owned() } else { format!("{} people are", self.launching) };
            return Some(format!(
                "{rows} being launched into it. Wait until that is over, or cancel it on the launch\u{2019}s page."
            ));
        }
        (self.directory.stage == "Deleting").then(|| "AWS is deleting it already.".to_owned())
    }
}

/// The answer to the plan, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeDownForm {
    /// The directory's name.
    #[serde(default)]
    pub name: String,
    /// How many WorkSpaces may be terminated.
    #[serde(default)]
    pub count: String,
    #[serde(default)]
    pub reason: String,
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

impl TakeDownForm {
    /// The reason, if the name was typed, and the number of WorkSpaces where there are some.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `name`, `count` and `reason`.
    pub fn agree(&self, name: &str, workspaces: i64) -> Result<String> {
        let mut fields = Vec::new();
        let mut wrong = |field: &str, message: String| fields.push(FieldError { field: field.to_owned(), message });
        if !self.name.trim().trim_end_matches('.').eq_ignore_ascii_case(name) {
            wrong("name", format!("Type the directory\u{2019}s name, {name}. Nothing was done."));
        }
        if let Err(error) = agree_count(&self.count, workspaces) {
            wrong("count", error);
        }
        let reason = self.reason.trim();
        match reason.chars().count() {
            ..3 => wrong("reason", "Say in a few words why. The record keeps it.".to_owned()),
            length if length > LONGEST_REASON => {
                wrong("reason", format!("The reason has at most {LONGEST_REASON} characters."));
            }
            _ => {}
        }
        if fields.is_empty() { Ok(reason.replace('\0', "")) } else { Err(Error::Invalid { fields }) }
    }
}

/// Whether the number of WorkSpaces that may be terminated was typed.
fn agree_count(typed: &str, workspaces: i64) -> std::result::Result<(), String> {
    if workspaces == 0 || typed.trim().parse() == Ok(workspaces) {
        return Ok(());
    }
    let are = if workspaces == 1 { "is 1 WorkSpace".to_owned() } else { format!("are {workspaces} WorkSpaces") };
    Err(format!("There {are} in it, and all are terminated. Type {workspaces} if that is meant. Nothing was done."))
}

/// Whether the number of further WorkSpaces was typed, so that it may go on.
///
/// # Errors
/// [`Error::Invalid`] on `count`.
pub fn agree_further(typed: &str, workspaces: i64) -> Result<()> {
    agree_count(typed, workspaces).map_err(|message| Error::invalid("count", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, count: &str, reason: &str) -> TakeDownForm {
        TakeDownForm { name: name.into(), count: count.into(), reason: reason.into() }
    }

    fn wrong(form: &TakeDownForm, workspaces: i64) -> Vec<String> {
        match form.agree("corp.example.com", workspaces) {
            Ok(_) => Vec::new(),
            Err(Error::Invalid { fields }) => fields.into_iter().map(|field| field.field).collect(),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn steps_follow_each_other_to_the_end() {
        let way: Vec<_> =
            std::iter::successors(Some(TakeDownStep::Terminate), |step| (!step.is_over()).then(|| step.next())).collect();
        assert_eq!(way.len(), 5);
        assert_eq!(way.last(), Some(&TakeDownStep::Done));
        assert!(way.iter().chain([&TakeDownStep::Stopped]).all(|step| TakeDownStep::from_db(step.as_str()) == Some(*step)));
        assert!(Halt::ALL.into_iter().all(|halt| Halt::from_db(halt.as_str()) == Some(halt)));
    }

    #[test]
    fn name_number_and_reason_are_typed() {
        assert!(wrong(&form(" Corp.Example.com ", "12", "office closed"), 12).is_empty());
        assert!(wrong(&form("corp.example.com", "", "office closed"), 0).is_empty());
        assert_eq!(wrong(&form("corp", "", ""), 0), ["name", "reason"]);
        for typed in ["", "11", "-12", "all", "12.0"] {
            assert_eq!(wrong(&form("corp.example.com", typed, "office closed"), 12), ["count"], "{typed}");
        }
        assert_eq!(wrong(&form("corp.example.com", "", &"x".repeat(501)), 0), ["reason"]);
    }

    #[test]
    fn what_was_done_before_a_stop_stays_on_the_list() {
        let stamp = Stamp { local: String::new(), ago: String::new(), utc: String::new(), machine: String::new() };
        let down = TakeDown {
            directory: "d-906731a2b4".parse().unwrap(),
            name: "corp.example.com".into(),
            step: TakeDownStep::Stopped,
            since: stamp.clone(),
            halt: None,
            note: None,
            asked_by: "Ada".into(),
            asked: stamp,
            reason: "closed".into(),
            confirmed: 0,
            batch: None,
            stopped_at: Some(TakeDownStep::Deregister),
        };
        let lines: Vec<_> = TakeDownStep::WORK.into_iter().map(|line| down.progress(line)).collect();
        assert_eq!(lines, [Some(true), Some(true), Some(false), None]);
    }
}
