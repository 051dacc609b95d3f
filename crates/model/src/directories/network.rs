//! Where a connector and its WorkSpaces can stand: VPCs, their subnets, and what the routes of those say.

use serde::{Deserialize, Serialize};

use crate::{FieldError, SubnetId, VpcId};

/// What EC2 showed of the Region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// The Region's name, `eu-central-1`.
    pub region: String,
    pub vpcs: Vec<Vpc>,
}

/// One VPC (EC2 API, Vpc) with its subnets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    pub id: VpcId,
    /// The tag `Name`.
    pub name: Option<String>,
    pub cidr: String,
    pub is_default: bool,
    /// `default`, `dedicated` or `host`.
    pub tenancy: String,
    pub subnets: Vec<Subnet>,
}

/// One subnet (EC2 API, Subnet).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    pub id: SubnetId,
    pub name: Option<String>,
    pub cidr: String,
    /// The zone's name in this account, `eu-central-1a`: another account may call another zone so.
    pub zone: String,
    /// The zone's id, which is the same for everybody: `euc1-az2`.
    pub zone_id: String,
    /// Addresses that nothing has yet.
    pub free: i64,
    /// Everything started in it gets an IPv6 address.
    pub assigns_ipv6: bool,
    /// `pending`, `available`, …
    pub state: String,
    pub routes: Option<Vec<Route>>,
}

/// One route out of a subnet's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// A CIDR or a prefix list.
    pub destination: String,
    /// `local`, or the id of what it leads to: `igw-…`, `nat-…`, `vgw-…`.
    pub target: String,
    /// False for a black hole: what it led to is gone.
    pub active: bool,
}

/// How what stands in a subnet reaches the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Internet {
    /// By an internet gateway: what stands there needs a public address.
    Public,
    /// By a NAT gateway.
    Nat,
    None,
    /// Its routes are not known, or lead to something whose own routes would tell.
    CantTell,
}

/// How what stands in a subnet reaches the company's network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// A virtual private gateway: VPN or Direct Connect.
    PrivateGateway,
    TransitGateway,
    Peering,
    /// Nothing beyond the VPC.
    None,
    CantTell,
}

impl Vpc {
    /// What a person knows it by.
    pub fn title(&self) -> String {
        titled(self.name.as_deref(), self.id.as_str())
    }

    /// Why no connector can stand in it (Directory Service Admin Guide, `ad_connector_getting_started`).
    pub fn obstacle(&self) -> Option<String> {
        (self.tenancy != "default")
            .then(|| format!("Its tenancy is {}. AD Connector and WorkSpaces need a VPC of default tenancy.", self.tenancy))
    }
}

pub(super) fn titled(name: Option<&str>, id: &str) -> String {
    name.map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
}

impl Subnet {
    pub fn title(&self) -> String {
        titled(self.name.as_deref(), self.id.as_str())
    }

    /// Why neither a connector nor WorkSpaces can stand in it.
    pub fn obstacle(&self, region: &str) -> Option<String> {
        if self.state != "available" {
            return Some(format!("EC2 says {}, it has to be available.", self.state));
        }
        if supported_zones(region).is_some_and(|zones| !zones.contains(&self.zone_id.as_str())) {
            return Some(format!("WorkSpaces does not work in its zone {} ({}).", self.zone_id, self.zone));
        }
        if self.assigns_ipv6 {
            return Some("It gives IPv6 addresses by itself, which WorkSpaces refuses. Switch that off in EC2.".to_owned());
        }
        (self.free < 1).then(|| "It has no free address left.".to_owned())
    }

    /// What to know before it is picked; the routes are judged beside.
    pub fn caution(&self, region: &str) -> Option<String> {
        if supported_zones(region).is_none() {
            return Some(format!("AWS does not say which zones of {region} WorkSpaces works in. Registering will tell."));
        }
        (self.free < 30).then(|| format!("Only {} addresses are free, and each WorkSpace takes one.", self.free))
    }

    fn targets(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().flatten().filter(|route| route.active && route.target != "local")
    }

    pub fn internet(&self) -> Internet {
        if self.routes.is_none() {
            return Internet::CantTell;
        }
        match self.targets().find(|route| route.destination == "0.0.0.0/0").map(|route| kind_of(&route.target)) {
            None => Internet::None,
            Some("igw") => Internet::Public,
            Some("nat") => Internet::Nat,
            Some(_) => Internet::CantTell,
        }
    }

    pub fn company(&self) -> Company {
        if self.routes.is_none() {
            return Company::CantTell;
        }
        let leads = |kind: &str| self.targets().any(|route| kind_of(&route.target) == kind);
        if leads("vgw") {
            Company::PrivateGateway
        } else if leads("tgw") {
            Company::TransitGateway
        } else if leads("pcx") {
            Company::Peering
        } else if self.targets().all(|route| matches!(kind_of(&route.target), "igw" | "nat" | "vpce" | "eigw")) {
            Company::None
        } else {
            Company::CantTell
        }
    }
}

