//! What a house is built from: the settings, as a test plans them, and the clients of AWS and SES.

use std::time::Duration;

use aws_sdk_sesv2::config::{Credentials, SharedCredentialsProvider};
use backend::{Services, Settings, aws::Aws, ldap::Attribute, mail::Mailer, settings};
use model::invitations::Contact;
use sandbox::{Behaviour, Sandbox};
use url::Url;

/// Who is mailed about directories.
pub const ADMINS: &str = "frontdesk-admins@corp.example.com";

/// What a test changes before the doors open.
pub struct Plan {
    pub from: String,
    pub configuration_set: Option<String>,
    /// Where SES is, if not in the sandbox.
    pub ses: Option<String>,
    pub contact: Contact,
    pub behaviour: Behaviour,
    pub people: usize,
    /// How long a call of AWS may take; a claim holds twice as long.
    pub operation_timeout: Duration,
}

impl Default for Plan {
    fn default() -> Self {
        let contact = Contact {
            phone: Some("+49 30 1234567".into()),
            mail: Some("helpdesk@corp.example.com".into()),
            hours: Some("Mon–Fri 8–18".into()),
        };
        // Fast enough that the sending rate is not what a test waits for.
        let behaviour =
            Behaviour { pending_ms: 0, visibility_lag_ms: 0, throttle: false, ses_rate: 1_000.0, ..Behaviour::default() };
        Self {
            from: "Example Desktops <desktops@corp.example.com>".into(),
            configuration_set: None,
            ses: None,
            contact,
            behaviour,
            people: 120,
            // Longer than a machine with much to do stands still.
            operation_timeout: Duration::from_secs(10),
        }
    }
}

/// The clients with fixed credentials: the SDK's default chain would look for some on the machine.
pub async fn aws(settings: &settings::Aws) -> Aws {
    let credentials = Credentials::new("sandbox", "sandbox", None, None, "tests");
    let config = Aws::open(settings).await.config.into_builder();
    Aws::new(config.credentials_provider(SharedCredentialsProvider::new(credentials)).build())
}

pub async fn mailer(services: &Services, ses: Option<String>) -> Mailer {
    let mut settings = services.settings.aws.clone();
    settings.endpoint_url = ses.or(settings.endpoint_url);
    Mailer::open(&services.settings, &aws(&settings).await).unwrap()
}

pub(super) fn settings(sandbox: &Sandbox, ca_file: std::path::PathBuf, plan: &Plan) -> Settings {
    Settings {
        public_url: Url::parse("https://desktops.corp.example.com").unwrap(),
        time_zone: chrono_tz::Europe::Berlin,
        database: settings::Database { url: String::from("postgres://nobody@127.0.0.1:1/unused").into() },
        aws: settings::Aws {
            region: Some("eu-central-1".into()),
            endpoint_url: Some(sandbox.url()),
            timeouts: settings::AwsTimeouts { operation: plan.operation_timeout },
        },
        ad: vec![settings::AdDomain {
            domain: "corp.example.com".into(),
            urls: vec![Url::parse(&format!("ldaps://127.0.0.1:{}", sandbox.ldaps_address().port())).unwrap()],
            ca_file: Some(ca_file),
            bind_dn: sandbox::people::SERVICE_UPN.into(),
            bind_password: String::from(sandbox::people::SERVICE_PASSWORD).into(),
            base_dn: None,
            timeout: Duration::from_secs(5),
            connections: 2,
        }],
        oidc: settings::Oidc {
            issuer: Url::parse(&sandbox.issuer()).unwrap(),
            client_id: "frontdesk".into(),
            client_secret: Some(String::from("sandbox-oidc-secret").into()),
            scopes: vec![],
            prompt: None,
        },
        access: settings::Access {
            groups: settings::Groups::Directory,
            person_claim: settings::PersonClaim { claim: "upn".into(), attribute: Attribute::UserPrincipalName },
            roles: Vec::new(),
            idle: Duration::from_secs(1_800),
            absolute: Duration::from_secs(36_000),
        },
        mail: settings::Mail {
            from: plan.from.clone(),
            reply_to: Some("helpdesk@corp.example.com".into()),
            configuration_set: plan.configuration_set.clone(),
            company: "Example Corp".into(),
            contact: plan.contact.clone(),
            admins: vec![ADMINS.into()],
        },
        launch: settings::Launch::default(),
        invitation: settings::Invitation::default(),
        mirror: settings::Mirror::default(),
        requests: model::requests::Patience::default(),
        directories: settings::Directories { dns_port: sandbox.dns_address().port(), ..settings::Directories::default() },
    }
}
