//! Sign-in's half of Active Directory: whom a claim means, and which roles groups give.

use backend::{
    access::{self, Freshness, Identity, Session},
    ldap::Attribute,
    settings::RoleGroup,
};
use model::{
    Error, PersonGuid,
    access::{Act, Role},
};
use sqlx::PgPool;

use super::{Administrator, BASE, hit, house};
use crate::{MIGRATOR, house::House};

async fn house_with_roles(db: PgPool) -> House {
    let mut house = house(db).await;
    let role = |group: &str, role| RoleGroup { group: group.into(), role, directories: vec![] };
    house.set(|settings| {
        settings.access.roles = vec![
            role("frontdesk-helpdesk", Role::Helpdesk),
            role("CN=Frontdesk-Admins,OU=Groups,DC=corp,DC=example,DC=com", Role::Admin),
            role("Frontdesk-Auditors", Role::Auditor),
            role("Frontdesk-Approvers", Role::Approver),
            role("Domain Users", Role::Requester),
        ];
    });
    house
}

async fn sign_in(house: &House, account: &str) -> Session {
    let entry = access::find_entry(&house.services, &format!("{account}@corp.example.com")).await.unwrap();
    assert!(entry.is_some(), "{account}");
    let identity = Identity { subject: format!("subject-of-{account}"), name: account.into(), entry, refresh: None };
    access::open_session(&house.services, identity).await.unwrap()
}

async fn roles(house: &House, session: &Session) -> Vec<Role> {
    let person = access::person(&house.services, session, Freshness::Now).await.unwrap();
    person.grants.into_iter().map(|grant| grant.role).collect()
}

/// Names of people and groups hold commas, brackets, backslashes and stars, which DNs and filters escape differently. Nobody
/// is a requester: "Domain Users" is everybody's primary group, which no `member` names.
#[sqlx::test(migrator = "MIGRATOR")]
async fn roles_come_from_groups_and_groups_in_groups(db: PgPool) {
    let house = house_with_roles(db).await;
    let expected = [
        // In "Service Desk (Berlin, *)", in "Service Desk Europe", in "Frontdesk-Helpdesk", in "Frontdesk-Approvers".
        ("hkeller", vec![Role::Helpdesk, Role::Approver]),
        ("amoreau", vec![Role::Admin]),
        ("tokafor", vec![Role::Auditor]),
        ("jsmith", vec![]),
    ];
    for (account, expected) in expected {
        let session = sign_in(&house, account).await;
        assert_eq!(roles(&house, &session).await, expected, "{account}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_withdrawn_role_is_gone_with_the_next_act(db: PgPool) {
    let house = house_with_roles(db).await;
    let session = sign_in(&house, "tbrandt").await;
    let may = async || access::actor_for(&house.services, &session, Act::Launch).await.map(drop);
    assert_eq!(may().await, Ok(()));
    let mut administrator = Administrator::open().await;
    let desk = "Service Desk (Berlin\\, *)";
    administrator.member(desk, "tbrandt", false).await;
    assert!(matches!(may().await, Err(Error::NotAllowed { .. })));
    administrator.member(desk, "tbrandt", true).await;
    assert_eq!(may().await, Ok(()));
    // Disabled, with all groups.
    let dn = administrator.dn("tbrandt").await;
    administrator.set(&dn, "userAccountControl", "514").await;
    assert!(matches!(may().await, Err(Error::NotAllowed { .. })));
    administrator.set(&dn, "userAccountControl", "512").await;
    assert_eq!(may().await, Ok(()));
}

/// Whoever's primary group it becomes leaves its `member` (MS-ADTS 3.1.1.3.1.5.2), and Frontdesk does not see them in it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_primary_group_gives_no_role(db: PgPool) {
    let house = house_with_roles(db).await;
    let session = sign_in(&house, "petra.sommer").await;
    let mut administrator = Administrator::open().await;
    administrator.member("Frontdesk-Auditors", "petra.sommer", true).await;
    assert_eq!(roles(&house, &session).await, [Role::Auditor]);
    let group = administrator.entry(&format!("CN=Frontdesk-Auditors,OU=Groups,{BASE}")).await;
    let sid = &group.bin_attrs["objectSid"][0];
    let relative = u32::from_le_bytes(sid[sid.len() - 4..].try_into().unwrap());
    let dn = administrator.dn("petra.sommer").await;
    administrator.set(&dn, "primaryGroupID", &relative.to_string()).await;
    // In exchange for "Domain Users", which has Petra for a member now.
    assert_eq!(roles(&house, &session).await, [Role::Requester]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_claim_finds_one_person_or_nobody(db: PgPool) {
    let mut house = house(db).await;
    let helena = hit(&house, "hkeller").await.person;
    let found = async |house: &House, value: &str| -> Option<PersonGuid> {
        access::find_entry(&house.services, value).await.unwrap().map(|entry| entry.guid)
    };
    assert_eq!(found(&house, "HKeller@corp.example.com").await, Some(helena.guid));
    for nobody in ["", "*", "hkeller", "hkeller@corp.example.com*", "*)(objectClass=*"] {
        assert_eq!(found(&house, nobody).await, None, "{nobody:?}");
    }
    house.set(|settings| settings.access.person_claim.attribute = Attribute::Mail);
    assert_eq!(found(&house, "hkeller@corp.example.com").await, Some(helena.guid));
    assert_eq!(found(&house, "twins@corp.example.com").await, None, "two have it, so it tells nobody");
    house.set(|settings| settings.access.person_claim.attribute = Attribute::ObjectSid);
    let sid = helena.sid.unwrap();
    assert_eq!(found(&house, &sid).await, Some(helena.guid));
    assert_eq!(found(&house, &sid[..sid.len() - 1]).await, None);
    assert_eq!(found(&house, "S-1-5-32-544").await, None, "a group");
}
