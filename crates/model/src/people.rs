//! People of the company's Active Directory, and the rules that say who can get a WorkSpace.

mod reports;

use serde::{Deserialize, Serialize};

pub use reports::{Cut, Report, Reports};

use crate::{
    DirectoryId, Error, PersonGuid, Result, WorkspaceId, directories::Freshness, dn, invitations::Invitation, launches,
    workspaces::Workspace,
};

/// A person as Frontdesk read them from Active Directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// `objectGUID`.
    pub guid: PersonGuid,
    /// `objectSid` in its text form, `S-1-5-21-…`.
    pub sid: Option<String>,
    /// The AD domain's DNS name; directories join it by this name.
    pub domain: String,
    /// `sAMAccountName`, which is the WorkSpace's UserName.
    pub account: String,
    /// `userPrincipalName`.
    pub upn: Option<String>,
    /// `displayName`, or else given and family name, or else the account.
    pub name: String,
    pub given_name: Option<String>,
    pub mail: Option<String>,
    pub department: Option<String>,
    pub title: Option<String>,
    /// `physicalDeliveryOfficeName`.
    pub office: Option<String>,
    pub phone: Option<String>,
    /// The common name of the entry that `manager` names.
    pub manager: Option<String>,
    /// Who pays for them: the one value of `departmentNumber`; `None` also if there are several.
    pub cost_centre: Option<String>,
    /// BCP 47, from `preferredLanguage`.
    pub language: Option<String>,
    /// The entry's distinguished name. The browser has no use for it.
    #[serde(skip)]
    pub dn: String,
    /// The distinguished name that `manager` holds; it may be of another domain.
    #[serde(skip)]
    pub manager_dn: Option<String>,
    pub standing: Standing,
}

/// The account's state, worked out from Active Directory's attributes at the time of reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub disabled: bool,
    pub locked_out: bool,
    pub expired: bool,
    pub must_change_password: bool,
    pub smart_card_required: bool,
    pub preauthentication_off: bool,
}

/// The attributes from which [`Standing`] follows, as Active Directory stores them.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountControl {
    pub user_account_control: u32,
    /// FILETIME (100 ns since 1601-01-01 UTC); 0 and `i64::MAX` mean never.
    pub account_expires: i64,
    /// FILETIME; 0 when not locked out.
    pub lockout_time: i64,
    /// FILETIME; 0 when the password must be changed at the next sign-in. `None` if it can't be read.
    pub pwd_last_set: Option<i64>,
}

impl AccountControl {
    const DISABLED: u32 = 0x2;
    const SMART_CARD_REQUIRED: u32 = 0x4_0000;
    const DONT_REQ_PREAUTH: u32 = 0x40_0000;
    /// Seconds between 1601-01-01 and 1970-01-01.
    const EPOCH_OFFSET: i64 = 11_644_473_600;

    /// `now` is in seconds since 1970-01-01 UTC. The rules are Microsoft's for these attributes; the lockout bit of
    /// userAccountControl is not maintained, so `lockoutTime` decides.
    pub fn standing(&self, now: i64) -> Standing {
        let filetime_now = now.saturating_add(Self::EPOCH_OFFSET).saturating_mul(10_000_000);
        let has = |bit: u32| self.user_account_control & bit != 0;
        Standing {
            disabled: has(Self::DISABLED),
            locked_out: self.lockout_time > 0,
            expired: !matches!(self.account_expires, 0 | i64::MAX) && self.account_expires < filetime_now,
            must_change_password: self.pwd_last_set == Some(0),
            smart_card_required: has(Self::SMART_CARD_REQUIRED),
            preauthentication_off: has(Self::DONT_REQ_PREAUTH),
        }
    }
}

/// Why a person can't be launched. Said on the row; the server enforces the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    Disabled,
    Expired,
    LockedOut,
    MustChangePassword,
    SmartCardRequired,
    PreauthenticationOff,
    NoMail,
    /// The address can't be written to: SES takes no line breaks, and only ASCII before the `@`.
    UnusableMail,
    /// WorkSpaces refuses the character in user names.
    AccountCharacter {
        character: char,
    },
    AccountLength,
    AlreadyHas {
        workspace: WorkspaceId,
    },
    /// A row of a launch that is still going on.
    BeingLaunched,
    /// The entry was deleted, or moved out of what Frontdesk may read.
    NotInDirectory,
    /// The entry stands outside of the organizational unit whose people the directory is for.
    OutOfScope,
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disabled => f.write_str("account disabled"),
            Self::Expired => f.write_str("account expired"),
            Self::LockedOut => f.write_str("account locked out"),
            Self::MustChangePassword => f.write_str("must change password at next sign-in, so can't sign in to a WorkSpace"),
            Self::SmartCardRequired => f.write_str("smart card required, so can't sign in with a password"),
            Self::PreauthenticationOff => f.write_str("Kerberos pre-authentication is off, so AD Connector can't sign them in"),
            Self::NoMail => f.write_str("no email address in Active Directory"),
            Self::UnusableMail => f.write_str("the email address in Active Directory can't be written to"),
            Self::AccountCharacter { character } => {
                write!(f, "the account name has {}, which WorkSpaces does not take", describe(*character))
            }
            Self::AccountLength => f.write_str("the account name is longer than WorkSpaces takes"),
            Self::AlreadyHas { workspace } => write!(f, "already has {workspace}"),
            Self::BeingLaunched => f.write_str("is being launched already"),
            Self::NotInDirectory => f.write_str("not in Active Directory any more"),
            Self::OutOfScope => f.write_str("not in the organizational unit that this directory is for"),
        }
    }
}

