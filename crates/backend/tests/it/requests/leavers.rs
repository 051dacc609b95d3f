//! Desktops of people who have left: noticed at night, proposed, and never terminated without a decision.

use backend::endings;
use model::{
    PageRequest, RequestId,
    access::Role,
    endings::{Cause, Decision, Filter, State},
};
use sqlx::PgPool;

use super::{MIGRATOR, Office};

impl Office {
    pub(super) async fn filled(&self) -> RequestId {
        self.filled_with(&["anna.nordwind", "ben.nordwind", "clara.nordwind"]).await
    }

    async fn filled_with(&self, accounts: &[&str]) -> RequestId {
        self.morning(1).await;
        let id = self.asked(accounts).await;
        self.approve(&self.approver(), id).await.unwrap();
        self.work().await;
        self.house.job("compare_fleet").await;
        assert!(self.endings().await.is_empty(), "everybody is there");
        id
    }

    pub(super) async fn night(&self) {
        self.morning(1).await;
        self.house.job("compare_fleet").await;
        self.settle().await;
    }

    pub(super) async fn problems(&self) -> Vec<String> {
        let staff = self.actor("hkeller", Role::Helpdesk);
        endings::list(&self.house.services, &staff, Filter::default(), PageRequest::default()).await.unwrap().problems
    }

    pub(super) fn disable(&self, account: &str, disabled: bool) {
        self.house.sandbox.company().change(account, |person| person.set_disabled(disabled));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_leaver_is_proposed_and_waits_for_a_decision(db: PgPool) {
    let office = Office::open(db).await;
    let id = office.filled().await;
    office.disable("anna.nordwind", true);
    office.night().await;
    let ending = office.ending("anna.nordwind").await;
    assert_eq!((ending.state, ending.cause), (State::Noticed, Cause::Disabled));
    assert_eq!(ending.cost.as_deref(), Some("40.00 EUR, prices of 1 Jan 2020"));
    assert_eq!(office.page(&office.manager(), id).await.endings.len(), 1);
    let waiting = endings::waiting(&office.house.services, &office.actor("hkeller", Role::Helpdesk)).await.unwrap();
    assert_eq!((waiting.leavers_total, waiting.mine_total), (1, 0));
    for _ in 0..3 {
        office.morning(30).await;
    }
    assert_eq!((office.states().await, office.shown("anna.nordwind").as_str()), (vec![State::Noticed], "AVAILABLE"));
    office.end(&office.manager(), "anna.nordwind", Decision::LetGo).await.unwrap();
    office.settle().await;
    assert_eq!(office.states().await, [State::Held]);
    office.morning(8).await;
    office.morning(1).await;
    assert_eq!((office.states().await, office.ledger().await.0.as_str()), (vec![State::Terminated], "80.00 EUR"));
    office.night().await;
    assert_eq!(office.endings().await.len(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_is_back_keeps_the_desktop_even_on_the_day_on_which_it_goes(db: PgPool) {
    let office = Office::open(db).await;
    office.filled().await;
    office.disable("anna.nordwind", true);
    office.disable("ben.nordwind", true);
    office.night().await;
    assert_eq!(office.states().await, [State::Noticed; 2]);
    office.disable("ben.nordwind", false);
    office.night().await;
    assert_eq!(office.states().await, [State::Noticed, State::Back]);
    office.end(&office.manager(), "anna.nordwind", Decision::LetGo).await.unwrap();
    office.settle().await;
    office.disable("anna.nordwind", false);
    office.morning(8).await;
    office.settle().await;
    assert_eq!((office.states().await, office.shown("anna.nordwind").as_str()), (vec![State::Back; 2], "AVAILABLE"));
    assert_eq!(office.house.calls("workspaces:TerminateWorkspaces"), 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_is_deleted_is_noticed_and_a_kept_desktop_is_not_proposed_every_night(db: PgPool) {
    let office = Office::open(db).await;
    office.filled().await;
    office.house.sandbox.company().remove("clara.nordwind");
    office.night().await;
    assert_eq!(office.ending("clara.nordwind").await.cause, Cause::Gone);
    let staff = office.actor("hkeller", Role::Helpdesk);
    office.end(&staff, "clara.nordwind", Decision::Keep).await.unwrap();
    office.night().await;
    office.night().await;
    assert_eq!(office.states().await, [State::Kept]);
}

/// A hold that is not followed by a decision lasts.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hold_without_a_decision_terminates_nothing(db: PgPool) {
    let office = Office::open(db).await;
    office.filled().await;
    office.disable("anna.nordwind", true);
    office.night().await;
    office.end(&office.manager(), "anna.nordwind", Decision::Hold).await.unwrap();
    office.settle().await;
    office.morning(60).await;
    assert_eq!((office.states().await, office.house.calls("workspaces:TerminateWorkspaces")), (vec![State::Held], 0));
    office.end(&office.manager(), "anna.nordwind", Decision::Undo).await.unwrap();
    office.settle().await;
    assert_eq!((office.states().await, office.shown("anna.nordwind").as_str()), (vec![State::Kept], "AVAILABLE"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_domain_that_is_away_or_not_to_be_believed_concludes_nothing(db: PgPool) {
    let mut office = Office::open(db).await;
    office.filled().await;
    for account in ["anna.nordwind", "ben.nordwind", "clara.nordwind"] {
        office.disable(account, true);
    }
    office.night().await;
    assert!(office.endings().await.is_empty());
    let problems = office.problems().await;
    assert!(problems.len() == 1 && problems[0].contains("3 of 3 desktops"), "{problems:?}");
    office.disable("ben.nordwind", false);
    office.night().await;
    assert_eq!((office.states().await, office.problems().await), (vec![State::Noticed; 2], vec![]));
    office.house.ad_away();
    office.night().await;
    assert_eq!(office.states().await, [State::Noticed; 2], "nobody is back, and nobody has left");
    assert!(office.problems().await[0].contains("could not be asked who has left"));
    office.house.ad(|_| {});
    office.night().await;
    assert_eq!(office.problems().await, Vec::<String>::new());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_said_two_nights_in_a_row_is_believed(db: PgPool) {
    let office = Office::open(db).await;
    let accounts = ["anna", "ben", "clara", "david", "emil", "frida", "greta"].map(|given| format!("{given}.nordwind"));
    office.filled_with(&accounts.each_ref().map(String::as_str)).await;
    accounts.iter().skip(1).for_each(|account| office.disable(account, true));
    office.night().await;
    assert!(office.endings().await.is_empty() && office.problems().await[0].contains("6 of 7 desktops"));
    office.night().await;
    assert_eq!((office.states().await, office.problems().await), (vec![State::Noticed; 6], vec![]));
}
