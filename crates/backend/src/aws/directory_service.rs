//! Directory Service: AD Connectors and how far each is. Every call wants a [`Slot`] of the budget.

use aws_sdk_directory::types::{DirectoryConnectSettings, DirectoryDescription, DirectorySize, DirectoryType};
use chrono::{DateTime, Utc};
use model::directories::{Connect, Size};
use secrecy::{ExposeSecret, SecretString};

use super::{Aws, AwsFault, workspaces::Listing};
use crate::budget::{Operation, Slot};

/// What DescribeDirectories says of an AD Connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connector {
    pub id: String,
    pub name: String,
    pub short_name: Option<String>,
    pub description: Option<String>,
    pub size: Option<String>,
    pub stage: String,
    pub stage_reason: Option<String>,
    pub stage_since: Option<DateTime<Utc>>,
    pub launched_at: Option<DateTime<Utc>>,
    pub vpc: Option<String>,
    pub subnets: Vec<String>,
    pub dns: Vec<String>,
    pub account: Option<String>,
}

/// How many AD Connectors the account may have in the Region, and has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConnectorLimit {
    pub limit: i32,
    pub count: i32,
}

impl Aws {
    /// One page of the AD Connectors of the account and Region; other kinds of directory are left out.
    pub(crate) async fn connectors(&self, slot: Slot, next: Option<String>) -> Result<Listing<Connector>, AwsFault> {
        let call = self.directory_service.describe_directories().set_next_token(next).send();
        let answer = slot.call(Operation::DescribeDirectories, call).await?;
        let rows = answer.directory_descriptions().iter().filter_map(read).collect();
        Ok(Listing { rows, next: answer.next_token })
    }

    /// One AD Connector; `None` when it is gone.
    pub(crate) async fn connector(&self, slot: Slot, id: &str) -> Result<Option<Connector>, AwsFault> {
        let call = self.directory_service.describe_directories().directory_ids(id).send();
        match slot.call(Operation::DescribeDirectories, call).await {
            Ok(answer) => Ok(answer.directory_descriptions().iter().filter_map(read).next()),
            Err(AwsFault::Refused { code, .. }) if code == "EntityDoesNotExistException" => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// DeleteDirectory, which AWS refuses while one of its services holds the directory.
    pub(crate) async fn delete_directory(&self, slot: Slot, id: &str) -> Result<(), AwsFault> {
        let call = self.directory_service.delete_directory().directory_id(id).send();
        slot.call(Operation::DeleteDirectory, call).await.map(drop)
    }

    /// ConnectDirectory: the new connector's id. Called once: AWS would make a second connector of a second call.
    pub(crate) async fn connect_directory(
        &self,
        slot: Slot,
        connect: &Connect,
        account: &str,
        password: &SecretString,
    ) -> Result<String, AwsFault> {
        let refused = |error: aws_smithy_types::error::operation::BuildError| AwsFault::Refused {
            code: "Frontdesk.Request".to_owned(),
            message: error.to_string(),
        };
        let settings = DirectoryConnectSettings::builder()
            .vpc_id(connect.place.vpc.as_str())
            .set_subnet_ids(Some(connect.place.subnets.iter().map(ToString::to_string).collect()))
            .set_customer_dns_ips(Some(connect.domain.dns.iter().map(ToString::to_string).collect()))
            .customer_user_name(account)
            .build()
            .map_err(refused)?;
        let size = match connect.domain.size {
            Size::Small => DirectorySize::Small,
            Size::Large => DirectorySize::Large,
        };
        let call = self
            .directory_service
            .connect_directory()
            .name(&connect.domain.dns_name)
            .set_short_name(connect.domain.short_name.clone())
            .set_description(connect.domain.description.clone())
            .size(size)
            .password(password.expose_secret())
            .connect_settings(settings)
            .send();
        let answer = slot.call(Operation::ConnectDirectory, call).await?;
        answer.directory_id.ok_or_else(|| AwsFault::Unknown("ConnectDirectory named no directory".to_owned()))
    }

    /// GetDirectoryLimits.
    pub(crate) async fn connector_limit(&self, slot: Slot) -> Result<ConnectorLimit, AwsFault> {
        let call = self.directory_service.get_directory_limits().send();
        let answer = slot.call(Operation::GetDirectoryLimits, call).await?;
        let limits = answer.directory_limits();
        Ok(ConnectorLimit {
            limit: limits.and_then(|limits| limits.connected_directories_limit()).unwrap_or_default(),
            count: limits.and_then(|limits| limits.connected_directories_current_count()).unwrap_or_default(),
        })
    }
}

fn read(found: &DirectoryDescription) -> Option<Connector> {
    if found.r#type() != Some(&DirectoryType::AdConnector) {
        return None;
    }
    let settings = found.connect_settings();
    let time = |time: Option<&aws_smithy_types::DateTime>| DateTime::from_timestamp(time?.secs(), 0);
    Some(Connector {
        id: found.directory_id()?.to_owned(),
        name: found.name()?.to_lowercase(),
        short_name: found.short_name().map(ToOwned::to_owned),
        description: found.description().map(ToOwned::to_owned),
        size: found.size().map(|size| size.as_str().to_owned()),
        stage: found.stage()?.as_str().to_owned(),
        stage_reason: found.stage_reason().map(ToOwned::to_owned),
        stage_since: time(found.stage_last_updated_date_time()),
        launched_at: time(found.launch_time()),
        vpc: settings.and_then(|settings| settings.vpc_id().map(ToOwned::to_owned)),
        subnets: settings.map(|settings| settings.subnet_ids().to_vec()).unwrap_or_default(),
        dns: found.dns_ip_addrs().to_vec(),
        account: settings.and_then(|settings| settings.customer_user_name().map(ToOwned::to_owned)),
    })
}
