//! The door to Active Directory: people and their groups, read over TLS with one reading account a domain.
//!
//! Nothing here writes to the directory, and nothing is sent before TLS stands.

mod connection;
mod entry;
mod filter;
mod probe;
pub(crate) mod prove;

use std::{collections::HashMap, sync::Arc};

use futures::{StreamExt, TryStreamExt};
use ldap3::{
    Scope, SearchEntry,
    controls::{Control, ControlType, PagedResults},
};
use model::{PersonGuid, people::Person, people::Search};

#[cfg(any(test, fuzzing))]
pub(crate) use filter::prove as prove_filter;
pub use probe::{Controller, Reading};
use rustls::ClientConfig;

use crate::{
    Clock,
    settings::{AdDomain, Directories, SettingError},
};

/// What went wrong with Active Directory.
#[derive(Debug, thiserror::Error)]
pub enum LdapFault {
    #[error("no domain controller of {domain} answers: {reason}")]
    Unreachable { domain: String, reason: String },
    #[error("the domain controller did not answer in time")]
    Timeout,
    #[error("the domain controller refused: {0}")]
    Refused(String),
    #[error("no domain {0} is configured")]
    UnknownDomain(String),
}

/// All configured domains.
#[derive(Debug, Clone)]
pub struct Domains {
    by_name: Arc<HashMap<String, Domain>>,
    /// Trusts what any of the domains does, for those that are not configured yet.
    tls: Arc<ClientConfig>,
}

impl Domains {
    /// Reads the CA files; connects to nothing.
    ///
    /// # Errors
    /// A setting that can't be used, naming it.
    pub fn open(domains: &[AdDomain], directories: &Directories, clock: Clock) -> Result<Self, SettingError> {
        let mut by_name = HashMap::new();
        let mut files: Vec<_> = directories.ca_file.iter().map(|file| ("directories.ca_file".to_owned(), file.clone())).collect();
        for (index, settings) in domains.iter().enumerate() {
            let setting = format!("ad[{index}]");
            files.extend(settings.certificates(&setting));
            let domain = Domain::open(settings, clock.clone(), &setting)?;
            by_name.insert(settings.domain.to_lowercase(), domain);
        }
        Ok(Self { by_name: Arc::new(by_name), tls: Arc::new(connection::trusting(&files)?) })
    }

    /// The domain of that DNS name.
    pub fn get(&self, name: &str) -> Option<&Domain> {
        self.by_name.get(&name.to_lowercase())
    }

    /// For domain controllers of domains that are not configured.
    pub(crate) fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.tls)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Domain> {
        self.by_name.values()
    }
}

/// A group that a person is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub dn: String,
    pub name: String,
}

/// One domain.
#[derive(Debug, Clone)]
pub struct Domain {
    name: String,
    base: String,
    pool: connection::Pool,
    clock: Clock,
}

/// How many people one search looks up by id at most: keeps the filter well under a controller's limits.
const LOOKUP_BATCH: usize = 50;
/// How many lookups of a long list are under way at a time.
const AT_ONCE: usize = 4;
/// Active Directory's MaxPageSize.
const MAX_PAGE: u32 = 1_000;

/// Ranges of entries to read.
struct Window {
    skip: usize,
    take: usize,
}

impl Domain {
    fn open(settings: &AdDomain, clock: Clock, setting: &str) -> Result<Self, SettingError> {
        let base = settings.base_dn.clone().unwrap_or_else(|| model::dn::of_domain(&settings.domain));
        Ok(Self { name: settings.domain.to_lowercase(), base, pool: connection::Pool::open(settings, setting)?, clock })
    }

    /// The configured domain controllers, by their addresses.
    pub(crate) async fn doors(&self) -> Vec<prove::Door> {
        let mut doors = Vec::new();
        for url in self.pool.urls() {
            let (Some(host), tls_at_once) = (url.host_str(), url.scheme() == "ldaps") else { continue };
            let port = url.port().unwrap_or(if tls_at_once { 636 } else { 389 });
            let Ok(found) = tokio::net::lookup_host((host, port)).await else { continue };
            let host = host.to_owned();
            doors.extend(found.take(1).map(|address| prove::Door { host: host.clone(), address, tls_at_once }));
        }
        doors
    }

