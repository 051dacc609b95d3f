//! SQL of the comparison of the fleet with Active Directory.

use chrono::{DateTime, NaiveDate, Utc};
use model::{
    EndingId,
    endings::{Cause, State},
};
use sqlx::PgConnection;

use super::{New, cause, state};
use crate::{Fault, Services};

/// A directory whose people may be compared.
pub(in crate::endings) struct Place {
    pub directory: String,
    pub time_zone: Option<String>,
    pub scope_ou: Option<String>,
    pub compared_on: Option<NaiveDate>,
    /// The last comparison was not believed.
    pub doubted: bool,
}

/// Those that are not put off.
pub(in crate::endings) async fn places(services: &Services) -> sqlx::Result<Vec<Place>> {
    sqlx::query_as!(
        Place,
        "select d.directory_id as directory, d.time_zone, d.scope_ou, c.compared_on as \"compared_on?\",
                coalesce(c.doubted, false) as \"doubted!\"
         from directory d left join ending_watch c using (directory_id)
         where d.gone_at is null and d.registration_state is not null and (c.next_at is null or c.next_at <= $1) order by d.directory_id",
        services.clock.now(),
    )
    .fetch_all(&services.db)
    .await
}

/// A desktop, and what is known of its user's end.
pub(in crate::endings) struct Desktop {
    pub new: New,
    /// The one that is not over, also of a temporary desktop, which ends by itself; else the newest because its user left that
    /// somebody decided against.
    pub known: Option<(EndingId, Cause, State)>,
}

/// All desktops of a directory.
pub(in crate::endings) async fn desktops(services: &Services, directory: &str) -> Result<Vec<Desktop>, Fault> {
    let rows = sqlx::query!(
        "select w.workspace_id, w.user_name, w.person_guid, coalesce(w.person_name, w.user_name) as \"name!\", i.id as \"item?\",
                e.id as \"ending?\", e.cause as \"cause?\", e.state as \"state?\"
         from workspace w
         left join lateral (select i.id from request_item i join launch_item l on l.id = i.launch_item
                            where l.workspace_id = w.workspace_id limit 1) i on true
         left join lateral (select e.id, e.cause, e.state from ending e
                            where e.workspace_id = w.workspace_id and (not e.is_over or (e.cause <> 'temporary' and e.state = 'kept'))
                            order by e.is_over, e.noticed_at desc limit 1) e on true
         where w.directory_id = $1 and w.gone_at is null and w.state not in ('TERMINATING', 'TERMINATED')",
        directory,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let known = match (row.ending, row.cause, row.state) {
                (Some(id), Some(why), Some(at)) => Some((EndingId(id), cause(&why)?, state(&at)?)),
                _ => None,
            };
            let new = New {
                workspace: row.workspace_id,
                directory: directory.to_owned(),
                person: row.person_guid,
                user_name: row.user_name,
                name: row.name,
                item: row.item,
                ends_on: None,
            };
            Ok(Desktop { new, known })
        })
        .collect()
}

/// A directory was compared on that day; why nothing was concluded.
pub(in crate::endings) async fn compared(
    tx: &mut PgConnection,
    directory: &str,
    day: NaiveDate,
    doubt: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into ending_watch (directory_id, compared_on, problem, doubted) values ($1, $2, $3, $3::text is not null)
         on conflict (directory_id) do update
           set compared_on = excluded.compared_on, problem = excluded.problem, doubted = excluded.doubted, next_at = null",
        directory,
        day,
        doubt,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A directory could not be compared; why, and when to try again.
pub(in crate::endings) async fn put_off(
    services: &Services,
    directory: &str,
    problem: &str,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into ending_watch (directory_id, problem, next_at) values ($1, $2, $3)
         on conflict (directory_id) do update set problem = excluded.problem, next_at = excluded.next_at",
        directory,
        problem,
        until,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}
