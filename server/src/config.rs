//! The configuration: a TOML file, overridden by the environment. Every error names its setting.

mod file;
mod source;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use backend::{
    ldap::Attribute,
    settings::{self, SettingError, Settings},
};
use model::{access::Role, invitations::Contact, people::mail_obstacle};
use secrecy::SecretString;
use url::Url;

use crate::{http::Clients, log};
use file::{File, GroupEntry};

/// All of it, checked.
#[derive(Debug, Clone)]
pub struct Config {
    pub settings: Settings,
    pub listen: SocketAddr,
    /// Where a client's address stands.
    pub clients: Clients,
    /// The folder with `pkg/` and `hash.txt`.
    pub site: PathBuf,
    /// For `migrate` only.
    pub owner_url: Option<SecretString>,
    /// `serve` runs a worker too.
    pub worker: bool,
    /// Where `/metrics` is answered; nowhere if not set.
    pub metrics: Option<SocketAddr>,
    /// The OpenTelemetry collector.
    pub traces: Option<Url>,
    pub log: log::Settings,
}

impl Config {
    /// # Errors
    /// The first setting that can't be used.
    pub fn read(path: &std::path::Path) -> Result<Self, SettingError> {
        Self::check(source::read(path)?)
    }

    fn check(file: File) -> Result<Self, SettingError> {
        let public_url = public_url(&file.public_url)?;
        let time_zone =
            file.time_zone.parse().map_err(|_| SettingError::new("time_zone", "is not a time zone such as Europe/Berlin"))?;
        let ad = file.ad.iter().enumerate().map(|(index, domain)| domain.check(index)).collect::<Result<_, _>>()?;
        let person_claim = person_claim(&file.oidc)?;
        let seconds = Duration::from_secs;
        let settings = Settings {
            public_url,
            time_zone,
            database: settings::Database { url: file.database.url },
            aws: settings::Aws {
                region: file.aws.region,
                endpoint_url: file.aws.endpoint_url,
                timeouts: settings::AwsTimeouts { operation: Duration::from_millis(file.aws.operation_timeout_ms.max(100)) },
            },
            ad,
            oidc: settings::Oidc {
                issuer: Url::parse(&file.oidc.issuer).map_err(|error| SettingError::new("oidc.issuer", error))?,
                client_id: file.oidc.client_id,
                client_secret: file.oidc.client_secret,
                scopes: file.oidc.scopes,
                prompt: file.oidc.prompt.as_deref().map(prompt).transpose()?,
            },
            access: settings::Access {
                person_claim,
                groups: file.oidc.groups_claim.map_or(settings::Groups::Directory, |claim| settings::Groups::Token { claim }),
                roles: roles(&file.roles)?,
                idle: seconds(file.session.idle_minutes * 60),
                absolute: seconds(file.session.absolute_hours * 3_600),
            },
            mail: mail(file.mail)?,
            launch: settings::Launch {
                visibility_lag: Duration::from_millis(file.launch.visibility_lag_ms),
                first_poll: Duration::from_millis(file.launch.first_poll_ms.max(50)),
                slowest_poll: Duration::from_millis(file.launch.slowest_poll_ms.max(50)),
                time_limit: seconds(file.launch.time_limit_seconds),
            },
            invitation: settings::Invitation { link_lifetime: seconds(file.invitation.link_days * 86_400) },
            directories: settings::Directories { ca_file: file.directories.ca_file, dns_port: file.directories.dns_port },
            requests: model::requests::Patience {
                remind_after: file.requests.remind_after_days,
                escalate_after: file.requests.escalate_after_days,
            },
            mirror: settings::Mirror {
                directories: seconds(file.mirror.directories_seconds),
                bundles: seconds(file.mirror.bundles_seconds),
                workspaces: seconds(file.mirror.workspaces_seconds),
            },
        };
        Ok(Self {
            settings,
            listen: address("listen", &file.listen)?,
            clients: Clients::new(&file.client_ip, &file.trusted_proxies)?,
            metrics: file.metrics.listen.as_deref().map(|listen| address("metrics.listen", listen)).transpose()?,
            traces: file.traces.endpoint.as_deref().map(collector).transpose()?,
            log: log::Settings::new(&file.log.format, &file.log.filter)?,
            site: file.site,
            owner_url: file.database.owner_url,
            worker: file.worker,
        })
    }
}

