//! The invitation: the mail with the registration code, its way, and the page its link opens. `hold`: what keeps all of them
//! back.

mod hold;

use serde::{Deserialize, Serialize};

pub use self::hold::{Held, Hold, is_used_up};
use crate::{
    DirectoryId, InvitationId, PersonGuid, Stamp, WorkspaceId,
    directories::{Devices, Language},
};

/// Where an invitation is. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its turn at the sending rate.
    Queued,
    /// Claimed; SES is being called.
    Sending,
    /// SES accepted it, which is not yet delivered.
    Sent,
    /// Whether SES accepted it is not known; never sent again by itself.
    Unconfirmed,
    /// SES refused it.
    Failed,
}

impl State {
    pub const ALL: [Self; 5] = [Self::Queued, Self::Sending, Self::Sent, Self::Unconfirmed, Self::Failed];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Unconfirmed => "unconfirmed",
            Self::Failed => "failed",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Sending => "Sending",
            Self::Sent => "Sent",
            Self::Unconfirmed => "Unconfirmed",
            Self::Failed => "Failed",
        }
    }

    pub fn gloss(self) -> &'static str {
        match self {
            Self::Queued => "waits to be sent",
            Self::Sending => "being handed to the mail service",
            Self::Sent => "accepted by the mail service",
            Self::Unconfirmed => "the mail service's answer was lost; it may or may not have been sent",
            Self::Failed => "the mail service refused it",
        }
    }
}

/// Invitations by state, and how many were opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub queued: i64,
    pub sent: i64,
    pub unconfirmed: i64,
    pub failed: i64,
    pub opened: i64,
}

/// One invitation, for staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    pub workspace: WorkspaceId,
    pub directory: DirectoryId,
    pub person: Option<PersonGuid>,
    pub name: String,
    pub account: String,
    pub mail: String,
    pub state: State,
    pub since: Stamp,
    pub asked_by: String,
    /// Why it was sent by hand; `None` for the one a launch sends.
    pub reason: Option<String>,
    pub sent: Option<Stamp>,
    pub first_opened: Option<Stamp>,
    pub opened: i32,
    /// A newer one took its place, and its link no longer works.
    pub superseded: bool,
    pub failure: Option<String>,
    /// What somebody decided when it was not known whether it was sent, with who, when and why: see [`Verdict::sentence`].
    pub decision: Option<String>,
}

impl Invitation {
    /// Whether somebody has to find out if it was sent. The update of `invitations::store::decide` asks the same.
    pub fn is_undecided(&self) -> bool {
        self.state == State::Unconfirmed && !self.superseded && self.decision.is_none()
    }

    /// Whether another one should take its place: this one may be lost, or was refused.
    pub fn needs_another(&self) -> bool {
        self.is_undecided() || (self.state == State::Failed && !self.superseded)
    }
}

/// What can be decided about a mail of which it is not known whether it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Somebody found out that it was sent.
    WasSent,
    /// Another one takes its place, to somebody who may have this one.
    SentAgain,
}

impl Verdict {
    pub const ALL: [Self; 2] = [Self::WasSent, Self::SentAgain];

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WasSent => "was_sent",
            Self::SentAgain => "sent_again",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == text)
    }

    /// `taken as sent by Helena Keller, 23 Nov 2026, 14:05: has the mail`.
    pub fn sentence(self, by: &str, at: &Stamp, reason: &str) -> String {
        let verdict = match self {
            Self::WasSent => "taken as sent",
            Self::SentAgain => "sent again",
        };
        format!("{verdict} by {by}, {}: {reason}", at.local)
    }
}

/// Invitations that wait for somebody, for the start page. Those to WorkSpaces that are gone wait for nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The oldest of which it is not known whether they were sent.
    pub undecided: Vec<Invitation>,
    pub undecided_total: i64,
    /// The newest that the mail service refused and that nobody sent again.
    pub refused: Vec<Invitation>,
    pub refused_total: i64,
    /// Sent more than three days ago and never opened.
    pub never_opened: i64,
    /// All that are queued, if SES takes none.
    pub held: Option<Held>,
}

/// What the list of invitations is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Matches name, account, address or WorkSpace id.
    pub q: String,
    pub state: Option<State>,
    /// Only those that were sent and whose link nobody opened.
    pub never_opened: bool,
}

/// What the welcome page shows. Nothing in it is about anybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    pub name: String,
    pub account: String,
    pub registration_code: Option<String>,
    pub readiness: Readiness,
    pub devices: Devices,
    /// The browser can be used with this WorkSpace.
    pub web: bool,
    pub contact: Contact,
    pub language: Language,
}

/// Whether the WorkSpace can be signed in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    Ready,
    /// Being created or started over; the page turns by itself.
    Preparing,
    /// Terminated, or about to be.
    Gone,
    /// Something the helpdesk has to look at.
    Trouble,
}

