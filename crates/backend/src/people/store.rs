//! SQL of people: Frontdesk keeps none, it only knows who has a WorkSpace or is about to.

use std::collections::HashMap;

use model::{DirectoryId, people::Occupancy};

use crate::{Fault, Services};

/// What stands under these accounts (in lower case) in the directory.
pub(super) async fn occupancies(
    services: &Services,
    directory: &DirectoryId,
    accounts: &[String],
) -> Result<HashMap<String, Occupancy>, Fault> {
    let rows = sqlx::query!(
        "select lower(user_name) as \"account!\", workspace_id as \"workspace_id?\", false as \"being_launched!\"
         from workspace where directory_id = $1 and gone_at is null and state not in ('TERMINATING', 'TERMINATED') and lower(user_name) = any($2)
         union all
         select lower(account), null, true from launch_item
         where directory_id = $1 and state in ('queued', 'sending', 'unconfirmed', 'pending') and lower(account) = any($2)",
        directory.as_str(),
        accounts,
    )
    .fetch_all(&services.db)
    .await?;
    let mut found: HashMap<String, Occupancy> = HashMap::new();
    for row in rows {
        let occupancy = found.entry(row.account).or_default();
        occupancy.being_launched |= row.being_launched;
        if let Some(id) = row.workspace_id {
            occupancy.workspace = Some(id.parse().map_err(|error| Fault::Bug(format!("workspace row: {error}")))?);
        }
    }
    Ok(found)
}