    /// The DNS name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One page of people and whether there are more. Active Directory neither counts nor skips: the pages before are
    /// read and thrown away, in pages of a thousand, so that a far page costs one or two round trips. `under`: only people of that
    /// organizational unit.
    ///
    /// # Errors
    /// The domain can't be asked.
    pub async fn search(
        &self,
        search: &Search,
        under: Option<&str>,
        page: u32,
        size: u32,
    ) -> Result<(Vec<Person>, bool), LdapFault> {
        let window = Window { skip: (page.saturating_sub(1) as usize) * size as usize, take: size as usize + 1 };
        let base = under.unwrap_or(&self.base);
        let mut entries = self.read_under(base, &filter::people(search), entry::ATTRIBUTES, &window).await?;
        let more = entries.len() > size as usize;
        entries.truncate(size as usize);
        Ok((self.people(entries), more))
    }

    /// The people of these ids that are there; in no particular order.
    ///
    /// # Errors
    /// The domain can't be asked.
    pub async fn by_guids(&self, guids: &[PersonGuid]) -> Result<Vec<Person>, LdapFault> {
        self.look_up(guids.chunks(LOOKUP_BATCH).map(filter::guids).collect()).await
    }

    /// The people of whom one of these is the account, the UPN or the mail address; in no particular order.
    ///
    /// # Errors
    /// The domain can't be asked.
    pub async fn by_names(&self, names: &[String]) -> Result<Vec<Person>, LdapFault> {
        self.look_up(names.chunks(LOOKUP_BATCH).map(filter::names).collect()).await
    }

    /// The people who name one of these entries, by their distinguished names, as their manager; in no particular order.
    ///
    /// # Errors
    /// The domain can't be asked.
    pub async fn managed_by(&self, dns: &[String]) -> Result<Vec<Person>, LdapFault> {
        self.look_up(dns.chunks(LOOKUP_BATCH).map(filter::managed_by).collect()).await
    }

    /// The person of that distinguished name, if it is one below what is read of the domain.
    ///
    /// # Errors
    /// The domain can't be asked.
    pub async fn by_dn(&self, dn: &str) -> Result<Option<Person>, LdapFault> {
        if !model::dn::is_under(dn, &self.base) {
            return Ok(None);
        }
        Ok(self.look_up(vec![filter::person(dn)]).await?.pop())
    }