/// `nat` of `nat-0a1b2c3d`.
fn kind_of(target: &str) -> &str {
    target.split('-').next().unwrap_or_default()
}

impl Internet {
    pub fn words(self) -> &'static str {
        match self {
            Self::Public => "public: to the internet by a gateway, with public addresses",
            Self::Nat => "private: to the internet by NAT",
            Self::None => "no way to the internet",
            Self::CantTell => "can't tell whether it reaches the internet",
        }
    }
}

impl Company {
    pub fn words(self) -> &'static str {
        match self {
            Self::PrivateGateway => "to the company by VPN or Direct Connect",
            Self::TransitGateway => "to the company by a transit gateway",
            Self::Peering => "to another VPC by peering",
            Self::None => "no way out of the VPC to a company network: right only if the domain controllers stand in it",
            Self::CantTell => "can't tell whether it reaches the company",
        }
    }
}

impl Network {
    pub fn vpc(&self, id: &str) -> Option<&Vpc> {
        self.vpcs.iter().find(|vpc| vpc.id.as_str() == id)
    }

    /// Checks a VPC and two of its subnets as a form names them, by the fields `vpc` and `subnets`.
    ///
    /// # Errors
    /// What is wrong, at its field.
    pub fn pick(&self, vpc: &str, subnets: &[String]) -> Result<Place, Vec<FieldError>> {
        let wrong = |field: &str, message: String| Err(vec![FieldError { field: field.to_owned(), message }]);
        let Some(vpc) = self.vpc(vpc) else { return wrong("vpc", "Choose a VPC of the list.".to_owned()) };
        if let Some(obstacle) = vpc.obstacle() {
            return wrong("vpc", obstacle);
        }
        let mut picked = Vec::new();
        for id in subnets {
            let Some(subnet) = vpc.subnets.iter().find(|subnet| subnet.id.as_str() == id) else {
                return wrong("subnets", "A subnet is not in the VPC that is chosen. Choose two of it.".to_owned());
            };
            if let Some(obstacle) = subnet.obstacle(&self.region) {
                return wrong("subnets", format!("{}: {obstacle}", subnet.title()));
            }
            picked.push(subnet);
        }
        match picked.as_slice() {
            [one, other] if one.zone_id == other.zone_id => wrong(
                "subnets",
                format!("Both are in the zone {}. AWS wants two subnets in different zones, so that one may fail.", one.zone),
            ),
            [one, other] => Ok(Place { vpc: vpc.id.clone(), subnets: [one.id.clone(), other.id.clone()] }),
            _ => wrong("subnets", "Choose two subnets, in different zones.".to_owned()),
        }
    }
}

/// A VPC and two of its subnets that a connector can stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub vpc: VpcId,
    pub subnets: [SubnetId; 2],
}

/// The ids of the zones that WorkSpaces works in; `None` where AWS's page does not say (WorkSpaces Admin Guide,
/// `azs-workspaces`).
pub fn supported_zones(region: &str) -> Option<&'static [&'static str]> {
    Some(match region {
        "us-east-1" => &["use1-az2", "use1-az4", "use1-az6"],
        "us-west-2" => &["usw2-az1", "usw2-az2", "usw2-az3"],
        "ap-south-1" => &["aps1-az1", "aps1-az2", "aps1-az3"],
        "ap-northeast-2" => &["apne2-az1", "apne2-az3"],
        "ap-southeast-1" => &["apse1-az1", "apse1-az2"],
        "ap-southeast-2" => &["apse2-az1", "apse2-az3"],
        "ap-northeast-1" => &["apne1-az1", "apne1-az4"],
        "ca-central-1" => &["cac1-az1", "cac1-az2"],
        "eu-central-1" => &["euc1-az2", "euc1-az3"],
        "eu-west-1" => &["euw1-az1", "euw1-az2", "euw1-az3"],
        "eu-west-2" => &["euw2-az2", "euw2-az3"],
        "eu-west-3" => &["euw3-az1", "euw3-az2", "euw3-az3"],
        "sa-east-1" => &["sae1-az1", "sae1-az3"],
        "af-south-1" => &["afs1-az1", "afs1-az2", "afs1-az3"],
        "il-central-1" => &["ilc1-az1", "ilc1-az2", "ilc1-az3"],
        "us-gov-west-1" => &["usgw1-az1", "usgw1-az2", "usgw1-az3"],
        "us-gov-east-1" => &["usge1-az1", "usge1-az2", "usge1-az3"],
        _ => return None,
    })
}

