//! From beginning to end, and what comes in between.

use backend::directories::{self, dns_change};
use model::{
    Conflict, DnsChangeId, Error, LaunchId,
    access::Role,
    directories::{DnsForm, DnsState, Outcome, Shown},
    launches::ItemState,
};
use sandbox::faults::Kind;
use sqlx::PgPool;

use super::{MIGRATOR, NEW, OLD, begin, change, console, directory, form, freeze, frozen, house, page, pass};
use crate::{
    cadence::next_sweep,
    connect::{admin, field, sweep},
    house::{DIRECTORY, House, UNREGISTERED, count, helpdesk, person},
};

const CREATE: &str = "workspaces:CreateWorkspaces";

async fn verify(house: &House, id: DnsChangeId) -> Result<(), Error> {
    dns_change::verify(&house.services, &admin(), &directory(), id).await
}

async fn finish(house: &House, id: DnsChangeId) -> Result<(), Error> {
    dns_change::finish(&house.services, &admin(), &directory(), id).await
}

async fn abandon(house: &House, id: DnsChangeId, reason: &str) -> Result<(), Error> {
    dns_change::abandon(&house.services, &admin(), &directory(), id, reason).await
}

async fn first(house: &House, launch: LaunchId) -> ItemState {
    house.items(launch).await[0].state
}

fn moved<T>() -> Result<T, Error> {
    Err(Error::conflict(Conflict::DnsChangeMoved))
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_address_is_changed_from_beginning_to_end(db: PgPool) {
    let house = house(db.clone()).await;
    let id = begin(&house).await;
    let begun = page(&house, id).await;
    assert_eq!((begun.change.state, begun.shown, begun.workspaces.total), (DnsState::Workspaces, Shown::AsBefore, 3));
    assert!(begun.change.findings.iter().all(|finding| finding.outcome == Outcome::Pass), "{:?}", begun.change.findings);
    assert!(begun.console.contains(DIRECTORY), "{}", begun.console);

    // The connector comes after the WorkSpaces, or somebody says that this is meant.
    assert_eq!(field(freeze(&house, id, false).await.unwrap_err()), "meant");
    house.execute("update dns_change_workspace set told = 'done', settled_at = added_at, settled_by_name = 'A'").await;
    freeze(&house, id, false).await.unwrap();
    assert_eq!(freeze(&house, id, false).await, moved());
    let waits = change(&house, id).await;
    assert!(waits.is_frozen && !waits.may_change && waits.thaws.is_none());
    pass(&house, 15);
    assert!(change(&house, id).await.may_change);
    assert_eq!(verify(&house, id).await, moved(), "AWS shows nothing new");

    console(&house, &[OLD[1], NEW]);
    sweep(&house).await;
    let changed = change(&house, id).await;
    assert_eq!((changed.state, changed.early, changed.is_frozen), (DnsState::Changed, false, true));
    // The second server does not answer from here, which is no failure.
    assert_eq!(field(finish(&house, id).await.unwrap_err()), "verify");
    verify(&house, id).await.unwrap();
    assert!(change(&house, id).await.is_verified());
    finish(&house, id).await.unwrap();
    let done = change(&house, id).await;
    assert!(done.state == DnsState::Done && done.is_frozen, "the freeze runs out by itself");
    assert_eq!(finish(&house, id).await, moved());
    pass(&house, 15);
    assert!(!change(&house, id).await.is_frozen);
    let (found, _) = directories::one(&house.services, &admin(), &directory()).await.unwrap();
    assert_eq!(found.freeze, None);
    // Begun, frozen, seen, verified, done.
    assert_eq!(count(&db, "audit where action = 'change_dns' and outcome = 'succeeded'").await, 5);

    // The next address.
    let next = dns_change::begin(&house.services, &admin(), &directory(), &form(OLD[1], "10.20.0.13")).await;
    assert_eq!(field(next.unwrap_err()), "unreachable");
    let meant = DnsForm { unreachable: true, ..form(OLD[1], "10.20.0.13") };
    dns_change::begin(&house.services, &admin(), &directory(), &meant).await.unwrap();
    let (_, changes, _) = dns_change::list(&house.services, &admin(), &directory()).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.state).collect::<Vec<_>>(), [DnsState::Workspaces, DnsState::Done]);
}

