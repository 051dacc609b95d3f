//! The company: people and groups, generated from a seed, the same every time.
//!
//! Everybody's password is [`PASSWORD`]. Beside the generated crowd there are fixed people, one for each kind of trouble
//! (see [`fixed`]) and one for each role (see [`Persona`]).

mod fixed;
mod names;
mod services;
mod units;

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use chrono::{DateTime, Utc};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use uuid::Uuid;

pub(crate) use fixed::REQUESTERS;
pub use services::{CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD, CONNECTOR_UPN, Service};

/// DNS name of the AD domain.
pub const DOMAIN: &str = "corp.example.com";
/// Its root in the directory.
pub const BASE_DN: &str = "DC=corp,DC=example,DC=com";
/// Every person's password.
pub const PASSWORD: &str = "Sandbox-Passw0rd!";
/// The reading account of Frontdesk.
pub const SERVICE_DN: &str = "CN=svc-frontdesk,OU=Service Accounts,DC=corp,DC=example,DC=com";
pub const SERVICE_UPN: &str = "svc-frontdesk@corp.example.com";
pub const SERVICE_PASSWORD: &str = "sandbox-ldap-password";

/// userAccountControl of an ordinary account.
pub const NORMAL: u32 = 0x200;
/// A password set some time ago, as FILETIME.
pub const LONG_AGO: i64 = 133_500_000_000_000_000;

/// One person, as Active Directory holds them.
#[derive(Debug, Clone)]
pub struct Person {
    pub guid: Uuid,
    pub rid: u32,
    pub account: String,
    pub cn: String,
    pub given: String,
    pub family: String,
    pub display: String,
    pub mail: Option<String>,
    pub department: &'static str,
    pub title: &'static str,
    pub office: &'static str,
    pub language: &'static str,
    pub phone: String,
    /// sAMAccountName of the manager, or the DN of one in another domain.
    pub manager: Option<String>,
    /// `departmentNumber`: the cost centres that pay for them, usually one.
    pub cost_centres: Vec<String>,
    pub user_account_control: u32,
    pub account_expires: i64,
    pub lockout_time: i64,
    pub pwd_last_set: i64,
}

impl Person {
    pub fn dn(&self) -> String {
        format!("CN={},OU={},OU=People,{BASE_DN}", escape_dn(&self.cn), self.office)
    }

    /// A mail address, and an account that is neither disabled, locked nor expired and whose password was changed once.
    pub fn is_ordinary(&self) -> bool {
        self.mail.is_some()
            && self.user_account_control == 0x200
            && self.lockout_time == 0
            && self.pwd_last_set != 0
            && self.account_expires == i64::MAX
    }

    /// Disables the account, or enables it.
    pub fn set_disabled(&mut self, disabled: bool) {
        self.user_account_control = if disabled { self.user_account_control | 0x2 } else { self.user_account_control & !0x2 };
    }

    pub fn sid(&self) -> String {
        sid(self.rid)
    }

    fn standing(&self) -> Standing {
        Standing {
            user_account_control: self.user_account_control,
            account_expires: self.account_expires,
            lockout_time: self.lockout_time,
            pwd_last_set: self.pwd_last_set,
        }
    }

    pub fn upn(&self) -> String {
        format!("{}@{DOMAIN}", self.account)
    }
}

/// Of an account in the domain.
fn sid(rid: u32) -> String {
    format!("S-1-5-21-1004336348-1177238915-682003330-{rid}")
}

/// A group; members are accounts of people or names of groups.
#[derive(Debug, Clone)]
pub struct Group {
    pub guid: Uuid,
    pub name: String,
    pub people: Vec<String>,
    pub groups: Vec<String>,
}

impl Group {
    pub fn dn(&self) -> String {
        format!("CN={},OU=Groups,{BASE_DN}", escape_dn(&self.name))
    }
}

/// Somebody to sign in as.
#[derive(Debug, Clone, Copy)]
pub struct Persona {
    pub account: &'static str,
    pub name: &'static str,
    pub about: &'static str,
}

/// Who is offered on the sign-in page. The last one has no entry in Active Directory; that they may ask is in their token only.
pub const PERSONAS: [Persona; 11] = [
    Persona { account: "hkeller", name: "Helena Keller", about: "Helpdesk: finds people, launches, invites" },
    Persona { account: "tbrandt", name: "Tomas Brandt", about: "Helpdesk, second shift" },
    Persona { account: "amoreau", name: "Adèle Moreau", about: "Administrator" },
    Persona { account: "tokafor", name: "Tobi Okafor", about: "Auditor: reads, changes nothing" },
    Persona { account: "plindqvist", name: "Pia Lindqvist", about: "Approver" },
    Persona { account: "jbergman", name: "Jonas Bergman", about: "Approver, second one" },
    Persona { account: "ncostas", name: "Nadia Costas", about: "Owns cost centre 4716 (Logistics) and approves what it pays" },
    Persona { account: "mgarcia", name: "Mateo García", about: "Manager who requests desktops" },
    Persona { account: "skowalska", name: "Sofia Kowalska", about: "Manager of another team" },
    Persona { account: "jsmith", name: "Jordan Smith", about: "No role at all" },
    Persona { account: "external.guest", name: "External Guest", about: "Known to the provider, not in Active Directory" },
];

