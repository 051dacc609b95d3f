//! The account's network in eu-central-1, with what people meet: subnets that suit WorkSpaces, and one for each way not to.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    directories::Registration,
    state::{Memory, Workspace},
};

/// One VPC. Beside the one of the connectors there is one of dedicated tenancy, and the default one, which has no name.
pub(super) struct Vpc {
    pub id: &'static str,
    pub cidr: &'static str,
    pub name: Option<&'static str>,
    pub dedicated: bool,
    pub is_default: bool,
}

pub(super) const VPCS: [Vpc; 3] = [
    Vpc { id: "vpc-0a1b2c3d", cidr: "10.0.0.0/16", name: Some("corp"), dedicated: false, is_default: false },
    Vpc { id: "vpc-0dedcafe", cidr: "10.40.0.0/16", name: Some("legacy-dedicated"), dedicated: true, is_default: false },
    Vpc { id: "vpc-0de1a017", cidr: "172.31.0.0/16", name: None, dedicated: false, is_default: true },
];

/// Zones by their names in this account and by the ids that are the same in all accounts.
const ZONES: [(&str, &str); 3] = [("eu-central-1a", "euc1-az2"), ("eu-central-1b", "euc1-az3"), ("eu-central-1c", "euc1-az1")];
/// Where WorkSpaces are offered (Administration Guide, `azs-workspaces`).
const SUPPORTED: [&str; 2] = ["euc1-az2", "euc1-az3"];

/// One subnet.
pub(super) struct Subnet {
    pub id: &'static str,
    pub vpc: &'static str,
    pub cidr: &'static str,
    /// An id of `ZONES`.
    pub zone: &'static str,
    pub name: Option<&'static str>,
    /// Addresses that nobody had before there were WorkSpaces.
    addresses: usize,
    public: bool,
    ipv6: bool,
}

const fn subnet(
    id: &'static str,
    vpc: &'static str,
    (cidr, addresses): (&'static str, usize),
    zone: &'static str,
    name: &'static str,
) -> Subnet {
    Subnet { id, vpc, cidr, zone, name: Some(name), addresses, public: false, ipv6: false }
}

/// Of the VPC with the connectors: two large ones that suit, then one that is public, one in a zone without WorkSpaces, one
/// that assigns IPv6 addresses, one with three free addresses, one without a way out, one over a transit gateway, and one
/// without a route table of its own.
pub(super) const SUBNETS: [Subnet; 14] = [
    subnet("subnet-0a1b2c3d", VPCS[0].id, ("10.0.0.0/18", 16_379), "euc1-az2", "workspaces-a"),
    subnet("subnet-0b1c2d3e", VPCS[0].id, ("10.0.64.0/18", 16_379), "euc1-az3", "workspaces-b"),
    Subnet { public: true, ..subnet("subnet-0c1d2e3f", VPCS[0].id, ("10.0.128.0/24", 251), "euc1-az2", "public-a") },
    subnet("subnet-0d1e2f30", VPCS[0].id, ("10.0.129.0/24", 251), "euc1-az1", "workspaces-c"),
    Subnet { ipv6: true, ..subnet("subnet-0e1f2031", VPCS[0].id, ("10.0.130.0/24", 251), "euc1-az3", "dual-stack-b") },
    subnet("subnet-0f203142", VPCS[0].id, ("10.0.131.0/28", 3), "euc1-az3", "nearly-full-b"),
    subnet("subnet-1a2b3c4d", VPCS[0].id, ("10.0.132.0/24", 251), "euc1-az2", "isolated-a"),
    subnet("subnet-2b3c4d5e", VPCS[0].id, ("10.0.133.0/24", 251), "euc1-az3", "transit-b"),
    subnet("subnet-3c4d5e6f", VPCS[0].id, ("10.0.134.0/24", 251), "euc1-az2", "main-route-table-a"),
    subnet("subnet-4d5e6f70", VPCS[1].id, ("10.40.1.0/24", 251), "euc1-az2", "dedicated-a"),
    subnet("subnet-5e6f7081", VPCS[1].id, ("10.40.2.0/24", 251), "euc1-az3", "dedicated-b"),
    of_default("subnet-6f708192", ("172.31.0.0/20", 4_091), "euc1-az2"),
    of_default("subnet-708192a3", ("172.31.16.0/20", 4_091), "euc1-az3"),
    of_default("subnet-8192a3b4", ("172.31.32.0/20", 4_091), "euc1-az1"),
];

/// Of the default VPC: public, and without a name.
const fn of_default(id: &'static str, cidr: (&'static str, usize), zone: &'static str) -> Subnet {
    Subnet { public: true, name: None, ..subnet(id, VPCS[2].id, cidr, zone, "") }
}

