//! SQL of offerings and their versions. A file for drafts and one for prices stand beside it.

pub(super) mod drafts;
pub(super) mod prices;

use chrono::{DateTime, Utc};
use model::{
    OfferingId,
    access::{Actor, Role},
    launches::Desktop,
    offerings::{OfferingVersion, Picture, Seen, State, Who},
    workspaces::{Encryption, RunningMode, Tag, Volumes},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Fault, Services};

/// A version of an offering, with how the offering stands.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub version: OfferingVersion,
    pub state: State,
    pub directory_name: String,
    pub made_at: DateTime<Utc>,
    pub made_by: String,
    /// The offering's last change, its closing included.
    pub changed_at: DateTime<Utc>,
    pub changed_by: String,
}

struct Row {
    offering_id: Uuid,
    version: i32,
    name: String,
    description: String,
    picture: String,
    directory_id: String,
    bundle_id: String,
    bundle_name: String,
    compute: String,
    bundle_root_gib: Option<i32>,
    bundle_user_gib: Option<i32>,
    running_mode: String,
    auto_stop_minutes: Option<i32>,
    root_gib: Option<i32>,
    user_gib: Option<i32>,
    encrypt_root: bool,
    encrypt_user: bool,
    encryption_key: Option<String>,
    tags: serde_json::Value,
    hours: i32,
    roles: Vec<String>,
    groups: Vec<String>,
    departments: Vec<String>,
    needs_approval: bool,
    most_per_manager: Option<i32>,
    made_at: DateTime<Utc>,
    made_by_name: String,
    state: String,
    directory_name: String,
    changed_at: DateTime<Utc>,
    changed_by_name: String,
}

fn bug(error: impl std::fmt::Display) -> Fault {
    Fault::Bug(format!("offering row: {error}"))
}

fn read(row: Row) -> Result<Known, Fault> {
    let size = |gib: Option<i32>| gib.and_then(|gib| u32::try_from(gib).ok());
    let role = |text: &String| Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| bug(text));
    let tags: Vec<Tag> = serde_json::from_value(row.tags).map_err(bug)?;
    let version = OfferingVersion {
        offering: OfferingId(row.offering_id),
        version: u32::try_from(row.version).map_err(bug)?,
        name: row.name,
        description: row.description,
        picture: Picture::parse(&row.picture).unwrap_or_default(),
        directory: row.directory_id.parse().map_err(bug)?,
        desktop: Desktop {
            bundle: row.bundle_id.parse().map_err(bug)?,
            running_mode: RunningMode::from_aws(&row.running_mode, row.auto_stop_minutes),
            volumes: Volumes { root_gib: size(row.root_gib), user_gib: size(row.user_gib) },
            encryption: Encryption { root: row.encrypt_root, user: row.encrypt_user, key: row.encryption_key },
            tags,
        },
        bundle: Seen {
            name: row.bundle_name,
            compute: row.compute,
            root_gib: row.bundle_root_gib,
            user_gib: row.bundle_user_gib,
        },
        hours: u32::try_from(row.hours).map_err(bug)?,
        who: Who {
            roles: row.roles.iter().map(role).collect::<Result<_, _>>()?,
            groups: row.groups,
            departments: row.departments,
        },
        needs_approval: row.needs_approval,
        most_per_manager: size(row.most_per_manager),
    };
    Ok(Known {
        version,
        state: State::from_db(&row.state).ok_or_else(|| bug(&row.state))?,
        directory_name: row.directory_name,
        made_at: row.made_at,
        made_by: row.made_by_name,
        changed_at: row.changed_at,
        changed_by: row.changed_by_name,
    })
}

/// Which versions are read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    /// The newest of each offering, open ones first, by name.
    Newest,
    NewestOf(OfferingId),
    One(OfferingId, u32),
    /// The newest first.
    AllOf(OfferingId),
}

