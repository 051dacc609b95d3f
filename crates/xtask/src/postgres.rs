//! A private PostgreSQL on the loopback interface.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use crate::{
    install,
    process::{Daemon, under},
};

/// PostgreSQL refuses to run as root; this is `nobody`.
const NOBODY: u32 = 65_534;

/// A running server.
#[derive(Debug)]
pub(crate) struct Postgres {
    pub(crate) daemon: Daemon,
    pub(crate) sql: Psql,
    command: Command,
    log: PathBuf,
}

/// `psql` as the superuser.
#[derive(Debug, Clone)]
pub(crate) struct Psql {
    program: PathBuf,
    port: u16,
}

/// Where PostgreSQL's programs are, installed if need be.
fn programs() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    install::packages("PostgreSQL", &["postgresql"], &["postgresql-server"])?;
    find().context("PostgreSQL was installed, but initdb is not to be found")
}

fn find() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let mut packaged: Vec<_> = versions.collect();
    packaged.sort();
    let paths = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let all = packaged.into_iter().rev().chain(paths);
    all.into_iter().find(|folder| ["initdb", "postgres", "psql"].iter().all(|program| folder.join(program).is_file()))
}

impl Postgres {
    /// Starts a cluster in `folder`, made if it is not there.
    pub(crate) fn start(folder: &Path, port: u16, logs: &Path) -> Result<Self> {
        let bin = programs()?;
        let folder = reachable(folder)?;
        let data = folder.join("data");
        let log = logs.join("postgres.log");
        if !data.join("PG_VERSION").exists() {
            make(&bin.join("initdb"), &folder, &data)?;
        }
        let mut command = Command::new(bin.join("postgres"));
        command.current_dir(&folder).arg("-D").arg(&data).args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
        // It holds nothing that could not be made again.
        // Its socket's path would have to be shorter than a checkout's may be; all come by TCP.
        for setting in
            ["unix_socket_directories=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"]
        {
            command.args(["-c", setting]);
        }
        let sql = Psql { program: bin.join("psql"), port };
        let daemon = spawn(&command, &log, &sql)?;
        Ok(Self { daemon, sql, command, log })
    }

    /// Ends the server, its clients' connections with it, and starts it anew.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.daemon.signal(STOP)?;
        self.daemon.wait(Duration::from_secs(30))?;
        self.daemon = spawn(&self.command, &self.log, &self.sql)?;
        Ok(())
    }

    pub(crate) fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.sql.port)
    }

    /// Makes the database if it is not there.
    pub(crate) fn ensure_database(&self, name: &str) -> Result<()> {
        let found = self.sql.query("postgres", &format!("select 1 from pg_database where datname = '{name}'"))?;
        if found.is_empty() { self.sql.execute("postgres", &format!("create database {name}")) } else { Ok(()) }
    }
}

/// PostgreSQL's fast shutdown: it does not wait for clients.
const STOP: Signal = Signal::SIGINT;

fn spawn(command: &Command, log: &Path, sql: &Psql) -> Result<Daemon> {
    let mut daemon = Daemon::start_as(user(), "PostgreSQL", command, log, STOP)?;
    daemon.wait_until(Duration::from_secs(30), || sql.query("postgres", "select 1").is_ok())?;
    Ok(daemon)
}

impl Psql {
    /// Runs SQL.
    pub(crate) fn execute(&self, database: &str, sql: &str) -> Result<()> {
        self.run(database, &["-c", sql]).map(drop)
    }

    /// Runs a file.
    pub(crate) fn execute_file(&self, database: &str, file: &Path) -> Result<()> {
        self.run(database, &["-f", &file.to_string_lossy()]).map(drop)
    }

    /// The rows of a query, each with its columns as text.
    pub(crate) fn query(&self, database: &str, sql: &str) -> Result<Vec<Vec<String>>> {
        let text = self.run(database, &["-tA", "-F", "\t", "-c", sql])?;
        Ok(text.lines().map(|line| line.split('\t').map(ToOwned::to_owned).collect()).collect())
    }

    fn run(&self, database: &str, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.program);
        command.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", "-d", database]);
        let output = command.args(["-v", "ON_ERROR_STOP=1"]).args(arguments).output()?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            bail!("psql: {}", String::from_utf8_lossy(&output.stderr))
        }
    }
}

/// Makes a cluster. It gets its name when it is whole: one that was made by halves would never start.
fn make(initdb: &Path, folder: &Path, data: &Path) -> Result<()> {
    let half = folder.join("half-made");
    if half.exists() {
        fs::remove_dir_all(&half)?;
    }
    let mut command = Command::new(initdb);
    command.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"]).arg(&half);
    let output = under(command.current_dir(folder), user(), None).output()?;
    if !output.status.success() {
        bail!("initdb failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(fs::rename(half, data)?)
}

/// Whose the server is, if not ours.
fn user() -> Option<u32> {
    nix::unistd::geteuid().is_root().then_some(NOBODY)
}

/// A folder that the server's user owns and can reach. Where a folder above is closed to others, as a home of root is, the
/// data goes to the system's temporary folder instead.
fn reachable(folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let mut folder = fs::canonicalize(folder)?;
    if nix::unistd::geteuid().is_root() {
        let closed = folder.ancestors().skip(1).any(|above| fs::metadata(above).is_ok_and(|found| found.mode() & 0o001 == 0));
        if closed {
            let name = folder.to_string_lossy().replace('/', "-");
            folder = std::env::temp_dir().join(format!("frontdesk{name}"));
            fs::create_dir_all(&folder)?;
        }
        chown(&folder, Some(NOBODY), Some(NOBODY))?;
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
    Ok(folder)
}

/// Forgets a cluster, wherever it went.
pub(crate) fn forget(folder: &Path) -> Result<()> {
    if let Ok(folder) = fs::canonicalize(folder) {
        let elsewhere = std::env::temp_dir().join(format!("frontdesk{}", folder.to_string_lossy().replace('/', "-")));
        for found in [folder, elsewhere] {
            if found.exists() {
                fs::remove_dir_all(found)?;
            }
        }
    }
    Ok(())
}
