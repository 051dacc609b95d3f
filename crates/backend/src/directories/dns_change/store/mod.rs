//! SQL of DNS changes: how one moves on here, its WorkSpaces in `workspaces`, what pages show in `views`.
//!
//! Every move names the state from which it is made, so that of two who make one only one does.

mod views;
mod workspaces;

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    DirectoryId, DnsChangeId, LaunchId,
    access::Actor,
    directories::{DnsState, Finding, OutcomesRead, QUIET_MINUTES, Replacement},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Fault, Services};

pub(super) use views::{changes, one, traffic};
pub(super) use workspaces::{Said, add_new, all, by_name, counts, page, settle};

/// For how long nothing is launched before and after the change.
pub(super) fn quiet() -> TimeDelta {
    TimeDelta::minutes(QUIET_MINUTES)
}

/// Writes a change that was just begun.
pub(super) async fn insert(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    actor: &Actor,
    (id, directory): (DnsChangeId, &DirectoryId),
    replacement: Replacement,
    (before, findings): (&[String], &[Finding]),
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into dns_change (id, directory_id, old_address, new_address, before_addresses, begun_at, begun_by, begun_by_name,
                                 findings, seen_addresses)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $5)",
        id.0,
        directory.as_str(),
        replacement.old.to_string(),
        replacement.new.to_string(),
        before,
        now,
        actor.key(),
        actor.name(),
        json(&findings)?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The change that is under way in a directory, if it is this very one of this person: their form was sent twice.
pub(super) async fn same_live(
    services: &Services,
    actor: &Actor,
    directory: &DirectoryId,
    replacement: Replacement,
) -> sqlx::Result<Option<DnsChangeId>> {
    let id = sqlx::query_scalar!(
        "select id from dns_change where directory_id = $1 and state in ('workspaces', 'frozen', 'changed') and begun_by = $2
           and old_address = $3 and new_address = $4",
        directory.as_str(),
        actor.key(),
        replacement.old.to_string(),
        replacement.new.to_string(),
    );
    Ok(id.fetch_optional(&services.db).await?.map(DnsChangeId))
}

/// Freezes launches; false if it is at another step by now.
pub(super) async fn freeze(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    actor: &Actor,
    id: DnsChangeId,
    left: i64,
) -> sqlx::Result<bool> {
    let moved = sqlx::query!(
        "update dns_change set state = 'frozen', frozen_at = $2, frozen_by_name = $3, left_then = $4
         where id = $1 and state = 'workspaces'",
        id.0,
        now,
        actor.name(),
        left,
    );
    Ok(moved.execute(tx).await?.rows_affected() == 1)
}

/// What was seen of the servers that AWS shows; false if it is at another step by now.
pub(super) async fn verified(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    id: DnsChangeId,
    findings: &[Finding],
) -> Result<bool, Fault> {
    let kept = sqlx::query!(
        "update dns_change set verified_at = $2, verified_by_name = $3, verification = $4 where id = $1 and state = 'changed'",
        id.0,
        services.clock.now(),
        actor.name(),
        json(&findings)?,
    );
    Ok(kept.execute(tx).await?.rows_affected() == 1)
}

/// Closes it; the freeze runs out by itself. False if it is at another step by now.
pub(super) async fn finish(tx: &mut PgConnection, now: DateTime<Utc>, actor: &Actor, id: DnsChangeId) -> sqlx::Result<bool> {
    let moved = sqlx::query!(
        "update dns_change set state = 'done', ended_at = $2, ended_by_name = $3 where id = $1 and state = 'changed'",
        id.0,
        now,
        actor.name(),
    );
    Ok(moved.execute(tx).await?.rows_affected() == 1)
}

/// Gives it up. Launches go on at once if AWS showed nothing new, else when the quarter of an hour after that is over; tells when
/// they do. `None` if it has ended already.
pub(super) async fn abandon(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    actor: &Actor,
    id: DnsChangeId,
    reason: &str,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let moved = sqlx::query_scalar!(
        "update dns_change set state = 'abandoned', ended_at = $2, ended_by_name = $3, reason = $4,
                thaws_at = case when frozen_at is not null then greatest($2, touched_at + $5::interval) end
         where id = $1 and state in ('workspaces', 'frozen', 'changed')
         returning coalesce(thaws_at, $2) as \"thaws!\"",
        id.0,
        now,
        actor.name(),
        reason,
        interval(quiet()),
    );
    moved.fetch_optional(tx).await
}

