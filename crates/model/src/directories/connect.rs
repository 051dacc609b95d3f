//! Setting up an AD Connector: what is typed, what AWS takes of it, and how far one is. The limits are those of ConnectDirectory
//! (ds service model; Directory Service Admin Guide, `create_ad_connector`), made tighter where AWS takes what can't work.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use super::{Finding, Outcome, Place};
use crate::{ConnectId, DirectoryId, Error, FieldError, Result, Stamp};

/// The wizard's steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectStep {
    Network,
    Directory,
    Preflight,
    Check,
}

impl ConnectStep {
    pub const ALL: [Self; 4] = [Self::Network, Self::Directory, Self::Preflight, Self::Check];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Directory => "directory",
            Self::Preflight => "preflight",
            Self::Check => "check",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Network => "Network",
            Self::Directory => "Directory",
            Self::Preflight => "Preflight",
            Self::Check => "Check",
        }
    }
}

/// What a connector can be, by how many people sign in (Directory Service Admin Guide).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Size {
    Small,
    Large,
}

impl Size {
    pub const ALL: [Self; 2] = [Self::Small, Self::Large];

    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Small => "Small",
            Self::Large => "Large",
        }
    }

    pub fn from_aws(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.as_str() == text)
    }

    pub fn gloss(self) -> &'static str {
        match self {
            Self::Small => "For up to about 500 people.",
            Self::Large => "For up to about 5,000 people.",
        }
    }
}

/// The steps exactly as typed. The password is typed at the last one and never kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectForm {
    pub vpc: String,
    pub subnets: Vec<String>,
    /// What people call it; Frontdesk keeps it, AWS has no place for it.
    pub organization: String,
    pub description: String,
    pub dns_name: String,
    pub short_name: String,
    pub dns_1: String,
    pub dns_2: String,
    pub size: String,
}

/// The step "Directory", right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    pub organization: Option<String>,
    pub description: Option<String>,
    /// In small letters.
    pub dns_name: String,
    pub short_name: Option<String>,
    /// One or two.
    pub dns: Vec<Ipv4Addr>,
    pub size: Size,
}

/// Everything that ConnectDirectory takes but the account and its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    pub place: Place,
    pub domain: Domain,
}

const LONGEST_DESCRIPTION: usize = 128;
const LONGEST_NAME: usize = 255;
const LONGEST_SHORT_NAME: usize = 15;
const LONGEST_ORGANIZATION: usize = 64;

impl ConnectForm {
    /// # Errors
    /// All fields of the step that are wrong, at once.
    pub fn domain(&self) -> std::result::Result<Domain, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut note = |field: &str, message: &str| errors.push(FieldError { field: field.into(), message: message.into() });
        let organization = optional(&self.organization);
        if organization.as_ref().is_some_and(|name| name.chars().count() > LONGEST_ORGANIZATION || has_control(name)) {
            note("organization", "Use at most 64 characters that can be read.");
        }
        let description = optional(&self.description);
        if let Some(problem) = description.as_deref().and_then(description_problem) {
            note("description", problem);
        }
        let dns_name = self.dns_name.trim().trim_end_matches('.').to_lowercase();
        if let Some(problem) = dns_name_problem(&dns_name) {
            note("dns_name", problem);
        }
        let short_name = optional(&self.short_name);
        if let Some(problem) = short_name.as_deref().and_then(short_name_problem) {
            note("short_name", problem);
        }
        let mut dns = Vec::new();
        for (field, typed) in [("dns_1", self.dns_1.trim()), ("dns_2", self.dns_2.trim())] {
            match typed.parse::<IpAddr>() {
                Err(_) if typed.is_empty() && field == "dns_2" => {}
                Err(_) if typed.is_empty() => note(field, "Give the address of a DNS server of the domain."),
                Err(_) => note(field, "Write an IPv4 address: four numbers from 0 to 255, such as 10.0.0.10."),
                Ok(IpAddr::V6(_)) => note(field, "This is an IPv6 address. Give the server's IPv4 address."),
                Ok(IpAddr::V4(address)) if dns.contains(&address) => {
                    note(field, "This is the same server twice. Give another one, or leave it empty.");
                }
                Ok(IpAddr::V4(address)) if address.is_unspecified() || address.is_multicast() || address.is_broadcast() => {
                    note(field, "No server has this address.");
                }
                Ok(IpAddr::V4(address)) => dns.push(address),
            }
        }
        let size = Size::from_aws(&self.size);
        if size.is_none() {
            note("size", "Choose a size.");
        }
        match (errors.is_empty(), size) {
            (true, Some(size)) => Ok(Domain { organization, description, dns_name, short_name, dns, size }),
            _ => Err(errors),
        }
    }

    /// The NetBIOS name that the DNS name suggests: its first label.
    pub fn proposed_short_name(&self) -> String {
        let first = self.dns_name.trim().split('.').next().unwrap_or_default();
        first.chars().take(LONGEST_SHORT_NAME).collect::<String>().to_uppercase()
    }
}

