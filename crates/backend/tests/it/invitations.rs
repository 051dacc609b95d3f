//! Asking for invitations and listing them: who may, and what is refused.

use backend::{invitations, worker};
use model::{
    Conflict, Error, PageRequest, WorkspaceId,
    access::{Actor, Role},
    invitations::{Filter, State},
};
use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::house::{DIRECTORY, House, count, helpdesk, person};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

async fn ask(house: &House, actor: &Actor, workspace: &WorkspaceId) -> Result<Uuid, Error> {
    let mut outcomes = invitations::invite(&house.services, actor, vec![workspace.clone()], "lost the code".into()).await?;
    outcomes.remove(0).1.map(|id| id.0)
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn asking_finds_the_person_and_is_recorded(db: PgPool) {
    let house = House::open(db).await;
    let workspace = house.workspace(1, "MARTA.nordwind", "STOPPED").await;
    let id = ask(&house, &helpdesk(), &workspace).await.unwrap();
    worker::run_once(&house.services).await.unwrap();

    let guid = house.sandbox.company().read().person("marta.nordwind").unwrap().guid;
    let row = house.invitation(id).await;
    assert_eq!(row.get::<String, _>("state"), "sent");
    assert_eq!(row.get::<Option<Uuid>, _>("person_guid"), Some(guid));
    assert_eq!(row.get::<Option<String>, _>("reason").as_deref(), Some("lost the code"));
    assert_eq!(house.mails()[0].to, ["marta.nordwind@corp.example.com"]);
    let (actor, detail): (String, String) =
        sqlx::query_as("select actor, detail from audit where action = 'invite' and phase = 'finished' and person_guid = $1")
            .bind(guid)
            .fetch_one(&house.db)
            .await
            .unwrap();
    assert_eq!((actor.as_str(), detail.as_str()), ("subject-of-helena", "lost the code"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_can_not_be_invited_is_refused_one_by_one(db: PgPool) {
    let house = House::open(db).await;
    let good = house.workspace(1, "marta.nordwind", "AVAILABLE").await;
    let pending = house.workspace(2, "anna.nordwind", "PENDING").await;
    let no_mail = house.workspace(3, "nora.nomail", "AVAILABLE").await;
    let gone = house.workspace(4, "ben.nordwind", "AVAILABLE").await;
    house.execute("update workspace set gone_at = now() where workspace_id = 'ws-000000004'").await;
    let unknown: WorkspaceId = "ws-999999999".parse().unwrap();
    let left = house.workspace(5, "left.long.ago", "AVAILABLE").await;
    let asked = vec![good.clone(), pending, no_mail, gone, unknown, good, left];
    let outcomes = invitations::invite(&house.services, &helpdesk(), asked, "lost the code".into()).await.unwrap();
    let outcomes: Vec<_> = outcomes.into_iter().map(|(_, outcome)| outcome.map(drop)).collect();
    let conflict = |code| Err(Error::conflict(code));
    assert_eq!(
        outcomes,
        [
            Ok(()),
            conflict(Conflict::WorkspaceGone),
            conflict(Conflict::NoMailAddress),
            conflict(Conflict::WorkspaceGone),
            Err(Error::NotFound),
            conflict(Conflict::InvitationUnderWay),
            conflict(Conflict::PersonGone),
        ]
    );
    assert_eq!(count(&house.db, "invitation").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_may_not_invite_changes_nothing(db: PgPool) {
    let house = House::open(db).await;
    let workspace = house.workspace(1, "marta.nordwind", "AVAILABLE").await;
    for role in [Role::Auditor, Role::Requester, Role::Approver] {
        assert!(matches!(ask(&house, &person(role, None), &workspace).await, Err(Error::NotAllowed { .. })), "{role:?}");
    }
    assert_eq!(ask(&house, &Actor::Invitee, &workspace).await, Err(Error::SignIn));
    let elsewhere = person(Role::Helpdesk, Some("d-90673c5d6e"));
    assert!(matches!(ask(&house, &elsewhere, &workspace).await, Err(Error::NotAllowed { .. })));
    for reason in ["", "  a ", &"x".repeat(501)] {
        let outcome = invitations::invite(&house.services, &helpdesk(), vec![workspace.clone()], reason.to_owned()).await;
        assert!(matches!(outcome, Err(Error::Invalid { fields }) if fields[0].field == "reason"), "{reason:?}");
    }
    assert_eq!((count(&house.db, "invitation").await, count(&house.db, "audit").await), (0, 0));
    assert!(ask(&house, &person(Role::Helpdesk, Some(DIRECTORY)), &workspace).await.is_ok());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_call_invites_500_at_most(db: PgPool) {
    let house = House::open(db).await;
    let workspace: WorkspaceId = "ws-999999999".parse().unwrap();
    let ask = async |workspaces: usize| {
        let workspaces = vec![workspace.clone(); workspaces];
        invitations::invite(&house.services, &helpdesk(), workspaces, "lost the code".into()).await
    };
    assert_eq!(ask(500).await.unwrap().len(), 500);
    for wrong in [0, 501] {
        assert!(matches!(ask(wrong).await, Err(Error::Invalid { fields }) if fields[0].field == "workspaces"), "{wrong}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn lists_are_narrowed_by_scope_state_and_text(db: PgPool) {
    let house = House::open(db).await;
    for number in 1..=30 {
        house.queued(number, &format!("person{number}")).await;
    }
    house.execute("update invitation set state = 'sent', opened = 1 where account = 'person7'").await;
    house.execute("update invitation set state = 'sent' where account = 'person8'").await;
    let list = async |actor: &Actor, filter: Filter, number: u32| {
        invitations::list(&house.services, actor, filter, PageRequest { number, size: 25 }).await
    };
    let all = list(&helpdesk(), Filter::default(), 2).await.unwrap();
    assert_eq!((all.rows.len(), all.total), (5, 30));
    let sent = Filter { state: Some(State::Sent), ..Filter::default() };
    assert_eq!(list(&helpdesk(), sent, 1).await.unwrap().total, 2);
    let never = list(&helpdesk(), Filter { never_opened: true, ..Filter::default() }, 1).await.unwrap();
    assert_eq!(never.rows.iter().map(|row| row.account.as_str()).collect::<Vec<_>>(), ["person8"]);
    let typed = Filter { q: "PERSON30".into(), ..Filter::default() };
    assert_eq!(list(&person(Role::Auditor, None), typed, 1).await.unwrap().total, 1);
    assert_eq!(list(&helpdesk(), Filter { q: "%".into(), ..Filter::default() }, 1).await.unwrap().total, 0);
    let elsewhere = list(&person(Role::Helpdesk, Some("d-90673c5d6e")), Filter::default(), 1).await.unwrap();
    assert_eq!(elsewhere.total, 0);
    assert!(list(&person(Role::Requester, None), Filter::default(), 1).await.is_err());
    assert_eq!(
        list(&helpdesk(), Filter::default(), 9).await.unwrap().total,
        30,
        "a page past the end still tells how many there are"
    );
}
