//! The program itself, as an operator starts it.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::browser::provide_tls;

/// `frontdesk serve` on a port. It ends with the test.
pub struct Frontdesk {
    config: PathBuf,
    pub url: String,
    child: Child,
}

impl Frontdesk {
    /// Starts it and waits until it is ready.
    pub async fn start(config: PathBuf, port: u16) -> Self {
        let frontdesk = Self::launch(config, port);
        frontdesk.ready().await;
        frontdesk
    }

    /// Starts it.
    pub fn launch(config: PathBuf, port: u16) -> Self {
        provide_tls();
        let child = spawn(&config);
        Self { config, url: format!("http://127.0.0.1:{port}"), child }
    }

    pub async fn ready(&self) {
        let end = Instant::now() + Duration::from_secs(30);
        let ready = format!("{}/readyz", self.url);
        while !reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(Instant::now() < end, "not ready; the log: {}", self.log());
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.config.with_extension("log")).unwrap()
    }

    /// SIGKILL: the process ends between two instructions, whichever they are.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM: asks it to stop.
    pub fn ask_to_stop(&self) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    }

    /// How it ended, if it did so in time.
    pub async fn ended(&mut self, within: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + within;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }
}

impl Drop for Frontdesk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(name: &str, config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
    command.args([name, "--config"]).arg(config).stdin(Stdio::null()).env_remove("RUST_LOG");
    command.envs([("AWS_ACCESS_KEY_ID", "sandbox"), ("AWS_SECRET_ACCESS_KEY", "sandbox"), ("AWS_EC2_METADATA_DISABLED", "true")]);
    command
}

fn spawn(config: &Path) -> Child {
    let log = File::options().create(true).append(true).open(config.with_extension("log")).unwrap();
    command("serve", config).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// Runs a command of the program to its end.
pub async fn run(name: &'static str, config: &Path) -> Output {
    run_with(name, config, &[]).await
}

/// The same with more in its environment.
pub async fn run_with(name: &'static str, config: &Path, environment: &[(&str, &str)]) -> Output {
    let mut command = command(name, config);
    command.envs(environment.iter().copied());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
