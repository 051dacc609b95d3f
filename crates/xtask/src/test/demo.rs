//! The step `demo`: what README says of `cargo xtask demo`, by running it.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{self, Command},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::Signal;

use super::{Counts, ONE};
use crate::{
    postgres,
    process::{Daemon, can_tie, last_words},
    say, site,
    stack::{self, Ports},
    visitor::Visitor,
};

/// Not the demo's usual folder: there is what a developer did.
const FOLDER: &str = "target/demo-test";
const LOG: &str = "target/demo-test.log";
/// A build may be among it, and others who build at the same time.
const READY: Duration = Duration::from_secs(600);
const END: Duration = Duration::from_secs(120);
/// All that we start has it in its environment.
const MARK: &str = "FRONTDESK_DEMO_TEST";

type Point = (&'static str, fn(&mut Trial) -> Result<Counts>);

const POINTS: [Point; 7] = [
    ("a port that is taken is named, and nothing started", taken),
    ("the first start gets ready", first_start),
    ("somebody signs in", sign_in),
    ("Ctrl-C stops everything", stop),
    ("the next start finds everybody signed in as before", second_start),
    ("killed, it leaves nothing behind and starts again", killed),
    ("--fresh starts over", start_over),
];

/// The demo under test and its visitor.
struct Trial {
    port: u16,
    mark: String,
    demo: Option<Daemon>,
    visitor: Visitor,
}

pub(super) fn demo() -> Result<Counts> {
    // Here, so that the first build is not among what the demo has to be ready in.
    stack::build(site::Profile::Release)?;
    if Path::new(FOLDER).exists() {
        postgres::forget(&Path::new(FOLDER).join("postgres"))?;
        fs::remove_dir_all(FOLDER)?;
    }
    // Below the ports that systems hand out by themselves.
    let port = Ports::next_free(16_000).context("no free ports")?;
    let mut trial = Trial { port, mark: format!("{MARK}={}", process::id()), demo: None, visitor: Visitor::default() };
    let mut counts = Counts::default();
    for (name, point) in POINTS {
        let shown = point(&mut trial).unwrap_or_else(|error| {
            let (mut text, output) = (format!("failed: {name}: {error:#}"), last_words(Path::new(LOG)));
            if !text.contains(&output) {
                text = format!("{text}\nThe demo's output ends:\n{output}");
            }
            say(&text);
            Counts { failed: 1, ..Counts::default() }
        });
        if shown.passed > 0 {
            say(&format!("passed: {name}"));
        }
        counts = counts.and(shown);
    }
    Ok(counts)
}

impl Trial {
    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Runs the demo with its output in the log.
    fn run(&mut self, arguments: &[&str]) -> Result<&mut Daemon> {
        self.demo = None;
        File::create(LOG)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["demo", "--folder", FOLDER, "--port", &self.port.to_string()]).args(arguments);
        command.envs(self.mark.split_once('='));
        Ok(self.demo.insert(Daemon::start("the demo", &command, Path::new(LOG), Signal::SIGINT)?))
    }

    /// Runs the demo until it says that it is ready.
    fn start(&mut self, arguments: &[&str]) -> Result<()> {
        let started = Instant::now();
        let ready = format!("Frontdesk is ready at {}", self.url(""));
        self.run(arguments)?.wait_until(READY, || {
            let output = fs::read_to_string(LOG).unwrap_or_default();
            output.lines().any(|line| line == ready)
        })?;
        say(&format!("ready in {:.1} s", started.elapsed().as_secs_f64()));
        let answer = Visitor::default().get(&self.url("/readyz"))?;
        ensure!(answer.status == 200, "expected /readyz to answer 200, not {}", answer.shown());
        Ok(())
    }

    /// As Ctrl-C does.
    fn interrupt(&mut self) -> Result<Counts> {
        let mut demo = self.demo.take().context("no demo is running")?;
        let running = self.processes()?;
        for part in ["xtask", "frontdesk", "frontdesk-sandbox", "postgres"] {
            let found = running.iter().any(|(_, program)| program == part);
            ensure!(found || !cfg!(target_os = "linux"), "expected {part} among the demo's processes, not {running:?}");
        }
        demo.signal(Signal::SIGINT)?;
        let status = demo.wait(END)?;
        ensure!(status.success(), "expected success after SIGINT, not {status}");
        let left = self.processes()?;
        ensure!(left.is_empty(), "expected no process to be left, not {left:?}");
        self.expect_free_ports()?;
        Ok(ONE)
    }

    fn expect_free_ports(&self) -> Result<()> {
        match Ports::near(self.port).taken() {
            Some((port, whose)) => bail!("expected all ports to be free again, but {port}, {whose}'s, is taken"),
            None => Ok(()),
        }
    }

    /// Everything that runs by our doing, number and program. Where there is no /proc the ports have to tell.
    fn processes(&self) -> Result<Vec<(String, String)>> {
        let mut found = Vec::new();
        if !cfg!(target_os = "linux") {
            return Ok(found);
        }
        // PostgreSQL writes what its processes do over their environment, but they work in the cluster's folder.
        let cluster = fs::canonicalize(Path::new(FOLDER).join("postgres")).ok();
        for entry in fs::read_dir("/proc")?.flatten() {
            let process = entry.path();
            let Ok(environment) = fs::read(process.join("environ")) else { continue };
            let marked = environment.split(|byte| *byte == 0).any(|variable| variable == self.mark.as_bytes());
            let within = || Some(fs::read_link(process.join("cwd")).ok()?.starts_with(cluster.as_ref()?));
            if marked || within() == Some(true) {
                let program = fs::read_link(process.join("exe")).unwrap_or_default();
                let name = |path: &Path| Some(path.file_name()?.to_string_lossy().into_owned());
                // A program that was built anew since then is called `… (deleted)`.
                let program = name(&program).unwrap_or_default().replace(" (deleted)", "");
                found.push((name(&process).unwrap_or_default(), program));
            }
        }
        Ok(found)
    }

    /// Whether the start page opens to whoever signed in before.
    fn expect_signed_in(&mut self) -> Result<Counts> {
        let answer = self.visitor.get(&self.url("/"))?;
        ensure!(answer.status == 200, "expected / to open with the cookie of before, not {}", answer.shown());
        Ok(ONE)
    }
}

