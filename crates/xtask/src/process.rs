//! Child processes that never outlive us, and the wish to stop.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
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
        let file = File::options().create(true).append(true).open(log).with_context(|| log.display().to_string())?;
        let mut tied = tied(command);
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
                bail!("{} did not get ready in {} s; its log ends:\n{}", self.name, patience.as_secs(), self.last_words());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Fails if the program has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}); its log ends:\n{}", self.name, self.last_words()),
        }
    }

    fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(15).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let Ok(id) = i32::try_from(self.child.id()) else { return };
        let _ = kill(Pid::from_raw(id), self.stop_with);
        let end = Instant::now() + Duration::from_secs(12);
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > end {
                let _ = self.child.kill();
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The command under `setpriv`, where there is one: it asks the kernel to end the program when its parent dies.
fn tied(command: &Command) -> Command {
    let mut tied = if Path::new("/usr/bin/setpriv").exists() {
        let mut setpriv = Command::new("/usr/bin/setpriv");
        setpriv.args(["--pdeathsig", "TERM", "--"]).arg(command.get_program());
        setpriv
    } else {
        Command::new(command.get_program())
    };
    tied.args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => tied.env(key, value),
            None => tied.env_remove(key),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        tied.current_dir(folder);
    }
    tied
}

/// Runs a command to its end with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let words = [command.get_program()].into_iter().chain(command.get_args()).map(|word| word.to_string_lossy());
    let words = words.collect::<Vec<_>>().join(" ");
    let status = command.stdin(Stdio::null()).status().with_context(|| words.clone())?;
    if status.success() { Ok(()) } else { bail!("`{words}` failed ({status})") }
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
