//! SQL of WorkSpaces and bundles.

use chrono::{DateTime, Utc};
use model::{
    InvitationId, Page, PageRequest, PersonGuid, WorkspaceId, invitations,
    workspaces::{Bundle, Filter, Protocol, RunningMode, System, Workspace},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Fault, Services,
    aws::workspaces as aws,
    directories::{Part, job::read_now},
};

struct Row {
    workspace_id: String,
    directory_id: String,
    directory_name: String,
    user_name: String,
    person_guid: Option<Uuid>,
    person_name: Option<String>,
    bundle_name: Option<String>,
    state: String,
    running_mode: Option<String>,
    auto_stop_minutes: Option<i32>,
    computer_name: Option<String>,
    invitation_id: Option<Uuid>,
    invitation_state: Option<String>,
    seen_at: DateTime<Utc>,
}

fn read(row: Row) -> Result<Workspace, Fault> {
    let bug = |error: model::ParseIdError| Fault::Bug(format!("workspace row: {error}"));
    let invitation = row.invitation_id.zip(row.invitation_state.as_deref().and_then(invitations::State::from_db));
    Ok(Workspace {
        id: row.workspace_id.parse().map_err(bug)?,
        directory: row.directory_id.parse().map_err(bug)?,
        directory_name: row.directory_name,
        user_name: row.user_name,
        person: row.person_guid.map(PersonGuid),
        name: row.person_name,
        bundle: row.bundle_name,
        state: row.state,
        running_mode: row.running_mode.map(|mode| RunningMode::from_aws(&mode, row.auto_stop_minutes)),
        computer_name: row.computer_name,
        invitation: invitation.map(|(id, state)| (InvitationId(id), state)),
    })
}

pub(super) async fn list(
    services: &Services,
    scope: Option<&[String]>,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<Workspace>, Fault> {
    let q = filter.q.trim();
    let pattern = (!q.is_empty()).then(|| crate::db::contains(q));
    let total = sqlx::query_scalar!(
        "select count(*) as \"count!\" from workspace w
         where w.gone_at is null and ($1::text[] is null or w.directory_id = any($1))
           and ($2::text is null or w.user_name ilike $2 or w.person_name ilike $2 or w.workspace_id ilike $2 or w.computer_name ilike $2)
           and ($3::text is null or w.state = $3)
           and (not $4 or not exists (select from invitation i where i.workspace_id = w.workspace_id and i.state <> 'failed'))",
        scope,
        pattern,
        filter.state,
        filter.not_invited,
    )
    .fetch_one(&services.db)
    .await?;
    let rows = sqlx::query_as!(
        Row,
        "select w.workspace_id, w.directory_id, d.name as directory_name, w.user_name, w.person_guid, w.person_name,
                b.name as \"bundle_name?\", w.state, w.running_mode, w.auto_stop_minutes, w.computer_name, w.seen_at,
                i.id as \"invitation_id?\", i.state as \"invitation_state?\"
         from workspace w join directory d using (directory_id) left join bundle b using (bundle_id)
         left join lateral (select id, state from invitation i where i.workspace_id = w.workspace_id order by created_at desc limit 1) i on true
         where w.gone_at is null and ($1::text[] is null or w.directory_id = any($1))
           and ($2::text is null or w.user_name ilike $2 or w.person_name ilike $2 or w.workspace_id ilike $2 or w.computer_name ilike $2)
           and ($3::text is null or w.state = $3)
           and (not $4 or not exists (select from invitation i where i.workspace_id = w.workspace_id and i.state <> 'failed'))
         order by lower(w.user_name), w.workspace_id limit $5 offset $6",
        scope,
        pattern,
        filter.state,
        filter.not_invited,
        page.limit(),
        page.offset(),
    )
    .fetch_all(&services.db)
    .await?;
    Ok(Page { rows: rows.into_iter().map(read).collect::<Result<_, _>>()?, total, request: page })
}

/// One WorkSpace, gone or not, and when AWS last showed it.
pub(super) async fn one(services: &Services, id: &WorkspaceId) -> Result<Option<(Workspace, DateTime<Utc>)>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select w.workspace_id, w.directory_id, d.name as directory_name, w.user_name, w.person_guid, w.person_name,
                b.name as \"bundle_name?\", case when w.gone_at is null then w.state else 'TERMINATED' end as \"state!\",
                w.running_mode, w.auto_stop_minutes, w.computer_name, w.seen_at,
                i.id as \"invitation_id?\", i.state as \"invitation_state?\"
         from workspace w join directory d using (directory_id) left join bundle b using (bundle_id)
         left join lateral (select id, state from invitation i where i.workspace_id = w.workspace_id order by created_at desc limit 1) i on true
         where w.workspace_id = $1",
        id.as_str(),
    )
    .fetch_optional(&services.db)
    .await?;
    row.map(|row| {
        let seen = row.seen_at;
        read(row).map(|workspace| (workspace, seen))
    })
    .transpose()
}