    /// Everybody whom one of the filters finds. A few are asked at a time: a long list costs round trips, not connections.
    async fn look_up(&self, filters: Vec<String>) -> Result<Vec<Person>, LdapFault> {
        let asked = filters.into_iter().map(|filter| async move {
            let all = Window { skip: 0, take: 10_000 };
            self.read(&filter, entry::ATTRIBUTES, &all).await
        });
        let found: Vec<_> = futures::stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flat_map(|entries| self.people(entries)).collect())
    }

    /// The one person whose attribute has the value; nobody if several have.
    ///
    /// # Errors
    /// The domain can't be asked.
    pub async fn by_attribute(&self, attribute: Attribute, value: &str) -> Result<Option<Person>, LdapFault> {
        let Some(filter) = filter::attribute(attribute, value) else { return Ok(None) };
        let mut people = self.people(self.read(&filter, entry::ATTRIBUTES, &Window { skip: 0, take: 2 }).await?);
        Ok(if people.len() == 1 { people.pop() } else { None })
    }

    /// The groups that the person is in, directly or through other groups. The primary group is not among them.
    ///
    /// # Errors
    /// The domain can't be asked.
    pub async fn groups(&self, person: PersonGuid) -> Result<Vec<Group>, LdapFault> {
        let one = Window { skip: 0, take: 1 };
        let Some(person) = self.read(&filter::guids(&[person]), &["1.1"], &one).await?.pop() else { return Ok(Vec::new()) };
        let all = Window { skip: 0, take: 10_000 };
        let groups = self.read(&filter::groups_of(&person.dn), &["cn"], &all).await?;
        Ok(groups.into_iter().map(read_group).collect())
    }

    /// The group of that common name or distinguished name.
    ///
    /// # Errors
    /// The domain can't be asked.
    pub async fn group(&self, name: &str) -> Result<Option<Group>, LdapFault> {
        let one = Window { skip: 0, take: 1 };
        Ok(self.read(&filter::group(name), &["cn"], &one).await?.pop().map(read_group))
    }

    /// The people of a group, directly or through other groups, `most` of them at most. The group may be of another domain, and then
    /// has nobody here.
    ///
    /// # Errors
    /// The domain can't be asked.
    pub async fn members(&self, group: &str, most: usize) -> Result<Vec<Person>, LdapFault> {
        let some = Window { skip: 0, take: most };
        Ok(self.people(self.read(&filter::members(group), entry::ATTRIBUTES, &some).await?))
    }

    /// The distinguished names of the domain's organizational units, in order of the alphabet.
    ///
    /// # Errors
    /// The domain can't be asked.
    pub async fn units(&self) -> Result<Vec<String>, LdapFault> {
        let all = Window { skip: 0, take: 2_000 };
        let mut units: Vec<_> = self.read(filter::UNITS, &["1.1"], &all).await?.into_iter().map(|unit| unit.dn).collect();
        units.sort_unstable_by_key(|unit| unit.to_lowercase());
        Ok(units)
    }

    fn people(&self, entries: Vec<SearchEntry>) -> Vec<Person> {
        let now = self.clock.now().timestamp();
        entries.iter().filter_map(|entry| entry::person(entry, &self.name, now)).collect()
    }

    async fn read(&self, filter: &str, attributes: &[&str], window: &Window) -> Result<Vec<SearchEntry>, LdapFault> {
        self.read_under(&self.base, filter, attributes, window).await
    }

    async fn read_under(
        &self,
        base: &str,
        filter: &str,
        attributes: &[&str],
        window: &Window,
    ) -> Result<Vec<SearchEntry>, LdapFault> {
        let mut last = LdapFault::Timeout;
        for _ in 0..self.pool.tries() {
            let mut connection = self.pool.get().await?;
            match walk(&mut connection, base, filter, attributes, window).await {
                Ok(entries) => return Ok(entries),
                Err(fault) => last = self.pool.settle(connection, fault)?,
            }
        }
        Err(last)
    }
}

fn read_group(group: SearchEntry) -> Group {
    Group { name: entry::text(&group, "cn").unwrap_or_default(), dn: group.dn }
}

/// Reads page by page until the window is full. Cookies are bound to the connection, so one connection does it all.
async fn walk(
    ldap: &mut connection::Handle,
    base: &str,
    filter: &str,
    attributes: &[&str],
    window: &Window,
) -> Result<Vec<SearchEntry>, connection::CallFault> {
    let end = window.skip + window.take;
    let (mut seen, mut kept, mut cookie) = (0, Vec::new(), Vec::new());
    loop {
        let size = u32::try_from(end - seen).unwrap_or(MAX_PAGE).min(MAX_PAGE);
        let control = PagedResults { size: i32::try_from(size).unwrap_or(i32::MAX), cookie };
        let answer = ldap.controls(control).search(base, Scope::Subtree, filter, attributes).await?;
        for found in answer.0 {
            if found.is_ref() || found.is_intermediate() {
                continue;
            }
            if (window.skip..end).contains(&seen) {
                kept.push(SearchEntry::construct(found));
            }
            seen += 1;
        }
        // 4 is sizeLimitExceeded: what came counts.
        if !matches!(answer.1.rc, 0 | 4) {
            return Err(connection::CallFault::Refused(format!("{} {}", answer.1.rc, answer.1.text)));
        }
        cookie = next_cookie(&answer.1.ctrls);
        if cookie.is_empty() || seen >= end {
            return Ok(kept);
        }
    }
}

fn next_cookie(controls: &[Control]) -> Vec<u8> {
    let paged = controls.iter().find(|Control(kind, _)| matches!(kind, Some(ControlType::PagedResults)));
    paged.map(|Control(_, raw)| raw.parse::<PagedResults>().cookie).unwrap_or_default()
}

/// What a person can be found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    Account,
    UserPrincipalName,
    Mail,
    ObjectSid,
}
