//! `cargo xtask chaos`: launches of 200 people under mixed faults, two `serve` processes of which one is killed again and
//! again, a PostgreSQL that is restarted once. At the end nothing may have happened twice, nothing may be forgotten, and people
//! may be asked about nothing but what nobody can know.
//!
//! The sandbox's guard against doubles is off: one that can't fail would prove nothing.

mod storm;
mod verdict;

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IteratorRandom};
use serde_json::{Value, json};

use crate::{
    helpdesk,
    postgres::{self, Psql},
    process::{Daemon, Stop, build_programs},
    say,
    stack::{self, Options, Ports, Stack},
    visitor::Visitor,
};
use storm::{LAUNCH, Launched};

const FOLDER: &str = "target/chaos";
const DATABASE: &str = "frontdesk";
/// For all that is left after the last kill.
const PATIENCE: Duration = Duration::from_secs(1_800);
/// Rows and invitations on their way, a launched row without an invitation among them.
const UNDER_WAY: &str =
    "select (select count(*) from launch_item where state not in ('available', 'failed', 'already_has', 'canceled'))
                              + (select count(*) from invitation where state in ('queued', 'sending'))";

/// What is struck by chance all the time: operation, probability, fault.
fn weather() -> Vec<(&'static str, f64, Value)> {
    let mut faults = vec![
        // AWS does the work first and answers later, so that many a kill falls between the two.
        ("CreateWorkspaces", 1.0, json!({ "kind": "delay", "ms": 700 })),
        ("SendEmail", 1.0, json!({ "kind": "delay", "ms": 250 })),
        ("CreateWorkspaces", 0.10, json!({ "kind": "lose_reply" })),
        ("CreateWorkspaces", 0.05, json!({ "kind": "time_out", "work_done": true })),
        ("CreateWorkspaces", 0.05, json!({ "kind": "time_out", "work_done": false })),
        ("CreateWorkspaces", 0.05, json!({ "kind": "server_error" })),
        ("CreateWorkspaces", 0.05, json!({ "kind": "throttle" })),
        ("CreateWorkspaces", 0.05, json!({ "kind": "late_visibility", "ms": 1_500 })),
        ("SendEmail", 0.03, json!({ "kind": "throttle" })),
        ("Search", 0.05, json!({ "kind": "delay", "ms": 300 })),
        ("Search", 0.02, json!({ "kind": "lose_reply" })),
        ("Search", 0.02, json!({ "kind": "server_error" })),
        ("Connect", 0.02, json!({ "kind": "lose_reply" })),
    ];
    for operation in ["DescribeWorkspaces", "DescribeTags"] {
        faults.extend(["throttle", "server_error", "lose_reply"].map(|kind| (operation, 0.03, json!({ "kind": kind }))));
    }
    faults
}

/// Two processes, the sandbox and the database.
struct Arena {
    stack: Stack,
    sql: Psql,
    serves: [Serve; 2],
    sandbox: String,
}

/// A `serve` on its port.
struct Serve {
    port: u16,
    daemon: Daemon,
}

impl Serve {
    fn start(stack: &Stack, port: u16) -> Result<Self> {
        Ok(Self { port, daemon: stack.replica(port)? })
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        self.daemon.wait_until(Duration::from_secs(60), || stack::answers(self.port, "/readyz"))
    }

    /// SIGKILL: the process ends between two instructions, whichever they are.
    fn kill(&mut self) -> Result<()> {
        self.daemon.signal(Signal::SIGKILL)?;
        self.daemon.wait(Duration::from_secs(10)).map(drop)
    }

    fn start_again(&mut self, stack: &Stack) -> Result<()> {
        self.daemon = stack.replica(self.port)?;
        Ok(())
    }
}

/// What was done to it.
#[derive(Debug, Default)]
struct Blows {
    kills: [u32; 2],
    /// Invitations that were being sent at a kill, or while PostgreSQL was gone.
    in_flight: BTreeSet<String>,
    /// Processes that ended by themselves when PostgreSQL went.
    gave_up: u32,
}

