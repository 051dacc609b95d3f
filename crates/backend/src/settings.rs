//! What an installation sets. `server` reads it from file and environment; here it is checked and typed.

use std::{path::PathBuf, time::Duration};

use model::{DirectoryId, access::Role, invitations::Contact};
use secrecy::SecretString;
use url::Url;

/// A setting that can't be used. `setting` is its path in the configuration, for example `ad[0].ca_file`.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: {problem}")]
pub struct SettingError {
    pub setting: String,
    pub problem: String,
}

impl SettingError {
    pub fn new(setting: impl Into<String>, problem: impl std::fmt::Display) -> Self {
        Self { setting: setting.into(), problem: problem.to_string() }
    }
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach Frontdesk; links in mails start with it.
    pub public_url: Url,
    pub time_zone: chrono_tz::Tz,
    pub database: Database,
    pub aws: Aws,
    pub ad: Vec<AdDomain>,
    pub directories: Directories,
    pub oidc: Oidc,
    pub access: Access,
    pub mail: Mail,
    pub launch: Launch,
    pub invitation: Invitation,
    pub mirror: Mirror,
    /// How long a request may wait for a decision.
    pub requests: model::requests::Patience,
}

/// PostgreSQL.
#[derive(Debug, Clone)]
pub struct Database {
    /// The role of `serve` and `worker`, which owns nothing.
    pub url: SecretString,
}

/// The AWS account and Region; credentials come from the SDK's default chain.
#[derive(Debug, Clone, Default)]
pub struct Aws {
    pub region: Option<String>,
    pub endpoint_url: Option<String>,
    pub timeouts: AwsTimeouts,
}

/// Limits of one call.
#[derive(Debug, Clone, Copy)]
pub struct AwsTimeouts {
    /// From sending to the whole answer. A claim's lease is longer than this.
    pub operation: Duration,
}

impl Default for AwsTimeouts {
    fn default() -> Self {
        Self { operation: Duration::from_secs(20) }
    }
}

/// One domain of Active Directory. Directories join it by their DNS name.
#[derive(Debug, Clone)]
pub struct AdDomain {
    /// DNS name, for example `corp.example.com`.
    pub domain: String,
    /// Domain controllers in order of preference: `ldaps://host[:636]`, or `ldap://host[:389]`, which is raised to TLS by
    /// StartTLS before anything is sent.
    pub urls: Vec<Url>,
    /// PEM certificates to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// UPN, `DOMAIN\user` or DN of the reading account.
    pub bind_dn: String,
    pub bind_password: SecretString,
    /// Where to search; the domain's root if not set.
    pub base_dn: Option<String>,
    /// Limit of one request to a domain controller.
    pub timeout: Duration,
    pub connections: usize,
}

impl AdDomain {
    /// What to trust beside the system's, with the name of the setting.
    pub(crate) fn certificates(&self, setting: &str) -> Vec<(String, PathBuf)> {
        self.ca_file.iter().map(|file| (format!("{setting}.ca_file"), file.clone())).collect()
    }
}

/// Setting up AD Connectors.
#[derive(Debug, Clone)]
pub struct Directories {
    /// PEM certificates to trust at domain controllers, beside the system's and those of `ad`.
    pub ca_file: Option<PathBuf>,
    /// Where the DNS servers listen whose addresses are given; another one than 53 is for a sandbox.
    pub dns_port: u16,
}

impl Default for Directories {
    fn default() -> Self {
        Self { ca_file: None, dns_port: 53 }
    }
}

/// The OpenID provider, and what Frontdesk is to it.
#[derive(Debug, Clone)]
pub struct Oidc {
    pub issuer: Url,
    pub client_id: String,
    pub client_secret: Option<SecretString>,
    pub scopes: Vec<String>,
    pub prompt: Option<Prompt>,
}

/// What the provider is to ask people for at each sign-in, even those whom it knows (OpenID Connect Core, 3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    Login,
    /// Some providers give refresh tokens with it alone.
    Consent,
    SelectAccount,
}

