use std::{collections::HashSet, net::Ipv4Addr};

use super::*;

const MOVES: [DnsMove; 4] = [DnsMove::Freeze, DnsMove::Seen, DnsMove::Finish, DnsMove::Abandon];

fn list(addresses: &[&str]) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}

/// Every way through the states, to its end.
fn ways(state: DnsState, way: &[DnsState]) -> Vec<Vec<DnsState>> {
    let way = [way, &[state]].concat();
    let next: Vec<_> = MOVES.into_iter().filter_map(|made| state.after(made)).collect();
    if next.is_empty() { vec![way] } else { next.into_iter().flat_map(|next| ways(next, &way)).collect() }
}

#[test]
fn every_way_ends_and_none_comes_back() {
    let ways = ways(DnsState::Workspaces, &[]);
    for way in &ways {
        let states: HashSet<_> = way.iter().collect();
        assert_eq!(states.len(), way.len(), "{way:?} comes back");
        let last = way.last().unwrap();
        assert!(matches!(last, DnsState::Done | DnsState::Abandoned), "{way:?} stands still");
        // What is done was seen at AWS before.
        assert!(*last != DnsState::Done || way.contains(&DnsState::Changed), "{way:?}");
    }
    let reached: HashSet<_> = ways.iter().flatten().copied().collect();
    assert_eq!(reached.len(), DnsState::ALL.len(), "no state is out of reach");
    assert!(DnsState::ALL.iter().all(|state| state.is_live() == MOVES.iter().any(|made| state.after(*made).is_some())));
    assert!(DnsState::ALL.iter().all(|state| DnsState::from_db(state.as_str()) == Some(*state)));
}

#[test]
fn one_address_is_replaced_by_one_that_can_be_a_server() {
    let current = list(&["10.20.0.10", "10.20.0.11"]);
    let form = |old: &str, new: &str| DnsForm { old: old.into(), new: new.into(), unreachable: false };
    let right = form("10.20.0.10", " 10.20.0.12 ").parse(&current).unwrap();
    assert_eq!((right.old, right.new), (Ipv4Addr::new(10, 20, 0, 10), Ipv4Addr::new(10, 20, 0, 12)));
    let wrong = |form: DnsForm| form.parse(&current).unwrap_err().into_iter().map(|error| error.field).collect::<Vec<_>>();
    for new in [
        "",
        "10.0.0.256",
        "10.0.0",
        "fd00::10",
        "::ffff:10.0.0.1",
        "dc1",
        "10.20.0.10",
        "10.20.0.11",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "169.254.169.253",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "010.020.0.12",
    ] {
        assert_eq!(wrong(form("10.20.0.10", new)), ["new"], "{new}");
    }
    for old in ["", "10.20.0.12", "dc1", "::1"] {
        assert_eq!(wrong(form(old, "10.20.0.13")), ["old"], "{old}");
    }
    assert_eq!(wrong(form("", "")), ["old", "new"]);
}

#[test]
fn what_aws_shows_is_compared_without_regard_to_order() {
    let before = list(&["10.0.0.1", "10.0.0.2"]);
    let shown = |addresses: &[&str]| Shown::of(&list(addresses), &before, "10.0.0.1", "10.0.0.3");
    assert_eq!(shown(&["10.0.0.2", "10.0.0.1"]), Shown::AsBefore);
    assert_eq!(shown(&["10.0.0.2", "10.0.0.3"]), Shown::AsWanted);
    for other in [&["10.0.0.3"][..], &["10.0.0.1", "10.0.0.3"], &["10.0.0.3", "10.0.0.4"], &[]] {
        assert_eq!(shown(other), Shown::Otherwise, "{other:?}");
    }
}

#[test]
fn only_a_server_that_says_no_can_not_be_gone_on_with() {
    let (pass, cant) = (Finding::pass("DNS", "yes"), Finding::cant_tell("DNS", "no answer", "x"));
    let fail = Finding::fail("DNS", "no such record", "x");
    assert!(judge_server(std::slice::from_ref(&pass), false).is_ok());
    let field = |findings: &[Finding], meant| match judge_server(findings, meant) {
        Err(crate::Error::Invalid { fields }) => fields[0].field.clone(),
        other => format!("{other:?}"),
    };
    assert_eq!(field(&[pass.clone(), cant.clone()], false), "unreachable");
    assert!(judge_server(&[pass, cant], true).is_ok());
    assert_eq!(field(&[fail], true), "new");
}

#[test]
fn the_counts_say_how_many_are_done_of_those_that_are_there() {
    let counts = DnsCounts { open: 80, restart: 3, done: 212, skipped: 5, gone: 2 };
    assert_eq!(counts.sentence(), "212 of 300 done, 3 to restart, 5 skipped, 2 gone since");
    assert_eq!((counts.left(), Told::ALL.map(|told| counts.of(told)).iter().sum::<i64>()), (83, counts.total()));
}

#[test]
fn the_scripts_results_are_understood() {
    for (word, told) in [("restarting", Told::Done), ("already", Told::Done), ("changed", Told::Restart), ("absent", Told::Open)]
    {
        assert_eq!(Told::from_result(word), Some(told));
    }
    assert_eq!((Told::from_result(" DONE "), Told::from_result("maybe"), Told::from_result("")), (Some(Told::Done), None, None));
}

#[test]
fn the_console_is_that_of_the_regions_partition() {
    let id = "d-906731a2b4".parse().unwrap();
    let at = |region| console_url(region, &id);
    assert_eq!(
        at("eu-central-1"),
        "https://eu-central-1.console.aws.amazon.com/directoryservicev2/home?region=eu-central-1#!/directories/d-906731a2b4/details"
    );
    assert!(at("cn-north-1").starts_with("https://cn-north-1.console.amazonaws.cn/"));
    assert!(at("us-gov-west-1").starts_with("https://us-gov-west-1.console.amazonaws-us-gov.com/"));
}