/// Runs it all; the report.
///
/// # Errors
/// Whatever was not as it must be, all of it in one text.
pub(crate) fn run(kills: u32, seed: u64, stop: &Stop) -> Result<String> {
    build_programs(&[])?;
    let started = Instant::now();
    let mut arena = Arena::open()?;
    let mut dice = StdRng::seed_from_u64(seed);
    let fates = StdRng::seed_from_u64(dice.random());
    let people = helpdesk::ordinary_people(&arena.sandbox)?;
    let enough = AtomicBool::new(false);
    let (sql, sandbox, frontdesk) = (arena.sql.clone(), arena.sandbox.clone(), arena.stack.url());
    let (blows, launched) = thread::scope(|scope| {
        let launcher = scope.spawn(|| storm::keep_launching(&sql, &sandbox, &frontdesk, people, fates, &enough));
        let blows = arena.beat(kills, &mut dice, stop, || launcher.is_finished());
        enough.store(true, Ordering::Relaxed);
        let launched = launcher.join().unwrap_or_else(|_| bail!("the launching thread panicked"));
        anyhow::Ok((blows?, launched?))
    })?;
    let quiet = arena.wait_for_quiet(stop)?;
    arena.look_twice()?;
    let late = answers_in_vain(&Path::new(FOLDER).join("logs/frontdesk.log"))?;
    let unknowable = blows.in_flight.union(&late).cloned().collect();
    let told = verdict::pass(&arena.sql, &arena.sandbox, &launched, &unknowable)?;
    Ok(format!(
        "{}\nAnswers of SES for which nobody waited any more: {}, those that a fault kept among them.\n",
        report(seed, &blows, &launched, quiet, started.elapsed(), &told),
        late.len()
    ))
}

fn report(seed: u64, blows: &Blows, launched: &Launched, quiet: Duration, took: Duration, told: &verdict::Told) -> String {
    let Blows { kills: [one, other], in_flight, gave_up } = blows;
    format!(
        "{} kills (seed {seed}): {one} of the one process and {other} of the other; PostgreSQL restarted once, {gave_up} processes ended with it.\n\
         {} launches of {LAUNCH} under way meanwhile; starting them took {} attempts.\n\
         All at rest {:.0} s after the last kill, {:.0} s after the start. {} invitations were being sent at a kill.\n\n{told}",
        one + other,
        launched.launches,
        launched.attempts,
        quiet.as_secs_f64(),
        took.as_secs_f64(),
        in_flight.len(),
    )
}

impl Arena {
    fn open() -> Result<Self> {
        if Path::new(FOLDER).exists() {
            postgres::forget(&Path::new(FOLDER).join("postgres"))?;
            fs::remove_dir_all(FOLDER)?;
        }
        let (ports, more) = (Ports::free()?, Ports::free()?);
        let settings = [
            ("FRONTDESK__AWS__OPERATION_TIMEOUT_MS", "2500"),
            ("FRONTDESK__LAUNCH__VISIBILITY_LAG_MS", "3000"),
            ("FRONTDESK__LAUNCH__FIRST_POLL_MS", "2000"),
        ];
        let environment = settings.map(|(name, value)| (name, value.to_owned())).to_vec();
        // Copies: who builds meanwhile must not change what runs here.
        let programs = Path::new(FOLDER).join("programs");
        fs::create_dir_all(&programs)?;
        for name in ["frontdesk", "frontdesk-sandbox"] {
            fs::copy(Path::new("target/debug").join(name), programs.join(name)).with_context(|| format!("copying {name}"))?;
        }
        let options = Options { pending_seconds: 3.0, people: 5_000, programs, environment, ..Options::new(FOLDER, ports) };
        let stack = Stack::start_without_frontdesk(options)?;
        let sandbox = stack.sandbox_url();
        let mut controls = Visitor::default();
        let behaviour = json!({ "one_workspace_per_user": false, "visibility_lag_ms": 700, "ses_rate": 10.0 });
        controls.send("PATCH", &format!("{sandbox}/_sandbox/api/behaviour"), &behaviour)?;
        let serves = [Serve::start(&stack, ports.frontdesk)?, Serve::start(&stack, more.frontdesk)?];
        let mut arena = Self { sql: stack.postgres.sql.clone(), stack, serves, sandbox };
        arena.serves.iter_mut().try_for_each(Serve::wait_until_ready)?;
        for (operation, probability, fault) in weather() {
            let fault = storm::with(fault, "operation", json!(operation));
            storm::switch_on(&arena.sandbox, storm::with(fault, "probability", json!(probability)))?;
        }
        Ok(arena)
    }

