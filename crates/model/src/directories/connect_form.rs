//! What is typed to set up an AD Connector, and what AWS takes of it. The limits are those of ConnectDirectory (ds service model;
//! Directory Service Admin Guide, `create_ad_connector`), made tighter where AWS takes what can't work.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::{Directory, Place, parse_server};
use crate::{Error, FieldError, Result};

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
    /// What would be typed for a connector like this one.
    pub fn like(directory: &Directory) -> Self {
        let size = directory.size.as_deref().and_then(Size::from_aws).unwrap_or(Size::Small);
        let dns = |number: usize| directory.dns.get(number).cloned().unwrap_or_default();
        Self {
            vpc: directory.vpc.clone().unwrap_or_default(),
            subnets: directory.subnets.clone(),
            organization: directory.organization.clone().unwrap_or_default(),
            description: directory.description.clone().unwrap_or_default(),
            dns_name: directory.name.clone(),
            short_name: directory.short_name.clone().unwrap_or_default(),
            dns_1: dns(0),
            dns_2: dns(1),
            size: size.as_str().to_owned(),
        }
    }

    /// The domain's DNS name as AWS is asked for it.
    pub fn domain_name(&self) -> String {
        self.dns_name.trim().trim_end_matches('.').to_lowercase()
    }

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
        let dns_name = self.domain_name();
        if let Some(problem) = dns_name_problem(&dns_name) {
            note("dns_name", problem);
        }
        let short_name = optional(&self.short_name);
        if let Some(problem) = short_name.as_deref().and_then(short_name_problem) {
            note("short_name", problem);
        }
        let mut dns = Vec::new();
        for (field, typed) in [("dns_1", self.dns_1.trim()), ("dns_2", self.dns_2.trim())] {
            match parse_server(typed) {
                Err(_) if typed.is_empty() && field == "dns_2" => {}
                Err(problem) => note(field, problem),
                Ok(address) if dns.contains(&address) => {
                    note(field, "This is the same server twice. Give another one, or leave it empty.");
                }
                Ok(address) => dns.push(address),
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
    fn a_connector_gives_the_form_that_would_make_it_again() {
        let made = Directory {
            size: Some("Large".into()),
            vpc: Some("vpc-0a1b2c3d".into()),
            subnets: vec!["subnet-0a1b2c3d".into(), "subnet-0b1c2d3e".into()],
            dns: vec!["10.20.0.10".into()],
            short_name: Some("CORP".into()),
            ..super::super::tests::sample()
        };
        let form = ConnectForm::like(&made);
        let domain = form.domain().unwrap();
        assert_eq!((domain.dns_name.as_str(), domain.size, domain.dns.len()), ("corp.example.com", Size::Large, 1));
        assert_eq!((form.vpc.as_str(), form.subnets.len(), form.short_name.as_str()), ("vpc-0a1b2c3d", 2, "CORP"));
        let unknown = Directory { size: None, ..made };
        assert_eq!(ConnectForm::like(&unknown).size, "Small");
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
