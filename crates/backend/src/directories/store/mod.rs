//! SQL of directories and of the mirror's age. `connect`: connectors being set up; `network`: where they can stand;
//! `settings` and `ip_groups`: how WorkSpaces is set for them; `desk`: how Frontdesk is; `addresses` and `alerts`: looking after them;
//! `take_down`: how they end; `readiness`: the report on everything outside.

pub(super) mod addresses;
pub(super) mod alerts;
pub(super) mod connect;
pub(super) mod desk;
pub(super) mod ip_groups;
pub(super) mod network;
pub(super) mod readiness;
pub(super) mod settings;
pub(super) mod take_down;

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    DirectoryId, DnsChangeId,
    directories::{Deregistration, Devices, Directory, Freeze, Freshness, Settings},
};

use uuid::Uuid;

use super::{Part, dns_change};
use crate::{
    Fault, Services,
    aws::{directory_service::Connector, workspaces::Registration},
    stamp::Stamps,
};

struct Row {
    directory_id: String,
    name: String,
    short_name: Option<String>,
    description: Option<String>,
    stage: String,
    stage_reason: Option<String>,
    registration_state: Option<String>,
    registration_error: Option<String>,
    registration_code: Option<String>,
    device_windows: bool,
    device_macos: bool,
    device_linux: bool,
    device_ios: bool,
    device_android: bool,
    device_chrome_os: bool,
    device_zero_client: bool,
    device_thin_client: bool,
    device_web: bool,
    organization: Option<String>,
    size: Option<String>,
    vpc_id: Option<String>,
    subnet_ids: Vec<String>,
    dns_addresses: Vec<String>,
    service_account: Option<String>,
    launched_at: Option<DateTime<Utc>>,
    stage_since: Option<DateTime<Utc>>,
    empty_since: Option<DateTime<Utc>>,
    taken_down: bool,
    ad_domain: Option<String>,
    freeze_id: Option<Uuid>,
    frozen_at: Option<DateTime<Utc>>,
    thaws_at: Option<DateTime<Utc>>,
}

pub(super) async fn all(services: &Services) -> Result<Vec<Directory>, Fault> {
    select(services, None).await
}

pub(super) async fn one(services: &Services, id: &DirectoryId) -> Result<Option<Directory>, Fault> {
    Ok(select(services, Some(id)).await?.pop())
}

/// All of them, or only one.
async fn select(services: &Services, only: Option<&DirectoryId>) -> Result<Vec<Directory>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select directory_id, name, short_name, description, stage, stage_reason, registration_state, registration_error,
                registration_code, device_windows, device_macos, device_linux, device_ios, device_android, device_chrome_os,
                device_zero_client, device_thin_client, device_web, organization, size, vpc_id,
                subnet_ids, dns_addresses, service_account, launched_at, stage_since, empty_since, ad_domain,
                exists (select from directory_take_down t where t.directory_id = d.directory_id and t.step not in ('done', 'stopped'))
                  as \"taken_down!\",
                f.id as \"freeze_id?\", f.frozen_at as \"frozen_at?\", f.thaws_at as \"thaws_at?\"
         from directory d left join lateral
           (select id, frozen_at, thaws_at from dns_change f
            where f.directory_id = d.directory_id and f.frozen_at is not null and (f.thaws_at is null or f.thaws_at > $1)
            order by f.thaws_at desc nulls first limit 1) f on true
         where d.gone_at is null and ($2::text is null or directory_id = $2)
         order by registration_state is null, name, directory_id",
        services.clock.now(),
        only.map(DirectoryId::as_str),
    )
    .fetch_all(&services.db)
    .await?;
    let stamps = services.stamps().await?;
    rows.into_iter().map(|row| read(services, &stamps, row)).collect()
}

