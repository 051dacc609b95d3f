use super::*;
use crate::workspaces::{Protocol, System};

fn form() -> OfferingForm {
    OfferingForm {
        name: " Office desktop ".into(),
        description: "For mail and documents.".into(),
        directory: "d-906731a2b4".into(),
        groups: "Sales\n\n sales \r\nCN=Night,DC=corp".into(),
        departments: "Logistics".into(),
        roles: vec!["helpdesk".into()],
        most_per_manager: "5".into(),
        ..OfferingForm::begin()
    }
}

fn right() -> OfferingForm {
    let mut form = form();
    form.desktop.bundle = "wsb-own000001".into();
    form
}

fn version() -> OfferingVersion {
    let bundle = Seen { name: "Office-Desk".into(), compute: "STANDARD".into(), root_gib: Some(80), user_gib: Some(50) };
    right().parse().unwrap().into_version(OfferingId(uuid::Uuid::nil()), 1, bundle)
}

fn bundle() -> Bundle {
    Bundle {
        id: "wsb-own000001".parse().unwrap(),
        name: "Office-Desk".into(),
        owner: "123456789012".into(),
        description: None,
        compute: "STANDARD".into(),
        root_gib: Some(80),
        user_gib: Some(50),
        system: System::Unknown,
        protocol: Protocol::Dcv,
    }
}

#[test]
fn every_wrong_field_is_told_at_once() {
    let wrong = OfferingForm {
        name: "x".repeat(61),
        description: "x".repeat(501),
        picture: "cat".into(),
        directory: String::new(),
        hours: "745".into(),
        roles: vec!["auditor".into()],
        groups: "g\n".repeat(2) + &(0..20).map(|number| format!("g{number}\n")).collect::<String>(),
        departments: "d".repeat(501),
        most_per_manager: "0".into(),
        ..OfferingForm::begin()
    };
    let fields: Vec<_> = wrong.parse().unwrap_err().into_iter().map(|error| error.field).collect();
    let expected =
        ["name", "description", "picture", "directory", "hours", "most_per_manager", "groups", "departments", "roles", "bundle"];
    assert_eq!(fields, expected);
}

#[test]
fn a_version_and_its_form_say_the_same() {
    let version = version();
    assert_eq!((version.name.as_str(), version.hours), ("Office desktop", 80));
    assert_eq!(version.who.groups, ["Sales", "CN=Night,DC=corp"], "each once");
    let again = version.form().parse().unwrap().into_version(version.offering, 1, version.bundle.clone());
    assert_eq!(again.difference(&version), None);
    let other = OfferingVersion { hours: 20, needs_approval: false, ..version.clone() };
    assert_eq!(other.difference(&version).as_deref(), Some("hours, approval"));
}

#[test]
fn always_on_has_no_hours() {
    let mut form = right();
    form.desktop.running_mode = "ALWAYS_ON".into();
    form.hours = "nonsense".into();
    assert_eq!(form.parse().unwrap().hours, 0);
}

#[test]
fn whoever_fits_one_of_it_may_ask() {
    let who = version().who;
    assert!(who.takes(&[Role::Helpdesk], &[], None));
    assert!(who.takes(&[Role::Requester], &["sales".into(), "CN=Sales,DC=corp".into()], None));
    assert!(who.takes(&[Role::Requester], &[], Some("LOGISTICS ")));
    assert!(!who.takes(&[Role::Requester], &["Purchase".into()], Some("IT")));
    assert!(Who::default().takes(&[Role::Requester], &[], None));
    assert_eq!(who.sentence(), "Role helpdesk or group Sales or group CN=Night,DC=corp or department Logistics");
}

#[test]
fn a_bundle_that_is_gone_or_another_is_flagged() {
    let version = version();
    assert_eq!(Flag::of(&version, &[bundle()]), None);
    assert_eq!(Flag::of(&version, &[Bundle { name: "Renamed".into(), ..bundle() }]), None, "a name is no difference");
    assert_eq!(Flag::of(&version, &[]), Some(Flag::Vanished));
    let flag = Flag::of(&version, &[Bundle { user_gib: Some(100), ..bundle() }]).unwrap();
    assert!(flag.sentence().contains("STANDARD, 80 GB + 50 GB and is STANDARD, 80 GB + 100 GB now"), "{}", flag.sentence());
    assert!(Flag::of(&version, &[Bundle { compute: "POWER".into(), ..bundle() }]).is_some());
}

#[test]
fn the_price_is_that_of_the_volumes_it_gets() {
    let mut version = version();
    let wanted = version.wanted().unwrap();
    assert_eq!((wanted.compute, wanted.root_gib, wanted.user_gib, wanted.hours), ("STANDARD", 80, 50, 80));
    version.desktop.volumes.user_gib = Some(100);
    assert_eq!(version.wanted().unwrap().user_gib, 100);
    version.bundle.root_gib = None;
    assert!(version.wanted().is_none());
}
