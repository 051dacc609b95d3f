//! SQL of what admins are told of directories.

use chrono::{DateTime, Utc};
use model::{
    DirectoryId,
    directories::{Matter, TroubleKind},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::alert::{Alert, Letter, Told};
use crate::{Fault, Services};

fn kind(text: &str) -> Result<TroubleKind, Fault> {
    TroubleKind::from_db(text).ok_or_else(|| Fault::Bug(format!("kind of trouble {text}")))
}

fn directory(text: &str) -> Result<DirectoryId, Fault> {
    text.parse().map_err(|error| Fault::Bug(format!("alert row: {error}")))
}

/// All of which there is, or may be, something to tell, the oldest first.
pub(in crate::directories) async fn open(services: &Services) -> Result<Vec<Alert>, Fault> {
    let rows = sqlx::query!(
        "select id, directory_id, kind, since, kind_since, ended_at, told, told_at, claim is not null as \"is_claimed!\", retry_at
         from directory_alert where closed_at is null order by since, id"
    )
    .fetch_all(&services.db)
    .await?;
    let read = rows.into_iter().map(|row| {
        let told = row.told.as_deref().map(kind).transpose()?.zip(row.told_at);
        Ok(Alert {
            id: row.id,
            directory: directory(&row.directory_id)?,
            kind: kind(&row.kind)?,
            since: row.since,
            kind_since: row.kind_since,
            ended_at: row.ended_at,
            told: told.map(|(kind, at)| Told { kind, at }),
            is_claimed: row.is_claimed,
            retry_at: row.retry_at,
        })
    });
    read.collect()
}

/// Something is the matter. A stage counts from when AWS says that it began, the rest from now; what was over a moment ago goes on.
pub(in crate::directories) async fn trouble(services: &Services, id: &DirectoryId, kind: TroubleKind) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into directory_alert as a (id, directory_id, matter, kind, since, kind_since)
         select $1, directory_id, $3, $4, began, began
         from (select directory_id, case when $3 = 'connector' then least(stage_since, $5) else $5 end as began
               from directory where directory_id = $2) d
         on conflict (directory_id, matter) where closed_at is null do update set
           kind = excluded.kind, kind_since = case when a.kind = excluded.kind then a.kind_since else excluded.kind_since end,
           ended_at = null
         where a.kind <> excluded.kind or a.ended_at is not null",
        Uuid::now_v7(),
        id.as_str(),
        kind.matter().as_str(),
        kind.as_str(),
        services.clock.now(),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// Nothing is the matter any more. Where all is well, those who were told of it will be told that too.
pub(in crate::directories) async fn over(services: &Services, id: &DirectoryId, matter: Matter, well: bool) -> sqlx::Result<()> {
    sqlx::query!(
        "update directory_alert set ended_at = coalesce(ended_at, $3), closed_at = case when told is null or not $4 then $3 end
         where directory_id = $1 and matter = $2 and closed_at is null",
        id.as_str(),
        matter.as_str(),
        services.clock.now(),
        well,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// Nothing is to be told of directories that are gone.
pub(in crate::directories) async fn forget_gone(services: &Services) -> sqlx::Result<()> {
    sqlx::query!(
        "update directory_alert a set ended_at = coalesce(a.ended_at, $1), closed_at = $1
         from directory d where d.directory_id = a.directory_id and d.gone_at is not null and a.closed_at is null",
        services.clock.now(),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

/// Claims the alert and writes down what its mail tells, as if it had left; false if it is not as it was seen any more.
pub(in crate::directories) async fn claim(
    tx: &mut PgConnection,
    services: &Services,
    alert: &Alert,
    letter: Letter,
    claim: Uuid,
) -> sqlx::Result<bool> {
    let now = services.clock.now();
    let told = alert.once_told(now);
    let claimed = sqlx::query!(
        "update directory_alert set claim = $2, lease_until = $3,
                told = case when $4 then told else $5 end, told_at = case when $4 then told_at else $6 end,
                closed_at = case when $4 then $6 end
         where id = $1 and claim is null and closed_at is null and kind = $7 and ended_at is not distinct from $8
           and told_at is not distinct from $9",
        alert.id,
        claim,
        now + services.settings.claim_lease(),
        letter == Letter::Over,
        told.kind.as_str(),
        told.at,
        alert.kind.as_str(),
        alert.ended_at,
        alert.told.map(|told| told.at),
    )
    .execute(tx)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// The mail has left, or may have; false if the claim was lost meanwhile, and then nothing was changed.
pub(in crate::directories) async fn sent(tx: &mut PgConnection, alert: &Alert, claim: Uuid) -> sqlx::Result<bool> {
    let changed = sqlx::query!(
        "update directory_alert set claim = null, lease_until = null, retry_at = null, error_code = null where id = $1 and claim = $2",
        alert.id,
        claim,
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// The mail service took no mail: admins know what they knew before. False as for [`sent`].
pub(in crate::directories) async fn not_sent(
    tx: &mut PgConnection,
    alert: &Alert,
    claim: Uuid,
    retry_at: DateTime<Utc>,
    code: Option<&str>,
) -> sqlx::Result<bool> {
    // Where the trouble has come back since, the row that knows of that tells of it.
    let changed = sqlx::query!(
        "update directory_alert a set claim = null, lease_until = null, retry_at = $3, error_code = $4, told = $5, told_at = $6,
                closed_at = case when exists (select from directory_alert o where o.directory_id = a.directory_id
                                              and o.matter = a.matter and o.closed_at is null and o.id <> a.id)
                                 then a.closed_at end
         where id = $1 and claim = $2",
        alert.id,
        claim,
        retry_at,
        code,
        alert.told.map(|told| told.kind.as_str()),
        alert.told.map(|told| told.at),
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// No mail is tried before.
pub(in crate::directories) async fn hold(tx: &mut PgConnection, until: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update directory_alert set retry_at = $1 where closed_at is null", until).execute(tx).await?;
    Ok(())
}

/// One alert whose sender died is given up: whether the mail left is not known, and a second one would be one too many.
pub(in crate::directories) async fn take_lost(
    tx: &mut PgConnection,
    services: &Services,
) -> Result<Option<(DirectoryId, TroubleKind)>, Fault> {
    let row = sqlx::query!(
        "update directory_alert set claim = null, lease_until = null
         where id = (select id from directory_alert where claim is not null and lease_until <= $1 limit 1 for update skip locked)
         returning directory_id, kind",
        services.clock.now(),
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| Ok((directory(&row.directory_id)?, kind(&row.kind)?))).transpose()
}