/// The Regions in which there is WorkSpaces at all (`endpoints.json` of botocore 1.44).
pub fn is_offered(region: &str) -> bool {
    supported_zones(region).is_some() || matches!(region, "us-east-2" | "ap-southeast-5" | "cn-northwest-1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(id: &str, zone_id: &str, routes: &[(&str, &str)]) -> Subnet {
        let route = |(destination, target): &(&str, &str)| Route {
            destination: (*destination).to_owned(),
            target: (*target).to_owned(),
            active: true,
        };
        Subnet {
            id: id.parse().unwrap(),
            name: None,
            cidr: "10.0.1.0/24".to_owned(),
            zone: format!("eu-central-1-{zone_id}"),
            zone_id: zone_id.to_owned(),
            free: 200,
            assigns_ipv6: false,
            state: "available".to_owned(),
            routes: Some(routes.iter().map(route).collect()),
        }
    }

    fn network(subnets: Vec<Subnet>) -> Network {
        let vpc = Vpc {
            id: "vpc-0a1b2c3d".parse().unwrap(),
            name: None,
            cidr: "10.0.0.0/16".to_owned(),
            is_default: false,
            tenancy: "default".to_owned(),
            subnets,
        };
        Network { region: "eu-central-1".to_owned(), vpcs: vec![vpc] }
    }

    const A: &str = "subnet-0a1b2c3d";
    const B: &str = "subnet-0b1c2d3e";

    fn refused(network: &Network, vpc: &str, subnets: &[&str]) -> String {
        let subnets: Vec<_> = subnets.iter().map(ToString::to_string).collect();
        network.pick(vpc, &subnets).unwrap_err().remove(0).field
    }

    #[test]
    fn two_subnets_in_two_zones_of_one_vpc_can_be_picked() {
        let good = network(vec![subnet(A, "euc1-az2", &[]), subnet(B, "euc1-az3", &[])]);
        assert!(good.pick("vpc-0a1b2c3d", &[A.to_owned(), B.to_owned()]).is_ok());
        assert_eq!(refused(&good, "vpc-99999999", &[A, B]), "vpc");
        for wrong in [&[][..], &[A], &[A, A], &[A, "subnet-99999999"], &[A, B, A]] {
            assert_eq!(refused(&good, "vpc-0a1b2c3d", wrong), "subnets", "{wrong:?}");
        }
    }

    #[test]
    fn what_aws_would_refuse_says_why() {
        let with = |change: fn(&mut Subnet)| {
            let mut other = subnet(B, "euc1-az3", &[]);
            change(&mut other);
            other.obstacle("eu-central-1")
        };
        assert_eq!(with(|_| ()), None);
        assert!(with(|subnet| subnet.zone_id = "euc1-az1".to_owned()).unwrap().contains("euc1-az1"));
        assert!(with(|subnet| subnet.assigns_ipv6 = true).unwrap().contains("IPv6"));
        assert!(with(|subnet| subnet.free = 0).is_some());
        assert!(with(|subnet| subnet.state = "pending".to_owned()).is_some());
        let mut dedicated = network(vec![subnet(A, "euc1-az2", &[]), subnet(B, "euc1-az3", &[])]);
        dedicated.vpcs[0].tenancy = "dedicated".to_owned();
        assert_eq!(refused(&dedicated, "vpc-0a1b2c3d", &[A, B]), "vpc");
    }

    #[test]
    fn routes_are_read_as_an_engineer_reads_them() {
        let all = [
            (&[("0.0.0.0/0", "igw-1")][..], Internet::Public, Company::None),
            (&[("0.0.0.0/0", "nat-1"), ("10.20.0.0/16", "vgw-1")], Internet::Nat, Company::PrivateGateway),
            (&[("10.0.0.0/8", "tgw-1")], Internet::None, Company::TransitGateway),
            (&[("0.0.0.0/0", "tgw-1")], Internet::CantTell, Company::TransitGateway),
            (&[("10.1.0.0/16", "pcx-1"), ("pl-1", "vpce-1")], Internet::None, Company::Peering),
            (&[("0.0.0.0/0", "eni-1")], Internet::CantTell, Company::CantTell),
            (&[("10.0.0.0/16", "local")], Internet::None, Company::None),
        ];
        for (routes, internet, company) in all {
            let subnet = subnet(A, "euc1-az2", routes);
            assert_eq!((subnet.internet(), subnet.company()), (internet, company), "{routes:?}");
        }
        let unknown = Subnet { routes: None, ..subnet(A, "euc1-az2", &[]) };
        assert_eq!((unknown.internet(), unknown.company()), (Internet::CantTell, Company::CantTell));
    }

    #[test]
    fn a_black_hole_leads_nowhere() {
        let mut dead = subnet(A, "euc1-az2", &[("0.0.0.0/0", "nat-1"), ("10.20.0.0/16", "vgw-1")]);
        for route in dead.routes.iter_mut().flatten() {
            route.active = false;
        }
        assert_eq!((dead.internet(), dead.company()), (Internet::None, Company::None));
    }
}
