//! Directory Service: the stage of each AD Connector.

use aws_sdk_directory::types::DirectoryType;

use super::{Aws, AwsFault, fault};

/// What DescribeDirectories says of an AD Connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connector {
    pub id: String,
    pub name: String,
    pub short_name: Option<String>,
    pub description: Option<String>,
    pub stage: String,
    pub stage_reason: Option<String>,
}

impl Aws {
    /// All AD Connectors of the account and Region; other kinds of directory are left out.
    pub(crate) async fn connectors(&self) -> Result<Vec<Connector>, AwsFault> {
        let mut connectors = Vec::new();
        let mut next = None;
        loop {
            let answer = self.directory_service.describe_directories().set_next_token(next).send().await.map_err(fault)?;
            connectors.extend(
                answer
                    .directory_descriptions()
                    .iter()
                    .filter(|found| found.r#type() == Some(&DirectoryType::AdConnector))
                    .filter_map(|found| {
                        Some(Connector {
                            id: found.directory_id()?.to_owned(),
                            name: found.name()?.to_lowercase(),
                            short_name: found.short_name().map(ToOwned::to_owned),
                            description: found.description().map(ToOwned::to_owned),
                            stage: found.stage()?.as_str().to_owned(),
                            stage_reason: found.stage_reason().map(ToOwned::to_owned),
                        })
                    }),
            );
            next = answer.next_token;
            if next.is_none() {
                return Ok(connectors);
            }
        }
    }
}
