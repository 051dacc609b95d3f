//! SQL of requests on their way through the stages.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use model::{
    CostCentreId, DirectoryId, PersonGuid, RequestId, RequestItemId,
    access::Actor,
    requests::{
        Deciders, EventKind, ItemState,
        process::{Process, Stage, StageState},
        rules::Facts,
    },
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    absence,
    drafts::{json, owner, state, to_json},
};
use crate::{Fault, Services, requests::submit::today};

/// A request with all that a decision depends on.
#[derive(Debug)]
pub(in crate::requests) struct Held {
    pub id: RequestId,
    pub version: i64,
    pub owner: String,
    pub owner_name: String,
    pub cost_centre: Option<CostCentreId>,
    pub needed_by: Option<NaiveDate>,
    /// The last day of its desktops, if they are temporary.
    pub ends_on: Option<NaiveDate>,
    /// Where the days of who asked are.
    pub zone: Tz,
    pub launch_at: Option<DateTime<Utc>>,
    pub rule_text: Option<String>,
    pub process: Process,
}

/// Reads a request and keeps others from changing it.
pub(in crate::requests) async fn hold(tx: &mut PgConnection, services: &Services, id: RequestId) -> Result<Option<Held>, Fault> {
    sqlx::query_scalar!("select id from request where id = $1 for update", id.0).fetch_optional(&mut *tx).await?;
    read(tx, services, id).await
}

/// Reads a request as it is now.
pub(in crate::requests) async fn read(tx: &mut PgConnection, services: &Services, id: RequestId) -> Result<Option<Held>, Fault> {
    let row = sqlx::query!(
        "select state, version, owner, owner_name, owner_guid, cost_centre_id, needed_by, ends_on, launch_at, rule_text, directories,
                p.time_zone as \"time_zone?\"
         from request r left join preference p on p.person_guid = r.owner_guid where id = $1",
        id.0,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let items = sqlx::query!("select id, person_guid, state from request_item where request_id = $1 order by position", id.0)
        .fetch_all(&mut *tx)
        .await?;
    let item = |text: &str| ItemState::from_db(text).ok_or_else(|| Fault::Bug(format!("request item state {text}")));
    let directory = |id: String| id.parse::<DirectoryId>().map_err(|error| Fault::Bug(format!("request row: {error}")));
    let process = Process {
        state: state(&row.state)?,
        requester: row.owner_guid.map(PersonGuid),
        beneficiaries: items.iter().map(|item| PersonGuid(item.person_guid)).collect(),
        directories: row.directories.into_iter().map(directory).collect::<Result<_, _>>()?,
        stages: stages(tx, id).await?,
        items: items.iter().map(|row| Ok((RequestItemId(row.id), item(&row.state)?))).collect::<Result<_, Fault>>()?,
        stand_ins: absence::stand_ins(tx, id, today(services)).await?,
    };
    Ok(Some(Held {
        id,
        version: row.version,
        owner: row.owner,
        owner_name: row.owner_name,
        cost_centre: row.cost_centre_id.map(CostCentreId),
        needed_by: row.needed_by,
        ends_on: row.ends_on,
        zone: services.settings.zone(row.time_zone.as_deref()),
        launch_at: row.launch_at,
        rule_text: row.rule_text,
        process,
    }))
}

async fn stages(tx: &mut PgConnection, id: RequestId) -> Result<Vec<Stage>, Fault> {
    let rows = sqlx::query!(
        "select kind, candidates, state, deciders, note, decided_by, decided_for from request_stage where request_id = $1 order by position",
        id.0,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Stage {
                kind: json(row.kind)?,
                candidates: json(row.candidates)?,
                state: StageState::from_db(&row.state).ok_or_else(|| Fault::Bug(format!("stage state {}", row.state)))?,
                deciders: row.deciders.map(json).transpose()?,
                note: row.note,
                decided_by: row.decided_by.map(PersonGuid),
                decided_for: row.decided_for.map(PersonGuid),
            })
        })
        .collect()
}

/// Writes what became of a held request: its state, its stages and its items. Another version.
pub(in crate::requests) async fn keep(
    tx: &mut PgConnection,
    services: &Services,
    id: RequestId,
    process: &Process,
    by: &str,
) -> Result<(), Fault> {
    sqlx::query!(
        "update request set state = $2, version = version + 1, changed_at = $3 where id = $1",
        id.0,
        process.state.as_str(),
        services.clock.now(),
    )
    .execute(&mut *tx)
    .await?;
    let ids: Vec<Uuid> = process.items.iter().map(|(item, _)| item.0).collect();
    let states: Vec<&str> = process.items.iter().map(|(_, state)| state.as_str()).collect();
    sqlx::query!(
        "update request_item i set state = new.state from unnest($2::uuid[], $3::text[]) as new (id, state)
         where i.request_id = $1 and i.id = new.id and i.state <> new.state",
        id.0,
        &ids,
        &states as &[&str],
    )
    .execute(&mut *tx)
    .await?;
    // Closed before the next one opens: one stage waits at a time.
    for closed in [true, false] {
        for (position, stage) in (0_i32..).zip(&process.stages) {
            if stage.decided_by.is_some() == closed {
                keep_stage(&mut *tx, services, id, position, stage, by).await?;
            }
        }
    }
    Ok(())
}

