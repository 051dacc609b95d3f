//! SQL of what people ask for: a launch and its rows, rows to be tried again, rows to be taken back.

use model::{
    DirectoryId, DraftId, LaunchId,
    launches::{Desktop, DraftPerson, Failure},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Fault, Services};

/// Writes the launch under the draft's id. False if it is there already. `starter`: the key and the name of who has it started.
pub(in crate::launches) async fn insert_launch(
    tx: &mut PgConnection,
    services: &Services,
    starter: (&str, &str),
    draft: DraftId,
    directory: &DirectoryId,
    desktop: &Desktop,
) -> Result<bool, Fault> {
    let tags = serde_json::to_value(&desktop.tags).map_err(|error| Fault::Bug(error.to_string()))?;
    let size = |gib: Option<u32>| gib.and_then(|gib| i32::try_from(gib).ok());
    let inserted = sqlx::query!(
        "insert into launch (id, directory_id, started_by, started_by_name, started_at, running_mode, auto_stop_minutes, tags, root_gib,
                             user_gib, encrypt_root, encrypt_user, encryption_key)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (id) do nothing",
        draft.0,
        directory.as_str(),
        starter.0,
        starter.1,
        services.clock.now(),
        desktop.running_mode.as_aws(),
        desktop.running_mode.auto_stop_minutes(),
        tags,
        size(desktop.volumes.root_gib),
        size(desktop.volumes.user_gib),
        desktop.encryption.root,
        desktop.encryption.user,
        desktop.encryption.key,
    )
    .execute(tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Writes one row a person.
pub(in crate::launches) async fn insert_items(
    tx: &mut PgConnection,
    services: &Services,
    draft: DraftId,
    directory: &DirectoryId,
    desktop: &Desktop,
    people: &[DraftPerson],
) -> sqlx::Result<()> {
    let mut rows: Vec<_> = (1_i32..).zip(people).collect();
    // In one order for everybody, by what the index of live rows compares: two launches of the same people would else wait
    // for each other.
    rows.sort_by_cached_key(|(_, person)| person.account.to_lowercase());
    let column = |value: fn(&DraftPerson) -> &str| rows.iter().map(|(_, person)| value(person)).collect::<Vec<_>>();
    let ids: Vec<Uuid> = rows.iter().map(|_| Uuid::now_v7()).collect();
    let positions: Vec<i32> = rows.iter().map(|(position, _)| *position).collect();
    let guids: Vec<Uuid> = rows.iter().map(|(_, person)| person.guid.0).collect();
    let bundles: Vec<&str> = rows.iter().map(|(_, person)| person.bundle.as_ref().unwrap_or(&desktop.bundle).as_str()).collect();
    let tags = rows.iter().map(|(_, person)| serde_json::to_value(&person.tags)).collect::<Result<Vec<_>, _>>();
    sqlx::query!(
        "insert into launch_item (id, launch_id, directory_id, position, person_guid, account, name, mail, bundle_id, tags, state, state_since)
         select row.id, $1, $2, row.position, row.guid, row.account, row.name, row.mail, row.bundle, row.tags, 'queued', $3
         from unnest($4::uuid[], $5::integer[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[], $11::jsonb[])
              with ordinality as row (id, position, guid, account, name, mail, bundle, tags, place)
         order by row.place",
        draft.0,
        directory.as_str(),
        services.clock.now(),
        &ids,
        &positions,
        &guids,
        &column(|person| &person.account) as &[&str],
        &column(|person| &person.name) as &[&str],
        &column(|person| person.mail.as_deref().unwrap_or_default()) as &[&str],
        &bundles as &[&str],
        &tags.map_err(|error| sqlx::Error::Encode(error.into()))?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Failed rows back to work: watched again where AWS had accepted them and may still finish, else queued.
pub(in crate::launches) async fn retry(
    tx: &mut PgConnection,
    services: &Services,
    launch: LaunchId,
    named: Option<&[Uuid]>,
) -> sqlx::Result<u32> {
    let now = services.clock.now();
    let watched = sqlx::query!(
        "update launch_item set state = 'pending', state_since = $3, accepted_at = $3, next_poll_at = $3, polls = 0, error_code = null, error_message = null
         where launch_id = $1 and ($2::uuid[] is null or id = any($2)) and state = 'failed' and error_code = $4",
        launch.0,
        named,
        now,
        Failure::TIME_LIMIT,
    )
    .execute(&mut *tx)
    .await?;
    let queued = sqlx::query!(
        "update launch_item set state = 'queued', state_since = $3, workspace_id = null, error_code = null, error_message = null
         where launch_id = $1 and ($2::uuid[] is null or id = any($2)) and state = 'failed' and coalesce(error_code, '') not in ($4, $5)",
        launch.0,
        named,
        now,
        Failure::TIME_LIMIT,
        Failure::ERROR_STATE,
    )
    .execute(tx)
    .await?;
    Ok(u32::try_from(watched.rows_affected() + queued.rows_affected()).unwrap_or(u32::MAX))
}

/// The launch sends again; false if it was not paused.
pub(in crate::launches) async fn resume(tx: &mut PgConnection, launch: LaunchId) -> sqlx::Result<bool> {
    let resumed = sqlx::query!(
        "update launch set paused_at = null, paused_code = null, paused_message = null where id = $1 and paused_at is not null",
        launch.0,
    )
    .execute(tx)
    .await?;
    Ok(resumed.rows_affected() == 1)
}

pub(in crate::launches) async fn cancel(
    tx: &mut PgConnection,
    services: &Services,
    launch: LaunchId,
    named: Option<&[Uuid]>,
) -> sqlx::Result<u32> {
    let changed = sqlx::query!(
        "update launch_item set state = 'canceled', state_since = $3
         where launch_id = $1 and ($2::uuid[] is null or id = any($2)) and state = 'queued'",
        launch.0,
        named,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(u32::try_from(changed.rows_affected()).unwrap_or(u32::MAX))
}
