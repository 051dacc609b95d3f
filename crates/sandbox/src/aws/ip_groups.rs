//! IP access control groups.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::{
    Answer, AwsError, Operations,
    register::{self, wrong_state},
    workspaces::{PAGE, invalid, page, paged, read_tags, text},
};
use crate::{
    Inner,
    directories::{IpGroup, IpRule, Registration},
};

/// In a Region, of a directory, and of a group.
const MOST_GROUPS: usize = 100;
const MOST_OF_DIRECTORY: usize = 25;
const MOST_RULES: usize = 10;

pub(super) const OPERATIONS: Operations = &[
    ("CreateIpGroup", |inner, request| create(inner, request.input)),
    ("DescribeIpGroups", |inner, request| describe(inner, request.input)),
    ("AuthorizeIpRules", |inner, request| authorize(inner, request.input)),
    ("RevokeIpRules", |inner, request| revoke(inner, request.input)),
    ("UpdateRulesOfIpGroup", |inner, request| update(inner, request.input)),
    ("AssociateIpGroups", |inner, request| associate(inner, request.input)),
    ("DisassociateIpGroups", |inner, request| disassociate(inner, request.input)),
    ("DeleteIpGroup", |inner, request| delete(inner, request.input)),
];

fn missing(id: &str) -> AwsError {
    AwsError::new("ResourceNotFoundException", format!("The IP access control group {id} could not be found."))
}

fn too_many(what: &str) -> AwsError {
    AwsError::new("ResourceLimitExceededException", format!("Your resource limits have been exceeded: {what}."))
}

fn create(inner: &Inner, input: &Value) -> Answer {
    let name = text(input, "GroupName");
    if name.is_empty() {
        return Err(invalid("GroupName must not be empty."));
    }
    let rules = read_rules(&input["UserRules"])?;
    check_rules(&rules)?;
    inner.state.change(|memory| {
        if memory.ip_groups.iter().any(|group| group.name == name) {
            return Err(AwsError::new("ResourceAlreadyExistsException", "An IP access control group of this name exists."));
        }
        if memory.ip_groups.len() >= MOST_GROUPS {
            return Err(too_many("IP access control groups"));
        }
        let id = format!("wsipg-{}", hex::encode(rand::random::<[u8; 5]>()));
        memory.ip_groups.push(IpGroup {
            id: id.clone(),
            name: name.to_owned(),
            description: text(input, "GroupDesc").to_owned(),
            rules,
            tags: read_tags(&input["Tags"]),
        });
        Ok(json!({ "GroupId": id }))
    })
}

/// Rules of a request; an address without a mask is one of its own.
fn read_rules(rules: &Value) -> Result<Vec<IpRule>, AwsError> {
    let read =
        |rule: &Value| Ok(IpRule { cidr: read_cidr(text(rule, "ipRule"))?, description: text(rule, "ruleDesc").to_owned() });
    rules.as_array().into_iter().flatten().map(read).collect()
}

fn read_cidr(rule: &str) -> Result<String, AwsError> {
    let (address, mask) = rule.split_once('/').unwrap_or((rule, "32"));
    let right = address.parse::<Ipv4Addr>().is_ok() && mask.parse::<u8>().is_ok_and(|mask| mask <= 32);
    if right { Ok(format!("{address}/{mask}")) } else { Err(invalid(&format!("The IP rule '{rule}' is not valid."))) }
}

fn check_rules(rules: &[IpRule]) -> Result<(), AwsError> {
    if rules.len() > MOST_RULES {
        return Err(too_many("rules of an IP access control group"));
    }
    let mut seen: Vec<&str> = rules.iter().map(|rule| rule.cidr.as_str()).collect();
    seen.sort_unstable();
    seen.dedup();
    if seen.len() == rules.len() { Ok(()) } else { Err(invalid("The IP rule exists already.")) }
}

