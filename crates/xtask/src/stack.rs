//! PostgreSQL, the sandbox and Frontdesk, wired together: the demo's and the browser tests'.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use crate::{
    install,
    postgres::Postgres,
    process::{Daemon, build_programs, run},
    site,
};

/// Frontdesk's own port.
pub(crate) const PORT: u16 = 3_000;
/// Where the demo keeps everything.
pub(crate) const FOLDER: &str = "target/demo";

/// Ports of all parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) frontdesk: u16,
    pub(crate) sandbox: u16,
    ldap: u16,
    ldaps: u16,
    dns: u16,
    kerberos: u16,
    postgres: u16,
}

impl Ports {
    /// The usual ones, all moved by as much as Frontdesk's is.
    pub(crate) fn near(port: u16) -> Self {
        let moved = |usual: u16| usual.wrapping_add(port.wrapping_sub(PORT)).max(1_024);
        Self {
            frontdesk: port,
            sandbox: moved(4_566),
            ldap: moved(3_890),
            ldaps: moved(6_360),
            dns: moved(5_330),
            kerberos: moved(8_880),
            postgres: moved(54_320),
        }
    }

    /// Some that nobody uses.
    pub(crate) fn free() -> Result<Self> {
        let listeners = [(); 7].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let mut ports = listeners.iter().map(|listener| match listener {
            Ok(listener) => Ok(listener.local_addr()?.port()),
            Err(error) => bail!("no free port: {error}"),
        });
        let mut next = || ports.next().unwrap_or_else(|| bail!("no free port"));
        Ok(Self {
            frontdesk: next()?,
            sandbox: next()?,
            ldap: next()?,
            ldaps: next()?,
            dns: next()?,
            kerberos: next()?,
            postgres: next()?,
        })
    }

    /// Each with whose it is.
    pub(crate) fn named(&self) -> [(u16, &'static str); 7] {
        [
            (self.frontdesk, "Frontdesk"),
            (self.sandbox, "the sandbox"),
            (self.ldap, "LDAP"),
            (self.ldaps, "LDAPS"),
            (self.dns, "DNS"),
            (self.kerberos, "Kerberos"),
            (self.postgres, "PostgreSQL"),
        ]
    }

    /// The first that can't be had. All are held while looking: two parts can't have the same.
    pub(crate) fn taken(&self) -> Option<(u16, &'static str)> {
        let mut held = Vec::new();
        let mut can_be_had = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(|listener| held.push(listener)).is_ok();
        self.named().into_iter().find(|(port, _)| !can_be_had(*port))
    }

    /// The next port for Frontdesk after this one with which all can be had.
    pub(crate) fn next_free(port: u16) -> Option<u16> {
        (port..=u16::MAX).step_by(100).skip(1).find(|port| Self::near(*port).taken().is_none())
    }

    /// Fails naming the first that is taken.
    pub(crate) fn check(&self) -> Result<()> {
        let Some((port, whose)) = self.taken() else { return Ok(()) };
        let advice = Self::next_free(self.frontdesk).map(|free| format!(" Try `--port {free}`.")).unwrap_or_default();
        bail!("port {port}, which {whose} needs, is taken.{advice}")
    }
}

/// How it is to behave.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) folder: PathBuf,
    pub(crate) ports: Ports,
    /// Where `frontdesk` and `frontdesk-sandbox` are.
    pub(crate) programs: PathBuf,
    /// From CreateWorkspaces to AVAILABLE.
    pub(crate) pending_seconds: f64,
    /// In the sandbox's Active Directory.
    pub(crate) people: usize,
    /// Frontdesk goes by the sandbox's clock, which can be moved on by days.
    pub(crate) moves_time: bool,
    /// Settings of Frontdesk that differ from the demo's, as `FRONTDESK__…` variables.
    pub(crate) environment: Vec<(&'static str, String)>,
}

impl Options {
    /// As the demo is.
    pub(crate) fn new(folder: impl Into<PathBuf>, ports: Ports) -> Self {
        let programs = PathBuf::from("target/debug");
        Self {
            folder: folder.into(),
            ports,
            programs,
            pending_seconds: 20.0,
            people: 2_000,
            moves_time: false,
            environment: Vec::new(),
        }
    }

    /// Where the sandbox says how far its clock was moved on.
    fn clock_file(&self) -> Result<PathBuf> {
        Ok(std::path::absolute(self.folder.join("clock"))?)
    }

