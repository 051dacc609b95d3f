//! SQL of endings, for the jobs and for decisions; `views` is what pages show, `leavers` the comparison with Active Directory.

pub(super) mod leavers;
pub(super) mod views;

use chrono::{DateTime, NaiveDate, Utc};
use model::{
    BatchId, DirectoryId, EndingId, PersonGuid, RequestId, RequestItemId, WorkspaceId,
    access::Actor,
    endings::{Cause, Course, Decision, State},
    workspaces::RunningMode,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Fault, Services};

/// An ending with all that a step or a decision depends on.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub id: EndingId,
    pub version: i64,
    pub course: Course,
    /// When it came into its state.
    pub since: DateTime<Utc>,
    pub workspace: WorkspaceId,
    pub directory: DirectoryId,
    pub person: Option<PersonGuid>,
    pub user_name: String,
    pub name: String,
    /// Where its days are counted: where who asked for a temporary desktop is, if they say so, else where the directory is.
    pub time_zone: Option<String>,
    pub request: Option<RequestId>,
    /// Who asked for the desktop: key and name.
    pub owner: Option<(String, String)>,
    /// Who decided last: key and name.
    pub decided_by: Option<(String, String)>,
    pub batch: Option<BatchId>,
    /// As the mirror has them.
    pub workspace_state: String,
    /// The mirror was read since it came into its state.
    pub seen_since: bool,
    pub running_mode: Option<RunningMode>,
}

impl Held {
    /// On whose behalf it goes on: who decided last, or who asked for the desktop.
    pub fn behalf(&self) -> Option<&(String, String)> {
        self.decided_by.as_ref().or(self.owner.as_ref())
    }
}

pub(super) fn state(text: &str) -> Result<State, Fault> {
    State::from_db(text).ok_or_else(|| Fault::Bug(format!("ending {text}")))
}

pub(super) fn cause(text: &str) -> Result<Cause, Fault> {
    Cause::from_db(text).ok_or_else(|| Fault::Bug(format!("ending because of {text}")))
}

fn bug(error: model::ParseIdError) -> Fault {
    Fault::Bug(format!("ending row: {error}"))
}

/// Reads an ending and keeps others from changing it.
pub(super) async fn hold(tx: &mut PgConnection, id: EndingId) -> Result<Option<Held>, Fault> {
    sqlx::query_scalar!("select id from ending where id = $1 for update", id.0).fetch_optional(&mut *tx).await?;
    read(tx, id).await
}

/// Reads an ending as it is now.
pub(super) async fn read(connection: &mut PgConnection, id: EndingId) -> Result<Option<Held>, Fault> {
    let row = sqlx::query!(
        "select e.*, coalesce(p.time_zone, d.time_zone) as time_zone, r.id as \"request?\", r.owner as \"owner?\", r.owner_name as \"owner_name?\",
                case when w.gone_at is null then w.state else 'TERMINATED' end as \"workspace_state!\", w.running_mode, w.auto_stop_minutes,
                w.seen_at > e.state_since as \"seen_since!\"
         from ending e join directory d using (directory_id) join workspace w using (workspace_id)
         left join request_item i on i.id = e.request_item left join request r on r.id = i.request_id
         left join preference p on p.person_guid = r.owner_guid and e.cause = 'temporary'
         where e.id = $1",
        id.0,
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let course = Course {
        cause: cause(&row.cause)?,
        state: state(&row.state)?,
        ends_on: row.ends_on,
        held_on: row.held_on,
        undone_on: row.undone_on,
        terminates: row.terminates,
        opens_to: row.opens_to.as_deref().map(state).transpose()?,
    };
    Ok(Some(Held {
        id,
        version: row.version,
        course,
        since: row.state_since,
        workspace: row.workspace_id.parse().map_err(bug)?,
        directory: row.directory_id.parse().map_err(bug)?,
        person: row.person_guid.map(PersonGuid),
        user_name: row.user_name,
        name: row.name,
        time_zone: row.time_zone,
        request: row.request.map(RequestId),
        owner: row.owner.zip(row.owner_name),
        decided_by: row.decided_by.zip(row.decided_by_name),
        batch: row.batch_id.map(BatchId),
        workspace_state: row.workspace_state,
        seen_since: row.seen_since,
        running_mode: row.running_mode.map(|mode| RunningMode::from_aws(&mode, row.auto_stop_minutes)),
    }))
}

/// One that is about to be noticed.
#[derive(Debug, Clone)]
pub(super) struct New {
    pub workspace: String,
    pub directory: String,
    pub person: Option<Uuid>,
    pub user_name: String,
    pub name: String,
    pub item: Option<Uuid>,
    pub ends_on: Option<NaiveDate>,
}

/// `None` if the desktop is to end already.
pub(super) async fn insert(
    tx: &mut PgConnection,
    services: &Services,
    new: &New,
    course: &Course,
) -> sqlx::Result<Option<EndingId>> {
    let inserted = sqlx::query_scalar!(
        "insert into ending (id, workspace_id, directory_id, person_guid, user_name, name, request_item, cause, state, state_since, noticed_at,
                             ends_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)
         on conflict (workspace_id) where not is_over do nothing returning id",
        Uuid::now_v7(),
        new.workspace,
        new.directory,
        new.person,
        new.user_name,
        new.name,
        new.item,
        course.cause.as_str(),
        course.state.as_str(),
        services.clock.now(),
        new.ends_on,
    )
    .fetch_optional(tx)
    .await?;
    Ok(inserted.map(EndingId))
}

