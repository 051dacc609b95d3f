//! Asking for invitations and listing them: who may, and what is refused.

use backend::{invitations, launches, worker};
use model::{
    Conflict, Error, InvitationId, PageRequest, WorkspaceId,
    access::{Actor, Role},
    invitations::{Filter, Invitation, State, Waiting},
};
use sandbox::faults::Kind;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::house::{DIRECTORY, House, UNREGISTERED, colleague, count, helpdesk, person, token};

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
            conflict(Conflict::WorkspaceNotReady),
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

/// A mail that SES took and whose answer was lost.
async fn lost(house: &House, number: u32, account: &str) -> InvitationId {
    let id = house.queued(number, account).await;
    house.fault(Kind::LoseReply, 1);
    house.send().await;
    assert_eq!(house.state(id).await, "unconfirmed");
    InvitationId(id)
}

async fn waiting(house: &House, actor: &Actor) -> Waiting {
    launches::today(&house.services, actor).await.unwrap().invitations
}

/// As the list shows it.
async fn shown(house: &House, id: InvitationId) -> Invitation {
    let page = invitations::list(&house.services, &helpdesk(), Filter::default(), PageRequest::default()).await.unwrap();
    page.rows.into_iter().find(|invitation| invitation.id == id).unwrap()
}

/// What it says of a decision, without the time.
fn decided(invitation: &Invitation) -> Option<(String, String)> {
    let (who, rest) = invitation.decision.as_deref()?.split_once(", ").unwrap();
    Some((who.to_owned(), rest.rsplit_once(": ").unwrap().1.to_owned()))
}

