//! The subnets in which the directories' WorkSpaces stand: free addresses, and zones in which WorkSpaces works.

use model::directories::{Finding, Network, Subnet, readiness::console};
use tokio::time::timeout;

use super::{PATIENCE, account::Account, untold};
use crate::{
    Services,
    aws::{AwsFault, directory_service::Connector, network},
    budget::{Operation, Turns},
};

const SUBNETS: &str = "Subnets";

/// What EC2 shows now.
pub(super) async fn picture(services: &Services, turns: Turns<'_>) -> Result<Network, AwsFault> {
    let silent = || AwsFault::Unknown(format!("none within {} seconds", PATIENCE.as_secs()));
    timeout(PATIENCE, ask(services, turns)).await.unwrap_or_else(|_| Err(silent()))
}

async fn ask(services: &Services, turns: Turns<'_>) -> Result<Network, AwsFault> {
    let turn = async |operation| turns.take_ec2(operation).await.map_err(|error| AwsFault::NotSent(error.to_string()));
    let turns = network::Turns {
        vpcs: turn(Operation::DescribeVpcs).await?,
        subnets: turn(Operation::DescribeSubnets).await?,
        tables: turn(Operation::DescribeRouteTables).await?,
    };
    services.aws.network(turns).await
}

/// Each subnet of each directory that works or is to work.
pub(super) fn judge(account: &Account, picture: Result<Network, AwsFault>, region: &str) -> Vec<Finding> {
    let network = match picture {
        Ok(network) => network,
        Err(fault) => return vec![untold(SUBNETS, "ec2:DescribeSubnets", &fault)],
    };
    let Some(connectors) = &account.connectors else {
        return vec![Finding::not_asked(SUBNETS, "which directories there are is not known")];
    };
    let standing = connectors.iter().filter(|connector| !matches!(connector.stage.as_str(), "Failed" | "Deleting"));
    let places = standing.flat_map(|connector| subnets(account, connector).iter().map(move |subnet| (connector, subnet)));
    let findings: Vec<_> = places.map(|(connector, subnet)| look(&network, connector, subnet, region)).collect();
    if findings.is_empty() {
        return vec![Finding::not_asked(SUBNETS, "no directory stands in one yet; setting one up shows which will do")];
    }
    findings
}

/// Those that it was registered with, or else its own.
fn subnets<'a>(account: &'a Account, connector: &'a Connector) -> &'a [String] {
    let registrations = account.registrations.as_deref().unwrap_or_default();
    let registered = registrations.iter().find(|found| found.directory == connector.id).map(|found| &found.settings.subnets);
    registered.filter(|subnets| !subnets.is_empty()).unwrap_or(&connector.subnets)
}

fn look(network: &Network, connector: &Connector, id: &str, region: &str) -> Finding {
    let what = |subnet: &str| format!("{} in {subnet}", connector.name);
    let found = network.vpcs.iter().flat_map(|vpc| &vpc.subnets).find(|subnet| subnet.id.as_str() == id);
    let Some(subnet) = found else {
        return Finding::cant_tell(
            what(id),
            "EC2 does not show this subnet",
            "Check whether it is shared from another account, or gone.",
        );
    };
    judged(what(&subnet.title()), subnet, region)
        .at("Open the subnet", console(region, &format!("vpcconsole/home?region={region}#SubnetDetails:subnetId={id}")))
}

fn judged(what: String, subnet: &Subnet, region: &str) -> Finding {
    let seen = format!("{} free addresses, zone {} ({})", subnet.free, subnet.zone_id, subnet.zone);
    match (subnet.obstacle(region), subnet.caution(region)) {
        (Some(obstacle), _) => Finding::fail(
            what,
            seen,
            format!("{obstacle} WorkSpaces of this directory can\u{2019}t be made in it until that is mended."),
        ),
        (None, Some(caution)) => Finding::note(what, seen, caution),
        (None, None) => Finding::pass(what, seen),
    }
}

#[cfg(test)]
mod tests {
    use model::directories::Outcome;

    use super::*;

    fn subnet(free: i64) -> Subnet {
        Subnet {
            id: "subnet-0a1b2c3d".parse().unwrap(),
            name: Some("workspaces-a".into()),
            cidr: "10.0.0.0/24".into(),
            zone: "eu-central-1a".into(),
            zone_id: "euc1-az2".into(),
            free,
            assigns_ipv6: false,
            state: "available".into(),
            routes: None,
        }
    }

    #[test]
    fn a_full_subnet_is_in_the_way_and_a_nearly_full_one_is_told() {
        let outcome = |free| judged("x".to_owned(), &subnet(free), "eu-central-1").outcome;
        assert_eq!((outcome(0), outcome(3), outcome(200)), (Outcome::Fail, Outcome::Note, Outcome::Pass));
    }
}
