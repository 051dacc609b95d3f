//! Who may ask for an offering, and why it can't be asked for just now.

use backend::{launches, offerings};
use model::{
    Error,
    access::{Actor, Grant, Role, Scope},
    offerings::{Flag, OfferingForm, State},
};
use sqlx::PgPool;

use super::{MIGRATOR, admin, form, house, invalid, publish, requester, somebody};
use crate::house::{House, OFFICE, UNREGISTERED, helpdesk};

async fn open_to(house: &House, actor: &Actor) -> Vec<String> {
    offerings::open_to(&house.services, actor).await.unwrap().into_iter().map(|offer| offer.version.name).collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn roles_groups_and_departments_let_people_ask(db: PgPool) {
    let house = house(db).await;
    publish(&house, None, form("Everybody")).await.unwrap();
    publish(&house, None, OfferingForm { groups: "Frontdesk-Helpdesk".into(), ..form("Group") }).await.unwrap();
    publish(&house, None, OfferingForm { departments: "logistics".into(), ..form("Department") }).await.unwrap();
    publish(&house, None, OfferingForm { roles: vec!["helpdesk".into()], ..form("Role") }).await.unwrap();
    assert_eq!(open_to(&house, &requester(&house, "mgarcia")).await, ["Everybody"]);
    assert_eq!(open_to(&house, &requester(&house, "marta.nordwind")).await, ["Department", "Everybody"]);
    assert_eq!(open_to(&house, &requester(&house, "hkeller")).await, ["Everybody", "Group"], "in it through another group");
    assert_eq!(open_to(&house, &helpdesk()).await, ["Everybody", "Role"], "without an entry in Active Directory");
    for role in [Role::Approver, Role::Auditor] {
        let actor = somebody("a", role, Scope::Everywhere, None);
        let refused = offerings::open_to(&house.services, &actor).await;
        assert_eq!(refused, Err(Error::NotAllowed { needs: vec![Role::Requester, Role::Helpdesk, Role::Admin] }));
    }
    let elsewhere = Scope::Directories(vec![UNREGISTERED.parse().unwrap()]);
    assert!(open_to(&house, &somebody("s", Role::Requester, elsewhere.clone(), None)).await.is_empty(), "another directory's");
    let mut both = requester(&house, "mgarcia");
    let Actor::Person(person) = &mut both else { panic!("a person") };
    person.grants.push(Grant { role: Role::Helpdesk, scope: elsewhere });
    assert_eq!(open_to(&house, &both).await, ["Everybody"], "a role counts where it holds");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn active_directory_is_asked_only_where_it_matters(db: PgPool) {
    let mut house = house(db).await;
    let plain = publish(&house, None, form("Everybody")).await.unwrap();
    let group = publish(&house, None, OfferingForm { groups: "Frontdesk-Helpdesk".into(), ..form("Group") }).await.unwrap();
    let actor = requester(&house, "hkeller");
    house.ad_away();
    assert!(offerings::askable(&house.services, &actor, plain).await.is_ok());
    let away = Error::Unavailable { part: model::Part::ActiveDirectory };
    assert_eq!(offerings::askable(&house.services, &actor, group).await, Err(away.clone()));
    assert_eq!(offerings::open_to(&house.services, &actor).await, Err(away), "nothing is left out in silence");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_not_open_to_somebody_is_not_found(db: PgPool) {
    let house = house(db).await;
    let id = publish(&house, None, OfferingForm { departments: "Logistics".into(), ..form("Office") }).await.unwrap();
    let (marta, garcia) = (requester(&house, "marta.nordwind"), requester(&house, "mgarcia"));
    assert_eq!(offerings::askable(&house.services, &marta, id).await.unwrap().version.name, "Office");
    assert_eq!(offerings::askable(&house.services, &garcia, id).await, Err(Error::NotFound));
    offerings::set_state(&house.services, &admin(), id, State::Closed, 1).await.unwrap();
    assert_eq!(offerings::askable(&house.services, &marta, id).await, Err(Error::NotFound));
    assert!(open_to(&house, &marta).await.is_empty());
    let closed = offerings::version(&house.services, id, 1).await.unwrap();
    assert_eq!(closed.why_not.as_deref(), Some("This desktop is not offered any more."), "a running request can see it");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_bundle_that_vanished_or_changed_flags_it(db: PgPool) {
    let house = house(db).await;
    let id = publish(&house, None, form("Office")).await.unwrap();
    let marta = requester(&house, "marta.nordwind");
    let flag = async || offerings::overview(&house.services, &admin()).await.unwrap().offerings.remove(0).flag;
    let today = async |actor: Actor| launches::today(&house.services, &actor).await.unwrap().offerings.len();
    assert_eq!((flag().await, today(admin()).await), (None, 0));

    sqlx::query("update bundle set user_gib = 100 where bundle_id = $1").bind(OFFICE).execute(&house.db).await.unwrap();
    assert!(matches!(flag().await, Some(Flag::Changed { .. })));
    assert_eq!((today(admin()).await, today(helpdesk()).await), (1, 0), "for admins");
    let offer = offerings::open_to(&house.services, &marta).await.unwrap().remove(0);
    assert!(offer.why_not.is_some_and(|why| why.contains("looked at by the administrators")));
    assert_eq!(invalid(offerings::askable(&house.services, &marta, id).await)[0].0, "offering");
    // Publishing it anew is looking at it.
    let version = offerings::version(&house.services, id, 1).await.unwrap().version;
    publish(&house, Some(id), version.form()).await.unwrap();
    assert_eq!((flag().await, today(admin()).await), (None, 0));
    assert_eq!(offerings::askable(&house.services, &marta, id).await.unwrap().version.version, 2);
    assert!(
        offerings::version(&house.services, id, 1).await.unwrap().why_not.is_some(),
        "the old version is still of the old one"
    );

    sqlx::query("update bundle set gone_at = now() where bundle_id = $1").bind(OFFICE).execute(&house.db).await.unwrap();
    assert_eq!(flag().await, Some(Flag::Vanished));
    offerings::set_state(&house.services, &admin(), id, State::Closed, 2).await.unwrap();
    assert_eq!(today(admin()).await, 0, "a closed one asks for nobody's look");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_directory_that_takes_no_launches_is_a_reason(db: PgPool) {
    let house = house(db).await;
    let id = publish(&house, None, form("Office")).await.unwrap();
    house.execute("update directory set stage = 'Impaired'").await;
    let refused = invalid(offerings::askable(&house.services, &requester(&house, "mgarcia"), id).await);
    assert!(refused[0].1.contains("Impaired"), "{refused:?}");
    house.execute("update directory set stage = 'Active', gone_at = now()").await;
    let refused = invalid(offerings::askable(&house.services, &requester(&house, "mgarcia"), id).await);
    assert!(refused[0].1.contains("not there any more"), "{refused:?}");
}
