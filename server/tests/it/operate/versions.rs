//! Two versions of Frontdesk on one database: what the older one does when the newer has migrated, and the other way round.

use std::time::{Duration, Instant};

use sandbox::Options;
use sqlx::PgPool;

use crate::{
    MIGRATOR,
    browser::Browser,
    house::{House, Place},
    program::{Frontdesk, free_port, run},
    wizard::launch,
};

/// A database as the version after this one leaves it: one migration more, and a column more in every table.
async fn of_tomorrow(db: &PgPool) {
    backend::db::prepare(db).await.unwrap();
    sqlx::raw_sql(
        "do $$ declare t text; begin
           for t in select tablename from pg_tables where schemaname = 'public' and tablename <> '_sqlx_migrations' loop
             execute format('alter table %I add column of_tomorrow text not null default ''x''', t);
           end loop;
         end $$;
         insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'of tomorrow', true, '', 0)",
    )
    .execute(db)
    .await
    .unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn this_version_does_its_whole_work_on_the_schema_of_the_next(db: PgPool) {
    of_tomorrow(&db).await;
    let mut place = Place::open(Options::default().behaviour).await;
    let url = "database.url = \"".to_owned();
    let options = db.connect_options();
    let owner = format!(
        "database.owner_url = \"postgres://{}@{}:{}/{}\"\n",
        options.get_username(),
        options.get_host(),
        options.get_port(),
        options.get_database().unwrap()
    );
    place.edits = vec![(url.clone(), owner + &url)];
    let port = free_port();
    let (config, _) = place.configure(&db, port);
    assert!(run("migrate", &config).await.status.success(), "an older version's migrate stumbles");
    let frontdesk = Frontdesk::start(config, port).await;
    let mut browser = Browser::new(&frontdesk.url);
    assert_eq!(browser.sign_in("hkeller", "/").await, "/");
    let launch = launch(&mut browser, &place.ordinary(2)).await;
    let end = Instant::now() + Duration::from_secs(60);
    while place.sandbox.state().memory().mails.len() < 2 {
        assert!(Instant::now() < end, "no mail: {}", frontdesk.log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mail = place.sandbox.state().memory().mails[0].text.clone();
    let token = mail.split("/welcome/").nth(1).unwrap().split_whitespace().next().unwrap();
    let own = format!("/launches/{launch}");
    for path in [
        "/",
        "/launches",
        own.as_str(),
        "/people?q=nordwind",
        "/workspaces",
        "/invitations",
        "/directories",
        &format!("/welcome/{token}"),
    ] {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    assert!(browser.get("/readyz").await.body.contains("newer than this version by 1"));
    assert!(!frontdesk.log().contains("\"level\":\"ERROR\""), "{}", frontdesk.log());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn on_the_schema_of_the_version_before_this_one_refuses_with_what_to_do(db: PgPool) {
    let last: i64 = sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(&db).await.unwrap();
    let house = House::open(db.clone()).await;
    sqlx::query("delete from _sqlx_migrations where version = $1").bind(last).execute(&db).await.unwrap();
    let words = format!("the schema is older than this version, it lacks {last}");
    let ready = house.browser().get("/readyz").await;
    assert!(ready.status == 503 && ready.body.contains(&words), "{}", ready.body);
    for command in ["serve", "worker"] {
        let (config, _) = house.place.configure(&db, free_port());
        let output = run(command, &config).await;
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && log.contains(&format!("{words}: run `frontdesk migrate` of this version first")),
            "{log}"
        );
    }
}