fn optional(typed: &str) -> Option<String> {
    Some(typed.trim().to_owned()).filter(|typed| !typed.is_empty())
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// `^([a-zA-Z0-9_])[\\a-zA-Z0-9_@#%*+=:?./!\s-]*$`, at most 128; AWS refuses an empty one, so that is left out of the call.
fn description_problem(text: &str) -> Option<&'static str> {
    if text.chars().count() > LONGEST_DESCRIPTION {
        return Some("Use at most 128 characters.");
    }
    if !text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_') {
        return Some("Begin with a letter or a digit.");
    }
    let fits = |character: char| character.is_ascii_alphanumeric() || "\\_@#%*+=:?./! -".contains(character);
    (!text.chars().all(fits)).then_some(
        "AWS takes plain letters, digits, spaces and \\ _ @ # % * + = : ? . / ! - here; no commas, brackets, quotation marks or umlauts.",
    )
}

/// `^([a-zA-Z0-9]+[\\.-])+([a-zA-Z0-9])+$`, which takes `corp-example` too; the name has to be one of DNS with a dot in it.
fn dns_name_problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("Give the domain's DNS name, such as corp.example.com.");
    }
    if name.len() > LONGEST_NAME {
        return Some("A DNS name has at most 255 characters.");
    }
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.contains("--")
    };
    if name.contains('\\') || name.contains('@') {
        return Some("Give the domain's DNS name alone, such as corp.example.com, without an account.");
    }
    if !name.split('.').all(fits) {
        return Some("Write a DNS name: letters, digits and single hyphens between dots, such as corp.example.com.");
    }
    (!name.contains('.'))
        .then_some("AD Connector can't join a domain whose name is one word. Give the full name, such as corp.example.com.")
}

/// `^[^\\/:*?"<>|.]+[^\\/:*?"<>|]*$`; NetBIOS has room for 15.
fn short_name_problem(name: &str) -> Option<&'static str> {
    if name.chars().count() > LONGEST_SHORT_NAME {
        return Some("A NetBIOS name has at most 15 characters.");
    }
    let fits = |character: char| character.is_ascii_graphic() && !"\\/:*?\"<>|.".contains(character);
    (!name.chars().all(fits)).then_some(
        "A NetBIOS name is one word without \\ / : * ? \" < > | and dots, such as CORP. The domain controller shows it.",
    )
}

/// The account with which the connector reads the domain: its sAMAccountName, `[a-zA-Z0-9._-]+`.
///
/// # Errors
/// [`Error::Invalid`] on the field `account`.
pub fn parse_account(typed: &str) -> Result<&str> {
    let typed = typed.trim();
    if typed.contains('\\') || typed.contains('@') {
        return Err(Error::invalid(
            "account",
            "Give the account name alone. AWS takes neither DOMAIN\\name nor name@domain; the domain is the one above.",
        ));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if typed.is_empty() || typed.len() > 64 || !typed.bytes().all(fits) {
        return Err(Error::invalid("account", "Give the account name: letters, digits, dots, hyphens and underscores."));
    }
    Ok(typed)
}

/// The password as typed twice. Nothing is trimmed: a space may belong to it.
///
/// # Errors
/// [`Error::Invalid`] on the field `password` or `password_again`, without the password in it.
pub fn check_password(typed: &str, again: &str) -> Result<()> {
    match typed.chars().count() {
        0 => return Err(Error::invalid("password", "Type the account's password.")),
        1..8 => {
            return Err(Error::invalid("password", "AWS asks for at least 8 characters. Give the account a longer password."));
        }
        129.. => {
            return Err(Error::invalid("password", "AWS takes at most 128 characters. Give the account a shorter password."));
        }
        _ => {}
    }
    if typed == again { Ok(()) } else { Err(Error::invalid("password_again", "The two differ. Type both again.")) }
}

/// How far the one call of ConnectDirectory is. The database's check constraint lists the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectState {
    /// Being put together; AWS knows nothing of it.
    Draft,
    /// AWS is being asked.
    Asking,
    /// AWS's answer was lost: Frontdesk looks for the connector.
    Unconfirmed,
    /// AWS has it.
    Created,
}