/// The WorkSpaces of these ids, gone or not, by user.
pub(super) async fn by_ids(services: &Services, ids: &[String]) -> Result<Vec<Workspace>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select w.workspace_id, w.directory_id, d.name as directory_name, w.user_name, w.person_guid, w.person_name,
                b.name as \"bundle_name?\", case when w.gone_at is null then w.state else 'TERMINATED' end as \"state!\",
                w.running_mode, w.auto_stop_minutes, w.computer_name, w.seen_at,
                null::uuid as \"invitation_id?\", null::text as \"invitation_state?\"
         from workspace w join directory d using (directory_id) left join bundle b using (bundle_id)
         where w.workspace_id = any($1) order by lower(w.user_name), w.workspace_id",
        ids,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter().map(read).collect()
}

/// The WorkSpaces tied to a person, or running under their account in a directory of their domain.
pub(crate) async fn of_person(
    services: &Services,
    person: PersonGuid,
    account: Option<(&str, &str)>,
) -> Result<Vec<Workspace>, Fault> {
    let (domain, account) = account.unzip();
    let rows = sqlx::query_as!(
        Row,
        "select w.workspace_id, w.directory_id, d.name as directory_name, w.user_name, w.person_guid, w.person_name,
                b.name as \"bundle_name?\", w.state, w.running_mode, w.auto_stop_minutes, w.computer_name, w.seen_at,
                i.id as \"invitation_id?\", i.state as \"invitation_state?\"
         from workspace w join directory d using (directory_id) left join bundle b using (bundle_id)
         left join lateral (select id, state from invitation i where i.workspace_id = w.workspace_id order by created_at desc limit 1) i on true
         where w.gone_at is null and (w.person_guid = $1 or (coalesce(d.ad_domain, d.name) = $2 and lower(w.user_name) = lower($3)))
         order by w.workspace_id",
        person.0,
        domain,
        account,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter().map(read).collect()
}

struct BundleRow {
    bundle_id: String,
    name: String,
    owner: String,
    description: Option<String>,
    compute: String,
    root_gib: Option<i32>,
    user_gib: Option<i32>,
}

fn read_bundle(row: BundleRow) -> Result<Bundle, Fault> {
    Ok(Bundle {
        id: row.bundle_id.parse().map_err(|error| Fault::Bug(format!("bundle row: {error}")))?,
        system: System::from_bundle_name(&row.name),
        protocol: Protocol::from_bundle_name(&row.name),
        name: row.name,
        owner: row.owner,
        description: row.description,
        compute: row.compute,
        root_gib: row.root_gib,
        user_gib: row.user_gib,
    })
}

/// Bundles that can be launched: the account's own first. Families that AWS has ended are left out.
pub(crate) async fn bundles(services: &Services) -> Result<Vec<Bundle>, Fault> {
    let rows = sqlx::query_as!(
        BundleRow,
        "select bundle_id, name, owner, description, compute, root_gib, user_gib from bundle
         where gone_at is null and coalesce(state, 'AVAILABLE') = 'AVAILABLE' and compute not in ('GRAPHICS', 'GRAPHICSPRO')
         order by owner = 'AMAZON', name, bundle_id",
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter().map(read_bundle).collect()
}

/// The bundle that a WorkSpace was made from, if the mirror knows it.
pub(crate) async fn bundle_of(services: &Services, id: &WorkspaceId) -> Result<Option<Bundle>, Fault> {
    let row = sqlx::query_as!(
        BundleRow,
        "select b.bundle_id, b.name, b.owner, b.description, b.compute, b.root_gib, b.user_gib
         from bundle b join workspace w using (bundle_id) where w.workspace_id = $1",
        id.as_str(),
    )
    .fetch_optional(&services.db)
    .await?;
    row.map(read_bundle).transpose()
}

/// Keeps what AWS says of one WorkSpace now. One that went after a long reading began stays gone.
pub(crate) async fn keep(tx: &mut PgConnection, now: DateTime<Utc>, found: &aws::Workspace) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into workspace (workspace_id, directory_id, user_name, bundle_id, state, error_code, error_message, computer_name,
                                running_mode, auto_stop_minutes, seen_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (workspace_id) do update set
           user_name = excluded.user_name, bundle_id = excluded.bundle_id, state = excluded.state, error_code = excluded.error_code,
           error_message = excluded.error_message, computer_name = excluded.computer_name, running_mode = excluded.running_mode,
           auto_stop_minutes = excluded.auto_stop_minutes, seen_at = excluded.seen_at,
           gone_at = case when workspace.gone_at > excluded.seen_at then workspace.gone_at end",
        found.id,
        found.directory,
        found.user_name,
        found.bundle,
        found.state,
        found.error_code,
        found.error_message,
        found.computer_name,
        found.running_mode,
        found.auto_stop_minutes,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Ties a WorkSpace to the person it was made for.
pub(crate) async fn tie(tx: &mut PgConnection, id: &str, person: PersonGuid, name: &str) -> sqlx::Result<()> {
    sqlx::query!("update workspace set person_guid = $2, person_name = $3 where workspace_id = $1", id, person.0, name)
        .execute(tx)
        .await?;
    Ok(())
}

/// A WorkSpace is gone for good.
pub(super) async fn gone(tx: &mut PgConnection, now: DateTime<Utc>, id: &str) -> sqlx::Result<()> {
    sqlx::query!("update workspace set gone_at = coalesce(gone_at, $2) where workspace_id = $1", id, now).execute(tx).await?;
    Ok(())
}

/// What AWS did not show when asked at `asked_at` is gone: one WorkSpace, or all that were not seen since. Unless it was created so
/// lately that AWS may not show it yet.
pub(super) async fn not_shown(
    tx: &mut PgConnection,
    services: &Services,
    asked_at: DateTime<Utc>,
    one: Option<&WorkspaceId>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update workspace w set gone_at = $1 where gone_at is null and seen_at < $1 and ($3::text is null or workspace_id = $3)
         and not exists (select from launch_item i where i.workspace_id = w.workspace_id and i.accepted_at > $2)",
        asked_at,
        asked_at - services.settings.launch.visibility_lag,
        one.map(WorkspaceId::as_str),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Keeps a whole reading of the fleet, started at `started`.
pub(super) async fn keep_all(services: &Services, started: DateTime<Utc>, found: &[aws::Workspace]) -> sqlx::Result<()> {
    let mut tx = services.db.begin().await?;
    for workspace in found {
        keep(&mut tx, started, workspace).await?;
    }
    not_shown(&mut tx, services, started, None).await?;
    read_now(&mut tx, services.clock.now(), Part::Workspaces).await?;
    tx.commit().await
}

/// Keeps a whole reading of the bundles.
pub(super) async fn keep_bundles(services: &Services, found: &[aws::Bundle]) -> sqlx::Result<()> {
    let now = services.clock.now();
    let mut tx = services.db.begin().await?;
    for bundle in found {
        sqlx::query!(
            "insert into bundle (bundle_id, name, owner, description, compute, root_gib, user_gib, state, seen_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (bundle_id) do update set
               name = excluded.name, owner = excluded.owner, description = excluded.description, compute = excluded.compute,
               root_gib = excluded.root_gib, user_gib = excluded.user_gib, state = excluded.state, seen_at = excluded.seen_at, gone_at = null",
            bundle.id,
            bundle.name,
            bundle.owner,
            bundle.description,
            bundle.compute,
            bundle.root_gib,
            bundle.user_gib,
            bundle.state,
            now,
        )
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query!("update bundle set gone_at = $1 where gone_at is null and seen_at < $1", now).execute(&mut *tx).await?;
    read_now(&mut tx, now, Part::Bundles).await?;
    tx.commit().await
}

/// WorkSpaces of requests that nobody has used yet, at most so many: those ready since `new`, of which AWS was last asked before the
/// first of the times, and older ones of which it was before the second. They are not asked about again before.
pub(super) async fn take_unused(
    services: &Services,
    new: DateTime<Utc>,
    (soon, later): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "update workspace set connection_read_at = $1 where workspace_id in
           (select w.workspace_id from request_item i join launch_item l on l.id = i.launch_item join workspace w on w.workspace_id = l.workspace_id
            where l.state = 'available' and w.gone_at is null and w.signed_in_at is null
              and coalesce(w.connection_read_at, 'epoch') <= case when l.state_since >= $2 then $3::timestamptz else $4::timestamptz end
            order by w.connection_read_at nulls first, w.workspace_id limit $5)
         returning workspace_id",
        services.clock.now(),
        new,
        soon,
        later,
        limit,
    )
    .fetch_all(&services.db)
    .await
}

/// Whether AWS is asked often about one of them.
pub(super) async fn any_unused(services: &Services, new: DateTime<Utc>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "select exists (select from request_item i join launch_item l on l.id = i.launch_item join workspace w on w.workspace_id = l.workspace_id
                        where l.state = 'available' and l.state_since >= $1 and w.gone_at is null and w.signed_in_at is null) as \"found!\"",
        new,
    )
    .fetch_one(&services.db)
    .await
}

/// Keeps when WorkSpaces were used for the first time that AWS knows of.
pub(super) async fn keep_sign_ins(services: &Services, used: &[(String, DateTime<Utc>)]) -> sqlx::Result<()> {
    let (ids, times): (Vec<String>, Vec<DateTime<Utc>>) = used.iter().cloned().unzip();
    sqlx::query!(
        "update workspace w set signed_in_at = used.at from unnest($1::text[], $2::timestamptz[]) as used (id, at)
         where w.workspace_id = used.id and w.signed_in_at is null",
        &ids,
        &times,
    )
    .execute(&services.db)
    .await?;
    Ok(())
}