impl Readiness {
    /// From the state that the mirror knows; `None` is a WorkSpace that is gone.
    pub fn from_state(state: Option<&str>) -> Self {
        match state {
            None | Some("TERMINATED" | "TERMINATING") => Self::Gone,
            Some("PENDING" | "REBUILDING" | "RESTORING" | "SUSPENDED" | "MAINTENANCE" | "ADMIN_MAINTENANCE" | "UPDATING") => {
                Self::Preparing
            }
            Some("ERROR") => Self::Trouble,
            Some(_) => Self::Ready,
        }
    }
}

/// Whom an invited person calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub phone: Option<String>,
    pub mail: Option<String>,
    pub hours: Option<String>,
}

/// Why a welcome link does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkProblem {
    /// No such token; says the same for every guess.
    Unknown,
    Expired,
    /// A newer mail was sent.
    Superseded,
}

/// The reader's system, as far as the browser tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientSystem {
    Windows,
    MacOs,
    Linux,
    Ios,
    Android,
    Unknown,
}

impl ClientSystem {
    pub fn from_user_agent(agent: &str) -> Self {
        // The client is for iPads, not for iPhones; Chromebooks run the one for Android (AWS-documented client list).
        if agent.contains("iPad") {
            Self::Ios
        } else if agent.contains("iPhone") {
            Self::Unknown
        } else if agent.contains("Android") || agent.contains("CrOS") {
            Self::Android
        } else if agent.contains("Windows") {
            Self::Windows
        } else if agent.contains("Macintosh") {
            Self::MacOs
        } else if agent.contains("Linux") {
            Self::Linux
        } else {
            Self::Unknown
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Windows => "Windows",
            Self::MacOs => "macOS",
            Self::Linux => "Ubuntu Linux",
            Self::Ios => "iPad",
            Self::Android => "Android",
            Self::Unknown => "your computer",
        }
    }

    /// The client's URI scheme is not handled on Linux (WorkSpaces Admin Guide, `customize-workspaces-user-login`,
    /// lists Windows, macOS, Ubuntu, iPad, Android; the client's Linux build does not register it everywhere).
    pub fn opens_client_links(self) -> bool {
        !matches!(self, Self::Linux | Self::Unknown)
    }

    pub fn allowed(self, devices: Devices) -> bool {
        match self {
            Self::Windows => devices.windows,
            Self::MacOs => devices.macos,
            Self::Linux => devices.linux,
            Self::Ios => devices.ios,
            Self::Android => devices.android,
            Self::Unknown => true,
        }
    }
}

/// Where all clients are downloaded (WorkSpaces Admin Guide).
pub const CLIENT_DOWNLOADS: &str = "https://clients.amazonworkspaces.com/";
/// The documented entry of Web Access.
pub const WEB_CLIENT: &str = "https://clients.amazonworkspaces.com/webclient";

/// `workspaces://user@code`, which opens the client, registers the code and fills in the user name (WorkSpaces Admin
/// Guide, `customize-workspaces-user-login`). `None` if a part holds anything that does not belong there: the link goes
/// into a page as it is.
pub fn client_link(account: &str, code: &str) -> Option<String> {
    let code_fits = (1..=255).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let account_fits = (1..=63).contains(&account.len()) && account.bytes().all(|b| b.is_ascii_graphic());
    (code_fits && account_fits).then(|| format!("workspaces://{}@{code}", percent_encode(account)))
}

fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_links_hold_only_safe_parts() {
        assert_eq!(client_link("m.mueller-2", "WSfra+7KQ2MD").as_deref(), Some("workspaces://m.mueller-2@WSfra+7KQ2MD"));
        assert_eq!(client_link("a@b?c", "WSfra+7KQ2MD").as_deref(), Some("workspaces://a%40b%3Fc@WSfra+7KQ2MD"));
        for (account, code) in
            [("a", "x\" onclick="), ("a", ""), ("", "c"), ("a b", "c"), ("é", "c"), ("a", "c?MFACode=1"), ("a", "c/d")]
        {
            assert_eq!(client_link(account, code), None, "{account} {code}");
        }
    }

    #[test]
    fn the_readers_system_is_recognised() {
        let read = ClientSystem::from_user_agent;
        assert_eq!(read("Mozilla/5.0 (Windows NT 10.0; Win64; x64)"), ClientSystem::Windows);
        assert_eq!(read("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"), ClientSystem::MacOs);
        assert_eq!(read("Mozilla/5.0 (Linux; Android 15; Pixel 9)"), ClientSystem::Android);
        assert_eq!(read("Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X)"), ClientSystem::Ios);
        assert_eq!(read("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)"), ClientSystem::Unknown);
        assert_eq!(read("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)"), ClientSystem::Android);
        assert_eq!(read("Mozilla/5.0 (X11; Linux x86_64)"), ClientSystem::Linux);
        assert_eq!(read("curl/8"), ClientSystem::Unknown);
    }

    #[test]
    fn states_round_trip() {
        for state in State::ALL {
            assert_eq!(State::from_db(state.as_str()), Some(state));
        }
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::from_db(verdict.as_str()), Some(verdict));
        }
        assert_eq!(Readiness::from_state(Some("STOPPED")), Readiness::Ready);
        assert_eq!(Readiness::from_state(None), Readiness::Gone);
    }
}
