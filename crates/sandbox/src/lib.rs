//! The sandbox: AWS, Active Directory with its DNS and Kerberos ports, and an OpenID provider on the wire, in one process.
//!
//! The demo runs it as a program, tests run it in-process. It knows nothing of Frontdesk and shares no code with it, so that
//! the two can't agree on a mistake.

mod aws;
pub mod calls;
mod clock;
mod control;
pub mod directories;
mod dns;
pub mod faults;
mod html;
mod kerberos;
mod ldap;
pub mod oidc;
pub mod people;
pub mod state;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use axum::{Router, response::Redirect, routing::get};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

pub use clock::Clock;
pub use state::Behaviour;

use calls::Calls;
use faults::Faults;
use people::Company;
use state::State;

/// Where to listen and what to be.
#[derive(Debug, Clone)]
pub struct Options {
    pub http: SocketAddr,
    pub ldap: SocketAddr,
    pub ldaps: SocketAddr,
    /// The domain's DNS server, UDP and TCP.
    pub dns: SocketAddr,
    /// The domain's Kerberos server, TCP.
    pub kerberos: SocketAddr,
    /// Keeps WorkSpaces, directories and mails, and beside it the TLS certificates.
    pub state: Option<PathBuf>,
    /// Where to say how far the clock was moved on, in the words of `faketime`.
    pub clock_file: Option<PathBuf>,
    pub seed: u64,
    pub people: usize,
    pub behaviour: Behaviour,
}

impl Default for Options {
    /// For tests: free ports, a small company, WorkSpaces and directories ready at once.
    fn default() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let behaviour = Behaviour { pending_ms: 200, visibility_lag_ms: 0, throttle: false, ..Behaviour::default() };
        let behaviour = behaviour.with_prompt_directories();
        Self {
            http: any,
            ldap: any,
            ldaps: any,
            dns: any,
            kerberos: any,
            state: None,
            clock_file: None,
            seed: 1,
            people: 200,
            behaviour,
        }
    }
}

/// What all parts share.
#[derive(Debug)]
struct Inner {
    company: Arc<Company>,
    clock: Clock,
    state: State,
    faults: Arc<Faults>,
    calls: Calls,
    workspaces_rate: aws::Bucket,
    ses_rate: aws::Bucket,
    sign_ins: oidc::SignIns,
}

