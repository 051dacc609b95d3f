//! SQL of invitations: the sending, what people decide, and the welcome link. What pages show of them is in `views`.

mod views;

use chrono::{DateTime, Utc};
use model::{
    InvitationId, ItemId, LaunchId, PersonGuid, WorkspaceId,
    access::Actor,
    directories::Devices,
    invitations::{State, Verdict},
    people::Person,
};
use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) use self::views::decision;
pub(super) use self::views::{list, one, some, waiting};
use super::welcome::Token;
use crate::{Fault, Services, db};

/// An invitation in a worker's hands.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub id: InvitationId,
    pub workspace: String,
    pub launch: Option<LaunchId>,
    pub person: Option<PersonGuid>,
    pub account: String,
    pub name: String,
    pub given_name: Option<String>,
    pub mail: String,
    pub asked_by: String,
    pub asked_by_name: String,
    pub directory: String,
    pub registration_code: Option<String>,
}

pub(super) async fn insert_for_item(tx: &mut PgConnection, now: DateTime<Utc>, item: ItemId) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into invitation (id, item_id, workspace_id, directory_id, person_guid, account, name, mail, asked_by, asked_by_name,
                                 state, state_since, created_at)
         select $1, i.id, i.workspace_id, i.directory_id, i.person_guid, i.account, i.name, i.mail, l.started_by, l.started_by_name,
                'queued', $3, $3
         from launch_item i join launch l on l.id = i.launch_id where i.id = $2
         on conflict do nothing",
        Uuid::now_v7(),
        item.0,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn insert_by_hand(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    actor: &Actor,
    workspace: &WorkspaceId,
    person: &Person,
    reason: &str,
) -> sqlx::Result<InvitationId> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into invitation (id, workspace_id, directory_id, person_guid, account, name, given_name, mail, asked_by, asked_by_name,
                                 reason, state, state_since, created_at)
         select $1, workspace_id, directory_id, $3, user_name, $4, $5, $6, $7, $8, $9, 'queued', $10, $10
         from workspace where workspace_id = $2",
        id,
        workspace.as_str(),
        person.guid.0,
        person.name,
        person.given_name,
        person.mail.as_deref().unwrap_or_default(),
        actor.key(),
        actor.name(),
        reason,
        now,
    )
    .execute(tx)
    .await?;
    Ok(InvitationId(id))
}

/// Whether an invitation waits, and SES did not say after `asked` that it takes none.
pub(super) async fn anything_to_send(services: &Services, asked: DateTime<Utc>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "select exists (select from invitation where state = 'queued')
                and not exists (select from invitation where state = 'queued' and error_code is not null and state_since > $1)
                as \"exists!\"",
        asked,
    )
    .fetch_one(&services.db)
    .await
}

/// Forgets that SES takes no mail, so that it is asked again; false if nothing was held.
pub(super) async fn release(tx: &mut PgConnection) -> sqlx::Result<bool> {
    let held = sqlx::query!(
        "update invitation set error_code = null, error_message = null where state = 'queued' and error_code is not null"
    );
    Ok(held.execute(tx).await?.rows_affected() > 0)
}

/// Claims the oldest queued invitation and gives it a new link.
pub(super) async fn claim(
    tx: &mut PgConnection,
    services: &Services,
    claim: Uuid,
    token: &Token,
) -> Result<Option<Claimed>, Fault> {
    let now = services.clock.now();
    let row = sqlx::query!(
        "update invitation v set state = 'sending', state_since = $2, claim = $1, lease_until = $3, attempts = attempts + 1,
                token_hash = $4, token_expires_at = $5
         from directory d
         where d.directory_id = v.directory_id and v.id =
           (select id from invitation where state = 'queued' order by created_at, id limit 1 for update skip locked)
         returning v.id, v.workspace_id, v.item_id, v.person_guid, v.account, v.name, v.given_name, v.mail, v.asked_by, v.asked_by_name, v.directory_id,
                   d.registration_code, (select launch_id from launch_item i where i.id = v.item_id) as launch_id",
        claim,
        now,
        now + services.settings.claim_lease(),
        token.hash(),
        now + services.settings.invitation.link_lifetime,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Claimed {
        id: InvitationId(row.id),
        workspace: row.workspace_id,
        launch: row.launch_id.map(LaunchId),
        person: row.person_guid.map(PersonGuid),
        account: row.account,
        name: row.name,
        given_name: row.given_name,
        mail: row.mail,
        asked_by: row.asked_by,
        asked_by_name: row.asked_by_name,
        directory: row.directory_id,
        registration_code: row.registration_code,
    }))
}

