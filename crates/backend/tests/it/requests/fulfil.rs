//! What was approved becomes desktops: once, on its day, and only for those who can still get one.

use backend::{launches, requests, worker};
use chrono::TimeDelta;
use model::{
    Error, PageRequest,
    access::Role,
    requests::{RequestForm, State, Way, WayCounts},
};
use sandbox::faults::{Fault, Kind};
use sqlx::PgPool;

use super::{MIGRATOR, Office};
use crate::house::count;

impl Office {
    async fn ways(&self, id: model::RequestId) -> Vec<Way> {
        self.page(&self.manager(), id).await.items.into_iter().map(|item| item.way).collect()
    }

    /// Moves the time on and runs jobs, as often as a launch and its mails need.
    pub(super) async fn work(&self) {
        for _ in 0..6 {
            self.house.run_waiting().await;
            self.house.sandbox.clock().advance(TimeDelta::seconds(40));
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_way_leads_to_the_first_sign_in(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind", "ben.nordwind"]).await;
    assert_eq!(office.ways(id).await, [Way::Asked; 2]);
    office.approve(&office.approver(), id).await.unwrap();
    assert_eq!(office.ways(id).await, [Way::Launching; 2]);
    office.work().await;
    assert_eq!(office.ways(id).await, [Way::Invited; 2]);
    assert_eq!(office.house.invited().len(), 2);
    let anna = office.house.made_for("anna.nordwind").remove(0);
    assert!(office.house.sandbox.state().sign_in(&anna.id, office.house.sandbox.clock().now()));
    office.house.job("watch_sign_ins").await;
    assert_eq!(office.ways(id).await, [Way::SignedIn, Way::Invited]);
    let counts = office.page(&office.manager(), id).await.summary.counts;
    assert_eq!(counts, WayCounts { signed_in: 1, invited: 1, ..WayCounts::default() });
    // Who was seen is not asked about again; who was not, only after a pause.
    let calls = office.house.calls("workspaces:DescribeWorkspacesConnectionStatus");
    office.house.job("watch_sign_ins").await;
    assert_eq!(office.house.calls("workspaces:DescribeWorkspacesConnectionStatus"), calls);

    let staff = office.actor("hkeller", Role::Helpdesk);
    let launch = office.page(&staff, id).await.items[0].launch.unwrap().0;
    let launch = launches::get(&office.house.services, &staff, launch).await.unwrap();
    assert_eq!(launch.summary.started_by, "mgarcia");
    assert_eq!(office.page(&office.manager(), id).await.items[0].launch, None);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn desktops_are_made_the_day_before_they_are_needed(db: PgPool) {
    let office = Office::open(db).await;
    let form = RequestForm { needed_by: office.day(10), until: office.day(40), ..office.form() };
    let id = office.draft(&office.manager(), &["anna.nordwind"], form).await;
    office.hand_in(&office.manager(), id).await.unwrap();
    office.approve(&office.approver(), id).await.unwrap();
    assert_eq!((count(&office.house.db, "launch").await, office.ways(id).await), (0, vec![Way::Approved]));
    assert!(office.page(&office.manager(), id).await.launch_day.unwrap().ends_with("00:00"));
    office.house.job("launch_requests").await;
    assert_eq!(count(&office.house.db, "launch").await, 0);
    office.house.sandbox.clock().advance(TimeDelta::hours(9 * 24 + 7));
    for _ in 0..3 {
        office.house.job("launch_requests").await;
    }
    assert_eq!((count(&office.house.db, "launch").await, count(&office.house.db, "launch_item").await), (1, 1));
    assert_eq!(count(&office.house.db, "request where launch_at is not null").await, 0);
}

/// The process dies after the approval was written and before anything was launched; then two workers find it at once, and one of
/// them twice.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_process_killed_between_approval_and_launch_loses_and_doubles_nothing(db: PgPool) {
    let office = Office::open(db).await;
    let form = RequestForm { needed_by: office.day(10), ..office.form() };
    let id = office.draft(&office.manager(), &["anna.nordwind", "ben.nordwind"], form).await;
    office.hand_in(&office.manager(), id).await.unwrap();
    office.approve(&office.approver(), id).await.unwrap();
    // What a killed process leaves: due, not launched, its job gone.
    office.house.execute("update request set launch_at = now() - interval '1 minute'").await;
    office.house.execute("delete from graphile_worker._private_jobs").await;
    // The minute's look at everything finds it.
    sqlx::query("select graphile_worker.add_job('tick', 'null'::json)").execute(&office.house.db).await.unwrap();
    let other = office.house.services.clone();
    for _ in 0..3 {
        sqlx::query("select graphile_worker.add_job('launch_requests', '{}'::json) from generate_series(1, 4)")
            .execute(&office.house.db)
            .await
            .unwrap();
        let (one, two) = tokio::join!(worker::run_once(&office.house.services), worker::run_once(&other));
        assert!(one.is_ok() && two.is_ok());
    }
    office.work().await;
    assert_eq!((count(&office.house.db, "launch").await, count(&office.house.db, "launch_item").await), (1, 2));
    for account in ["anna.nordwind", "ben.nordwind"] {
        assert_eq!(office.house.made_for(account).len(), 1, "{account}");
    }
    assert_eq!(office.ways(id).await, [Way::Invited; 2]);
}

/// Approving goes through while Active Directory is away; the launch waits for it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn who_became_ineligible_is_set_aside_and_told(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind", "ben.nordwind", "clara.nordwind"]).await;
    office.house.sandbox.company().change("anna.nordwind", |person| person.user_account_control |= 0x2);
    office.house.sandbox.company().remove("clara.nordwind");
    office.approve(&office.approver(), id).await.unwrap();
    let page = office.page(&office.manager(), id).await;
    let told: Vec<_> = page.items.iter().map(|item| (item.way, item.note.as_deref())).collect();
    assert_eq!(told[0], (Way::SetAside, Some("account disabled")));
    assert_eq!(told[1], (Way::Launching, None));
    assert_eq!(told[2], (Way::SetAside, Some("not in Active Directory any more")));
    assert_eq!((page.summary.state, page.summary.counts.without), (State::Approved, 2));
    assert_eq!(office.ledger().await.0, "40.00 EUR", "who gets none costs nothing");
    assert_eq!(count(&office.house.db, "request_decision where what = 'set_aside'").await, 2);
    let waiting = requests::waiting(&office.house.services, &office.manager()).await.unwrap();
    assert_eq!(waiting.mine.len(), 1);
}

/// Somebody launches one of them by hand before the decision.
#[sqlx::test(migrator = "MIGRATOR")]
async fn who_got_a_desktop_meanwhile_gets_no_second(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind", "ben.nordwind"]).await;
    office.house.launch(&["anna.nordwind"]).await;
    office.approve(&office.approver(), id).await.unwrap();
    assert_eq!(office.ways(id).await, [Way::SetAside, Way::Launching]);
    office.work().await;
    assert_eq!(office.house.made_for("anna.nordwind").len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_failed_row_is_helpdesks_and_reads_as_looked_at(db: PgPool) {
    let office = Office::open(db).await;
    let refuse = Kind::FailItem { code: "ResourceNotFound.User".into(), message: "no such user".into() };
    let mut fault = Fault::new("CreateWorkspaces", refuse).times(1);
    fault.items = vec!["anna.nordwind".into()];
    office.house.sandbox.faults().add(fault);
    let id = office.asked(&["anna.nordwind", "ben.nordwind"]).await;
    office.approve(&office.approver(), id).await.unwrap();
    office.work().await;
    assert_eq!(office.ways(id).await, [Way::LookedAt, Way::Invited]);
    let staff = office.actor("hkeller", Role::Helpdesk);
    let launch = office.page(&staff, id).await.items[0].launch.unwrap().0;
    assert_eq!(launches::today(&office.house.services, &staff).await.unwrap().failed[0].launch, launch);
    launches::retry(&office.house.services, &staff, launch, vec![]).await.unwrap();
    office.work().await;
    assert_eq!(office.ways(id).await, [Way::Invited; 2]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_directory_that_takes_no_launches_is_waited_for(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind"]).await;
    office.house.execute("update directory set stage = 'Impaired'").await;
    office.approve(&office.approver(), id).await.unwrap();
    assert_eq!((count(&office.house.db, "launch").await, office.ways(id).await), (0, vec![Way::Approved]));
    office.house.execute("update directory set stage = 'Active'").await;
    office.house.sandbox.clock().advance(TimeDelta::minutes(11));
    office.house.job("launch_requests").await;
    assert_eq!(office.ways(id).await, [Way::Launching]);
}

/// Canceled, or terminated by hand: nobody pays for it any more, and nobody waits for it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_not_there_costs_nothing(db: PgPool) {
    let office = Office::open(db).await;
    let (services, staff) = (&office.house.services, office.actor("hkeller", Role::Helpdesk));
    let id = office.asked(&["anna.nordwind"]).await;
    office.approve(&office.approver(), id).await.unwrap();
    let launch = office.page(&staff, id).await.items[0].launch.unwrap().0;
    launches::cancel(services, &staff, launch, vec![]).await.unwrap();
    office.house.job("launch_requests").await;
    assert_eq!((office.ways(id).await, office.ledger().await.0.as_str()), (vec![Way::NotMade], "0.00 EUR"));
    assert!(requests::waiting(services, &office.manager()).await.unwrap().mine.is_empty());

    let id = office.asked(&["ben.nordwind"]).await;
    office.approve(&office.approver(), id).await.unwrap();
    office.work().await;
    assert_eq!((office.ways(id).await, office.ledger().await.0.as_str()), (vec![Way::Invited], "40.00 EUR"));
    office.house.execute("update workspace set state = 'TERMINATED' where user_name = 'ben.nordwind'").await;
    office.house.job("launch_requests").await;
    assert_eq!((office.ways(id).await, office.ledger().await.0.as_str()), (vec![Way::Ended], "0.00 EUR"));
}

/// Nobody is made a desktop that is closed on the day on which it comes.
#[sqlx::test(migrator = "MIGRATOR")]
async fn after_its_last_day_nothing_is_approved_or_launched(db: PgPool) {
    let office = Office::open(db).await;
    let short = async |account| {
        let form = RequestForm { until: office.day(3), ..office.form() };
        let id = office.draft(&office.manager(), &[account], form).await;
        office.hand_in(&office.manager(), id).await.unwrap();
        id
    };
    let (undecided, waits) = (short("anna.nordwind").await, short("ben.nordwind").await);
    office.house.execute("update directory set stage = 'Impaired'").await;
    office.approve(&office.approver(), waits).await.unwrap();
    office.house.sandbox.clock().advance(TimeDelta::days(5));
    let late = office.approve(&office.approver(), undecided).await;
    assert!(matches!(&late, Err(Error::Refused { why }) if why.starts_with("The last day")), "{late:?}");
    office.house.execute("update directory set stage = 'Active'").await;
    office.house.job("launch_requests").await;
    assert_eq!((office.ways(waits).await, count(&office.house.db, "launch").await), (vec![Way::SetAside], 0));
    assert_eq!(office.ledger().await.0, "0.00 EUR");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_directory_that_is_gone_sets_its_people_aside(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.asked(&["anna.nordwind"]).await;
    office.house.execute("update directory set stage = 'Impaired'").await;
    office.approve(&office.approver(), id).await.unwrap();
    office.house.execute("update directory set gone_at = now()").await;
    office.house.sandbox.clock().advance(TimeDelta::minutes(11));
    office.house.job("launch_requests").await;
    assert_eq!((office.ways(id).await, office.ledger().await.0.as_str()), (vec![Way::SetAside], "0.00 EUR"));
    assert_eq!(count(&office.house.db, "request where launch_at is not null").await, 0);
}

/// What can't be launched now goes behind the others, and stands on the start page of those who see to it once its day has come.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_request_that_can_not_be_launched_is_put_off_and_shown(db: PgPool) {
    let mut office = Office::open(db).await;
    let form = RequestForm { needed_by: office.day(10), ..office.form() };
    let id = office.draft(&office.manager(), &["anna.nordwind"], form).await;
    office.hand_in(&office.manager(), id).await.unwrap();
    office.approve(&office.approver(), id).await.unwrap();
    office.house.ad_away();
    office.house.sandbox.clock().advance(TimeDelta::days(11));
    office.house.job("launch_requests").await;
    let now = office.house.services.clock.now();
    let at: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select launch_at from request").fetch_one(&office.house.db).await.unwrap();
    assert!(at > now, "{at} {now}");
    let staff = office.actor("hkeller", Role::Helpdesk);
    let overdue = requests::waiting(&office.house.services, &staff).await.unwrap().overdue;
    assert_eq!(overdue.iter().map(|summary| summary.id).collect::<Vec<_>>(), [id]);
    assert!(requests::waiting(&office.house.services, &office.manager()).await.unwrap().overdue.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_start_page_shows_what_waits_for_whom(db: PgPool) {
    let office = Office::open(db).await;
    let services = &office.house.services;
    let id = office.asked(&["anna.nordwind"]).await;
    office.draft(&office.manager(), &["ben.nordwind"], office.form()).await;
    let approver = requests::waiting(services, &office.approver()).await.unwrap();
    assert_eq!((approver.to_decide_total, approver.to_decide[0].id), (1, id));
    let manager = requests::waiting(services, &office.manager()).await.unwrap();
    assert_eq!((manager.to_decide_total, manager.mine.len(), manager.drafts.len()), (0, 1, 1));
    let page = requests::to_decide(services, &office.manager(), PageRequest::default()).await.unwrap();
    assert_eq!(page.total, 0);
}
