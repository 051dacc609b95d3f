//! ConnectDirectory: what the service checks at once, and what it finds out when it reaches for the company's network.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Answer, AwsError, network, tags,
    workspaces::{read_tags, text},
};
use crate::{
    Inner,
    directories::Connector,
    faults::{Kind, Whom},
    people::{DOMAIN, Roster},
};

const CONNECT: &str = "ConnectDirectory";

/// The domain's DNS servers as the company's network knows them, and the sandbox's own on this machine.
const DNS: [&str; 3] = ["127.0.0.1", "10.20.0.10", "10.20.0.11"];
/// A DNS server behind which neither LDAP nor Kerberos answers.
const DNS_BEFORE_A_FIREWALL: &str = "10.20.0.88";
/// A DNS server that has the domain's LDAP records and no Kerberos ones.
const DNS_WITHOUT_KERBEROS: &str = "10.20.0.89";

/// Beside the model's constraints (AWS-FACTS 1.1). Some of the texts are moto's, which recorded them.
///
/// # Errors
/// InvalidParameterException, ClientException, DirectoryLimitExceededException.
pub(super) fn connect(inner: &Inner, input: &Value) -> Answer {
    let settings = &input["ConnectSettings"];
    let subnets = subnets(settings)?;
    let dns: Vec<String> = addresses(&settings["CustomerDnsIps"]);
    if dns.is_empty() {
        return Err(refused("ConnectSettings.CustomerDnsIps must name a DNS server of the domain."));
    }
    let tags = read_tags(&input["Tags"]);
    tags::check_reserved(&tags)?;
    if tags.len() > tags::MOST {
        return Err(refused("A directory can have 50 tags."));
    }
    let whom = [text(input, "Name"), text(settings, "CustomerUserName"), text(input, "Description")].join(" ");
    let failure = if inner.faults.takes(CONNECT, Whom::Call(&whom), &Kind::EndInError) {
        Some("Internal service error: the directory could not be created. Please retry the operation.".to_owned())
    } else {
        trouble(inner, input, &dns)
    };
    let (behaviour, now) = (inner.state.behaviour(), inner.clock.now());
    let ms = |ms: u64| TimeDelta::milliseconds(i64::try_from(ms).unwrap_or(0));
    let creating_at = now + ms(behaviour.connector_requested_ms);
    let owned = |member: &str| input[member].as_str().map(ToOwned::to_owned);
    let connector = Connector {
        id: format!("d-9067{}", hex::encode(rand::random::<[u8; 3]>())),
        name: text(input, "Name").to_owned(),
        short_name: owned("ShortName"),
        description: owned("Description"),
        size: text(input, "Size").to_owned(),
        vpc: text(settings, "VpcId").to_owned(),
        subnets,
        dns,
        user_name: text(settings, "CustomerUserName").to_owned(),
        security_group: super::register::new_security_group(),
        tags,
        requested_at: now,
        creating_at,
        settled_at: creating_at + ms(behaviour.connector_creating_ms),
        failure,
        updating: None,
        made: None,
        deleting_at: None,
        gone_at: None,
        held_until: None,
    };
    inner.state.change(|memory| {
        let alive = memory.connectors.iter().filter(|known| known.stage_at(now).is_some()).count();
        if alive >= behaviour.connector_quota {
            let text = format!("Directory limit exceeded. A maximum of {} directories may be created", behaviour.connector_quota);
            return Err(AwsError::new("DirectoryLimitExceededException", text));
        }
        let id = connector.id.clone();
        memory.connectors.push(connector);
        Ok(json!({ "DirectoryId": id }))
    })
}

fn refused(message: &str) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

fn addresses(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

/// Two subnets of the VPC in different zones; the VPC exists and is of default tenancy.
fn subnets(settings: &Value) -> Result<Vec<String>, AwsError> {
    let ids = addresses(&settings["SubnetIds"]);
    let found: Vec<_> = ids.iter().filter_map(|id| network::find_subnet(id)).collect();
    let ([first, second], 2) = (found.as_slice(), ids.len()) else {
        return Err(refused("Invalid subnet ID(s). They must correspond to two subnets in different Availability Zones."));
    };
    if first.zone == second.zone {
        let text = "Invalid subnet ID(s). The two subnets must be in different Availability Zones.";
        return Err(AwsError::new("ClientException", text));
    }
    let vpc = network::find_vpc(text(settings, "VpcId"));
    let vpc = vpc.ok_or_else(|| AwsError::new("ClientException", "Invalid VPC ID."))?;
    if first.vpc != vpc.id || second.vpc != vpc.id {
        return Err(refused("Invalid subnet ID(s). They must belong to the specified VPC."));
    }
    if vpc.dedicated {
        let text = format!("{} has dedicated instance tenancy. Specify a VPC with default tenancy.", vpc.id);
        return Err(AwsError::new("ClientException", text));
    }
    Ok(ids)
}

/// What will be the StageReason of Failed: the network first, then the account (AWS-FACTS 1.2). The password ends here.
fn trouble(inner: &Inner, input: &Value, dns: &[String]) -> Option<String> {
    let domain = text(input, "Name");
    for ip in dns {
        if ip == DNS_BEFORE_A_FIREWALL {
            return Some(format!(
                "Connectivity issues detected: LDAP unavailable (TCP port 389) for IP: {ip}, Kerberos/authentication unavailable \
                 (TCP port 88) for IP: {ip}. Please ensure that the listed ports are available and retry the operation."
            ));
        }
        if ip != DNS_WITHOUT_KERBEROS && !DNS.contains(&ip.as_str()) {
            return Some(format!("DNS unavailable (TCP port 53) for IP: {ip}"));
        }
        if !domain.eq_ignore_ascii_case(DOMAIN) {
            return Some(format!("SRV record for LDAP does not exist for IP: {ip}"));
        }
        if ip == DNS_WITHOUT_KERBEROS {
            return Some(format!("SRV record for Kerberos does not exist for IP: {ip}"));
        }
    }
    let account = text(&input["ConnectSettings"], "CustomerUserName");
    account_trouble(&inner.company.read(), account, text(input, "Password"), inner.clock.now())
}

/// AWS's own words for these are not known.
fn account_trouble(roster: &Roster, account: &str, password: &str, now: chrono::DateTime<chrono::Utc>) -> Option<String> {
    let why = match roster.authenticate(account, password, now) {
        Ok(()) => return None,
        Err("533") => "the account is disabled",
        Err("701") => "the account has expired",
        Err("773") => "the password must be changed",
        Err("775") => "the account is locked out",
        Err(_) => "the user name or password is incorrect",
    };
    Some(format!("Invalid credentials for the service account {account}: {why}."))
}