/// People and groups, changeable by tests.
#[derive(Debug)]
pub struct Company {
    roster: RwLock<Roster>,
}

/// What the company holds at one moment.
#[derive(Debug, Clone)]
pub struct Roster {
    pub people: Vec<Person>,
    pub groups: Vec<Group>,
    /// Accounts of programs; no people.
    pub services: Vec<Service>,
    /// Organizational units and containers: DNs below the domain's root.
    pub units: Vec<String>,
    /// Changes with every change, so that views can be kept.
    pub version: u64,
}

impl Roster {
    /// By sAMAccountName, without case.
    pub fn person(&self, account: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.account.eq_ignore_ascii_case(account))
    }

    /// Names of all groups that hold the account, directly or through other groups.
    pub fn groups_of(&self, account: &str) -> Vec<&Group> {
        let mut found: Vec<&Group> = Vec::new();
        let direct = |group: &&Group| group.people.iter().any(|member| member.eq_ignore_ascii_case(account));
        let mut waiting: Vec<&Group> = self.groups.iter().filter(direct).collect();
        while let Some(group) = waiting.pop() {
            if found.iter().any(|known| known.name == group.name) {
                continue;
            }
            waiting.extend(self.groups.iter().filter(|parent| parent.groups.contains(&group.name)));
            found.push(group);
        }
        found
    }
}

/// What decides whether a right password is enough.
struct Standing {
    user_account_control: u32,
    account_expires: i64,
    lockout_time: i64,
    pwd_last_set: i64,
}

impl Standing {
    /// The sub-code of Active Directory's diagnostic text if it is not.
    fn check(&self, now: DateTime<Utc>) -> Result<(), &'static str> {
        if self.lockout_time > 0 {
            Err("775")
        } else if self.user_account_control & 0x2 != 0 {
            Err("533")
        } else if self.account_expires != 0 && self.account_expires < filetime(now) {
            Err("701")
        } else if self.pwd_last_set == 0 {
            Err("773")
        } else {
            Ok(())
        }
    }
}

/// FILETIME of a moment.
fn filetime(at: DateTime<Utc>) -> i64 {
    (at.timestamp() + 11_644_473_600) * 10_000_000
}

impl Roster {
    /// Checks a name (sAMAccountName, DN, UPN or `CORP\user`) and a password, of people and of service accounts.
    ///
    /// # Errors
    /// The sub-code of Active Directory's diagnostic text: `525` unknown, `52e` wrong password, `533` disabled, `701` expired,
    /// `773` must change the password, `775` locked out.
    pub(crate) fn authenticate(&self, name: &str, password: &str, now: DateTime<Utc>) -> Result<(), &'static str> {
        let account = match name.split_once('\\') {
            Some((domain, account)) if domain.eq_ignore_ascii_case("CORP") => account,
            _ => name,
        };
        let named = |known: &str, upn: &str, dn: &str| {
            account.eq_ignore_ascii_case(known) || name.eq_ignore_ascii_case(upn) || name.eq_ignore_ascii_case(dn)
        };
        let service = self.services.iter().find(|service| named(service.account, &service.upn(), &service.dn()));
        let found = service.map(|service| (service.password.as_str(), service.standing()));
        let (right, standing) = match found {
            Some(found) => found,
            None => {
                let person = self.people.iter().find(|person| named(&person.account, &person.upn(), &person.dn()));
                (PASSWORD, person.ok_or("525")?.standing())
            }
        };
        if password == right { standing.check(now) } else { Err("52e") }
    }
}

impl Company {
    /// At least the fixed people; the rest up to `count` is generated.
    pub fn generate(seed: u64, count: usize) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut people = fixed::people(&mut rng);
        let fixed = people.len();
        while people.len() < count {
            let person = generated(&mut rng, &people, fixed);
            people.push(person);
        }
        let groups = fixed::groups(&mut rng, &people);
        let units = units::units(&people);
        Self { roster: RwLock::new(Roster { people, groups, services: services::services(), units, version: 0 }) }
    }

    pub fn read(&self) -> RwLockReadGuard<'_, Roster> {
        self.roster.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes one person; false if there is none of that account.
    pub fn change(&self, account: &str, change: impl FnOnce(&mut Person)) -> bool {
        let mut roster = self.roster.write().unwrap_or_else(PoisonError::into_inner);
        roster.version += 1;
        let found = roster.people.iter_mut().find(|person| person.account.eq_ignore_ascii_case(account));
        found.map(change).is_some()
    }

    /// Changes a service account: disables it, gives it another password; false if there is none of that name.
    pub fn change_service(&self, account: &str, change: impl FnOnce(&mut Service)) -> bool {
        let mut roster = self.roster.write().unwrap_or_else(PoisonError::into_inner);
        roster.version += 1;
        let found = roster.services.iter_mut().find(|service| service.account.eq_ignore_ascii_case(account));
        found.map(change).is_some()
    }

    /// Deletes a person.
    pub fn remove(&self, account: &str) {
        let mut roster = self.roster.write().unwrap_or_else(PoisonError::into_inner);
        roster.version += 1;
        roster.people.retain(|person| !person.account.eq_ignore_ascii_case(account));
    }

    /// Takes a person out of a group, or puts them in.
    pub fn set_member(&self, group: &str, account: &str, member: bool) {
        let mut roster = self.roster.write().unwrap_or_else(PoisonError::into_inner);
        roster.version += 1;
        if let Some(group) = roster.groups.iter_mut().find(|found| found.name == group) {
            group.people.retain(|known| !known.eq_ignore_ascii_case(account));
            if member {
                group.people.push(account.to_owned());
            }
        }
    }
}

