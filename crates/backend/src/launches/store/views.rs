//! SQL of what pages show of launches.

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    DraftId, InvitationId, ItemId, LaunchId, Page, PageRequest, PersonGuid,
    access::Actor,
    directories::{Freshness, Trouble},
    invitations,
    launches::{
        Counts, DraftSummary, FailedRows, Failure, Filter, Hold, Item, ItemInvitation, ItemState, Launch, Paused, Status,
        Summary, Today,
    },
    offerings::Flagged,
    workspaces::RunningMode,
};
use uuid::Uuid;

use crate::{Fault, Services, directories, invitations::decision, stamp::Stamps};

struct Row {
    id: Uuid,
    directory_id: String,
    directory_name: String,
    started_by_name: String,
    started_at: DateTime<Utc>,
    running_mode: String,
    auto_stop_minutes: Option<i32>,
    tags: serde_json::Value,
    paused_at: Option<DateTime<Utc>>,
    paused_code: Option<String>,
    paused_message: Option<String>,
    queued: i64,
    sending: i64,
    unconfirmed: i64,
    pending: i64,
    available: i64,
    failed: i64,
    already_has: i64,
    canceled: i64,
    total: i64,
}

fn summary(stamps: &Stamps<'_>, row: &Row) -> Result<Summary, Fault> {
    let stamp = |at: DateTime<Utc>| stamps.of(&row.directory_id, at);
    // Before codes were kept, only a used-up quota paused a launch.
    let cause = row.paused_code.as_deref().and_then(Hold::from_code).unwrap_or(Hold::Quota);
    Ok(Summary {
        id: LaunchId(row.id),
        directory: row.directory_id.parse().map_err(|error| Fault::Bug(format!("launch row: {error}")))?,
        directory_name: row.directory_name.clone(),
        started_by: row.started_by_name.clone(),
        started: stamp(row.started_at),
        counts: Counts {
            queued: row.queued,
            sending: row.sending,
            unconfirmed: row.unconfirmed,
            pending: row.pending,
            available: row.available,
            failed: row.failed,
            already_has: row.already_has,
            canceled: row.canceled,
        },
        paused: row.paused_at.zip(row.paused_message.clone()).map(|(since, message)| Paused {
            since: stamp(since),
            cause,
            message,
        }),
    })
}

/// What the launches are narrowed to, as SQL wants it.
struct Narrowing<'a> {
    scope: Option<&'a [String]>,
    pattern: Option<String>,
    status: Option<&'a str>,
    id: Option<Uuid>,
}

/// Launches with the counts of their rows, the newest first; each row carries the count of all that match.
async fn rows(services: &Services, narrowing: &Narrowing<'_>, limit: i64, offset: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select l.id, l.directory_id, d.name as directory_name, l.started_by_name, l.started_at, l.running_mode, l.auto_stop_minutes, l.tags, l.paused_at, l.paused_code, l.paused_message,
                c.queued as \"queued!\", c.sending as \"sending!\", c.unconfirmed as \"unconfirmed!\", c.pending as \"pending!\",
                c.available as \"available!\", c.failed as \"failed!\", c.already_has as \"already_has!\", c.canceled as \"canceled!\",
                count(*) over () as \"total!\"
         from launch l join directory d using (directory_id)
         cross join lateral
           (select count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'sending') as sending,
                   count(*) filter (where state = 'unconfirmed') as unconfirmed, count(*) filter (where state = 'pending') as pending,
                   count(*) filter (where state = 'available') as available, count(*) filter (where state = 'failed') as failed,
                   count(*) filter (where state = 'already_has') as already_has, count(*) filter (where state = 'canceled') as canceled
            from launch_item i where i.launch_id = l.id) c
         where ($1::text[] is null or l.directory_id = any($1))
           and ($2::text is null or l.started_by_name ilike $2 or l.id::text ilike $2
                or exists (select from launch_item i where i.launch_id = l.id and (i.name ilike $2 or i.account ilike $2)))
           and ($3::text is null
                or ($3 = 'running' and c.queued + c.sending + c.unconfirmed + c.pending > 0)
                or ($3 = 'paused' and l.paused_at is not null and c.queued > 0)
                or ($3 = 'failed' and c.failed > 0)
                or ($3 = 'done' and c.queued + c.sending + c.unconfirmed + c.pending + c.failed = 0))
           and ($4::uuid is null or l.id = $4)
         order by l.started_at desc, l.id limit $5 offset $6",
        narrowing.scope,
        narrowing.pattern,
        narrowing.status,
        narrowing.id,
        limit,
        offset,
    )
    .fetch_all(&services.db)
    .await
}

