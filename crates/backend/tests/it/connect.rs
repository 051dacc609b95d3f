//! Setting up an AD Connector: the draft, the preflight, the account's proof, and the one call of ConnectDirectory.

use backend::{
    directories::{self, connect, network},
    worker,
};
use model::{
    Conflict, ConnectId, DirectoryId, Error,
    access::{Actor, Role},
    directories::{ConnectForm, ConnectState},
};
use sandbox::{
    Behaviour,
    faults::Kind,
    people::{CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD},
};
use sqlx::PgPool;

use crate::house::{DIRECTORY, House, Plan, count, helpdesk, person};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
const VPC: &str = "vpc-0a1b2c3d";
pub const SUBNETS: [&str; 2] = ["subnet-0a1b2c3d", "subnet-0b1c2d3e"];

pub async fn house(db: PgPool) -> House {
    let behaviour = Behaviour { connector_creating_ms: 0, ..Plan::default().behaviour.with_prompt_directories() };
    let house = House::with(db, Plan { behaviour, ..Plan::default() }).await;
    // What the house puts into its mirror stands in another VPC.
    house.execute("delete from workspace").await;
    house
}

pub fn admin() -> Actor {
    person(Role::Admin, None)
}

/// A draft that is right but for the account; the domain is the sandbox's.
pub async fn drafted(house: &House) -> ConnectId {
    let (services, admin) = (&house.services, admin());
    let id = connect::begin(services, &admin, None).await.unwrap();
    let subnets = SUBNETS.map(ToOwned::to_owned).to_vec();
    assert!(connect::save_network(services, &admin, id, VPC.to_owned(), subnets).await.unwrap());
    let typed = ConnectForm {
        organization: "Example Corp".into(),
        dns_name: "Corp.Example.com".into(),
        short_name: "CORP".into(),
        dns_1: "127.0.0.1".into(),
        size: "Small".into(),
        ..ConnectForm::default()
    };
    assert!(connect::save_domain(services, &admin, id, typed).await.unwrap());
    id
}

pub async fn create(house: &House, id: ConnectId, account: &str, password: &str) -> Result<Option<DirectoryId>, Error> {
    let seen = connect::get(&house.services, &admin(), id).await.unwrap().version;
    let account =
        connect::Account { name: account.to_owned(), password: password.to_owned().into(), again: password.to_owned().into() };
    connect::create(&house.services, &admin(), id, seen, account).await
}

pub async fn sweep(house: &House) {
    house.execute("select graphile_worker.add_job('sweep_directories', '{}'::json, job_key => 'sweep_directories')").await;
    worker::run_once(&house.services).await.unwrap();
}

