//! The API budget: every call is counted, who throttles slows everybody, and a person who waits goes first.

use std::time::{Duration, Instant};

use backend::{Services, budget, directories::readiness, workspaces};
use chrono::TimeDelta;
use model::{
    Error, Part, WorkspaceId,
    access::{Actor, Role},
    budget::{Class, Counts, Status},
    workspaces::Workspace,
};
use sandbox::{
    faults::Kind,
    people::{CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD},
};
use sqlx::{PgPool, postgres::PgPoolOptions};

use crate::{
    connect,
    house::{DIRECTORY, House, Plan, UNREGISTERED, aws, colleague, count, helpdesk, nobody, person},
};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

async fn status(services: &Services) -> Status {
    budget::status(services, &helpdesk()).await.unwrap()
}

/// A WorkSpace at AWS, of which the mirror has an old picture.
async fn seen_long_ago(house: &House) -> WorkspaceId {
    house.at_aws("ws-000000001", "marta.nordwind");
    let id = house.workspace(1, "marta.nordwind", "STOPPED").await;
    house.execute("update workspace set seen_at = 'epoch'").await;
    id
}

async fn refresh(house: &House, id: &WorkspaceId) -> Result<(), Error> {
    workspaces::refresh(&house.services, &helpdesk(), id.clone()).await
}

async fn shown(house: &House, id: &WorkspaceId) -> Workspace {
    workspaces::get(&house.services, &helpdesk(), id.clone()).await.unwrap().workspace
}