async fn keep_stage(
    tx: &mut PgConnection,
    services: &Services,
    id: RequestId,
    position: i32,
    stage: &Stage,
    by: &str,
) -> Result<(), Fault> {
    let open_to = match &stage.deciders {
        Some(Deciders::Approvers) => Some("approvers"),
        Some(Deciders::Admins | Deciders::PeopleOrAdmins(_)) => Some("admins"),
        Some(Deciders::People(_)) | None => None,
    };
    let people: Vec<Uuid> = stage.deciders.iter().flat_map(|deciders| deciders.people()).map(|person| person.id.0).collect();
    let waiting = stage.state == StageState::Waiting;
    let decided = stage.decided_by.is_some();
    sqlx::query!(
        "insert into request_stage (request_id, position, kind, candidates, state, deciders, open_to, people, note, waiting_since, decided_by, decided_by_name, decided_at, decided_for)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when $10 then $13::timestamptz end, $11, case when $14 then $12 end, case when $14 then $13 end, $15)
         on conflict (request_id, position) do update
         set candidates = excluded.candidates, state = excluded.state, deciders = excluded.deciders, open_to = excluded.open_to, people = excluded.people, note = excluded.note,
             waiting_since = coalesce(request_stage.waiting_since, excluded.waiting_since), decided_by = excluded.decided_by,
             decided_for = excluded.decided_for, decided_by_name = coalesce(request_stage.decided_by_name, excluded.decided_by_name),
             decided_at = coalesce(request_stage.decided_at, excluded.decided_at)",
        id.0,
        position,
        to_json(&stage.kind)?,
        to_json(&stage.candidates)?,
        stage.state.as_str(),
        stage.deciders.as_ref().map(to_json).transpose()?,
        open_to,
        &people,
        stage.note,
        waiting,
        stage.decided_by.map(|by| by.0),
        by,
        services.clock.now(),
        decided,
        stage.decided_for.map(|absent| absent.0),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets the stages of a request that is taken back; what was decided stays on the record.
pub(in crate::requests) async fn forget_stages(tx: &mut PgConnection, id: RequestId) -> sqlx::Result<()> {
    sqlx::query!("delete from request_stage where request_id = $1", id.0).execute(tx).await?;
    Ok(())
}

/// What is pinned when a request is handed in.
pub(in crate::requests) struct Pinned<'a> {
    pub reason: &'a str,
    pub cost_centre: CostCentreId,
    pub needed_by: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    pub directories: Vec<String>,
    pub facts: &'a Facts,
    pub rule_text: &'a str,
}

/// Writes what is pinned, and one more round.
pub(in crate::requests) async fn pin(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    id: RequestId,
    pinned: &Pinned<'_>,
) -> Result<(), Fault> {
    let (_, name, guid) = owner(actor);
    sqlx::query!(
        "update request set round = round + 1, submitted_at = $2, owner_name = $3, owner_guid = $4, reason = $5, cost_centre_id = $6,
                            needed_by = $7, ends_on = $8, directories = $9, facts = $10, rule_text = $11
         where id = $1",
        id.0,
        services.clock.now(),
        name,
        guid,
        pinned.reason,
        pinned.cost_centre.0,
        pinned.needed_by,
        pinned.ends_on,
        &pinned.directories,
        to_json(pinned.facts)?,
        pinned.rule_text,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Something that happened, for the story on the request's page.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::requests) struct Told<'a> {
    /// Who it was, where that is more than the actor's name.
    pub by: Option<&'a str>,
    pub seen: Option<i64>,
    pub note: Option<&'a str>,
    pub rule_text: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// Something that nobody decided.
    pub fn note(note: &'a str) -> Self {
        Self { note: Some(note), ..Self::default() }
    }
}

pub(in crate::requests) async fn tell(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    id: RequestId,
    what: EventKind,
    told: Told<'_>,
) -> sqlx::Result<()> {
    let (key, name, guid) = owner(actor);
    sqlx::query!(
        "insert into request_decision (request_id, at, by_key, by_name, by_guid, what, seen, note, rule_text)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        services.clock.now(),
        key,
        told.by.unwrap_or(name),
        guid,
        what.as_str(),
        told.seen,
        told.note,
        told.rule_text,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether this was said before by the same person about the same version.
pub(in crate::requests) async fn is_replay(
    services: &Services,
    actor: &Actor,
    id: RequestId,
    what: EventKind,
    seen: i64,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "select exists (select from request_decision where request_id = $1 and by_key = $2 and what = $3 and seen = $4) as \"found!\"",
        id.0,
        actor.key(),
        what.as_str(),
        seen,
    )
    .fetch_one(&services.db)
    .await
}

/// When the desktops of an approved request are made; `None` once they are.
pub(in crate::requests) async fn set_launch_at(
    tx: &mut PgConnection,
    id: RequestId,
    at: Option<DateTime<Utc>>,
) -> sqlx::Result<()> {
    sqlx::query!("update request set launch_at = $2 where id = $1", id.0, at).execute(tx).await?;
    Ok(())
}

/// Looks at an approved request again later, if it was not launched meanwhile.
pub(in crate::requests) async fn put_off(services: &Services, id: RequestId, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update request set launch_at = $2 where id = $1 and launch_at is not null", id.0, at)
        .execute(&services.db)
        .await?;
    Ok(())
}

impl Held {
    /// The last day is over where who asked is, so that no desktop is worth having.
    pub fn is_past(&self, services: &Services) -> bool {
        self.ends_on.is_some_and(|day| day < services.clock.now().with_timezone(&self.zone).date_naive())
    }
}

/// Approved requests whose time has come, the first due first.
pub(in crate::requests) async fn due(services: &Services, limit: i64) -> sqlx::Result<Vec<RequestId>> {
    let due = sqlx::query_scalar!(
        "select id from request where launch_at <= $1 order by launch_at, id limit $2",
        services.clock.now(),
        limit,
    )
    .fetch_all(&services.db)
    .await?;
    Ok(due.into_iter().map(RequestId).collect())
}