/// Sign-in and roles.
#[derive(Debug, Clone)]
pub struct Access {
    /// The claim that finds the person in Active Directory.
    pub person_claim: PersonClaim,
    pub groups: Groups,
    pub roles: Vec<RoleGroup>,
    /// A session ends after so long without a request …
    pub idle: Duration,
    /// … and after so long in any case.
    pub absolute: Duration,
}

/// A claim of the ID token and the attribute that it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonClaim {
    pub claim: String,
    pub attribute: crate::ldap::Attribute,
}

/// Where the groups stand that roles are worked out from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Groups {
    /// In Active Directory, nested ones included; named by common name or DN.
    Directory,
    /// In a claim of the ID token; named as the provider names them there. Nested ones are the provider's business.
    Token { claim: String },
}

/// Members of the group have the role, everywhere or in some directories.
#[derive(Debug, Clone)]
pub struct RoleGroup {
    pub group: String,
    pub role: Role,
    /// Empty: everywhere.
    pub directories: Vec<DirectoryId>,
}

/// The sender of mails, whom invitations tell people to call, and who is told of directories in trouble.
#[derive(Debug, Clone)]
pub struct Mail {
    /// `Frontdesk <desktops@corp.example.com>`; a verified identity of SES.
    pub from: String,
    pub reply_to: Option<String>,
    pub configuration_set: Option<String>,
    /// The company's name in the invitation.
    pub company: String,
    pub contact: Contact,
    /// Who is mailed when a directory is in trouble; nobody if empty. Usable addresses, at most [`Mail::MOST_ADMINS`].
    pub admins: Vec<String>,
}

impl Mail {
    /// The most recipients of one mail (SES API v2, Destination).
    pub const MOST_ADMINS: usize = 50;

    /// The sender without the name before it.
    pub fn address(&self) -> &str {
        self.from.rsplit_once('<').map_or(self.from.as_str(), |(_, rest)| rest.trim_end_matches('>')).trim()
    }
}

/// The launch engine's patience.
#[derive(Debug, Clone, Copy)]
pub struct Launch {
    /// How long AWS may not show what it just created (AWS-documented eventual consistency; 5 minutes is a safe wait).
    pub visibility_lag: Duration,
    /// The first look at a new WorkSpace, and the longest pause between two looks.
    pub first_poll: Duration,
    pub slowest_poll: Duration,
    /// When to give up waiting for AVAILABLE.
    pub time_limit: Duration,
}

impl Default for Launch {
    fn default() -> Self {
        Self {
            visibility_lag: Duration::from_secs(300),
            first_poll: Duration::from_secs(30),
            slowest_poll: Duration::from_secs(120),
            time_limit: Duration::from_secs(2 * 3_600),
        }
    }
}

impl Launch {
    /// How long until a WorkSpace that was looked at so often is looked at again: the first pause, then half as long again each
    /// time, up to the slowest.
    pub(crate) fn pause(&self, polls: i32) -> Duration {
        self.first_poll.mul_f64(1.5_f64.powi(polls.clamp(0, 30))).min(self.slowest_poll)
    }
}

/// The welcome link.
#[derive(Debug, Clone, Copy)]
pub struct Invitation {
    pub link_lifetime: Duration,
}

impl Default for Invitation {
    fn default() -> Self {
        Self { link_lifetime: Duration::from_secs(30 * 86_400) }
    }
}

/// How often AWS is read into the mirror.
#[derive(Debug, Clone, Copy)]
pub struct Mirror {
    pub directories: Duration,
    pub bundles: Duration,
    pub workspaces: Duration,
}

impl Default for Mirror {
    fn default() -> Self {
        Self {
            directories: Duration::from_secs(600),
            bundles: Duration::from_secs(6 * 3_600),
            workspaces: Duration::from_secs(600),
        }
    }
}

impl Settings {
    /// How long a claim on a row holds: longer than the call it was taken for can last, so that nobody else takes the row
    /// while an answer may still come.
    pub fn claim_lease(&self) -> Duration {
        self.aws.timeouts.operation * 2
    }

    /// The time zone of that name, else the installation's.
    pub fn zone(&self, name: Option<&str>) -> chrono_tz::Tz {
        name.and_then(|name| name.parse().ok()).unwrap_or(self.time_zone)
    }
}
