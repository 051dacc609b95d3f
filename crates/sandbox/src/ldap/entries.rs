//! The directory's entries, made from the company and kept until it changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::{
    clock::Clock,
    faults::Faults,
    people::{BASE_DN, Company, DOMAIN, Group, Person, Roster, Service},
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

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
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
        // Active Directory takes no bare sAMAccountName for a simple bind.
        if !name.contains(['@', '=', '\\']) {
            return Bind::Refused("525");
        }
        match self.company.read().authenticate(name, password, self.clock.now()) {
            Ok(()) => Bind::Accepted,
            Err(code) => Bind::Refused(code),
        }
    }
}

fn build(roster: &Roster) -> Vec<Entry> {
    let text = |value: &str| vec![value.as_bytes().to_vec()];
    let texts = |values: &[&str]| values.iter().map(|value| value.as_bytes().to_vec()).collect::<Vec<_>>();
    let mut entries = vec![Entry {
        dn: BASE_DN.to_owned(),
        attributes: vec![("objectClass", texts(&["top", "domain", "domainDNS"])), ("dc", text("corp")), ("name", text("corp"))],
    }];
    for unit in &roster.units {
        let dn = format!("{unit},{BASE_DN}");
        entries.push(Entry { attributes: unit_attributes(&dn), dn });
    }
    for service in &roster.services {
        entries.push(Entry { dn: service.dn(), attributes: service_attributes(service) });
    }
    let reports = reports(roster);
    for person in &roster.people {
        let direct = reports.get(&person.account.to_lowercase()).map_or(&[][..], Vec::as_slice);
        entries.push(Entry { dn: person.dn(), attributes: person_attributes(person, roster, direct) });
    }
    for group in &roster.groups {
        entries.push(Entry { dn: group.dn(), attributes: group_attributes(group, roster) });
    }
    entries
}

/// Of an organizational unit or a container.
fn unit_attributes(dn: &str) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let text = |value: &str| vec![value.as_bytes().to_vec()];
    let (class, category, naming) = if dn.starts_with("OU=") {
        ("organizationalUnit", "Organizational-Unit", "ou")
    } else {
        ("container", "Container", "cn")
    };
    let name = super::first_value(dn);
    // Stable, and different for every DN.
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, dn.to_lowercase().as_bytes());
    let guid = digest.as_ref().iter().take(16).copied().collect();
    vec![
        ("objectClass", ["top", class].iter().map(|class| class.as_bytes().to_vec()).collect()),
        ("objectCategory", text(&format!("CN={category},CN=Schema,CN=Configuration,{BASE_DN}"))),
        ("objectGUID", vec![guid]),
        (naming, text(&name)),
        ("name", text(&name)),
        ("distinguishedName", text(dn)),
    ]
}

/// Their category is one of their own: searches for people do not find them.
fn service_attributes(service: &Service) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let text = |value: &str| vec![value.as_bytes().to_vec()];
    let classes = ["top", "person", "organizationalPerson", "user", "msDS-ManagedServiceAccount"];
    vec![
        ("objectClass", classes.iter().map(|class| class.as_bytes().to_vec()).collect()),
        ("objectCategory", text(&format!("CN=ms-DS-Managed-Service-Account,CN=Schema,CN=Configuration,{BASE_DN}"))),
        ("objectGUID", vec![service.guid.to_bytes_le().to_vec()]),
        ("objectSid", vec![sid_bytes(&service.sid())]),
        ("cn", text(service.account)),
        ("name", text(service.account)),
        ("description", text(service.about)),
        ("distinguishedName", text(&service.dn())),
        ("sAMAccountName", text(service.account)),
        ("userPrincipalName", text(&service.upn())),
        ("userAccountControl", text(&service.user_account_control.to_string())),
        ("accountExpires", text(&service.account_expires.to_string())),
        ("lockoutTime", text(&service.lockout_time.to_string())),
        ("pwdLastSet", text(&service.pwd_last_set.to_string())),
    ]
}

/// The DNs of those who name an account, in lower case, as their manager.
fn reports(roster: &Roster) -> HashMap<String, Vec<Vec<u8>>> {
    let mut reports: HashMap<_, Vec<_>> = HashMap::new();
    for person in &roster.people {
        if let Some(manager) = &person.manager {
            reports.entry(manager.to_lowercase()).or_default().push(person.dn().into_bytes());
        }
    }
    reports
}

/// `direct`: the DNs of their direct reports, which Active Directory works out from those people's `manager`.
fn person_attributes(person: &Person, roster: &Roster, direct: &[Vec<u8>]) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let text = |value: &str| vec![value.as_bytes().to_vec()];
    let manager = person.manager.as_deref().and_then(|manager| match manager.contains('=') {
        true => Some(manager.to_owned()),
        false => roster.person(manager).map(Person::dn),
    });
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
        attributes.push(("manager", text(&manager)));
    }
    attributes.push(("directReports", direct.to_vec()));
    attributes.push(("departmentNumber", person.cost_centres.iter().map(|number| number.as_bytes().to_vec()).collect()));
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

/// The entry that anybody may read. Level 7 is Windows Server 2016's.
pub(super) fn root_dse(now: DateTime<Utc>) -> Entry {
    let text = |value: &str| vec![value.as_bytes().to_vec()];
    let contexts = ["", "CN=Configuration,", "CN=Schema,CN=Configuration,"];
    Entry {
        dn: String::new(),
        attributes: vec![
            ("currentTime", text(&now.format("%Y%m%d%H%M%S.0Z").to_string())),
            ("defaultNamingContext", text(BASE_DN)),
            ("rootDomainNamingContext", text(BASE_DN)),
            ("configurationNamingContext", text(&format!("CN=Configuration,{BASE_DN}"))),
            ("namingContexts", contexts.iter().map(|context| format!("{context}{BASE_DN}").into_bytes()).collect()),
            ("dnsHostName", text(&format!("dc1.{DOMAIN}"))),
            ("ldapServiceName", text(&format!("{DOMAIN}:dc1$@{}", DOMAIN.to_uppercase()))),
            ("isSynchronized", text("TRUE")),
            ("isGlobalCatalogReady", text("FALSE")),
            ("supportedLDAPVersion", text("3")),
            ("supportedControl", text("1.2.840.113556.1.4.319")),
            ("supportedExtension", text(super::connection::START_TLS)),
            ("supportedCapabilities", text("1.2.840.113556.1.4.800")),
            ("domainFunctionality", text("7")),
            ("forestFunctionality", text("7")),
            ("domainControllerFunctionality", text("7")),
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
