//! AD Connectors, their registrations with WorkSpaces, and IP groups: what they are made of and what time makes of them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{people, state::Memory};

/// The connector that is registered with WorkSpaces from the beginning, and one that is not.
pub(crate) const REGISTERED: &str = "d-906731a2b4";
pub(crate) const UNREGISTERED: &str = "d-90673c5d6e";

/// Keys and values.
pub type Tags = Vec<(String, String)>;
/// Properties as AWS names them; those that nobody set are absent.
pub type Properties = Map<String, Value>;

/// An AD Connector, kept after its deletion for those who count. Its password is nowhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Connector {
    pub id: String,
    /// DNS name of the domain.
    pub name: String,
    pub short_name: Option<String>,
    pub description: Option<String>,
    /// Small or Large.
    pub size: String,
    pub vpc: String,
    pub subnets: Vec<String>,
    pub dns: Vec<String>,
    /// sAMAccountName of the service account.
    pub user_name: String,
    pub security_group: String,
    pub tags: Tags,
    pub requested_at: DateTime<Utc>,
    pub creating_at: DateTime<Utc>,
    /// When it turns Active or Failed.
    pub settled_at: DateTime<Utc>,
    /// Why it ends in Failed.
    pub failure: Option<String>,
    /// From when until when a change of it is under way.
    #[serde(default)]
    pub updating: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// What somebody made of it from outside; it stays so.
    pub made: Option<Made>,
    pub deleting_at: Option<DateTime<Utc>>,
    /// When DescribeDirectories stops to know it.
    pub gone_at: Option<DateTime<Utc>>,
    /// Until when a registration that has ended still counts as an authorized application.
    pub held_until: Option<DateTime<Utc>>,
}

/// A stage that somebody chose.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Made {
    pub stage: String,
    pub reason: Option<String>,
    pub at: DateTime<Utc>,
}

/// Where a connector stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage<'a> {
    /// One of Directory Service's DirectoryStage.
    pub name: &'a str,
    pub reason: Option<&'a str>,
    pub since: DateTime<Utc>,
}

impl Connector {
    /// `None` when it is gone.
    pub fn stage_at(&self, now: DateTime<Utc>) -> Option<Stage<'_>> {
        let stage = |name, reason, since| Some(Stage { name, reason, since });
        if self.gone_at.is_some_and(|at| now >= at) {
            return None;
        }
        if let Some(at) = self.deleting_at {
            return stage("Deleting", None, at);
        }
        if let Some((since, until)) = self.updating
            && now < until
        {
            return stage("Updating", None, since);
        }
        if let Some(made) = &self.made {
            return stage(&made.stage, made.reason.as_deref(), made.at);
        }
        if now < self.creating_at {
            return stage("Requested", None, self.requested_at);
        }
        // What fails is never Created.
        let created_at = if self.failure.is_some() { self.settled_at } else { self.created_at() };
        if now < created_at {
            return stage("Creating", None, self.creating_at);
        }
        if now < self.settled_at {
            return stage("Created", None, created_at);
        }
        match &self.failure {
            Some(reason) => stage("Failed", Some(reason), self.settled_at),
            None => stage("Active", None, self.updating.map_or(self.settled_at, |(_, until)| until)),
        }
    }

    /// When it is made and only not Active yet: for the last sixth of the time that this takes.
    fn created_at(&self) -> DateTime<Utc> {
        self.settled_at - (self.settled_at - self.creating_at) / 6
    }

    pub fn is_at(&self, stage: &str, now: DateTime<Utc>) -> bool {
        self.stage_at(now).is_some_and(|found| found.name == stage)
    }
}

/// A connector as WorkSpaces knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registration {
    pub directory: String,
    pub code: String,
    pub subnets: Vec<String>,
    pub security_group: String,
    pub tenancy: String,
    pub started_at: DateTime<Utc>,
    /// When it turns REGISTERED or ERROR.
    pub settled_at: DateTime<Utc>,
    /// Why it ends in ERROR.
    pub error: Option<String>,
    pub ending_at: Option<DateTime<Utc>>,
    /// When DescribeWorkspaceDirectories stops to know it.
    pub gone_at: Option<DateTime<Utc>>,
    pub access: Properties,
    pub self_service: Properties,
    pub creation: Properties,
    pub client: Properties,
    pub saml: Properties,
    pub ip_groups: Vec<String>,
    pub tags: Tags,
}

