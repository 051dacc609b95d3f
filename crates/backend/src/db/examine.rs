//! What `doctor` asks of PostgreSQL: the server, its clock, and what the role of `serve` may do.

use std::{io, time::Duration};

use chrono::{DateTime, Utc};
use sqlx::{ConnectOptions, PgPool};

/// The server, and the role that we are there.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Server {
    pub version: String,
    pub version_number: i32,
    /// Whether this connection is under TLS.
    pub encrypted: bool,
    pub now: DateTime<Utc>,
    /// How many connections the server takes at most.
    pub max_connections: i32,
    pub role: String,
    /// Superuser, or may make roles or databases.
    pub powerful: bool,
    /// Tables, views, sequences and schemas of the database, or itself, that belong to the role.
    pub owned: i64,
    /// Whether the role is in `frontdesk_serve`.
    pub member: bool,
    /// `None` while there is no record yet.
    pub reads_record: Option<bool>,
    pub adds_to_record: Option<bool>,
    /// Whether the role may change or remove what stands in the record.
    pub changes_record: Option<bool>,
    pub uses_queue: Option<bool>,
}

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks for all of it, on a connection of its own: the pool says of a server that refuses connections only that it waited.
///
/// # Errors
/// The database does not answer, or refuses.
pub async fn examine(db: &PgPool) -> sqlx::Result<Server> {
    let late = |_| sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "no answer"));
    let mut connection = tokio::time::timeout(PATIENCE, db.connect_options().connect()).await.map_err(late)??;
    sqlx::query_as(
        "select current_setting('server_version') as version,
                current_setting('server_version_num')::int as version_number,
                coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as encrypted,
                clock_timestamp() as now,
                current_setting('max_connections')::int as max_connections,
                r.rolname::text as role,
                r.rolsuper or r.rolcreaterole or r.rolcreatedb as powerful,
                (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
                  where c.relowner = r.oid and n.nspname in ('public', 'graphile_worker'))
                  + (select count(*) from pg_namespace where nspowner = r.oid and nspname in ('public', 'graphile_worker'))
                  + (select count(*) from pg_database where datname = current_database() and datdba = r.oid) as owned,
                exists (select from pg_roles g where g.rolname = 'frontdesk_serve' and pg_has_role(r.oid, g.oid, 'usage')) as member,
                has_table_privilege(to_regclass('public.audit'), 'select') as reads_record,
                has_table_privilege(to_regclass('public.audit'), 'insert') as adds_to_record,
                has_table_privilege(to_regclass('public.audit'), 'update')
                  or has_table_privilege(to_regclass('public.audit'), 'delete')
                  or has_table_privilege(to_regclass('public.audit'), 'truncate') as changes_record,
                has_schema_privilege(to_regnamespace('graphile_worker'), 'usage') as uses_queue
         from pg_roles r where r.rolname = current_user",
    )
    .fetch_one(&mut connection)
    .await
}
