//! Service Quotas: how many WorkSpaces the account may have.

use model::directories::readiness::WORKSPACES_QUOTA;

use super::{Aws, AwsFault, fault};

impl Aws {
    /// GetServiceQuota: the applied quota "WorkSpaces" of the account in the Region.
    pub(crate) async fn workspaces_quota(&self) -> Result<u32, AwsFault> {
        let call = self.quotas.get_service_quota().service_code("workspaces").quota_code(WORKSPACES_QUOTA).send();
        let value = call.await.map_err(fault)?.quota.and_then(|quota| quota.value);
        let value = value.ok_or_else(|| AwsFault::Unknown("GetServiceQuota named no value".to_owned()))?;
        // A count, which the API writes as a number with a fraction; `as` stops at the type's ends.
        Ok(value as u32)
    }
}