/// The first of the crowd, who stand after `fixed` others, manage it; themselves they stand under the head of the company.
fn generated(rng: &mut StdRng, known: &[Person], fixed: usize) -> Person {
    let culture = names::CULTURES.choose_weighted(rng, |culture| culture.weight).unwrap_or(&names::CULTURES[0]);
    let pick = |rng: &mut StdRng, list: &'static [(&'static str, &'static str)]| list.choose(rng).copied().unwrap_or(("x", "X"));
    let (given_ascii, given) = pick(rng, culture.given);
    let (family_ascii, family) = pick(rng, culture.family);
    let stem: String = format!("{given_ascii}.{family_ascii}").chars().take(16).collect();
    let taken = |account: &str| known.iter().any(|person| person.account == account);
    let account =
        (1..).map(|number| if number == 1 { stem.clone() } else { format!("{stem}{number}") }).find(|account| !taken(account));
    let account = account.unwrap_or(stem);
    let display = if culture.family_first { format!("{family}{given}") } else { format!("{given} {family}") };
    let (department, cost_centre) = names::DEPARTMENTS.choose(rng).copied().unwrap_or(("Sales", "4712"));
    let index = known.len();
    let crowd = index - fixed;
    let manager = known.get(fixed + rng.random_range(0..crowd.max(1)) / 8).map_or(fixed::HEAD, |manager| &manager.account);
    let manager = Some(manager.to_owned());
    let mut person = Person {
        guid: Uuid::from_u128(rng.random()),
        rid: 1_100 + u32::try_from(index).unwrap_or(0),
        cn: format!("{display} ({account})"),
        mail: Some(format!("{account}@{DOMAIN}")),
        account,
        given: given.to_owned(),
        family: family.to_owned(),
        display,
        department,
        title: names::TITLES.choose(rng).copied().unwrap_or("Specialist"),
        office: culture.offices.choose(rng).copied().unwrap_or("Berlin"),
        language: culture.language,
        phone: format!("+49 30 555 {:04}", index % 10_000),
        manager,
        cost_centres: vec![cost_centre.to_owned()],
        user_account_control: NORMAL,
        account_expires: i64::MAX,
        lockout_time: 0,
        pwd_last_set: LONG_AGO,
    };
    trouble(rng, &mut person);
    person
}

/// About one person in twelve can't get a desktop, as in real companies.
fn trouble(rng: &mut StdRng, person: &mut Person) {
    match rng.random_range(0..96) {
        0 | 1 => person.mail = None,
        2 | 3 => person.user_account_control |= 0x2,
        4 => person.account_expires = LONG_AGO,
        5 => person.lockout_time = LONG_AGO,
        6 => person.pwd_last_set = 0,
        7 => person.user_account_control |= 0x4_0000,
        8 => person.user_account_control |= 0x40_0000,
        _ => {}
    }
}

/// RFC 4514.
fn escape_dn(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for (index, character) in value.chars().enumerate() {
        if "\"+,;<>\\=".contains(character) || (index == 0 && "# ".contains(character)) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_company() {
        let (one, two) = (Company::generate(7, 300), Company::generate(7, 300));
        let accounts = |company: &Company| {
            company.read().people.iter().map(|person| (person.account.clone(), person.guid)).collect::<Vec<_>>()
        };
        assert_eq!(accounts(&one), accounts(&two));
        assert_ne!(accounts(&one), accounts(&Company::generate(8, 300)));
    }

    #[test]
    fn accounts_are_unique_ascii_and_short() {
        let company = Company::generate(1, 2_000);
        let mut accounts: Vec<_> = company.read().people.iter().map(|person| person.account.to_lowercase()).collect();
        assert!(accounts.iter().all(|account| account.is_ascii() && account.len() <= 20));
        accounts.sort();
        let count = accounts.len();
        accounts.dedup();
        assert_eq!(accounts.len(), count);
    }

    #[test]
    fn nested_groups_count() {
        let company = Company::generate(1, 100);
        let names: Vec<_> = company.read().groups_of("hkeller").iter().map(|group| group.name.clone()).collect();
        assert!(names.contains(&"Frontdesk-Helpdesk".to_owned()), "{names:?}");
    }
}
