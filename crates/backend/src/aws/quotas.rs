//! Service Quotas: how many WorkSpaces the account may have.

use model::directories::readiness::WORKSPACES_QUOTA;

use super::{Aws, AwsFault};
use crate::budget::{Operation, Slot};

impl Aws {
    /// GetServiceQuota: the applied quota "WorkSpaces" of the account in the Region.
    pub(crate) async fn workspaces_quota(&self, slot: Slot) -> Result<u32, AwsFault> {
        let call = self.quotas.get_service_quota().service_code("workspaces").quota_code(WORKSPACES_QUOTA).send();
        let answer = slot.call(Operation::GetServiceQuota, call).await?;
        let value = answer.quota.and_then(|quota| quota.value);
        let value = value.ok_or_else(|| AwsFault::Unknown("GetServiceQuota named no value".to_owned()))?;
        // A count, which the API writes as a number with a fraction; `as` stops at the type's ends.
        Ok(value as u32)
    }
}