/// Gives up what is under way in a directory that is to go.
pub(in crate::directories) async fn abandon_in(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    actor: &Actor,
    directory: &DirectoryId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update dns_change set state = 'abandoned', ended_at = $2, ended_by_name = $3, reason = 'The directory is taken down.',
                thaws_at = case when frozen_at is not null then greatest($2, touched_at + $4::interval) end
         where directory_id = $1 and state in ('workspaces', 'frozen', 'changed')",
        directory.as_str(),
        now,
        actor.name(),
        interval(quiet()),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives up what is under way in directories that AWS shows no more, so that nothing waits for them.
pub(in crate::directories) async fn abandon_gone(tx: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update dns_change f set state = 'abandoned', ended_at = $1, ended_by_name = 'Frontdesk', reason = 'The directory is gone.',
                thaws_at = case when frozen_at is not null then $1::timestamptz end
         from directory d
         where d.directory_id = f.directory_id and d.gone_at is not null and f.state in ('workspaces', 'frozen', 'changed')",
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Keeps what a list of outcomes came to.
pub(super) async fn keep_outcomes(tx: &mut PgConnection, id: DnsChangeId, read: &OutcomesRead) -> Result<(), Fault> {
    sqlx::query!("update dns_change set outcomes = $2 where id = $1", id.0, json(read)?).execute(tx).await?;
    Ok(())
}

/// A change that waits for AWS, as the sweep needs it.
#[derive(Debug)]
pub(super) struct Live {
    pub id: DnsChangeId,
    pub directory: String,
    pub domain: String,
    pub begun_by: String,
    pub state: DnsState,
    pub old: String,
    pub new: String,
    pub before: Vec<String>,
    pub seen: Vec<String>,
    pub frozen_at: Option<DateTime<Utc>>,
}

/// The change that is under way in a directory, held until the transaction ends.
pub(super) async fn live(tx: &mut PgConnection, directory: &str) -> Result<Option<Live>, Fault> {
    let row = sqlx::query!(
        "select c.id, d.name, c.begun_by, c.state, c.old_address, c.new_address, c.before_addresses, c.seen_addresses, c.frozen_at
         from dns_change c join directory d using (directory_id)
         where c.directory_id = $1 and c.state in ('workspaces', 'frozen', 'changed') for update of c",
        directory,
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        Ok(Live {
            id: DnsChangeId(row.id),
            directory: directory.to_owned(),
            domain: row.name,
            begun_by: row.begun_by,
            state: state_of(&row.state)?,
            old: row.old_address,
            new: row.new_address,
            before: row.before_addresses,
            seen: row.seen_addresses,
            frozen_at: row.frozen_at,
        })
    })
    .transpose()
}

/// Keeps that AWS shows other addresses than before. Once the connector was changed, launches stand still for a quarter of an
/// hour from here.
pub(super) async fn touched(tx: &mut PgConnection, now: DateTime<Utc>, id: DnsChangeId, shown: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "update dns_change set seen_addresses = $3, touched_at = $2, verified_at = null, verified_by_name = null, verification = null,
                thaws_at = case when state = 'changed' then $2::timestamptz + $4::interval else thaws_at end
         where id = $1",
        id.0,
        now,
        shown,
        interval(quiet()),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// AWS shows what is wanted. `early`: before launches had stood still for long enough.
pub(super) async fn changed(tx: &mut PgConnection, now: DateTime<Utc>, id: DnsChangeId, early: bool) -> sqlx::Result<()> {
    sqlx::query!(
        "update dns_change set state = 'changed', changed_at = $2, frozen_at = coalesce(frozen_at, $2), thaws_at = $2::timestamptz + $4::interval,
                early = $3
         where id = $1",
        id.0,
        now,
        early,
        interval(quiet()),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// When the last row of a launch left that AWS may have taken.
pub(super) async fn last_sent(tx: &mut PgConnection, directory: &str) -> sqlx::Result<Option<DateTime<Utc>>> {
    let sent = sqlx::query_scalar!(
        "select max(sent_at) from launch_item where directory_id = $1 and state not in ('queued', 'canceled', 'failed')",
        directory,
    );
    sent.fetch_one(tx).await
}

/// The launches with rows that wait in a directory, for those who watch them.
pub(super) async fn waiting_launches(tx: &mut PgConnection, directory: &str) -> sqlx::Result<Vec<LaunchId>> {
    let ids: Vec<Uuid> =
        sqlx::query_scalar!("select distinct launch_id from launch_item where directory_id = $1 and state = 'queued'", directory)
            .fetch_all(tx)
            .await?;
    Ok(ids.into_iter().map(LaunchId).collect())
}

/// Whether AWS is worth asking soon: somebody is about to change a connector, or has just done it.
pub(in crate::directories) async fn anything_waits(services: &Services) -> sqlx::Result<bool> {
    let waits = sqlx::query_scalar!(
        "select exists (select from dns_change f join directory d using (directory_id)
                        where d.gone_at is null and (f.state = 'frozen' or (f.state = 'changed' and f.thaws_at > $1))) as \"waits!\"",
        services.clock.now(),
    );
    waits.fetch_one(&services.db).await
}

fn state_of(text: &str) -> Result<DnsState, Fault> {
    DnsState::from_db(text).ok_or_else(|| Fault::Bug(format!("a DNS change in state {text}")))
}

fn interval(delta: TimeDelta) -> sqlx::postgres::types::PgInterval {
    sqlx::postgres::types::PgInterval { months: 0, days: 0, microseconds: delta.num_microseconds().unwrap_or(0) }
}

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, Fault> {
    serde_json::to_value(value).map_err(|error| Fault::Bug(error.to_string()))
}