pub(in crate::launches) async fn list(
    services: &Services,
    scope: Option<&[String]>,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<Summary>, Fault> {
    let q = filter.q.trim();
    let narrowing = Narrowing {
        scope,
        pattern: (!q.is_empty()).then(|| crate::db::contains(q)),
        status: filter.status.map(Status::as_str),
        id: None,
    };
    let found = rows(services, &narrowing, page.limit(), page.offset()).await?;
    if found.is_empty() && page.number > 1 {
        // Past the end nothing says how many there are.
        return Box::pin(list(services, scope, filter, PageRequest { number: 1, ..page })).await;
    }
    let total = found.first().map_or(0, |row| row.total);
    let stamps = services.stamps().await?;
    Ok(Page { rows: found.iter().map(|row| summary(&stamps, row)).collect::<Result<_, _>>()?, total, request: page })
}

pub(in crate::launches) async fn one(services: &Services, id: LaunchId) -> Result<Option<Launch>, Fault> {
    let narrowing = Narrowing { scope: None, pattern: None, status: None, id: Some(id.0) };
    let found = rows(services, &narrowing, 1, 0).await?;
    let Some(row) = found.first() else { return Ok(None) };
    let sent = sqlx::query!(
        "select count(*) filter (where i.state in ('queued', 'sending')) as \"queued!\", count(*) filter (where i.state = 'sent') as \"sent!\",
                count(*) filter (where i.state = 'unconfirmed') as \"unconfirmed!\", count(*) filter (where i.state = 'failed') as \"failed!\",
                count(*) filter (where i.opened > 0) as \"opened!\"
         from invitation i join launch_item l on l.id = i.item_id where l.launch_id = $1",
        id.0,
    )
    .fetch_one(&services.db)
    .await?;
    let summary = summary(&services.stamps().await?, row)?;
    Ok(Some(Launch {
        freeze: directories::freeze(services, &summary.directory).await?,
        summary,
        running_mode: RunningMode::from_aws(&row.running_mode, row.auto_stop_minutes),
        tags: serde_json::from_value(row.tags.clone()).map_err(|error| Fault::Bug(format!("launch tags: {error}")))?,
        invitations: invitations::Counts {
            queued: sent.queued,
            sent: sent.sent,
            unconfirmed: sent.unconfirmed,
            failed: sent.failed,
            opened: sent.opened,
        },
        warning: None,
    }))
}

pub(in crate::launches) async fn items(
    services: &Services,
    launch: LaunchId,
    state: Option<ItemState>,
    page: PageRequest,
) -> Result<Page<Item>, Fault> {
    let found = sqlx::query!(
        "select i.id, i.directory_id, i.person_guid, i.name, i.account, i.mail, coalesce(b.name, i.bundle_id) as \"bundle!\", i.state, i.state_since,
                i.workspace_id, i.error_code, i.error_message, v.id as \"invitation_id?\", v.state as \"invitation_state?\",
                v.opened as \"opened?\", v.decided_as as \"decided_as?\", v.decided_by_name as \"decided_by_name?\",
                v.decided_reason as \"decided_reason?\", v.decided_at as \"decided_at?\", count(*) over () as \"total!\"
         from launch_item i left join bundle b using (bundle_id)
         left join lateral (select id, state, opened, decided_as, decided_by_name, decided_reason, decided_at from invitation v
                            where v.item_id = i.id or (i.state = 'available' and v.workspace_id = i.workspace_id)
                            order by created_at desc limit 1) v on true
         where i.launch_id = $1 and ($2::text is null or i.state = $2)
         order by i.state <> 'failed', i.position limit $3 offset $4",
        launch.0,
        state.map(ItemState::as_str),
        page.limit(),
        page.offset(),
    )
    .fetch_all(&services.db)
    .await?;
    if found.is_empty() && page.number > 1 {
        return Box::pin(items(services, launch, state, PageRequest { number: 1, ..page })).await;
    }
    let total = found.first().map_or(0, |row| row.total);
    let stamps = services.stamps().await?;
    let rows = found.into_iter().map(|row| {
        let stamp = |at: DateTime<Utc>| stamps.of(&row.directory_id, at);
        let invitation = row.invitation_id.zip(row.invitation_state.as_deref().and_then(invitations::State::from_db));
        let decision = decision(row.decided_as.as_deref(), row.decided_by_name, row.decided_reason, row.decided_at.map(stamp))?;
        Ok(Item {
            id: ItemId(row.id),
            person: PersonGuid(row.person_guid),
            name: row.name,
            account: row.account,
            mail: row.mail,
            bundle: row.bundle,
            state: ItemState::from_db(&row.state).ok_or_else(|| Fault::Bug(format!("item state {}", row.state)))?,
            since: stamp(row.state_since),
            workspace: row
                .workspace_id
                .map(|id| id.parse())
                .transpose()
                .map_err(|error| Fault::Bug(format!("item row: {error}")))?,
            failure: row.error_code.map(|code| Failure { code, message: row.error_message }),
            invitation: invitation.map(|(id, state)| ItemInvitation {
                id: InvitationId(id),
                state,
                opened: row.opened.unwrap_or(0) > 0,
                decision,
            }),
        })
    });
    Ok(Page { rows: rows.collect::<Result<_, Fault>>()?, total, request: page })
}

/// How far back failed rows are listed on the start page, and how many of them.
const FAILED_DAYS: i64 = 14;
const FAILED: i64 = 10;

/// Failed rows of late launches, by launch and reason, the newest first. A person who got through in a later launch has failed no more.
async fn failed(services: &Services, scope: Option<&[String]>) -> Result<Vec<FailedRows>, Fault> {
    let rows = sqlx::query!(
        "select l.id, l.directory_id, d.name as directory_name, l.started_by_name, l.started_at, min(i.name) as \"name!\", count(*) as \"count!\",
                coalesce(i.error_code, 'Unknown') as \"code!\", min(i.error_message) as message
         from launch_item i join launch l on l.id = i.launch_id join directory d on d.directory_id = l.directory_id
         where i.state = 'failed' and l.started_at >= $2 and ($1::text[] is null or l.directory_id = any($1))
           and not exists (select from launch_item n join launch m on m.id = n.launch_id
                           where n.person_guid = i.person_guid and n.directory_id = i.directory_id
                             and n.state in ('queued', 'sending', 'unconfirmed', 'pending', 'available') and m.started_at > l.started_at)
         group by l.id, d.name, i.error_code order by max(i.state_since) desc, l.id, i.error_code limit $3",
        scope,
        services.clock.now() - TimeDelta::days(FAILED_DAYS),
        FAILED,
    )
    .fetch_all(&services.db)
    .await?;
    let stamps = services.stamps().await?;
    Ok(rows
        .into_iter()
        .map(|row| FailedRows {
            launch: LaunchId(row.id),
            directory_name: row.directory_name,
            started_by: row.started_by_name,
            started: stamps.of(&row.directory_id, row.started_at),
            name: row.name,
            count: row.count,
            failure: Failure { code: row.code, message: row.message },
        })
        .collect())
}

pub(in crate::launches) async fn today(
    services: &Services,
    actor: &Actor,
    scope: Option<&[String]>,
    freshness: Freshness,
    (invitations, connectors, offerings): (invitations::Waiting, Vec<Trouble>, Vec<Flagged>),
) -> Result<Today, Fault> {
    let narrowing = |status| Narrowing { scope, pattern: None, status: Some(status), id: None };
    let running = rows(services, &narrowing("running"), 5, 0).await?;
    let paused = rows(services, &narrowing("paused"), 5, 0).await?;
    let fleet = sqlx::query!(
        "select state, count(*) as \"count!\" from workspace where gone_at is null and ($1::text[] is null or directory_id = any($1))
         group by state order by 2 desc, 1",
        scope,
    )
    .fetch_all(&services.db)
    .await?;
    let drafts = sqlx::query!(
        "select d.id, a.name as \"directory_name?\", d.changed_at, (select count(*) from launch_draft_person p where p.draft_id = d.id) as \"people!\"
         from launch_draft d left join directory a using (directory_id)
         where d.owner = $1 and d.directory_id is not null and not exists (select from launch l where l.id = d.id)
         order by d.changed_at desc limit 5",
        actor.key(),
    )
    .fetch_all(&services.db)
    .await?;
    let stamps = services.stamps().await?;
    let summaries = |rows: Vec<Row>| rows.iter().map(|row| summary(&stamps, row)).collect::<Result<Vec<_>, _>>();
    Ok(Today {
        running: summaries(running)?.into_iter().filter(|summary| !summary.waits()).collect(),
        paused: summaries(paused)?,
        failed: failed(services, scope).await?,
        invitations,
        connectors,
        offerings,
        fleet: fleet.into_iter().map(|row| (row.state, row.count)).collect(),
        freshness,
        drafts: drafts
            .into_iter()
            .map(|row| DraftSummary {
                id: DraftId(row.id),
                directory_name: row.directory_name,
                people: row.people,
                changed: services.stamp(row.changed_at),
            })
            .collect(),
    })
}

/// The launches that a person was in, the newest first.
pub(crate) async fn of_person(services: &Services, person: PersonGuid) -> Result<Vec<Summary>, Fault> {
    let ids = sqlx::query_scalar!(
        "select distinct l.id from launch l join launch_item i on i.launch_id = l.id where i.person_guid = $1 order by l.id desc limit 20",
        person.0,
    )
    .fetch_all(&services.db)
    .await?;
    let mut launches = Vec::with_capacity(ids.len());
    for id in ids {
        launches.extend(one(services, LaunchId(id)).await?.map(|launch| launch.summary));
    }
    Ok(launches)
}