/// A running sandbox. It stops when dropped.
#[derive(Debug)]
pub struct Sandbox {
    inner: Arc<Inner>,
    http: SocketAddr,
    ldap: SocketAddr,
    ldaps: SocketAddr,
    dns: SocketAddr,
    kerberos: SocketAddr,
    ca_pem: String,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts listening.
///
/// # Errors
/// A port is taken, or the state can't be read.
pub async fn start(options: Options) -> anyhow::Result<Sandbox> {
    let bind = async |address: SocketAddr| TcpListener::bind(address).await.with_context(|| format!("listening on {address}"));
    let (http, ldap, ldaps) = (bind(options.http).await?, bind(options.ldap).await?, bind(options.ldaps).await?);
    let kerberos = bind(options.kerberos).await?;
    let dns = dns::bind(options.dns).await.with_context(|| format!("listening on {}", options.dns))?;
    let (state, found) = State::open(options.state.clone(), options.behaviour)?;
    let tls = ldap::Tls::generate(options.state.as_deref().and_then(|file| file.parent()))?;
    let inner = Arc::new(Inner {
        company: Arc::new(Company::generate(options.seed, options.people)),
        clock: Clock::open(options.clock_file)?,
        state,
        faults: Arc::default(),
        calls: Calls::default(),
        workspaces_rate: aws::Bucket::new(2.0, 5.0),
        ses_rate: aws::Bucket::new(14.0, 14.0),
        sign_ins: oidc::SignIns::default(),
    });
    if !found {
        inner.state.change(|memory| aws::seed(memory, &inner.company, inner.clock.now()));
    }
    let (stop, stopped) = watch::channel(false);
    let (http_address, ldap_address, ldaps_address) = (http.local_addr()?, ldap.local_addr()?, ldaps.local_addr()?);
    let (dns_address, kerberos_address) = (dns.1.local_addr()?, kerberos.local_addr()?);
    let router = router(&inner, http_address)?;
    let ca_pem = tls.ca_pem().to_owned();
    let directory = ldap::serve(
        ldap,
        ldaps,
        tls,
        Arc::clone(&inner.company),
        inner.clock.clone(),
        Arc::clone(&inner.faults),
        stopped.clone(),
    );
    let mut end = stopped.clone();
    let web = async move {
        let graceful = async move {
            let _ = end.wait_for(|stop| *stop).await;
        };
        if let Err(error) = axum::serve(http, router).with_graceful_shutdown(graceful).await {
            tracing::error!(%error, "the sandbox's HTTP server ended");
        }
    };
    let ports = dns::Ports { ldap: ldap_address.port(), kerberos: kerberos_address.port() };
    let tasks = vec![
        tokio::spawn(directory),
        tokio::spawn(web),
        tokio::spawn(dns::serve(dns, ports, Arc::clone(&inner.faults), stopped.clone())),
        tokio::spawn(kerberos::serve(kerberos, inner.clock.clone(), Arc::clone(&inner.faults), stopped)),
        tokio::spawn(keep(Arc::clone(&inner))),
    ];
    let (http, ldap, ldaps) = (http_address, ldap_address, ldaps_address);
    Ok(Sandbox { inner, http, ldap, ldaps, dns: dns_address, kerberos: kerberos_address, ca_pem, stop, tasks })
}

fn router(inner: &Arc<Inner>, address: SocketAddr) -> anyhow::Result<Router> {
    let issuer = format!("http://{address}/oidc");
    Ok(Router::new()
        .nest_service("/oidc", oidc::router(issuer, Arc::clone(inner))?)
        .nest("/_sandbox", control::router())
        // A nest answers without the slash only.
        .route("/_sandbox/", get(async || Redirect::permanent("/_sandbox")))
        .fallback(aws::answer)
        .with_state(Arc::clone(inner)))
}

/// Writes the state after changes, once a second at most and beside the answers: thousands of mails take their time.
async fn keep(inner: Arc<Inner>) {
    loop {
        inner.state.changed.notified().await;
        let state = Arc::clone(&inner);
        match tokio::task::spawn_blocking(move || state.state.save()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the state could not be written"),
            Err(error) => tracing::error!(%error, "writing the state ended badly"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

impl Sandbox {
    /// AWS's endpoint.
    pub fn url(&self) -> String {
        format!("http://{}", self.http)
    }

    pub fn issuer(&self) -> String {
        format!("http://{}/oidc", self.http)
    }

    pub fn ldap_address(&self) -> SocketAddr {
        self.ldap
    }

    pub fn ldaps_address(&self) -> SocketAddr {
        self.ldaps
    }

    /// Where the domain's DNS server answers, over UDP and TCP.
    pub fn dns_address(&self) -> SocketAddr {
        self.dns
    }

    /// Where the domain's Kerberos server answers, over TCP.
    pub fn kerberos_address(&self) -> SocketAddr {
        self.kerberos
    }

    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    pub fn company(&self) -> &Company {
        &self.inner.company
    }

    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    pub fn state(&self) -> &State {
        &self.inner.state
    }

    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    pub fn calls(&self) -> &Calls {
        &self.inner.calls
    }

    pub fn sign_ins(&self) -> &oidc::SignIns {
        &self.inner.sign_ins
    }

    /// The directory that is registered with WorkSpaces from the beginning.
    pub fn directory(&self) -> &'static str {
        directories::REGISTERED
    }

    /// Stops listening and writes the state.
    ///
    /// # Errors
    /// The state can't be written.
    pub fn shutdown(self) -> anyhow::Result<()> {
        self.inner.state.close()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        for task in &self.tasks {
            task.abort();
        }
    }
}