impl Subnet {
    pub(super) fn zone_name(&self) -> &'static str {
        ZONES.iter().find(|(_, id)| *id == self.zone).map_or("", |(name, _)| name)
    }

    /// Whether WorkSpaces are offered in its zone.
    pub(super) fn is_supported(&self) -> bool {
        SUPPORTED.contains(&self.zone)
    }

    /// An address in it for something that AWS puts there.
    pub(super) fn address(&self, number: u8) -> String {
        let network = self.cidr.split('/').next().unwrap_or_default();
        network.rsplit_once('.').map_or_else(String::new, |(front, _)| format!("{front}.{number}"))
    }

    /// Free addresses: WorkSpaces live in the two subnets of their directory by turns.
    pub(super) fn free(&self, memory: &Memory, now: DateTime<Utc>) -> usize {
        let lives_here =
            |workspace: &&Workspace| !workspace.is_gone() && memory.home(workspace, now).is_some_and(|home| home == self.id);
        self.addresses.saturating_sub(memory.workspaces.iter().filter(lives_here).count())
    }
}

pub(super) fn find_subnet(id: &str) -> Option<&'static Subnet> {
    SUBNETS.iter().find(|subnet| subnet.id == id)
}

pub(super) fn find_vpc(id: &str) -> Option<&'static Vpc> {
    VPCS.iter().find(|vpc| vpc.id == id)
}

impl Memory {
    /// The subnet in which a WorkSpace lives. Ids of WorkSpaces are numbers in a row, seven apart.
    fn home(&self, workspace: &Workspace, now: DateTime<Utc>) -> Option<&str> {
        let number: u64 = workspace.id.trim_start_matches("ws-").parse().ok()?;
        by_turns(self.registration(&workspace.directory, now)?, number.checked_sub(500_000_000)? / 7)
    }

    /// The subnet of the next WorkSpace in a directory.
    pub(super) fn next_home<'a>(&self, registration: &'a Registration) -> Option<&'a str> {
        by_turns(registration, self.next_number + 1)
    }
}

fn by_turns(registration: &Registration, number: u64) -> Option<&str> {
    let count = registration.subnets.len();
    let turn = usize::try_from(number).ok()?.checked_rem(count)?;
    registration.subnets.get(turn).map(String::as_str)
}

fn named(name: Option<&str>) -> Value {
    name.map_or_else(|| json!([]), |name| json!([{ "key": "Name", "value": name }]))
}

/// As EC2 tells it, under the names of its XML.
pub(super) fn vpc(vpc: &Vpc) -> Value {
    json!({
        "vpcId": vpc.id, "ownerId": super::ACCOUNT, "state": "available", "cidrBlock": vpc.cidr, "dhcpOptionsId": "dopt-0a1b2c3d",
        "instanceTenancy": if vpc.dedicated { "dedicated" } else { "default" }, "isDefault": vpc.is_default,
        "cidrBlockAssociationSet": [{
            "associationId": format!("vpc-cidr-assoc-{}", vpc.id.trim_start_matches("vpc-")), "cidrBlock": vpc.cidr,
            "cidrBlockState": { "state": "associated" },
        }],
        "tagSet": named(vpc.name),
    })
}

/// As EC2 tells it, under the names of its XML.
pub(super) fn subnet_with(subnet: &Subnet, free: usize) -> Value {
    let ipv6 = if subnet.ipv6 {
        json!([{
            "associationId": "subnet-cidr-assoc-0e1f2031", "ipv6CidrBlock": "2001:db8:1234:1a00::/64",
            "ipv6CidrBlockState": { "state": "associated" },
        }])
    } else {
        json!([])
    };
    json!({
        "subnetId": subnet.id, "subnetArn": format!("arn:aws:ec2:eu-central-1:{}:subnet/{}", super::ACCOUNT, subnet.id),
        "vpcId": subnet.vpc, "ownerId": super::ACCOUNT, "state": "available", "cidrBlock": subnet.cidr,
        "availabilityZone": subnet.zone_name(), "availabilityZoneId": subnet.zone, "availableIpAddressCount": free,
        "defaultForAz": find_vpc(subnet.vpc).is_some_and(|vpc| vpc.is_default), "mapPublicIpOnLaunch": subnet.public,
        "assignIpv6AddressOnCreation": subnet.ipv6, "ipv6CidrBlockAssociationSet": ipv6, "ipv6Native": false,
        "tagSet": named(subnet.name),
    })
}

fn route(target: &str, gateway: &str) -> Value {
    let member = match gateway.split('-').next() {
        Some("nat") => "natGatewayId",
        Some("tgw") => "transitGatewayId",
        _ => "gatewayId",
    };
    let origin = if gateway == "local" { "CreateRouteTable" } else { "CreateRoute" };
    json!({ "destinationCidrBlock": target, member: gateway, "state": "active", "origin": origin })
}

