//! SQL of a directory's settings.

use model::{
    DirectoryId,
    directories::{Devices, Settings},
};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};

use crate::{Fault, Services};

pub(in crate::directories) async fn get(services: &Services, id: &DirectoryId) -> Result<Settings, Fault> {
    let row = sqlx::query_scalar!(
        "select settings as \"settings: Json<Settings>\" from directory where directory_id = $1 and gone_at is null",
        id.as_str()
    );
    Ok(row.fetch_optional(&services.db).await?.map(|row| row.0).unwrap_or_default())
}

/// WorkSpaces has begun to register it.
pub(in crate::directories) async fn registering(
    tx: &mut PgConnection,
    services: &Services,
    id: &DirectoryId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update directory set registration_state = 'REGISTERING', registration_error = null, set_at = $2
         where directory_id = $1 and registration_state is null",
        id.as_str(),
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// One member of the settings, as AWS took it.
pub(in crate::directories) async fn keep(
    tx: &mut PgConnection,
    services: &Services,
    id: &DirectoryId,
    member: &str,
    value: &impl Serialize,
) -> sqlx::Result<()> {
    let value = serde_json::json!(value);
    sqlx::query!(
        "update directory set settings = jsonb_set(settings, array[$2::text], $3), set_at = $4 where directory_id = $1",
        id.as_str(),
        member,
        value,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(in crate::directories) async fn keep_devices(
    tx: &mut PgConnection,
    services: &Services,
    id: &DirectoryId,
    devices: Devices,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update directory set device_windows = $2, device_macos = $3, device_linux = $4, device_ios = $5, device_android = $6,
                              device_chrome_os = $7, device_zero_client = $8, device_thin_client = $9, device_web = $10,
                              set_at = $11
         where directory_id = $1",
        id.as_str(),
        devices.windows,
        devices.macos,
        devices.linux,
        devices.ios,
        devices.android,
        devices.chrome_os,
        devices.zero_client,
        devices.thin_client,
        devices.web,
        services.clock.now(),
    )
    .execute(tx)
    .await?;
    Ok(())
}