    fn program(&self, name: &str) -> Result<Command> {
        let path = std::path::absolute(self.programs.join(name))?;
        if !path.exists() {
            bail!("{} is not built", path.display());
        }
        Ok(Command::new(path))
    }
}

/// All of it, running. Dropping it stops Frontdesk first and PostgreSQL last.
#[derive(Debug)]
pub(crate) struct Stack {
    frontdesk: Option<Daemon>,
    sandbox: Daemon,
    pub(crate) postgres: Postgres,
    options: Options,
}

/// Compiles both programs and the site.
pub(crate) fn build(profile: site::Profile) -> Result<()> {
    build_programs(&[])?;
    site::build(Path::new(site::SITE), profile)
}

impl Stack {
    pub(crate) fn start(options: Options) -> Result<Self> {
        let mut stack = Self::start_without_frontdesk(options)?;
        stack.start_frontdesk()?;
        Ok(stack)
    }

    /// Everything that Frontdesk needs.
    pub(crate) fn start_without_frontdesk(options: Options) -> Result<Self> {
        let logs = options.folder.join("logs");
        fs::create_dir_all(&logs)?;
        let ports = options.ports;
        let postgres = Postgres::start(&options.folder.join("postgres"), ports.postgres, &logs)?;
        let sandbox = start_sandbox(&options, &logs)?;
        let config = configure(&options, &postgres)?;
        postgres.ensure_database("frontdesk")?;
        run(options.program("frontdesk")?.args(["migrate", "--config"]).arg(&config).env("RUST_LOG", "warn"))?;
        postgres.sql.execute(
            "frontdesk",
            "do $$ begin create role frontdesk login; exception when duplicate_object then null; end $$; grant frontdesk_serve to frontdesk",
        )?;
        Ok(Self { frontdesk: None, sandbox, postgres, options })
    }

    /// Starts `serve`, or starts it anew.
    pub(crate) fn start_frontdesk(&mut self) -> Result<()> {
        self.frontdesk = None;
        let port = self.options.ports.frontdesk;
        let mut frontdesk = self.replica(port)?;
        frontdesk.wait_until(Duration::from_secs(30), || answers(port, "/readyz"))?;
        self.frontdesk = Some(frontdesk);
        Ok(())
    }

    /// Starts a `serve` on that port and does not wait for it.
    pub(crate) fn replica(&self, port: u16) -> Result<Daemon> {
        let (command, log) = self.command("frontdesk", &["serve", "--config"], port)?;
        Daemon::start("Frontdesk", &command, &log, Signal::SIGTERM)
    }

    /// A program that takes Frontdesk's configuration and listens on that port, and its log.
    pub(crate) fn command(&self, program: &str, arguments: &[&str], port: u16) -> Result<(Command, PathBuf)> {
        let mut command = self.options.program(program)?;
        command.args(arguments).arg(self.options.folder.join("frontdesk.toml"));
        command.envs([
            ("AWS_ACCESS_KEY_ID", "sandbox"),
            ("AWS_SECRET_ACCESS_KEY", "sandbox"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]);
        if self.options.moves_time {
            // Timers go on by the machine's time; only what time it is changes.
            command
                .env("LD_PRELOAD", install::faketime()?)
                .env("FAKETIME_TIMESTAMP_FILE", self.options.clock_file()?)
                .env("FAKETIME_NO_CACHE", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command.env("FRONTDESK__LISTEN", format!("127.0.0.1:{port}"));
        command.envs(self.options.environment.iter().map(|(name, value)| (name, value)));
        Ok((command, self.options.folder.join("logs/frontdesk.log")))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.options.ports.frontdesk)
    }

    pub(crate) fn sandbox_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.options.ports.sandbox)
    }

    /// Fails if a part has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        if let Some(frontdesk) = &mut self.frontdesk {
            frontdesk.check()?;
        }
        self.sandbox.check()?;
        self.postgres.daemon.check()
    }
}

/// Starts the sandbox alone.
pub(crate) fn start_sandbox(options: &Options, logs: &Path) -> Result<Daemon> {
    let mut daemon = Daemon::start("the sandbox", &sandbox(options)?, &logs.join("sandbox.log"), Signal::SIGTERM)?;
    daemon.wait_until(Duration::from_secs(20), || answers(options.ports.sandbox, "/_sandbox"))?;
    Ok(daemon)
}

