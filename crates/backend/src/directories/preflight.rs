//! What can be seen before a connector is made, from where Frontdesk runs. AWS looks from the connector's own subnets, so what does
//! not answer here may answer there: only what says no is a failure.

use std::{collections::BTreeSet, net::Ipv4Addr};

use futures::future::join_all;
use model::directories::{Connect, Domain, Finding, Network, Outcome};
use tokio::{
    net::TcpStream,
    time::{Duration, timeout},
};

use super::{
    connect::dns_server,
    readiness::{connector_quota, region},
};
use crate::{
    Services,
    dns::{DnsFault, Server, Service},
    ldap::prove::{Door, RootDse},
};

/// How many of the domain controllers that DNS names are looked at.
const CONTROLLERS: usize = 4;
/// How long a port has to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// LDAPS; what listens at any other port is asked for StartTLS.
const LDAPS: u16 = 636;

const FROM_HERE: &str = "It may answer from the connector's subnets. Make sure that both reach it on this port.";
const NEEDS_TRUST: &str = "AWS does not need TLS there, but the account is proven over TLS only. Give the controller a certificate that Frontdesk trusts (ad.ca_file).";
const NEEDS_A_WAY: &str = "AWS needs port 389 from the connector's subnets, and Frontdesk a way over TLS to prove the account. Let it reach a domain controller, with a certificate that it trusts (ad.ca_file).";

/// Looks at everything, in the order in which a connector needs it.
pub(super) async fn look(services: &Services, connect: &Connect, network: &Network) -> Vec<Finding> {
    let mut findings = vec![region(services), connector_quota(services, Outcome::Fail).await];
    findings.extend(free_addresses(connect, network));
    let domain = &connect.domain;
    let asked = join_all(domain.dns.iter().map(|address| dns(services, &domain.dns_name, *address))).await;
    findings.extend(asked.into_iter().flatten());
    let controllers = controllers(services, domain).await;
    findings.extend(join_all(controllers.iter().map(|doors| controller(services, domain, doors))).await.into_iter().flatten());
    if controllers.is_empty() {
        let cure =
            "The account can't be proven before AWS is asked without one. Let Frontdesk reach a domain controller over LDAPS.";
        findings.push(Finding::fail("Domain controllers", "none is known that can be reached from here", cure));
    }
    findings.extend(kerberos(services, domain).await);
    findings.push(Finding::cant_tell(
        "Role workspaces_DefaultRole",
        "shows only when the connector is registered with WorkSpaces",
        "If AWS says then that it is missing, the AWS console makes it when the first directory is registered there.",
    ));
    findings
}

fn free_addresses(connect: &Connect, network: &Network) -> Vec<Finding> {
    let vpc = network.vpc(connect.place.vpc.as_str());
    let subnets = vpc.into_iter().flat_map(|vpc| &vpc.subnets).filter(|subnet| connect.place.subnets.contains(&subnet.id));
    let look = |subnet: &model::directories::Subnet| {
        let (what, seen) = (format!("Addresses in {}", subnet.title()), format!("{} are free", subnet.free));
        match subnet.caution(&network.region) {
            None => Finding::pass(what, seen),
            Some(caution) => Finding::cant_tell(what, seen, caution),
        }
    };
    subnets.map(look).collect()
}

/// What one DNS server knows of the domain.
pub(super) async fn dns(services: &Services, domain: &str, address: Ipv4Addr) -> Vec<Finding> {
    let server = match Server::at(dns_server(services, address)) {
        Ok(server) => server,
        Err(fault) => return vec![Finding::cant_tell(format!("DNS {address}"), fault.to_string(), FROM_HERE)],
    };
    let names = [ldap_service(domain), format!("_kerberos._tcp.{domain}")];
    let looks = names.into_iter().map(|name| {
        let server = &server;
        async move {
            let what = format!("DNS {address}: {name}");
            match server.services(&name).await {
                Ok(found) => {
                    let hosts: Vec<_> = found.iter().map(|service| format!("{}:{}", service.host, service.port)).collect();
                    Finding::pass(what, hosts.join(", "))
                }
                Err(DnsFault::Unknown) => Finding::fail(
                    what,
                    "it answers, and knows no such record",
                    "Give the address of a DNS server of the domain itself; usually a domain controller is one.",
                ),
                Err(DnsFault::Refused(why)) => Finding::fail(what, why, "Let the server answer questions about its own domain."),
                Err(DnsFault::Silent(why)) => Finding::cant_tell(what, format!("no answer from here ({why})"), FROM_HERE),
            }
        }
    });
    join_all(looks).await
}

fn ldap_service(domain: &str) -> String {
    format!("_ldap._tcp.dc._msdcs.{domain}")
}

/// The domain controllers that can be asked over TLS, each with its doors, the one to try first in front: those that are configured,
/// and some of those that the given DNS servers name.
pub(super) async fn controllers(services: &Services, domain: &Domain) -> Vec<Vec<Door>> {
    let mut named = Vec::new();
    for address in &domain.dns {
        let Ok(server) = Server::at(dns_server(services, *address)) else { continue };
        let found = server.services(&ldap_service(&domain.dns_name)).await.unwrap_or_default();
        for service in found.into_iter().take(CONTROLLERS) {
            let addresses = server.addresses(&service.host).await.unwrap_or_default();
            named.extend(addresses.into_iter().map(|address| doors(&service, address)));
        }
    }
    let configured = match services.ad.get(&domain.dns_name) {
        Some(configured) => configured.doors().await,
        None => Vec::new(),
    };
    in_order(configured, named)
}

