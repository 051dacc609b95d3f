//! SQL of IP access control groups.

use chrono::{DateTime, Utc};
use model::{
    DirectoryId, IpGroupId,
    access::Scope,
    directories::{IpGroup, IpRule},
};
use sqlx::{PgConnection, types::Json};

use crate::{Fault, Services, aws::ip_groups::Group, directories::scope_ids};

/// All groups, as they are for somebody with this scope.
pub(in crate::directories) async fn all(services: &Services, scope: &Scope) -> Result<Vec<IpGroup>, Fault> {
    let scope = scope_ids(scope);
    let rows = sqlx::query!(
        "select group_id, name, description, rules as \"rules: Json<Vec<IpRule>>\",
                array(select d.name from directory d
                      where d.gone_at is null and d.registration_state is not null and d.settings -> 'ip_groups' ? group_id
                        and ($1::text[] is null or d.directory_id = any($1))
                      order by d.name) as \"directories!\",
                (select count(*) from directory d
                 where d.gone_at is null and d.registration_state is not null and d.settings -> 'ip_groups' ? group_id
                   and d.directory_id <> all($1)) as \"elsewhere!\"
         from ip_group order by name, group_id",
        scope.as_deref(),
    );
    let rows = rows.fetch_all(&services.db).await?.into_iter().map(|row| {
        Ok(IpGroup {
            id: row.group_id.parse().map_err(|error| Fault::Bug(format!("IP group row: {error}")))?,
            name: row.name,
            description: row.description,
            rules: row.rules.0,
            directories: row.directories,
            elsewhere: usize::try_from(row.elsewhere).unwrap_or(0),
        })
    });
    rows.collect()
}

/// Keeps what AWS said of all groups, but for those that were changed since it was asked; those it does not name are gone, unless they
/// were made since.
pub(in crate::directories) async fn keep(services: &Services, groups: &[Group], asked_at: DateTime<Utc>) -> sqlx::Result<()> {
    let now = services.clock.now();
    let mut tx = services.db.begin().await?;
    for group in groups {
        let kept = sqlx::query!(
            "insert into ip_group (group_id, name, description, rules, seen_at) values ($1, $2, $3, $4, $5)
             on conflict (group_id) do update set
               name = excluded.name, description = excluded.description, rules = excluded.rules, seen_at = excluded.seen_at
             where ip_group.set_at is null or ip_group.set_at < $6",
            group.id,
            group.name,
            group.description,
            serde_json::json!(group.rules),
            now,
            asked_at,
        )
        .execute(&mut *tx)
        .await?;
        if kept.rows_affected() == 0 {
            sqlx::query!("update ip_group set seen_at = $2 where group_id = $1", group.id, now).execute(&mut *tx).await?;
        }
    }
    sqlx::query!("delete from ip_group where seen_at < $1", asked_at).execute(&mut *tx).await?;
    tx.commit().await
}

/// A group that was just made.
pub(in crate::directories) async fn insert(tx: &mut PgConnection, services: &Services, group: &Group) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into ip_group (group_id, name, description, rules, seen_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
        group.id,
        group.name,
        group.description,
        serde_json::json!(group.rules),
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(in crate::directories) async fn set_rules(
    tx: &mut PgConnection,
    services: &Services,
    id: &IpGroupId,
    rules: &[IpRule],
) -> sqlx::Result<()> {
    let (rules, now) = (serde_json::json!(rules), services.clock.now());
    sqlx::query!("update ip_group set rules = $2, set_at = $3 where group_id = $1", id.as_str(), rules, now).execute(tx).await?;
    Ok(())
}

pub(in crate::directories) async fn delete(tx: &mut PgConnection, id: &IpGroupId) -> sqlx::Result<()> {
    sqlx::query!("delete from ip_group where group_id = $1", id.as_str()).execute(tx).await?;
    Ok(())
}

/// The groups of a directory, as AWS took them.
pub(in crate::directories) async fn attached(
    tx: &mut PgConnection,
    services: &Services,
    id: &DirectoryId,
    groups: &[IpGroupId],
) -> sqlx::Result<()> {
    super::settings::keep(tx, services, id, "ip_groups", &groups).await
}