/// Whether launches in a directory stand still.
pub(super) async fn freeze(services: &Services, id: &DirectoryId) -> sqlx::Result<Option<Freeze>> {
    let row = sqlx::query!(
        "select id, frozen_at as \"frozen_at!\", thaws_at from dns_change
         where directory_id = $1 and frozen_at is not null and (thaws_at is null or thaws_at > $2)
         order by thaws_at desc nulls first limit 1",
        id.as_str(),
        services.clock.now(),
    )
    .fetch_optional(&services.db)
    .await?;
    let stamps = services.stamps().await?;
    let stamp = |at: DateTime<Utc>| stamps.of(id.as_str(), at);
    Ok(row.map(|row| Freeze { change: DnsChangeId(row.id), since: stamp(row.frozen_at), until: row.thaws_at.map(stamp) }))
}

fn read(services: &Services, stamps: &Stamps<'_>, row: Row) -> Result<Directory, Fault> {
    let domain = row.ad_domain.unwrap_or_else(|| row.name.clone());
    let stamp = |at: DateTime<Utc>| stamps.of(&row.directory_id, at);
    let freeze = row.freeze_id.zip(row.frozen_at).map(|(id, since)| Freeze {
        change: DnsChangeId(id),
        since: stamp(since),
        until: row.thaws_at.map(stamp),
    });
    let deregistration = row.empty_since.map(|since| {
        let at = since + TimeDelta::days(Deregistration::DAYS);
        let soon = services.clock.now() + TimeDelta::days(Deregistration::SOON_DAYS) >= at;
        Deregistration { empty_since: stamp(since), at: stamp(at), soon }
    });
    Ok(Directory {
        freeze,
        launched: row.launched_at.map(stamp),
        stage_since: row.stage_since.map(stamp),
        id: row.directory_id.parse().map_err(|error| Fault::Bug(format!("directory row: {error}")))?,
        people_known: services.ad.get(&domain).is_some(),
        domain,
        name: row.name,
        short_name: row.short_name,
        description: row.description,
        stage: row.stage,
        stage_reason: row.stage_reason,
        registration: row.registration_state,
        registration_error: row.registration_error,
        registration_code: row.registration_code,
        devices: Devices {
            windows: row.device_windows,
            macos: row.device_macos,
            linux: row.device_linux,
            ios: row.device_ios,
            android: row.device_android,
            chrome_os: row.device_chrome_os,
            zero_client: row.device_zero_client,
            thin_client: row.device_thin_client,
            web: row.device_web,
        },
        organization: row.organization,
        size: row.size,
        vpc: row.vpc_id,
        subnets: row.subnet_ids,
        dns: row.dns_addresses,
        service_account: row.service_account,
        taken_down: row.taken_down,
        deregistration,
    })
}