fn sandbox(options: &Options) -> Result<Command> {
    let ports = options.ports;
    let mut command = options.program("frontdesk-sandbox")?;
    command.arg("--state").arg(options.folder.join("sandbox.json")).arg("--ca-file").arg(options.folder.join("sandbox-ca.pem"));
    if options.moves_time {
        command.arg("--clock-file").arg(options.clock_file()?);
    }
    let named = [
        ("--port", ports.sandbox),
        ("--ldap-port", ports.ldap),
        ("--ldaps-port", ports.ldaps),
        ("--dns-port", ports.dns),
        ("--kerberos-port", ports.kerberos),
    ];
    for (name, value) in named {
        command.args([name, &value.to_string()]);
    }
    command.args(["--pending-seconds", &options.pending_seconds.to_string(), "--people", &options.people.to_string()]);
    Ok(command)
}

/// Writes Frontdesk's configuration; the product knows the sandbox by its addresses only.
fn configure(options: &Options, postgres: &Postgres) -> Result<PathBuf> {
    let folder = std::path::absolute(&options.folder)?;
    let site = std::path::absolute(site::SITE)?;
    let ports = options.ports;
    let text = format!(
        r#"public_url = "http://127.0.0.1:{port}"
listen = "127.0.0.1:{port}"
site = "{site}"
time_zone = "Europe/Berlin"

[database]
url = "{url}"
owner_url = "{owner}"

[aws]
region = "eu-central-1"
endpoint_url = "http://127.0.0.1:{sandbox}"

[oidc]
issuer = "http://127.0.0.1:{sandbox}/oidc"
client_id = "frontdesk"
client_secret = "sandbox-oidc-secret"
person_claim = "objectsid"

[roles]
helpdesk = ["Frontdesk-Helpdesk"]
admin = ["Frontdesk-Admins"]
auditor = ["Frontdesk-Auditors"]
approver = ["Frontdesk-Approvers"]
requester = ["Frontdesk-Requesters"]

[[ad]]
domain = "corp.example.com"
urls = ["ldaps://127.0.0.1:{ldaps}", "ldap://127.0.0.1:{ldap}"]
ca_file = "{ca}"
bind_dn = "svc-frontdesk@corp.example.com"
bind_password = "sandbox-ldap-password"

[mail]
from = "Frontdesk <desktops@corp.example.com>"
company = "Example Corp"
helpdesk_phone = "+49 30 1234567"
helpdesk_mail = "helpdesk@corp.example.com"
helpdesk_hours = "Mon–Fri 8–18"
admins = ["frontdesk-admins@corp.example.com"]

[launch]
visibility_lag_ms = 5000
first_poll_ms = 3000
slowest_poll_ms = 5000

[mirror]
directories_seconds = 60
workspaces_seconds = 60

[directories]
dns_port = {dns}
"#,
        port = ports.frontdesk,
        site = site.display(),
        url = postgres.url("frontdesk", "frontdesk"),
        owner = postgres.url("postgres", "frontdesk"),
        sandbox = ports.sandbox,
        ldaps = ports.ldaps,
        ldap = ports.ldap,
        dns = ports.dns,
        ca = folder.join("sandbox-ca.pem").display(),
    );
    let path = folder.join("frontdesk.toml");
    fs::write(&path, text).with_context(|| path.display().to_string())?;
    Ok(path)
}

/// Whether the path answers 200.
pub(crate) fn answers(port: u16, path: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")?;
        let mut head = [0; 15];
        stream.read_exact(&mut head)?;
        Ok(String::from_utf8_lossy(&head).into_owned())
    };
    ask().is_ok_and(|head| head.contains(" 200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ports_move_with_frontdesks() {
        let ports = Ports::near(PORT + 100).named().map(|(port, _)| port);
        assert_eq!(ports, [3_100, 4_666, 3_990, 6_460, 5_430, 8_980, 54_420]);
    }

    #[test]
    fn a_port_that_is_taken_is_named_and_another_advised() {
        let free = Ports::next_free(20_000).unwrap();
        let ports = Ports::near(free);
        let _held = TcpListener::bind((Ipv4Addr::LOCALHOST, ports.ldap)).unwrap();
        let error = ports.check().unwrap_err().to_string();
        assert!(error.starts_with(&format!("port {}, which LDAP needs, is taken. Try `--port ", ports.ldap)), "{error}");
    }

    #[test]
    fn two_parts_on_one_port_are_noticed() {
        let ports = Ports::near(64_700);
        assert_eq!(ports.sandbox, ports.ldap);
        assert!(ports.taken().is_some());
    }
}
