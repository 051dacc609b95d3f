//! The OpenID provider: a package by others, started by a small script of ours.

use std::{path::Path, process::Command, time::Duration};

use anyhow::Result;
use nix::sys::signal::Signal;

use crate::{
    process::Daemon,
    stack::{Ports, answers},
};

/// A running provider. It stops when dropped.
pub(super) struct Provider {
    _daemon: Daemon,
    port: u16,
}

impl Provider {
    pub(super) fn start(project: &str, logs: &Path) -> Result<Self> {
        let port = Ports::free()?.sandbox;
        let mut command = Command::new("node");
        command.arg("provider.mjs").arg(port.to_string()).current_dir(project);
        let mut daemon = Daemon::start("the OpenID provider", &command, &logs.join("provider.log"), Signal::SIGTERM)?;
        daemon.wait_until(Duration::from_secs(30), || answers(port, "/.well-known/openid-configuration"))?;
        Ok(Self { _daemon: daemon, port })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
