//! A Frontdesk that answers on a port, with a sandbox beside it.

use std::{fs, net::SocketAddr};

use backend::{Clock, Services};
use sandbox::{Behaviour, Options, Sandbox};
use server::config::Config;
use sqlx::{PgPool, Row};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch};
use uuid::Uuid;

use crate::browser::Browser;

/// The directory that the sandbox has registered.
pub const DIRECTORY: &str = "d-906731a2b4";

/// The sandbox, and the files that Frontdesk is configured with.
pub struct Place {
    pub sandbox: Sandbox,
    pub folder: TempDir,
    /// The settings of the provider, but for the claim.
    pub oidc: String,
    /// What is written instead of something else in the configuration.
    pub edits: Vec<(String, String)>,
}

impl Place {
    pub async fn open(behaviour: Behaviour) -> Self {
        let sandbox = sandbox::start(Options { behaviour, people: 300, ..Options::default() }).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), sandbox.ca_pem()).unwrap();
        // Pages name their script and style by these; nobody asks for the files here.
        fs::create_dir_all(folder.path().join("site/pkg")).unwrap();
        fs::write(folder.path().join("site/hash.txt"), "js: test\nwasm: test\ncss: test\n").unwrap();
        fs::write(
            folder.path().join("site/pkg/__wasm_split_manifest.test.json"),
            r#"{"overview":["split_overview.test"],"looking":["split_looking.test"]}"#,
        )
        .unwrap();
        let issuer = sandbox.issuer();
        let oidc = format!(r#"issuer = "{issuer}", client_id = "frontdesk", client_secret = "sandbox-oidc-secret""#);
        Self { sandbox, folder, oidc, edits: Vec::new() }
    }

    /// So many people who can be launched.
    pub fn ordinary(&self, count: usize) -> Vec<(String, Uuid)> {
        let roster = self.sandbox.company().read();
        let ordinary = roster.people.iter().skip(80).filter(|person| person.is_ordinary());
        ordinary.take(count).map(|person| (person.account.clone(), person.guid)).collect()
    }

    /// Writes the configuration of a Frontdesk on that port, and reads it as the program does.
    pub fn configure(&self, db: &PgPool, port: u16) -> (std::path::PathBuf, Config) {
        let options = db.connect_options();
        let database = options.get_database().unwrap();
        let text = format!(
            r#"
            public_url = "http://127.0.0.1:{port}"
            listen = "127.0.0.1:{port}"
            client_ip = "RightmostXForwardedFor"
            trusted_proxies = ["127.0.0.0/8"]
            site = "{folder}/site"
            database.url = "postgres://{user}@{host}:{database_port}/{database}"
            oidc = {{ {oidc}, person_claim = "objectsid" }}
            [aws]
            region = "eu-central-1"
            endpoint_url = "{aws}"
            operation_timeout_ms = 5000
            [roles]
            helpdesk = ["Frontdesk-Helpdesk"]
            admin = ["Frontdesk-Admins"]
            auditor = ["Frontdesk-Auditors"]
            approver = ["Frontdesk-Approvers"]
            requester = ["Frontdesk-Requesters"]
            [[ad]]
            domain = "corp.example.com"
            urls = ["ldaps://127.0.0.1:{ldaps}"]
            ca_file = "{folder}/ca.pem"
            bind_dn = "svc-frontdesk@corp.example.com"
            bind_password = "sandbox-ldap-password"
            timeout_seconds = 10
            [mail]
            from = "Frontdesk <desktops@corp.example.com>"
            company = "Example Corp"
            [launch]
            visibility_lag_ms = 2000
            first_poll_ms = 1000
            slowest_poll_ms = 2000
            "#,
            folder = self.folder.path().display(),
            user = options.get_username(),
            host = options.get_host(),
            database_port = options.get_port(),
            oidc = self.oidc,
            aws = self.sandbox.url(),
            ldaps = self.sandbox.ldaps_address().port(),
        );
        let text = self.edits.iter().fold(text, |text, (old, new)| {
            assert!(text.contains(old), "{old} is not in the configuration");
            text.replace(old, new)
        });
        let path = self.folder.path().join("frontdesk.toml");
        fs::write(&path, text).unwrap();
        let config = Config::read(&path).unwrap();
        (path, config)
    }
}

/// Frontdesk in this process, without a worker: nothing happens that a test did not ask for.
pub struct House {
    pub place: Place,
    pub db: PgPool,
    pub url: String,
    _stop: watch::Sender<bool>,
}

impl House {
    pub async fn open(db: PgPool) -> Self {
        Self::open_with(db, "").await
    }

    /// With more settings of the provider.
    pub async fn open_with(db: PgPool, more: &str) -> Self {
        Self::open_at(db, async |place, _| place.oidc.push_str(more)).await
    }

