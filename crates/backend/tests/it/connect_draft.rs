//! What a connector's draft keeps, and what it does not when two are at it at once.

use backend::directories::connect;
use model::{
    Conflict, Error,
    directories::{ConnectForm, ConnectState},
};
use sandbox::{
    faults::Kind,
    people::{CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD},
};
use sqlx::PgPool;

use crate::connect::{admin, create, drafted, field, house, somebody_waits, sweep};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

fn typed(dns_name: &str) -> ConnectForm {
    ConnectForm { dns_name: dns_name.into(), dns_1: "127.0.0.1".into(), size: "Small".into(), ..ConnectForm::default() }
}

/// However the domain is written, as long as the wizard takes it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_connector_that_stands_there_already_is_told(db: PgPool) {
    let house = house(db).await;
    let id = drafted(&house).await;
    let twin = async || connect::get(&house.services, &admin(), id).await.unwrap().twin;
    assert_eq!(twin().await, None);
    house.execute("update directory set vpc_id = 'vpc-0a1b2c3d'").await;
    for written in ["corp.example.com", "Corp.Example.com.", " corp.example.com. ", "\tcorp.example.com"] {
        assert!(connect::save_domain(&house.services, &admin(), id, typed(written)).await.unwrap());
        assert_eq!(twin().await.as_deref(), Some(crate::house::DIRECTORY), "{written:?}");
    }
    assert!(connect::save_domain(&house.services, &admin(), id, typed("other.example.com")).await.unwrap());
    assert_eq!(twin().await, None);
}

/// In another tab the form is saved while the preflight still looks: what it finds is of the form before.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_look_at_the_form_before_is_not_kept(db: PgPool) {
    let house = house(db).await;
    let id = drafted(&house).await;
    house.fault_at("Lookup", Kind::Delay { ms: 1_000 }, 1);
    let save = async {
        while !house.sandbox.faults().list().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        connect::save_domain(&house.services, &admin(), id, typed("other.example.com")).await
    };
    let services = &house.services;
    let actor = admin();
    let (looked, saved) = tokio::join!(connect::look(services, &actor, id), save);
    assert_eq!((looked, saved), (Err(Error::conflict(Conflict::DraftChanged)), Ok(true)));
    assert_eq!(connect::get(services, &actor, id).await.unwrap().preflight, None);
    connect::look(services, &actor, id).await.unwrap();
    assert!(connect::get(services, &actor, id).await.unwrap().preflight.is_some());
}

/// In another tab AWS is asked while the form is saved: nobody is led on as if it had been kept.
#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_not_kept_is_told(db: PgPool) {
    let house = house(db.clone()).await;
    let id = drafted(&house).await;
    let mut asks = db.begin().await.unwrap();
    sqlx::query(
        "update directory_connect set state = 'asking', claim = id, lease_until = now() + interval '1 minute', operation = id,
                asked_at = now(), dns_name = 'corp.example.com', vpc = 'vpc-0a1b2c3d'",
    )
    .execute(&mut *asks)
    .await
    .unwrap();
    let asked = async {
        somebody_waits(&db).await;
        asks.commit().await.unwrap();
    };
    let actor = admin();
    let (saved, ()) = tokio::join!(connect::save_domain(&house.services, &actor, id, typed("other.example.com")), asked);
    assert_eq!(saved, Err(Error::conflict(Conflict::ConnectUnderWay)));
    let draft = connect::get(&house.services, &actor, id).await.unwrap();
    assert_eq!((draft.state, draft.form.dns_name.as_str()), (ConnectState::Asking, "Corp.Example.com"));
}

/// Nothing is trimmed, escaped or cut on the way to the domain controller and to AWS, which both compare it.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_password_goes_out_as_it_was_typed(db: PgPool) {
    let house = house(db).await;
    let odd = " lead\"quo\\te";
    assert!(house.sandbox.company().change_service(CONNECTOR_ACCOUNT, |account| account.password = odd.to_owned()));
    let id = drafted(&house).await;
    for wrong in [odd.trim_start(), CONNECTOR_PASSWORD] {
        assert_eq!(field(create(&house, id, CONNECTOR_ACCOUNT, wrong).await.unwrap_err()), "password");
    }
    let made = create(&house, id, CONNECTOR_ACCOUNT, odd).await.unwrap().unwrap();
    sweep(&house).await;
    let (directory, _) = backend::directories::one(&house.services, &admin(), &made).await.unwrap();
    assert_eq!((directory.stage.as_str(), directory.stage_reason), ("Active", None), "else AWS's look at the account had failed");
}