fn address(setting: &str, text: &str) -> Result<SocketAddr, SettingError> {
    text.parse().map_err(|_| SettingError::new(setting, "is not an address such as 127.0.0.1:3000"))
}

/// `__Host-` cookies need https; browsers make an exception for the loopback names only.
fn public_url(text: &str) -> Result<Url, SettingError> {
    let url = Url::parse(text).map_err(|error| SettingError::new("public_url", error))?;
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) | ("http", Some("127.0.0.1" | "localhost")) => {}
        _ => return Err(SettingError::new("public_url", "must be https://, or http:// on 127.0.0.1 or localhost")),
    }
    // Routes, redirects and links all start at the root.
    if url.path() != "/" {
        return Err(SettingError::new("public_url", "must have no path: Frontdesk wants a host name of its own"));
    }
    Ok(url)
}

fn prompt(name: &str) -> Result<settings::Prompt, SettingError> {
    match name {
        "login" => Ok(settings::Prompt::Login),
        "consent" => Ok(settings::Prompt::Consent),
        "select_account" => Ok(settings::Prompt::SelectAccount),
        _ => Err(SettingError::new("oidc.prompt", "is one of login, consent, select_account")),
    }
}

fn collector(text: &str) -> Result<Url, SettingError> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| SettingError::new("traces.endpoint", "is not an address such as http://127.0.0.1:4318"))
}

fn person_claim(file: &file::Oidc) -> Result<settings::PersonClaim, SettingError> {
    let attribute = match file.person_claim.as_str() {
        "objectsid" => Attribute::ObjectSid,
        "upn" => Attribute::UserPrincipalName,
        "mail" | "email" => Attribute::Mail,
        _ => return Err(SettingError::new("oidc.person_claim", "is one of objectsid, upn, mail")),
    };
    let claim = file.claim_name.clone().unwrap_or_else(|| file.person_claim.clone());
    Ok(settings::PersonClaim { claim, attribute })
}

fn mail(file: file::Mail) -> Result<settings::Mail, SettingError> {
    if let Some(index) = file.admins.iter().position(|address| mail_obstacle(Some(address)).is_some()) {
        return Err(SettingError::new(format!("mail.admins[{index}]"), "is not an address such as admins@corp.example.com"));
    }
    if file.admins.len() > settings::Mail::MOST_ADMINS {
        return Err(SettingError::new("mail.admins", "are more than 50: name a distribution list instead"));
    }
    Ok(settings::Mail {
        from: file.from,
        reply_to: file.reply_to,
        configuration_set: file.configuration_set,
        company: file.company,
        contact: Contact { phone: file.helpdesk_phone, mail: file.helpdesk_mail, hours: file.helpdesk_hours },
        admins: file.admins,
    })
}

fn roles(file: &file::Roles) -> Result<Vec<settings::RoleGroup>, SettingError> {
    let lists = [
        (Role::Helpdesk, &file.helpdesk),
        (Role::Admin, &file.admin),
        (Role::Auditor, &file.auditor),
        (Role::Approver, &file.approver),
        (Role::Requester, &file.requester),
    ];
    let mut roles = Vec::new();
    for (role, entries) in lists {
        for entry in entries {
            let (group, directories) = match entry {
                GroupEntry::Name(group) => (group, [].as_slice()),
                GroupEntry::Scoped { group, directories } => (group, directories.as_slice()),
            };
            let directories = directories.iter().map(|id| id.parse()).collect::<Result<_, _>>();
            let directories = directories.map_err(|error| SettingError::new(format!("roles.{}", role.as_str()), error))?;
            roles.push(settings::RoleGroup { group: group.clone(), role, directories });
        }
    }
    Ok(roles)
}

#[cfg(test)]
mod tests;
