//! SQL of the record.

use chrono::{DateTime, Utc};
use model::{
    Page, PageRequest, PersonGuid,
    access::Actor,
    audit::{Action, Entry, Filter, ObjectLink, Outcome, Phase},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Operation, Record};
use crate::{Fault, Services};

pub(super) async fn insert(
    tx: &mut PgConnection,
    at: DateTime<Utc>,
    actor: &Actor,
    record: &Record<'_>,
    operation: Operation,
    phase: Phase,
    outcome: Option<Outcome>,
) -> sqlx::Result<()> {
    let on_behalf_of = match actor {
        Actor::System { on_behalf_of } => on_behalf_of.as_deref(),
        Actor::Person(_) | Actor::Invitee => None,
    };
    sqlx::query!(
        "insert into audit (at, operation, phase, action, outcome, actor, actor_name, on_behalf_of,
                            object_kind, object_id, object_name, person_guid, detail, request_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        at,
        operation.0,
        match phase {
            Phase::Attempted => "attempted",
            Phase::Finished => "finished",
        },
        record.action.as_str(),
        outcome.map(Outcome::as_str),
        actor.key(),
        actor.name(),
        on_behalf_of,
        record.object.kind,
        record.object.id,
        record.object.name,
        record.person.map(|person| person.0),
        record.detail,
        crate::request::id(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What the outcome of an attempt says whose process ended.
const ENDED: &str = "Frontdesk ended before the answer came";

fn names(actions: &[Action]) -> Vec<String> {
    actions.iter().map(|action| action.as_str().to_owned()).collect()
}

pub(super) async fn any_open(services: &Services, actions: &[Action]) -> sqlx::Result<bool> {
    let open = sqlx::query_scalar!(
        "select exists (select from audit a where a.phase = 'attempted' and a.action = any($1)
           and not exists (select from audit f where f.operation = a.operation and f.phase = 'finished')) as \"open!\"",
        &names(actions),
    );
    open.fetch_one(&services.db).await
}

pub(super) async fn give_up(services: &Services, actions: &[Action], before: DateTime<Utc>) -> sqlx::Result<u64> {
    let closed = sqlx::query!(
        "insert into audit (at, operation, phase, action, outcome, actor, actor_name, on_behalf_of,
                            object_kind, object_id, object_name, person_guid, detail, request_id)
         select $1, a.operation, 'finished', a.action, $2, a.actor, a.actor_name, a.on_behalf_of,
                a.object_kind, a.object_id, a.object_name, a.person_guid, concat_ws('; ', a.detail, $3::text), a.request_id
         from audit a
         where a.phase = 'attempted' and a.action = any($4) and a.at <= $5
           and not exists (select from audit f where f.operation = a.operation and f.phase = 'finished')",
        services.clock.now(),
        Outcome::Unknown.as_str(),
        ENDED,
        &names(actions),
        before,
    );
    Ok(closed.execute(&services.db).await?.rows_affected())
}

struct Row {
    id: i64,
    at: DateTime<Utc>,
    actor_name: String,
    action: String,
    phase: String,
    outcome: Option<String>,
    object_kind: String,
    object_id: String,
    object_name: String,
    person_guid: Option<Uuid>,
    detail: Option<String>,
    request_id: Option<String>,
}

pub(super) async fn list(services: &Services, filter: &Filter, page: PageRequest) -> Result<Page<Entry>, Fault> {
    let pattern = like(&filter.q);
    let action = filter.action.map(Action::as_str);
    let total = sqlx::query_scalar!(
        "select count(*) as \"count!\" from audit
         where ($1::text is null or action = $1)
           and ($2::text is null or actor_name ilike $2 or object_name ilike $2 or object_id ilike $2 or request_id ilike $2)",
        action,
        pattern,
    )
    .fetch_one(&services.db)
    .await?;
    let rows = sqlx::query_as!(
        Row,
        "select id, at, actor_name, action, phase, outcome, object_kind, object_id, object_name, person_guid, detail, request_id
         from audit
         where ($1::text is null or action = $1)
           and ($2::text is null or actor_name ilike $2 or object_name ilike $2 or object_id ilike $2 or request_id ilike $2)
         order by at desc, id desc limit $3 offset $4",
        action,
        pattern,
        page.limit(),
        page.offset(),
    )
    .fetch_all(&services.db)
    .await?;
    let rows = rows.into_iter().map(|row| read(services, row)).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request: page })
}

pub(super) async fn of_person(services: &Services, person: PersonGuid) -> Result<Vec<Entry>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select id, at, actor_name, action, phase, outcome, object_kind, object_id, object_name, person_guid, detail, request_id
         from audit where person_guid = $1 order by at desc, id desc limit 50",
        person.0,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter().map(|row| read(services, row)).collect()
}

fn read(services: &Services, row: Row) -> Result<Entry, Fault> {
    let object = match row.object_kind.as_str() {
        "launch" => row.object_id.parse().ok().map(ObjectLink::Launch),
        "batch" => row.object_id.parse().ok().map(ObjectLink::Batch),
        "request" => row.object_id.parse().ok().map(ObjectLink::Request),
        _ => None,
    };
    Ok(Entry {
        id: row.id,
        at: services.stamp(row.at),
        actor: row.actor_name,
        action: Action::from_db(&row.action).ok_or_else(|| Fault::Bug(format!("audit action {}", row.action)))?,
        phase: if row.phase == "finished" { Phase::Finished } else { Phase::Attempted },
        outcome: row.outcome.as_deref().and_then(Outcome::from_db),
        object: row.object_name,
        object_link: object.or(row.person_guid.map(|guid| ObjectLink::Person(PersonGuid(guid)))),
        detail: row.detail,
        request_id: row.request_id,
    })
}

/// The pattern that finds the text anywhere; `None` for an empty one.
fn like(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| crate::db::contains(text))
}
