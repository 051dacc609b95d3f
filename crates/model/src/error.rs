//! What can go wrong, in words for people. The cause (SQL, AWS, LDAP text) is logged by the server and never travels here.

use serde::{Deserialize, Serialize};

use crate::access::Role;

/// The result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// An outcome that a person has to be told about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// What was typed breaks a rule; each entry names its field.
    #[error("{}", list_fields(.fields))]
    Invalid { fields: Vec<FieldError> },
    /// Nobody is signed in, or the session has ended.
    #[error("You are not signed in, or your session has ended. Nothing was changed. Sign in and try again.")]
    SignIn,
    /// The actor lacks the role; `needs` lists the roles of which any one would do.
    #[error("Your role does not allow this. Nothing was changed. It needs the role {}.", list_roles(.needs))]
    NotAllowed { needs: Vec<Role> },
    /// There is no such thing, or it is not the actor's to see.
    #[error("There is nothing here. It may have been removed, or the link may be incomplete.")]
    NotFound,
    /// The thing is in a state that does not allow the act.
    #[error("{}", .code.explain())]
    Conflict { code: Conflict },
    /// Too many at once; trying again after the given time will do.
    #[error("Too much is going on right now. Nothing was changed. Try again in {retry_after_seconds} seconds.")]
    Busy { retry_after_seconds: u32 },
    /// AWS did not do it; in plain words, with what it said.
    #[error("{why}")]
    Refused { why: String },
    /// A part that Frontdesk depends on does not answer.
    #[error("{part} does not answer. What you entered is kept. Try again in a minute.")]
    Unavailable { part: Part },
    /// A fault of ours; the request id finds it in the log.
    #[error("Frontdesk made a mistake here. What was saved before is kept. Tell your administrator the number {request_id}.")]
    Internal { request_id: String },
}

impl Error {
    /// One field broke one rule.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { fields: vec![FieldError { field: field.into(), message: message.into() }] }
    }

    /// The thing's state does not allow the act.
    pub fn conflict(code: Conflict) -> Self {
        Self::Conflict { code }
    }
}

fn list_fields(fields: &[FieldError]) -> String {
    fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" ")
}

fn list_roles(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" or ")
}

/// A rule that a form field breaks. `field` is the field's form name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

/// A part outside Frontdesk, as people know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Frontdesk's own server, as the browser sees it.
    Frontdesk,
    ActiveDirectory,
    Aws,
    Mail,
    Database,
    SignInProvider,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Frontdesk => "Frontdesk",
            Self::ActiveDirectory => "Active Directory",
            Self::Aws => "AWS",
            Self::Mail => "The mail service",
            Self::Database => "The database",
            Self::SignInProvider => "The sign-in service",
        })
    }
}

/// Why a state does not allow an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// The draft was launched already; the launch has the draft's id.
    DraftLaunched,
    /// The draft is not what was looked at any more.
    DraftChanged,
    /// The directory left the state in which it can take launches.
    DirectoryNotReady,
    /// The row is not in a state from which it can be tried again.
    NotRetryable,
    /// The row was already sent to AWS.
    NotCancelable,
    /// The launch does not wait to be resumed.
    NotPaused,
    /// The WorkSpace is not there (any more).
    WorkspaceGone,
    /// The WorkSpace is in a state in which its user could not use it.
    WorkspaceNotReady,
    /// Something else is being done to one of the WorkSpaces.
    ActionUnderWay,
    /// Nothing can be done to any of the WorkSpaces as they are now.
    NothingToAct,
    /// All of the batch was sent already.
    BatchSent,
    /// Active Directory does not know the person (any more).
    PersonGone,
    /// The person has no mail address in Active Directory.
    NoMailAddress,
    /// It is known whether the mail was sent, or somebody has decided.
    Decided,
    /// An invitation to this WorkSpace is on its way.
    InvitationUnderWay,
    /// The list holds as many people as one launch can.
    TooManyPeople,
    /// AWS is being asked for a connector to this domain, or was.
    ConnectUnderWay,
    /// A connector to this domain is being made in this VPC.
    ConnectorBeingMade,
    /// AWS may or may not have done it.
    AnswerLost,
    /// The directory is registered with WorkSpaces, on the way, or not Active.
    NotRegistrable,
    /// The directory is not registered with WorkSpaces, or not whole.
    NotRegistered,
    /// The directory is taken down already, or can't be now.
    NotTakenDown,
    /// What was looked at has gone on meanwhile.
    TakeDownChanged,
    /// A DNS address of this directory is being changed.
    DnsChangeUnderWay,
    /// The DNS change is at another step by now.
    DnsChangeMoved,
    /// The directory's DNS addresses can't be changed in its stage.
    DnsNotChangeable,
    /// The request is not what was looked at any more.
    RequestChanged,
    /// What is asked for costs something else by now, or is another version.
    RequestPriced,
    /// The request can't be changed in its state.
    RequestDecided,
    /// The rules being written are not what was looked at any more.
    RulesChanged,
    /// The cost centre was changed since it was looked at.
    CostCentreChanged,
    /// The ending has gone on since it was looked at, or can't be decided so.
    EndingChanged,
    /// Somebody else changed the offering since the page was shown.
    OfferingChanged,
    /// The draft of an offering was published already.
    OfferingPublished,
}