impl ConnectState {
    pub const ALL: [Self; 4] = [Self::Draft, Self::Asking, Self::Unconfirmed, Self::Created];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Asking => "asking",
            Self::Unconfirmed => "unconfirmed",
            Self::Created => "created",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A connector being set up: what was typed, right or wrong, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectDraft {
    pub id: ConnectId,
    pub form: ConnectForm,
    /// What the last save of a step found.
    pub errors: Vec<FieldError>,
    pub state: ConnectState,
    /// The connector that it became.
    pub directory: Option<DirectoryId>,
    /// What AWS or the domain controller said when it was last tried.
    pub refusal: Option<String>,
    /// The account that was named then.
    pub account: Option<String>,
    pub preflight: Option<Preflight>,
    /// A connector to this domain that stands in this VPC already.
    pub twin: Option<String>,
    /// Another one after each change.
    pub version: i64,
}

impl ConnectDraft {
    /// The first step that is not complete; `Check` when all are. The preflight may be passed over: it can't see everything.
    pub fn furthest(&self) -> ConnectStep {
        let wrong = |fields: &[&str]| self.errors.iter().any(|error| fields.contains(&error.field.as_str()));
        let form = &self.form;
        if form.vpc.is_empty() || form.subnets.is_empty() || wrong(&["vpc", "subnets"]) {
            ConnectStep::Network
        } else if form.domain().is_err() {
            ConnectStep::Directory
        } else {
            ConnectStep::Check
        }
    }

    pub fn may_open(&self, step: ConnectStep) -> bool {
        self.state == ConnectState::Draft && step <= self.furthest()
    }
}

/// What was looked at before anything is created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    pub at: Stamp,
    pub findings: Vec<Finding>,
}

impl Preflight {
    pub fn count(&self, outcome: Outcome) -> usize {
        self.findings.iter().filter(|finding| finding.outcome == outcome).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> ConnectForm {
        ConnectForm {
            dns_name: " Corp.Example.com. ".into(),
            short_name: "CORP".into(),
            dns_1: "10.20.0.10".into(),
            dns_2: "10.20.0.11".into(),
            size: "Small".into(),
            ..ConnectForm::default()
        }
    }

    fn wrong(form: &ConnectForm) -> Vec<String> {
        form.domain().unwrap_err().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_domain_is_read_as_aws_takes_it() {
        let domain = form().domain().unwrap();
        assert_eq!((domain.dns_name.as_str(), domain.description), ("corp.example.com", None));
        assert_eq!(domain.dns, [Ipv4Addr::new(10, 20, 0, 10), Ipv4Addr::new(10, 20, 0, 11)]);
        assert_eq!(
            ConnectForm { dns_name: "verylongdomainname.example".into(), ..form() }.proposed_short_name(),
            "VERYLONGDOMAINN"
        );
        assert!(ConnectForm { short_name: String::new(), dns_2: String::new(), ..form() }.domain().is_ok());
    }

    #[test]
    fn what_aws_refuses_or_what_can_not_work_is_said_at_its_field() {
        let dns_name = |text: &str| ConnectForm { dns_name: text.into(), ..form() };
        for name in ["", "corp", "corp-example", "-a.example", "a..b", "a--b.example", "CORP\\x", "x@corp.example", "ä.example"]
        {
            assert_eq!(wrong(&dns_name(name)), ["dns_name"], "{name}");
        }
        for short in ["SIXTEEN-LETTERS-", "A.B", "A B", "A\\B", "Ä"] {
            assert_eq!(wrong(&ConnectForm { short_name: short.into(), ..form() }), ["short_name"], "{short}");
        }
        for address in ["10.0.0.256", "10.0.0", "::1", "fd00::10", "10.20.0.10", "0.0.0.0", "224.0.0.1", "dc1"] {
            assert_eq!(wrong(&ConnectForm { dns_2: address.into(), ..form() }), ["dns_2"], "{address}");
        }
        assert_eq!(wrong(&ConnectForm { dns_1: String::new(), size: "Huge".into(), ..form() }), ["dns_1", "size"]);
        for text in ["-x", "a, b", "(a)", "it's", "a;b", "ä"] {
            assert_eq!(wrong(&ConnectForm { description: text.into(), ..form() }), ["description"], "{text}");
        }
        assert_eq!(wrong(&ConnectForm { description: "x".repeat(129), ..form() }), ["description"]);
        assert!(ConnectForm { description: "Berlin: floor 2/3 #1".into(), ..form() }.domain().is_ok());
    }

    #[test]
    fn an_account_is_a_bare_name() {
        assert_eq!(parse_account(" svc-adconnector "), Ok("svc-adconnector"));
        for account in ["CORP\\svc", "svc@corp.example", "", "a b", "ä"] {
            assert!(parse_account(account).is_err(), "{account}");
        }
    }

    #[test]
    fn a_password_is_checked_and_never_told() {
        for (typed, again, field) in [
            ("", "", "password"),
            ("short", "short", "password"),
            (&*"x".repeat(129), &*"x".repeat(129), "password"),
            ("Secret-1 ", "Secret-1", "password_again"),
        ] {
            let Err(Error::Invalid { fields }) = check_password(typed, again) else { panic!("{typed}") };
            assert_eq!(fields[0].field, field);
            assert!(typed.is_empty() || !fields[0].message.contains(typed));
        }
        for password in [" leading space", "with\"quote\\and", &*"x".repeat(128)] {
            assert_eq!(check_password(password, password), Ok(()));
        }
    }
}