/// Counts are written beside the calls: waits until so many are.
pub async fn counted(house: &House, operation: &str, class: Class, calls: i64) -> Counts {
    let mut counts = Counts::default();
    for _ in 0..100 {
        let found = status(&house.services).await.calls;
        let found = found.into_iter().find(|calls| (calls.class, calls.operation.as_str()) == (class, operation));
        counts = found.map(|calls| calls.hour).unwrap_or_default();
        if counts.total() >= calls {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(counts.total(), calls, "{operation}: {counts:?}");
    counts
}

/// The sandbox is the witness: it counts what comes in.
#[sqlx::test(migrator = "MIGRATOR")]
async fn every_call_is_counted(db: PgPool) {
    let house = House::open(db).await;
    let launch = house.launch(&["marta.nordwind", "anna.nordwind"]).await;
    house.work(launch).await;
    for sweep in ["sweep_directories", "sweep_bundles", "sweep_workspaces"] {
        house.job(sweep).await;
    }
    let id: WorkspaceId = house.made_for("marta.nordwind")[0].id.parse().unwrap();
    house.execute("update workspace set seen_at = 'epoch'").await;
    refresh(&house, &id).await.unwrap();

    let witnessed: Vec<_> = [
        "CreateWorkspaces",
        "DescribeWorkspaces",
        "DescribeWorkspaceDirectories",
        "DescribeWorkspaceBundles",
        "DescribeClientProperties",
        "DescribeIpGroups",
    ]
    .map(|operation| (operation, i64::try_from(house.calls(&format!("workspaces:{operation}"))).unwrap()))
    .into();
    assert!(witnessed.iter().all(|(_, calls)| *calls > 0), "{witnessed:?}");
    let mut found = Vec::new();
    for _ in 0..100 {
        let calls = status(&house.services).await.calls;
        let sum =
            |operation: &str| calls.iter().filter(|calls| calls.operation == operation).map(|calls| calls.day.ok).sum::<i64>();
        found = witnessed.iter().map(|(operation, _)| (*operation, sum(operation))).collect();
        if found == witnessed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(found, witnessed);
    counted(&house, "DescribeWorkspaces", Class::Person, 1).await;
    counted(&house, "CreateWorkspaces", Class::Launch, 1).await;
    assert_eq!(counted(&house, "SendEmail", Class::Launch, 2).await.ok, 2);
    let status = status(&house.services).await;
    assert_eq!(status.minutes.len(), 60);
    let all: i64 = witnessed.iter().map(|(_, calls)| calls).sum();
    assert_eq!(status.minutes.iter().map(|(answered, throttled)| answered + throttled).sum::<i64>(), all);
    assert!(status.mails_per_second.is_some_and(|rate| (rate - 1_000.0).abs() < 1.0), "{:?}", status.mails_per_second);
}

/// Everything that is asked of a directory before, while and after it is made.
#[sqlx::test(migrator = "MIGRATOR")]
async fn directory_service_and_service_quotas_are_counted_too(db: PgPool) {
    let house = connect::house(db.clone()).await;
    connect::sweep(&house).await;
    readiness::check(&house.services, &connect::admin()).await.unwrap();
    let draft = connect::drafted(&house).await;
    assert!(connect::create(&house, draft, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await.unwrap().is_some());
    for (operation, class) in [
        ("DescribeDirectories", Class::Sweep),
        ("DescribeDirectories", Class::Person),
        ("GetDirectoryLimits", Class::Person),
        ("ConnectDirectory", Class::Person),
        ("GetServiceQuota", Class::Person),
    ] {
        assert_eq!(counted(&house, operation, class, 1).await.ok, 1, "{operation}");
    }
    assert_eq!((house.calls("ds:DescribeDirectories"), house.calls("ds:ConnectDirectory")), (2, 1));
    let services =
        "select distinct service from api_call where operation in ('DescribeDirectories', 'GetServiceQuota') order by 1";
    let services: Vec<String> = sqlx::query_scalar(services).fetch_all(&db).await.unwrap();
    assert_eq!(services, ["ds", "servicequotas"]);
    let chosen = status(&house.services).await.chosen;
    assert!(chosen.contains(&("Directory Service", 2.0)) && chosen.contains(&("Service Quotas", 1.0)), "{chosen:?}");

    // Who throttles there holds back whoever asks there, and nobody else.
    house.fault_at("DescribeDirectories", Kind::Throttle, 1);
    connect::sweep(&house).await;
    let held: Vec<String> =
        sqlx::query_scalar("select service from api_budget where held_until is not null").fetch_all(&db).await.unwrap();
    assert_eq!(held, ["ds"]);
    assert_eq!(counted(&house, "DescribeDirectories", Class::Sweep, 2).await.throttled, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn calls_are_counted_by_what_came_of_them(db: PgPool) {
    let mut house = House::open(db).await;
    let id = seen_long_ago(&house).await;
    for kind in [Kind::LoseReply, Kind::ServerError, Kind::Throttle] {
        house.fault_at("DescribeWorkspaces", kind, 1);
        refresh(&house, &id).await.unwrap_err();
    }
    refresh(&house, &id).await.unwrap();
    house.execute("update workspace set seen_at = 'epoch'").await;
    let mut settings = house.services.settings.aws.clone();
    settings.endpoint_url = Some(nobody("http").to_string());
    house.services.aws = aws(&settings).await.into();
    assert_eq!(refresh(&house, &id).await, Err(Error::Unavailable { part: Part::Aws }));
    let counts = counted(&house, "DescribeWorkspaces", Class::Person, 5).await;
    assert_eq!((counts.ok, counts.throttled, counts.unknown, counts.not_sent, counts.refused), (1, 1, 2, 1, 0));
    assert!(counts.waited_ms > 0, "who was held back waited: {counts:?}");
}

/// A figure that can't be written is a figure less, and nothing else.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_call_does_not_depend_on_being_counted(db: PgPool) {
    let house = House::open(db).await;
    let id = seen_long_ago(&house).await;
    let mut locked = house.db.begin().await.unwrap();
    sqlx::query("lock table api_call in access exclusive mode").execute(&mut *locked).await.unwrap();
    let start = Instant::now();
    refresh(&house, &id).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(8), "it waited for the figure: {:?}", start.elapsed());
    assert_eq!(shown(&house, &id).await.state, "AVAILABLE");
    locked.rollback().await.unwrap();
    counted(&house, "DescribeWorkspaces", Class::Person, 1).await;

    house.execute("alter table api_call rename to elsewhere").await;
    house.execute("update workspace set seen_at = 'epoch', state = 'STOPPED'").await;
    refresh(&house, &id).await.unwrap();
    assert_eq!(shown(&house, &id).await.state, "AVAILABLE");
}

/// Another process on the same database.
async fn replica(house: &House) -> Services {
    let mut services = house.services.clone();
    services.db = PgPoolOptions::new().connect_with((*house.db.connect_options()).clone()).await.unwrap();
    services
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn throttling_slows_all_replicas_and_is_shown(db: PgPool) {
    let house = House::open(db).await;
    let other = replica(&house).await;
    let id = seen_long_ago(&house).await;
    assert_eq!(status(&other).await.held, None);
    let sweep = async || {
        let start = Instant::now();
        workspaces::job::sweep_bundles(&other).await.unwrap();
        start.elapsed()
    };
    let free = sweep().await;
    assert!(free < Duration::from_secs(4), "two calls at the usual rate: {free:?}");
    tokio::time::sleep(Duration::from_millis(1_100)).await;

    house.fault_at("DescribeWorkspaces", Kind::Throttle, 1);
    let start = Instant::now();
    assert_eq!(refresh(&house, &id).await, Err(Error::Busy { retry_after_seconds: 5 }));
    let held = status(&other).await.held.unwrap();
    assert!(held.seconds_left > 0.0 && held.seconds_left < 3.0, "{held:?}");
    let next: Vec<_> = status(&other).await.next;
    assert!(next.is_sorted_by(|one, other| one.0 < other.0 && one.1 <= other.1), "the first class is free first: {next:?}");
    assert_eq!(counted(&house, "DescribeWorkspaces", Class::Person, 1).await.throttled, 1);
    let (_, waiting) = tokio::join!(sweep(), async {
        for _ in 0..100 {
            let waiting = status(&house.services).await.waiting;
            if !waiting.is_empty() {
                return waiting;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Vec::new()
    });
    // Half a second after the throttled call, two more for the throttling, and then three calls at the usual rate.
    assert!(start.elapsed() > Duration::from_secs(3), "{:?}", start.elapsed());
    let [waiting] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert_eq!((waiting.class, waiting.operation.as_str(), waiting.count), (Class::Sweep, "DescribeWorkspaceBundles", 1));
    let held = status(&house.services).await.held.unwrap();
    assert!(held.seconds_left < f64::EPSILON, "it is over, and still told: {held:?}");
    for _ in 0..100 {
        if status(&house.services).await.waiting.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("somebody who waits no more is still shown");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_died_waiting_waits_no_more(db: PgPool) {
    let house = House::open(db).await;
    house
        .execute(
            "insert into api_waiter select gen_random_uuid(), 'workspaces', 'DescribeTags', class, now() - interval '1 hour', now() - ago
             from (values ('launch', interval '2 seconds'), ('sweep', interval '20 seconds')) as who (class, ago)",
        )
        .await;
    house
        .execute(
            "insert into api_call (minute, service, operation, class, ok)
             select date_trunc('minute', now() - ago), 'workspaces', 'DescribeTags', 'launch', 1
             from unnest(array[interval '2 hours', interval '13 days', interval '15 days']) as ago",
        )
        .await;
    let before = status(&house.services).await;
    assert_eq!(before.waiting.iter().map(|waiting| waiting.class).collect::<Vec<_>>(), [Class::Launch]);
    assert!(before.waiting[0].longest_seconds > 3_000.0);
    assert_eq!((before.calls[0].hour.total(), before.calls[0].day.total()), (0, 1));
    sqlx::query("select graphile_worker.add_job('tick', 'null'::json)").execute(&house.db).await.unwrap();
    house.run().await;
    assert_eq!(count(&house.db, "api_waiter where operation = 'DescribeTags'").await, 1);
    assert_eq!(count(&house.db, "api_call where operation = 'DescribeTags'").await, 2, "two weeks are kept");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_person_asks_for_the_state_now(db: PgPool) {
    let house = House::open(db).await;
    let id = seen_long_ago(&house).await;
    assert_eq!(shown(&house, &id).await.state, "STOPPED");
    refresh(&house, &id).await.unwrap();
    assert_eq!(shown(&house, &id).await.state, "AVAILABLE");
    // Whoever presses again at once takes nobody's turn.
    let calls = house.calls("workspaces:DescribeWorkspaces");
    refresh(&house, &id).await.unwrap();
    workspaces::refresh(&house.services, &colleague(), id.clone()).await.unwrap();
    assert_eq!(house.calls("workspaces:DescribeWorkspaces"), calls);
    house.sandbox.clock().advance(TimeDelta::seconds(6));
    house.sandbox.state().memory().workspaces.last_mut().unwrap().state = Some("ERROR".into());
    refresh(&house, &id).await.unwrap();
    assert_eq!(shown(&house, &id).await.state, "ERROR");

    house.sandbox.clock().advance(TimeDelta::seconds(6));
    let now = house.sandbox.clock().now();
    house.sandbox.state().memory().workspaces.last_mut().unwrap().terminated_at = Some(now);
    house.sandbox.clock().advance(TimeDelta::hours(2));
    refresh(&house, &id).await.unwrap();
    assert_eq!(shown(&house, &id).await.state, "TERMINATED", "AWS does not show it any more");
}

/// AWS shows what it accepted only after a while.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_was_just_accepted_is_not_gone(db: PgPool) {
    let house = House::open(db).await;
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run().await;
    let id = house.items(launch).await[0].workspace.clone().unwrap();
    house.execute("update workspace set seen_at = 'epoch'").await;
    house.sandbox.state().memory().workspaces.clear();
    refresh(&house, &id).await.unwrap();
    assert_ne!(shown(&house, &id).await.state, "TERMINATED");
    house.sandbox.clock().advance(TimeDelta::hours(1));
    refresh(&house, &id).await.unwrap();
    assert_eq!(shown(&house, &id).await.state, "TERMINATED");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_waits_for_long(db: PgPool) {
    let house = House::with(db, Plan { operation_timeout: Duration::from_secs(2), ..Plan::default() }).await;
    let id = seen_long_ago(&house).await;
    house.execute("update api_budget set next_at = now() + interval '1 hour' where service = 'workspaces'").await;
    let start = Instant::now();
    assert_eq!(refresh(&house, &id).await, Err(Error::Busy { retry_after_seconds: 5 }));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert_eq!(house.calls("workspaces:DescribeWorkspaces"), 0);

    house.execute("update api_budget set next_at = 'epoch'").await;
    house.fault_at("DescribeWorkspaces", Kind::Delay { ms: 30_000 }, 1);
    let start = Instant::now();
    assert_eq!(refresh(&house, &id).await, Err(Error::Unavailable { part: Part::Aws }));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(counted(&house, "DescribeWorkspaces", Class::Person, 1).await.unknown, 1);
    assert_eq!(shown(&house, &id).await.state, "STOPPED", "what was known is kept");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_may_ask_and_who_may_look(db: PgPool) {
    let house = House::open(db).await;
    let id = seen_long_ago(&house).await;
    let ask = async |actor: &Actor, id: &WorkspaceId| workspaces::refresh(&house.services, actor, id.clone()).await;
    let needs = || Error::NotAllowed { needs: vec![Role::Helpdesk, Role::Admin] };
    for role in [Role::Auditor, Role::Requester, Role::Approver] {
        assert_eq!(ask(&person(role, None), &id).await, Err(needs()), "{role:?}");
        assert_eq!(budget::status(&house.services, &person(role, None)).await, Err(needs()), "{role:?}");
    }
    assert_eq!(ask(&person(Role::Helpdesk, Some(UNREGISTERED)), &id).await, Err(needs()));
    assert_eq!(ask(&Actor::Invitee, &id).await, Err(Error::SignIn));
    assert_eq!(ask(&helpdesk(), &"ws-999999999".parse().unwrap()).await, Err(Error::NotFound));
    assert_eq!((house.calls("workspaces:DescribeWorkspaces"), count(&house.db, "audit").await), (0, 0));
    assert_eq!(ask(&person(Role::Helpdesk, Some(DIRECTORY)), &id).await, Ok(()));
    assert!(budget::status(&house.services, &person(Role::Admin, None)).await.is_ok());
}
