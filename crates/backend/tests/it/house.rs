//! A Frontdesk with a sandbox beside it and one directory in its mirror: what tests of mail and invitations start from.

use std::time::Duration;

use aws_sdk_sesv2::config::{Credentials, SharedCredentialsProvider};
use backend::{Clock, Services, Settings, aws::Aws, ldap::Attribute, mail::Mailer, settings, worker};
use model::{
    DirectoryId, WorkspaceId,
    access::{Actor, Grant, Person, Role, Scope},
    invitations::Contact,
};
use sandbox::{Behaviour, Options, Sandbox};
use sqlx::{PgPool, Row, postgres::PgRow};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

/// The directory that the sandbox has registered.
pub const DIRECTORY: &str = "d-906731a2b4";
/// A bundle whose name tells Windows and DCV, so that web access is possible.
const BUNDLE: &str = "wsb-8vbljg4r6";
pub const CODE: &str = "WSfra+7KQ2MD";
/// SendEmail's limit in these tests.
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(2);

/// What a test changes before the doors open.
pub struct Plan {
    pub from: String,
    pub configuration_set: Option<String>,
    /// Where SES is, if not in the sandbox.
    pub ses: Option<String>,
    pub contact: Contact,
}

impl Default for Plan {
    fn default() -> Self {
        let contact = Contact {
            phone: Some("+49 30 1234567".into()),
            mail: Some("helpdesk@corp.example.com".into()),
            hours: Some("Mon–Fri 8–18".into()),
        };
        Self { from: "Example Desktops <desktops@corp.example.com>".into(), configuration_set: None, ses: None, contact }
    }
}

pub struct House {
    pub sandbox: Sandbox,
    pub services: Services,
    pub db: PgPool,
    _certificates: TempDir,
}

impl House {
    pub async fn open(db: PgPool) -> Self {
        Self::with(db, Plan::default()).await
    }

    pub async fn with(db: PgPool, plan: Plan) -> Self {
        backend::db::prepare(&db).await.unwrap();
        // Fast enough that the sending rate is not what a test waits for.
        let behaviour =
            Behaviour { pending_ms: 0, visibility_lag_ms: 0, throttle: false, ses_rate: 1_000.0, ..Behaviour::default() };
        let sandbox = sandbox::start(Options { behaviour, people: 120, ..Options::default() }).await.unwrap();
        let certificates = tempfile::tempdir().unwrap();
        let ca_file = certificates.path().join("ca.pem");
        std::fs::write(&ca_file, sandbox.ca_pem()).unwrap();
        let settings = settings(&sandbox, ca_file, &plan);
        let time = sandbox.clock().clone();
        let mut services = Services::open(settings, Clock::from_fn(move || time.now())).await.unwrap();
        services.mail = mailer(&services, plan.ses).await;
        services.db = db.clone();
        let house = Self { sandbox, services, db, _certificates: certificates };
        house.mirror().await;
        house
    }