/// Keeps what AWS just said of all connectors; those it does not name are gone. The client's settings stay as they were unless
/// AWS told them.
pub(super) async fn keep(
    services: &Services,
    connectors: &[Connector],
    registrations: &[Registration],
    (clients_told, asked_at): (bool, DateTime<Utc>),
) -> sqlx::Result<()> {
    let now = services.clock.now();
    let mut tx = services.db.begin().await?;
    for connector in connectors {
        let registration = registrations.iter().find(|registration| registration.directory == connector.id);
        let devices = registration.map(|registration| registration.devices).unwrap_or_default();
        let settings = serde_json::json!(registration.map(|registration| &registration.settings).unwrap_or(&Settings::default()));
        let kept = sqlx::query!(
            "insert into directory (directory_id, name, short_name, description, stage, stage_reason, registration_state, registration_code,
                                    device_windows, device_macos, device_linux, device_ios, device_android, device_web, seen_at,
                                    size, vpc_id, subnet_ids, dns_addresses, service_account, launched_at, stage_since,
                                    registration_error, device_chrome_os, device_zero_client, device_thin_client, settings, workspace_subnet_ids)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
                     $25, $26, $27, $29)
             on conflict (directory_id) do update set
               name = excluded.name, short_name = excluded.short_name, description = excluded.description, stage = excluded.stage,
               stage_reason = excluded.stage_reason, registration_state = excluded.registration_state,
               registration_code = excluded.registration_code, device_windows = excluded.device_windows,
               device_macos = excluded.device_macos, device_linux = excluded.device_linux, device_ios = excluded.device_ios,
               device_android = excluded.device_android, device_web = excluded.device_web, seen_at = excluded.seen_at, size = excluded.size, vpc_id = excluded.vpc_id,
               subnet_ids = excluded.subnet_ids, dns_addresses = excluded.dns_addresses, service_account = excluded.service_account,
               launched_at = excluded.launched_at, stage_since = excluded.stage_since, registration_error = excluded.registration_error,
               device_chrome_os = excluded.device_chrome_os, device_zero_client = excluded.device_zero_client,
               device_thin_client = excluded.device_thin_client, gone_at = null,
               workspace_subnet_ids = excluded.workspace_subnet_ids, settings = excluded.settings || case when $28 then '{}'::jsonb
                 else jsonb_strip_nulls(jsonb_build_object('client', directory.settings -> 'client')) end
             where directory.set_at is null or directory.set_at < $30",
            connector.id,
            connector.name,
            connector.short_name,
            connector.description,
            connector.stage,
            connector.stage_reason,
            registration.map(|registration| registration.state.as_str()),
            registration.and_then(|registration| registration.registration_code.as_deref()),
            devices.windows,
            devices.macos,
            devices.linux,
            devices.ios,
            devices.android,
            devices.web,
            now,
            connector.size,
            connector.vpc,
            &connector.subnets,
            &connector.dns,
            connector.account,
            connector.launched_at,
            connector.stage_since,
            registration.and_then(|registration| registration.error.as_deref()),
            devices.chrome_os,
            devices.zero_client,
            devices.thin_client,
            settings,
            clients_told,
            registration.map(|registration| registration.subnets.as_slice()).unwrap_or_default(),
            asked_at,
        )
        .execute(&mut *tx)
        .await?;
        if kept.rows_affected() == 0 {
            // Somebody has set something since AWS was asked; the sweep that was woken by that shows the rest.
            sqlx::query!("update directory set seen_at = $2 where directory_id = $1", connector.id, now)
                .execute(&mut *tx)
                .await?;
        }
    }
    // AWS may not show yet what it has just accepted.
    sqlx::query!(
        "update directory set gone_at = $1 where gone_at is null and seen_at < $1 and (stage <> 'Requested' or seen_at < $2)",
        now,
        now - services.settings.launch.visibility_lag,
    )
    .execute(&mut *tx)
    .await?;
    dns_change::store::abandon_gone(&mut tx, now).await?;
    // Whether there are WorkSpaces is only known once they were read.
    sqlx::query!(
        "update directory d set empty_since = case
           when d.registration_state = 'REGISTERED' and (select read_at is not null from mirror where part = 'workspaces')
                and not exists (select from workspace w where w.directory_id = d.directory_id and w.gone_at is null)
           then coalesce(d.empty_since, $1) end
         where d.gone_at is null",
        now,
    )
    .execute(&mut *tx)
    .await?;
    read_now(&mut tx, now, Part::Directories).await?;
    tx.commit().await
}

/// The part was read whole.
pub(crate) async fn read_now(tx: &mut sqlx::PgConnection, now: DateTime<Utc>, part: Part) -> sqlx::Result<()> {
    sqlx::query!("update mirror set read_at = $2, problem = null, problem_at = null where part = $1", part.as_str(), now)
        .execute(tx)
        .await?;
    Ok(())
}

/// The part could not be read.
pub(crate) async fn problem(services: &Services, part: Part, problem: &str) -> sqlx::Result<()> {
    let now = services.clock.now();
    sqlx::query!("update mirror set problem = $2, problem_at = $3 where part = $1", part.as_str(), problem, now)
        .execute(&services.db)
        .await?;
    Ok(())
}

/// When the part was read whole.
pub(super) async fn read_at(services: &Services, part: Part) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!("select read_at from mirror where part = $1", part.as_str()).fetch_one(&services.db).await
}

pub(super) async fn freshness(services: &Services, part: Part) -> Result<Freshness, Fault> {
    let row = sqlx::query!("select read_at, problem from mirror where part = $1", part.as_str()).fetch_one(&services.db).await?;
    Ok(Freshness { read: row.read_at.map(|at| services.stamp(at)), problem: row.problem })
}
