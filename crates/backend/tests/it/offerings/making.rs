//! Drafts, versions, two editors, and what the record says.

use backend::offerings::{self, drafts};
use model::{
    Conflict, DraftId, Error,
    access::{Role, Scope},
    offerings::{OfferingForm, State},
};
use sqlx::PgPool;
use uuid::Uuid;

use super::{MIGRATOR, admin, form, house, invalid, publish, requester, somebody};
use crate::house::{DIRECTORY, House, UNREGISTERED, count, helpdesk};

async fn errors(house: &House, form: OfferingForm) -> Vec<String> {
    let draft = drafts::begin(&house.services, &admin(), None).await.unwrap();
    assert!(!drafts::save(&house.services, &admin(), draft, form.clone()).await.unwrap());
    let kept = drafts::get(&house.services, &admin(), draft).await.unwrap();
    assert_eq!(kept.form, form, "as typed");
    let preview = drafts::preview(&house.services, &admin(), draft).await.unwrap();
    assert_eq!((preview.card, &preview.draft.errors), (None, &kept.errors));
    let refused = invalid(drafts::publish(&house.services, &admin(), draft, kept.seen).await);
    assert_eq!(refused.len(), kept.errors.len());
    kept.errors.into_iter().map(|error| error.field).collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_offering_has_versions_that_never_change(db: PgPool) {
    let house = house(db).await;
    let id = publish(&house, None, form("Office")).await.unwrap();
    let first = offerings::version(&house.services, id, 1).await.unwrap().version;
    let changed = OfferingForm { hours: "20".into(), needs_approval: false, ..first.form() };
    assert_eq!(publish(&house, Some(id), changed.clone()).await, Ok(id));
    let page = offerings::get(&house.services, &admin(), id).await.unwrap();
    let rows: Vec<_> = page.versions.iter().map(|row| (row.version, row.change.as_str())).collect();
    assert_eq!(rows, [(2, "hours, approval"), (1, "the first")]);
    assert_eq!(offerings::version(&house.services, id, 1).await.unwrap().version, first);
    assert_eq!(offerings::version(&house.services, id, 2).await.unwrap().version.hours, 20);
    assert_eq!(offerings::version(&house.services, id, 3).await, Err(Error::NotFound));
    assert_eq!(offerings::version(&house.services, id, u32::MAX).await, Err(Error::NotFound));
    // Nothing new makes no version.
    assert_eq!(publish(&house, Some(id), changed).await, Ok(id));
    assert_eq!(count(&house.db, "offering_version").await, 2);
    let record: Vec<String> =
        sqlx::query_scalar("select detail from audit where action = 'change_offering' and phase = 'finished' order by id")
            .fetch_all(&house.db)
            .await
            .unwrap();
    assert_eq!(record, ["version 1: the first", "version 2: hours, approval"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_draft_published_twice_is_one(db: PgPool) {
    let house = house(db).await;
    let draft = drafts::begin(&house.services, &admin(), None).await.unwrap();
    assert!(drafts::save(&house.services, &admin(), draft, form("Office")).await.unwrap());
    let kept = drafts::get(&house.services, &admin(), draft).await.unwrap();
    let early = drafts::publish(&house.services, &admin(), draft, kept.seen - 1).await;
    assert_eq!(early, Err(Error::conflict(Conflict::DraftChanged)));
    let actor = admin();
    let again = || drafts::publish(&house.services, &actor, draft, kept.seen);
    let (one, two) = tokio::join!(again(), again());
    assert_eq!((one.clone(), two), (Ok(model::OfferingId(draft.0)), one));
    assert_eq!(again().await, Ok(model::OfferingId(draft.0)));
    assert_eq!((count(&house.db, "offering").await, count(&house.db, "offering_version").await), (1, 1));
    assert_eq!(drafts::get(&house.services, &admin(), draft).await.unwrap().published, Some(model::OfferingId(draft.0)));
    let late = drafts::save(&house.services, &admin(), draft, form("Late")).await;
    assert_eq!(late, Err(Error::conflict(Conflict::OfferingPublished)));
    assert_eq!(drafts::preview(&house.services, &admin(), draft).await.unwrap().card, None);
    assert!(offerings::overview(&house.services, &admin()).await.unwrap().drafts.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_editors_the_second_is_told(db: PgPool) {
    let house = house(db).await;
    let id = publish(&house, None, form("Office")).await.unwrap();
    let other = somebody("subject-of-another", Role::Admin, Scope::Everywhere, None);
    let slow = drafts::begin(&house.services, &other, Some(id)).await.unwrap();
    publish(&house, Some(id), OfferingForm { hours: "20".into(), ..form("Office") }).await.unwrap();
    assert!(drafts::save(&house.services, &other, slow, OfferingForm { hours: "40".into(), ..form("Office") }).await.unwrap());
    let seen = drafts::get(&house.services, &other, slow).await.unwrap().seen;
    assert_eq!(drafts::publish(&house.services, &other, slow, seen).await, Err(Error::conflict(Conflict::OfferingChanged)));
    assert_eq!(offerings::version(&house.services, id, 2).await.unwrap().version.hours, 20);
    assert_eq!(drafts::get(&house.services, &other, slow).await.unwrap().form.hours, "40", "what was typed is kept");
    let stale = offerings::set_state(&house.services, &other, id, State::Closed, 1).await;
    assert_eq!(stale, Err(Error::conflict(Conflict::OfferingChanged)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn it_is_closed_and_opened_again(db: PgPool) {
    let house = house(db).await;
    let id = publish(&house, None, form("Office")).await.unwrap();
    offerings::set_state(&house.services, &admin(), id, State::Closed, 1).await.unwrap();
    offerings::set_state(&house.services, &admin(), id, State::Closed, 1).await.unwrap();
    assert_eq!(offerings::overview(&house.services, &admin()).await.unwrap().offerings[0].state, State::Closed);
    assert_eq!(count(&house.db, "audit where action = 'change_offering' and phase = 'finished'").await, 2, "once");
    // Its name is free now, and can't be had back while another one is open under it.
    let other = publish(&house, None, form("office")).await.unwrap();
    assert_eq!(errors(&house, form("OFFICE")).await, ["name"]);
    let taken = offerings::set_state(&house.services, &admin(), id, State::Open, 1).await;
    assert_eq!(invalid(taken)[0].0, "name");
    offerings::set_state(&house.services, &admin(), other, State::Closed, 1).await.unwrap();
    offerings::set_state(&house.services, &admin(), id, State::Open, 1).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_wrong_is_told_and_what_was_typed_is_kept(db: PgPool) {
    let house = house(db).await;
    assert_eq!(errors(&house, form(" ")).await, ["name"]);
    assert_eq!(errors(&house, OfferingForm { groups: "No such group".into(), ..form("A") }).await, ["groups"]);
    assert_eq!(errors(&house, OfferingForm { directory: "d-0123456789".into(), ..form("A") }).await, ["directory"]);
    let mut gone = form("A");
    gone.desktop.bundle = "wsb-not0known".into();
    assert_eq!(errors(&house, gone).await, ["bundle"]);
    let mut small = form("A");
    small.desktop.user_gib = "10".into();
    assert_eq!(errors(&house, small).await, ["user_gib"]);
    let nul = OfferingForm { name: "A\0B".into(), ..form("A") };
    let draft = drafts::begin(&house.services, &admin(), None).await.unwrap();
    assert!(!drafts::save(&house.services, &admin(), draft, nul).await.unwrap());
    assert_eq!(drafts::get(&house.services, &admin(), draft).await.unwrap().form.name, "AB", "PostgreSQL holds no NUL");
    assert_eq!(count(&house.db, "offering").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn groups_are_kept_as_active_directory_writes_them(db: PgPool) {
    let mut house = house(db).await;
    let typed = OfferingForm { groups: "service desk berlin".into(), ..form("A") };
    let id = publish(&house, None, typed.clone()).await.unwrap();
    assert_eq!(offerings::version(&house.services, id, 1).await.unwrap().version.who.groups, ["Service Desk Berlin"]);
    house.ad_away();
    let draft = drafts::begin(&house.services, &admin(), None).await.unwrap();
    let other = OfferingForm { name: "B".into(), ..typed };
    let saved = drafts::save(&house.services, &admin(), draft, other.clone()).await;
    assert_eq!(saved, Err(Error::Unavailable { part: model::Part::ActiveDirectory }));
    assert_eq!(drafts::get(&house.services, &admin(), draft).await.unwrap().form, other, "what was typed is kept");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_admins_manage_and_only_where_they_look_after(db: PgPool) {
    let house = house(db).await;
    house.second_directory().await;
    let id = publish(&house, None, form("Office")).await.unwrap();
    for actor in [helpdesk(), requester(&house, "mgarcia"), somebody("a", Role::Auditor, Scope::Everywhere, None)] {
        let refused = Err(Error::NotAllowed { needs: vec![Role::Admin] });
        assert_eq!(offerings::overview(&house.services, &actor).await.map(drop), refused);
        assert_eq!(offerings::get(&house.services, &actor, id).await.map(drop), refused);
        assert_eq!(drafts::begin(&house.services, &actor, None).await.map(drop), refused);
        assert_eq!(offerings::set_state(&house.services, &actor, id, State::Closed, 1).await, refused);
    }
    let elsewhere = Scope::Directories(vec![UNREGISTERED.parse().unwrap()]);
    let scoped = somebody("subject-of-scoped", Role::Admin, elsewhere, None);
    assert!(offerings::overview(&house.services, &scoped).await.unwrap().offerings.is_empty());
    assert!(offerings::get(&house.services, &scoped, id).await.is_err());
    assert!(drafts::begin(&house.services, &scoped, Some(id)).await.is_err());
    let draft = drafts::begin(&house.services, &scoped, None).await.unwrap();
    let refused = drafts::save(&house.services, &scoped, draft, OfferingForm { directory: DIRECTORY.into(), ..form("B") }).await;
    assert_eq!(refused, Err(Error::NotAllowed { needs: vec![Role::Admin] }));
    // Somebody else's draft is not there.
    assert_eq!(drafts::get(&house.services, &admin(), draft).await, Err(Error::NotFound));
    assert_eq!(drafts::discard(&house.services, &admin(), DraftId(Uuid::now_v7())).await, Err(Error::NotFound));
    drafts::discard(&house.services, &scoped, draft).await.unwrap();
    assert_eq!(drafts::get(&house.services, &scoped, draft).await, Err(Error::NotFound));
}
