//! One DNS server for another: what is typed, what is seen of it, and what AWS shows of the connector.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use super::super::{Finding, Outcome};
use crate::FieldError;

/// Reads the address of a domain's DNS server as somebody typed it.
///
/// # Errors
/// What is wrong with it, in words for its field; also for addresses that no server has (RFC 1112, 3927, 5737).
pub fn parse_server(typed: &str) -> Result<Ipv4Addr, &'static str> {
    match typed.trim().parse() {
        Err(_) if typed.trim().is_empty() => Err("Give the address of a DNS server of the domain."),
        Err(_) => Err("Write an IPv4 address: four numbers from 0 to 255, such as 10.0.0.10."),
        Ok(IpAddr::V6(_)) => Err("This is an IPv6 address. Give the server's IPv4 address."),
        Ok(IpAddr::V4(address)) if is_nobodys(address) => Err("No server has this address."),
        Ok(IpAddr::V4(address)) => Ok(address),
    }
}

fn is_nobodys(address: Ipv4Addr) -> bool {
    address.is_unspecified()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_link_local()
        || address.is_documentation()
}

/// One address for another, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DnsForm {
    /// One of the connector's addresses.
    pub old: String,
    pub new: String,
    /// "Go on although it can't be reached from here."
    pub unreachable: bool,
}

/// One address for another, right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replacement {
    pub old: Ipv4Addr,
    pub new: Ipv4Addr,
}

impl DnsForm {
    /// `current` are the addresses that AWS shows of the connector.
    ///
    /// # Errors
    /// All fields that are wrong, at once.
    pub fn parse(&self, current: &[String]) -> Result<Replacement, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut note = |field: &str, message: &str| errors.push(FieldError { field: field.into(), message: message.into() });
        let old = self.old.trim().parse().ok().filter(|old: &Ipv4Addr| current.contains(&old.to_string()));
        if old.is_none() {
            note("old", "Choose which of the connector\u{2019}s addresses is replaced.");
        }
        let new = match parse_server(&self.new) {
            Ok(new) if current.contains(&new.to_string()) => {
                note("new", "The connector has this address already. Give the new server\u{2019}s address.");
                None
            }
            Ok(new) => Some(new),
            Err(problem) => {
                note("new", problem);
                None
            }
        };
        old.zip(new).map(|(old, new)| Replacement { old, new }).ok_or(errors)
    }
}

/// The addresses with one replaced, in the same order.
pub fn replaced(before: &[String], old: &str, new: &str) -> Vec<String> {
    before.iter().map(|address| if address == old { new } else { address }.to_owned()).collect()
}

/// Whether a look at the new server allows going on.
///
/// # Errors
/// On `new` where the server answers and does not know the domain; on `unreachable` where it does not answer and nobody said
/// that this is known.
pub fn judge_server(findings: &[Finding], unreachable: bool) -> crate::Result<()> {
    let told = |outcome: Outcome| findings.iter().find(|finding| finding.outcome == outcome);
    if let Some(finding) = told(Outcome::Fail) {
        let Finding { what, seen, .. } = finding;
        let words = format!("{what}: {seen}. Nothing was begun. Give a DNS server that knows the domain.");
        return Err(crate::Error::invalid("new", words));
    }
    match told(Outcome::CantTell) {
        Some(finding) if !unreachable => {
            let words = format!(
                "{}: {}. Nothing was begun. Check the address; if the connector\u{2019}s subnets reach it and Frontdesk does not, tick that you know.",
                finding.what, finding.seen
            );
            Err(crate::Error::invalid("unreachable", words))
        }
        _ => Ok(()),
    }
}

/// What AWS shows of the connector, beside what was there before and what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    AsBefore,
    AsWanted,
    /// Neither: somebody typed another address, or changed another one.
    Otherwise,
}

impl Shown {
    /// The order of addresses says nothing.
    pub fn of(shown: &[String], before: &[String], old: &str, new: &str) -> Self {
        if same_servers(shown, before) {
            Self::AsBefore
        } else if same_servers(shown, &replaced(before, old, new)) {
            Self::AsWanted
        } else {
            Self::Otherwise
        }
    }
}

/// Whether two lists hold the same addresses.
pub fn same_servers(one: &[String], other: &[String]) -> bool {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    sorted(one) == sorted(other)
}
