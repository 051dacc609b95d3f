//! SQL of sessions.

use chrono::{DateTime, TimeDelta, Utc};
use model::{PageRequest, PersonGuid, access::OpenSession};
use secrecy::SecretString;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Entry, Session};
use crate::{Fault, Services};

pub(super) async fn insert(tx: &mut PgConnection, hash: &[u8], session: &Session, now: DateTime<Utc>) -> sqlx::Result<()> {
    let entry = session.entry.as_ref();
    sqlx::query!(
        "insert into session (id_hash, handle, subject, name, account, domain, person_guid, created_at, last_seen_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
        hash,
        session.handle,
        session.subject,
        session.name,
        entry.map(|entry| entry.account.as_str()),
        entry.map(|entry| entry.domain.as_str()),
        entry.map(|entry| entry.guid.0),
        now,
        session.expires_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// An open session and when it was last seen.
pub(super) async fn open(
    services: &Services,
    hash: &[u8],
    cookie: &str,
    now: DateTime<Utc>,
    idle_since: DateTime<Utc>,
) -> Result<Option<(Session, DateTime<Utc>)>, Fault> {
    let row = sqlx::query!(
        "select handle, subject, name, account, domain, person_guid, expires_at, last_seen_at from session
         where id_hash = $1 and ended_at is null and expires_at > $2 and last_seen_at > $3",
        hash,
        now,
        idle_since,
    )
    .fetch_optional(&services.db)
    .await?;
    Ok(row.map(|row| {
        let entry = match (row.domain, row.person_guid, row.account) {
            (Some(domain), Some(guid), Some(account)) => Some(Entry { domain, guid: PersonGuid(guid), account }),
            _ => None,
        };
        let session = Session {
            handle: row.handle,
            subject: row.subject,
            name: row.name,
            entry,
            expires_at: row.expires_at,
            cookie: SecretString::from(cookie),
        };
        (session, row.last_seen_at)
    }))
}

pub(super) async fn is_open(services: &Services, session: &Session, now: DateTime<Utc>) -> Result<bool, Fault> {
    let open = sqlx::query_scalar!(
        "select exists (select from session where handle = $1 and ended_at is null and expires_at > $2) as \"open!\"",
        session.handle,
        now,
    )
    .fetch_one(&services.db)
    .await?;
    Ok(open)
}

pub(super) async fn touch(services: &Services, session: &Session, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update session set last_seen_at = greatest(last_seen_at, $2) where handle = $1", session.handle, now)
        .execute(&services.db)
        .await?;
    Ok(())
}

/// Ends an open session; the name of its person, or `None` if it was not open.
pub(super) async fn end(tx: &mut PgConnection, handle: Uuid, now: DateTime<Utc>, by: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "with renewal as (delete from session_renewal where handle = $1)
         update session set ended_at = $2, ended_by = $3 where handle = $1 and ended_at is null returning name",
        handle,
        now,
        by,
    )
    .fetch_optional(tx)
    .await
}

pub(super) async fn list(
    services: &Services,
    idle_since: DateTime<Utc>,
    page: PageRequest,
) -> Result<(Vec<OpenSession>, i64), Fault> {
    let rows = sqlx::query!(
        "select handle, name, account, created_at, last_seen_at, count(*) over () as \"total!\" from session
         where ended_at is null and expires_at > $1 and last_seen_at > $2 order by last_seen_at desc, handle limit $3 offset $4",
        services.clock.now(),
        idle_since,
        page.limit(),
        page.offset(),
    )
    .fetch_all(&services.db)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let rows = rows.into_iter().map(|row| OpenSession {
        handle: row.handle,
        name: row.name,
        account: row.account,
        started: services.stamp(row.created_at),
        last_seen: services.stamp(row.last_seen_at),
    });
    Ok((rows.collect(), total))
}

/// Keeps a session's sealed refresh token, and forgets those of sessions that are over.
pub(super) async fn insert_renewal(tx: &mut PgConnection, handle: Uuid, sealed: &[u8], now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("delete from session_renewal r using session s where s.handle = r.handle and s.expires_at <= $1", now)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("insert into session_renewal (handle, sealed) values ($1, $2)", handle, sealed).execute(tx).await?;
    Ok(())
}

/// How long a claim on a refresh token holds: longer than the provider is waited for, its keys and metadata included.
const RENEWAL_LEASE: TimeDelta = TimeDelta::seconds(45);

/// A sealed refresh token, for those who would use it.
pub(super) enum Renewal {
    Ours(Vec<u8>),
    /// Somebody else holds it.
    Taken,
    Missing,
}

/// Claims the refresh token of a session for the holder alone.
pub(super) async fn claim_renewal(services: &Services, handle: Uuid, holder: Uuid) -> sqlx::Result<Renewal> {
    let now = services.clock.now();
    let found = sqlx::query!(
        "with claimed as (
           update session_renewal set claim = $2, claimed_until = $3
           where handle = $1 and (claimed_until is null or claimed_until <= $4) returning sealed)
         select (select sealed from claimed) as sealed, exists (select from session_renewal where handle = $1) as \"there!\"",
        handle,
        holder,
        now + RENEWAL_LEASE,
        now,
    )
    .fetch_one(&services.db)
    .await?;
    Ok(match (found.sealed, found.there) {
        (Some(sealed), _) => Renewal::Ours(sealed),
        (None, true) => Renewal::Taken,
        (None, false) => Renewal::Missing,
    })
}

/// Writes the next refresh token and gives the claim back, if it still holds.
pub(super) async fn keep_renewal(services: &Services, handle: Uuid, holder: Uuid, sealed: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "update session_renewal set sealed = $3, claim = null, claimed_until = null where handle = $1 and claim = $2",
        handle,
        holder,
        sealed,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}
