//! The file's shape. Unknown keys are refused, so that a typo does not silently do nothing.

use std::{path::PathBuf, time::Duration};

use backend::settings::{AdDomain, SettingError};
use model::requests::Patience;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub public_url: String,
    #[serde(default = "listen")]
    pub listen: String,
    #[serde(default = "client_ip")]
    pub client_ip: String,
    #[serde(default, deserialize_with = "words")]
    pub trusted_proxies: Vec<String>,
    pub site: PathBuf,
    #[serde(default = "time_zone")]
    pub time_zone: String,
    #[serde(default = "yes")]
    pub worker: bool,
    pub database: Database,
    #[serde(default)]
    pub aws: Aws,
    pub oidc: Oidc,
    #[serde(default)]
    pub roles: Roles,
    #[serde(default)]
    pub ad: Vec<Ad>,
    pub mail: Mail,
    #[serde(default)]
    pub launch: Launch,
    #[serde(default)]
    pub session: Session,
    #[serde(default)]
    pub invitation: Invitation,
    #[serde(default)]
    pub mirror: Mirror,
    #[serde(default)]
    pub requests: Requests,
    #[serde(default)]
    pub directories: Directories,
    #[serde(default)]
    pub metrics: Metrics,
    #[serde(default)]
    pub traces: Traces,
    #[serde(default)]
    pub log: Log,
}

fn listen() -> String {
    "127.0.0.1:3000".to_owned()
}

fn client_ip() -> String {
    "ConnectInfo".to_owned()
}

fn time_zone() -> String {
    "UTC".to_owned()
}

fn yes() -> bool {
    true
}

/// A list: of the file, or words with commas between them, as the environment can give it.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Words {
    List(Vec<String>),
    Line(String),
}

fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match Words::deserialize(deserializer)? {
        Words::List(list) => list,
        Words::Line(line) => line.split(',').map(str::trim).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect(),
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Database {
    pub url: SecretString,
    pub owner_url: Option<SecretString>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Aws {
    pub region: Option<String>,
    pub endpoint_url: Option<String>,
    pub operation_timeout_ms: u64,
}

impl Default for Aws {
    fn default() -> Self {
        Self { region: None, endpoint_url: None, operation_timeout_ms: 20_000 }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Oidc {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<SecretString>,
    #[serde(default = "scopes", deserialize_with = "words")]
    pub scopes: Vec<String>,
    /// What the provider asks people for each time: `login`, `consent` or `select_account`.
    pub prompt: Option<String>,
    /// Which attribute finds the person in Active Directory: `objectsid`, `upn` or `mail`.
    pub person_claim: String,
    /// The claim's name if it is not the attribute's.
    pub claim_name: Option<String>,
    /// The claim that names a person's groups; without it they are read from Active Directory.
    pub groups_claim: Option<String>,
}

fn scopes() -> Vec<String> {
    ["profile", "email"].map(ToOwned::to_owned).to_vec()
}

/// A group's name, or a table with the directories in which the role holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum GroupEntry {
    Name(String),
    Scoped { group: String, directories: Vec<String> },
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Roles {
    pub helpdesk: Vec<GroupEntry>,
    pub admin: Vec<GroupEntry>,
    pub auditor: Vec<GroupEntry>,
    pub approver: Vec<GroupEntry>,
    pub requester: Vec<GroupEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ad {
    domain: String,
    #[serde(deserialize_with = "words")]
    urls: Vec<String>,
    ca_file: Option<PathBuf>,
    bind_dn: String,
    bind_password: SecretString,
    base_dn: Option<String>,
    #[serde(default = "ad_timeout")]
    timeout_seconds: u64,
    #[serde(default = "ad_connections")]
    connections: usize,
}

fn ad_timeout() -> u64 {
    10
}

fn ad_connections() -> usize {
    8
}

impl Ad {
    pub(super) fn check(&self, index: usize) -> Result<AdDomain, SettingError> {
        let urls = self.urls.iter().map(|url| url.parse()).collect::<Result<_, _>>();
        Ok(AdDomain {
            domain: self.domain.clone(),
            urls: urls.map_err(|error| SettingError::new(format!("ad[{index}].urls"), error))?,
            ca_file: self.ca_file.clone(),
            bind_dn: self.bind_dn.clone(),
            bind_password: self.bind_password.clone(),
            base_dn: self.base_dn.clone(),
            timeout: Duration::from_secs(self.timeout_seconds.max(1)),
            connections: self.connections,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mail {
    pub from: String,
    pub reply_to: Option<String>,
    pub configuration_set: Option<String>,
    pub company: String,
    pub helpdesk_phone: Option<String>,
    pub helpdesk_mail: Option<String>,
    pub helpdesk_hours: Option<String>,
    #[serde(default, deserialize_with = "words")]
    pub admins: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Launch {
    pub visibility_lag_ms: u64,
    pub first_poll_ms: u64,
    pub slowest_poll_ms: u64,
    pub time_limit_seconds: u64,
}

impl Default for Launch {
    fn default() -> Self {
        Self { visibility_lag_ms: 300_000, first_poll_ms: 30_000, slowest_poll_ms: 120_000, time_limit_seconds: 7_200 }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Session {
    pub idle_minutes: u64,
    pub absolute_hours: u64,
}

impl Default for Session {
    fn default() -> Self {
        Self { idle_minutes: 120, absolute_hours: 12 }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Invitation {
    pub link_days: u64,
}

impl Default for Invitation {
    fn default() -> Self {
        Self { link_days: 30 }
    }
}

/// In working days; 0 is never.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Requests {
    pub remind_after_days: u32,
    pub escalate_after_days: u32,
}

impl Default for Requests {
    fn default() -> Self {
        let Patience { remind_after, escalate_after } = Patience::default();
        Self { remind_after_days: remind_after, escalate_after_days: escalate_after }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Mirror {
    pub directories_seconds: u64,
    pub bundles_seconds: u64,
    pub workspaces_seconds: u64,
}

impl Default for Mirror {
    fn default() -> Self {
        Self { directories_seconds: 600, bundles_seconds: 21_600, workspaces_seconds: 600 }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Directories {
    pub ca_file: Option<PathBuf>,
    pub dns_port: u16,
}

impl Default for Directories {
    fn default() -> Self {
        Self { ca_file: None, dns_port: 53 }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Metrics {
    pub listen: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Traces {
    pub endpoint: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Log {
    pub format: String,
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: "json".to_owned(), filter: "info,graphile_worker=warn,sqlx=warn".to_owned() }
    }
}
