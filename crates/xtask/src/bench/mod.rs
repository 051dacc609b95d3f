//! `cargo xtask bench`: speed, size and memory of the release build against the sandbox, each with its limit, as a table and as
//! `target/bench.json` (docs/bench.md). What is compared is measured in the same run, because machines are shared and noisy.

mod approvals;
mod journey;
mod load;
mod row;
mod streams;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use serde_json::json;

use crate::{
    install, postgres,
    process::{Daemon, Stop, build_programs},
    say, site,
    stack::{self, Options, Ports, Stack},
    visitor::Visitor,
};
use row::Row;

const FOLDER: &str = "target/bench";
const REPORT: &str = "target/bench.json";
/// From CreateWorkspaces to AVAILABLE.
const PENDING_SECONDS: f64 = 5.0;

/// What is measured on.
struct Bench {
    stack: Stack,
    frontdesk: Daemon,
    /// The same use cases behind bare handlers: `server/examples/bare.rs`.
    _bare: Daemon,
    url: String,
    bare_url: String,
    browser: Visitor,
    stop: Stop,
}

/// Measures everything, writes the report, and says which limits do not hold.
///
/// # Errors
/// Something could not be measured, or a limit does not hold.
pub(crate) fn run(stop: &Stop) -> Result<()> {
    if !install::on_path("wrk") {
        install::packages("wrk", &["wrk"], &["wrk"])?;
    }
    say("Building the release …");
    build_programs(&["--release"])?;
    site::build(Path::new(site::SITE), site::Profile::Release)?;
    let (mut bench, mut rows) = Bench::open(stop)?;
    rows.extend(journey::measure(&mut bench)?);
    rows.push(bench.memory("memory of `serve` after the 1,000", Some(64.0))?);
    rows.extend(load::measure(&bench)?);
    rows.extend(approvals::measure(&bench)?);
    rows.extend(streams::measure(&bench)?);
    rows.extend(bench.sizes()?);
    rows.push(bench.memory("memory of `serve` at the end", None)?);
    let table = row::table(&rows);
    say(&table);
    let report = json!({ "schema": 1, "rows": rows.iter().map(Row::json).collect::<Vec<_>>() });
    fs::write(REPORT, serde_json::to_string_pretty(&report)?)?;
    let broken: Vec<_> = rows.iter().filter(|row| !row.holds()).map(|row| row.name.as_str()).collect();
    if broken.is_empty() { Ok(()) } else { bail!("these limits do not hold: {}", broken.join("; ")) }
}

impl Bench {
    /// Starts everything, and measures how long that takes `serve`.
    fn open(stop: &Stop) -> Result<(Self, Vec<Row>)> {
        if Path::new(FOLDER).exists() {
            postgres::forget(&Path::new(FOLDER).join("postgres"))?;
            fs::remove_dir_all(FOLDER)?;
        }
        let (ports, more) = (Ports::free()?, Ports::free()?);
        // The limit on welcome links is by address; the load comes from many.
        let environment = vec![
            ("FRONTDESK__CLIENT_IP", "RightmostXForwardedFor".to_owned()),
            ("FRONTDESK__TRUSTED_PROXIES", "127.0.0.0/8".to_owned()),
        ];
        let options = Options {
            programs: PathBuf::from("target/release"),
            pending_seconds: PENDING_SECONDS,
            environment,
            ..Options::new(FOLDER, ports)
        };
        let stack = Stack::start_without_frontdesk(options)?;
        // The first start finds an empty database and fills the mirror; the second is an ordinary one.
        let mut first = stack.replica(ports.frontdesk)?;
        first.wait_until(Duration::from_secs(30), || stack::answers(ports.frontdesk, "/readyz"))?;
        thread::sleep(Duration::from_secs(3));
        drop(first);
        let started = Instant::now();
        let mut frontdesk = stack.replica(ports.frontdesk)?;
        while !stack::answers(ports.frontdesk, "/readyz") {
            frontdesk.check()?;
            thread::sleep(Duration::from_millis(5));
        }
        let ready = Row::at_most("start of `serve` to /readyz", started.elapsed().as_secs_f64(), "s", 1.0);
        let bare = stack.bare(more.frontdesk)?;
        let (url, bare_url) = (stack.url(), format!("http://127.0.0.1:{}", more.frontdesk));
        let mut browser = Visitor::default();
        browser.sign_in(&url, "hkeller")?;
        Ok((Self { stack, frontdesk, _bare: bare, url, bare_url, browser, stop: stop.clone() }, vec![ready]))
    }

    /// Resident memory of `serve`, in MB.
    fn memory(&self, name: &str, limit: Option<f64>) -> Result<Row> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.frontdesk.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kb: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        let mb = kb / 1_024.0;
        Ok(limit.map_or_else(|| Row::new(name, mb, "MB"), |limit| Row::at_most(name, mb, "MB", limit)))
    }

    fn sizes(&self) -> Result<Vec<Row>> {
        #[expect(clippy::cast_precision_loss, reason = "some hundred thousand bytes")]
        let first = site::first_load(Path::new(site::SITE))?.bytes() as f64 / 1_024.0;
        let welcome = self.browser.clone().get(&journey::welcome_link(&self.stack.sandbox_url())?)?;
        #[expect(clippy::cast_precision_loss, reason = "some thousand bytes")]
        let welcome = site::brotli(welcome.body.as_bytes())?.len() as f64 / 1_024.0;
        Ok(vec![
            Row::at_most("first load of a staff page (brotli)", first, "KB", 300.0),
            Row::at_most("/welcome/{token} (brotli)", welcome, "KB", 60.0),
        ])
    }

    /// Waits until that holds.
    fn until(&mut self, what: &str, patience: Duration, mut holds: impl FnMut(&Self) -> Result<bool>) -> Result<()> {
        let end = Instant::now() + patience;
        while !holds(self)? {
            self.frontdesk.check()?;
            if self.stop.is_asked() || Instant::now() > end {
                bail!("gave up waiting for {what}");
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Stack {
    /// Starts the bare handlers on that port.
    fn bare(&self, port: u16) -> Result<Daemon> {
        let (command, log) = self.command("examples/bare", &[], port)?;
        let mut bare = Daemon::start("the bare handlers", &command, &log, Signal::SIGTERM)?;
        bare.wait_until(Duration::from_secs(30), || stack::answers(port, "/readyz"))?;
        Ok(bare)
    }
}