/// Makes the end of a leaver's desktop, which gives way, that of a temporary one. Another version; it is looked at at once.
pub(super) async fn turn(
    tx: &mut PgConnection,
    services: &Services,
    id: EndingId,
    new: &New,
    course: &Course,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update ending set cause = $2, state = $3, state_since = $4, noticed_at = $4, ends_on = $5, request_item = $6, person_guid = $7,
                name = $8, version = version + 1, next_at = null, waits = null
         where id = $1",
        id.0,
        course.cause.as_str(),
        course.state.as_str(),
        services.clock.now(),
        course.ends_on,
        new.item,
        new.person,
        new.name,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes where a held ending is now. Another version; it is looked at again at once.
pub(super) async fn keep(tx: &mut PgConnection, services: &Services, id: EndingId, course: &Course) -> sqlx::Result<()> {
    sqlx::query!(
        "update ending set state_since = case when state = $2 then state_since else $6 end, state = $2, held_on = $3, terminates = $4,
                opens_to = $5, ends_on = $7, undone_on = $8, version = version + 1, next_at = null, waits = null,
                batch_id = case when state = $2 then batch_id end
         where id = $1",
        id.0,
        course.state.as_str(),
        course.held_on,
        course.terminates,
        course.opens_to.map(State::as_str),
        services.clock.now(),
        course.ends_on,
        course.undone_on,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Who decided what, and on which version.
pub(super) async fn decided(
    tx: &mut PgConnection,
    actor: &Actor,
    id: EndingId,
    decision: Decision,
    seen: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update ending set decided_by = $2, decided_by_name = $3, decided = $4, decided_on = $5 where id = $1",
        id.0,
        actor.key(),
        actor.name(),
        decision.as_str(),
        seen,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether the same person has decided the same on the same version.
pub(super) async fn is_replay(
    tx: &mut PgConnection,
    id: EndingId,
    seen: i64,
    who: &str,
    decision: Decision,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "select exists (select from ending where id = $1 and decided_by = $2 and decided = $3 and decided_on = $4) as \"exists!\"",
        id.0,
        who,
        decision.as_str(),
        seen,
    )
    .fetch_one(tx)
    .await
}

/// Puts the next look off, with why it does not go on; `batch`: what AWS was just asked for.
pub(super) async fn wait(
    tx: &mut PgConnection,
    id: EndingId,
    until: DateTime<Utc>,
    waits: Option<&str>,
    batch: Option<BatchId>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update ending set next_at = $2, waits = $3, batch_id = coalesce($4, batch_id) where id = $1",
        id.0,
        until,
        waits,
        batch.map(|batch| batch.0),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// When the last action that was ordered failed, if it did.
pub(super) async fn failed_at(tx: &mut PgConnection, batch: Option<BatchId>) -> sqlx::Result<Option<DateTime<Utc>>> {
    let Some(batch) = batch else { return Ok(None) };
    sqlx::query_scalar!("select max(state_since) from workspace_batch_item where batch_id = $1 and state = 'failed'", batch.0)
        .fetch_one(tx)
        .await
}

/// Those to look at, the one that waits longest first.
pub(super) async fn due(services: &Services, limit: i64) -> sqlx::Result<Vec<EndingId>> {
    let ids = sqlx::query_scalar!(
        "select id from ending
         where not is_over and (next_at is null or next_at <= $1)
         order by next_at nulls first, id limit $2",
        services.clock.now(),
        limit,
    )
    .fetch_all(&services.db)
    .await?;
    Ok(ids.into_iter().map(EndingId).collect())
}

/// When the next one is due that AWS is asked for.
pub(super) async fn next_due(services: &Services) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!("select min(next_at) from ending where state in ('holding', 'opening', 'terminating')")
        .fetch_one(&services.db)
        .await
}

/// Temporary desktops that end by that day and are not noticed yet, or only because their users have left and nobody has decided; what
/// was decided on the same end before is decided.
pub(super) async fn ending_by(services: &Services, day: NaiveDate) -> sqlx::Result<Vec<New>> {
    let rows = sqlx::query!(
        "select w.workspace_id, w.directory_id, w.user_name, root.person_guid, root.name, last.item, last.ends_on as \"ends_on!\"
         from request_item root join launch_item l on l.id = root.launch_item join workspace w on w.workspace_id = l.workspace_id
         join lateral (select i.id as item, r.ends_on from request_item i join request r on r.id = i.request_id
                       where (i.id = root.id or i.extends = root.id) and i.state = 'approved' and r.state = 'approved'
                       order by r.submitted_at desc, i.id desc limit 1) last on true
         where l.state = 'available' and w.gone_at is null and last.ends_on <= $1
           and not exists (select from ending e where e.workspace_id = w.workspace_id
                             and ((not e.is_over and (e.cause = 'temporary' or e.state <> 'noticed'))
                                  or (e.cause = 'temporary' and e.ends_on >= last.ends_on)))
         order by last.ends_on, w.workspace_id limit 1000",
        day,
    )
    .fetch_all(&services.db)
    .await?;
    let new = rows.into_iter().map(|row| New {
        workspace: row.workspace_id,
        directory: row.directory_id,
        person: Some(row.person_guid),
        user_name: row.user_name,
        name: row.name,
        item: Some(row.item),
        ends_on: Some(row.ends_on),
    });
    Ok(new.collect())
}

/// What was reserved and committed for a desktop, and the requests that extended it, is free again.
pub(super) async fn items_of(tx: &mut PgConnection, workspace: &WorkspaceId) -> sqlx::Result<Vec<RequestItemId>> {
    let items = sqlx::query_scalar!(
        "select i.id from request_item root join launch_item l on l.id = root.launch_item
         join request_item i on i.id = root.id or (i.extends = root.id and i.state = 'approved')
         where l.workspace_id = $1",
        workspace.as_str(),
    )
    .fetch_all(tx)
    .await?;
    Ok(items.into_iter().map(RequestItemId).collect())
}

/// The live ending of a desktop.
pub(super) async fn live_of(tx: &mut PgConnection, workspace: &str) -> sqlx::Result<Option<EndingId>> {
    let id = sqlx::query_scalar!("select id from ending where workspace_id = $1 and not is_over", workspace)
        .fetch_optional(tx)
        .await?;
    Ok(id.map(EndingId))
}

/// The live ending of the desktop by which this row of a request came.
pub(super) async fn live_of_item(tx: &mut PgConnection, root: RequestItemId) -> sqlx::Result<Option<EndingId>> {
    let id = sqlx::query_scalar!(
        "select e.id from request_item i join launch_item l on l.id = i.launch_item join ending e on e.workspace_id = l.workspace_id
         where i.id = $1 and not e.is_over",
        root.0,
    )
    .fetch_optional(tx)
    .await?;
    Ok(id.map(EndingId))
}

/// What was committed for the desktop before in another cost centre than the new row's.
pub(super) async fn paid_elsewhere(
    tx: &mut PgConnection,
    root: RequestItemId,
    new: RequestItemId,
) -> sqlx::Result<Vec<RequestItemId>> {
    let items = sqlx::query_scalar!(
        "select e.request_item from cost_centre_entry e join request_item i on i.id = e.request_item
         join request_item n on n.id = $2 join request r on r.id = n.request_id
         where (i.id = $1 or i.extends = $1) and i.id <> n.id and e.state = 'committed' and e.cost_centre_id <> r.cost_centre_id",
        root.0,
        new.0,
    )
    .fetch_all(tx)
    .await?;
    Ok(items.into_iter().map(RequestItemId).collect())
}
