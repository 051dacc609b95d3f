//! Holds: how each desktop is closed, what if AWS can't, what undoing one gives, and what a leaver's end has to do with that of a
//! temporary desktop.

use backend::endings;
use chrono::{Days, TimeDelta};
use chrono_tz::Europe::Berlin;
use model::{
    Conflict, Error,
    access::Role,
    endings::{Cause, Decision, State},
};
use sandbox::state::Workspace;
use sqlx::PgPool;

use super::{MIGRATOR, Office};
use crate::house::count;

/// Letters go out half an hour after the last one at the latest.
const HALF_AN_HOUR: TimeDelta = TimeDelta::minutes(31);

impl Office {
    /// Has AWS show somebody's desktop otherwise.
    fn at_aws(&self, account: &str, change: impl FnOnce(&mut Workspace)) {
        let mut memory = self.house.sandbox.state().memory();
        let found = memory.workspaces.iter_mut().find(|desktop| desktop.user_name == account && !desktop.is_gone());
        change(found.unwrap());
    }

    /// So many days from today, as pages write it.
    fn written(&self, days: u64) -> String {
        let today = self.house.services.clock.now().with_timezone(&Berlin).date_naive();
        (today + Days::new(days)).format("%-d %b %Y").to_string()
    }

    async fn last_letter(&self) -> String {
        self.post(HALF_AN_HOUR).await;
        self.letters("mgarcia").pop().unwrap().text
    }
}

