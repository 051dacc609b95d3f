//! moto: AWS's services in Python, by others.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use nix::sys::signal::Signal;

use crate::{
    install,
    process::{Daemon, run},
    say,
    stack::{Ports, answers},
};

/// What pip installs. `moto[server]` would bring twice as much, for services that nobody asks here.
const PACKAGES: [&str; 3] = ["moto==5.2.5", "flask==3.1.3", "flask-cors==6.0.5"];

/// A running moto. It stops when dropped.
pub(super) struct Moto {
    _daemon: Daemon,
    port: u16,
}

impl Moto {
    pub(super) fn start(folder: &Path, logs: &Path) -> Result<Self> {
        let environment = environment(&folder.join("moto"))?;
        let port = Ports::free()?.sandbox;
        let mut command = Command::new(environment.join("bin/python"));
        command.arg(environment.join("bin/moto_server")).args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        // Asked politely it waits for its clients, and it keeps nothing.
        let mut daemon = Daemon::start("moto", &command, &logs.join("moto.log"), Signal::SIGKILL)?;
        daemon.wait_until(Duration::from_secs(60), || answers(port, "/moto-api/data.json"))?;
        Ok(Self { _daemon: daemon, port })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The folder with moto in it, made if it is not there or has something else.
fn environment(folder: &Path) -> Result<PathBuf> {
    let (mark, wanted) = (folder.join("installed"), PACKAGES.join(" "));
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(folder.to_path_buf());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    // Debian's Python comes without the modules that make an environment.
    let modules = Command::new("python3").args(["-c", "import ensurepip, venv"]).stderr(Stdio::null()).status();
    if !modules.is_ok_and(|status| status.success()) {
        install::packages("Python", &["python3", "python3-venv"], &["python3"])?;
    }
    say(&format!("Installing {wanted} under {} …", folder.display()));
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(folder.join("bin/python")).args(pip).args(PACKAGES))?;
    fs::write(&mark, wanted).with_context(|| mark.display().to_string())?;
    Ok(folder.to_path_buf())
}
