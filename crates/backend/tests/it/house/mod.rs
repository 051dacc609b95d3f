//! A Frontdesk with a sandbox beside it and one directory in its mirror: what tests start from.

mod actors;
mod plan;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use backend::{Clock, Services, Settings, launches, ldap::Domains, settings, worker};
use chrono::{TimeDelta, Timelike};
use model::{
    DraftId, LaunchId, PageRequest, PersonGuid, WorkspaceId,
    access::Actor,
    launches::{DesktopForm, Item},
};
use sandbox::{Options, Sandbox, faults::Kind};
use sqlx::{PgPool, Row, postgres::PgRow};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

pub use self::{
    actors::{colleague, helpdesk, person},
    plan::{ADMINS, Plan, aws, mailer},
};

/// The directory that the sandbox has registered.
pub const DIRECTORY: &str = "d-906731a2b4";
/// The other one of the sandbox; only the mirror's own sweep brings it in.
pub const UNREGISTERED: &str = "d-90673c5d6e";
/// A bundle whose name tells Windows and DCV, so that web access is possible.
const BUNDLE: &str = "wsb-8vbljg4r6";
/// Two bundles that the sandbox has: AWS's, and one of the account's own.
pub const DESK: &str = "wsb-100000100";
pub const OFFICE: &str = "wsb-own000001";
pub const CODE: &str = "WSfra+7KQ2MD";

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
        let options = Options { behaviour: plan.behaviour.clone(), people: plan.people, ..Options::default() };
        let sandbox = sandbox::start(options).await.unwrap();
        let certificates = tempfile::tempdir().unwrap();
        let ca_file = certificates.path().join("ca.pem");
        std::fs::write(&ca_file, sandbox.ca_pem()).unwrap();
        let settings = plan::settings(&sandbox, ca_file, &plan);
        let time = sandbox.clock().clone();
        let mut services = Services::open(settings, Clock::from_fn(move || time.now())).await.unwrap();
        services.aws = aws(&services.settings.aws).await.into();
        services.mail = mailer(&services, plan.ses).await.into();
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
        for (id, name) in [(BUNDLE, "Windows"), (DESK, "Windows"), (OFFICE, "Office-Desk")] {
            let name = name.replace("Windows", "Standard with Windows 10 (Server 2022 based) (WSP)");
            sqlx::query(
                "insert into bundle (bundle_id, name, owner, compute, seen_at) values ($1, $2, 'AMAZON', 'STANDARD', $3)",
            )
            .bind(id)
            .bind(name)
            .bind(self.services.clock.now())
            .execute(&self.db)
            .await
            .unwrap();
        }
        // The sweeps would replace this picture by the sandbox's while a test runs.
        self.execute("update mirror set read_at = now() + interval '1 day' where part <> 'network'").await;
    }

    /// Waits for midnight where it is near: what a test takes for today has to stay today.
    pub async fn past_midnight(&self) {
        let now = self.services.clock.now().with_timezone(&self.services.settings.time_zone);
        let left = 86_400 - u64::from(now.num_seconds_from_midnight());
        if left < 180 {
            tokio::time::sleep(Duration::from_secs(left + 1)).await;
        }
    }

    /// A second directory of the same domain, which can take launches too.
    pub async fn second_directory(&self) {
        self.execute(
            "insert into directory (directory_id, name, stage, registration_state, device_windows, device_macos, device_linux,
                                    device_ios, device_android, device_web, seen_at)
             values ('d-90673c5d6e', 'corp.example.com', 'Active', 'REGISTERED', true, true, false, true, true, true, now())",
        )
        .await;
    }

    /// Opens the door to Active Directory again, with changed settings.
    pub fn ad(&mut self, change: impl FnOnce(&mut settings::AdDomain)) {
        let mut settings = (*self.services.settings).clone();
        change(&mut settings.ad[0]);
        self.services.ad = Domains::open(&settings.ad, &settings.directories, self.services.clock.clone()).unwrap();
    }

    /// No domain controller answers any more.
    pub fn ad_away(&mut self) {
        self.ad(|ad| ad.urls = vec![nobody("ldaps")]);
    }

    /// Changes the settings that use cases read.
    pub fn set(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = (*self.services.settings).clone();
        change(&mut settings);
        self.services.settings = Arc::new(settings);
    }

    /// Who is meant by an account.
    pub fn guid(&self, account: &str) -> PersonGuid {
        PersonGuid(self.sandbox.company().read().person(account).unwrap().guid)
    }

    /// A WorkSpace at AWS that somebody made elsewhere: AlwaysOn, from another bundle than launches here ask for.
    pub fn at_aws(&self, id: &str, account: &str) {
        let now = self.sandbox.clock().now();
        self.sandbox.state().memory().workspaces.push(sandbox::state::Workspace {
            id: id.into(),
            directory: DIRECTORY.into(),
            user_name: account.into(),
            bundle: OFFICE.into(),
            running_mode: "ALWAYS_ON".into(),
            auto_stop_minutes: None,
            tags: Vec::new(),
            created_at: now,
            available_at: now,
            visible_at: now,
            terminated_at: None,
            state: None,
            change: None,
            signed_in_at: None,
            volumes: sandbox::state::Volumes::default(),
        });
    }

    /// All WorkSpaces of a user at AWS, shown or not.
    pub fn made_for(&self, account: &str) -> Vec<sandbox::state::Workspace> {
        let memory = self.sandbox.state().memory();
        memory.workspaces.iter().filter(|workspace| workspace.user_name == account && !workspace.is_gone()).cloned().collect()
    }

    /// A draft that only has to be started: AutoStop after two hours, two tags of its own.
    pub async fn draft(&self, actor: &Actor, accounts: &[&str]) -> DraftId {
        let draft = launches::drafts::create(&self.services, actor).await.unwrap();
        launches::drafts::choose_directory(&self.services, actor, draft, DIRECTORY.parse().unwrap()).await.unwrap();
        let guids: Vec<_> = accounts.iter().map(|account| self.guid(account)).collect();
        let added = launches::drafts::add_people(&self.services, actor, draft, guids).await.unwrap();
        assert_eq!((added.added as usize, added.refused), (accounts.len(), 0));
        assert!(launches::drafts::save_desktop(&self.services, actor, draft, desktop(), Vec::new()).await.unwrap());
        draft
    }

    /// A launch just started; nothing was sent yet.
    pub async fn launch(&self, accounts: &[&str]) -> LaunchId {
        let draft = self.draft(&helpdesk(), accounts).await;
        launches::start(&self.services, &helpdesk(), draft, None).await.unwrap()
    }

    /// The rows of a launch, in the order of the people's list, failed ones first.
    pub async fn items(&self, launch: LaunchId) -> Vec<Item> {
        let page = PageRequest { number: 1, size: 100 };
        launches::items(&self.services, &helpdesk(), launch, None, page).await.unwrap().rows
    }

    /// Moves the time on and runs jobs until the launch is done, and its mails are sent.
    pub async fn work(&self, launch: LaunchId) {
        for _ in 0..12 {
            self.run_waiting().await;
            let launch = launches::get(&self.services, &helpdesk(), launch).await.unwrap();
            if launch.summary.counts.is_done() && launch.invitations.queued == 0 {
                return;
            }
            self.sandbox.clock().advance(TimeDelta::seconds(40));
        }
        panic!("the launch does not come to an end: {:?}", self.items(launch).await);
    }

    /// What the record says of making a person's WorkSpace: phase, outcome and detail, in order.
    pub async fn making_record(&self, account: &str) -> Vec<(String, Option<String>, Option<String>)> {
        sqlx::query_as(
            "select phase, outcome, detail from audit where action = 'create_workspace' and person_guid = $1 order by id",
        )
        .bind(self.guid(account).0)
        .fetch_all(&self.db)
        .await
        .unwrap()
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
        self.job("send_invitations").await;
    }

    /// Wakes a job and runs what is due.
    pub async fn job(&self, name: &str) {
        sqlx::query("select graphile_worker.add_job($1, '{}'::json, job_key => $1)").bind(name).execute(&self.db).await.unwrap();
        self.run().await;
    }

    /// Runs what is due.
    pub async fn run(&self) {
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
        self.run().await;
    }

    pub fn mails(&self) -> Vec<sandbox::state::Mail> {
        self.sandbox.state().memory().mails.clone()
    }

    /// Those of them that are invitations.
    pub fn invited(&self) -> Vec<sandbox::state::Mail> {
        let invitation = |mail: &sandbox::state::Mail| mail.tags.iter().any(|(name, _)| name == "invitation");
        self.mails().into_iter().filter(invitation).collect()
    }

    pub fn calls(&self, operation: &str) -> u64 {
        self.sandbox.calls().counts().get(operation).map_or(0, |count| count.calls)
    }

    pub fn fault(&self, kind: Kind, times: u32) {
        self.fault_at("SendEmail", kind, times);
    }

    pub fn fault_at(&self, operation: &str, kind: Kind, times: u32) {
        let fault = sandbox::faults::Fault::new(operation, kind).times(times);
        self.sandbox.faults().add(fault);
    }

    /// Waits until all faults are used up: the call that met the last of them is being answered.
    pub async fn faults_met(&self) {
        let end = Instant::now() + Duration::from_secs(10);
        while !self.sandbox.faults().list().is_empty() {
            assert!(Instant::now() < end, "no call met {:?}", self.sandbox.faults().list());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
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

/// The desktop step of [`House::draft`].
pub fn desktop() -> DesktopForm {
    DesktopForm {
        bundle: DESK.into(),
        running_mode: "AUTO_STOP".into(),
        auto_stop_hours: "2".into(),
        tags: "cost centre=4711\nteam=Logistics".into(),
        ..DesktopForm::default()
    }
}

/// An address at which nobody listens.
pub fn nobody(scheme: &str) -> Url {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    Url::parse(&format!("{scheme}://{free}")).unwrap()
}
