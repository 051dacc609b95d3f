//! SQL of what people ask for: a launch and its rows, rows to be tried again, rows to be taken back.

use model::{
    DirectoryId, DraftId, LaunchId,
    access::Actor,
    launches::{Desktop, DraftPerson, Failure},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Fault, Services};

/// Writes the launch under the draft's id. False if it is there already.
pub(in crate::launches) async fn insert_launch(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    draft: DraftId,
    directory: &DirectoryId,
    desktop: &Desktop,
) -> Result<bool, Fault> {
    let tags = serde_json::to_value(&desktop.tags).map_err(|error| Fault::Bug(error.to_string()))?;
    let inserted = sqlx::query!(
        "insert into launch (id, directory_id, started_by, started_by_name, started_at, running_mode, auto_stop_minutes, tags)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
        draft.0,
        directory.as_str(),
        actor.key(),
        actor.name(),
        services.clock.now(),
        desktop.running_mode.as_aws(),
        desktop.running_mode.auto_stop_minutes(),
        tags,
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
    let now = services.clock.now();
    let mut rows: Vec<_> = (1..).zip(people).map(|(position, person)| (Uuid::now_v7(), position, person)).collect();
    // In one order for everybody, by what the index of live rows compares: two launches of the same people would else wait
    // for each other.
    rows.sort_by_cached_key(|(_, _, person)| person.account.to_lowercase());
    for (id, position, person) in rows {
        sqlx::query!(
            "insert into launch_item (id, launch_id, directory_id, position, person_guid, account, name, mail, bundle_id, state, state_since)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', $10)",
            id,
            draft.0,
            directory.as_str(),
            position,
            person.guid.0,
            person.account,
            person.name,
            person.mail.as_deref().unwrap_or_default(),
            person.bundle.as_ref().unwrap_or(&desktop.bundle).as_str(),
            now,
        )
        .execute(&mut *tx)
        .await?;
    }
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
