//! SQL of what pages show of DNS changes.

use chrono::{DateTime, Utc};
use model::{
    DirectoryId, DnsChangeId,
    directories::{DnsChange, DnsCounts, DnsState, Finding, Moment, OutcomesRead},
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{quiet, state_of};
use crate::{Fault, Services, stamp::Stamps};

struct Row {
    id: Uuid,
    name: String,
    directory_id: String,
    old_address: String,
    new_address: String,
    before_addresses: Vec<String>,
    state: String,
    begun_at: DateTime<Utc>,
    begun_by_name: String,
    findings: serde_json::Value,
    frozen_at: Option<DateTime<Utc>>,
    frozen_by_name: Option<String>,
    left_then: i64,
    thaws_at: Option<DateTime<Utc>>,
    changed_at: Option<DateTime<Utc>>,
    early: bool,
    verified_at: Option<DateTime<Utc>>,
    verified_by_name: Option<String>,
    verification: Option<serde_json::Value>,
    ended_at: Option<DateTime<Utc>>,
    ended_by_name: Option<String>,
    reason: Option<String>,
    outcomes: Option<serde_json::Value>,
    last_sent: Option<DateTime<Utc>>,
}

/// The changes of a directory, the newest first, or one of them.
async fn rows(services: &Services, directory: &DirectoryId, id: Option<DnsChangeId>) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select c.id, d.name, c.directory_id, c.old_address, c.new_address, c.before_addresses, c.state, c.begun_at, c.begun_by_name,
                c.findings, c.frozen_at, c.frozen_by_name, c.left_then, c.thaws_at, c.changed_at, c.early, c.verified_at,
                c.verified_by_name, c.verification, c.ended_at, c.ended_by_name, c.reason, c.outcomes,
                (select max(sent_at) from launch_item i
                 where i.directory_id = c.directory_id and i.state not in ('queued', 'canceled', 'failed')) as last_sent
         from dns_change c join directory d using (directory_id)
         where c.directory_id = $1 and ($2::uuid is null or c.id = $2) order by c.begun_at desc, c.id",
        directory.as_str(),
        id.map(|id| id.0),
    )
    .fetch_all(&services.db)
    .await
}

fn json<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(|error| Fault::Bug(format!("row of a DNS change: {error}")))
}

fn read(
    stamps: &Stamps<'_>,
    now: DateTime<Utc>,
    row: Row,
    counts: DnsCounts,
) -> Result<(DnsChange, Option<OutcomesRead>), Fault> {
    let state = state_of(&row.state)?;
    let stamp = |at: DateTime<Utc>| stamps.of(&row.directory_id, at);
    let moment = |at: Option<DateTime<Utc>>, by: Option<String>| at.zip(by).map(|(at, by)| Moment { at: stamp(at), by });
    // The quarter of an hour counts from the last launch: one that was on its way to AWS when launches were frozen is the last.
    let opens = row.frozen_at.filter(|_| state == DnsState::Frozen).map(|at| at.max(row.last_sent.unwrap_or(at)) + quiet());
    let verification: Option<Vec<Finding>> = row.verification.map(json).transpose()?;
    let change = DnsChange {
        id: DnsChangeId(row.id),
        directory: row.directory_id.parse().map_err(|error| Fault::Bug(format!("row of a DNS change: {error}")))?,
        domain: row.name,
        old: row.old_address,
        new: row.new_address,
        before: row.before_addresses,
        state,
        begun: Moment { at: stamp(row.begun_at), by: row.begun_by_name },
        findings: json(row.findings)?,
        frozen: row
            .frozen_at
            .map(|at| Moment { at: stamp(at), by: row.frozen_by_name.unwrap_or_else(|| "Frontdesk".to_owned()) }),
        left_then: row.left_then,
        may_change: opens.is_some_and(|opens| opens <= now),
        opens: opens.map(stamp),
        is_frozen: row.frozen_at.is_some() && row.thaws_at.is_none_or(|thaws| thaws > now),
        thaws: row.thaws_at.map(stamp),
        changed: row.changed_at.map(stamp),
        early: row.early,
        verified: moment(row.verified_at, row.verified_by_name),
        verification: verification.unwrap_or_default(),
        ended: moment(row.ended_at, row.ended_by_name),
        reason: row.reason,
        counts,
    };
    Ok((change, row.outcomes.map(json).transpose()?))
}

/// All changes of a directory, the newest first.
pub(in crate::directories::dns_change) async fn changes(
    services: &Services,
    directory: &DirectoryId,
) -> Result<Vec<DnsChange>, Fault> {
    let found = rows(services, directory, None).await?;
    let mut changes = Vec::with_capacity(found.len());
    let (stamps, now) = (services.stamps().await?, services.clock.now());
    let mut connection = services.db.acquire().await?;
    for row in found {
        let counts = super::counts(&mut connection, DnsChangeId(row.id)).await?;
        changes.push(read(&stamps, now, row, counts)?.0);
    }
    Ok(changes)
}

/// One of them, and what its last list of outcomes came to.
pub(in crate::directories::dns_change) async fn one(
    services: &Services,
    directory: &DirectoryId,
    id: DnsChangeId,
) -> Result<Option<(DnsChange, Option<OutcomesRead>)>, Fault> {
    let Some(row) = rows(services, directory, Some(id)).await?.into_iter().next() else { return Ok(None) };
    let counts = super::counts(&mut *services.db.acquire().await?, id).await?;
    read(&services.stamps().await?, services.clock.now(), row, counts).map(Some)
}

/// Launch rows of a directory that AWS was sent within the last quarter of an hour, and rows that wait.
pub(in crate::directories::dns_change) async fn traffic(
    services: &Services,
    directory: &DirectoryId,
) -> sqlx::Result<(i64, i64)> {
    let row = sqlx::query!(
        "select count(*) filter (where sent_at > $2 and state not in ('queued', 'canceled', 'failed')) as \"sent!\",
                count(*) filter (where state = 'queued') as \"waiting!\"
         from launch_item where directory_id = $1",
        directory.as_str(),
        services.clock.now() - quiet(),
    )
    .fetch_one(&services.db)
    .await?;
    Ok((row.sent, row.waiting))
}