fn auto_stop(desktop: &mut Workspace) {
    desktop.running_mode = "AUTO_STOP".into();
    desktop.auto_stop_minutes = Some(60);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stopped_desktop_is_started_to_be_closed(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    for account in ["anna.nordwind", "ben.nordwind"] {
        office.at_aws(account, |desktop| {
            auto_stop(desktop);
            desktop.state = Some("STOPPED".into());
        });
    }
    office.morning(21).await;
    office.settle().await;
    assert_eq!(office.states().await, [State::Held; 2]);
    for account in ["anna.nordwind", "ben.nordwind"] {
        assert_eq!(office.shown(account), "ADMIN_MAINTENANCE", "{account}: stopped, it would start when its user signs in");
    }
    assert!(office.house.calls("workspaces:StartWorkspaces") >= 1);
    assert_eq!(count(&office.house.db, "workspace_batch where action = 'start'").await, 2);
    assert_eq!(count(&office.house.db, "workspace_batch where action = 'maintenance_on'").await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn stopped_is_enough_where_the_account_is_disabled(db: PgPool) {
    let office = Office::open(db).await;
    office.filled().await;
    office.at_aws("anna.nordwind", auto_stop);
    office.disable("anna.nordwind", true);
    office.night().await;
    office.end(&office.manager(), "anna.nordwind", Decision::Hold).await.unwrap();
    office.settle().await;
    office.settle().await;
    assert_eq!((office.states().await, office.shown("anna.nordwind").as_str()), (vec![State::Held], "STOPPED"));
    office.morning(1).await;
    assert_eq!((office.states().await, office.shown("anna.nordwind").as_str()), (vec![State::Held], "STOPPED"));
    assert_eq!(count(&office.house.db, "workspace_batch where action = 'stop'").await, 1);
    for call in ["workspaces:ModifyWorkspaceState", "workspaces:StartWorkspaces"] {
        assert_eq!(office.house.calls(call), 0, "{call}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_is_moved_out_of_the_directorys_unit_is_a_leaver(db: PgPool) {
    let office = Office::open(db).await;
    office.house.execute("update directory set scope_ou = 'OU=Hamburg,OU=People,DC=corp,DC=example,DC=com'").await;
    office.filled().await;
    office.house.sandbox.company().change("anna.nordwind", |person| person.office = "Berlin");
    office.night().await;
    let ending = office.ending("anna.nordwind").await;
    assert_eq!((office.states().await, ending.cause), (vec![State::Noticed], Cause::OutOfScope));
    office.house.sandbox.company().change("anna.nordwind", |person| person.office = "Hamburg");
    office.night().await;
    assert_eq!(office.states().await, [State::Back]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_unhealthy_desktop_is_rebooted_to_be_closed(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.at_aws("anna.nordwind", |desktop| desktop.state = Some("UNHEALTHY".into()));
    office.morning(21).await;
    office.settle().await;
    office.settle().await;
    assert_eq!((office.states().await, office.shown("anna.nordwind").as_str()), (vec![State::Held; 2], "ADMIN_MAINTENANCE"));
    assert_eq!(count(&office.house.db, "workspace_batch where action = 'reboot'").await, 1);
}

/// AWS closes none of the two and starts none that runs always. Somebody is told, and they are terminated all the same.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_that_aws_can_not_bring_about_counts_and_stands_on_today(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.at_aws("anna.nordwind", |desktop| desktop.state = Some("IMPAIRED".into()));
    office.at_aws("ben.nordwind", |desktop| desktop.state = Some("STOPPED".into()));
    let (services, staff) = (&office.house.services, office.actor("hkeller", Role::Helpdesk));
    office.morning(21).await;
    assert_eq!(office.states().await, [State::Holding; 2]);
    let ending = office.ending("anna.nordwind").await;
    assert!(ending.waits.as_ref().unwrap().contains("AWS says IMPAIRED"), "{ending:?}");
    assert_eq!((ending.unclosed, ending.terminates), (false, None));
    assert_eq!(endings::waiting(services, &staff).await.unwrap().stuck_total, 0, "AWS has a day");
    office.morning(1).await;
    assert_eq!(office.states().await, [State::Holding; 2]);
    let ending = office.ending("anna.nordwind").await;
    assert_eq!((ending.unclosed, ending.terminates, ending.held), (true, Some(office.written(6)), None));
    assert_eq!(endings::waiting(services, &staff).await.unwrap().stuck_total, 2);
    let letter = office.last_letter().await;
    assert!(letter.contains("AWS can\u{2019}t do so") && letter.contains("Terminated on: "), "{letter}");
    office.morning(5).await;
    assert_eq!((office.states().await, office.house.calls("workspaces:TerminateWorkspaces")), (vec![State::Holding; 2], 0));
    office.morning(1).await;
    office.morning(1).await;
    assert_eq!(office.states().await, [State::Terminated; 2]);
    let told =
        "audit where action = 'end_desktop' and outcome = 'succeeded' and detail like '%could not be closed in the seven days%'";
    assert_eq!((count(&office.house.db, told).await, office.ledger().await.0.as_str()), (2, "0.00 EUR"));
}

/// It becomes well before its days are over: then it is held for all of them.
#[sqlx::test(migrator = "MIGRATOR")]
async fn one_that_can_be_closed_after_all_is_held_for_seven_days(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.at_aws("anna.nordwind", |desktop| desktop.state = Some("ERROR".into()));
    office.morning(21).await;
    office.morning(5).await;
    assert!(office.ending("anna.nordwind").await.unclosed);
    office.at_aws("anna.nordwind", |desktop| desktop.state = None);
    office.morning(1).await;
    let ending = office.ending("anna.nordwind").await;
    assert_eq!((ending.state, ending.unclosed, ending.terminates), (State::Held, false, Some(office.written(7))));
    assert_eq!(office.shown("anna.nordwind"), "ADMIN_MAINTENANCE");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_asked_undoes_a_hold_once_and_for_seven_days(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    let (services, manager) = (&office.house.services, office.manager());
    office.morning(21).await;
    let letter = office.last_letter().await;
    assert!(letter.contains("ask for more time") && letter.contains("opens it for 7 days"), "{letter}");
    let held = office.ending("anna.nordwind").await;
    assert_eq!(endings::get(services, &manager, held.id).await.unwrap().decisions, [Decision::Undo]);
    office.end(&manager, "anna.nordwind", Decision::Undo).await.unwrap();
    endings::decide(services, &manager, held.id, Decision::Undo, held.version).await.unwrap();
    office.settle().await;
    let open = office.ending("anna.nordwind").await;
    assert_eq!((open.state, open.held, office.shown("anna.nordwind").as_str()), (State::Asked, None, "AVAILABLE"));
    assert_eq!((open.undone, open.ends), (Some(office.written(0)), Some(office.written(7))));
    let letter = office.last_letter().await;
    assert!(letter.contains("Its hold was undone") && letter.contains(&office.written(7)), "{letter}");
    office.morning(7).await;
    let ending = office.ending("anna.nordwind").await;
    assert_eq!((ending.state, office.shown("anna.nordwind").as_str()), (State::AskedAgain, "AVAILABLE"), "its last day");
    office.morning(1).await;
    let ending = office.ending("anna.nordwind").await;
    assert_eq!((ending.state, office.shown("anna.nordwind").as_str()), (State::Held, "ADMIN_MAINTENANCE"));
    assert_eq!(endings::get(services, &manager, ending.id).await.unwrap().decisions, [], "once");
    let again = office.end(&manager, "anna.nordwind", Decision::Undo).await;
    assert_eq!(again, Err(Error::conflict(Conflict::EndingChanged)));
    office.morning(6).await;
    assert_eq!(
        (office.ending("anna.nordwind").await.state, office.shown("anna.nordwind").as_str()),
        (State::Held, "ADMIN_MAINTENANCE")
    );
    office.morning(1).await;
    office.morning(1).await;
    assert_eq!(office.states().await, [State::Terminated; 2]);
}

/// More time that was asked for is approved while AWS opens the desktop for a while.
#[sqlx::test(migrator = "MIGRATOR")]
async fn more_time_that_is_approved_while_a_hold_is_undone_is_not_lost(db: PgPool) {
    let office = Office::open(db).await;
    office.temporary().await;
    office.morning(21).await;
    let held = office.ending("anna.nordwind").await;
    let request = office.extended(&office.manager(), held.id, 60).await;
    office.end(&office.manager(), "anna.nordwind", Decision::Undo).await.unwrap();
    assert_eq!(office.states().await, [State::Opening, State::Held]);
    office.approve(&office.approver(), request).await.unwrap();
    office.settle().await;
    assert_eq!(office.states().await, [State::Extended; 2]);
    assert_eq!(office.shown("anna.nordwind"), "AVAILABLE");
    assert_eq!(count(&office.house.db, "request_item where state = 'set_aside'").await, 0);
    office.morning(10).await;
    assert_eq!((office.states().await, office.shown("anna.nordwind").as_str()), (vec![State::Extended; 2], "AVAILABLE"));
}

/// Nobody decides on a leaver, and the desktop's last day comes.
#[sqlx::test(migrator = "MIGRATOR")]
async fn an_undecided_leaver_does_not_keep_a_temporary_desktop(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.temporary().await;
    office.disable("anna.nordwind", true);
    office.night().await;
    let ending = office.ending("anna.nordwind").await;
    assert_eq!((ending.state, ending.cause), (State::Noticed, Cause::Disabled));
    office.morning(4).await;
    let ending = office.ending("anna.nordwind").await;
    assert_eq!((ending.cause, ending.ends), (Cause::Temporary, Some(office.written(15))));
    assert_eq!(count(&office.house.db, "ending").await, 2, "one for each desktop");
    let told = "request_decision where what = 'ending' and note like '%nobody has decided; it ends after its last day%'";
    assert_eq!(count(&office.house.db, told).await, 1);
    assert_eq!(office.page(&office.manager(), id).await.endings.len(), 2);
    office.night().await;
    assert_eq!(office.states().await, [State::Asked; 2]);
    assert_eq!(endings::waiting(&office.house.services, &office.manager()).await.unwrap().mine_total, 2);
    office.disable("anna.nordwind", false);
    office.night().await;
    assert_eq!(office.states().await, [State::Asked; 2], "it ends, whoever is back");
    office.morning(14).await;
    assert_eq!(office.states().await, [State::Held; 2]);
    office.morning(7).await;
    office.morning(1).await;
    assert_eq!(office.states().await, [State::Terminated; 2]);
}

/// Their desktops end anyway, so nothing is new about them, however many they are.
#[sqlx::test(migrator = "MIGRATOR")]
async fn leavers_whose_desktops_end_anyway_are_not_doubted(db: PgPool) {
    let office = Office::open(db).await;
    let accounts = ["anna", "ben", "clara", "david", "emil", "frida", "greta"].map(|given| format!("{given}.nordwind"));
    office.temporary_for(&accounts.each_ref().map(String::as_str)).await;
    office.morning(6).await;
    assert_eq!(office.states().await, [State::Asked; 7]);
    accounts.iter().skip(1).for_each(|account| office.disable(account, true));
    for _ in 0..2 {
        office.night().await;
        assert_eq!((office.states().await, office.problems().await), (vec![State::Asked; 7], vec![]));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_mail_of_a_leavers_hold_says_how_it_is_opened_again(db: PgPool) {
    let office = Office::open(db).await;
    office.filled().await;
    office.disable("anna.nordwind", true);
    office.night().await;
    office.end(&office.manager(), "anna.nordwind", Decision::Hold).await.unwrap();
    office.settle().await;
    let letter = office.last_letter().await;
    assert!(
        letter.contains("Held: Desktop of Anna Nordwind") && letter.contains("undo the hold on the page of its end"),
        "{letter}"
    );
    assert!(!letter.contains("more time"), "which can be asked for a temporary one only: {letter}");
}
