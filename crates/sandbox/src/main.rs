//! `frontdesk-sandbox`: the sandbox as a program, on the loopback interface only.

use std::{fs, net::Ipv4Addr, path::PathBuf};

use anyhow::Context;
use clap::Parser;
use sandbox::{Behaviour, Options};
use tokio::signal::unix::{SignalKind, signal};

/// AWS, Active Directory and an OpenID provider for trying out Frontdesk.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// AWS, the sign-in service and the sandbox's own pages.
    #[arg(long, default_value_t = 4566)]
    port: u16,
    /// LDAP with StartTLS.
    #[arg(long, default_value_t = 3890)]
    ldap_port: u16,
    #[arg(long, default_value_t = 6360)]
    ldaps_port: u16,
    /// The domain's DNS server, UDP and TCP.
    #[arg(long, default_value_t = 5330)]
    dns_port: u16,
    /// The domain's Kerberos server, TCP.
    #[arg(long, default_value_t = 8880)]
    kerberos_port: u16,
    /// Keeps WorkSpaces, directories and mails over a restart.
    #[arg(long)]
    state: Option<PathBuf>,
    /// Where to say how far the clock was moved on, for programs that run under `faketime`.
    #[arg(long)]
    clock_file: Option<PathBuf>,
    /// Where to write the certificate authority of the domain controller.
    #[arg(long)]
    ca_file: Option<PathBuf>,
    /// The company is made from this number.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 2_000)]
    people: usize,
    /// From CreateWorkspaces to AVAILABLE.
    #[arg(long, default_value_t = 20.0)]
    pending_seconds: f64,
    /// From ConnectDirectory to Active.
    #[arg(long, default_value_t = 30.0)]
    connector_seconds: f64,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of milliseconds that a person chose")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds.max(0.0) * 1_000.0) as u64
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let at = |port| (Ipv4Addr::LOCALHOST, port).into();
    // The stage Requested is the shorter one.
    let connector = milliseconds(arguments.connector_seconds);
    let behaviour = Behaviour {
        pending_ms: milliseconds(arguments.pending_seconds),
        connector_requested_ms: connector / 6,
        connector_creating_ms: connector - connector / 6,
        ..Behaviour::default()
    };
    let sandbox = sandbox::start(Options {
        http: at(arguments.port),
        ldap: at(arguments.ldap_port),
        ldaps: at(arguments.ldaps_port),
        dns: at(arguments.dns_port),
        kerberos: at(arguments.kerberos_port),
        state: arguments.state,
        clock_file: arguments.clock_file,
        seed: arguments.seed,
        people: arguments.people,
        behaviour,
    })
    .await?;
    if let Some(file) = &arguments.ca_file {
        fs::write(file, sandbox.ca_pem()).with_context(|| format!("writing {}", file.display()))?;
    }
    tracing::info!(
        url = sandbox.url(),
        ldap = %sandbox.ldap_address(),
        ldaps = %sandbox.ldaps_address(),
        dns = %sandbox.dns_address(),
        kerberos = %sandbox.kerberos_address(),
        "the sandbox is ready"
    );
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    sandbox.shutdown()
}
