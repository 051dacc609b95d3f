//! Killed while AWS is asked, or in the middle of a step: nothing is lost, nothing is asked twice, and the record says so.

use std::time::{Duration, Instant};

use sandbox::{
    Options,
    faults::{Fault, Kind},
    people::CONNECTOR_PASSWORD,
};
use sqlx::{Connection, PgPool};

use super::password::{drafted, post_account};
use crate::{
    MIGRATOR,
    browser::Browser,
    house::{DIRECTORY, Place},
    program::{Frontdesk, free_port},
};

/// A Frontdesk with a worker and an admin before it.
struct Desk {
    place: Place,
    db: PgPool,
    config: std::path::PathBuf,
    port: u16,
    frontdesk: Frontdesk,
    admin: Browser,
}

impl Desk {
    async fn open(db: PgPool) -> Self {
        let edits = vec![
            // Long enough to be killed within.
            ("operation_timeout_ms = 5000".to_owned(), "operation_timeout_ms = 3000".to_owned()),
        ];
        let mut behaviour = Options::default().behaviour;
        behaviour.connector_creating_ms = 0;
        let place = Place { edits, ..Place::open(behaviour).await };
        backend::db::prepare(&db).await.unwrap();
        let port = free_port();
        let (config, _) = place.configure(&db, port);
        let frontdesk = Frontdesk::start(config.clone(), port).await;
        let mut admin = Browser::new(&frontdesk.url);
        assert_eq!(admin.sign_in("amoreau", "/").await, "/");
        let desk = Self { place, db, config, port, frontdesk, admin };
        desk.until("select count(*) > 0 from directory where stage = 'Active'").await;
        desk
    }

    /// How often AWS was asked.
    fn calls(&self, operation: &str) -> u64 {
        self.place.sandbox.calls().counts().get(operation).map_or(0, |count| count.calls)
    }

    /// AWS does this the next time, and its answer does not come.
    fn hold(&self, operation: &str) {
        let (_, name) = operation.split_once(':').unwrap();
        self.place.sandbox.faults().add(Fault::new(name, Kind::TimeOut { work_done: true }).times(1));
    }

