//! VPCs, subnets and route tables, as EC2 tells them: DescribeVpcs, DescribeSubnets, DescribeRouteTables.
//!
//! A crate of its own, because `aws-sdk-ec2` takes minutes to build: whatever changes often must not be built with it. For the
//! same reason none of its types are in what this crate hands out.

use aws_config::SdkConfig;
use aws_sdk_ec2::{
    Client,
    types::{RouteState, RouteTable, Subnet, Tag, Tenancy, Vpc},
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};

/// What a failed call ended with.
pub type Fault = SdkError<ErrorMetadata, HttpResponse>;

/// The calls, on the connection pool and credentials of a configuration.
#[derive(Debug, Clone)]
pub struct Network {
    client: Client,
}

/// One VPC.
#[derive(Debug, Clone)]
pub struct VpcRow {
    pub id: String,
    /// The tag `Name`.
    pub name: Option<String>,
    pub cidr: String,
    pub is_default: bool,
    /// `default`, `dedicated` or `host`.
    pub tenancy: String,
}

/// One subnet.
#[derive(Debug, Clone)]
pub struct SubnetRow {
    pub id: String,
    pub vpc: String,
    pub name: Option<String>,
    pub cidr: String,
    pub zone: String,
    pub zone_id: String,
    pub free: i64,
    pub assigns_ipv6: bool,
    pub state: String,
}

/// One route table.
#[derive(Debug, Clone)]
pub struct TableRow {
    pub vpc: String,
    /// Subnets that no table names have the VPC's main one.
    pub is_main: bool,
    pub subnets: Vec<String>,
    pub routes: Vec<RouteRow>,
}

/// One route.
#[derive(Debug, Clone)]
pub struct RouteRow {
    /// A CIDR or a prefix list.
    pub destination: String,
    /// `local`, or the id of what it leads to.
    pub target: String,
    /// False for a black hole.
    pub active: bool,
}

impl Network {
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    /// All VPCs of the Region.
    ///
    /// # Errors
    /// EC2 does not answer, or refuses.
    pub async fn vpcs(&self) -> Result<Vec<VpcRow>, Fault> {
        let mut rows = Vec::new();
        let mut pages = self.client.describe_vpcs().into_paginator().send();
        while let Some(page) = pages.next().await {
            rows.extend(page.map_err(plain)?.vpcs().iter().filter_map(vpc));
        }
        Ok(rows)
    }

    /// All subnets of the Region.
    ///
    /// # Errors
    /// As [`Network::vpcs`].
    pub async fn subnets(&self) -> Result<Vec<SubnetRow>, Fault> {
        let mut rows = Vec::new();
        let mut pages = self.client.describe_subnets().into_paginator().send();
        while let Some(page) = pages.next().await {
            rows.extend(page.map_err(plain)?.subnets().iter().filter_map(subnet));
        }
        Ok(rows)
    }

    /// All route tables of the Region.
    ///
    /// # Errors
    /// As [`Network::vpcs`].
    pub async fn route_tables(&self) -> Result<Vec<TableRow>, Fault> {
        let mut rows = Vec::new();
        let mut pages = self.client.describe_route_tables().into_paginator().send();
        while let Some(page) = pages.next().await {
            rows.extend(page.map_err(plain)?.route_tables().iter().filter_map(table));
        }
        Ok(rows)
    }
}

/// Without the types of this SDK.
fn plain<E: ProvideErrorMetadata>(error: SdkError<E, HttpResponse>) -> Fault {
    error.map_service_error(|error| error.meta().clone())
}

fn name(tags: &[Tag]) -> Option<String> {
    let name = tags.iter().find(|tag| tag.key() == Some("Name"))?.value()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn vpc(vpc: &Vpc) -> Option<VpcRow> {
    Some(VpcRow {
        id: vpc.vpc_id()?.to_owned(),
        name: name(vpc.tags()),
        cidr: vpc.cidr_block().unwrap_or_default().to_owned(),
        is_default: vpc.is_default().unwrap_or_default(),
        tenancy: vpc.instance_tenancy().map_or("default", Tenancy::as_str).to_owned(),
    })
}

fn subnet(subnet: &Subnet) -> Option<SubnetRow> {
    Some(SubnetRow {
        id: subnet.subnet_id()?.to_owned(),
        vpc: subnet.vpc_id()?.to_owned(),
        name: name(subnet.tags()),
        cidr: subnet.cidr_block().unwrap_or_default().to_owned(),
        zone: subnet.availability_zone().unwrap_or_default().to_owned(),
        zone_id: subnet.availability_zone_id().unwrap_or_default().to_owned(),
        free: subnet.available_ip_address_count().unwrap_or_default().into(),
        assigns_ipv6: subnet.assign_ipv6_address_on_creation().unwrap_or_default() || subnet.ipv6_native().unwrap_or_default(),
        state: subnet.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
    })
}

fn table(table: &RouteTable) -> Option<TableRow> {
    let associations = table.associations();
    let routes = table.routes().iter().filter_map(|route| {
        let destination = route.destination_cidr_block().or_else(|| route.destination_prefix_list_id())?;
        let target = route
            .gateway_id()
            .or_else(|| route.nat_gateway_id())
            .or_else(|| route.transit_gateway_id())
            .or_else(|| route.vpc_peering_connection_id())
            .or_else(|| route.network_interface_id())
            .or_else(|| route.instance_id())
            .unwrap_or("unknown");
        let active = route.state() != Some(&RouteState::Blackhole);
        Some(RouteRow { destination: destination.to_owned(), target: target.to_owned(), active })
    });
    Some(TableRow {
        vpc: table.vpc_id()?.to_owned(),
        is_main: associations.iter().any(|association| association.main().unwrap_or_default()),
        subnets: associations.iter().filter_map(|association| association.subnet_id().map(ToOwned::to_owned)).collect(),
        routes: routes.collect(),
    })
}
