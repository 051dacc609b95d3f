//! SQL of what pages show of invitations.

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    InvitationId, PageRequest, PersonGuid, Stamp, WorkspaceId,
    invitations::{Filter, Held, Hold, Invitation, State, Verdict, Waiting},
};
use uuid::Uuid;

use crate::{Fault, Services, stamp::Stamps};

struct Row {
    id: Uuid,
    workspace_id: String,
    directory_id: String,
    person_guid: Option<Uuid>,
    name: String,
    account: String,
    mail: String,
    state: String,
    state_since: DateTime<Utc>,
    asked_by_name: String,
    reason: Option<String>,
    sent_at: Option<DateTime<Utc>>,
    first_opened_at: Option<DateTime<Utc>>,
    opened: i32,
    superseded_at: Option<DateTime<Utc>>,
    error_code: Option<String>,
    error_message: Option<String>,
    decided_as: Option<String>,
    decided_by_name: Option<String>,
    decided_reason: Option<String>,
    decided_at: Option<DateTime<Utc>>,
}

/// What a row's four columns tell of a decision, if one was made.
pub(crate) fn decision(
    verdict: Option<&str>,
    by: Option<String>,
    reason: Option<String>,
    at: Option<Stamp>,
) -> Result<Option<String>, Fault> {
    let (Some(verdict), Some(by), Some(reason), Some(at)) = (verdict, by, reason, at) else { return Ok(None) };
    let verdict = Verdict::from_db(verdict).ok_or_else(|| Fault::Bug(format!("decision {verdict}")))?;
    Ok(Some(verdict.sentence(&by, &at, &reason)))
}

fn read(stamps: &Stamps<'_>, row: Row) -> Result<Invitation, Fault> {
    let stamp = |at: DateTime<Utc>| stamps.of(&row.directory_id, at);
    let decision = decision(row.decided_as.as_deref(), row.decided_by_name, row.decided_reason, row.decided_at.map(stamp))?;
    let bug = |error: model::ParseIdError| Fault::Bug(format!("invitation row: {error}"));
    Ok(Invitation {
        id: InvitationId(row.id),
        workspace: row.workspace_id.parse().map_err(bug)?,
        directory: row.directory_id.parse().map_err(bug)?,
        person: row.person_guid.map(PersonGuid),
        name: row.name,
        account: row.account,
        mail: row.mail,
        state: State::from_db(&row.state).ok_or_else(|| Fault::Bug(format!("invitation state {}", row.state)))?,
        since: stamp(row.state_since),
        asked_by: row.asked_by_name,
        reason: row.reason,
        sent: row.sent_at.map(stamp),
        first_opened: row.first_opened_at.map(stamp),
        opened: row.opened,
        superseded: row.superseded_at.is_some(),
        failure: row.error_code.map(|code| match row.error_message.filter(|message| !message.is_empty()) {
            Some(message) => format!("{code}: {message}"),
            None => code,
        }),
        decision,
    })
}

pub(in crate::invitations) async fn list(
    services: &Services,
    scope: Option<&[String]>,
    filter: &Filter,
    page: PageRequest,
) -> Result<(Vec<Invitation>, i64), Fault> {
    let q = filter.q.trim();
    let pattern = (!q.is_empty()).then(|| crate::db::contains(q));
    let total = sqlx::query_scalar!(
        "select count(*) as \"count!\" from invitation
         where ($1::text[] is null or directory_id = any($1))
           and ($2::text is null or name ilike $2 or account ilike $2 or mail ilike $2 or workspace_id ilike $2)
           and ($3::text is null or state = $3)
           and (not $4 or (state = 'sent' and opened = 0 and superseded_at is null))",
        scope,
        pattern,
        filter.state.map(State::as_str),
        filter.never_opened,
    )
    .fetch_one(&services.db)
    .await?;
    let rows = sqlx::query_as!(
        Row,
        "select id, workspace_id, directory_id, person_guid, name, account, mail, state, state_since, asked_by_name, reason, sent_at,
                first_opened_at, opened, superseded_at, error_code, error_message, decided_as, decided_by_name, decided_reason, decided_at
         from invitation
         where ($1::text[] is null or directory_id = any($1))
           and ($2::text is null or name ilike $2 or account ilike $2 or mail ilike $2 or workspace_id ilike $2)
           and ($3::text is null or state = $3)
           and (not $4 or (state = 'sent' and opened = 0 and superseded_at is null))
         order by created_at desc, id limit $5 offset $6",
        scope,
        pattern,
        filter.state.map(State::as_str),
        filter.never_opened,
        page.limit(),
        page.offset(),
    )
    .fetch_all(&services.db)
    .await?;
    let stamps = services.stamps().await?;
    Ok((rows.into_iter().map(|row| read(&stamps, row)).collect::<Result<_, _>>()?, total))
}

