//! `.sqlx`: every query of `backend`, checked against the schema that the migrations make.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    postgres::Postgres,
    process::{cargo, run},
    say,
    stack::Ports,
};

/// A PostgreSQL for tests, in a folder of its own.
pub(crate) fn scratch_postgres(name: &str) -> Result<(Postgres, u16)> {
    let folder = PathBuf::from("target").join(name);
    let logs = folder.join("logs");
    fs::create_dir_all(&logs)?;
    let port = Ports::free()?.frontdesk;
    Ok((Postgres::start(&folder.join("postgres"), port, &logs)?, port))
}

/// Checks all queries and writes them to the folder; what is no longer asked is removed.
pub(crate) fn prepare(folder: &Path) -> Result<()> {
    let (postgres, _) = scratch_postgres("queries")?;
    postgres.sql.execute("postgres", "drop database if exists queries")?;
    postgres.ensure_database("queries")?;
    let mut migrations: Vec<_> =
        fs::read_dir("migrations")?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    migrations.sort();
    for migration in &migrations {
        postgres.sql.execute_file("queries", migration).with_context(|| migration.display().to_string())?;
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    // The macros write only for a crate that is compiled anew.
    let library = Path::new("crates/backend/src/lib.rs");
    fs::File::options().append(true).open(library)?.set_modified(std::time::SystemTime::now())?;
    run(cargo()
        .args(["check", "--quiet", "--workspace", "--exclude", "xtask", "--all-targets"])
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", std::path::absolute(folder)?)
        .env("DATABASE_URL", postgres.url("postgres", "queries")))?;
    say(&format!("{} queries checked", read(folder)?.len()));
    Ok(())
}

/// Fails if the committed folder is not what [`prepare`] would write.
pub(crate) fn verify() -> Result<()> {
    let fresh = Path::new("target/queries/sqlx");
    prepare(fresh)?;
    let (committed, fresh) = (read(Path::new(".sqlx"))?, read(fresh)?);
    if committed == fresh {
        return Ok(());
    }
    let missing = fresh.keys().filter(|name| !committed.contains_key(*name)).count();
    let stale = committed.keys().filter(|name| !fresh.contains_key(*name)).count();
    bail!(".sqlx is not up to date ({missing} missing, {stale} stale): run `cargo xtask sqlx` and commit it")
}

fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        found.insert(path.file_name().unwrap_or_default().to_string_lossy().into_owned(), fs::read_to_string(&path)?);
    }
    Ok(found)
}
