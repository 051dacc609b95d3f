//! The people whom demos and tests name: one for each role, and one for each kind of trouble.
//!
//! | account | what is the matter |
//! |---|---|
//! | `nora.nomail` | no mail address |
//! | `dino.disabled` | disabled |
//! | `ella.expired` | expired |
//! | `lou.locked` | locked out |
//! | `mia.mustchange` | must change the password |
//! | `sam.smartcard` | smart card required |
//! | `pat.preauth` | Kerberos pre-authentication off |
//! | `alex.kim`, `alex.kim2` | two people of one display name; the first has two cost centres |
//! | `o'brien` | a character that WorkSpaces refuses |
//! | `kim.ann` | comma, quotes, parentheses and a backslash in the DN |
//! | `long.name` | a display name of 200 characters |
//! | `script.tag` | markup for a name |
//! | `rtl.marks` | right-to-left marks in the name |
//!
//! Who manages whom: `ihansen` is the head and has no manager. Below her stand `mgarcia` with ten people, two of whom manage
//! others, and their peer `dokonkwo`, whose people are `skowalska` with a team and `kim.ann`, whose own people name a manager with
//! commas and quotes. `lou.locked` and `mia.mustchange` manage each other.

use rand::{Rng, rngs::StdRng};
use uuid::Uuid;

use super::{DOMAIN, Group, LONG_AGO, NORMAL, PERSONAS, Person, names::DEPARTMENTS};

/// The group whose members may ask for desktops.
pub(crate) const REQUESTERS: &str = "Frontdesk-Requesters";
/// The account of the head of the company.
pub(super) const HEAD: &str = "ihansen";

fn person(rng: &mut StdRng, index: u32, account: &str, name: (&str, &str)) -> Person {
    let (given, family) = name;
    let display = format!("{given} {family}");
    Person {
        guid: Uuid::from_u128(rng.random()),
        rid: 1_100 + index,
        account: account.to_owned(),
        cn: display.clone(),
        given: given.to_owned(),
        family: family.to_owned(),
        display,
        mail: Some(format!("{account}@{DOMAIN}")),
        department: "Service Desk",
        title: "Specialist",
        office: "Berlin",
        language: "en",
        phone: format!("+49 30 555 {index:04}"),
        manager: manager_of(account).map(ToOwned::to_owned),
        cost_centres: vec!["4700".to_owned()],
        user_account_control: NORMAL,
        account_expires: i64::MAX,
        lockout_time: 0,
        pwd_last_set: LONG_AGO,
    }
}

pub(super) fn people(rng: &mut StdRng) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    let mut add = |rng: &mut StdRng, account: &str, name: (&str, &str), change: &dyn Fn(&mut Person)| {
        let mut person = person(rng, u32::try_from(people.len()).unwrap_or(0), account, name);
        change(&mut person);
        people.push(person);
    };
    for persona in PERSONAS.iter().filter(|persona| persona.account != "external.guest") {
        let name = persona.name.split_once(' ').unwrap_or((persona.name, ""));
        add(rng, persona.account, name, &|_| {});
    }
    add(rng, HEAD, ("Ingrid", "Hansen"), &|person| person.title = "Managing Director");
    add(rng, "dokonkwo", ("David", "Okonkwo"), &|person| person.title = "Team Lead");
    let trouble = |person: &mut Person| {
        person.department = "Trouble";
        person.cost_centres.clear();
    };
    add(rng, "nora.nomail", ("Nora", "Trouble"), &|person| {
        trouble(person);
        person.mail = None;
    });
    add(rng, "dino.disabled", ("Dino", "Trouble"), &|person| {
        trouble(person);
        person.user_account_control |= 0x2;
    });
    add(rng, "ella.expired", ("Ella", "Trouble"), &|person| {
        trouble(person);
        person.account_expires = LONG_AGO;
    });
    add(rng, "lou.locked", ("Lou", "Trouble"), &|person| {
        trouble(person);
        person.lockout_time = LONG_AGO;
    });
    add(rng, "mia.mustchange", ("Mia", "Trouble"), &|person| {
        trouble(person);
        person.pwd_last_set = 0;
    });
    add(rng, "sam.smartcard", ("Sam", "Trouble"), &|person| {
        trouble(person);
        person.user_account_control |= 0x4_0000;
    });
    add(rng, "pat.preauth", ("Pat", "Trouble"), &|person| {
        trouble(person);
        person.user_account_control |= 0x40_0000;
    });
    add(rng, "alex.kim", ("Alex", "Kim"), &|person| {
        person.cn = "Alex Kim".to_owned();
        // Two pay for Alex, so nobody can tell which one.
        person.cost_centres.push("4712".to_owned());
    });
    add(rng, "alex.kim2", ("Alex", "Kim"), &|person| person.cn = "Alex Kim (2)".to_owned());
    add(rng, "o'brien", ("Siobhán", "O'Brien"), &|_| {});
    add(rng, "kim.ann", ("Ann", "Kim"), &|person| {
        person.display = "Kim, Ann \"Annie\" (Sales\\EU)".to_owned();
        person.cn = person.display.clone();
    });
    add(rng, "long.name", ("Long", "Name"), &|person| {
        person.display = format!("Wolfeschlegelsteinhausenbergerdorff {}", "Long ".repeat(33)).chars().take(200).collect();
        person.cn = "Long Name".to_owned();
    });
    add(rng, "script.tag", ("Bobby", "Tables"), &|person| {
        person.display = "<script>alert('hi')</script>".to_owned();
        person.cn = "Bobby Tables".to_owned();
    });
    add(rng, "rtl.marks", ("Noa", "Levi"), &|person| {
        person.display = "\u{202e}Noa\u{202c} Levi \u{200f}נועה".to_owned();
        person.cn = "Noa Levi".to_owned();
    });
    for family in ["Nordwind", "Seewald"] {
        team(rng, &mut people, family);
    }
    people
}