    pub async fn open_in(place: Place, db: PgPool) -> Self {
        Self::serve(place, db, async |_, _| {}).await
    }

    /// With another provider, which may want to know where Frontdesk answers.
    pub async fn open_at(db: PgPool, change: impl AsyncFnOnce(&mut Place, &str)) -> Self {
        Self::serve(Place::open(Options::default().behaviour).await, db, change).await
    }

    async fn serve(mut place: Place, db: PgPool, change: impl AsyncFnOnce(&mut Place, &str)) -> Self {
        backend::db::prepare(&db).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        change(&mut place, &format!("http://{address}")).await;
        // These tests have no credentials: what is asked of AWS is given up on soon.
        place.edits.push(("operation_timeout_ms = 5000".to_owned(), "operation_timeout_ms = 1500".to_owned()));
        let (_, config) = place.configure(&db, address.port());
        let time = place.sandbox.clock().clone();
        let services = Services::open(config.settings.clone(), Clock::from_fn(move || time.now())).await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let router = server::http::router(&config, services, server::metrics::Metrics::new().unwrap(), stopped).unwrap();
        tokio::spawn(async move { axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await });
        let house = Self { place, db, url: format!("http://{address}"), _stop: stop };
        house.mirror().await;
        house
    }

    /// One directory and one bundle, as a sweep would leave them.
    async fn mirror(&self) {
        for sql in [
            "insert into directory (directory_id, name, stage, registration_state, registration_code, device_windows, device_macos,
                                    device_linux, device_ios, device_android, device_web, seen_at)
             values ('d-906731a2b4', 'corp.example.com', 'Active', 'REGISTERED', 'WSfra+7KQ2MD', true, true, false, true, true, true, now())",
            "insert into bundle (bundle_id, name, owner, compute, seen_at)
             values ('wsb-own000001', 'Office-Desk', '123456789012', 'STANDARD', now())",
            "update mirror set read_at = now()",
        ] {
            sqlx::query(sql).execute(&self.db).await.unwrap();
        }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// A browser in which somebody is signed in.
    pub async fn signed_in(&self, account: &str) -> Browser {
        let mut browser = self.browser();
        assert_eq!(browser.sign_in(account, "/").await, "/");
        browser
    }

    /// A WorkSpace of the mirror, read so lately that nobody asks AWS for it, which these tests have no credentials for.
    pub async fn workspace(&self, id: &str, account: &str) {
        sqlx::query("insert into workspace (workspace_id, directory_id, user_name, state, seen_at) values ($1, $2, $3, 'AVAILABLE', now() + interval '1 day')")
            .bind(id)
            .bind(DIRECTORY)
            .bind(account)
            .execute(&self.db)
            .await
            .unwrap();
    }

    /// An invitation to a WorkSpace of the mirror of which it is not known whether it was sent.
    pub async fn unconfirmed(&self, workspace: &str, account: &str) -> Uuid {
        let id = Uuid::now_v7();
        sqlx::query(
            "insert into invitation (id, workspace_id, directory_id, account, name, mail, asked_by, asked_by_name, reason, state, state_since, created_at)
             values ($1, $2, $3, $4, $4, 'x@corp.example.com', 's', 'S', 'new here', 'unconfirmed', now(), now())",
        )
        .bind(id)
        .bind(workspace)
        .bind(DIRECTORY)
        .bind(account)
        .execute(&self.db)
        .await
        .unwrap();
        id
    }

    /// `objectGUID` of somebody in the sandbox's Active Directory.
    pub fn guid(&self, account: &str) -> Uuid {
        self.place.sandbox.company().read().person(account).unwrap().guid
    }

    /// Everything in the database but the record and when sessions were last seen: what a refused call must not change.
    pub async fn fingerprint(&self) -> Vec<(String, Option<String>)> {
        let tables = sqlx::query("select tablename::text from pg_tables where schemaname = 'public' order by 1")
            .fetch_all(&self.db)
            .await
            .unwrap();
        let mut rows = Vec::new();
        for table in
            tables.iter().map(|row| row.get::<String, _>(0)).filter(|table| !matches!(table.as_str(), "audit" | "session"))
        {
            let sql = format!("select md5(string_agg(t::text, '|' order by t::text)) from \"{table}\" t");
            let hash = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&self.db).await.unwrap();
            rows.push((table, hash));
        }
        let open =
            sqlx::query_scalar("select count(*)::text from session where ended_at is null").fetch_one(&self.db).await.unwrap();
        rows.push(("open sessions".to_owned(), open));
        rows
    }

    pub async fn count(&self, what: &'static str) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {what}"))).fetch_one(&self.db).await.unwrap()
    }
}
