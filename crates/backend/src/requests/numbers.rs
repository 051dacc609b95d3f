//! What became of requests over the last twelve months: counts, times and costs, and the files behind them.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use model::{
    access::{Act, Actor},
    money::Money,
    requests::{CentreCost, ItemState, MONTHS, Month, Numbers, NumbersFile, Spread, State},
};

use super::{
    staff_scope,
    store::numbers::{self as rows, Cost, Desktop, Seen},
};
use crate::{Fault, Services, directories::scope_ids, fault::told, sheet};

/// A month as it is counted: its first day, its first moment, and the first one after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    first: NaiveDate,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// The last twelve months in the installation's zone: of all requests for those who look after them, of what one's own cost centres pay
/// for otherwise. Who owns none gets none.
///
/// # Errors
/// [`Error::NotAllowed`](model::Error::NotAllowed), and the database's.
pub async fn read(services: &Services, actor: &Actor) -> model::Result<Numbers> {
    actor.authorize(Act::SeeRequests)?;
    let own = staff_scope(actor).is_none();
    let Some(seen) = seen(actor) else { return Ok(Numbers { own, ..Numbers::default() }) };
    let spans = spans(services.clock.now(), services.settings.time_zone);
    let months = months(&spans, &desktops(services, &seen, &spans).await?);
    Ok(Numbers { months, costs: costs(services, &seen, &spans).await.map_err(told)?, own })
}

/// One of the files behind the pictures.
///
/// # Errors
/// As [`read`].
pub async fn csv(services: &Services, actor: &Actor, file: NumbersFile) -> model::Result<String> {
    let numbers = async || read(services, actor).await;
    let made = match file {
        NumbersFile::Counts => counts_file(&numbers().await?),
        NumbersFile::Decision => times_file(&numbers().await?, "requests", |month| month.decision),
        NumbersFile::Available => times_file(&numbers().await?, "desktops", |month| month.available),
        NumbersFile::Costs => costs_file(&numbers().await?),
        NumbersFile::Desktops => desktops_file(all(services, actor).await?),
    };
    made.map_err(told)
}

/// What the actor sees; nothing if they neither look after requests nor have an entry in Active Directory.
fn seen(actor: &Actor) -> Option<Seen> {
    match (staff_scope(actor), actor) {
        (Some(scope), _) => Some(Seen { scope: scope_ids(&scope), owner: None }),
        (None, Actor::Person(person)) => Some(Seen { scope: None, owner: Some(person.guid?) }),
        (None, _) => None,
    }
}

async fn all(services: &Services, actor: &Actor) -> model::Result<Vec<Desktop>> {
    actor.authorize(Act::SeeRequests)?;
    match seen(actor) {
        Some(seen) => desktops(services, &seen, &spans(services.clock.now(), services.settings.time_zone)).await,
        None => Ok(Vec::new()),
    }
}

async fn desktops(services: &Services, seen: &Seen, spans: &[Span]) -> model::Result<Vec<Desktop>> {
    match spans.first() {
        Some(first) => rows::desktops(services, seen, first.since).await.map_err(told),
        None => Ok(Vec::new()),
    }
}

/// The running month and those before it, the oldest first.
fn spans(now: DateTime<Utc>, zone: Tz) -> Vec<Span> {
    let today = now.with_timezone(&zone).date_naive();
    let span = |back: u32| {
        let first = today.with_day(1)?.checked_sub_months(Months::new(back))?;
        let next = first.checked_add_months(Months::new(1))?;
        Some(Span { first, since: begin(first, zone)?, until: begin(next, zone)? })
    };
    (0..MONTHS).rev().filter_map(span).collect()
}

/// The first moment of a day; where clocks are set forward at midnight it is later than that.
pub(super) fn begin(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = day.and_time(NaiveTime::MIN);
    let moment = |hours| zone.from_local_datetime(&(midnight + TimeDelta::hours(hours))).earliest();
    Some((0..3).find_map(moment)?.with_timezone(&Utc))
}

/// More time for a desktop is no desktop: who reads how many were asked for and approved does not expect to find one twice. It is a
/// request, though, on which somebody had to decide, so it counts with the times that this took.
fn months(spans: &[Span], desktops: &[Desktop]) -> Vec<Month> {
    let decided = |desktop: &Desktop, state: &[ItemState]| state.iter().any(|state| state.as_str() == desktop.item_state);
    let month = |span: &Span| {
        let within = |at: Option<DateTime<Utc>>| at.is_some_and(|at| span.since <= at && at < span.until);
        let count = |counts: &dyn Fn(&Desktop) -> bool| {
            i64::try_from(desktops.iter().filter(|desktop| !desktop.more_time && counts(desktop)).count()).unwrap_or(i64::MAX)
        };
        let mut requests = HashSet::new();
        let now_decided = desktops.iter().filter(|desktop| within(desktop.decided));
        let decisions = now_decided
            .filter(|desktop| requests.insert(desktop.request))
            .filter_map(|desktop| Some((desktop.decided? - desktop.asked).num_seconds()));
        let available = desktops.iter().filter(|desktop| within(desktop.available));
        Month {
            iso: span.first.format("%Y-%m").to_string(),
            label: span.first.format("%b %Y").to_string(),
            asked: count(&|desktop| within(Some(desktop.asked))),
            approved: count(&|desktop| within(desktop.decided) && decided(desktop, &[ItemState::Approved, ItemState::SetAside])),
            refused: count(&|desktop| {
                within(desktop.decided) && (desktop.state == State::Refused.as_str() || decided(desktop, &[ItemState::Refused]))
            }),
            decision: Spread::of(decisions.collect()),
            available: Spread::of(
                available.filter_map(|desktop| Some((desktop.available? - desktop.asked).num_seconds())).collect(),
            ),
        }
    };
    spans.iter().map(month).collect()
}