    async fn until_called(&self, operation: &str, before: u64) {
        let end = Instant::now() + Duration::from_secs(60);
        while self.calls(operation) == before {
            assert!(Instant::now() < end, "{operation} was not called: {}", self.frontdesk.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn start_again(&mut self) {
        self.frontdesk.kill();
        self.frontdesk = Frontdesk::start(self.config.clone(), self.port).await;
    }

    /// Asks for something that makes Frontdesk ask AWS, and kills it after AWS did it and before the answer came.
    async fn kill_in(&mut self, operation: &str, asked: impl Future<Output = ()> + Send + 'static) {
        let before = self.calls(operation);
        self.hold(operation);
        let asked = tokio::spawn(asked);
        self.until_called(operation, before).await;
        self.start_again().await;
        asked.abort();
    }

    async fn kill_in_post(&mut self, operation: &str, path: &'static str, form: Vec<(&'static str, String)>) {
        let mut admin = self.admin.clone();
        self.kill_in(operation, async move { lost(&mut admin, path, &form).await }).await;
    }

    /// Waits until the database says yes.
    async fn until(&self, sql: &'static str) {
        let end = Instant::now() + Duration::from_secs(60);
        while sqlx::query_scalar::<_, Option<bool>>(sql).fetch_one(&self.db).await.unwrap() != Some(true) {
            assert!(Instant::now() < end, "{sql}: {}", self.frontdesk.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn text(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(&self.db).await.unwrap()
    }
}

/// Posts a form whose answer nobody lives to give.
async fn lost(browser: &mut Browser, path: &str, form: &[(&'static str, String)]) {
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    drop(browser.try_post(path, &form).await);
}

/// Attempts that have no outcome.
const NOTHING_OPEN: &str = "select not exists
  (select from audit a where a.phase = 'attempted' and not exists
    (select from audit f where f.operation = a.operation and f.phase = 'finished'))";

#[sqlx::test(migrator = "MIGRATOR")]
async fn in_connecting_registering_and_each_setting(db: PgPool) {
    let mut desk = Desk::open(db).await;

    let draft = drafted(&mut desk.admin).await;
    let mut admin = desk.admin.clone();
    let asked = async move { drop(post_account(&mut admin, &draft, CONNECTOR_PASSWORD).await) };
    desk.kill_in("ds:ConnectDirectory", asked).await;
    desk.until("select count(*) = 1 from directory_connect where directory_id is not null").await;
    let id = desk.text("select directory_id from directory_connect").await;
    desk.until("select stage = 'Active' from directory where directory_id = (select directory_id from directory_connect)").await;

    let directory = ("id", id.clone());
    let subnets = ["subnet-0a1b2c3d", "subnet-0b1c2d3e"].map(|subnet| ("form[subnets][]", subnet.to_owned()));
    let mut form = vec![directory.clone(), ("form[tenancy]", "SHARED".to_owned())];
    form.extend(subnets);
    desk.kill_in_post("workspaces:RegisterWorkspaceDirectory", "/api/directories/register", form).await;
    desk.until(
        "select registration_state = 'REGISTERED' from directory
         where directory_id = (select directory_id from directory_connect)",
    )
    .await;

    let settings = [
        ("workspaces:ModifyWorkspaceAccessProperties", "/api/directories/set_devices", ("devices[web]", "true")),
        ("workspaces:ModifyWorkspaceCreationProperties", "/api/directories/set_creation", ("internet_access", "true")),
        ("workspaces:ModifySelfservicePermissions", "/api/directories/set_self_service", ("may[rebuild]", "true")),
        ("workspaces:ModifyClientProperties", "/api/directories/set_client", ("client[log_upload]", "true")),
    ];
    for (operation, path, (name, value)) in settings {
        let sent = ["devices[form]", "may[form]", "client[form]"].map(|form| (form, "sent".to_owned()));
        let mut form =
            vec![directory.clone(), (name, value.to_owned()), ("default_ou", String::new()), ("security_group", String::new())];
        form.extend(sent);
        desk.kill_in_post(operation, path, form).await;
    }
    let group = vec![("form[name]", "Offices".to_owned()), ("form[rules]", "203.0.113.0/24".to_owned())];
    desk.kill_in_post("workspaces:CreateIpGroup", "/api/directories/create_ip_group", group).await;
    desk.until("select count(*) = 1 from ip_group").await;

    desk.until(NOTHING_OPEN).await;
    let kept = desk
        .text(
            "select concat_ws(' ', device_web, settings -> 'creation' ->> 'internet_access', settings -> 'self_service' ->> 'rebuild',
                              settings -> 'client' ->> 'log_upload')
             from directory where directory_id = (select directory_id from directory_connect)",
        )
        .await;
    assert_eq!(kept, "t true true true", "what AWS took is shown");
    let told = desk
        .text(
            "select string_agg(action || ' ' || outcome, ', ' order by id) from audit
             where phase = 'finished' and action in ('connect_directory', 'register_directory', 'change_directory', 'change_ip_group')",
        )
        .await;
    assert!(told.starts_with("connect_directory succeeded, register_directory unknown"), "{told}");
    assert_eq!(
        (told.matches("change_directory unknown").count(), told.matches("change_ip_group unknown").count()),
        (4, 1),
        "{told}"
    );
    for (operation, ..) in settings {
        assert_eq!(desk.calls(operation), 1, "{operation}");
    }
    for operation in ["ds:ConnectDirectory", "workspaces:RegisterWorkspaceDirectory", "workspaces:CreateIpGroup"] {
        assert_eq!(desk.calls(operation), 1, "{operation}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn in_each_change_of_an_ip_group(db: PgPool) {
    let mut desk = Desk::open(db).await;
    let group = [("form[name]", "Offices"), ("form[rules]", "203.0.113.0/24")];
    desk.admin.post("/api/directories/create_ip_group", &group).await.location();
    let group = desk.text("select group_id from ip_group").await;
    let attach = "/api/directories/attach_ip_groups";
    let directory = ("id", DIRECTORY.to_owned());

    let rules = vec![("id", group.clone()), ("form[rules]", "198.51.100.0/24".to_owned())];
    desk.kill_in_post("workspaces:UpdateRulesOfIpGroup", "/api/directories/set_ip_rules", rules).await;
    desk.until("select rules::text like '%198.51.100.0/24%' from ip_group").await;
    let attached = vec![directory.clone(), ("groups[]", group.clone())];
    desk.kill_in_post("workspaces:AssociateIpGroups", attach, attached).await;
    desk.until("select jsonb_array_length(settings -> 'ip_groups') = 1 from directory where directory_id = 'd-906731a2b4'").await;
    desk.kill_in_post("workspaces:DisassociateIpGroups", attach, vec![directory]).await;
    desk.until("select jsonb_array_length(settings -> 'ip_groups') = 0 from directory where directory_id = 'd-906731a2b4'").await;
    desk.kill_in_post("workspaces:DeleteIpGroup", "/api/directories/delete_ip_group", vec![("id", group)]).await;
    desk.until("select count(*) = 0 from ip_group").await;

    desk.until(NOTHING_OPEN).await;
    desk.until(
        "select count(*) = 4 from audit where phase = 'finished' and outcome = 'unknown'
           and action in ('change_directory', 'change_ip_group')",
    )
    .await;
    for operation in ["UpdateRulesOfIpGroup", "AssociateIpGroups", "DisassociateIpGroups", "DeleteIpGroup"] {
        assert_eq!(desk.calls(&format!("workspaces:{operation}")), 1, "{operation}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn in_each_step_of_taking_down(db: PgPool) {
    let mut desk = Desk::open(db).await;
    let group = [("form[name]", "Offices"), ("form[rules]", "203.0.113.0/24")];
    desk.admin.post("/api/directories/create_ip_group", &group).await;
    let group = desk.text("select group_id from ip_group").await;
    desk.admin.post("/api/directories/attach_ip_groups", &[("id", DIRECTORY), ("groups[]", &group)]).await;
    desk.until("select read_at is not null from mirror where part = 'workspaces'").await;
    let count = desk.text("select count(*)::text from workspace where gone_at is null and directory_id = 'd-906731a2b4'").await;
    let form = [("id", DIRECTORY), ("name", "corp.example.com"), ("count", &count), ("reason", "the office closes")];

    let terminate = "workspaces:TerminateWorkspaces";
    if count != "0" {
        desk.hold(terminate);
    }
    let begun = desk.admin.post("/api/directories/begin_take_down", &form).await;
    assert!(begun.location().ends_with("/take-down"), "{}", begun.body);
    if count != "0" {
        desk.until_called(terminate, 0).await;
        desk.start_again().await;
    }
    for operation in ["workspaces:DisassociateIpGroups", "workspaces:DeregisterWorkspaceDirectory", "ds:DeleteDirectory"] {
        desk.hold(operation);
        desk.hurry(operation).await;
        desk.start_again().await;
    }
    desk.hurry_until("select step = 'done' from directory_take_down").await;
    for operation in ["workspaces:DeregisterWorkspaceDirectory", "ds:DeleteDirectory"] {
        assert_eq!(desk.calls(operation), 1, "{operation}");
    }
    desk.until("select not exists (select from directory where directory_id = 'd-906731a2b4' and gone_at is null)").await;
    desk.until(
        "select count(*) = 3 from audit where phase = 'finished' and outcome = 'unknown'
           and action in ('change_directory', 'deregister_directory', 'delete_directory')",
    )
    .await;
}

impl Desk {
    /// Has what waits for its time come now.
    async fn waiting_is_over(&self) {
        for sql in [
            "update directory_take_down set next_look_at = asked_at",
            "update workspace_batch_item set next_poll_at = state_since where next_poll_at is not null",
            "update graphile_worker._private_jobs set run_at = now() where locked_at is null",
        ] {
            sqlx::query(sql).execute(&self.db).await.unwrap();
        }
    }

    async fn hurry(&self, operation: &str) {
        let (before, end) = (self.calls(operation), Instant::now() + Duration::from_secs(90));
        while self.calls(operation) == before {
            assert!(Instant::now() < end, "{operation} was not called: {}", self.frontdesk.log());
            self.waiting_is_over().await;
            for _ in 0..40 {
                if self.calls(operation) > before {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }

    async fn hurry_until(&self, sql: &'static str) {
        let end = Instant::now() + Duration::from_secs(90);
        while !sqlx::query_scalar::<_, bool>(sql).fetch_one(&self.db).await.unwrap() {
            assert!(Instant::now() < end, "{sql}: {}", self.frontdesk.log());
            self.waiting_is_over().await;
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
    }

    /// Posts a step, and kills Frontdesk in the middle of its transaction: nobody gets past the lock on the record. Then the
    /// same is posted again.
    async fn kill_in_step(&mut self, path: &str, form: &[(&'static str, String)]) -> String {
        let mut connection = self.db.acquire().await.unwrap();
        let mut lock = connection.begin().await.unwrap();
        sqlx::query("lock table audit in exclusive mode").execute(&mut *lock).await.unwrap();
        let (mut admin, held, fields) = (self.admin.clone(), path.to_owned(), form.to_vec());
        let asked = tokio::spawn(async move { lost(&mut admin, &held, &fields).await });
        self.until("select exists (select from pg_locks where relation = 'audit'::regclass and not granted)").await;
        self.start_again().await;
        asked.abort();
        lock.rollback().await.unwrap();
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.admin.post(path, &form).await.location()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn in_each_step_of_a_dns_change(db: PgPool) {
    let mut desk = Desk::open(db).await;
    let old = desk.text("select dns_addresses[1] from directory where directory_id = 'd-906731a2b4'").await;
    let directory = ("directory", DIRECTORY.to_owned());
    let begin =
        [directory.clone(), ("form[old]", old), ("form[new]", "127.0.0.9".to_owned()), ("form[unreachable]", "true".to_owned())];
    let page = desk.kill_in_step("/api/directories/begin_dns", &begin).await;
    let id = ("id", page.rsplit('/').next().unwrap().to_owned());
    assert_eq!(desk.text("select count(*)::text || ' ' || min(state) from dns_change").await, "1 workspaces");
    let meant = [directory.clone(), id.clone(), ("meant", "true".to_owned())];
    desk.kill_in_step("/api/directories/freeze_dns", &meant).await;
    assert_eq!(desk.text("select state from dns_change").await, "frozen");
    let why = [directory, id, ("reason", "another day".to_owned())];
    desk.kill_in_step("/api/directories/abandon_dns", &why).await;
    assert_eq!(desk.text("select state from dns_change").await, "abandoned");
    let noted = "select count(*)::text from audit where action = 'change_dns' and phase = 'finished' and outcome = 'succeeded'";
    assert_eq!(desk.text(noted).await, "3", "each step once");
    assert!(sqlx::query_scalar::<_, bool>(NOTHING_OPEN).fetch_one(&desk.db).await.unwrap());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn in_what_follows_the_freeze_of_a_dns_change(db: PgPool) {
    let mut desk = Desk::open(db).await;
    // So that the sweep of WorkSpaces, which AWS has none of that name, does not come any more.
    desk.until("select read_at is not null from mirror where part = 'workspaces'").await;
    sqlx::query(
        "insert into workspace (workspace_id, directory_id, user_name, state, seen_at)
         values ('ws-000000001', 'd-906731a2b4', 'carsten.nordwind', 'AVAILABLE', now())",
    )
    .execute(&desk.db)
    .await
    .unwrap();
    let old = desk.text("select dns_addresses[1] from directory where directory_id = 'd-906731a2b4'").await;
    let begin = [("directory", DIRECTORY), ("form[old]", &*old), ("form[new]", "127.0.0.9"), ("form[unreachable]", "true")];
    let page = desk.admin.post("/api/directories/begin_dns", &begin).await.location();
    let change = [("directory", DIRECTORY.to_owned()), ("id", page.rsplit('/').next().unwrap().to_owned())];
    let [directory, id] = change.clone();

    let mark = [directory, id, ("workspaces[]", "ws-000000001".to_owned()), ("told", "done".to_owned())];
    desk.kill_in_step("/api/directories/settle_dns", &mark).await;
    let told = "select string_agg(told, ' ') from dns_change_workspace where workspace_id = 'ws-000000001'";
    assert_eq!(desk.text(told).await, "done");
    let form = change.each_ref().map(|(name, value)| (*name, value.as_str()));
    let freeze = [form[0], form[1], ("meant", "true")];
    desk.admin.post("/api/directories/freeze_dns", &freeze).await.location();
    for connector in &mut desk.place.sandbox.state().memory().connectors {
        if connector.id == DIRECTORY {
            connector.dns = vec!["127.0.0.9".to_owned()];
        }
    }
    desk.admin.post("/api/directories/ask_dns", &form).await.location();
    desk.until("select state = 'changed' from dns_change").await;

    desk.kill_in_step("/api/directories/verify_dns", &change).await;
    assert_eq!(desk.text("select state || ' ' || (verified_at is not null)::text from dns_change").await, "changed true");
    desk.kill_in_step("/api/directories/finish_dns", &change).await;
    assert_eq!(desk.text("select state from dns_change").await, "done");
    // Begun, marked, frozen, seen at AWS, verified, done.
    let noted = "select count(*)::text from audit where action = 'change_dns' and phase = 'finished' and outcome = 'succeeded'";
    assert_eq!(desk.text(noted).await, "6", "each step once");
    assert!(sqlx::query_scalar::<_, bool>(NOTHING_OPEN).fetch_one(&desk.db).await.unwrap());
}
