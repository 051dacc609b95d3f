//! The configuration: a TOML file, overridden by the environment. Every error names its setting.

mod file;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use axum_client_ip::ClientIpSource;
use backend::{
    ldap::Attribute,
    settings::{self, SettingError, Settings},
};
use model::{access::Role, invitations::Contact};
use secrecy::SecretString;
use url::Url;

use file::{File, GroupEntry};

/// All of it, checked.
#[derive(Debug, Clone)]
pub struct Config {
    pub settings: Settings,
    pub listen: SocketAddr,
    /// Where a client's address stands: the connection's other end, or a header of the proxy in front.
    pub client_ip: ClientIpSource,
    /// The folder with `pkg/` and `hash.txt`.
    pub site: PathBuf,
    /// For `migrate` only.
    pub owner_url: Option<SecretString>,
    /// `serve` runs a worker too.
    pub worker: bool,
}

impl Config {
    /// # Errors
    /// The first setting that can't be used.
    pub fn read(path: &std::path::Path) -> Result<Self, SettingError> {
        let source = config::Config::builder()
            .add_source(config::File::from(path).format(config::FileFormat::Toml))
            .add_source(config::Environment::with_prefix("FRONTDESK").prefix_separator("__").separator("__"))
            .build()
            .map_err(|error| SettingError::new(path.display().to_string(), error))?;
        let file: File = source.try_deserialize().map_err(|error| SettingError::new(path.display().to_string(), error))?;
        Self::check(file)
    }

    fn check(file: File) -> Result<Self, SettingError> {
        let public_url = public_url(&file.public_url)?;
        let time_zone =
            file.time_zone.parse().map_err(|_| SettingError::new("time_zone", "is not a time zone such as Europe/Berlin"))?;
        let ad = file.ad.iter().enumerate().map(|(index, domain)| domain.check(index)).collect::<Result<_, _>>()?;
        let attribute = match file.oidc.person_claim.as_str() {
            "objectsid" => Attribute::ObjectSid,
            "upn" => Attribute::UserPrincipalName,
            "mail" | "email" => Attribute::Mail,
            _ => return Err(SettingError::new("oidc.person_claim", "is one of objectsid, upn, mail")),
        };
        let claim = file.oidc.claim_name.clone().unwrap_or_else(|| file.oidc.person_claim.clone());
        let seconds = Duration::from_secs;
        let settings = Settings {
            public_url,
            time_zone,
            database: settings::Database { url: file.database.url.read("database.url")? },
            aws: settings::Aws {
                region: file.aws.region,
                endpoint_url: file.aws.endpoint_url,
                timeouts: settings::AwsTimeouts { operation: Duration::from_millis(file.aws.operation_timeout_ms.max(100)) },
            },
            ad,
            oidc: settings::Oidc {
                issuer: Url::parse(&file.oidc.issuer).map_err(|error| SettingError::new("oidc.issuer", error))?,
                client_id: file.oidc.client_id,
                client_secret: file.oidc.client_secret.map(|secret| secret.read("oidc.client_secret")).transpose()?,
                scopes: file.oidc.scopes,
                prompt: file.oidc.prompt.as_deref().map(prompt).transpose()?,
            },
            access: settings::Access {
                person_claim: settings::PersonClaim { claim, attribute },
                groups: file.oidc.groups_claim.map_or(settings::Groups::Directory, |claim| settings::Groups::Token { claim }),
                roles: roles(&file.roles)?,
                idle: seconds(file.session.idle_minutes * 60),
                absolute: seconds(file.session.absolute_hours * 3_600),
            },
            mail: settings::Mail {
                from: file.mail.from,
                reply_to: file.mail.reply_to,
                configuration_set: file.mail.configuration_set,
                company: file.mail.company,
                contact: Contact {
                    phone: file.mail.helpdesk_phone,
                    mail: file.mail.helpdesk_mail,
                    hours: file.mail.helpdesk_hours,
                },
            },
            launch: settings::Launch {
                visibility_lag: Duration::from_millis(file.launch.visibility_lag_ms),
                first_poll: Duration::from_millis(file.launch.first_poll_ms.max(50)),
                slowest_poll: Duration::from_millis(file.launch.slowest_poll_ms.max(50)),
                time_limit: seconds(file.launch.time_limit_seconds),
            },
            invitation: settings::Invitation { link_lifetime: seconds(file.invitation.link_days * 86_400) },
            mirror: settings::Mirror {
                directories: seconds(file.mirror.directories_seconds),
                bundles: seconds(file.mirror.bundles_seconds),
                workspaces: seconds(file.mirror.workspaces_seconds),
            },
        };
        Ok(Self {
            settings,
            listen: file.listen.parse().map_err(|_| SettingError::new("listen", "is not an address such as 127.0.0.1:3000"))?,
            client_ip: file.client_ip.parse().map_err(|_| {
                let known =
                    "ConnectInfo, RightmostXForwardedFor (load balancers of AWS), XRealIp (nginx) or CloudFrontViewerAddress";
                SettingError::new("client_ip", format!("is one of {known}"))
            })?,
            site: file.site,
            owner_url: file.database.owner_url.map(|url| url.read("database.owner_url")).transpose()?,
            worker: file.worker,
        })
    }
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
mod tests {
    use super::*;

    #[test]
    fn people_are_asked_or_not_but_never_forbidden_to_be() {
        assert_eq!(prompt("consent").unwrap(), settings::Prompt::Consent);
        for wrong in ["none", "Consent", ""] {
            assert!(prompt(wrong).unwrap_err().to_string().starts_with("oidc.prompt: is one of"), "{wrong}");
        }
    }

    #[test]
    fn plain_http_is_for_the_loopback_only() {
        assert!(public_url("http://127.0.0.1:3000").is_ok());
        assert_eq!(public_url("https://desk.example.com").unwrap().as_str(), "https://desk.example.com/");
        assert!(public_url("https://desk.example.com/sub").is_err());
        assert!(public_url("http://desk.example.com").is_err());
        assert!(public_url("ftp://desk.example.com").is_err());
        assert!(public_url("nonsense").is_err());
    }
}
