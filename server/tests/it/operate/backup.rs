//! Backup and restore as `docs/operations.md` tells them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use sandbox::Options;
use sqlx::PgPool;

use super::roles::Roles;
use crate::{
    browser::Browser,
    house::Place,
    program::{Frontdesk, free_port, run},
    wizard::launch,
};

/// A program of PostgreSQL's, on the path or where the packages of Debian and its kin put it.
fn tool(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let mut versions: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{name} is not installed"))
}

fn do_it(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What each table holds.
async fn content(url: &str) -> Vec<(String, Option<String>)> {
    let db = PgPool::connect(url).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('public', 'graphile_worker') order by 1",
    )
    .fetch_all(&db)
    .await
    .unwrap();
    let mut content = Vec::new();
    for table in tables {
        let sql = format!("select md5(string_agg(t::text, '|' order by t::text)) from {table} t");
        content.push((table, sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&db).await.unwrap()));
    }
    db.close().await;
    content
}

fn dump(roles: &Roles, file: &Path) {
    do_it(Command::new(tool("pg_dump")).args(["--format=custom", "--dbname", &roles.owner_url(), "--file"]).arg(file));
}

fn restore(roles: &Roles, file: &Path) {
    let mut command = Command::new(tool("pg_restore"));
    do_it(command.args(["--exit-on-error", "--no-owner", "--dbname", &roles.owner_url()]).arg(file));
}

#[sqlx::test(migrations = false)]
async fn a_restored_database_holds_everything_and_frontdesk_goes_on_with_it(admin: PgPool) {
    let (old, new) = (Roles::make(&admin).await, Roles::make(&admin).await);
    let mut place = Place::open(Options::default().behaviour).await;
    place.edits = vec![old.edit()];
    let port = free_port();
    let (config, _) = place.configure(&admin, port);
    assert!(run("migrate", &config).await.status.success());
    let mut frontdesk = Frontdesk::start(config, port).await;
    let mut browser = Browser::new(&frontdesk.url);
    assert_eq!(browser.sign_in("hkeller", "/").await, "/");
    let launch = launch(&mut browser, &place.ordinary(2)).await;
    frontdesk.kill();

    let file = place.folder.path().join("frontdesk.dump");
    dump(&old, &file);
    restore(&new, &file);
    // The logins of the old installation have nothing to do here; those of the new one are in the same group.
    assert_eq!(content(&old.owner_url()).await, content(&new.owner_url()).await);

    place.edits = vec![new.edit()];
    let (config, _) = place.configure(&admin, port);
    assert!(run("migrate", &config).await.status.success());
    let frontdesk = Frontdesk::start(config, port).await;
    // Whoever was signed in still is, and what was under way goes on.
    assert_eq!(browser.get(&format!("/launches/{launch}")).await.status, 200);
    let db = PgPool::connect(&new.owner_url()).await.unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while sqlx::query_scalar::<_, i64>("select count(*) from invitation where state = 'sent'").fetch_one(&db).await.unwrap() < 2 {
        assert!(std::time::Instant::now() < end, "the launch does not go on: {}", frontdesk.log());
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert_eq!(place.sandbox.state().memory().mails.len(), 2);
    db.close().await;
    drop(frontdesk);
    old.forget().await;
    new.forget().await;
}
