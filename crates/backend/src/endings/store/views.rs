//! SQL of what pages show of endings.

use chrono::{DateTime, NaiveDate, Utc};
use model::{
    EndingId, Page, PageRequest, PersonGuid, RequestId,
    endings::{Course, Ending, Filter, State},
    money::Money,
};
use sqlx::types::Decimal;
use uuid::Uuid;

use super::{cause, state};
use crate::{Fault, Services, requests};

/// What the list is narrowed to, beside the filter.
#[derive(Debug, Clone, Default)]
pub(in crate::endings) struct Narrowing {
    pub scope: Option<Vec<String>>,
    pub id: Option<EndingId>,
    pub request: Option<RequestId>,
    /// Those that wait for who asked for the desktop.
    pub owner: Option<String>,
    /// Those of leavers that wait for a decision.
    pub leavers: bool,
    /// Those of which AWS has not done since then what was asked for.
    pub overdue: Option<DateTime<Utc>>,
}

struct Row {
    id: Uuid,
    workspace_id: String,
    directory_name: String,
    person_guid: Option<Uuid>,
    name: String,
    user_name: String,
    cause: String,
    state: String,
    state_since: DateTime<Utc>,
    noticed_at: DateTime<Utc>,
    ends_on: Option<NaiveDate>,
    held_on: Option<NaiveDate>,
    undone_on: Option<NaiveDate>,
    terminates: bool,
    waits: Option<String>,
    decided_by_name: Option<String>,
    version: i64,
    request: Option<Uuid>,
    price: Option<Decimal>,
    currency: Option<String>,
    price_from: Option<NaiveDate>,
    example: bool,
    total: i64,
}

/// One page of endings, those that wait for somebody first, then the newest.
pub(in crate::endings) async fn list(
    services: &Services,
    filter: &Filter,
    narrowing: &Narrowing,
    page: PageRequest,
) -> Result<Page<Ending>, Fault> {
    let q = filter.q.trim();
    let pattern = (!q.is_empty()).then(|| crate::db::contains(q));
    let rows = sqlx::query_as!(
        Row,
        "select e.id, e.workspace_id, d.name as directory_name, e.person_guid, e.name, e.user_name, e.cause, e.state, e.state_since, e.noticed_at,
                e.ends_on, e.held_on, e.undone_on, e.terminates, e.waits, e.decided_by_name, e.version, i.request_id as \"request?\", i.price as \"price?\",
                i.currency as \"currency?\", i.price_from as \"price_from?\", coalesce(i.price_example, false) as \"example!\", count(*) over () as \"total!\"
         from ending e join directory d using (directory_id) left join request_item i on i.id = e.request_item
         where ($1::text[] is null or e.directory_id = any($1))
           and ($2::uuid is null or e.id = $2)
           and ($3::uuid is null or exists (select from request_item mine where mine.request_id = $3
                                              and (mine.id = i.id or mine.id = i.extends or mine.extends = i.id or mine.extends = i.extends))
                                 and not exists (select from ending later where later.workspace_id = e.workspace_id
                                                   and (later.noticed_at, later.id) > (e.noticed_at, e.id)))
           and ($4::text is null or e.name ilike $4 or e.user_name ilike $4 or e.workspace_id ilike $4)
           and ($5::text is null or e.state = $5) and ($6::text is null or e.cause = $6)
           and ($7 or not e.is_over)
           and ($10::text is null or (e.state in ('asked', 'asked_again', 'held')
                                      and exists (select from request r where r.id = i.request_id and r.owner = $10)))
           and (not $11 or (e.state = 'noticed' and e.cause <> 'temporary'))
           and ($12::timestamptz is null or (e.state in ('holding', 'opening', 'terminating') and e.state_since < $12))
         order by e.state = 'noticed' desc, e.noticed_at desc, e.id limit $8 offset $9",
        narrowing.scope.as_deref(),
        narrowing.id.map(|id| id.0),
        narrowing.request.map(|id| id.0),
        pattern,
        filter.state.map(State::as_str),
        filter.cause.map(model::endings::Cause::as_str),
        filter.over || filter.state.is_some_and(State::is_over),
        page.limit(),
        page.offset(),
        narrowing.owner,
        narrowing.leavers,
        narrowing.overdue,
    )
    .fetch_all(&services.db)
    .await?;
    if rows.is_empty() && page.number > 1 {
        return Box::pin(list(services, filter, narrowing, PageRequest { number: 1, ..page })).await;
    }
    let total = rows.first().map_or(0, |row| row.total);
    let rows = rows.into_iter().map(|row| ending(services, row)).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request: page })
}

fn ending(services: &Services, row: Row) -> Result<Ending, Fault> {
    let course = Course {
        cause: cause(&row.cause)?,
        state: state(&row.state)?,
        ends_on: row.ends_on,
        held_on: row.held_on,
        undone_on: row.undone_on,
        terminates: row.terminates,
        opens_to: None,
    };
    // One that AWS can't close is not held, though the days of its hold count.
    let unclosed = course.state == State::Holding && row.held_on.is_some();
    let currency = row.currency.and_then(|currency| currency.parse().ok());
    let cost = row.price.zip(currency).map(|(amount, currency)| {
        let price = Money { amount, currency }.to_string();
        requests::dated(&price, row.price_from, row.example)
    });
    Ok(Ending {
        id: EndingId(row.id),
        workspace: row.workspace_id.parse().map_err(|error| Fault::Bug(format!("ending row: {error}")))?,
        directory_name: row.directory_name,
        person: row.person_guid.map(PersonGuid),
        name: row.name,
        user_name: row.user_name,
        cause: course.cause,
        state: course.state,
        since: services.stamp(row.state_since),
        noticed: services.stamp(row.noticed_at),
        ends: row.ends_on.map(day),
        held: row.held_on.filter(|_| !unclosed).map(day),
        unclosed,
        undone: row.undone_on.filter(|_| course.state.is_ahead()).map(day),
        terminates: course.goes_on().filter(|_| unclosed || course.state == State::Held).map(day),
        cost,
        waits: row.waits,
        decided_by: row.decided_by_name,
        request: row.request.map(RequestId),
        version: row.version,
    })
}

/// A day as people write it.
pub(in crate::endings) fn day(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// Why the last comparison concluded nothing, by directory.
pub(in crate::endings) async fn problems(services: &Services, scope: Option<&[String]>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select d.name || ': ' || c.problem as \"problem!\" from ending_watch c join directory d using (directory_id)
         where c.problem is not null and d.gone_at is null and ($1::text[] is null or d.directory_id = any($1)) order by d.name",
        scope,
    )
    .fetch_all(&services.db)
    .await
}

/// The request for more time that is written or decided now, and the last one by which the desktop came.
pub(in crate::endings) async fn extension(services: &Services, id: EndingId, reader: &str) -> sqlx::Result<Option<RequestId>> {
    let request = sqlx::query_scalar!(
        "select r.id from ending e join request_item i on i.id = e.request_item
         join request_item x on x.extends = coalesce(i.extends, i.id) join request r on r.id = x.request_id
         where e.id = $1 and (r.state in ('waiting', 'asked_back') or (r.state = 'draft' and r.owner = $2))
         order by r.created_at desc limit 1",
        id.0,
        reader,
    )
    .fetch_optional(&services.db)
    .await?;
    Ok(request.map(RequestId))
}
