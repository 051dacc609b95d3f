//! SQL of addresses: what EC2 showed of the subnets of registered directories, and who is on the way to one.

use model::directories::SubnetAddresses;

use crate::{Fault, Services};

/// The subnets of which a directory's WorkSpaces take addresses, and how many rows of its launches are still to take one.
pub(in crate::directories) struct Wanting {
    pub directory: String,
    /// Without an answer of WorkSpaces to that, the connector's own.
    pub subnets: Vec<String>,
    /// A row that AWS accepted after EC2 was read is not among what EC2 counted, so it counts here.
    pub coming: i64,
}

/// All directories that are registered with WorkSpaces.
pub(in crate::directories) async fn wanting(services: &Services) -> sqlx::Result<Vec<Wanting>> {
    sqlx::query_as!(
        Wanting,
        "select d.directory_id as directory,
                case when d.workspace_subnet_ids = '{}' then d.subnet_ids else d.workspace_subnet_ids end as \"subnets!\",
                (select count(*) from launch_item i, mirror m
                 where i.directory_id = d.directory_id and m.part = 'network'
                   and (i.state in ('queued', 'sending', 'unconfirmed')
                        or (i.state in ('pending', 'available') and i.accepted_at > m.read_at))) as \"coming!\"
         from directory d where d.gone_at is null and d.registration_state = 'REGISTERED'",
    )
    .fetch_all(&services.db)
    .await
}

/// These subnets, as far as EC2 showed them.
pub(in crate::directories) async fn subnets(services: &Services, ids: &[String]) -> Result<Vec<SubnetAddresses>, Fault> {
    let rows = sqlx::query!(
        "select s ->> 'id' as \"id!\", s ->> 'name' as name, s ->> 'cidr' as \"cidr!\", s ->> 'zone' as \"zone!\",
                s ->> 'zone_id' as \"zone_id!\", (s ->> 'free')::bigint as \"free!\"
         from network, jsonb_array_elements(picture -> 'vpcs') v, jsonb_array_elements(v -> 'subnets') s
         where s ->> 'id' = any($1) order by s ->> 'zone', s ->> 'id'",
        ids,
    )
    .fetch_all(&services.db)
    .await?;
    let read = rows.into_iter().map(|row| SubnetAddresses {
        id: row.id,
        name: row.name,
        cidr: row.cidr,
        zone: row.zone,
        zone_id: row.zone_id,
        free: row.free,
    });
    Ok(read.collect())
}
