//! IP access groups, and who may change which.

use std::slice;

use backend::directories::{ip_groups, settings};
use model::{
    Error,
    access::Role,
    directories::{IpGroup, IpGroupForm},
};
use sandbox::faults::Kind;
use sqlx::PgPool;

use crate::{
    connect::{admin, field, house, sweep},
    house::{DIRECTORY, House, count, helpdesk, person},
    registered::{registered, set},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

pub fn group(name: &str, rules: &str) -> IpGroupForm {
    IpGroupForm { name: name.into(), description: "Where we sit".into(), rules: rules.into() }
}

pub async fn groups(house: &House) -> Vec<IpGroup> {
    ip_groups::list(&house.services, &admin()).await.unwrap().0
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_group_is_made_changed_attached_taken_off_and_deleted(db: PgPool) {
    let house = house(db.clone()).await;
    let id = registered(&house).await;
    let (services, admin) = (&house.services, admin());
    ip_groups::create(services, &admin, &group("Offices", "203.0.113.0/24 Berlin")).await.unwrap();
    let made = groups(&house).await.remove(0);
    assert_eq!((made.name.as_str(), made.rules[0].cidr.as_str(), made.directories.len()), ("Offices", "203.0.113.0/24", 0));
    ip_groups::attach(services, &admin, &id, slice::from_ref(&made.id), false).await.unwrap();
    assert_eq!(groups(&house).await[0].directories, ["corp.example.com"]);
    let still = ip_groups::delete(services, &admin, &made.id).await;
    assert_eq!(field(still.unwrap_err()), "group");
    ip_groups::set_rules(services, &admin, &made.id, &group("", "198.51.100.7"), false).await.unwrap();
    let kept = (groups(&house).await, set(&house, &id).await.1.ip_groups);
    assert_eq!(kept.0[0].rules[0].cidr, "198.51.100.7/32");
    sweep(&house).await;
    assert_eq!((groups(&house).await, set(&house, &id).await.1.ip_groups), kept, "AWS says the same");
    ip_groups::attach(services, &admin, &id, &[], false).await.unwrap();
    ip_groups::delete(services, &admin, &made.id).await.unwrap();
    sweep(&house).await;
    assert!(groups(&house).await.is_empty());
    assert_eq!(count(&db, "audit where action = 'change_ip_group' and outcome = 'succeeded'").await, 3);
}

/// A sweep takes a while; what it read before somebody set something is old.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sweep_that_began_earlier_does_not_undo_what_is_set_meanwhile(db: PgPool) {
    let house = house(db).await;
    let id = registered(&house).await;
    let (services, admin) = (&house.services, admin());
    ip_groups::create(services, &admin, &group("Offices", "203.0.113.0/24")).await.unwrap();
    let made = groups(&house).await.remove(0).id;
    // What it reads is made up before its answer is held back.
    house.fault_at("DescribeWorkspaceDirectories", Kind::Delay { ms: 2_000 }, 1);
    let meanwhile = async {
        house.faults_met().await;
        ip_groups::attach(services, &admin, &id, slice::from_ref(&made), false).await.unwrap();
        // The sweep that is woken by that would show it anyway.
        house.fault_at("DescribeWorkspaceDirectories", Kind::ServerError, 1_000);
    };
    tokio::join!(sweep(&house), meanwhile);
    assert_eq!(groups(&house).await[0].directories, ["corp.example.com"]);

    house.sandbox.faults().clear();
    house.fault_at("DescribeIpGroups", Kind::Delay { ms: 2_000 }, 1);
    let meanwhile = async {
        house.faults_met().await;
        ip_groups::set_rules(services, &admin, &made, &group("", "198.51.100.7"), false).await.unwrap();
        house.fault_at("DescribeWorkspaceDirectories", Kind::ServerError, 1_000);
    };
    tokio::join!(sweep(&house), meanwhile);
    assert_eq!(groups(&house).await[0].rules[0].cidr, "198.51.100.7/32");
    house.sandbox.faults().clear();
    sweep(&house).await;
    assert_eq!(groups(&house).await[0].rules[0].cidr, "198.51.100.7/32", "AWS says the same");
    assert_eq!(groups(&house).await[0].directories, ["corp.example.com"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_is_locked_out_by_accident(db: PgPool) {
    let house = house(db).await;
    let id = registered(&house).await;
    let (services, admin) = (&house.services, admin());
    ip_groups::create(services, &admin, &group("Nobody", "")).await.unwrap();
    let empty = groups(&house).await.remove(0).id;
    let shut = ip_groups::attach(services, &admin, &id, slice::from_ref(&empty), false).await;
    assert_eq!(field(shut.unwrap_err()), "groups");
    assert_eq!(house.calls("workspaces:AssociateIpGroups"), 0);
    ip_groups::set_rules(services, &admin, &empty, &group("", "203.0.113.0/24"), false).await.unwrap();
    ip_groups::attach(services, &admin, &id, slice::from_ref(&empty), false).await.unwrap();
    let shut = ip_groups::set_rules(services, &admin, &empty, &group("", ""), false).await;
    assert_eq!(field(shut.unwrap_err()), "rules");
    ip_groups::set_rules(services, &admin, &empty, &group("", ""), true).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn groups_that_aws_refuses_are_told(db: PgPool) {
    let house = house(db).await;
    let (services, admin) = (&house.services, admin());
    ip_groups::create(services, &admin, &group("Offices", "203.0.113.0/24")).await.unwrap();
    let twice = ip_groups::create(services, &admin, &group("Offices", "203.0.113.0/24")).await;
    assert!(matches!(twice, Err(Error::Refused { .. })), "{twice:?}");
    assert_eq!(field(ip_groups::create(services, &admin, &group(" ", "")).await.unwrap_err()), "name");
    assert_eq!(field(ip_groups::create(services, &admin, &group("x", "10.0.0.256")).await.unwrap_err()), "rules");
    let refused = ip_groups::create(services, &helpdesk(), &group("Mine", "203.0.113.0/24")).await;
    assert!(matches!(refused, Err(Error::NotAllowed { .. })));
    assert_eq!(house.calls("workspaces:CreateIpGroup"), 2);
}

/// A group counts in every directory that has it, so it is changed by those who look after all of them.
#[sqlx::test(migrator = "MIGRATOR")]
async fn who_looks_after_one_directory_locks_nobody_out_of_another(db: PgPool) {
    let house = house(db).await;
    let (services, id, ours) = (&house.services, registered(&house).await, person(Role::Admin, Some(DIRECTORY)));
    let here = DIRECTORY.parse().unwrap();
    ip_groups::create(services, &admin(), &group("Theirs", "203.0.113.0/24")).await.unwrap();
    let theirs = groups(&house).await.remove(0).id;
    ip_groups::attach(services, &admin(), &id, slice::from_ref(&theirs), false).await.unwrap();

    let seen = async |name: &str| {
        let all = ip_groups::list(services, &ours).await.unwrap().0;
        all.into_iter().find(|group| group.name == name).unwrap()
    };
    assert_eq!((seen("Theirs").await.directories.len(), seen("Theirs").await.elsewhere), (0, 1), "it names nothing of theirs");
    let page = settings::settings(services, &ours, &here).await.unwrap();
    assert!(page.ip_groups.iter().all(|group| group.directories.is_empty()));
    let changed = ip_groups::set_rules(services, &ours, &theirs, &group("", "198.51.100.7"), true).await;
    assert!(matches!(changed, Err(Error::NotAllowed { .. })), "{changed:?}");
    let deleted = ip_groups::delete(services, &ours, &theirs).await;
    assert!(matches!(deleted, Err(Error::NotAllowed { .. })), "{deleted:?}");
    assert_eq!(house.calls("workspaces:UpdateRulesOfIpGroup"), 0);

    ip_groups::create(services, &ours, &group("Ours", "203.0.113.0/24")).await.unwrap();
    let mine = seen("Ours").await.id;
    ip_groups::set_rules(services, &ours, &mine, &group("", "198.51.100.7"), false).await.unwrap();
    ip_groups::attach(services, &ours, &here, slice::from_ref(&mine), false).await.unwrap();
    ip_groups::set_rules(services, &ours, &mine, &group("", "198.51.100.8"), false).await.unwrap();
    let elsewhere = ip_groups::attach(services, &ours, &id, slice::from_ref(&mine), false).await;
    assert!(matches!(elsewhere, Err(Error::NotAllowed { .. })), "{elsewhere:?}");

    ip_groups::attach(services, &admin(), &id, &[theirs, mine.clone()], false).await.unwrap();
    assert_eq!((seen("Ours").await.directories.len(), seen("Ours").await.elsewhere), (1, 1));
    let shared = ip_groups::set_rules(services, &ours, &mine, &group("", "198.51.100.9"), false).await;
    assert!(matches!(shared, Err(Error::NotAllowed { .. })), "{shared:?}");
    let everywhere = groups(&house).await.into_iter().find(|group| group.id == mine).unwrap();
    assert_eq!((everywhere.directories.len(), everywhere.elsewhere), (2, 0));
}
