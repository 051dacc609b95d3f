//! The rules: written as a draft, tried out, switched on as a set; and whom they lead to in Active Directory.

use backend::{requests::rules, settings::Groups};
use model::{
    Conflict, Error,
    access::{Act, Actor, Role},
    requests::{RuleForm, StageForm, State},
};
use sqlx::PgPool;

use super::{MIGRATOR, Office, invalid};
use crate::house::count;

impl Office {
    fn admin(&self) -> Actor {
        self.actor("amoreau", Role::Admin)
    }

    async fn rules_version(&self) -> i64 {
        let page = rules::page(&self.house.services, &self.admin()).await.unwrap();
        page.draft.map_or(0, |draft| draft.version)
    }

    /// Adds rules to the draft, in this order.
    async fn write(&self, forms: Vec<RuleForm>) {
        let (services, admin) = (&self.house.services, &self.admin());
        rules::begin(services, admin).await.unwrap();
        for form in forms {
            let id = rules::add(services, admin, self.rules_version().await).await.unwrap();
            assert!(rules::save(services, admin, id, form, self.rules_version().await).await.unwrap(), "the rule is right");
        }
    }

    /// Has these rules count, and no others.
    pub(super) async fn rule(&self, forms: Vec<RuleForm>) {
        self.house.execute("delete from request_rule_set").await;
        self.write(forms).await;
        rules::switch_on(&self.house.services, &self.admin(), self.rules_version().await).await.unwrap();
    }
}

fn at_once(up_to: &str) -> RuleForm {
    RuleForm {
        name: "Small ones".into(),
        request_price_is: "up_to".into(),
        request_price: up_to.into(),
        outcome: "at_once".into(),
        ..RuleForm::default()
    }
}

