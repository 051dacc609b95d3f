//! SQL of the WorkSpaces that have to know the new server.

use chrono::{DateTime, Utc};
use model::{
    DnsChangeId, Page, PageRequest,
    directories::{DnsCounts, DnsFilter, DnsWorkspace, Told},
};
use sqlx::PgConnection;

use crate::{Fault, Services, db::contains};

/// Takes up all WorkSpaces of the directory that are not in the list yet: those of the beginning, and those launched since.
pub(in crate::directories::dns_change) async fn add_new(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    id: DnsChangeId,
) -> sqlx::Result<u64> {
    let added = sqlx::query!(
        "insert into dns_change_workspace (change_id, workspace_id, added_at)
         select c.id, w.workspace_id, $2 from dns_change c join workspace w using (directory_id)
         where c.id = $1 and w.gone_at is null and w.state not in ('TERMINATING', 'TERMINATED')
         on conflict do nothing",
        id.0,
        now,
    );
    Ok(added.execute(tx).await?.rows_affected())
}

/// How many stand where.
pub(in crate::directories::dns_change) async fn counts(tx: &mut PgConnection, id: DnsChangeId) -> sqlx::Result<DnsCounts> {
    let row = sqlx::query!(
        "select count(*) filter (where there and told = 'open') as \"open!\", count(*) filter (where there and told = 'restart') as \"restart!\",
                count(*) filter (where there and told = 'done') as \"done!\", count(*) filter (where there and told = 'skipped') as \"skipped!\",
                count(*) filter (where not there) as \"gone!\"
         from (select c.told, w.gone_at is null and w.state not in ('TERMINATING', 'TERMINATED') as there
               from dns_change_workspace c join workspace w using (workspace_id) where c.change_id = $1) rows",
        id.0,
    )
    .fetch_one(tx)
    .await?;
    Ok(DnsCounts { open: row.open, restart: row.restart, done: row.done, skipped: row.skipped, gone: row.gone })
}

/// What is said of a WorkSpace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::directories::dns_change) struct Said {
    pub workspace: String,
    pub told: Told,
    pub note: Option<String>,
}

/// Says of these what became of them; those that the list does not have are left out. Tells how many were written.
pub(in crate::directories::dns_change) async fn settle(
    tx: &mut PgConnection,
    (now, by): (DateTime<Utc>, &str),
    id: DnsChangeId,
    rows: &[Said],
) -> sqlx::Result<u64> {
    let ids: Vec<_> = rows.iter().map(|said| said.workspace.as_str()).collect();
    let told: Vec<_> = rows.iter().map(|said| said.told.as_str()).collect();
    let notes: Vec<_> = rows.iter().map(|said| said.note.as_deref()).collect();
    let written = sqlx::query!(
        "update dns_change_workspace c set told = row.told, note = row.note, settled_at = $2, settled_by_name = $3
         from unnest($4::text[], $5::text[], $6::text[]) as row (workspace_id, told, note)
         where c.change_id = $1 and c.workspace_id = row.workspace_id",
        id.0,
        now,
        by,
        &ids as &[&str],
        &told as &[&str],
        &notes as &[Option<&str>],
    );
    Ok(written.execute(tx).await?.rows_affected())
}

/// The list's WorkSpaces as a file may name them: id and computer name, both in small letters.
pub(in crate::directories::dns_change) async fn by_name(
    services: &Services,
    id: DnsChangeId,
) -> sqlx::Result<Vec<(String, Option<String>)>> {
    let rows = sqlx::query!(
        "select workspace_id, lower(w.computer_name) as computer from dns_change_workspace c join workspace w using (workspace_id)
         where c.change_id = $1",
        id.0,
    )
    .fetch_all(&services.db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.workspace_id, row.computer)).collect())
}

struct Row {
    workspace_id: String,
    user_name: String,
    computer_name: Option<String>,
    state: Option<String>,
    told: String,
    note: Option<String>,
    settled_by_name: Option<String>,
    settled_at: Option<DateTime<Utc>>,
    late: bool,
    total: i64,
}

/// What is to do first, then by user.
async fn rows(
    services: &Services,
    id: DnsChangeId,
    filter: &DnsFilter,
    limit: Option<i64>,
    offset: i64,
) -> sqlx::Result<Vec<Row>> {
    let q = filter.q.trim();
    sqlx::query_as!(
        Row,
        "select c.workspace_id, w.user_name, w.computer_name,
                case when w.gone_at is null and w.state not in ('TERMINATING', 'TERMINATED') then w.state end as state,
                c.told, c.note, c.settled_by_name, c.settled_at, c.added_at > d.begun_at as \"late!\", count(*) over () as \"total!\"
         from dns_change_workspace c join workspace w using (workspace_id) join dns_change d on d.id = c.change_id
         where c.change_id = $1
           and ($2::text is null or w.user_name ilike $2 or w.computer_name ilike $2 or c.workspace_id ilike $2)
           and ($3::text is null or (c.told = $3 and w.gone_at is null and w.state not in ('TERMINATING', 'TERMINATED')))
         order by array_position(array['open', 'restart', 'skipped', 'done'], c.told), lower(w.user_name), c.workspace_id
         limit $4 offset $5",
        id.0,
        (!q.is_empty()).then(|| contains(q)),
        filter.told.map(Told::as_str),
        limit,
        offset,
    )
    .fetch_all(&services.db)
    .await
}

fn read(services: &Services, row: Row) -> Result<DnsWorkspace, Fault> {
    Ok(DnsWorkspace {
        id: row.workspace_id.parse().map_err(|error| Fault::Bug(format!("row of a DNS change: {error}")))?,
        user_name: row.user_name,
        computer_name: row.computer_name,
        state: row.state,
        told: Told::from_db(&row.told).ok_or_else(|| Fault::Bug(format!("a WorkSpace told {}", row.told)))?,
        note: row.note,
        by: row.settled_by_name,
        at: row.settled_at.map(|at| services.stamp(at)),
        late: row.late,
    })
}

pub(in crate::directories::dns_change) async fn page(
    services: &Services,
    id: DnsChangeId,
    filter: &DnsFilter,
    request: PageRequest,
) -> Result<Page<DnsWorkspace>, Fault> {
    let found = rows(services, id, filter, Some(request.limit()), request.offset()).await?;
    if found.is_empty() && request.number > 1 {
        // Past the end nothing says how many there are.
        return Box::pin(page(services, id, filter, PageRequest { number: 1, ..request })).await;
    }
    let total = found.first().map_or(0, |row| row.total);
    let rows = found.into_iter().map(|row| read(services, row)).collect::<Result<_, _>>()?;
    Ok(Page { rows, total, request })
}

/// All of them, for the record.
pub(in crate::directories::dns_change) async fn all(services: &Services, id: DnsChangeId) -> Result<Vec<DnsWorkspace>, Fault> {
    let found = rows(services, id, &DnsFilter::default(), None, 0).await?;
    found.into_iter().map(|row| read(services, row)).collect()
}