/// The newest invitations of a person or of a WorkSpace.
pub(in crate::invitations) async fn some(
    services: &Services,
    person: Option<PersonGuid>,
    workspace: Option<&WorkspaceId>,
) -> Result<Vec<Invitation>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select id, workspace_id, directory_id, person_guid, name, account, mail, state, state_since, asked_by_name, reason, sent_at,
                first_opened_at, opened, superseded_at, error_code, error_message, decided_as, decided_by_name, decided_reason, decided_at
         from invitation
         where ($1::uuid is null or person_guid = $1) and ($2::text is null or workspace_id = $2)
         order by created_at desc, id limit 20",
        person.map(|person| person.0),
        workspace.map(WorkspaceId::as_str),
    )
    .fetch_all(&services.db)
    .await?;
    let stamps = services.stamps().await?;
    rows.into_iter().map(|row| read(&stamps, row)).collect()
}

pub(in crate::invitations) async fn one(services: &Services, id: InvitationId) -> Result<Option<Invitation>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, workspace_id, directory_id, person_guid, name, account, mail, state, state_since, asked_by_name, reason, sent_at,
                first_opened_at, opened, superseded_at, error_code, error_message, decided_as, decided_by_name, decided_reason, decided_at
         from invitation where id = $1",
        id.0,
    )
    .fetch_optional(&services.db)
    .await?;
    let stamps = services.stamps().await?;
    row.map(|row| read(&stamps, row)).transpose()
}

/// How many of each kind the start page names.
const NAMED: i64 = 10;
/// After how long an unopened invitation is worth a look.
const UNOPENED_DAYS: i64 = 3;

/// What waits for somebody, and how much of it there is. A WorkSpace that is gone, or that has a newer invitation, waits for nobody.
pub(in crate::invitations) async fn waiting(services: &Services, scope: Option<&[String]>) -> Result<Waiting, Fault> {
    let totals = sqlx::query!(
        "select count(*) filter (where v.state = 'unconfirmed' and decided_at is null) as \"undecided!\",
                count(*) filter (where v.state = 'failed') as \"refused!\",
                count(*) filter (where v.state = 'sent' and opened = 0 and sent_at < $2) as \"never_opened!\"
         from invitation v join workspace w using (workspace_id)
         where superseded_at is null and w.gone_at is null and ($1::text[] is null or v.directory_id = any($1))
           and (v.state = 'sent' or not exists
                (select from invitation n where n.workspace_id = v.workspace_id and n.created_at > v.created_at))",
        scope,
        services.clock.now() - TimeDelta::days(UNOPENED_DAYS),
    )
    .fetch_one(&services.db)
    .await?;
    Ok(Waiting {
        undecided: if totals.undecided > 0 { those(services, scope, State::Unconfirmed).await? } else { Vec::new() },
        undecided_total: totals.undecided,
        refused: if totals.refused > 0 { those(services, scope, State::Failed).await? } else { Vec::new() },
        refused_total: totals.refused,
        never_opened: totals.never_opened,
        held: held(services, scope).await?,
    })
}

/// What SES holds all mails back for, and how many of these directories wait.
async fn held(services: &Services, scope: Option<&[String]>) -> sqlx::Result<Option<Held>> {
    let row = sqlx::query!(
        "select error_code as \"code!\", coalesce(error_message, '') as \"message!\", state_since,
                (select count(*) from invitation
                 where state = 'queued' and ($1::text[] is null or directory_id = any($1))) as \"count!\"
         from invitation where state = 'queued' and error_code is not null order by state_since desc limit 1",
        scope,
    )
    .fetch_optional(&services.db)
    .await?;
    Ok(row.and_then(|row| {
        let hold = Hold::from_refusal(&row.code, &row.message, services.settings.mail.address())?;
        Some(Held { hold, code: row.code, asked: services.stamp(row.state_since), count: row.count })
    }))
}

/// The first of those that wait in this state: the oldest unconfirmed, the newest refused.
async fn those(services: &Services, scope: Option<&[String]>, state: State) -> Result<Vec<Invitation>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select v.id, workspace_id, v.directory_id, v.person_guid, v.name, v.account, v.mail, v.state, v.state_since, v.asked_by_name,
                v.reason, v.sent_at, v.first_opened_at, v.opened, v.superseded_at, v.error_code, v.error_message, v.decided_as,
                v.decided_by_name, v.decided_reason, v.decided_at
         from invitation v join workspace w using (workspace_id)
         where v.state = $2 and superseded_at is null and decided_at is null and w.gone_at is null
           and ($1::text[] is null or v.directory_id = any($1))
           and not exists (select from invitation n where n.workspace_id = v.workspace_id and n.created_at > v.created_at)
         order by extract(epoch from v.state_since) * (case when $2 = 'failed' then -1 else 1 end), v.id
         limit $3",
        scope,
        state.as_str(),
        NAMED,
    )
    .fetch_all(&services.db)
    .await?;
    let stamps = services.stamps().await?;
    rows.into_iter().map(|row| read(&stamps, row)).collect()
}