fn describe(inner: &Inner, input: &Value) -> Answer {
    let ids = input["GroupIds"].as_array();
    let memory = inner.state.memory();
    if let Some(id) = ids.into_iter().flatten().find(|id| !memory.ip_groups.iter().any(|group| **id == group.id)) {
        return Err(invalid(&format!("The IP access control group {} could not be found.", id.as_str().unwrap_or_default())));
    }
    let wanted = |group: &&IpGroup| ids.is_none_or(|ids| ids.is_empty() || ids.iter().any(|id| *id == group.id));
    let shown = |group: &IpGroup| {
        let rules: Vec<_> = group.rules.iter().map(|rule| json!({ "ipRule": rule.cidr, "ruleDesc": rule.description })).collect();
        json!({ "groupId": group.id, "groupName": group.name, "groupDesc": group.description, "userRules": rules })
    };
    let found = memory.ip_groups.iter().filter(wanted).map(shown).collect();
    let size = input["MaxResults"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE);
    let (rows, next) = page(found, &input["NextToken"], size)?;
    Ok(paged("Result", rows, next))
}

/// Changes the rules of a group; what comes out is checked as a whole.
fn change_rules(inner: &Inner, input: &Value, change: impl FnOnce(&mut Vec<IpRule>) -> Result<(), AwsError>) -> Answer {
    let id = text(input, "GroupId");
    inner.state.change(|memory| {
        let group = memory.ip_groups.iter_mut().find(|group| group.id == id).ok_or_else(|| missing(id))?;
        let mut rules = group.rules.clone();
        change(&mut rules)?;
        check_rules(&rules)?;
        group.rules = rules;
        Ok(json!({}))
    })
}

fn authorize(inner: &Inner, input: &Value) -> Answer {
    let added = read_rules(&input["UserRules"])?;
    change_rules(inner, input, |rules| {
        rules.extend(added);
        Ok(())
    })
}

/// Rules are named by their addresses alone.
fn revoke(inner: &Inner, input: &Value) -> Answer {
    let named = input["UserRules"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let named = named.map(read_cidr).collect::<Result<Vec<_>, _>>()?;
    change_rules(inner, input, |rules| {
        if named.iter().any(|cidr| !rules.iter().any(|rule| rule.cidr == *cidr)) {
            return Err(invalid("The IP rule does not exist."));
        }
        rules.retain(|rule| !named.contains(&rule.cidr));
        Ok(())
    })
}

fn update(inner: &Inner, input: &Value) -> Answer {
    let all = read_rules(&input["UserRules"])?;
    change_rules(inner, input, |rules| {
        *rules = all;
        Ok(())
    })
}

/// Changes the groups of a registered directory; all of the groups that are named exist.
fn change_groups(
    inner: &Inner,
    input: &Value,
    change: impl FnOnce(&mut Registration, Vec<String>) -> Result<(), AwsError>,
) -> Answer {
    let (id, now) = (text(input, "DirectoryId"), inner.clock.now());
    let groups = input["GroupIds"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let groups: Vec<_> = groups.map(ToOwned::to_owned).collect();
    inner.state.change(|memory| {
        let unknown = groups.iter().find(|id| !memory.ip_groups.iter().any(|group| group.id == **id));
        if let Some(id) = unknown {
            return Err(missing(id));
        }
        let found = memory.registrations.iter_mut().find(|known| known.directory == id && known.state_at(now).is_some());
        let known = found.ok_or_else(|| register::missing(id))?;
        if known.state_at(now) != Some("REGISTERED") {
            return Err(wrong_state());
        }
        change(known, groups)?;
        Ok(json!({}))
    })
}

fn associate(inner: &Inner, input: &Value) -> Answer {
    change_groups(inner, input, |known, groups| {
        let mut all = known.ip_groups.clone();
        all.extend(groups.into_iter().filter(|id| !known.ip_groups.contains(id)));
        if all.len() > MOST_OF_DIRECTORY {
            return Err(too_many("IP access control groups of a directory"));
        }
        known.ip_groups = all;
        Ok(())
    })
}

fn disassociate(inner: &Inner, input: &Value) -> Answer {
    change_groups(inner, input, |known, groups| {
        known.ip_groups.retain(|id| !groups.contains(id));
        Ok(())
    })
}

fn delete(inner: &Inner, input: &Value) -> Answer {
    let (id, now) = (text(input, "GroupId"), inner.clock.now());
    inner.state.change(|memory| {
        if !memory.ip_groups.iter().any(|group| group.id == id) {
            return Err(missing(id));
        }
        let mut known = memory.registrations.iter().filter(|known| known.state_at(now).is_some());
        if known.any(|known| known.ip_groups.iter().any(|group| group == id)) {
            return Err(AwsError::new("ResourceAssociatedException", "The resource is associated with a directory."));
        }
        memory.ip_groups.retain(|group| group.id != id);
        Ok(json!({}))
    })
}