    async fn mirror(&self) {
        sqlx::query(
            "insert into directory (directory_id, name, stage, registration_state, registration_code, device_windows, device_macos,
                                    device_linux, device_ios, device_android, device_web, seen_at)
             values ($1, 'corp.example.com', 'Active', 'REGISTERED', $2, true, true, false, true, true, true, $3)",
        )
        .bind(DIRECTORY)
        .bind(CODE)
        .bind(self.services.clock.now())
        .execute(&self.db)
        .await
        .unwrap();
        sqlx::query("insert into bundle (bundle_id, name, owner, compute, seen_at) values ($1, $2, 'AMAZON', 'STANDARD', $3)")
            .bind(BUNDLE)
            .bind("Standard with Windows 10 (Server 2022 based) (WSP)")
            .bind(self.services.clock.now())
            .execute(&self.db)
            .await
            .unwrap();
        // The sweeps would replace this picture by the sandbox's while a test runs.
        self.execute("update mirror set read_at = now() + interval '1 day'").await;
    }

    /// A WorkSpace of the mirror.
    pub async fn workspace(&self, number: u32, account: &str, state: &str) -> WorkspaceId {
        let id: WorkspaceId = format!("ws-{number:09}").parse().unwrap();
        sqlx::query(
            "insert into workspace (workspace_id, directory_id, user_name, bundle_id, state, seen_at) values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.as_str())
        .bind(DIRECTORY)
        .bind(account)
        .bind(BUNDLE)
        .bind(state)
        .bind(self.services.clock.now())
        .execute(&self.db)
        .await
        .unwrap();
        id
    }

    /// A queued invitation, as asking by hand leaves it.
    pub async fn queued(&self, number: u32, account: &str) -> Uuid {
        let workspace = self.workspace(number, account, "AVAILABLE").await;
        let id = Uuid::now_v7();
        sqlx::query(
            "insert into invitation (id, workspace_id, directory_id, account, name, mail, asked_by, asked_by_name, reason, state,
                                     state_since, created_at)
             values ($1, $2, $3, $4, 'Marta Müller', $5, 'subject-of-helena', 'Helena Keller', 'lost the first', 'queued', $6, $6)",
        )
        .bind(id)
        .bind(workspace.as_str())
        .bind(DIRECTORY)
        .bind(account)
        .bind(format!("{account}@corp.example.com"))
        .bind(self.services.clock.now())
        .execute(&self.db)
        .await
        .unwrap();
        id
    }

    pub async fn execute(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.db).await.unwrap();
    }

    pub async fn invitation(&self, id: Uuid) -> PgRow {
        sqlx::query("select * from invitation where id = $1").bind(id).fetch_one(&self.db).await.unwrap()
    }

    pub async fn state(&self, id: Uuid) -> String {
        self.invitation(id).await.get("state")
    }

    /// What the record says of sending an invitation: phase and outcome, in order.
    pub async fn sending_record(&self, id: Uuid) -> Vec<(String, Option<String>)> {
        sqlx::query_as("select phase, outcome from audit where action = 'send_invitation' and object_id = $1 order by id")
            .bind(id.to_string())
            .fetch_all(&self.db)
            .await
            .unwrap()
    }

    /// Wakes the sending job and runs what is due.
    pub async fn send(&self) {
        self.execute("select graphile_worker.add_job('send_invitations', '{}'::json, job_key => 'send_invitations')").await;
        worker::run_once(&self.services).await.unwrap();
        self.no_job_failed().await;
    }

    /// A job that fails is tried again by the queue and would otherwise look like one that had nothing to do.
    pub async fn no_job_failed(&self) {
        let failed: Vec<(i32, Option<String>)> = sqlx::query_as(
            "select attempts::int, last_error from graphile_worker._private_jobs where attempts > 0 and locked_at is null",
        )
        .fetch_all(&self.db)
        .await
        .unwrap();
        assert!(failed.is_empty(), "{failed:?}");
    }

    /// Makes waiting jobs due and runs them.
    pub async fn run_waiting(&self) {
        self.execute("update graphile_worker._private_jobs set run_at = now() - interval '1 second' where locked_at is null")
            .await;
        worker::run_once(&self.services).await.unwrap();
        self.no_job_failed().await;
    }

    pub fn mails(&self) -> Vec<sandbox::state::Mail> {
        self.sandbox.state().memory().mails.clone()
    }

    pub fn calls(&self, operation: &str) -> u64 {
        self.sandbox.calls().counts().get(operation).map_or(0, |count| count.calls)
    }

    pub fn fault(&self, kind: sandbox::faults::Kind, times: u32) {
        let fault = sandbox::faults::Fault { id: 0, operation: Some("SendEmail".into()), kind, times: Some(times) };
        self.sandbox.faults().add(fault);
    }
}

/// The record of one sending that ended so.
pub fn finished(outcome: &str) -> Vec<(String, Option<String>)> {
    vec![("attempted".into(), None), ("finished".into(), Some(outcome.into()))]
}

/// The token of the welcome link in a mail's text.
pub fn token(text: &str) -> String {
    let (_, rest) = text.split_once("/welcome/").expect("the mail holds the link");
    rest.chars().take_while(|character| character.is_ascii_alphanumeric() || "-_".contains(*character)).collect()
}

/// Rows of a table, with a condition if one stands after its name.
pub async fn count(db: &PgPool, table: &'static str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}"))).fetch_one(db).await.unwrap()
}

/// Somebody with one role, everywhere or in one directory.
pub fn person(role: Role, directory: Option<&str>) -> Actor {
    let scope = match directory {
        None => Scope::Everywhere,
        Some(id) => Scope::Directories(vec![id.parse::<DirectoryId>().unwrap()]),
    };
    let grants = vec![Grant { role, scope }];
    Actor::Person(Person { subject: "subject-of-helena".into(), name: "Helena Keller".into(), guid: None, grants })
}

pub fn helpdesk() -> Actor {
    person(Role::Helpdesk, None)
}

/// The mail client with fixed credentials: the SDK's default chain would look for some on the machine.
pub async fn mailer(services: &Services, ses: Option<String>) -> Mailer {
    let mut aws = services.settings.aws.clone();
    aws.endpoint_url = ses.or(aws.endpoint_url);
    let mut aws = Aws::open(&aws).await;
    let credentials = Credentials::new("sandbox", "sandbox", None, None, "tests");
    aws.config = aws.config.into_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build();
    Mailer::open(&services.settings, &aws).unwrap()
}

fn settings(sandbox: &Sandbox, ca_file: std::path::PathBuf, plan: &Plan) -> Settings {
    Settings {
        public_url: Url::parse("https://desktops.corp.example.com").unwrap(),
        time_zone: chrono_tz::Europe::Berlin,
        database: settings::Database { url: String::from("postgres://nobody@127.0.0.1:1/unused").into() },
        aws: settings::Aws {
            region: Some("eu-central-1".into()),
            endpoint_url: Some(sandbox.url()),
            timeouts: settings::AwsTimeouts { operation: OPERATION_TIMEOUT },
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
        access: settings::Access {
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
        },
        launch: settings::Launch::default(),
        invitation: settings::Invitation::default(),
        mirror: settings::Mirror::default(),
    }
}