pub(super) async fn versions(services: &Services, which: Which) -> Result<Vec<Known>, Fault> {
    let (offering, version, all) = match which {
        Which::Newest => (None, None, false),
        Which::NewestOf(id) => (Some(id.0), None, false),
        // A number that the column can't hold is no version's.
        Which::One(id, version) => (Some(id.0), Some(i32::try_from(version).unwrap_or(0)), false),
        Which::AllOf(id) => (Some(id.0), None, true),
    };
    let rows = sqlx::query_as!(
        Row,
        "select v.offering_id, v.version, v.name, v.description, v.picture, v.directory_id, v.bundle_id, v.bundle_name, v.compute,
                v.bundle_root_gib, v.bundle_user_gib, v.running_mode, v.auto_stop_minutes, v.root_gib, v.user_gib, v.encrypt_root,
                v.encrypt_user, v.encryption_key, v.tags, v.hours, v.roles, v.groups, v.departments, v.needs_approval,
                v.most_per_manager, v.made_at, v.made_by_name, o.state, d.name as directory_name, o.changed_at, o.changed_by_name
         from offering_version v join offering o on o.id = v.offering_id join directory d using (directory_id)
         where ($1::uuid is null or v.offering_id = $1) and ($3 or v.version = coalesce($2, o.version))
         order by o.state desc, lower(o.name), o.id, v.version desc",
        offering,
        version,
        all,
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter().map(read).collect()
}

/// The newest version's number, while nobody else changes the offering; `None` if there is none.
pub(super) async fn lock(tx: &mut PgConnection, id: OfferingId) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("select version from offering where id = $1 for update", id.0).fetch_optional(tx).await
}

/// Writes a version, and makes it the newest. The first one makes the offering, which can be asked for at once.
pub(super) async fn insert(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    version: &OfferingVersion,
) -> Result<(), Fault> {
    let (now, number) = (services.clock.now(), i32::try_from(version.version).map_err(bug)?);
    sqlx::query!(
        "insert into offering (id, name, state, version, changed_at, changed_by_name) values ($1, $2, 'open', $3, $4, $5)
         on conflict (id) do update set name = excluded.name, version = excluded.version, changed_at = excluded.changed_at,
                                        changed_by_name = excluded.changed_by_name",
        version.offering.0,
        version.name,
        number,
        now,
        actor.name(),
    )
    .execute(&mut *tx)
    .await?;
    let size = |gib: Option<u32>| gib.and_then(|gib| i32::try_from(gib).ok());
    let (desktop, bundle, who) = (&version.desktop, &version.bundle, &version.who);
    let roles: Vec<_> = who.roles.iter().map(|role| role.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into offering_version
           (offering_id, version, name, description, picture, directory_id, bundle_id, bundle_name, compute, bundle_root_gib,
            bundle_user_gib, running_mode, auto_stop_minutes, root_gib, user_gib, encrypt_root, encrypt_user, encryption_key, tags, hours,
            roles, groups, departments, needs_approval, most_per_manager, made_at, made_by, made_by_name)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
                 $27, $28)",
        version.offering.0,
        number,
        version.name,
        version.description,
        version.picture.as_str(),
        version.directory.as_str(),
        desktop.bundle.as_str(),
        bundle.name,
        bundle.compute,
        bundle.root_gib,
        bundle.user_gib,
        desktop.running_mode.as_aws(),
        desktop.running_mode.auto_stop_minutes(),
        size(desktop.volumes.root_gib),
        size(desktop.volumes.user_gib),
        desktop.encryption.root,
        desktop.encryption.user,
        desktop.encryption.key,
        serde_json::to_value(&desktop.tags).map_err(bug)?,
        i32::try_from(version.hours).map_err(bug)?,
        &roles,
        &who.groups,
        &who.departments,
        version.needs_approval,
        size(version.most_per_manager),
        now,
        actor.key(),
        actor.name(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Closes the offering or opens it again.
pub(super) async fn set_state(
    tx: &mut PgConnection,
    services: &Services,
    actor: &Actor,
    id: OfferingId,
    state: State,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update offering set state = $2, changed_at = $3, changed_by_name = $4 where id = $1",
        id.0,
        state.as_str(),
        services.clock.now(),
        actor.name(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether another offering than this one can be asked for under the name.
pub(super) async fn name_is_taken(services: &Services, name: &str, but: OfferingId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "select exists (select from offering where state = 'open' and lower(name) = lower($1) and id <> $2) as \"taken!\"",
        name,
        but.0,
    )
    .fetch_one(&services.db)
    .await
}

/// As a form's column holds it. PostgreSQL's JSON can't hold NUL, which a hand-made form may carry.
fn json(form: &impl serde::Serialize) -> Result<serde_json::Value, Fault> {
    let mut value = serde_json::to_value(form).map_err(bug)?;
    without_nul(&mut value);
    Ok(value)
}

fn without_nul(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => text.retain(|character| character != '\0'),
        serde_json::Value::Array(values) => values.iter_mut().for_each(without_nul),
        serde_json::Value::Object(values) => values.values_mut().for_each(without_nul),
        _ => {}
    }
}
