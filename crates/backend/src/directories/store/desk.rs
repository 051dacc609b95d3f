//! SQL of how Frontdesk works for a directory.

use model::{
    DirectoryId,
    access::Role,
    directories::{Desk, Language},
    invitations::Contact,
};
use sqlx::PgConnection;

use crate::{Fault, Services, settings::RoleGroup};

pub(in crate::directories) async fn get(services: &Services, id: &str) -> Result<Desk, Fault> {
    let row = sqlx::query!(
        "select desk_phone, desk_mail, desk_hours, language, time_zone, ad_domain, scope_ou, helpdesk_groups, auditor_groups
         from directory where directory_id = $1",
        id
    )
    .fetch_optional(&services.db)
    .await?;
    let Some(row) = row else { return Ok(Desk::default()) };
    Ok(Desk {
        contact: Contact { phone: row.desk_phone, mail: row.desk_mail, hours: row.desk_hours },
        language: Language::parse(&row.language).ok_or_else(|| Fault::Bug(format!("language {}", row.language)))?,
        time_zone: row.time_zone,
        ad_domain: row.ad_domain,
        scope_ou: row.scope_ou,
        helpdesk_groups: row.helpdesk_groups,
        auditor_groups: row.auditor_groups,
    })
}

pub(in crate::directories) async fn set(tx: &mut PgConnection, id: &DirectoryId, desk: &Desk) -> sqlx::Result<()> {
    let Contact { phone, mail, hours } = &desk.contact;
    sqlx::query!(
        "update directory set desk_phone = $2, desk_mail = $3, desk_hours = $4, language = $5, time_zone = $6, ad_domain = $7,
                              scope_ou = $8, helpdesk_groups = $9, auditor_groups = $10
         where directory_id = $1",
        id.as_str(),
        phone.as_deref(),
        mail.as_deref(),
        hours.as_deref(),
        desk.language.as_str(),
        desk.time_zone.as_deref(),
        desk.ad_domain.as_deref(),
        desk.scope_ou.as_deref(),
        &desk.helpdesk_groups,
        &desk.auditor_groups,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(in crate::directories) async fn roles(services: &Services) -> Result<Vec<RoleGroup>, Fault> {
    let rows = sqlx::query!(
        "select directory_id, helpdesk_groups, auditor_groups from directory
         where gone_at is null and cardinality(helpdesk_groups) + cardinality(auditor_groups) > 0"
    )
    .fetch_all(&services.db)
    .await?;
    let mut roles = Vec::new();
    for row in rows {
        let id: DirectoryId = row.directory_id.parse().map_err(|error| Fault::Bug(format!("directory row: {error}")))?;
        for (role, groups) in [(Role::Helpdesk, row.helpdesk_groups), (Role::Auditor, row.auditor_groups)] {
            roles.extend(groups.into_iter().map(|group| RoleGroup { group, role, directories: vec![id.clone()] }));
        }
    }
    Ok(roles)
}

/// The directories that have a time zone of their own, by id.
pub(in crate::directories) async fn zones(services: &Services) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!("select directory_id, time_zone as \"zone!\" from directory where time_zone is not null");
    Ok(rows.fetch_all(&services.db).await?.into_iter().map(|row| (row.directory_id, row.zone)).collect())
}
