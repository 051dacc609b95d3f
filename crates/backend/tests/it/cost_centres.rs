//! Cost centres: made, changed and listed; and their ledger, which nobody overdraws.

use backend::cost_centres::{self, commit, free, reserve, standing};
use model::{
    Conflict, CostCentreId, Error, PageRequest, RequestItemId,
    access::{Actor, Role},
    cost_centres::{CostCentre, CostCentreForm, Filter, Fit, Imported},
    money::Money,
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::house::{DIRECTORY, House, count, person};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

fn admin() -> Actor {
    person(Role::Admin, None)
}

fn euros(amount: &str) -> Money {
    Money { amount: amount.parse().unwrap(), currency: "EUR".parse().unwrap() }
}

fn form(house: &House, number: &str, cap: &str) -> CostCentreForm {
    CostCentreForm {
        number: number.into(),
        name: "Logistics".into(),
        q: String::new(),
        owner: house.guid("ncostas").to_string(),
        cap: cap.into(),
        currency: "EUR".into(),
    }
}

/// One that was just made.
async fn made(house: &House, number: &str, cap: &str) -> CostCentreId {
    let id = CostCentreId(Uuid::now_v7());
    assert_eq!(cost_centres::save(&house.services, &admin(), id, 0, form(house, number, cap)).await, Ok(true));
    id
}

async fn get(house: &House, id: CostCentreId) -> CostCentre {
    cost_centres::get(&house.services, id).await.unwrap()
}

/// Somebody's row in a request that is being written.
async fn item(db: &PgPool) -> RequestItemId {
    let item = RequestItemId(Uuid::now_v7());
    sqlx::query(
        "with asked as (insert into request (id, owner, owner_name, created_at, changed_at) values ($1, 'm', 'M', now(), now()) returning id)
         insert into request_item (id, request_id, person_guid, account, name) select $1, id, $1, 'a', 'A' from asked",
    )
    .bind(item.0)
    .execute(db)
    .await
    .unwrap();
    item
}

/// Each in a transaction of its own.
async fn reserved(house: &House, centre: CostCentreId, item: RequestItemId, amount: Money) -> Fit {
    let mut tx = house.db.begin().await.unwrap();
    let fit = reserve(&mut tx, &house.services, centre, item, amount).await.unwrap();
    tx.commit().await.unwrap();
    fit
}

async fn committed(house: &House, item: RequestItemId, allowed_over: bool) -> sqlx::Result<Fit> {
    let mut tx = house.db.begin().await.unwrap();
    let fit = commit(&mut tx, &house.services, item, allowed_over).await?;
    tx.commit().await.unwrap();
    Ok(fit)
}

async fn freed(house: &House, item: RequestItemId) {
    let mut tx = house.db.begin().await.unwrap();
    free(&mut tx, &house.services, item).await.unwrap();
    tx.commit().await.unwrap();
}

/// Committed, reserved and left, as texts.
async fn sums(house: &House, id: CostCentreId) -> (String, String, Option<String>) {
    let standing = standing(&house.services, id).await.unwrap();
    let text = |money: Money| money.amount.normalize().to_string();
    (text(standing.committed), text(standing.reserved), standing.left().map(text))
}

fn sum(committed: &str, reserved: &str, left: &str) -> (String, String, Option<String>) {
    (committed.into(), reserved.into(), Some(left.into()))
}

/// The fields that were refused, with what is said, after the form was kept.
async fn problems(house: &House, id: CostCentreId) -> Vec<String> {
    let draft = cost_centres::draft(&house.services, &admin(), Some(id)).await.unwrap();
    draft.problems.into_iter().map(|problem| problem.field).collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_typed_is_kept_until_it_is_right(db: PgPool) {
    let house = House::open(db).await;
    let id = cost_centres::draft(&house.services, &admin(), None).await.unwrap().id;
    let save = async |seen, form| cost_centres::save(&house.services, &admin(), id, seen, form).await;
    let wrong = CostCentreForm { cap: "5,000".into(), owner: String::new(), ..form(&house, "4716", "") };
    assert_eq!(save(0, wrong).await, Ok(false));
    let draft = cost_centres::draft(&house.services, &admin(), Some(id)).await.unwrap();
    assert_eq!((draft.form.cap.as_str(), draft.seen, draft.kept, draft.now), ("5,000", 0, true, None));
    assert_eq!(problems(&house, id).await, ["cap", "owner"]);
    assert_eq!(count(&house.db, "cost_centre").await, 0);

    // Looking for an owner keeps the rest too.
    let looking = CostCentreForm { q: "costas".into(), owner: String::new(), ..form(&house, "4716", "5000.00") };
    cost_centres::find(&house.services, &admin(), id, 0, looking).await.unwrap();
    let draft = cost_centres::draft(&house.services, &admin(), Some(id)).await.unwrap();
    let found: Vec<_> = draft.found.iter().map(|found| found.owner.account.as_str()).collect();
    assert_eq!((found, draft.form.number.as_str(), draft.problems.len()), (vec!["ncostas"], "4716", 0));

    assert_eq!(save(0, form(&house, "4716", "5000.00")).await, Ok(true));
    let centre = get(&house, id).await;
    assert_eq!((centre.title().as_str(), centre.owner.name.as_str()), ("4716 Logistics", "Nadia Costas"));
    assert_eq!((centre.cap, centre.open, centre.version), (Some(euros("5000")), true, 1));
    assert_eq!(count(&house.db, "cost_centre_draft").await, 0);

    // The same form, sent again, makes no second one.
    assert_eq!(save(0, form(&house, "4716", "5000.00")).await, Ok(true));
    assert_eq!((count(&house.db, "cost_centre").await, get(&house, id).await.version), (1, 1));
    assert_eq!(count(&house.db, "audit where action = 'change_cost_centre' and phase = 'finished'").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_who_change_it_the_second_is_told(db: PgPool) {
    let house = House::open(db).await;
    let id = made(&house, "4716", "5000").await;
    let save = async |seen, form| cost_centres::save(&house.services, &admin(), id, seen, form).await;
    assert_eq!(save(1, form(&house, "4716", "6000")).await, Ok(true));
    assert_eq!(save(1, form(&house, "4716", "6000")).await, Ok(true), "the same again");
    assert_eq!(save(1, form(&house, "4716", "7000")).await, Err(Error::conflict(Conflict::CostCentreChanged)));
    assert_eq!((get(&house, id).await.cap, get(&house, id).await.version), (Some(euros("6000")), 2));
    let close = async |seen, open| cost_centres::set_open(&house.services, &admin(), id, seen, open).await;
    assert_eq!(close(1, false).await, Err(Error::conflict(Conflict::CostCentreChanged)));
    assert_eq!(close(2, false).await, Ok(()));
    assert_eq!(close(2, false).await, Ok(()), "closed already");
    assert!(cost_centres::all_open(&house.services).await.unwrap().is_empty());
    assert_eq!(close(3, true).await, Ok(()));
    assert_eq!(save(9, form(&house, "4716", "")).await, Err(Error::conflict(Conflict::CostCentreChanged)));
    assert_eq!(save(4, form(&house, "4716", "")).await, Ok(true));
    assert_eq!(get(&house, id).await.cap, None);
    let unknown = CostCentreId(Uuid::from_u128(1));
    assert_eq!(cost_centres::save(&house.services, &admin(), unknown, 3, form(&house, "1", "")).await, Err(Error::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn numbers_owners_and_currencies_are_looked_at(db: PgPool) {
    let mut house = House::open(db).await;
    let id = made(&house, "DE-4716", "5000").await;
    assert_eq!(cost_centres::by_number(&house.services, " de-4716 ").await.unwrap().map(|centre| centre.id), Some(id));
    assert_eq!(cost_centres::by_number(&house.services, "4716").await, Ok(None));
    let save = async |id, seen, form| cost_centres::save(&house.services, &admin(), id, seen, form).await;
    let other = CostCentreId(Uuid::now_v7());
    assert_eq!(save(other, 0, form(&house, "de-4716", "")).await, Ok(false));
    assert_eq!(problems(&house, other).await, ["number"]);
    let gone = CostCentreForm { owner: Uuid::from_u128(1).to_string(), ..form(&house, "1", "") };
    assert_eq!(save(other, 0, gone).await, Ok(false));
    assert_eq!(problems(&house, other).await, ["owner"]);
    let nul = CostCentreForm { name: "a\0b".into(), ..form(&house, "2\0", "") };
    assert_eq!(save(other, 0, nul).await, Ok(true));
    assert_eq!(get(&house, other).await.title(), "2 ab");

    // A currency in which entries count can't become another.
    let dollars = CostCentreForm { currency: "usd".into(), ..form(&house, "DE-4716", "5000") };
    let used = item(&house.db).await;
    reserved(&house, id, used, euros("10")).await;
    assert_eq!(save(id, 1, dollars.clone()).await, Ok(false));
    assert_eq!(problems(&house, id).await, ["currency"]);
    freed(&house, used).await;
    assert_eq!(save(id, 1, dollars).await, Ok(true));

    house.ad_away();
    let third = CostCentreId(Uuid::now_v7());
    let outcome = cost_centres::save(&house.services, &admin(), third, 0, form(&house, "3", "")).await;
    assert!(matches!(outcome, Err(Error::Unavailable { .. })), "{outcome:?}");
    let draft = cost_centres::draft(&house.services, &admin(), Some(third)).await.unwrap();
    assert_eq!((draft.form.number.as_str(), draft.owner), ("3", None), "kept");
    cost_centres::discard(&house.services, &admin(), third).await.unwrap();
    assert_eq!(cost_centres::draft(&house.services, &admin(), Some(third)).await, Err(Error::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_admins_change_them_and_auditors_look(db: PgPool) {
    let house = House::open(db).await;
    let id = made(&house, "4716", "5000").await;
    let services = &house.services;
    let list = async |actor: &Actor| cost_centres::list(services, actor, &Filter::default(), PageRequest::default()).await;
    let auditor = person(Role::Auditor, None);
    assert_eq!(list(&auditor).await.unwrap().total, 1);
    let here = person(Role::Admin, Some(DIRECTORY));
    for actor in [person(Role::Requester, None), person(Role::Approver, None), person(Role::Helpdesk, None), here.clone()] {
        assert!(matches!(list(&actor).await, Err(Error::NotAllowed { .. })), "{actor:?}");
    }
    for actor in [auditor, person(Role::Requester, None), here, Actor::Invitee] {
        let refused =
            |outcome: Result<(), Error>| assert!(matches!(outcome, Err(Error::NotAllowed { .. } | Error::SignIn)), "{actor:?}");
        refused(cost_centres::draft(services, &actor, Some(id)).await.map(drop));
        refused(cost_centres::save(services, &actor, id, 1, form(&house, "1", "")).await.map(drop));
        refused(cost_centres::find(services, &actor, id, 1, form(&house, "1", "")).await);
        refused(cost_centres::discard(services, &actor, id).await);
        refused(cost_centres::set_open(services, &actor, id, 1, false).await);
        refused(cost_centres::import(services, &actor, b"1,One,ncostas,,EUR").await.map(drop));
        refused(cost_centres::typed_list(services, &actor).await.map(drop));
    }
    assert_eq!(count(&house.db, "cost_centre_list").await, 0);
    assert_eq!((get(&house, id).await.version, count(&house.db, "cost_centre_draft").await), (1, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_list_is_taken_whole_or_not_at_all(db: PgPool) {
    let house = House::open(db).await;
    let import = async |text: &str| cost_centres::import(&house.services, &admin(), text.as_bytes()).await;
    let list = "number;name;owner;cap;currency\r\n4716;Logistics;ncostas;5000.00;EUR\r\n\r\n4711;Engineering & more;CORP\\mgarcia;;usd\r\n4712;\"Sales; EU\";skowalska@corp.example.com;0;EUR\r\n";
    assert_eq!(import(list).await, Ok(Some(Imported { made: 3, ..Imported::default() })));
    assert_eq!(import(list).await, Ok(Some(Imported { same: 3, ..Imported::default() })), "the same again");
    let changed = "4716,Logistics,ncostas,7000,EUR\n4799,New,ncostas,1,EUR";
    assert_eq!(import(changed).await, Ok(Some(Imported { made: 1, changed: 1, same: 0 })));
    let centre = cost_centres::by_number(&house.services, "4712").await.unwrap().unwrap();
    assert_eq!((centre.name.as_str(), centre.owner.account.as_str(), centre.cap), ("Sales; EU", "skowalska", Some(euros("0"))));
    assert_eq!(count(&house.db, "audit where action = 'change_cost_centre' and phase = 'finished'").await, 5);

    let wrong = async |text: &str| {
        assert_eq!(import(text).await, Ok(None));
        let kept = cost_centres::typed_list(&house.services, &admin()).await.unwrap();
        assert_eq!(kept.text, if text.contains('\0') { "" } else { text }, "to be mended");
        kept.problems.into_iter().map(|field| field.message).collect::<Vec<_>>()
    };
    let told = wrong("5000,Right,ncostas,,EUR\n5001,,ncostas,1e3,EUR\n5002,Short,ncostas\n5000,Twice,ncostas,,EUR").await;
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[0].starts_with("Line 2: ") && told[1].starts_with("Line 3: It has 3 columns"), "{told:?}");
    assert!(told[2].starts_with("Line 4: The number 5000 stands") && told[3].starts_with("Nothing of the list"), "{told:?}");
    let told = wrong("5000,Right,ncostas,,EUR\n\n5001,Nobody,nobody.there,,EUR\n5002,Empty,,,EUR").await;
    assert!(told[0].starts_with("Line 3: Nobody in Active Directory is \u{201c}nobody.there\u{201d}"), "{told:?}");
    house.sandbox.company().change("alex.kim", |alex| alex.mail = Some("alex@corp.example.com".into()));
    house.sandbox.company().change("alex.kim2", |alex| alex.mail = Some("alex@corp.example.com".into()));
    assert!(wrong("5000,Two,alex@corp.example.com,,EUR").await[0].starts_with("Line 1: Several people"));
    reserved(&house, centre.id, item(&house.db).await, euros("1")).await;
    assert!(
        wrong("5000,Right,ncostas,,EUR\n4712,Sales,skowalska,0,USD").await[0]
            .starts_with("Line 2: Its desktops are counted in EUR")
    );
    for nothing in ["", " \n\n", "number,name,owner,cap,currency\n", "a\0b"] {
        wrong(nothing).await;
    }
    let many: String = (0..2_001).map(|number| format!("{number},N,ncostas,,EUR\n")).collect();
    assert!(wrong(&many).await[0].contains("more than 2000 lines"));
    assert_eq!(count(&house.db, "cost_centre").await, 4, "nothing of all these was taken");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_list_is_found_in_and_paged(db: PgPool) {
    let house = House::open(db).await;
    let lines: String = (100..160).map(|number| format!("{number},Team {number}%,ncostas,100,EUR\n")).collect();
    cost_centres::import(&house.services, &admin(), lines.as_bytes()).await.unwrap();
    let id = made(&house, "4716", "1000").await;
    let list = async |q: &str, closed, number| {
        let filter = Filter { q: q.into(), closed };
        cost_centres::list(&house.services, &admin(), &filter, PageRequest { number, size: 25 }).await.unwrap()
    };
    let all = list("", false, 3).await;
    assert_eq!((all.total, all.rows.len()), (61, 11));
    assert_eq!(
        (list("logis", false, 1).await.total, list("COSTAS", false, 1).await.total, list("15_%", false, 1).await.total),
        (1, 61, 0)
    );
    let version = get(&house, id).await.version;
    cost_centres::set_open(&house.services, &admin(), id, version, false).await.unwrap();
    assert_eq!((list("4716", false, 1).await.total, list("4716", true, 1).await.total), (0, 1));

    let (taken, waits) = (item(&house.db).await, item(&house.db).await);
    reserved(&house, id, taken, euros("250")).await;
    committed(&house, taken, false).await.unwrap();
    reserved(&house, id, waits, euros("100.5")).await;
    let row = &list("4716", true, 1).await.rows[0];
    assert_eq!(
        (row.budget.sentence.as_str(), row.budget.left.as_str()),
        ("350.50 EUR of 1000.00 EUR a month", "649.50 EUR left")
    );
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_item_counts_once_however_often_it_is_told(db: PgPool) {
    let house = House::open(db).await;
    let id = made(&house, "4716", "100").await;
    let (one, two) = (item(&house.db).await, item(&house.db).await);
    for _ in 0..2 {
        assert_eq!(reserved(&house, id, one, euros("60")).await, Fit::Yes { left: Some(euros("40")) });
        assert_eq!(reserved(&house, id, two, euros("50")).await, Fit::Over { by: euros("10") });
    }
    assert_eq!(sums(&house, id).await, sum("0", "60", "40"));
    // A cheaper desktop fits; the amount takes the place of the one before.
    assert_eq!(reserved(&house, id, two, euros("39.99")).await, Fit::Yes { left: Some(euros("0.01")) });
    for _ in 0..2 {
        assert!(committed(&house, one, false).await.unwrap().is_yes());
    }
    assert_eq!(sums(&house, id).await, sum("60", "39.99", "0.01"));
    assert!(reserved(&house, id, one, euros("1")).await.is_yes(), "what is committed stays as it is");
    assert_eq!(sums(&house, id).await, sum("60", "39.99", "0.01"));
    for _ in 0..2 {
        freed(&house, one).await;
        assert_eq!(sums(&house, id).await, sum("0", "39.99", "60.01"));
    }
    assert!(matches!(committed(&house, one, true).await, Err(sqlx::Error::RowNotFound)), "what was freed is not approved");
    assert_eq!(committed(&house, item(&house.db).await, false).await.unwrap(), Fit::Yes { left: None }, "without a price");
    // Asked for again after it was taken back, and at another cost centre.
    reserved(&house, id, one, euros("5")).await;
    let other = made(&house, "4711", "").await;
    assert_eq!(reserved(&house, other, one, euros("6")).await, Fit::Yes { left: None });
    assert_eq!(sums(&house, id).await, sum("0", "39.99", "60.01"));
    assert_eq!(sums(&house, other).await, ("0".into(), "6".into(), None));
    assert_eq!(count(&house.db, "cost_centre_entry").await, 2);
    let dollars = Money { currency: "USD".parse().unwrap(), ..euros("1") };
    assert_eq!(reserved(&house, id, item(&house.db).await, dollars).await, Fit::OtherCurrency { needs: euros("1").currency });
    assert_eq!(standing(&house.services, id).await.unwrap().uncounted, 1);
    assert_eq!(standing(&house.services, CostCentreId(Uuid::from_u128(1))).await, Err(Error::NotFound));
}

/// Fifty reservations and approvals at the same time, of which the cap has room for twenty.
#[sqlx::test(migrator = "MIGRATOR")]
async fn fifty_at_once_do_not_overdraw(db: PgPool) {
    let house = House::open(db).await;
    let id = made(&house, "4716", "1000").await;
    let turns = (0..50).map(|_| {
        let (db, services) = (house.db.clone(), house.services.clone());
        tokio::spawn(async move {
            let item = item(&db).await;
            let mut tx = db.begin().await.unwrap();
            let fit = reserve(&mut tx, &services, id, item, euros("50")).await.unwrap();
            tx.commit().await.unwrap();
            let mut tx = db.begin().await.unwrap();
            let approved = commit(&mut tx, &services, item, false).await.unwrap();
            tx.commit().await.unwrap();
            (fit.is_yes(), approved.is_yes())
        })
    });
    let mut outcomes = Vec::new();
    for turn in turns.collect::<Vec<_>>() {
        outcomes.push(turn.await.unwrap());
    }
    let approved = outcomes.iter().filter(|(_, approved)| *approved).count();
    assert!(outcomes.iter().all(|(fits, approved)| !fits || *approved), "who had room kept got it");
    assert_eq!((approved, sums(&house, id).await), (20, sum("1000", "0", "0")));
    let standing = standing(&house.services, id).await.unwrap();
    assert_eq!((standing.beyond, standing.allowed), (euros("1500"), euros("0")));
}

/// As fifty whole requests decide at once: each commits what others reserved before.
#[sqlx::test(migrator = "MIGRATOR")]
async fn fifty_approvals_at_once_do_not_overdraw(db: PgPool) {
    let house = House::open(db.clone()).await;
    let id = made(&house, "4716", "1000").await;
    let mut items = Vec::new();
    for _ in 0..50 {
        let item = item(&db).await;
        reserved(&house, id, item, euros("33.34")).await;
        items.push(item);
    }
    // Some are taken back meanwhile, and others are approved beyond the cap.
    let turns = items.iter().enumerate().map(|(place, item)| {
        let (db, services, item) = (house.db.clone(), house.services.clone(), *item);
        tokio::spawn(async move {
            let mut tx = db.begin().await.unwrap();
            let outcome = match place % 10 {
                0 => free(&mut tx, &services, item).await.map(|()| None),
                9 => commit(&mut tx, &services, item, true).await.map(|fit| Some((true, fit))),
                _ => commit(&mut tx, &services, item, false).await.map(|fit| Some((false, fit))),
            };
            tx.commit().await.unwrap();
            outcome.unwrap()
        })
    });
    for turn in turns.collect::<Vec<_>>() {
        turn.await.unwrap();
    }
    let standing = standing(&house.services, id).await.unwrap();
    assert!(
        standing.committed.amount - standing.allowed.amount + standing.reserved.amount <= euros("1000").amount,
        "{standing:?}"
    );
    let live: i64 = count(&house.db, "cost_centre_entry where state <> 'freed'").await;
    assert_eq!(live, 45);
    let all = standing.committed.plus(standing.reserved).unwrap().plus(standing.beyond).unwrap();
    assert_eq!(all, euros("33.34").times(45).unwrap(), "no cent came or went");
}