fn describe(character: char) -> String {
    match character {
        ' ' => "a space".to_owned(),
        other if other.is_control() => "a control character".to_owned(),
        other => format!("“{other}”"),
    }
}

/// Everything that keeps a person from getting a WorkSpace in one directory; empty means eligible.
pub type Obstacles = Vec<Obstacle>;

/// What the mirror knows of a person in one directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupancy {
    pub workspace: Option<WorkspaceId>,
    pub being_launched: bool,
}

/// Characters that AWS applications refuse in user names: Directory Service Admin Guide, AD Connector prerequisites.
const REFUSED_IN_ACCOUNTS: &str = " !\"#$%&'()*+,/:;<=>?@[\\]^`{|}~";

/// The longest UserName of CreateWorkspaces (workspaces service model).
const LONGEST_ACCOUNT: usize = 63;

/// Works out what keeps the person from getting a WorkSpace, the weightiest first. `scope`: the organizational unit that people of
/// the directory have to stand under, if there is one.
pub fn obstacles(person: &Person, occupancy: &Occupancy, scope: Option<&str>) -> Obstacles {
    let standing = person.standing;
    let mut found = Vec::new();
    let mut add = |applies: bool, obstacle: Obstacle| {
        if applies {
            found.push(obstacle);
        }
    };
    add(scope.is_some_and(|unit| !dn::is_under(&person.dn, unit)), Obstacle::OutOfScope);
    add(standing.disabled, Obstacle::Disabled);
    add(standing.expired, Obstacle::Expired);
    add(standing.locked_out, Obstacle::LockedOut);
    add(standing.must_change_password, Obstacle::MustChangePassword);
    add(standing.smart_card_required, Obstacle::SmartCardRequired);
    add(standing.preauthentication_off, Obstacle::PreauthenticationOff);
    found.extend(mail_obstacle(person.mail.as_deref()));
    found.extend(account_obstacle(&person.account));
    if let Some(workspace) = &occupancy.workspace {
        found.push(Obstacle::AlreadyHas { workspace: workspace.clone() });
    } else if occupancy.being_launched {
        found.push(Obstacle::BeingLaunched);
    }
    found
}

/// What keeps an invitation from being mailed to the address.
pub fn mail_obstacle(mail: Option<&str>) -> Option<Obstacle> {
    let Some(mail) = mail.filter(|mail| !mail.is_empty()) else { return Some(Obstacle::NoMail) };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;:\"()[]\\".contains(c);
    let usable = mail.len() <= 320
        && mail.chars().all(plain)
        && mail.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && local.is_ascii() && domain.contains('.') && !domain.contains('@') && !domain.ends_with('.')
        });
    (!usable).then_some(Obstacle::UnusableMail)
}

fn account_obstacle(account: &str) -> Option<Obstacle> {
    if account.is_empty() || account.len() > LONGEST_ACCOUNT {
        return Some(Obstacle::AccountLength);
    }
    account
        .chars()
        .find(|c| !c.is_ascii() || c.is_control() || REFUSED_IN_ACCOUNTS.contains(*c))
        .map(|character| Obstacle::AccountCharacter { character })
}

/// What somebody typed to find people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Everybody, page by page.
    All,
    /// People whose account, UPN, mail, display, given or family name starts with the term.
    Term(String),
}

impl Search {
    pub const SHORTEST: usize = 2;
    pub const LONGEST: usize = 100;

    /// Parses the search field.
    ///
    /// # Errors
    /// [`Error::Invalid`] on the field `q` for a term of fewer than 2 or more than 100 characters, or with a control
    /// character.
    pub fn parse(term: &str) -> Result<Self> {
        let term = term.trim();
        let length = term.chars().count();
        if length < Self::SHORTEST {
            return Err(Error::invalid("q", "Type at least 2 characters."));
        }
        if length > Self::LONGEST {
            return Err(Error::invalid("q", "Type at most 100 characters."));
        }
        if term.chars().any(char::is_control) {
            return Err(Error::invalid("q", "The search holds a character that can't be part of a name. Type it again."));
        }
        Ok(Self::Term(term.to_owned()))
    }
}

