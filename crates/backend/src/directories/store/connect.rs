//! SQL of connectors being set up.

use chrono::{DateTime, Utc};
use model::{
    ConnectId, DirectoryId, FieldError,
    access::Actor,
    directories::{Connect, ConnectDraft, ConnectForm, ConnectState, Finding, Preflight},
};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::{Fault, Services, audit::Operation};

pub(in crate::directories) async fn insert(
    services: &Services,
    actor: &Actor,
    id: ConnectId,
    form: &ConnectForm,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into directory_connect (id, owner, owner_name, form, created_at, changed_at) values ($1, $2, $3, $4, $5, $5)",
        id.0,
        actor.key(),
        actor.name(),
        json(form)?,
        services.clock.now(),
    )
    .execute(&services.db)
    .await?;
    Ok(())
}

struct Row {
    id: Uuid,
    form: serde_json::Value,
    errors: serde_json::Value,
    preflight: Option<serde_json::Value>,
    preflight_at: Option<DateTime<Utc>>,
    state: String,
    account: Option<String>,
    refusal: Option<String>,
    directory_id: Option<String>,
    changed_at: DateTime<Utc>,
    twin: Option<String>,
}

fn read(services: &Services, row: Row) -> Result<ConnectDraft, Fault> {
    let bug = |error: &dyn std::fmt::Display| Fault::Bug(format!("connector's draft: {error}"));
    let findings = row.preflight.map(serde_json::from_value::<Vec<Finding>>).transpose().map_err(|error| bug(&error))?;
    Ok(ConnectDraft {
        id: ConnectId(row.id),
        form: serde_json::from_value(row.form).map_err(|error| bug(&error))?,
        errors: serde_json::from_value(row.errors).map_err(|error| bug(&error))?,
        state: ConnectState::from_db(&row.state).ok_or_else(|| bug(&row.state))?,
        directory: row.directory_id.map(|id| id.parse()).transpose().map_err(|error: model::ParseIdError| bug(&error))?,
        refusal: row.refusal,
        account: row.account,
        preflight: findings.zip(row.preflight_at).map(|(findings, at)| Preflight { at: services.stamp(at), findings }),
        twin: row.twin,
        version: row.changed_at.timestamp_micros(),
    })
}

pub(in crate::directories) async fn draft(
    services: &Services,
    actor: &Actor,
    id: ConnectId,
) -> Result<Option<ConnectDraft>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, form, errors, preflight, preflight_at, state, account, refusal, directory_id, changed_at,
                (select d.directory_id from directory d where d.gone_at is null and d.vpc_id = form ->> 'vpc'
                   and d.name = lower(rtrim(btrim(form ->> 'dns_name', E' \\t\\r\\n'), '.')) and d.stage not in ('Failed', 'Deleting') limit 1) as twin
         from directory_connect where id = $1 and owner = $2",
        id.0,
        actor.key(),
    )
    .fetch_optional(&services.db)
    .await?;
    row.map(|row| read(services, row)).transpose()
}

/// The actor's own that AWS has no connector of yet, the newest first.
pub(in crate::directories) async fn drafts(services: &Services, actor: &Actor) -> Result<Vec<ConnectDraft>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select id, form, errors, preflight, preflight_at, state, account, refusal, directory_id, changed_at,
                (select d.directory_id from directory d where d.gone_at is null and d.vpc_id = form ->> 'vpc'
                   and d.name = lower(rtrim(btrim(form ->> 'dns_name', E' \\t\\r\\n'), '.')) and d.stage not in ('Failed', 'Deleting') limit 1) as twin
         from directory_connect where owner = $1 and state <> 'created' order by changed_at desc limit 20",
        actor.key(),
    )
    .fetch_all(&services.db)
    .await?;
    rows.into_iter().map(|row| read(services, row)).collect()
}