/// The account of somebody's manager; see the head of this file.
fn manager_of(account: &str) -> Option<&'static str> {
    const BELOW_ANNA: [&str; 6] = ["karla", "leon", "marta", "nils", "olga", "paul"];
    const BELOW_KARLA: [&str; 3] = ["quirin", "rosa", "stefan"];
    const DIRECT: [&str; 10] = ["anna", "ben", "clara", "david", "emil", "frida", "greta", "hannes", "edda", "falk"];
    Some(match account {
        HEAD => return None,
        "lou.locked" => "mia.mustchange",
        "mia.mustchange" => "lou.locked",
        "skowalska" | "kim.ann" => "dokonkwo",
        "alex.kim" | "alex.kim2" | "o'brien" | "long.name" | "script.tag" | "rtl.marks" => "kim.ann",
        _ => match account.split_once('.') {
            Some((given, "nordwind")) if DIRECT.contains(&given) => "mgarcia",
            Some((given, "nordwind")) if BELOW_ANNA.contains(&given) => "anna.nordwind",
            Some((given, "nordwind")) if BELOW_KARLA.contains(&given) => "karla.nordwind",
            Some((_, "nordwind")) => "ben.nordwind",
            Some((_, "seewald")) => "skowalska",
            _ => HEAD,
        },
    })
}

/// A team that is easy to find by its family name: 33 people, of whom three can't be launched.
fn team(rng: &mut StdRng, people: &mut Vec<Person>, family: &str) {
    const GIVEN: [&str; 33] = [
        "Anna", "Ben", "Clara", "David", "Emil", "Frida", "Greta", "Hannes", "Ida", "Jonas", "Karla", "Leon", "Marta", "Nils",
        "Olga", "Paul", "Quirin", "Rosa", "Stefan", "Tilda", "Ulrich", "Vera", "Willi", "Xenia", "Yannick", "Zoe", "Arne",
        "Birte", "Carsten", "Doris", "Edda", "Falk", "Gesa",
    ];
    for given in GIVEN {
        let index = u32::try_from(people.len()).unwrap_or(0);
        let mut member = person(rng, index, &format!("{given}.{family}").to_lowercase(), (given, family));
        member.department = "Logistics";
        member.cost_centres = vec!["4716".to_owned()];
        member.office = "Hamburg";
        member.language = "de";
        match given {
            "Edda" => member.mail = None,
            "Falk" => member.user_account_control |= 0x2,
            "Gesa" => member.pwd_last_set = 0,
            _ => {}
        }
        people.push(member);
    }
}

/// The groups of the roles, and one for each department.
pub(super) fn groups(rng: &mut StdRng, people: &[Person]) -> Vec<Group> {
    let mut group = |name: &str, members: &[&str], groups: &[&str]| Group {
        guid: Uuid::from_u128(rng.random()),
        name: name.to_owned(),
        people: members.iter().map(|&member| member.to_owned()).collect(),
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
    };
    let mut groups = vec![
        group("Service Desk Berlin", &["hkeller", "tbrandt"], &[]),
        group("Frontdesk-Helpdesk", &[], &["Service Desk Berlin"]),
        group("Frontdesk-Admins", &["amoreau"], &[]),
        group("Frontdesk-Auditors", &["tokafor"], &[]),
        group("Frontdesk-Approvers", &["plindqvist", "jbergman", "ncostas"], &[]),
        group(REQUESTERS, &[HEAD, "mgarcia", "skowalska"], &[]),
    ];
    for (department, _) in DEPARTMENTS {
        let members: Vec<_> =
            people.iter().filter(|person| person.department == department).map(|person| person.account.as_str()).collect();
        groups.push(group(&format!("Dept {department}"), &members, &[]));
    }
    groups
}
