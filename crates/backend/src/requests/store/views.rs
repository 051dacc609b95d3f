//! SQL of what pages show of requests.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use model::{
    ItemId, LaunchId, OfferingId, Page, PageRequest, PersonGuid, RequestId, RequestItemId, launches,
    money::Money,
    requests::{
        Deciders, Event, EventKind, ItemState, ItemView, Launched, StageKind, StageView, State, Summary, Way, WayCounts,
        process::StageState,
    },
};
use uuid::Uuid;

use super::{
    drafts::{json, state},
    items::price,
};
use crate::{Fault, Services, requests::submit::today};

/// What a list of requests is narrowed to.
#[derive(Debug, Clone, Default)]
pub(in crate::requests) struct Narrowing {
    /// Only this person's.
    pub owner: Option<String>,
    /// Only those all of whose desktops would be in these directories.
    pub scope: Option<Vec<String>>,
    pub pattern: Option<String>,
    pub state: Option<State>,
    pub id: Option<RequestId>,
    /// Only approved ones that are not launched though they are needed by this day.
    pub overdue_on: Option<NaiveDate>,
}

struct Row {
    id: Uuid,
    owner_name: String,
    reason: String,
    state: String,
    version: i64,
    submitted_at: DateTime<Utc>,
    needed_by: NaiveDate,
    deciders: Option<serde_json::Value>,
    total: i64,
}

/// One page of requests that were handed in, the newest first.
pub(in crate::requests) async fn list(
    services: &Services,
    narrowing: &Narrowing,
    page: PageRequest,
) -> Result<Page<Summary>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select r.id, r.owner_name, r.reason as \"reason!\", r.state, r.version, r.submitted_at as \"submitted_at!\", r.needed_by as \"needed_by!\",
                s.deciders as \"deciders?\", count(*) over () as \"total!\"
         from request r left join request_stage s on s.request_id = r.id and s.state = 'waiting' and r.state = 'waiting'
         where r.round > 0 and ($1::text is null or r.owner = $1) and ($2::text[] is null or r.directories <@ $2)
           and ($3::text is null or r.owner_name ilike $3 or r.reason ilike $3
                or exists (select from request_item i where i.request_id = r.id and (i.name ilike $3 or i.account ilike $3)))
           and ($4::text is null or r.state = $4) and ($5::uuid is null or r.id = $5)
           and ($8::date is null or (r.launch_at is not null and r.needed_by <= $8))
         order by r.submitted_at desc, r.id limit $6 offset $7",
        narrowing.owner,
        narrowing.scope.as_deref(),
        narrowing.pattern,
        narrowing.state.map(State::as_str),
        narrowing.id.map(|id| id.0),
        page.limit(),
        page.offset(),
        narrowing.overdue_on,
    )
    .fetch_all(&services.db)
    .await?;
    if rows.is_empty() && page.number > 1 {
        return Box::pin(list(services, narrowing, PageRequest { number: 1, ..page })).await;
    }
    whole(services, rows, page).await
}

/// Who looks for what they can decide.
#[derive(Debug, Clone)]
pub(in crate::requests) struct Decider {
    pub guid: PersonGuid,
    /// In whose place they decide today.
    pub in_place_of: Vec<Uuid>,
    /// Where stages of approvers are theirs: `None` everywhere.
    pub approvers: Option<Vec<String>>,
    /// Where those of admins are.
    pub admins: Option<Vec<String>>,
}

/// One page of requests that wait for the person, the one that waits longest first. The same rule as `may_decide` in the model: it is
/// here for the list, and there for the decision.
pub(in crate::requests) async fn to_decide(
    services: &Services,
    who: &Decider,
    page: PageRequest,
) -> Result<Page<Summary>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select r.id, r.owner_name, r.reason as \"reason!\", r.state, r.version, r.submitted_at as \"submitted_at!\", r.needed_by as \"needed_by!\",
                s.deciders as \"deciders?\", count(*) over () as \"total!\"
         from request_stage s join request r on r.id = s.request_id
         where s.state = 'waiting' and r.state = 'waiting'
           and ((s.open_to = 'approvers' and ($2::text[] is null or r.directories <@ $2))
                or (s.open_to = 'admins' and ($3::text[] is null or r.directories <@ $3))
                or s.people && array_append($6::uuid[], $1::uuid))
           and r.owner_guid <> $1
           and not exists (select from request_item i where i.request_id = r.id and i.person_guid = $1)
           and not exists (select from request_stage d where d.request_id = r.id and $1 in (d.decided_by, d.decided_for))
         order by s.waiting_since, r.id limit $4 offset $5",
        who.guid.0,
        who.approvers.as_deref(),
        who.admins.as_deref(),
        page.limit(),
        page.offset(),
        &who.in_place_of,
    )
    .fetch_all(&services.db)
    .await?;
    if rows.is_empty() && page.number > 1 {
        return Box::pin(to_decide(services, who, PageRequest { number: 1, ..page })).await;
    }
    whole(services, rows, page).await
}