/// A route that a virtual private gateway tells of.
fn propagated(target: &str) -> Value {
    json!({ "destinationCidrBlock": target, "gatewayId": "vgw-0a1b2c3d", "state": "active", "origin": "EnableVgwRoutePropagation" })
}

/// Route tables as EC2 tells them; the first of each VPC is its main one. The company's own network is 10.20.0.0/16.
pub(super) fn route_tables() -> Vec<Value> {
    let company = "10.20.0.0/16";
    let private = || vec![route("0.0.0.0/0", "nat-0a1b2c3d4e5f60718"), propagated(company)];
    vec![
        table("rtb-0a000000", &VPCS[0], None, private()),
        table("rtb-0a000001", &VPCS[0], Some(&["subnet-0a1b2c3d", "subnet-0b1c2d3e", "subnet-0d1e2f30"]), private()),
        table("rtb-0a000002", &VPCS[0], Some(&["subnet-0c1d2e3f"]), vec![route("0.0.0.0/0", "igw-0a1b2c3d")]),
        table("rtb-0a000003", &VPCS[0], Some(&["subnet-0e1f2031", "subnet-0f203142"]), private()),
        table("rtb-0a000004", &VPCS[0], Some(&["subnet-1a2b3c4d"]), Vec::new()),
        table("rtb-0a000005", &VPCS[0], Some(&["subnet-2b3c4d5e"]), vec![route("0.0.0.0/0", "tgw-0a1b2c3d4e5f60718")]),
        table("rtb-0b000000", &VPCS[1], None, vec![route("0.0.0.0/0", "nat-0b1c2d3e4f5061728")]),
        table("rtb-0c000000", &VPCS[2], None, vec![route("0.0.0.0/0", "igw-0c1d2e3f")]),
    ]
}

/// Without subnets it is the main table, for all that have none of their own.
fn table(id: &str, vpc: &Vpc, subnets: Option<&[&str]>, routes: Vec<Value>) -> Value {
    let number = id.trim_start_matches("rtb-");
    let state = json!({ "state": "associated" });
    let associations = match subnets {
        None => vec![json!({
            "routeTableAssociationId": format!("rtbassoc-{number}"), "routeTableId": id, "main": true, "associationState": state,
        })],
        Some(subnets) => {
            let association = |subnet: &&str| {
                let own = format!("rtbassoc-{}", subnet.trim_start_matches("subnet-"));
                json!({ "routeTableAssociationId": own, "routeTableId": id, "subnetId": subnet, "main": false, "associationState": state })
            };
            subnets.iter().map(association).collect()
        }
    };
    let mut all = vec![route(vpc.cidr, "local")];
    all.extend(routes);
    json!({
        "routeTableId": id, "vpcId": vpc.id, "ownerId": super::ACCOUNT, "routeSet": all, "associationSet": associations,
        "propagatingVgwSet": [], "tagSet": [],
    })
}

/// Security groups as EC2 tells them: each VPC's default one, one for WorkSpaces of the company's, and those that Directory
/// Service and WorkSpaces make for connectors.
pub(super) fn security_groups(memory: &Memory, now: DateTime<Utc>) -> Vec<Value> {
    let mut groups: Vec<Value> = VPCS
        .iter()
        .map(|vpc| {
            let id = format!("sg-{}", vpc.id.trim_start_matches("vpc-").replacen('0', "d", 1));
            security_group(&id, "default", "default VPC security group", vpc.id)
        })
        .collect();
    groups.push(security_group("sg-0d1e2f30", "workspaces-restricted", "WorkSpaces that reach the proxy only", VPCS[0].id));
    for connector in memory.connectors.iter().filter(|connector| connector.stage_at(now).is_some()) {
        let id = &connector.id;
        let about = format!("AWS created security group for {id} directory controllers");
        groups.push(security_group(&connector.security_group, &format!("{id}_controllers"), &about, &connector.vpc));
        if let Some(registration) = memory.registration(id, now) {
            let name = format!("{id}_workspacesMembers");
            groups.push(security_group(&registration.security_group, &name, "Amazon WorkSpaces Security Group", &connector.vpc));
        }
    }
    groups
}

fn security_group(id: &str, name: &str, about: &str, vpc: &str) -> Value {
    let out = json!([{ "ipProtocol": "-1", "groups": [], "ipRanges": [{ "cidrIp": "0.0.0.0/0" }], "ipv6Ranges": [], "prefixListIds": [] }]);
    json!({
        "groupId": id, "groupName": name, "groupDescription": about, "vpcId": vpc, "ownerId": super::ACCOUNT,
        "securityGroupArn": format!("arn:aws:ec2:eu-central-1:{}:security-group/{id}", super::ACCOUNT),
        "ipPermissions": [], "ipPermissionsEgress": out, "tagSet": [],
    })
}