async fn costs(services: &Services, seen: &Seen, spans: &[Span]) -> Result<Vec<CentreCost>, Fault> {
    let now = services.clock.now();
    // A month that runs is told as it stands.
    let moments: Vec<_> = spans.iter().map(|span| now.min(span.until - TimeDelta::microseconds(1))).collect();
    let mut costs: Vec<CentreCost> = Vec::new();
    for Cost { number, name, money, at } in rows::costs(services, seen, &moments).await? {
        let same = costs.last().is_some_and(|last| last.number == number && last.now.currency == money.currency);
        if !same {
            let nothing = Money::zero(money.currency);
            costs.push(CentreCost { number, name, amounts: vec![nothing; moments.len()], now: nothing });
        }
        if let Some(cost) = costs.last_mut() {
            if let Some(amount) = cost.amounts.get_mut(at) {
                *amount = money;
            }
            if at + 1 == moments.len() {
                cost.now = money;
            }
        }
    }
    Ok(costs)
}

fn counts_file(numbers: &Numbers) -> Result<String, Fault> {
    let row = |month: &Month| {
        let Month { iso, asked, approved, refused, .. } = month;
        [iso.clone(), asked.to_string(), approved.to_string(), refused.to_string()]
    };
    sheet::write(["month", "requested", "approved", "refused"], numbers.months.iter().map(row))
}

fn times_file(numbers: &Numbers, of: &str, spread: fn(&Month) -> Option<Spread>) -> Result<String, Fault> {
    let row = |month: &Month| {
        let spread = spread(month);
        let [median, ninth] = spread.map(|spread| [spread.median, spread.ninth].map(hours)).unwrap_or_default();
        [month.iso.clone(), spread.map_or(0, |spread| spread.count).to_string(), median, ninth]
    };
    sheet::write(["month", of, "median_hours", "p90_hours"], numbers.months.iter().map(row))
}

fn costs_file(numbers: &Numbers) -> Result<String, Fault> {
    let of_centre = |cost: &CentreCost| {
        let row = |(month, money): (&Month, &Money)| {
            [month.iso.clone(), cost.number.clone(), cost.name.clone(), amount(*money), money.currency.to_string()]
        };
        numbers.months.iter().zip(&cost.amounts).map(row).collect::<Vec<_>>()
    };
    let columns = ["month", "cost_centre", "name", "amount_a_month", "currency"];
    sheet::write(columns, numbers.costs.iter().flat_map(of_centre))
}

/// Each desktop once, with the price at which it was asked for first; what it costs since it got more time is in the costs.
fn desktops_file(desktops: Vec<Desktop>) -> Result<String, Fault> {
    let moment = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let row = |desktop: Desktop| {
        [
            desktop.request.to_string(),
            desktop.requester,
            desktop.person,
            desktop.account,
            desktop.offering,
            desktop.reason,
            desktop.centre,
            desktop.centre_name,
            desktop.price.map(amount).unwrap_or_default(),
            desktop.price.map(|price| price.currency.to_string()).unwrap_or_default(),
            desktop.price_from.map(|from| from.to_string()).unwrap_or_default(),
            desktop.state,
            desktop.item_state,
            moment(desktop.asked),
            desktop.decided.map(moment).unwrap_or_default(),
            desktop.available.map(moment).unwrap_or_default(),
        ]
    };
    let columns = [
        "request",
        "requester",
        "person",
        "account",
        "offering",
        "reason",
        "cost_centre",
        "cost_centre_name",
        "price_a_month",
        "currency",
        "price_from",
        "request_state",
        "desktop_state",
        "requested_at",
        "decided_at",
        "available_at",
    ];
    sheet::write(columns, desktops.into_iter().filter(|desktop| !desktop.more_time).map(row))
}

/// With a currency's decimals, without its name.
fn amount(money: Money) -> String {
    let text = money.to_string();
    text.split_once(' ').map_or(text.clone(), |(amount, _)| amount.to_owned())
}

/// Seconds as hours with two decimals.
fn hours(seconds: i64) -> String {
    let hundredths = seconds.max(0) / 36;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_the_zones() {
        let spans = spans("2026-03-31T22:30:00Z".parse().unwrap(), Tz::Europe__Berlin);
        assert_eq!(spans.len(), 12);
        let (first, last) = (spans[0], spans[11]);
        // In Berlin it is April already, and summer.
        assert_eq!((first.first.to_string(), last.first.to_string()), ("2025-05-01".into(), "2026-04-01".into()));
        assert_eq!(last.since, "2026-03-31T22:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(spans[10].since, "2026-02-28T23:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert!(spans.windows(2).all(|two| two[0].until == two[1].since));
    }

    #[test]
    fn a_day_may_begin_late() {
        // Cairo's clocks go from 00:00 to 01:00.
        let day = begin("2026-04-24".parse().unwrap(), Tz::Africa__Cairo).unwrap();
        assert_eq!(day, "2026-04-23T22:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn hours_have_two_decimals() {
        assert_eq!(
            (hours(0), hours(5_400), hours(36), hours(360_000)),
            ("0.00".into(), "1.50".into(), "0.01".into(), "100.00".into())
        );
    }
}