/// The rows with what their people come to.
async fn whole(services: &Services, rows: Vec<Row>, page: PageRequest) -> Result<Page<Summary>, Fault> {
    let total = rows.first().map_or(0, |row| row.total);
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut items: HashMap<Uuid, Vec<Line>> = HashMap::new();
    for line in lines(services, &ids).await? {
        items.entry(line.request).or_default().push(line);
    }
    let summaries = rows.into_iter().map(|row| {
        let lines = items.remove(&row.id).unwrap_or_default();
        summary(services, row, &lines)
    });
    Ok(Page { rows: summaries.collect::<Result<_, _>>()?, total, request: page })
}

fn summary(services: &Services, row: Row, lines: &[Line]) -> Result<Summary, Fault> {
    let state = state(&row.state)?;
    let mut counts = WayCounts::default();
    lines.iter().for_each(|line| counts.add(line.way(state)));
    let deciders: Option<Deciders> = row.deciders.map(json).transpose()?;
    Ok(Summary {
        id: RequestId(row.id),
        title: title(lines),
        whom: whom(lines),
        requester: row.owner_name,
        reason: row.reason,
        state,
        asked: services.stamp(row.submitted_at),
        needed_by: day(row.needed_by),
        price: sum(lines).map(|money| {
            let from = lines.iter().filter_map(|line| line.price_from).max();
            dated(&money.to_string(), from, lines.iter().any(|line| line.example))
        }),
        waiting_for: deciders.map(|deciders| deciders.sentence()),
        counts,
        version: row.version,
    })
}