fn taken(trial: &mut Trial) -> Result<Counts> {
    for (port, whose) in Ports::near(trial.port).named() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| format!("{port}"))?;
        let status = trial.run(&[])?.wait(END)?;
        ensure!(!status.success(), "expected a failure because port {port} is taken, not {status}");
        let output = fs::read_to_string(LOG)?;
        ensure!(output.contains(&format!("port {port}, which {whose} needs, is taken")), "expected it to name port {port}");
        let advised = output.split("--port ").nth(1).and_then(|rest| rest.split('`').next());
        let advised = advised.and_then(|port| port.parse().ok()).context("expected it to suggest `--port N`")?;
        let hindrance = Ports::near(advised).taken();
        ensure!(hindrance.is_none(), "expected all ports to be free with --port {advised}, not {hindrance:?} taken");
        drop(held);
        ensure!(!Path::new(FOLDER).exists(), "expected nothing to be started, but there is {FOLDER}");
    }
    let left = trial.processes()?;
    ensure!(left.is_empty(), "expected no process to be left, not {left:?}");
    Ok(ONE)
}

fn first_start(trial: &mut Trial) -> Result<Counts> {
    trial.start(&["--fresh"])?;
    let answer = Visitor::default().get(&trial.url("/"))?;
    let sign_in = trial.url(answer.location()?);
    ensure!(sign_in.starts_with(&trial.url("/sign-in?")), "expected / to lead to the sign-in, not to {sign_in}");
    let output = fs::read_to_string(LOG)?;
    let addresses = output.split_whitespace().filter(|word| word.starts_with("http://"));
    for address in addresses.chain([sign_in.as_str()]) {
        let answer = Visitor::default().get(address)?;
        ensure!(answer.status < 400, "expected {address} to answer, not {}", answer.shown());
    }
    Ok(ONE)
}

fn sign_in(trial: &mut Trial) -> Result<Counts> {
    let frontdesk = trial.url("");
    let landed = trial.visitor.sign_in(&frontdesk, "hkeller")?;
    ensure!(landed == "/", "expected to land on /, not on {landed}");
    let answer = trial.visitor.get(&trial.url("/"))?;
    let greeted = answer.status == 200 && answer.body.contains("Helena Keller");
    ensure!(greeted, "expected / to open for Helena Keller, not {}", answer.shown());
    Ok(ONE)
}

fn stop(trial: &mut Trial) -> Result<Counts> {
    trial.interrupt()
}

fn second_start(trial: &mut Trial) -> Result<Counts> {
    trial.start(&[])?;
    trial.expect_signed_in()
}

fn killed(trial: &mut Trial) -> Result<Counts> {
    if !can_tie() {
        say("skipped: without `setpriv` the demo's programs outlive it when it is killed");
        trial.interrupt()?;
        return Ok(Counts { skipped: 1, ..Counts::default() });
    }
    let mut demo = trial.demo.take().context("no demo is running")?;
    demo.signal(Signal::SIGKILL)?;
    demo.wait(END)?;
    let end = Instant::now() + END;
    while !trial.processes()?.is_empty() {
        ensure!(Instant::now() < end, "expected its programs to end by themselves, not {:?}", trial.processes()?);
        thread::sleep(Duration::from_millis(50));
    }
    trial.expect_free_ports()?;
    trial.start(&[])?;
    trial.expect_signed_in()?;
    trial.interrupt()
}

fn start_over(trial: &mut Trial) -> Result<Counts> {
    trial.start(&["--fresh"])?;
    let answer = trial.visitor.get(&trial.url("/"))?;
    let to = answer.location().context("expected the cookie of before to be unknown")?;
    ensure!(to.starts_with("/sign-in?"), "expected / to lead to the sign-in, not to {to}");
    trial.interrupt()
}