fn said(who: &str, why: &str) -> Option<(String, String)> {
    Some((who.to_owned(), why.to_owned()))
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_mail_is_taken_as_sent_by_whoever_finds_out(db: PgPool) {
    let house = House::open(db).await;
    let (first, second) = (lost(&house, 1, "marta.nordwind").await, lost(&house, 2, "anna.nordwind").await);
    let today = waiting(&house, &helpdesk()).await;
    assert_eq!(today.undecided.iter().map(|row| row.id).collect::<Vec<_>>(), [first, second], "the oldest stands first");
    assert_eq!(today.undecided_total, 2);

    invitations::confirm(&house.services, &colleague(), first, " has the mail ").await.unwrap();
    let confirmed = shown(&house, first).await;
    assert_eq!(decided(&confirmed), said("taken as sent by Tomas Brandt", "has the mail"));
    assert!(confirmed.state == State::Sent && confirmed.sent.is_some() && !confirmed.is_undecided());
    assert_eq!(waiting(&house, &helpdesk()).await.undecided.iter().map(|row| row.id).collect::<Vec<_>>(), [second]);
    let recorded: Vec<(String, String, String)> = sqlx::query_as(
        "select actor_name, object_id, detail from audit where action = 'confirm_invitation' and outcome = 'succeeded'",
    )
    .fetch_all(&house.db)
    .await
    .unwrap();
    assert_eq!(recorded, [("Tomas Brandt".to_owned(), first.to_string(), "has the mail".to_owned())]);

    // What somebody else looks at still says that it is open.
    let late = Error::conflict(Conflict::Decided);
    assert_eq!(invitations::confirm(&house.services, &helpdesk(), first, "I know better").await, Err(late.clone()));
    assert_eq!(invitations::send_again(&house.services, &helpdesk(), first, "I know better").await, Err(late));
    assert_eq!(decided(&shown(&house, first).await), said("taken as sent by Tomas Brandt", "has the mail"));
    house.send().await;
    assert_eq!(house.mails().len(), 2);
    let link = token(&house.mails()[0].text);
    assert!(invitations::welcome(&house.services, &link).await.unwrap().is_ok(), "the link that was sent stays");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_mail_is_sent_again_with_who_and_why(db: PgPool) {
    let house = House::open(db).await;
    let id = lost(&house, 1, "marta.nordwind").await;
    let again = invitations::send_again(&house.services, &colleague(), id, "nothing came").await.unwrap();
    let old = shown(&house, id).await;
    assert_eq!(decided(&old), said("sent again by Tomas Brandt", "nothing came"));
    assert_eq!(old.state, State::Unconfirmed, "whether this one was sent is as unknown as before");
    assert_eq!(shown(&house, again).await.reason.as_deref(), Some("nothing came"));
    assert_eq!(waiting(&house, &helpdesk()).await, Waiting::default());
    let late = Error::conflict(Conflict::Decided);
    assert_eq!(invitations::send_again(&house.services, &helpdesk(), id, "me too").await, Err(late.clone()));
    house.send().await;
    assert_eq!(house.state(again.0).await, "sent");
    // A page that was opened before still has the form.
    assert_eq!(invitations::send_again(&house.services, &helpdesk(), id, "me too").await, Err(late.clone()));
    assert_eq!(invitations::confirm(&house.services, &helpdesk(), id, "has it").await, Err(late));
    house.send().await;
    assert_eq!(house.mails().len(), 2);
    assert!(shown(&house, id).await.superseded);
    assert_eq!(count(&house.db, "audit where action = 'invite' and outcome = 'succeeded' and detail = 'nothing came'").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_who_decide_at_once_one_wins(db: PgPool) {
    let house = House::open(db).await;
    for number in 1..=4 {
        let id =
            lost(&house, number, ["marta.nordwind", "anna.nordwind", "ben.nordwind", "ida.nordwind"][number as usize - 1]).await;
        let sent = house.mails().len();
        let (helena, tomas) = (helpdesk(), colleague());
        let (one, other) = if number % 2 == 0 {
            let confirm = |actor, why| invitations::confirm(&house.services, actor, id, why);
            tokio::join!(confirm(&helena, "has it"), confirm(&tomas, "SES shows it"))
        } else {
            let again = async |actor, why| invitations::send_again(&house.services, actor, id, why).await.map(drop);
            tokio::join!(again(&helena, "not there"), again(&tomas, "nothing came"))
        };
        let late = Err(Error::conflict(Conflict::Decided));
        assert!([(Ok(()), late.clone()), (late, Ok(()))].contains(&(one.clone(), other)), "{number}");
        let by = if one.is_ok() { "Helena Keller" } else { "Tomas Brandt" };
        assert!(shown(&house, id).await.decision.unwrap().contains(&format!(" by {by}, ")));
        house.send().await;
        assert_eq!(house.mails().len() - sent, usize::from(number % 2 == 1), "{number}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_may_not_invite_decides_nothing(db: PgPool) {
    let house = House::open(db).await;
    let id = lost(&house, 1, "marta.nordwind").await;
    let before = count(&house.db, "audit").await;
    let both = async |actor: &Actor, why: &str| {
        let confirmed = invitations::confirm(&house.services, actor, id, why).await;
        (confirmed, invitations::send_again(&house.services, actor, id, why).await.map(drop))
    };
    let not_allowed = || Err(Error::NotAllowed { needs: vec![Role::Helpdesk, Role::Admin] });
    let elsewhere = person(Role::Helpdesk, Some(UNREGISTERED));
    for actor in [person(Role::Auditor, None), person(Role::Requester, None), elsewhere.clone()] {
        assert_eq!(both(&actor, "has it").await, (not_allowed(), not_allowed()));
    }
    assert_eq!(both(&Actor::Invitee, "has it").await, (Err(Error::SignIn), Err(Error::SignIn)));
    for why in ["", " a ", &"x".repeat(501)] {
        let (confirmed, again) = both(&helpdesk(), why).await;
        for outcome in [confirmed, again] {
            assert!(matches!(outcome, Err(Error::Invalid { fields }) if fields[0].field == "reason"), "{why:?}");
        }
    }
    let unknown = InvitationId(Uuid::from_u128(1));
    assert_eq!(invitations::confirm(&house.services, &helpdesk(), unknown, "has it").await, Err(Error::NotFound));
    assert_eq!((shown(&house, id).await.decision, count(&house.db, "audit").await), (None, before));
    assert_eq!(waiting(&house, &elsewhere).await, Waiting::default());
    assert_eq!(waiting(&house, &person(Role::Helpdesk, Some(DIRECTORY))).await.undecided_total, 1);
}

/// From the fleet's list, where nobody came to decide anything.
#[sqlx::test(migrator = "MIGRATOR")]
async fn inviting_by_hand_decides_about_a_lost_mail(db: PgPool) {
    let house = House::open(db).await;
    let id = lost(&house, 1, "marta.nordwind").await;
    ask(&house, &colleague(), &"ws-000000001".parse().unwrap()).await.unwrap();
    assert_eq!(decided(&shown(&house, id).await), said("sent again by Tomas Brandt", "lost the code"));
    assert_eq!(waiting(&house, &helpdesk()).await, Waiting::default());
    assert_eq!(invitations::confirm(&house.services, &helpdesk(), id, "has it").await, Err(Error::conflict(Conflict::Decided)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn refused_mails_wait_until_another_is_sent(db: PgPool) {
    let house = House::open(db).await;
    let ids = [house.queued(1, "marta.nordwind").await, house.queued(2, "anna.nordwind").await];
    house.execute("update directory set registration_code = null").await;
    house.send().await;
    let refused = async || waiting(&house, &helpdesk()).await.refused;
    assert_eq!(refused().await.iter().map(|row| row.id.0).collect::<Vec<_>>(), [ids[1], ids[0]], "the newest stands first");
    assert!(refused().await[0].failure.as_ref().unwrap().contains("registration code"));

    // Sent again and refused again: the newest stands for both.
    let again = invitations::send_again(&house.services, &helpdesk(), InvitationId(ids[0]), "code is there").await.unwrap();
    assert_eq!(refused().await.iter().map(|row| row.id.0).collect::<Vec<_>>(), [ids[1]], "one is on its way");
    house.send().await;
    assert_eq!(refused().await.iter().map(|row| row.id.0).collect::<Vec<_>>(), [again.0, ids[1]]);

    house.execute("update directory set registration_code = 'WSfra+7KQ2MD'").await;
    invitations::send_again(&house.services, &helpdesk(), again, "code is there").await.unwrap();
    house.execute("update workspace set gone_at = now() where workspace_id = 'ws-000000002'").await;
    house.send().await;
    assert_eq!(waiting(&house, &helpdesk()).await, Waiting::default(), "nobody waits for a WorkSpace that is gone");
    assert_eq!(shown(&house, again).await.decision, None, "a refusal leaves nothing to decide");
}
