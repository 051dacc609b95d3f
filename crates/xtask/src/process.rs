//! Child processes that never outlive us, and the wish to stop.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// Turns true on Ctrl-C, SIGTERM and SIGHUP.
#[derive(Debug, Clone)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Handles the signals instead of blocking them: children would inherit the mask, and could not be stopped.
    pub(crate) fn listen() -> Result<Self> {
        let stop = Self(Arc::new(AtomicBool::new(false)));
        let asked = stop.clone();
        ctrlc::set_handler(move || {
            // A second one ends us at once.
            if asked.0.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        })?;
        Ok(stop)
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A program we started. It ends when we do, even if we are killed.
#[derive(Debug)]
pub(crate) struct Daemon {
    pub(crate) name: &'static str,
    child: Child,
    log: PathBuf,
    stop_with: Signal,
}

impl Daemon {
    /// Starts the command with its output in `log`.
    pub(crate) fn start(name: &'static str, command: &Command, log: &Path, stop_with: Signal) -> Result<Self> {
        Self::start_as(None, name, command, log, stop_with)
    }

    /// Starts the command as another user.
    pub(crate) fn start_as(
        user: Option<u32>,
        name: &'static str,
        command: &Command,
        log: &Path,
        stop_with: Signal,
    ) -> Result<Self> {
        let file = File::options().create(true).append(true).open(log).with_context(|| log.display().to_string())?;
        let mut tied = under(command, user, Some(stop_with));
        tied.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        // Its own group: Ctrl-C reaches us alone, and we stop the programs in order.
        tied.process_group(0);
        let child = tied.spawn().with_context(|| format!("starting {name}"))?;
        Ok(Self { name, child, log: log.to_path_buf(), stop_with })
    }

    /// Waits until `ready` holds.
    pub(crate) fn wait_until(&mut self, patience: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let end = Instant::now() + patience;
        while !ready() {
            self.check()?;
            if Instant::now() > end {
                bail!("{} did not get ready in {} s; its log ends:\n{}", self.name, patience.as_secs(), last_words(&self.log));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Fails if the program has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}); its log ends:\n{}", self.name, last_words(&self.log)),
        }
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill(Pid::from_raw(i32::try_from(self.child.id())?), signal)?)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self, patience: Duration) -> Result<ExitStatus> {
        let end = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > end {
                bail!("{} did not end in {} s; its log ends:\n{}", self.name, patience.as_secs(), last_words(&self.log));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The last lines of a log.
pub(crate) fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().rev().take(15).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // The number of one that has ended may be somebody else's by now.
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        let _ = self.signal(self.stop_with);
        let end = Instant::now() + Duration::from_secs(12);
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > end {
                let _ = self.child.kill();
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Not everywhere: macOS has none, and Alpine's is another.
const SETPRIV: &str = "/usr/bin/setpriv";

/// Whether programs end when we are killed.
pub(crate) fn can_tie() -> bool {
    Path::new(SETPRIV).exists()
}

/// The command as another user; and tied to us, where `setpriv` is: the kernel sends it the signal when we die. Both in one
/// `setpriv`, because the kernel forgets the wish when the user changes.
pub(crate) fn under(command: &Command, user: Option<u32>, at_our_death: Option<Signal>) -> Command {
    let mut under = if can_tie() {
        let mut setpriv = Command::new(SETPRIV);
        if let Some(signal) = at_our_death {
            setpriv.args(["--pdeathsig", signal.as_str()]);
        }
        if let Some(user) = user {
            setpriv.args([&format!("--reuid={user}"), &format!("--regid={user}"), "--clear-groups"]);
        }
        setpriv.arg("--").arg(command.get_program());
        setpriv
    } else {
        let mut plain = Command::new(command.get_program());
        if let Some(user) = user {
            plain.uid(user).gid(user);
        }
        plain
    };
    under.args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => under.env(key, value),
            None => under.env_remove(key),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        under.current_dir(folder);
    }
    under
}

/// Runs a command to its end with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let words = [command.get_program()].into_iter().chain(command.get_args()).map(|word| word.to_string_lossy());
    let words = words.collect::<Vec<_>>().join(" ");
    let status = command.stdin(Stdio::null()).status().with_context(|| words.clone())?;
    if status.success() { Ok(()) } else { bail!("`{words}` failed ({status})") }
}

/// Compiles both programs. With the examples, because these have the tests' features: otherwise every dependency would be
/// compiled once for the programs and once more for the tests, and EC2's SDK alone takes minutes.
pub(crate) fn build_programs(options: &[&str]) -> Result<()> {
    run(cargo().arg("build").args(options).args(["--workspace", "--exclude", "xtask", "--bins", "--examples"]))
}

/// The cargo that runs us. What it told us about the xtask itself is left out: build scripts that look at it would run again,
/// and half of the workspace with them.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "LD_LIBRARY_PATH";
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
        cargo.env_remove(name);
    }
    cargo
}
