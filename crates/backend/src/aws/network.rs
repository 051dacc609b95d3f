//! EC2, by way of the crate `network`, which is apart because EC2's SDK takes minutes to build.

use model::directories::{Network, Route, Subnet, Vpc};
use network::{RouteRow, SubnetRow, TableRow};

use super::{Aws, AwsFault};
use crate::budget::{Operation, Slot};

/// The turns of the three listings that make a picture.
pub(crate) struct Turns {
    pub vpcs: Slot,
    pub subnets: Slot,
    pub tables: Slot,
}

impl Aws {
    /// The Region that all clients speak to.
    pub(crate) fn region(&self) -> &str {
        self.config.region().map_or("", AsRef::as_ref)
    }

    /// VPCs of the Region with their subnets and routes. Without the right to read routes these are not known; the rest is.
    pub(crate) async fn network(&self, turns: Turns) -> Result<Network, AwsFault> {
        let vpcs = turns.vpcs.call(Operation::DescribeVpcs, self.network.vpcs()).await?;
        let subnets = turns.subnets.call(Operation::DescribeSubnets, self.network.subnets()).await?;
        let tables = match turns.tables.call(Operation::DescribeRouteTables, self.network.route_tables()).await {
            Ok(tables) => Some(tables),
            Err(AwsFault::Refused { code, .. }) => {
                tracing::warn!(code, "EC2 does not tell the routes");
                None
            }
            Err(other) => return Err(other),
        };
        let vpcs = vpcs.into_iter().filter_map(|row| {
            let of_vpc = subnets.iter().filter(|subnet| subnet.vpc == row.id);
            let subnets = of_vpc.filter_map(|subnet| read(subnet, tables.as_deref())).collect();
            let (id, name, cidr) = (row.id.parse().ok()?, row.name, row.cidr);
            Some(Vpc { id, name, cidr, is_default: row.is_default, tenancy: row.tenancy, subnets })
        });
        Ok(Network { region: self.region().to_owned(), vpcs: vpcs.collect() })
    }
}

fn read(row: &SubnetRow, tables: Option<&[TableRow]>) -> Option<Subnet> {
    let own = |table: &&TableRow| table.subnets.contains(&row.id);
    let main = |table: &&TableRow| table.is_main && table.vpc == row.vpc;
    let table = tables.and_then(|tables| tables.iter().find(own).or_else(|| tables.iter().find(main)));
    let route =
        |route: &RouteRow| Route { destination: route.destination.clone(), target: route.target.clone(), active: route.active };
    Some(Subnet {
        id: row.id.parse().ok()?,
        name: row.name.clone(),
        cidr: row.cidr.clone(),
        zone: row.zone.clone(),
        zone_id: row.zone_id.clone(),
        free: row.free,
        assigns_ipv6: row.assigns_ipv6,
        state: row.state.clone(),
        routes: table.map(|table| table.routes.iter().map(route).collect()),
    })
}