impl Conflict {
    /// What happened, what was kept, what to do.
    pub fn explain(self) -> &'static str {
        match self {
            Self::DraftLaunched => "This launch was already started. Nothing was started twice. Open it to see how far it is.",
            Self::DraftChanged => {
                "This draft was changed elsewhere since the page was shown. Nothing was sent. Reload the page and look again."
            }
            Self::DirectoryNotReady => {
                "This directory can't take launches right now. Your draft is kept. Choose another directory or wait until it is registered and Active."
            }
            Self::NotRetryable => {
                "This row can't be tried again in its state. Nothing was changed. Reload the page to see where it is."
            }
            Self::NotCancelable => {
                "This row was already sent to AWS. It goes on. Terminate the WorkSpace once it is there if it is not wanted."
            }
            Self::NotPaused => "This launch does not wait any more: somebody has resumed it. Reload the page.",
            Self::Decided => {
                "Somebody has decided this already, or it is known by now whether the mail was sent. Nothing was changed. Reload the page to see who and why."
            }
            Self::WorkspaceGone => "This WorkSpace is not there any more. Nothing was sent. Reload the page.",
            Self::WorkspaceNotReady => {
                "This WorkSpace can't be used in its state. Nothing was sent. Invite its user once it is AVAILABLE or STOPPED."
            }
            Self::ActionUnderWay => {
                "Somebody has just asked for another action on one of these WorkSpaces. Nothing was done. Reload the page to see which."
            }
            Self::NothingToAct => {
                "As they are now, this can be done to none of these WorkSpaces. Nothing was done. Reload the page to see why."
            }
            Self::BatchSent => "All of it was sent to AWS already. It goes on. Reload the page to see how far it is.",
            Self::PersonGone => {
                "This person is not in Active Directory any more. Nothing was sent. Look there whether the account was renamed or removed."
            }
            Self::NoMailAddress => {
                "This person has no email address in Active Directory. Nothing was sent. Add one there and try again."
            }
            Self::InvitationUnderWay => {
                "An invitation to this WorkSpace is already on its way. No second one was sent. Wait until it is sent, then send again if needed."
            }
            Self::TooManyPeople => {
                "A launch can hold 5,000 people at most. The list is kept as it was. Start a second launch for the others."
            }
            Self::ConnectUnderWay => {
                "AWS is being asked for a connector to this domain already, by you or by somebody else. Nothing was asked twice. Look at Directories to see how far it is."
            }
            Self::NotRegistrable => {
                "This directory can\u{2019}t be registered now: it is registered already, on the way, or not Active. Nothing was sent to AWS. Look at its page."
            }
            Self::NotRegistered => {
                "This directory is not registered with WorkSpaces, or that is still under way. Nothing was sent to AWS. Look at its page."
            }
            Self::NotTakenDown => {
                "Taking this directory down can\u{2019}t begin: it has begun already, or people are being launched into it. Nothing was done. Reload the page to see which."
            }
            Self::TakeDownChanged => {
                "This has gone on, or was stopped, since the page was shown. Nothing was done. Reload the page to see where it is."
            }
            Self::DnsChangeUnderWay => {
                "A DNS server of this directory is being changed already, by you or by somebody else. Nothing was begun. AWS allows one at a time: open that change and finish it first."
            }
            Self::DnsChangeMoved => {
                "This DNS change is at another step by now: somebody else was faster, or AWS has shown something new. Nothing was changed. Reload the page and look again."
            }
            Self::DnsNotChangeable => {
                "This directory\u{2019}s DNS servers can\u{2019}t be changed in its stage. Nothing was begun. Look at its page, and begin once it is Active."
            }
            Self::RequestChanged => {
                "This request has gone on since the page was shown: somebody else has decided, or it was changed. Nothing was done. Reload the page and look again."
            }
            Self::RequestPriced => {
                "What is asked for was changed, or costs something else, since the page was shown. Nothing was handed in, and your draft is kept. Look at the check again."
            }
            Self::RequestDecided => {
                "This request is decided, or was taken back. Nothing was changed. Reload the page to see who decided and why."
            }
            Self::RulesChanged => {
                "Somebody else has changed these rules since the page was shown. Nothing was saved. Reload the page and look again."
            }
            Self::CostCentreChanged => {
                "Somebody else has changed this cost centre since you opened it. Nothing was saved. Open it again and look at what it says now."
            }
            Self::OfferingPublished => {
                "This was published already. Nothing was changed. Look at the offering, and change it there if it is not right."
            }
            Self::EndingChanged => {
                "This desktop\u{2019}s end has gone on since the page was shown: somebody else has decided, or its day has come. Nothing was done. Reload the page and look again."
            }
            Self::OfferingChanged => {
                "Somebody else has changed this offering since you began. Nothing was published, and what you typed is kept. Look at the offering as it is now, then change it again."
            }
            Self::AnswerLost => {
                "AWS\u{2019}s answer was lost, so it may have done it or not. Frontdesk asks AWS how it stands, and shows that here within half a minute. Look again before you repeat it."
            }
            Self::ConnectorBeingMade => {
                "A connector to this domain is being made in this VPC, by you or by somebody else. Nothing was sent to AWS. Look at Directories to see how far it is."
            }
        }
    }
}