/// A day as people write it.
pub(in crate::requests) fn day(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// `2 × Office desktop, 1 × Developer`, the most first.
fn title(lines: &[Line]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for line in lines {
        match counts.iter_mut().find(|(name, _)| *name == line.offering_name) {
            Some((_, count)) => *count += 1,
            None => counts.push((&line.offering_name, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(name, count)| format!("{count} \u{d7} {name}")).collect::<Vec<_>>().join(", ")
}

fn whom(lines: &[Line]) -> String {
    match lines {
        [] => String::new(),
        [one] => one.name.clone(),
        [one, other] => format!("{} and {}", one.name, other.name),
        [one, rest @ ..] => format!("{} and {} others", one.name, rest.len()),
    }
}

/// The monthly price of those who are not refused; `None` if one is not known.
fn sum(lines: &[Line]) -> Option<Money> {
    let mut prices =
        lines.iter().filter(|line| !matches!(line.state, ItemState::Refused | ItemState::SetAside)).map(|line| line.price);
    let first = prices.next()??;
    prices.try_fold(first, |sum, price| sum.plus(price?))
}

/// One person's row with how far its launch is.
#[derive(Debug)]
struct Line {
    request: Uuid,
    id: Uuid,
    person: Uuid,
    name: String,
    account: String,
    department: Option<String>,
    state: ItemState,
    note: Option<String>,
    offering: Uuid,
    offering_name: String,
    price: Option<Money>,
    price_from: Option<NaiveDate>,
    example: bool,
    launched: Launched,
    launch: Option<(Uuid, Uuid)>,
}

impl Line {
    fn way(&self, request: State) -> Way {
        Way::of(request, self.state, self.launched)
    }
}

async fn lines(services: &Services, requests: &[Uuid]) -> Result<Vec<Line>, Fault> {
    let rows = sqlx::query!(
        "select i.request_id, i.id, i.person_guid, i.name, i.account, i.department, i.state, i.note, i.offering_id, i.offering_name, i.price, i.currency,
                i.price_from, i.price_example, l.state as \"row?\", l.launch_id as \"launch?\", l.id as \"row_id?\", v.state as \"mail?\", v.decided_as as \"decided_as?\",
                v.opened as \"opened?\", w.signed_in_at as \"signed_in_at?\",
                coalesce(w.gone_at is not null or w.state in ('TERMINATING', 'TERMINATED'), false) as \"ended!\"
         from request_item i left join request_item root on root.id = i.extends and i.state = 'approved'
         left join launch_item l on l.id = coalesce(i.launch_item, root.launch_item) left join workspace w on w.workspace_id = l.workspace_id
         left join lateral (select v.state, v.decided_as, v.opened from invitation v
                            where v.item_id = l.id or (l.state = 'available' and v.workspace_id = l.workspace_id)
                            order by v.created_at desc limit 1) v on true
         where i.request_id = any($1) order by i.request_id, i.position",
        requests,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let found = row
                .row
                .as_deref()
                .map(|text| launches::ItemState::from_db(text).ok_or_else(|| Fault::Bug(format!("item state {text}"))));
            let mail = row.mail.as_deref();
            Ok(Line {
                request: row.request_id,
                id: row.id,
                person: row.person_guid,
                name: row.name,
                account: row.account,
                department: row.department,
                state: ItemState::from_db(&row.state).ok_or_else(|| Fault::Bug(format!("request item {}", row.state)))?,
                note: row.note,
                offering: row.offering_id.unwrap_or_default(),
                offering_name: row.offering_name.unwrap_or_default(),
                price: price(row.price, row.currency)?,
                price_from: row.price_from,
                example: row.price_example,
                launched: Launched {
                    row: found.transpose()?,
                    invited: mail == Some("sent") || row.decided_as.as_deref() == Some("was_sent") || row.opened.unwrap_or(0) > 0,
                    mail_trouble: matches!(mail, Some("failed" | "unconfirmed")),
                    signed_in: row.signed_in_at.is_some(),
                    ended: row.ended,
                },
                launch: row.launch.zip(row.row_id),
            })
        })
        .collect()
}

/// Beside every price of an example sheet.
const EXAMPLE: &str = " (an example, not AWS\u{2019}s price)";

/// A price with the date of its sheet: `80.00 EUR, prices of 1 Jan 2026`.
pub(crate) fn dated(price: &str, from: Option<NaiveDate>, example: bool) -> String {
    let from = from.map(|from| format!(", prices of {}", day(from))).unwrap_or_default();
    format!("{price}{from}{}", if example { EXAMPLE } else { "" })
}

/// A price with the date of its sheet, or that it is not known.
pub(in crate::requests) fn price_words(price: Option<Money>, from: Option<NaiveDate>, example: bool) -> String {
    price.map_or_else(|| "price not known".to_owned(), |price| dated(&format!("{price} a month"), from, example))
}

/// All people of a request, for its page.
pub(in crate::requests) async fn items(
    services: &Services,
    id: RequestId,
    state: State,
    staff: bool,
) -> Result<Vec<ItemView>, Fault> {
    let lines = lines(services, &[id.0]).await?;
    Ok(lines
        .into_iter()
        .map(|line| ItemView {
            way: line.way(state),
            id: RequestItemId(line.id),
            person: PersonGuid(line.person),
            offering: OfferingId(line.offering),
            price: price_words(line.price, line.price_from, line.example),
            launch: line.launch.filter(|_| staff).map(|(launch, item)| (LaunchId(launch), ItemId(item))),
            name: line.name,
            account: line.account,
            department: line.department,
            offering_name: line.offering_name,
            note: line.note,
            instead: Vec::new(),
        })
        .collect())
}

/// The stages of a request, in order.
pub(in crate::requests) async fn stages(services: &Services, id: RequestId) -> Result<Vec<StageView>, Fault> {
    let rows = sqlx::query!(
        "select kind, state, deciders, note, waiting_since, decided_by_name,
                (select string_agg(format('%s decides in the place of %s', a.stand_in_name, a.person_name), '; ' order by a.person_name)
                 from request_absence a where s.state = 'waiting' and a.person_guid = any(s.people) and $2 between a.from_day and a.until_day) as stand_in
         from request_stage s where request_id = $1 order by position",
        id.0,
        today(services),
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let kind: StageKind = json(row.kind)?;
            let deciders: Option<Deciders> = row.deciders.map(json).transpose()?;
            Ok(StageView {
                kind: kind.sentence(),
                who: deciders.map(|deciders| match row.stand_in {
                    Some(stand_in) => format!("{} ({stand_in})", deciders.sentence()),
                    None => deciders.sentence(),
                }),
                state: StageState::from_db(&row.state).ok_or_else(|| Fault::Bug(format!("stage state {}", row.state)))?,
                since: row.waiting_since.map(|since| services.stamp(since)),
                note: row.note,
                decided_by: row.decided_by_name,
            })
        })
        .collect()
}

/// What was said and decided, the newest first.
pub(in crate::requests) async fn events(services: &Services, id: RequestId) -> Result<Vec<Event>, Fault> {
    let rows = sqlx::query!(
        "select at, by_name, what, note, rule_text from request_decision where request_id = $1 order by id desc limit 200",
        id.0,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Event {
                at: services.stamp(row.at),
                by: row.by_name,
                what: EventKind::from_db(&row.what).ok_or_else(|| Fault::Bug(format!("decision {}", row.what)))?,
                note: row.note,
                rule: row.rule_text,
            })
        })
        .collect()
}

/// What stands on a request's page beside its rows.
pub(in crate::requests) struct Head {
    pub owner: String,
    pub cost_centre: Option<Uuid>,
    pub ends_on: Option<NaiveDate>,
    pub rule_text: String,
    pub launch_at: Option<DateTime<Utc>>,
    /// Who decided or may decide at some stage.
    pub deciders: Vec<Uuid>,
}

pub(in crate::requests) async fn head(services: &Services, id: RequestId) -> sqlx::Result<Option<Head>> {
    sqlx::query_as!(
        Head,
        "select owner, cost_centre_id as cost_centre, ends_on, coalesce(rule_text, '') as \"rule_text!\", launch_at,
                array(select unnest(s.people) from request_stage s where s.request_id = r.id
                      union select s.decided_by from request_stage s where s.request_id = r.id and s.decided_by is not null
                      union select d.by_guid from request_decision d where d.request_id = r.id and d.by_guid is not null) as \"deciders!\"
         from request r where id = $1 and round > 0",
        id.0,
    )
    .fetch_optional(&services.db)
    .await
}