impl Registration {
    /// One of WorkSpaces' WorkspaceDirectoryState; `None` when it is gone.
    pub fn state_at(&self, now: DateTime<Utc>) -> Option<&'static str> {
        match (self.gone_at, self.ending_at) {
            (Some(at), _) if now >= at => None,
            (_, Some(_)) => Some("DEREGISTERING"),
            _ if now < self.settled_at => Some("REGISTERING"),
            _ if self.error.is_some() => Some("ERROR"),
            _ => Some("REGISTERED"),
        }
    }
}

/// Addresses from which WorkSpaces may be used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IpGroup {
    pub id: String,
    pub name: String,
    pub description: String,
    pub rules: Vec<IpRule>,
    pub tags: Tags,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IpRule {
    pub cidr: String,
    pub description: String,
}

impl Memory {
    /// A connector that Directory Service still knows.
    pub fn connector(&self, id: &str, now: DateTime<Utc>) -> Option<&Connector> {
        self.connectors.iter().find(|connector| connector.id == id && connector.stage_at(now).is_some())
    }

    /// A registration that WorkSpaces still knows.
    pub fn registration(&self, directory: &str, now: DateTime<Utc>) -> Option<&Registration> {
        self.registrations.iter().find(|known| known.directory == directory && known.state_at(now).is_some())
    }

    /// Whether WorkSpaces, or what is left of them in AWS, hold the connector.
    pub(crate) fn holds(&self, connector: &Connector, now: DateTime<Utc>) -> bool {
        self.registration(&connector.id, now).is_some() || connector.held_until.is_some_and(|until| now < until)
    }
}

/// When the seeds were made: long ago.
fn long_ago() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

fn seed(id: &str, name: &str, short_name: &str, dns: &str, security_group: &str) -> Connector {
    let settled_at = long_ago() + Duration::from_secs(1_500);
    Connector {
        id: id.to_owned(),
        name: name.to_owned(),
        short_name: Some(short_name.to_owned()),
        description: Some(format!("AD Connector to {name}")),
        size: "Small".to_owned(),
        vpc: "vpc-0a1b2c3d".to_owned(),
        subnets: vec!["subnet-0a1b2c3d".to_owned(), "subnet-0b1c2d3e".to_owned()],
        dns: vec![dns.to_owned()],
        user_name: people::CONNECTOR_ACCOUNT.to_owned(),
        security_group: security_group.to_owned(),
        tags: Vec::new(),
        requested_at: long_ago(),
        creating_at: long_ago(),
        settled_at,
        failure: None,
        updating: None,
        made: None,
        deleting_at: None,
        gone_at: None,
        held_until: None,
    }
}

/// The connectors that were there before.
pub(crate) fn connectors() -> Vec<Connector> {
    vec![
        seed(REGISTERED, "corp.example.com", "CORP", "10.20.0.10", "sg-0a1b2c3d"),
        seed(UNREGISTERED, "lab.example.com", "LAB", "10.30.0.10", "sg-0b2c3d4e"),
    ]
}

/// The registration that was there before.
pub(crate) fn registrations() -> Vec<Registration> {
    let at = long_ago() + Duration::from_secs(3_000);
    vec![Registration {
        directory: REGISTERED.to_owned(),
        code: "WSfra+7KQ2MD".to_owned(),
        subnets: vec!["subnet-0a1b2c3d".to_owned(), "subnet-0b1c2d3e".to_owned()],
        security_group: "sg-0c1d2e3f".to_owned(),
        tenancy: "SHARED".to_owned(),
        started_at: at,
        settled_at: at,
        error: None,
        ending_at: None,
        gone_at: None,
        access: Map::new(),
        self_service: Map::new(),
        creation: Map::new(),
        client: Map::new(),
        saml: Map::new(),
        ip_groups: Vec::new(),
        tags: Vec::new(),
    }]
}
