//! SQL of what became of requests over months.

use chrono::{DateTime, NaiveDate, Utc};
use model::{PersonGuid, RequestId, money::Money};

use super::items::price;
use crate::{Fault, Services};

/// Whose requests are looked at.
#[derive(Debug, Clone, Default)]
pub(in crate::requests) struct Seen {
    /// Only those all of whose desktops would be in these directories.
    pub scope: Option<Vec<String>>,
    /// Only what this person's cost centres pay for.
    pub owner: Option<PersonGuid>,
}

/// One row of a request that was handed in, and when what happened to it.
#[derive(Debug)]
pub(in crate::requests) struct Desktop {
    pub request: RequestId,
    pub requester: String,
    pub reason: String,
    pub person: String,
    pub account: String,
    pub offering: String,
    pub centre: String,
    pub centre_name: String,
    /// A month.
    pub price: Option<Money>,
    /// The date of the sheet that it is by.
    pub price_from: Option<NaiveDate>,
    /// Of the request and of the row, as the database writes them.
    pub state: String,
    pub item_state: String,
    pub asked: DateTime<Utc>,
    /// When the request was approved or refused.
    pub decided: Option<DateTime<Utc>>,
    pub available: Option<DateTime<Utc>>,
    /// It asks for more time for a desktop that is there: the desktop's own row is another one.
    pub more_time: bool,
}

/// The rows to which something happened since then, in the order in which they were asked for. Requests that were taken back to be
/// changed are not handed in.
pub(in crate::requests) async fn desktops(services: &Services, seen: &Seen, since: DateTime<Utc>) -> Result<Vec<Desktop>, Fault> {
    let rows = sqlx::query!(
        "select r.id, r.owner_name, r.reason as \"reason!\", r.state, r.submitted_at as \"submitted_at!\", i.name, i.account, i.state as item_state,
                coalesce(i.offering_name, '') as \"offering_name!\", i.price, i.currency, i.price_from, i.extends is not null as \"more_time!\",
                c.number, c.name as centre_name, d.at as \"decided?\",
                case when l.state = 'available' then l.state_since end as available
         from request r join cost_centre c on c.id = r.cost_centre_id join request_item i on i.request_id = r.id
         left join launch_item l on l.id = i.launch_item
         left join lateral (select max(d.at) as at from request_decision d
                            where d.request_id = r.id and d.what in ('approve', 'refuse') and r.state in ('approved', 'refused')) d on true
         where r.round > 0 and r.state <> 'draft' and ($1::text[] is null or r.directories <@ $1) and ($2::uuid is null or c.owner_guid = $2)
           and (r.submitted_at >= $3 or d.at >= $3 or (l.state = 'available' and l.state_since >= $3))
         order by r.submitted_at, r.id, i.position",
        seen.scope.as_deref(),
        seen.owner.map(|owner| owner.0),
        since,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Desktop {
                request: RequestId(row.id),
                requester: row.owner_name,
                reason: row.reason,
                person: row.name,
                account: row.account,
                offering: row.offering_name,
                centre: row.number,
                centre_name: row.centre_name,
                price: price(row.price, row.currency)?,
                price_from: row.price_from,
                state: row.state,
                item_state: row.item_state,
                asked: row.submitted_at,
                decided: row.decided,
                available: row.available,
                more_time: row.more_time,
            })
        })
        .collect()
}

/// What a cost centre's committed desktops cost by the month at one of the moments.
#[derive(Debug)]
pub(in crate::requests) struct Cost {
    pub number: String,
    pub name: String,
    pub money: Money,
    /// Which moment.
    pub at: usize,
}

/// What is committed at each of these moments, by cost centre and currency, in order of their numbers. Where nothing is, there is no row.
pub(in crate::requests) async fn costs(services: &Services, seen: &Seen, moments: &[DateTime<Utc>]) -> Result<Vec<Cost>, Fault> {
    let rows = sqlx::query!(
        "select c.number, c.name, e.currency, m.place as \"place!\", sum(e.amount) as \"amount!\"
         from unnest($3::timestamptz[]) with ordinality as m (at, place)
         join cost_centre_entry e on e.committed_at <= m.at and (e.freed_at is null or e.freed_at > m.at)
         join cost_centre c on c.id = e.cost_centre_id join request_item i on i.id = e.request_item join request r on r.id = i.request_id
         where ($1::text[] is null or r.directories <@ $1) and ($2::uuid is null or c.owner_guid = $2)
         group by c.id, e.currency, m.place order by lower(c.number), e.currency, m.place",
        seen.scope.as_deref(),
        seen.owner.map(|owner| owner.0),
        moments,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let money =
                price(Some(row.amount), Some(row.currency))?.ok_or_else(|| Fault::Bug("a sum without amount".to_owned()))?;
            let at = usize::try_from(row.place - 1).map_err(|_| Fault::Bug(format!("moment {}", row.place)))?;
            Ok(Cost { number: row.number, name: row.name, money, at })
        })
        .collect()
}