/// A person found, and whether they can be launched in the directory that was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub person: Person,
    pub obstacles: Obstacles,
}

/// One page of people. Active Directory counts nothing, so there is only a "next".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hits {
    pub hits: Vec<Hit>,
    /// 1-based.
    pub page: u32,
    pub more: bool,
}

/// One person with everything Frontdesk knows, for the helpdesk's commonest call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonPage {
    pub guid: PersonGuid,
    /// `None` if the person is not in Active Directory (any more), or if it does not answer.
    pub person: Option<Person>,
    /// Directories in which the person has a WorkSpace or could get one.
    pub places: Vec<InDirectory>,
    /// The newest first.
    pub invitations: Vec<Invitation>,
    pub launches: Vec<launches::Summary>,
    /// Active Directory could not be asked.
    pub ad_problem: Option<String>,
    /// How old the picture of the WorkSpaces is.
    pub freshness: Freshness,
}

/// A person's standing in one directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InDirectory {
    pub directory: DirectoryId,
    pub directory_name: String,
    pub registration_code: Option<String>,
    pub can_take_launches: bool,
    pub obstacles: Obstacles,
    pub workspaces: Vec<Workspace>,
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn person(account: &str, mail: Option<&str>) -> Person {
        Person {
            guid: PersonGuid(uuid::Uuid::from_u128(1)),
            sid: None,
            dn: String::new(),
            domain: "corp.example.com".into(),
            account: account.into(),
            upn: None,
            name: "A".into(),
            given_name: None,
            mail: mail.map(Into::into),
            department: None,
            title: None,
            office: None,
            phone: None,
            manager: None,
            manager_dn: None,
            cost_centre: None,
            language: None,
            standing: Standing::default(),
        }
    }

    #[test]
    fn an_ordinary_person_is_eligible() {
        assert_eq!(obstacles(&person("a.b-c_d", Some("a@b.example")), &Occupancy::default(), None), vec![]);
    }

    #[test]
    fn each_refused_character_is_named() {
        for character in REFUSED_IN_ACCOUNTS.chars().chain(['é', '\u{0}']) {
            let found = obstacles(&person(&format!("a{character}b"), Some("a@b.example")), &Occupancy::default(), None);
            assert_eq!(found, vec![Obstacle::AccountCharacter { character }]);
        }
        assert_eq!(account_obstacle(&"x".repeat(63)), None);
        assert_eq!(account_obstacle(&"x".repeat(64)), Some(Obstacle::AccountLength));
    }

    #[test]
    fn addresses_that_ses_refuses_are_refused_before() {
        for wrong in
            ["a@b\r\nBcc: c@d.example", "a b@c.example", "a@b@c.example", "@c.example", "ä@c.example", "a@localhost", "a@c."]
        {
            assert_eq!(mail_obstacle(Some(wrong)), Some(Obstacle::UnusableMail), "{wrong:?}");
        }
        assert_eq!(mail_obstacle(Some("")), Some(Obstacle::NoMail));
        assert_eq!(mail_obstacle(None), Some(Obstacle::NoMail));
        assert_eq!(mail_obstacle(Some("o'neil+x@sub.c.example")), None);
    }

    #[test]
    fn standing_follows_active_directorys_attributes() {
        let now = 1_764_000_000; // 2025-11-24
        let filetime = |seconds: i64| (seconds + AccountControl::EPOCH_OFFSET) * 10_000_000;
        let normal = AccountControl { user_account_control: 0x200, pwd_last_set: Some(filetime(now - 1)), ..Default::default() };
        assert_eq!(normal.standing(now), Standing::default());
        assert!(AccountControl { account_expires: filetime(now - 1), ..normal }.standing(now).expired);
        assert!(!AccountControl { account_expires: filetime(now + 1), ..normal }.standing(now).expired);
        assert!(!AccountControl { account_expires: i64::MAX, ..normal }.standing(now).expired);
        assert!(AccountControl { lockout_time: 1, ..normal }.standing(now).locked_out);
        assert!(AccountControl { pwd_last_set: Some(0), ..normal }.standing(now).must_change_password);
        assert!(!AccountControl { pwd_last_set: None, ..normal }.standing(now).must_change_password);
        assert!(AccountControl { user_account_control: 0x202, ..normal }.standing(now).disabled);
        assert!(AccountControl { user_account_control: 0x4_0200, ..normal }.standing(now).smart_card_required);
        assert!(AccountControl { user_account_control: 0x40_0200, ..normal }.standing(now).preauthentication_off);
    }

    #[test]
    fn searches_have_a_length() {
        assert!(Search::parse(" a ").is_err());
        assert!(Search::parse("é").is_err());
        assert_eq!(Search::parse(" 李明 "), Ok(Search::Term("李明".into())));
        assert!(Search::parse(&"x".repeat(101)).is_err());
        assert!(Search::parse("a\0b").is_err());
    }
}
