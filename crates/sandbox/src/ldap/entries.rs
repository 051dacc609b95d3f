//! The directory's entries, made from the company and kept until it changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::{
    clock::Clock,
    faults::Faults,
    people::{BASE_DN, Company, DOMAIN, Group, PASSWORD, Person, Roster, SERVICE_DN, SERVICE_PASSWORD, SERVICE_UPN},
};

/// One entry: its DN and its attributes with their values.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub dn: String,
    pub attributes: Vec<(&'static str, Vec<Vec<u8>>)>,
}

impl Entry {
    pub(super) fn values(&self, name: &str) -> &[Vec<u8>] {
        let found = self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or(&[], |(_, values)| values.as_slice())
    }
}

/// All entries below the root, the root first, and where each DN stands.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub entries: Vec<Entry>,
    places: HashMap<String, usize>,
}

impl Tree {
    fn new(entries: Vec<Entry>) -> Self {
        let places = entries.iter().enumerate().map(|(place, entry)| (entry.dn.to_lowercase(), place)).collect();
        Self { entries, places }
    }

    /// The entry of a DN in lower case.
    pub(super) fn at(&self, dn: &str) -> Option<&Entry> {
        self.entries.get(*self.places.get(dn)?)
    }
}

/// What a bind ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bind {
    Anonymous,
    Accepted,
    /// The sub-code of Active Directory's diagnostic text.
    Refused(&'static str),
}

/// Everything a controller knows.
pub(super) struct Directory {
    company: Arc<Company>,
    clock: Clock,
    pub(super) faults: Arc<Faults>,
    kept: Mutex<Option<(u64, Arc<Tree>)>>,
}

impl Directory {
    pub(super) fn new(company: Arc<Company>, clock: Clock, faults: Arc<Faults>) -> Self {
        Self { company, clock, faults, kept: Mutex::new(None) }
    }

    pub(super) fn tree(&self) -> Arc<Tree> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let roster = self.company.read();
        match &*kept {
            Some((version, tree)) if *version == roster.version => Arc::clone(tree),
            _ => {
                let tree = Arc::new(Tree::new(build(&roster)));
                *kept = Some((roster.version, Arc::clone(&tree)));
                tree
            }
        }
    }

    /// Checks a name (DN, UPN or `CORP\user`) and a password. An empty password is an anonymous bind, which AD calls a
    /// success.
    pub(super) fn bind(&self, name: &str, password: &str) -> Bind {
        if password.is_empty() {
            return Bind::Anonymous;
        }
        if name.eq_ignore_ascii_case(SERVICE_DN)
            || name.eq_ignore_ascii_case(SERVICE_UPN)
            || name.eq_ignore_ascii_case("CORP\\svc-frontdesk")
        {
            return if password == SERVICE_PASSWORD { Bind::Accepted } else { Bind::Refused("52e") };
        }
        let roster = self.company.read();
        let named = |person: &&Person| {
            name.eq_ignore_ascii_case(&person.upn())
                || name.eq_ignore_ascii_case(&person.dn())
                || name.split_once('\\').is_some_and(|(domain, account)| {
                    domain.eq_ignore_ascii_case("CORP") && account.eq_ignore_ascii_case(&person.account)
                })
        };
        match roster.people.iter().find(named) {
            None => Bind::Refused("525"),
            Some(_) if password != PASSWORD => Bind::Refused("52e"),
            Some(person) => standing(person, self.clock.now()),
        }
    }
}

/// FILETIME of a moment.
fn filetime(at: DateTime<Utc>) -> i64 {
    (at.timestamp() + 11_644_473_600) * 10_000_000
}

fn standing(person: &Person, now: DateTime<Utc>) -> Bind {
    if person.lockout_time > 0 {
        Bind::Refused("775")
    } else if person.user_account_control & 0x2 != 0 {
        Bind::Refused("533")
    } else if person.account_expires != 0 && person.account_expires < filetime(now) {
        Bind::Refused("701")
    } else if person.pwd_last_set == 0 {
        Bind::Refused("773")
    } else {
        Bind::Accepted
    }
}

fn build(roster: &Roster) -> Vec<Entry> {
    let text = |value: &str| vec![value.as_bytes().to_vec()];
    let texts = |values: &[&str]| values.iter().map(|value| value.as_bytes().to_vec()).collect::<Vec<_>>();
    let mut entries = vec![Entry {
        dn: BASE_DN.to_owned(),
        attributes: vec![("objectClass", texts(&["top", "domain", "domainDNS"])), ("dc", text("corp")), ("name", text("corp"))],
    }];
    for person in &roster.people {
        entries.push(Entry { dn: person.dn(), attributes: person_attributes(person, roster) });
    }
    for group in &roster.groups {
        entries.push(Entry { dn: group.dn(), attributes: group_attributes(group, roster) });
    }
    entries
}

