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
    ldap::prove::{Door, ProofFault},
};

/// How many domain controllers are looked at.
const CONTROLLERS: usize = 4;
/// How long a port has to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// LDAPS; what listens at any other port is asked for StartTLS.
const LDAPS: u16 = 636;

const FROM_HERE: &str = "It may answer from the connector's subnets. Make sure that both reach it on this port.";

/// Looks at everything, in the order in which a connector needs it.
pub(super) async fn look(services: &Services, connect: &Connect, network: &Network) -> Vec<Finding> {
    let mut findings = vec![region(services), connector_quota(services, Outcome::Fail).await];
    findings.extend(free_addresses(connect, network));
    let domain = &connect.domain;
    let asked = join_all(domain.dns.iter().map(|address| dns(services, &domain.dns_name, *address))).await;
    findings.extend(asked.into_iter().flatten());
    let doors = doors(services, domain).await;
    findings.extend(join_all(doors.iter().map(|door| controller(services, domain, door))).await.into_iter().flatten());
    if doors.is_empty() {
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

/// The domain controllers that can be asked over TLS: those that the given DNS servers name, and those that are configured.
pub(super) async fn doors(services: &Services, domain: &Domain) -> Vec<Door> {
    let mut doors = Vec::new();
    for address in &domain.dns {
        let Ok(server) = Server::at(dns_server(services, *address)) else { continue };
        let named = server.services(&ldap_service(&domain.dns_name)).await.unwrap_or_default();
        for service in named.into_iter().take(CONTROLLERS) {
            let addresses = server.addresses(&service.host).await.unwrap_or_default();
            doors.extend(addresses.into_iter().map(|address| Door {
                host: service.host.clone(),
                address: (address, service.port).into(),
                tls_at_once: service.port == LDAPS,
            }));
        }
    }
    if let Some(configured) = services.ad.get(&domain.dns_name) {
        doors.extend(configured.doors().await);
    }
    let mut seen = BTreeSet::new();
    doors.retain(|door| seen.insert(door.address));
    doors.truncate(CONTROLLERS);
    doors
}

async fn controller(services: &Services, domain: &Domain, door: &Door) -> Vec<Finding> {
    let what = format!("Domain controller {}", door.host);
    match door.root_dse(&services.ad.tls()).await {
        Ok(root) => {
            let level = root.domain_functionality;
            let (how, base) = (if door.tls_at_once { "LDAPS" } else { "LDAP with StartTLS" }, root.naming_context);
            let mut findings = vec![Finding::pass(what.clone(), format!("answers by {how}; {}", base.unwrap_or_default()))];
            findings.push(match level {
                Some(level) if level >= 2 => Finding::pass(format!("{what}: functional level"), format!("level {level}")),
                Some(level) => Finding::fail(
                    format!("{what}: functional level"),
                    format!("level {level}"),
                    "AD Connector needs the domain at Windows Server 2003 (level 2) or later.",
                ),
                None => Finding::cant_tell(
                    format!("{what}: functional level"),
                    "it does not say",
                    format!("Make sure that {} is at Windows Server 2003 or later.", domain.dns_name),
                ),
            });
            findings
        }
        Err(ProofFault::Unreachable(why)) => vec![Finding::cant_tell(
            what,
            format!("no TLS from here ({why})"),
            "AWS does not need TLS there, but the account is proven over TLS only. Let Frontdesk reach one, with a certificate that it trusts (ad.ca_file).",
        )],
        Err(other) => vec![Finding::fail(what, other.to_string(), FROM_HERE)],
    }
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