pub fn field(error: Error) -> String {
    let Error::Invalid { mut fields } = error else { panic!("{error:?}") };
    fields.remove(0).field
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_connector_is_made_and_becomes_active(db: PgPool) {
    let house = house(db.clone()).await;
    let id = drafted(&house).await;
    let made = create(&house, id, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await.unwrap().unwrap();
    let (directory, _) = directories::one(&house.services, &admin(), &made).await.unwrap();
    assert_eq!((directory.stage.as_str(), directory.organization.as_deref()), ("Requested", Some("Example Corp")));
    assert_eq!((directory.vpc.as_deref(), directory.dns.as_slice()), (Some(VPC), &["127.0.0.1".to_owned()][..]));
    sweep(&house).await;
    let (directory, _) = directories::one(&house.services, &admin(), &made).await.unwrap();
    assert_eq!((directory.stage.as_str(), directory.organization.as_deref()), ("Active", Some("Example Corp")));
    assert_eq!(count(&db, "audit where action = 'connect_directory' and outcome = 'succeeded'").await, 1);
    assert_eq!(house.calls("ds:ConnectDirectory"), 1);
    // The form sent twice finds the first.
    assert_eq!(create(&house, id, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await, Ok(Some(made)));
    assert_eq!(house.calls("ds:ConnectDirectory"), 1);
}

/// The password is in no table, no job and no error, whatever became of the call.
#[sqlx::test(migrator = "MIGRATOR")]
async fn the_password_is_kept_nowhere(db: PgPool) {
    let house = house(db.clone()).await;
    let secret = "Wrong-\"pass\\word-7391";
    let refused = create(&house, drafted(&house).await, CONNECTOR_ACCOUNT, secret).await.unwrap_err();
    assert!(!format!("{refused:?} {refused}").contains("7391"));
    assert_eq!(field(refused), "password");
    house.fault_at("ConnectDirectory", Kind::LoseReply, 1);
    assert_eq!(create(&house, drafted(&house).await, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await, Ok(None));
    sweep(&house).await;
    let account = connect::Account { name: "a".into(), password: secret.to_owned().into(), again: secret.to_owned().into() };
    assert!(!format!("{account:?}").contains("7391"));
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select table_schema::text, table_name::text from information_schema.tables
         where table_type = 'BASE TABLE' and table_schema in ('public', 'graphile_worker')",
    )
    .fetch_all(&db)
    .await
    .unwrap();
    let found = async |schema: &str, table: &str, needle: &str| -> i64 {
        let sql = format!("select count(*) from \"{schema}\".\"{table}\" t where strpos(t::text, $1) > 0");
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(needle.to_owned()).fetch_one(&db).await.unwrap()
    };
    for (schema, table) in &tables {
        for needle in ["7391", CONNECTOR_PASSWORD] {
            assert_eq!(found(schema, table, needle).await, 0, "{table}");
        }
    }
    assert!(found("public", "directory_connect", CONNECTOR_ACCOUNT).await > 0, "the search finds what is there");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_account_that_will_not_do_is_never_sent_to_aws(db: PgPool) {
    let house = house(db).await;
    let id = drafted(&house).await;
    for (account, password, wrong) in [
        ("CORP\\svc-adconnector", CONNECTOR_PASSWORD, "account"),
        ("nobody", CONNECTOR_PASSWORD, "password"),
        (CONNECTOR_ACCOUNT, "another password", "password"),
        (CONNECTOR_ACCOUNT, "short", "password"),
        (CONNECTOR_ACCOUNT, &*"x".repeat(129), "password"),
    ] {
        assert_eq!(field(create(&house, id, account, password).await.unwrap_err()), wrong, "{account}");
    }
    assert_eq!(connect::get(&house.services, &admin(), id).await.unwrap().account.as_deref(), Some(CONNECTOR_ACCOUNT));
    assert_eq!(house.calls("ds:ConnectDirectory"), 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_answer_is_settled_by_looking_and_never_by_a_second_connector(db: PgPool) {
    let house = house(db.clone()).await;
    let id = drafted(&house).await;
    house.fault_at("ConnectDirectory", Kind::LoseReply, 1);
    assert_eq!(create(&house, id, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await, Ok(None));
    let state = async || connect::get(&house.services, &admin(), id).await.unwrap().state;
    assert_eq!(state().await, ConnectState::Unconfirmed);
    let again = create(&house, id, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await;
    assert_eq!(again, Err(Error::conflict(Conflict::ConnectUnderWay)));
    sweep(&house).await;
    assert_eq!(state().await, ConnectState::Created);
    assert_eq!(house.sandbox.calls().counts().get("ds:ConnectDirectory").map(|count| count.calls), Some(1));
    assert_eq!(count(&db, "audit where action = 'connect_directory' and outcome = 'succeeded'").await, 1);
}

/// A process that died while it asked, and AWS heard nothing: after the visibility lag the draft can be gone on with.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_process_that_died_while_it_asked_leaves_a_draft_that_goes_on(db: PgPool) {
    let house = house(db.clone()).await;
    let id = drafted(&house).await;
    house
        .execute(
            "update directory_connect set state = 'asking', claim = id, lease_until = now() - interval '1 second', operation = id,
                    asked_at = now() - interval '1 minute', dns_name = 'corp.example.com', vpc = 'vpc-0a1b2c3d'",
        )
        .await;
    sweep(&house).await;
    let draft = async || connect::get(&house.services, &admin(), id).await.unwrap();
    assert_eq!(draft().await.state, ConnectState::Unconfirmed, "AWS may show it yet");
    house.execute("update directory_connect set asked_at = now() - interval '1 hour'").await;
    sweep(&house).await;
    assert_eq!((draft().await.state, draft().await.refusal.is_some()), (ConnectState::Draft, true));
    assert!(create(&house, id, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await.unwrap().is_some());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_admins_make_one_connector(db: PgPool) {
    let house = house(db.clone()).await;
    let (one, other) = (drafted(&house).await, drafted(&house).await);
    house.fault_at("ConnectDirectory", Kind::Delay { ms: 300 }, 2);
    let (one, other) = tokio::join!(
        create(&house, one, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD),
        create(&house, other, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD)
    );
    let made = [&one, &other].into_iter().filter(|outcome| matches!(outcome, Ok(Some(_)))).count();
    assert_eq!(made, 1, "{one:?} {other:?}");
    assert_eq!(house.calls("ds:ConnectDirectory"), 1);
    // While it is being made; once it is Active, somebody may want another one, and is told.
    let third = create(&house, drafted(&house).await, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await;
    assert_eq!(third, Err(Error::conflict(Conflict::ConnectorBeingMade)));
}

/// Until something in this database waits for a lock that the test holds.
pub async fn somebody_waits(db: &PgPool) {
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..200 {
        if sqlx::query_scalar::<_, i64>(waiting).fetch_one(db).await.unwrap() > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("nobody waits");
}

/// The one who is slow has looked before there was anything to see, and has an account to prove yet when the other one is done.
#[sqlx::test(migrator = "MIGRATOR")]
async fn who_was_overtaken_while_the_account_was_proven_makes_no_second_connector(db: PgPool) {
    let house = house(db.clone()).await;
    let (slow, fast) = (drafted(&house).await, drafted(&house).await);
    let mut held = db.begin().await.unwrap();
    sqlx::query("select from directory_connect where id = $1 for update").bind(slow.0).execute(&mut *held).await.unwrap();
    let overtakes = async {
        somebody_waits(&db).await;
        let made = create(&house, fast, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await;
        held.rollback().await.unwrap();
        made
    };
    let (late, made) = tokio::join!(create(&house, slow, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD), overtakes);
    assert!(matches!(made, Ok(Some(_))), "{made:?}");
    assert_eq!(late, Err(Error::conflict(Conflict::ConnectorBeingMade)));
    assert_eq!(house.calls("ds:ConnectDirectory"), 1);
    let draft = connect::get(&house.services, &admin(), slow).await.unwrap();
    assert_eq!(draft.state, ConnectState::Draft, "it can be gone on with");
    assert_eq!(count(&db, "audit where action = 'connect_directory' and phase = 'attempted'").await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn aws_says_no_and_everything_typed_is_kept(db: PgPool) {
    let house = house(db).await;
    let id = drafted(&house).await;
    let no = Kind::Refuse { code: "DirectoryLimitExceededException".into(), message: "Limit of 10 reached".into() };
    house.fault_at("ConnectDirectory", no, 1);
    assert_eq!(create(&house, id, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await, Ok(None));
    let draft = connect::get(&house.services, &admin(), id).await.unwrap();
    assert_eq!((draft.state, draft.form.organization.as_str()), (ConnectState::Draft, "Example Corp"));
    assert!(draft.refusal.unwrap().contains("Service Quotas"));
}

/// What AWS finds out later shows in plain words, and its values begin a new draft.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_connector_that_failed_is_explained_and_begun_again(db: PgPool) {
    let house = house(db).await;
    house.fault_at("ConnectDirectory", Kind::EndInError, 1);
    let id = drafted(&house).await;
    let made = create(&house, id, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await.unwrap().unwrap();
    sweep(&house).await;
    let (directory, _) = directories::one(&house.services, &admin(), &made).await.unwrap();
    assert_eq!((directory.stage.as_str(), directory.stage_reason.is_some()), ("Failed", true));
    let failed = made.clone();
    let again = connect::begin(&house.services, &admin(), Some(made)).await.unwrap();
    let form = connect::get(&house.services, &admin(), again).await.unwrap().form;
    assert_eq!((form.vpc.as_str(), form.dns_name.as_str()), (VPC, "Corp.Example.com"));
    assert!(
        create(&house, again, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD).await.unwrap().is_some(),
        "a failed one stands in nobody's way"
    );

    // One that was made in the AWS console has no form; what AWS shows of it does.
    house.execute("delete from directory_connect").await;
    let again = connect::begin(&house.services, &admin(), Some(failed)).await.unwrap();
    let form = connect::get(&house.services, &admin(), again).await.unwrap().form;
    assert_eq!((form.vpc.as_str(), form.dns_name.as_str(), form.dns_1.as_str()), (VPC, "corp.example.com", "127.0.0.1"));
    assert_eq!(
        (form.subnets.as_slice(), form.short_name.as_str(), form.size.as_str()),
        (&SUBNETS.map(String::from)[..], "CORP", "Small")
    );
    let unknown = connect::begin(&house.services, &admin(), Some("d-0000000000".parse().unwrap())).await;
    assert_eq!(unknown, Err(Error::NotFound));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_can_not_be_picked_says_why_and_stays_typed(db: PgPool) {
    let house = house(db).await;
    let id = connect::begin(&house.services, &admin(), None).await.unwrap();
    let (picture, freshness) = network::get(&house.services, &admin()).await.unwrap();
    assert!(picture.vpcs.len() >= 3, "{picture:?} {freshness:?}");
    let save = async |vpc: &str, subnets: &[&str]| {
        let subnets = subnets.iter().map(ToString::to_string).collect();
        assert!(!connect::save_network(&house.services, &admin(), id, vpc.to_owned(), subnets).await.unwrap());
        let draft = connect::get(&house.services, &admin(), id).await.unwrap();
        (draft.errors[0].field.clone(), draft.form.vpc)
    };
    let good = SUBNETS[0];
    for wrong in ["subnet-4d5e6f70", "subnet-0d1e2f30", "subnet-0e1f2031", "subnet-99999999", good] {
        assert_eq!(save(VPC, &[good, wrong]).await, ("subnets".to_owned(), VPC.to_owned()), "{wrong}");
    }
    assert_eq!(save("vpc-0dedcafe", &["subnet-4d5e6f70", "subnet-5e6f7081"]).await.0, "vpc");
    assert_eq!(save("vpc-\0x", &[]).await.0, "vpc");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_admins_set_up_connectors(db: PgPool) {
    let house = house(db).await;
    let id = drafted(&house).await;
    let refused = |outcome: Result<(), Error>| matches!(outcome, Err(Error::NotAllowed { .. }));
    assert!(refused(connect::begin(&house.services, &helpdesk(), None).await.map(drop)));
    assert!(refused(connect::get(&house.services, &helpdesk(), id).await.map(drop)));
    assert!(refused(connect::look(&house.services, &helpdesk(), id).await));
    assert!(refused(network::read(&house.services, &helpdesk()).await));
    assert!(refused(connect::discard(&house.services, &helpdesk(), id).await));

    // One who looks after some directories does not look after one that is not there yet, nor sees the others' values.
    let scoped = person(Role::Admin, Some(DIRECTORY));
    assert!(refused(connect::begin(&house.services, &scoped, None).await.map(drop)));
    assert!(refused(connect::begin(&house.services, &scoped, Some("d-90673c5d6e".parse().unwrap())).await.map(drop)));
    assert!(refused(connect::get(&house.services, &scoped, id).await.map(drop)));
    assert!(refused(connect::drafts(&house.services, &scoped).await.map(drop)));
    assert!(refused(connect::look(&house.services, &scoped, id).await));
    assert!(refused(network::read(&house.services, &scoped).await));
    let drafts = async |actor: &Actor| directories::overview(&house.services, actor).await.unwrap().1.map(|drafts| drafts.len());
    assert_eq!((drafts(&scoped).await, drafts(&admin()).await), (None, Some(1)));
    let may =
        async |actor: &Actor| directories::with_addresses(&house.services, actor, &DIRECTORY.parse().unwrap()).await.unwrap().3;
    assert_eq!((may(&scoped).await, may(&admin()).await), (false, true));
    connect::discard(&house.services, &admin(), id).await.unwrap();
    assert_eq!(connect::get(&house.services, &admin(), id).await, Err(Error::NotFound));
}