pub(super) fn asks(stages: &[(&str, &str)]) -> RuleForm {
    let stage = |(kind, who): &(&str, &str)| StageForm { kind: (*kind).into(), who: (*who).into() };
    RuleForm {
        name: "The others".into(),
        outcome: "stages".into(),
        stages: stages.iter().map(stage).collect(),
        ..RuleForm::default()
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_set_is_tried_out_before_it_counts(db: PgPool) {
    let office = Office::open(db).await;
    let (services, admin) = (&office.house.services, &office.admin());
    let small = office.asked(&["anna.nordwind"]).await;
    let large = office.asked(&["ben.nordwind", "clara.nordwind"]).await;
    office.write(vec![at_once("50 EUR"), asks(&[("managers_manager", ""), ("owner", "")])]).await;
    let trial = rules::trial(services, admin).await.unwrap();
    let row = |id| trial.rows.iter().find(|row| row.request == id).unwrap();
    assert_eq!((row(small).now.as_str(), row(small).then.as_str()), ("decided by an approver", "approved at once"));
    assert_eq!(row(large).then, "decided by the manager of who asks, then by the cost centre\u{2019}s owner");
    assert_eq!(trial.different, 2);
    // Nothing of it counts yet.
    let id = office.asked(&["david.nordwind"]).await;
    assert_eq!(office.page(&office.manager(), id).await.summary.state, State::Waiting);

    rules::switch_on(services, admin, office.rules_version().await).await.unwrap();
    let id = office.asked(&["emil.nordwind"]).await;
    let page = office.page(&office.manager(), id).await;
    assert_eq!(
        (page.summary.state, page.rule.as_str()),
        (State::Approved, "Small ones: if it costs up to 50.00 EUR a month, it is approved at once.")
    );
    assert_eq!(count(&office.house.db, "launch").await, 1);
    assert_eq!(office.ledger().await.0, "40.00 EUR");
    // Those that waited keep their stages.
    assert_eq!(office.page(&office.manager(), small).await.summary.waiting_for.as_deref(), Some("an approver"));
    // The draft of the next change begins as what counts.
    rules::begin(services, admin).await.unwrap();
    assert_eq!(rules::page(services, admin).await.unwrap().draft.unwrap().rules.len(), 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn stages_are_found_in_active_directory(db: PgPool) {
    let office = Office::open(db).await;
    office
        .rule(vec![asks(&[
            ("managers_manager", ""),
            ("owner", ""),
            ("group", "Frontdesk-Admins"),
            ("people", "jbergman, plindqvist"),
        ])])
        .await;
    let id = office.asked(&["anna.nordwind"]).await;
    let who = async || office.page(&office.manager(), id).await.summary.waiting_for;
    assert_eq!(who().await.as_deref(), Some("Ingrid Hansen"));
    let by = async |account: &str| office.approve(&office.actor(account, Role::Requester), id).await;
    assert!(matches!(by("skowalska").await, Err(Error::Refused { .. })));
    by("ihansen").await.unwrap();
    assert_eq!(who().await.as_deref(), Some("Nadia Costas"));
    by("ncostas").await.unwrap();
    assert_eq!(who().await.as_deref(), Some("Ad\u{e8}le Moreau"));
    by("amoreau").await.unwrap();
    by("jbergman").await.unwrap();
    assert_eq!(office.page(&office.manager(), id).await.summary.state, State::Approved);
}

/// Missing, disabled, or asked for: the stage goes on to somebody else, at last to admins, and says so.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stage_without_anybody_is_passed_on(db: PgPool) {
    let mut office = Office::open(db).await;
    office.rule(vec![asks(&[("owner", "")])]).await;
    office.house.sandbox.company().change("ncostas", |person| person.user_account_control |= 0x2);
    let id = office.asked(&["anna.nordwind"]).await;
    let stage = office.page(&office.manager(), id).await.stages.remove(0);
    assert_eq!(stage.who.as_deref(), Some("an administrator"));
    assert_eq!(stage.note.as_deref(), Some("Passed on to administrators: the cost centre\u{2019}s owner can\u{2019}t be found."));
    let approver = office.approve(&office.approver(), id).await;
    assert!(matches!(approver, Err(Error::Refused { .. })), "{approver:?}");
    office.approve(&office.admin(), id).await.unwrap();

    // The manager of who asks is among those asked for: the next up the line decides.
    office.rule(vec![asks(&[("managers_manager", "")])]).await;
    let sofia = office.actor("skowalska", Role::Requester);
    let id = office.draft(&sofia, &["dokonkwo"], office.form()).await;
    office.hand_in(&sofia, id).await.unwrap();
    let stage = office.page(&sofia, id).await.stages.remove(0);
    assert_eq!((stage.who.as_deref(), stage.note), (Some("Ingrid Hansen"), None), "he has no role that decides anyway");
    let by_token = Groups::Token { claim: "groups".into() };
    office.house.set(|settings| settings.access.groups = by_token);
    let id = office.draft(&sofia, &["dokonkwo"], office.form()).await;
    office.hand_in(&sofia, id).await.unwrap();
    let stage = office.page(&sofia, id).await.stages.remove(0);
    assert_eq!((stage.who.as_deref(), stage.note.is_some()), (Some("Ingrid Hansen"), true), "that he has none is not known");

    // Two who manage each other: the line ends where it began.
    let mia = office.actor("mia.mustchange", Role::Requester);
    let id = office.draft(&mia, &["lou.locked"], office.form()).await;
    office.house.sandbox.company().change("lou.locked", |person| person.lockout_time = 0);
    office.hand_in(&mia, id).await.unwrap();
    assert_eq!(office.page(&mia, id).await.summary.waiting_for.as_deref(), Some("an administrator"));
}

/// Who was named when it was handed in may have left, or lost the role, when their turn comes.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stage_asks_those_who_are_there_when_its_turn_comes(db: PgPool) {
    let office = Office::open(db).await;
    office.rule(vec![asks(&[("approver", ""), ("owner", "")])]).await;
    let id = office.asked(&["anna.nordwind"]).await;
    assert_eq!(office.page(&office.manager(), id).await.stages.len(), 2);
    office.house.sandbox.company().change("ncostas", |person| person.user_account_control |= 0x2);
    office.approve(&office.approver(), id).await.unwrap();
    let page = office.page(&office.manager(), id).await;
    assert_eq!(page.summary.waiting_for.as_deref(), Some("an administrator"));
    assert!(page.stages[1].note.as_deref().is_some_and(|note| note.starts_with("Passed on")), "{:?}", page.stages[1]);
    office.approve(&office.admin(), id).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_rule_refuses_with_its_words(db: PgPool) {
    let office = Office::open(db).await;
    let refuse = RuleForm {
        name: "Freeze".into(),
        outcome: "refuse".into(),
        refusal: "Nothing before May.".into(),
        ..RuleForm::default()
    };
    office.rule(vec![refuse]).await;
    let id = office.asked(&["anna.nordwind"]).await;
    let page = office.page(&office.manager(), id).await;
    assert_eq!((page.summary.state, page.events[0].note.as_deref()), (State::Refused, Some("Nothing before May.")));
    assert_eq!(office.ledger().await.1, "0.00 EUR");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn rules_are_written_by_admins_one_at_a_time(db: PgPool) {
    let office = Office::open(db).await;
    let (services, admin) = (&office.house.services, &office.admin());
    for role in [Role::Requester, Role::Approver, Role::Helpdesk, Role::Auditor] {
        let outcome = rules::begin(services, &office.actor("hkeller", role)).await;
        assert_eq!(outcome, Err(Error::NotAllowed { needs: Act::ManageRules.roles().to_vec() }));
    }
    rules::begin(services, admin).await.unwrap();
    let seen = office.rules_version().await;
    let id = rules::add(services, admin, seen).await.unwrap();
    assert_eq!(rules::add(services, admin, seen).await, Err(Error::conflict(Conflict::RulesChanged)));
    let wrong = RuleForm {
        name: "W".into(),
        outcome: "stages".into(),
        requesters: "nobody.here".into(),
        stages: vec![StageForm { kind: "group".into(), who: "No such group".into() }],
        ..RuleForm::default()
    };
    assert_eq!(rules::save(services, admin, id, wrong.clone(), office.rules_version().await).await, Ok(false));
    let kept = rules::one(services, admin, id).await.unwrap();
    let fields: Vec<_> = kept.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!((kept.form, fields), (wrong, vec!["requesters", "stages"]));
    assert!(invalid(rules::switch_on(services, admin, office.rules_version().await).await)[0].1.contains("not right yet"));
    rules::remove(services, admin, id, office.rules_version().await).await.unwrap();
    assert_eq!(rules::one(services, admin, id).await.map(drop), Err(Error::NotFound));

    // The order is what counts.
    office.write(vec![asks(&[("approver", "")]), at_once("50 EUR")]).await;
    let last = rules::page(services, admin).await.unwrap().draft.unwrap().rules.pop().unwrap();
    rules::raise(services, admin, last.id, office.rules_version().await).await.unwrap();
    let rules_now = rules::page(services, admin).await.unwrap().draft.unwrap().rules;
    assert_eq!(rules_now.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), ["Small ones", "The others"]);
    rules::discard(services, admin, office.rules_version().await).await.unwrap();
    assert_eq!(rules::page(services, admin).await.unwrap().draft, None);
}