/// What listens where DNS says takes StartTLS; LDAPS has a port of its own, which DNS does not tell.
fn doors(service: &Service, address: Ipv4Addr) -> Vec<Door> {
    let ports = if service.port == LDAPS { vec![LDAPS] } else { vec![service.port, LDAPS] };
    let door = |port: u16| Door { host: service.host.clone(), address: (address, port).into(), tls_at_once: port == LDAPS };
    ports.into_iter().map(door).collect()
}

/// Each door once. Those that are configured come first and count for themselves: DNS may name any number that nobody reaches from
/// here.
fn in_order(configured: Vec<Door>, named: Vec<Vec<Door>>) -> Vec<Vec<Door>> {
    let mut seen = BTreeSet::new();
    let mut new = |doors: Vec<Door>| -> Vec<Door> { doors.into_iter().filter(|door| seen.insert(door.address)).collect() };
    let mut controllers: Vec<_> = new(configured).into_iter().map(|door| vec![door]).collect();
    controllers.extend(named.into_iter().map(new).filter(|doors| !doors.is_empty()).take(CONTROLLERS));
    controllers
}

/// What one controller says of itself at the first of its doors that opens.
async fn controller(services: &Services, domain: &Domain, doors: &[Door]) -> Vec<Finding> {
    let Some(first) = doors.first() else { return Vec::new() };
    let (what, port) = (format!("Domain controller {}", first.host), first.address.port());
    let mut shut = None;
    for door in doors {
        match door.root_dse(&services.ad.tls()).await {
            Ok(root) => {
                let mut findings = answers(&what, domain, door, root);
                if shut.is_some() && !is_open(first).await {
                    findings.push(Finding::cant_tell(format!("{what}: port {port}"), "does not answer from here", FROM_HERE));
                }
                return findings;
            }
            Err(fault) => shut = shut.or(Some(fault)),
        }
    }
    let why = shut.map(|fault| fault.to_string()).unwrap_or_default();
    vec![if is_open(first).await {
        let seen = format!("port {port} is open, but no TLS that is trusted here ({why})");
        Finding::cant_tell(what, seen, NEEDS_TRUST)
    } else {
        Finding::cant_tell(what, format!("port {port} does not answer from here ({why})"), NEEDS_A_WAY)
    }]
}

/// Whether anything listens there, TLS or not.
async fn is_open(door: &Door) -> bool {
    matches!(timeout(PATIENCE, TcpStream::connect(door.address)).await, Ok(Ok(_)))
}

fn answers(what: &str, domain: &Domain, door: &Door, root: RootDse) -> Vec<Finding> {
    let (how, base) = (if door.tls_at_once { "LDAPS" } else { "LDAP with StartTLS" }, root.naming_context);
    let answers = Finding::pass(what, format!("answers by {how}; {}", base.unwrap_or_default()));
    let what = format!("{what}: functional level");
    let level = match root.domain_functionality {
        Some(level) if level >= 2 => Finding::pass(what, format!("level {level}")),
        Some(level) => Finding::fail(
            what,
            format!("level {level}"),
            "AD Connector needs the domain at Windows Server 2003 (level 2) or later.",
        ),
        None => Finding::cant_tell(
            what,
            "it does not say",
            format!("Make sure that {} is at Windows Server 2003 or later.", domain.dns_name),
        ),
    };
    vec![answers, level]
}

/// Whether Kerberos answers where DNS says it is.
async fn kerberos(services: &Services, domain: &Domain) -> Option<Finding> {
    let mut found: Option<(Service, Ipv4Addr)> = None;
    for address in &domain.dns {
        let Ok(server) = Server::at(dns_server(services, *address)) else { continue };
        let named = server.services(&format!("_kerberos._tcp.{}", domain.dns_name)).await.unwrap_or_default();
        let Some(service) = named.into_iter().next() else { continue };
        let address = server.addresses(&service.host).await.unwrap_or_default().into_iter().next();
        found = found.or(address.map(|address| (service, address)));
    }
    let (service, address) = found?;
    let what = format!("Kerberos {}", service.host);
    Some(match timeout(PATIENCE, TcpStream::connect((address, service.port))).await {
        Ok(Ok(_)) => Finding::pass(what, format!("port {} is open", service.port)),
        Ok(Err(error)) => Finding::cant_tell(what, format!("port {}: {error}", service.port), FROM_HERE),
        Err(_) => Finding::cant_tell(what, format!("port {} does not answer from here", service.port), FROM_HERE),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(host: &str, port: u16) -> Service {
        Service { host: host.to_owned(), port }
    }

    fn ports(controllers: &[Vec<Door>]) -> Vec<Vec<(u16, bool)>> {
        let ports = |doors: &Vec<Door>| doors.iter().map(|door| (door.address.port(), door.tls_at_once)).collect();
        controllers.iter().map(ports).collect()
    }

    #[test]
    fn a_controller_that_is_configured_is_never_crowded_out() {
        let named: Vec<_> = (1..=6).map(|last| doors(&service("dc.example.com", 389), Ipv4Addr::new(10, 0, 0, last))).collect();
        let ours = Door { host: "ldap".to_owned(), address: ([10, 9, 9, 9], 636).into(), tls_at_once: true };
        let controllers = in_order(vec![ours.clone()], named);
        assert_eq!(controllers.first(), Some(&vec![ours]));
        assert_eq!(controllers.len(), 1 + CONTROLLERS);
    }

    #[test]
    fn what_dns_names_is_asked_by_ldaps_too() {
        let address = Ipv4Addr::new(10, 0, 0, 1);
        let both = doors(&service("dc1.example.com", 389), address);
        assert_eq!(
            ports(&[both.clone(), doors(&service("dc1.example.com", 636), address)]),
            [vec![(389, false), (636, true)], vec![(636, true)]]
        );
        assert_eq!(ports(&in_order(Vec::new(), vec![both.clone(), both])), [vec![(389, false), (636, true)]], "once");
    }
}
