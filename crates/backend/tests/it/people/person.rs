//! A person's page: all that is known of them, while Active Directory answers and while it does not.

use backend::{invitations, people};
use model::{Error, PersonGuid, access::Role, people::Obstacle};
use sqlx::PgPool;
use uuid::Uuid;

use super::MIGRATOR;
use crate::house::{CODE, DIRECTORY, House, UNREGISTERED, helpdesk, person};

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_tells_all_that_is_known(db: PgPool) {
    let house = House::open(db).await;
    let workspace = house.workspace(1, "Marta.NORDWIND", "AVAILABLE").await;
    let guid = house.guid("marta.nordwind");
    let page = people::get(&house.services, &helpdesk(), guid).await.unwrap();
    assert_eq!(page.person.unwrap().account, "marta.nordwind");
    assert_eq!(page.places.len(), 1);
    let place = &page.places[0];
    assert_eq!((place.directory.as_str(), place.registration_code.as_deref()), (DIRECTORY, Some(CODE)));
    assert!(place.can_take_launches);
    assert_eq!(place.workspaces.iter().map(|workspace| &workspace.id).collect::<Vec<_>>(), [&workspace]);
    assert_eq!(place.obstacles, [Obstacle::AlreadyHas { workspace: workspace.clone() }]);
    assert!(page.invitations.is_empty() && page.launches.is_empty());

    let outcomes = invitations::invite(&house.services, &helpdesk(), vec![workspace], "lost the code".into()).await.unwrap();
    let invitation = *outcomes[0].1.as_ref().unwrap();
    let launch = house.launch(&["ben.nordwind"]).await;
    let marta = people::get(&house.services, &helpdesk(), guid).await.unwrap();
    assert_eq!(marta.invitations.iter().map(|invitation| invitation.id).collect::<Vec<_>>(), [invitation]);
    assert!(marta.launches.is_empty(), "another person's launch");
    let ben = people::get(&house.services, &helpdesk(), house.guid("ben.nordwind")).await.unwrap();
    assert_eq!(ben.launches.iter().map(|launch| launch.id).collect::<Vec<_>>(), [launch]);
    assert_eq!(ben.places[0].obstacles, [Obstacle::BeingLaunched]);
    assert!(ben.places[0].workspaces.is_empty() && ben.invitations.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_left_active_directory_is_still_known(db: PgPool) {
    let house = House::open(db).await;
    let workspace = house.workspace(1, "marta.nordwind", "AVAILABLE").await;
    let guid = house.guid("marta.nordwind");
    invitations::invite(&house.services, &helpdesk(), vec![workspace.clone()], "lost the code".into()).await.unwrap();
    house.sandbox.company().remove("marta.nordwind");
    let page = people::get(&house.services, &helpdesk(), guid).await.unwrap();
    assert_eq!((page.person, page.ad_problem), (None, None));
    assert_eq!(page.invitations.len(), 1);
    assert_eq!(page.places[0].workspaces[0].id, workspace);
    assert_eq!(page.places[0].registration_code.as_deref(), Some(CODE));

    let stranger = PersonGuid(Uuid::from_u128(1));
    assert_eq!(people::get(&house.services, &helpdesk(), stranger).await, Err(Error::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_works_while_active_directory_is_away(db: PgPool) {
    let mut house = House::open(db).await;
    let workspace = house.workspace(1, "marta.nordwind", "AVAILABLE").await;
    invitations::invite(&house.services, &helpdesk(), vec![workspace], "lost the code".into()).await.unwrap();
    house.ad_away();
    let page = people::get(&house.services, &helpdesk(), house.guid("marta.nordwind")).await.unwrap();
    assert_eq!((page.person, page.ad_problem.as_deref()), (None, Some("corp.example.com does not answer.")));
    assert_eq!((page.places.len(), page.invitations.len()), (1, 1));
    // Nobody can say that there is no such person now.
    let stranger = people::get(&house.services, &helpdesk(), PersonGuid(Uuid::from_u128(1))).await.unwrap();
    assert!(stranger.ad_problem.is_some());
}

/// What happened in directories outside the actor's scope is not theirs to see.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_is_narrowed_to_the_scope(db: PgPool) {
    let house = House::open(db).await;
    let workspace = house.workspace(1, "marta.nordwind", "AVAILABLE").await;
    invitations::invite(&house.services, &helpdesk(), vec![workspace], "lost the code".into()).await.unwrap();
    let launch = house.launch(&["ben.nordwind"]).await;
    let elsewhere = person(Role::Helpdesk, Some(UNREGISTERED));
    let marta = people::get(&house.services, &elsewhere, house.guid("marta.nordwind")).await.unwrap();
    assert!(marta.places.is_empty());
    assert_eq!(marta.invitations, [], "invitations of another directory");
    let ben = people::get(&house.services, &elsewhere, house.guid("ben.nordwind")).await.unwrap();
    assert_eq!(ben.launches, [], "launches of another directory");
    let gone = house.guid("marta.nordwind");
    house.sandbox.company().remove("marta.nordwind");
    assert_eq!(people::get(&house.services, &elsewhere, gone).await, Err(Error::NotFound));

    let here = person(Role::Helpdesk, Some(DIRECTORY));
    let ben = people::get(&house.services, &here, house.guid("ben.nordwind")).await.unwrap();
    assert_eq!(ben.launches.iter().map(|launch| launch.id).collect::<Vec<_>>(), [launch]);
    for role in [Role::Auditor, Role::Requester, Role::Approver] {
        let outcome = people::get(&house.services, &person(role, None), house.guid("ben.nordwind")).await;
        assert!(matches!(outcome, Err(Error::NotAllowed { .. })), "{role:?}");
    }
}
