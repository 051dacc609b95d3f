//! Who acts in a test.

use model::{
    DirectoryId,
    access::{Actor, Grant, Person, Role, Scope},
};

/// Somebody with one role, everywhere or in one directory.
pub fn person(role: Role, directory: Option<&str>) -> Actor {
    named("subject-of-helena", "Helena Keller", role, directory)
}

/// Another helpdesk person than [`helpdesk`].
pub fn colleague() -> Actor {
    named("subject-of-tomas", "Tomas Brandt", Role::Helpdesk, None)
}

fn named(subject: &str, name: &str, role: Role, directory: Option<&str>) -> Actor {
    let scope = match directory {
        None => Scope::Everywhere,
        Some(id) => Scope::Directories(vec![id.parse::<DirectoryId>().unwrap()]),
    };
    Actor::Person(Person { subject: subject.into(), name: name.into(), guid: None, grants: vec![Grant { role, scope }] })
}

pub fn helpdesk() -> Actor {
    person(Role::Helpdesk, None)
}