fn person_attributes(person: &Person, roster: &Roster) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let text = |value: &str| vec![value.as_bytes().to_vec()];
    let manager = person.manager.as_deref().and_then(|account| roster.person(account));
    let member_of: Vec<_> = roster
        .groups
        .iter()
        .filter(|group| group.people.iter().any(|member| member.eq_ignore_ascii_case(&person.account)))
        .map(|group| group.dn().into_bytes())
        .collect();
    let mut attributes = vec![
        (
            "objectClass",
            ["top", "person", "organizationalPerson", "user"].iter().map(|class| class.as_bytes().to_vec()).collect(),
        ),
        ("objectCategory", text(&format!("CN=Person,CN=Schema,CN=Configuration,{BASE_DN}"))),
        ("objectGUID", vec![person.guid.to_bytes_le().to_vec()]),
        ("objectSid", vec![sid_bytes(&person.sid())]),
        ("cn", text(&person.cn)),
        ("name", text(&person.cn)),
        ("distinguishedName", text(&person.dn())),
        ("sAMAccountName", text(&person.account)),
        ("userPrincipalName", text(&person.upn())),
        ("givenName", text(&person.given)),
        ("sn", text(&person.family)),
        ("displayName", text(&person.display)),
        ("department", text(person.department)),
        ("title", text(person.title)),
        ("physicalDeliveryOfficeName", text(person.office)),
        ("telephoneNumber", text(&person.phone)),
        ("preferredLanguage", text(person.language)),
        ("userAccountControl", text(&person.user_account_control.to_string())),
        ("accountExpires", text(&person.account_expires.to_string())),
        ("lockoutTime", text(&person.lockout_time.to_string())),
        ("pwdLastSet", text(&person.pwd_last_set.to_string())),
    ];
    if let Some(mail) = &person.mail {
        attributes.push(("mail", text(mail)));
    }
    if let Some(manager) = manager {
        attributes.push(("manager", text(&manager.dn())));
    }
    if !member_of.is_empty() {
        attributes.push(("memberOf", member_of));
    }
    attributes
}

fn group_attributes(group: &Group, roster: &Roster) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let text = |value: &str| vec![value.as_bytes().to_vec()];
    let people = group.people.iter().filter_map(|account| roster.person(account)).map(Person::dn);
    let groups = roster.groups.iter().filter(|other| group.groups.contains(&other.name)).map(Group::dn);
    let parents = roster.groups.iter().filter(|other| other.groups.contains(&group.name)).map(Group::dn);
    vec![
        ("objectClass", ["top", "group"].iter().map(|class| class.as_bytes().to_vec()).collect()),
        ("objectCategory", text(&format!("CN=Group,CN=Schema,CN=Configuration,{BASE_DN}"))),
        ("objectGUID", vec![group.guid.to_bytes_le().to_vec()]),
        ("cn", text(&group.name)),
        ("name", text(&group.name)),
        ("distinguishedName", text(&group.dn())),
        ("sAMAccountName", text(&group.name)),
        ("member", people.chain(groups).map(String::into_bytes).collect()),
        ("memberOf", parents.map(String::into_bytes).collect()),
    ]
}

/// The entry that anybody may read.
pub(super) fn root_dse() -> Entry {
    let text = |value: &str| vec![value.as_bytes().to_vec()];
    Entry {
        dn: String::new(),
        attributes: vec![
            ("defaultNamingContext", text(BASE_DN)),
            ("rootDomainNamingContext", text(BASE_DN)),
            ("namingContexts", text(BASE_DN)),
            ("dnsHostName", text(&format!("dc1.{DOMAIN}"))),
            ("supportedLDAPVersion", text("3")),
            ("supportedControl", text("1.2.840.113556.1.4.319")),
            ("supportedExtension", text(super::connection::START_TLS)),
            ("domainFunctionality", text("7")),
            ("forestFunctionality", text("7")),
        ],
    }
}

/// MS-DTYP 2.4.2.
fn sid_bytes(text: &str) -> Vec<u8> {
    let parts: Vec<u64> = text.split('-').skip(1).filter_map(|part| part.parse().ok()).collect();
    let [revision, authority, rest @ ..] = parts.as_slice() else { return Vec::new() };
    let mut bytes = vec![u8::try_from(*revision).unwrap_or(1), u8::try_from(rest.len()).unwrap_or(0)];
    bytes.extend(authority.to_be_bytes().iter().skip(2));
    bytes.extend(rest.iter().filter_map(|part| u32::try_from(*part).ok()).flat_map(u32::to_le_bytes));
    bytes
}