/// The form of which a connector was made, for those who begin again with it.
pub(in crate::directories) async fn form_of(services: &Services, directory: &DirectoryId) -> Result<Option<ConnectForm>, Fault> {
    let form = sqlx::query_scalar!("select form from directory_connect where directory_id = $1", directory.as_str())
        .fetch_optional(&services.db)
        .await?;
    form.map(serde_json::from_value).transpose().map_err(|error| Fault::Bug(format!("connector's form: {error}")))
}

/// Keeps what was typed, with what is wrong with it; false if it is no draft any more. What was looked at before is of another form.
pub(in crate::directories) async fn save(
    services: &Services,
    id: ConnectId,
    form: &ConnectForm,
    errors: &[FieldError],
) -> Result<bool, Fault> {
    let changed = sqlx::query!(
        "update directory_connect set form = $2, errors = $3, preflight = null, preflight_at = null, refusal = null, changed_at = $4
         where id = $1 and state = 'draft'",
        id.0,
        json(form)?,
        json(&errors)?,
        services.clock.now(),
    )
    .execute(&services.db)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Keeps what was found for the draft as it was read; false if it was changed since, or is none any more.
pub(in crate::directories) async fn keep_preflight(
    services: &Services,
    draft: &ConnectDraft,
    findings: &[Finding],
) -> Result<bool, Fault> {
    let changed = sqlx::query!(
        "update directory_connect set preflight = $2, preflight_at = $3 where id = $1 and state = 'draft' and changed_at = $4",
        draft.id.0,
        json(&findings)?,
        services.clock.now(),
        DateTime::from_timestamp_micros(draft.version),
    )
    .execute(&services.db)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Keeps the account that was named, for the form; its password is never kept.
pub(in crate::directories) async fn name_account(services: &Services, id: ConnectId, account: &str) -> sqlx::Result<()> {
    sqlx::query!("update directory_connect set account = $2 where id = $1 and state = 'draft'", id.0, account)
        .execute(&services.db)
        .await?;
    Ok(())
}

/// A row about which AWS is being asked, or was.
#[derive(Debug, Clone)]
pub(in crate::directories) struct Asked {
    pub id: ConnectId,
    pub owner: String,
    pub dns_name: String,
    pub vpc: String,
    pub asked_at: DateTime<Utc>,
    pub operation: Operation,
}

/// Writes the intent; false if it is no draft any more, or was changed since it was seen.
pub(in crate::directories) async fn ask(
    tx: &mut PgConnection,
    services: &Services,
    draft: &ConnectDraft,
    connect: &Connect,
    (account, claim, operation): (&str, Uuid, Operation),
) -> sqlx::Result<bool> {
    let now = services.clock.now();
    let changed = sqlx::query!(
        "update directory_connect set state = 'asking', claim = $2, lease_until = $3, asked_at = $4, operation = $5, account = $6,
                refusal = null, dns_name = $7, vpc = $8
         where id = $1 and state = 'draft' and changed_at = $9",
        draft.id.0,
        claim,
        now + services.settings.claim_lease(),
        now,
        operation.0,
        account,
        connect.domain.dns_name,
        connect.place.vpc.as_str(),
        DateTime::from_timestamp_micros(draft.version),
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Whether a connector to this domain is being made in this VPC.
pub(in crate::directories) async fn being_made(db: impl PgExecutor<'_>, connect: &Connect) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "select exists (select from directory where gone_at is null and name = $1 and vpc_id = $2
                          and stage in ('Requested', 'Creating', 'Created')) as \"made!\"",
        connect.domain.dns_name,
        connect.place.vpc.as_str(),
    )
    .fetch_one(db)
    .await
}

/// The new connector, as the mirror will show it until the next sweep. Whoever holds the claim writes it, or who settles a
/// lost answer; false if neither is the caller any more.
pub(in crate::directories) async fn created(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    (id, claim): (ConnectId, Option<Uuid>),
    directory: &str,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "insert into directory (directory_id, name, short_name, description, stage, device_windows, device_macos, device_linux,
                                device_ios, device_android, device_web, seen_at, organization, size, vpc_id, subnet_ids,
                                dns_addresses, service_account, launched_at, stage_since)
         select $2, dns_name, nullif(form ->> 'short_name', ''), nullif(form ->> 'description', ''), 'Requested', true, true, false,
                true, true, false, $3, nullif(form ->> 'organization', ''), form ->> 'size', vpc,
                array(select jsonb_array_elements_text(form -> 'subnets')), array_remove(array[form ->> 'dns_1', form ->> 'dns_2'], ''),
                account, $3, $3
         from directory_connect where id = $1
         on conflict (directory_id) do update set organization = excluded.organization",
        id.0,
        directory,
        now,
    )
    .execute(&mut *tx)
    .await?;
    let changed = sqlx::query!(
        "update directory_connect set state = 'created', directory_id = $3, claim = null, lease_until = null, changed_at = $4
         where id = $1 and (claim = $2 or ($2 is null and state = 'unconfirmed'))",
        id.0,
        claim,
        directory,
        now,
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// AWS did not do it, and said why; the draft can be gone on with.
pub(in crate::directories) async fn not_created(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    (id, claim): (ConnectId, Option<Uuid>),
    why: &str,
) -> sqlx::Result<bool> {
    let changed = sqlx::query!(
        "update directory_connect set state = 'draft', refusal = $3, claim = null, lease_until = null, changed_at = $4
         where id = $1 and (claim = $2 or ($2 is null and state = 'unconfirmed'))",
        id.0,
        claim,
        why,
        now,
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Whether AWS did it is not known: it is looked for.
pub(in crate::directories) async fn lost(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    id: ConnectId,
    claim: Uuid,
) -> sqlx::Result<bool> {
    let changed = sqlx::query!(
        "update directory_connect set state = 'unconfirmed', claim = null, lease_until = null, changed_at = $3 where id = $1 and claim = $2",
        id.0,
        claim,
        now,
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Rows of processes that died while they asked become unconfirmed; all that are so.
pub(in crate::directories) async fn unconfirmed(services: &Services) -> Result<Vec<Asked>, Fault> {
    let now = services.clock.now();
    sqlx::query!(
        "update directory_connect set state = 'unconfirmed', claim = null, lease_until = null, changed_at = $1
         where state = 'asking' and lease_until <= $1",
        now,
    )
    .execute(&services.db)
    .await?;
    let rows = sqlx::query!(
        "select id, owner, dns_name as \"dns_name!\", vpc as \"vpc!\", asked_at as \"asked_at!\", operation as \"operation!\"
         from directory_connect where state = 'unconfirmed' order by asked_at",
    )
    .fetch_all(&services.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Asked {
            id: ConnectId(row.id),
            owner: row.owner,
            dns_name: row.dns_name,
            vpc: row.vpc,
            asked_at: row.asked_at,
            operation: Operation(row.operation),
        })
        .collect())
}

/// Connectors that are a draft's already.
pub(in crate::directories) async fn known(services: &Services) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("select directory_id as \"id!\" from directory_connect where directory_id is not null")
        .fetch_all(&services.db)
        .await
}

/// Whether something changes by itself, so that AWS is worth asking soon.
pub(in crate::directories) async fn anything_changes(services: &Services) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "select exists (select from directory_connect where state in ('asking', 'unconfirmed'))
             or exists (select from directory where gone_at is null
                        and (stage in ('Requested', 'Creating', 'Created', 'Updating', 'Deleting')
                             or registration_state in ('REGISTERING', 'DEREGISTERING'))) as \"changes!\"",
    )
    .fetch_one(&services.db)
    .await
}

pub(in crate::directories) async fn discard(services: &Services, id: ConnectId) -> sqlx::Result<()> {
    sqlx::query!("delete from directory_connect where id = $1 and state = 'draft'", id.0).execute(&services.db).await?;
    Ok(())
}

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, Fault> {
    serde_json::to_value(value).map_err(|error| Fault::Bug(error.to_string()))
}