    /// Kills one of the two at random moments, and restarts PostgreSQL in the middle of it.
    fn beat(&mut self, kills: u32, dice: &mut StdRng, stop: &Stop, ended: impl Fn() -> bool) -> Result<Blows> {
        let mut blows = Blows::default();
        while under_way(&self.sql)? == 0 && !ended() {
            thread::sleep(Duration::from_millis(100));
        }
        for kill in 1..=kills {
            // Now and then there is time for a launch to come further.
            let pause = if dice.random_bool(0.25) { 2_000..8_000 } else { 200..2_000 };
            thread::sleep(Duration::from_millis(dice.random_range(pause)));
            if stop.is_asked() || ended() {
                bail!("stopped after {} kills", kill - 1);
            }
            if kill == kills.div_ceil(2) {
                self.restart_postgres(&mut blows)?;
            }
            let victims = self.serves.iter_mut().zip(&mut blows.kills);
            let (victim, kills) = victims.choose(dice).context("there is none to kill")?;
            victim.kill()?;
            *kills += 1;
            blows.in_flight.extend(being_sent(&self.sql)?);
            victim.start_again(&self.stack)?;
            if kill % 50 == 0 {
                say(&format!("{kill} kills; {} rows and mails are under way", under_way(&self.sql)?));
            }
        }
        Ok(blows)
    }

    fn restart_postgres(&mut self, blows: &mut Blows) -> Result<()> {
        self.stack.postgres.restart()?;
        blows.in_flight.extend(being_sent(&self.sql)?);
        thread::sleep(Duration::from_secs(2));
        for serve in &mut self.serves {
            if serve.daemon.check().is_err() {
                blows.gave_up += 1;
                serve.start_again(&self.stack)?;
            }
        }
        Ok(())
    }

    /// The weather clears up, and all that is left gets done; how long that took.
    fn wait_for_quiet(&mut self, stop: &Stop) -> Result<Duration> {
        let started = Instant::now();
        let mut told = Instant::now();
        storm::clear_weather(&self.sandbox)?;
        loop {
            let left = under_way(&self.sql)?;
            if left == 0 {
                return Ok(started.elapsed());
            }
            if stop.is_asked() {
                bail!("stopped");
            }
            if started.elapsed() > PATIENCE {
                bail!("{left} rows and mails are stuck");
            }
            if told.elapsed() > Duration::from_secs(30) {
                say(&format!("{left} rows and mails are under way"));
                told = Instant::now();
            }
            self.serves.iter_mut().try_for_each(|serve| serve.daemon.check())?;
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// Processes that find all done must not start anything anew.
    fn look_twice(&mut self) -> Result<()> {
        for serve in &mut self.serves {
            serve.kill()?;
            serve.start_again(&self.stack)?;
            serve.wait_until_ready()?;
        }
        thread::sleep(Duration::from_secs(5));
        Ok(())
    }
}

fn under_way(sql: &Psql) -> Result<u64> {
    count(sql, UNDER_WAY)
}

/// The one number that a query answers.
fn count(sql: &Psql, query: &str) -> Result<u64> {
    let rows = sql.query(DATABASE, query)?;
    Ok(rows.first().and_then(|row| row.first()).context("no number")?.parse()?)
}

/// Invitations whose answer did not come within the SDK's limit, by the log. Beside those that a fault keeps, a machine that is
/// busy with other things makes some.
fn answers_in_vain(log: &Path) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(log)?;
    let timed_out = text.lines().filter(|line| line.contains("the answer to SendEmail was lost") && line.contains("timed out"));
    let told = timed_out.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(told.filter_map(|line| Some(line.pointer("/fields/invitation")?.as_str()?.to_owned())).collect())
}

fn being_sent(sql: &Psql) -> Result<Vec<String>> {
    Ok(sql.query(DATABASE, "select id from invitation where state = 'sending'")?.into_iter().flatten().collect())
}