/// Writes the outcome, if the claim still holds: false if it does not, and then nothing was changed. Once the new link is,
/// or may be, on its way, earlier links to the same WorkSpace stop working.
pub(super) async fn finish(
    tx: &mut PgConnection,
    services: &Services,
    claimed: &Claimed,
    claim: Uuid,
    state: State,
    message_id: Option<&str>,
    failure: Option<(&str, &str)>,
) -> sqlx::Result<bool> {
    let now = services.clock.now();
    let (code, message) = failure.unzip();
    let changed = sqlx::query!(
        "update invitation set state = $3, state_since = $4, claim = null, lease_until = null, message_id = $5, error_code = $6,
                error_message = $7, sent_at = case when $3 = 'sent' then $4 else sent_at end
         where id = $1 and claim = $2",
        claimed.id.0,
        claim,
        state.as_str(),
        now,
        message_id,
        code,
        message,
    )
    .execute(&mut *tx)
    .await?;
    let held = changed.rows_affected() == 1;
    if held && matches!(state, State::Sent | State::Unconfirmed) {
        supersede(tx, claimed, now).await?;
    }
    Ok(held)
}

async fn supersede(tx: &mut PgConnection, by: &Claimed, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update invitation set superseded_at = $3 where workspace_id = $1 and id <> $2 and superseded_at is null and state not in ('queued', 'sending')",
        by.workspace,
        by.id.0,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// One row whose sender died is given up: whether it was sent is not known.
pub(super) async fn take_lost(tx: &mut PgConnection, services: &Services) -> Result<Option<Claimed>, Fault> {
    let now = services.clock.now();
    let row = sqlx::query!(
        "update invitation v set state = 'unconfirmed', state_since = $1, claim = null, lease_until = null
         where id = (select id from invitation where claim is not null and lease_until <= $1 limit 1 for update skip locked)
         returning id, workspace_id, person_guid, account, name, given_name, mail, asked_by, asked_by_name, directory_id,
                   (select launch_id from launch_item i where i.id = v.item_id) as launch_id",
        now,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let lost = row.map(|row| Claimed {
        id: InvitationId(row.id),
        workspace: row.workspace_id,
        launch: row.launch_id.map(LaunchId),
        person: row.person_guid.map(PersonGuid),
        account: row.account,
        name: row.name,
        given_name: row.given_name,
        mail: row.mail,
        asked_by: row.asked_by,
        asked_by_name: row.asked_by_name,
        directory: row.directory_id,
        registration_code: None,
    });
    if let Some(lost) = &lost {
        supersede(tx, lost, now).await?;
    }
    Ok(lost)
}

pub(super) async fn next_lease(services: &Services) -> Result<Option<DateTime<Utc>>, Fault> {
    let next =
        sqlx::query_scalar!("select min(lease_until) from invitation where claim is not null").fetch_one(&services.db).await?;
    Ok(next)
}

/// Writes somebody's word on the undecided mail to this WorkSpace, or on that one only, and which launch it belongs to;
/// false if there is none. Of two people who decide at once, one finds none.
pub(super) async fn decide(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    actor: &Actor,
    (workspace, id): (&WorkspaceId, Option<InvitationId>),
    verdict: Verdict,
    reason: &str,
) -> Result<bool, Fault> {
    let launches = sqlx::query_scalar!(
        "update invitation v set
           state = case when $4 = 'was_sent' then 'sent' else state end,
           sent_at = case when $4 = 'was_sent' then state_since else sent_at end,
           state_since = case when $4 = 'was_sent' then $3 else state_since end,
           decided_as = $4, decided_by = $5, decided_by_name = $6, decided_reason = $7, decided_at = $3
         where workspace_id = $1 and ($2::uuid is null or id = $2)
           and state = 'unconfirmed' and superseded_at is null and decided_at is null
         returning (select launch_id from launch_item i where i.id = v.item_id) as launch_id",
        workspace.as_str(),
        id.map(|id| id.0),
        now,
        verdict.as_str(),
        actor.key(),
        actor.name(),
        reason,
    )
    .fetch_all(&mut *tx)
    .await?;
    for launch in launches.iter().flatten() {
        db::announce(&mut *tx, db::Topic::Launch(LaunchId(*launch))).await?;
    }
    Ok(!launches.is_empty())
}

/// What a welcome link leads to.
pub(super) struct Found {
    pub id: InvitationId,
    pub launch: Option<LaunchId>,
    pub person: Option<PersonGuid>,
    pub name: String,
    pub account: String,
    pub expires_at: DateTime<Utc>,
    pub superseded: bool,
    pub directory: String,
    pub registration_code: Option<String>,
    /// `None` when the WorkSpace is gone.
    pub state: Option<String>,
    pub bundle_name: Option<String>,
    pub devices: Devices,
}

pub(super) async fn by_token(services: &Services, hash: &[u8]) -> Result<Option<Found>, Fault> {
    let row = sqlx::query!(
        "select v.id, v.person_guid, v.name, v.account, v.token_expires_at as \"token_expires_at!\", v.superseded_at, v.directory_id, d.registration_code,
                case when w.gone_at is null then w.state end as state, b.name as \"bundle_name?\",
                d.device_windows, d.device_macos, d.device_linux, d.device_ios, d.device_android, d.device_chrome_os,
                d.device_zero_client, d.device_thin_client, d.device_web,
                (select launch_id from launch_item i where i.id = v.item_id) as launch_id
         from invitation v join directory d using (directory_id) join workspace w using (workspace_id) left join bundle b using (bundle_id)
         where v.token_hash = $1",
        hash,
    )
    .fetch_optional(&services.db)
    .await?;
    Ok(row.map(|row| Found {
        id: InvitationId(row.id),
        launch: row.launch_id.map(LaunchId),
        person: row.person_guid.map(PersonGuid),
        name: row.name,
        account: row.account,
        expires_at: row.token_expires_at,
        superseded: row.superseded_at.is_some(),
        directory: row.directory_id,
        registration_code: row.registration_code,
        state: row.state,
        bundle_name: row.bundle_name,
        devices: Devices {
            windows: row.device_windows,
            macos: row.device_macos,
            linux: row.device_linux,
            ios: row.device_ios,
            android: row.device_android,
            chrome_os: row.device_chrome_os,
            zero_client: row.device_zero_client,
            thin_client: row.device_thin_client,
            web: row.device_web,
        },
    }))
}

/// Counts an opening; true for the first. Who opens it has the mail, so it was sent.
pub(super) async fn opened(tx: &mut PgConnection, id: InvitationId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let count = sqlx::query_scalar!(
        "update invitation set opened = opened + 1, first_opened_at = coalesce(first_opened_at, $2),
                sent_at = case when state = 'unconfirmed' then state_since else sent_at end,
                state_since = case when state = 'unconfirmed' then $2 else state_since end,
                state = case when state = 'unconfirmed' then 'sent' else state end
         where id = $1 returning opened",
        id.0,
        now,
    )
    .fetch_one(tx)
    .await?;
    Ok(count == 1)
}