/// A frozen directory's rows are neither sent nor lost; those of another go on.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_launch_waits_for_the_freeze_and_goes_on_by_itself(db: PgPool) {
    let house = house(db).await;
    let id = frozen(&house).await;
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run_waiting().await;
    assert_eq!((first(&house, launch).await, house.calls(CREATE)), (ItemState::Queued, 0));
    let shown = backend::launches::get(&house.services, &helpdesk(), launch).await.unwrap();
    assert!(shown.freeze.is_some_and(|freeze| freeze.until.is_none()));
    assert_eq!(page(&house, id).await.waiting, 1);

    console(&house, &[NEW, OLD[1]]);
    sweep(&house).await;
    pass(&house, 14);
    house.run_waiting().await;
    assert_eq!((first(&house, launch).await, house.calls(CREATE)), (ItemState::Queued, 0));
    pass(&house, 1);
    house.run_waiting().await;
    assert!(first(&house, launch).await != ItemState::Queued);
    assert_eq!(house.calls(CREATE), 1);
    house.work(launch).await;
    assert_eq!(first(&house, launch).await, ItemState::Available);
}

/// The quarter of an hour counts from the last row that left, also one that was on its way when launches were frozen.
#[sqlx::test(migrator = "MIGRATOR")]
async fn the_console_opens_a_quarter_of_an_hour_after_the_last_launch(db: PgPool) {
    let house = house(db).await;
    let id = begin(&house).await;
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run().await;
    freeze(&house, id, true).await.unwrap();
    assert_eq!(page(&house, id).await.sent_lately, 1);
    house.execute("update launch_item set sent_at = sent_at + interval '5 minutes'").await;
    pass(&house, 15);
    assert!(!change(&house, id).await.may_change);
    pass(&house, 5);
    assert!(change(&house, id).await.may_change);
    assert_eq!(page(&house, id).await.sent_lately, 0);
    assert!(first(&house, launch).await != ItemState::Queued);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_who_begin_at_once_one_does(db: PgPool) {
    let house = house(db.clone()).await;
    let other = person(Role::Admin, Some(DIRECTORY));
    let (mine, theirs) = (form(OLD[0], NEW), DnsForm { unreachable: true, ..form(OLD[1], "10.20.0.13") });
    let directory = directory();
    let (admin, services) = (admin(), &house.services);
    let both = tokio::join!(
        dns_change::begin(services, &admin, &directory, &mine),
        dns_change::begin(services, &other, &directory, &theirs),
    );
    let refused = Error::conflict(Conflict::DnsChangeUnderWay);
    assert!(matches!(&both, (Ok(_), Err(why)) | (Err(why), Ok(_)) if *why == refused), "{both:?}");
    assert_eq!(count(&db, "dns_change").await, 1);
    // The same form sent twice finds the first.
    let winner = both.0.or(both.1).unwrap();
    let again = if change(&house, winner).await.old == OLD[0] { &mine } else { &theirs };
    assert_eq!(dns_change::begin(services, &admin, &directory, again).await, Ok(winner));
    // Of two who freeze, one does.
    let both = tokio::join!(freeze(&house, winner, true), freeze(&house, winner, true));
    assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
    assert_eq!(count(&db, "audit where action = 'change_dns' and phase = 'finished'").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn addresses_that_will_not_do_are_said_at_their_field(db: PgPool) {
    let house = house(db.clone()).await;
    let wrong = async |old: &str, new: &str| {
        field(dns_change::begin(&house.services, &admin(), &directory(), &form(old, new)).await.unwrap_err())
    };
    for new in ["10.0.0.256", "fd00::10", OLD[0], OLD[1], "", "0.0.0.0", "dc1.corp.example.com"] {
        assert_eq!(wrong(OLD[0], new).await, "new", "{new}");
    }
    assert_eq!(wrong("10.30.0.10", NEW).await, "old", "an address of another connector");
    // It answers, and does not know that domain: nobody can mean that.
    let lab = UNREGISTERED.parse().unwrap();
    let meant = DnsForm { unreachable: true, ..form("10.30.0.10", NEW) };
    assert_eq!(field(dns_change::begin(&house.services, &admin(), &lab, &meant).await.unwrap_err()), "new");
    house.execute("update directory set stage = 'Creating'").await;
    let early = dns_change::begin(&house.services, &admin(), &directory(), &form(OLD[0], NEW)).await;
    assert_eq!(early, Err(Error::conflict(Conflict::DnsNotChangeable)));
    assert_eq!((count(&db, "dns_change").await, count(&db, "audit where action = 'change_dns'").await), (0, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_wrong_address_is_told_and_corrected(db: PgPool) {
    let house = house(db.clone()).await;
    let id = frozen(&house).await;
    for wrong in [&[NEW, "10.20.0.99"][..], &[OLD[0], NEW], &[NEW]] {
        console(&house, wrong);
        sweep(&house).await;
        let seen = page(&house, id).await;
        assert_eq!((seen.shown, seen.change.state), (Shown::Otherwise, DnsState::Frozen), "{wrong:?}");
    }
    console(&house, &[NEW, OLD[1]]);
    sweep(&house).await;
    assert_eq!(change(&house, id).await.state, DnsState::Changed);
    // Somebody puts it back: launches stand still for a quarter of an hour from there, and it can't be closed.
    pass(&house, 10);
    console(&house, &OLD);
    sweep(&house).await;
    pass(&house, 10);
    assert!(change(&house, id).await.is_frozen);
    verify(&house, id).await.unwrap();
    assert!(!change(&house, id).await.is_verified());
    assert_eq!(field(finish(&house, id).await.unwrap_err()), "verify");
    assert_eq!(count(&db, "audit where detail like '%AWS shows%' and phase = 'finished' and on_behalf_of is not null").await, 5);
}

/// The sweep comes every half a minute by itself; whoever has changed the connector need not wait for it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn who_asks_has_aws_asked_at_once(db: PgPool) {
    let house = house(db).await;
    let id = frozen(&house).await;
    sweep(&house).await;
    assert!(next_sweep(&house).await.is_some_and(|seconds| (20..=30).contains(&seconds)));
    dns_change::ask(&house.services, &admin(), &directory(), id).await.unwrap();
    assert!(next_sweep(&house).await.is_some_and(|seconds| seconds <= 0));
}

/// Somebody puts the old address back after all was verified: that verification is of the past.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_verification_ends_when_the_addresses_move(db: PgPool) {
    let house = house(db).await;
    let id = frozen(&house).await;
    console(&house, &[NEW, OLD[1]]);
    sweep(&house).await;
    verify(&house, id).await.unwrap();
    console(&house, &OLD);
    sweep(&house).await;
    assert_eq!(field(finish(&house, id).await.unwrap_err()), "verify");
}

/// A change ends with its directory, and nothing waits for it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_change_ends_with_its_directory(db: PgPool) {
    let house = house(db).await;
    frozen(&house).await;
    house.sandbox.state().memory().connectors.retain(|connector| connector.id != DIRECTORY);
    house.sandbox.state().memory().registrations.clear();
    pass(&house, 1);
    sweep(&house).await;
    let states: Vec<String> = sqlx::query_scalar("select state from dns_change").fetch_all(&house.db).await.unwrap();
    assert_eq!(states, ["abandoned"]);
    let frozen: i64 = sqlx::query_scalar("select count(*) from dns_change where thaws_at is null or thaws_at > $1")
        .bind(house.services.clock.now())
        .fetch_one(&house.db)
        .await
        .unwrap();
    assert_eq!(frozen, 0, "rows that waited go on");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_connector_that_was_changed_too_early_is_told(db: PgPool) {
    let house = house(db).await;
    let id = begin(&house).await;
    console(&house, &[NEW, OLD[1]]);
    sweep(&house).await;
    let seen = change(&house, id).await;
    assert_eq!((seen.state, seen.early, seen.is_frozen), (DnsState::Changed, true, true));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn giving_up_releases_launches_at_once_unless_the_connector_was_touched(db: PgPool) {
    let house = house(db).await;
    let id = frozen(&house).await;
    let launch = house.launch(&["marta.nordwind"]).await;
    house.run_waiting().await;
    assert_eq!(field(abandon(&house, id, " ").await.unwrap_err()), "reason");
    abandon(&house, id, "not today").await.unwrap();
    assert_eq!(abandon(&house, id, "not today").await, moved());
    house.run_waiting().await;
    assert!(first(&house, launch).await != ItemState::Queued);

    let id = frozen(&house).await;
    console(&house, &["10.20.0.99", OLD[1]]);
    sweep(&house).await;
    pass(&house, 5);
    abandon(&house, id, "the wrong address").await.unwrap();
    assert!(change(&house, id).await.is_frozen);
    pass(&house, 10);
    let given_up = change(&house, id).await;
    assert_eq!((given_up.is_frozen, given_up.state), (false, DnsState::Abandoned));
    assert_eq!(given_up.reason.as_deref(), Some("the wrong address"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn while_aws_is_away_the_picture_grows_old_and_nothing_is_lost(db: PgPool) {
    let house = house(db).await;
    let id = frozen(&house).await;
    console(&house, &[NEW, OLD[1]]);
    house.fault_at("DescribeDirectories", Kind::ServerError, 1_000);
    for _ in 0..20 {
        house.run_waiting().await;
        house.sandbox.clock().advance(chrono::TimeDelta::seconds(30));
    }
    let away = page(&house, id).await;
    assert_eq!((away.shown, away.change.state), (Shown::AsBefore, DnsState::Frozen));
    assert!(away.freshness.problem.is_some() && away.change.is_frozen);
    house.sandbox.faults().clear();
    // It was asked for again all along: nobody has to wake the sweep.
    house.run_waiting().await;
    let back = page(&house, id).await;
    assert_eq!((back.change.state, back.freshness.problem), (DnsState::Changed, None));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn it_is_for_the_admins_of_the_directory(db: PgPool) {
    let house = house(db).await;
    let id = begin(&house).await;
    let directory = directory();
    let services = &house.services;
    for stranger in [helpdesk(), person(Role::Auditor, None), person(Role::Admin, Some(UNREGISTERED))] {
        let refused = |outcome: Result<(), Error>| assert!(matches!(outcome, Err(Error::NotAllowed { .. })), "{outcome:?}");
        refused(dns_change::list(services, &stranger, &directory).await.map(drop));
        refused(dns_change::begin(services, &stranger, &directory, &form(OLD[0], NEW)).await.map(drop));
        refused(dns_change::freeze(services, &stranger, &directory, id, true).await);
        refused(dns_change::ask(services, &stranger, &directory, id).await);
        refused(dns_change::verify(services, &stranger, &directory, id).await);
        refused(dns_change::finish(services, &stranger, &directory, id).await);
        refused(dns_change::abandon(services, &stranger, &directory, id, "because").await);
        refused(dns_change::script(services, &stranger, &directory, id).await.map(drop));
        refused(dns_change::csv(services, &stranger, &directory, id).await.map(drop));
        refused(dns_change::read(services, &stranger, &directory, id, ("x", b"a,done")).await);
    }
    // A change is one of its directory only.
    let lab = UNREGISTERED.parse().unwrap();
    assert_eq!(dns_change::freeze(services, &admin(), &lab, id, true).await, Err(Error::NotFound));
    assert_eq!(change(&house, id).await.state, DnsState::Workspaces);
}
