//! Connections: TLS first, bind, keep for reuse, and move to the next domain controller when one does not answer.

use std::{
    fs, iter,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, ResultEntry, Scope, SearchResult, controls::PagedResults,
};
use rustls::ClientConfig;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::LdapFault;
use crate::{
    settings::{AdDomain, SettingError},
    tls,
};

/// Bound connections to one domain.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    domain: String,
    pool: managed::Pool<Manager>,
}

/// A connection out of the pool; it goes back when dropped.
pub(super) type Connection = managed::Object<Manager>;

/// What a call on a connection ended with.
#[derive(Debug)]
pub(super) enum CallFault {
    /// The connection is of no more use; another may be.
    Broken(String),
    Timeout,
    Refused(String),
}

impl From<LdapError> for CallFault {
    fn from(error: LdapError) -> Self {
        match error {
            LdapError::Timeout { .. } => Self::Timeout,
            LdapError::LdapResult { result } => Self::Refused(format!("{} {}", result.rc, result.text)),
            LdapError::FilterParsing => Self::Refused("the filter".to_owned()),
            other => Self::Broken(other.to_string()),
        }
    }
}

impl Pool {
    pub(super) fn open(settings: &AdDomain, setting: &str) -> Result<Self, SettingError> {
        let manager = Manager::open(settings, setting)?;
        // Connecting and binding, at every controller: the last one has to have its turn when all before it hang.
        let controllers = u32::try_from(settings.urls.len()).unwrap_or(u32::MAX);
        let pool = managed::Pool::builder(manager)
            .max_size(settings.connections.max(1))
            .wait_timeout(Some(settings.timeout))
            .create_timeout(Some(settings.timeout.saturating_mul(2).saturating_mul(controllers)))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|error| SettingError::new(setting, error))?;
        Ok(Self { domain: settings.domain.clone(), pool })
    }

    /// How often a read is worth trying: a connection that the controller closed while it was idle turns out broken only when
    /// it is used, and then a new one will do.
    pub(super) fn tries(&self) -> usize {
        1 + self.pool.status().size.min(2)
    }

    /// A connection, bound.
    pub(super) async fn get(&self) -> Result<Connection, LdapFault> {
        self.pool.get().await.map_err(|error| self.unreachable(&error))
    }

    /// What a failed read means: `Ok` with the reason if another connection may do better. A connection that broke or did not
    /// answer is thrown away.
    pub(super) fn settle(&self, connection: Connection, fault: CallFault) -> Result<LdapFault, LdapFault> {
        match fault {
            CallFault::Refused(text) => Err(LdapFault::Refused(text)),
            CallFault::Timeout => {
                drop(managed::Object::take(connection));
                Err(LdapFault::Timeout)
            }
            CallFault::Broken(reason) => {
                drop(managed::Object::take(connection));
                Ok(LdapFault::Unreachable { domain: self.domain.clone(), reason })
            }
        }
    }

    /// A new connection to each domain controller, past the pool.
    pub(super) async fn each_controller(&self) -> Vec<(Url, Result<Handle, LdapFault>)> {
        let manager = self.pool.manager();
        let mut connections = Vec::new();
        for url in &manager.urls {
            let connected = manager.connect(url).await;
            connections.push((url.clone(), connected.map(|ldap| Handle { ldap, timeout: manager.timeout })));
        }
        connections
    }

    pub(super) fn urls(&self) -> &[Url] {
        &self.pool.manager().urls
    }

    /// What a failed call means where no other connection is tried.
    pub(super) fn meaning(&self, fault: CallFault) -> LdapFault {
        match fault {
            CallFault::Refused(text) => LdapFault::Refused(text),
            CallFault::Timeout => LdapFault::Timeout,
            CallFault::Broken(reason) => LdapFault::Unreachable { domain: self.domain.clone(), reason },
        }
    }

    fn unreachable(&self, error: &managed::PoolError<LdapFault>) -> LdapFault {
        match error {
            managed::PoolError::Timeout(_) => LdapFault::Timeout,
            other => LdapFault::Unreachable { domain: self.domain.clone(), reason: other.to_string() },
        }
    }
}

/// One bound connection with its time-out.
pub(super) struct Handle {
    ldap: Ldap,
    timeout: Duration,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl Handle {
    /// Sets the paging of the next search.
    pub(super) fn controls(&mut self, paging: PagedResults) -> &mut Self {
        self.ldap.with_controls(paging);
        self
    }

    pub(super) async fn search(
        &mut self,
        base: &str,
        scope: Scope,
        filter: &str,
        attributes: &[&str],
    ) -> Result<(Vec<ResultEntry>, LdapResult), CallFault> {
        let SearchResult(entries, result) = self.ldap.with_timeout(self.timeout).search(base, scope, filter, attributes).await?;
        Ok((entries, result))
    }
}

pub(super) struct Manager {
    domain: String,
    urls: Vec<Url>,
    bind_dn: String,
    bind_password: SecretString,
    timeout: Duration,
    tls: Arc<ClientConfig>,
    /// The controller that answered last: a dead first one costs its time-out once, not at every connection.
    preferred: AtomicUsize,
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Manager").field("domain", &self.domain).finish_non_exhaustive()
    }
}

impl Manager {
    fn open(settings: &AdDomain, setting: &str) -> Result<Self, SettingError> {
        if settings.urls.is_empty() {
            return Err(SettingError::new(format!("{setting}.urls"), "name at least one domain controller"));
        }
        if let Some(wrong) = settings.urls.iter().find(|url| !matches!(url.scheme(), "ldap" | "ldaps")) {
            return Err(SettingError::new(format!("{setting}.urls"), format!("{wrong} is neither ldaps:// nor ldap://")));
        }
        // Active Directory takes an empty password as an anonymous bind and calls it a success.
        if settings.bind_password.expose_secret().is_empty() {
            return Err(SettingError::new(format!("{setting}.bind_password"), "must not be empty"));
        }
        Ok(Self {
            domain: settings.domain.clone(),
            urls: settings.urls.clone(),
            bind_dn: settings.bind_dn.clone(),
            bind_password: settings.bind_password.clone(),
            timeout: settings.timeout,
            tls: Arc::new(trusting(&settings.certificates(setting))?),
            preferred: AtomicUsize::new(0),
        })
    }

    async fn connect(&self, url: &Url) -> Result<Ldap, LdapFault> {
        let settings = LdapConnSettings::new()
            .set_conn_timeout(self.timeout)
            .set_config(Arc::clone(&self.tls))
            .set_starttls(url.scheme() == "ldap");
        let broken = |error: LdapError| LdapFault::Unreachable { domain: self.domain.clone(), reason: format!("{url}: {error}") };
        let connecting = LdapConnAsync::from_url_with_settings(settings, url);
        let (connection, mut ldap) =
            tokio::time::timeout(self.timeout, connecting).await.map_err(|_| LdapFault::Timeout)?.map_err(broken)?;
        tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::debug!(%error, "a connection to a domain controller ended");
            }
        });
        let bound = ldap.with_timeout(self.timeout).simple_bind(&self.bind_dn, self.bind_password.expose_secret()).await;
        match bound.and_then(LdapResult::success) {
            Ok(_) => Ok(ldap),
            Err(LdapError::LdapResult { result }) => Err(LdapFault::Refused(format!("bind: {} {}", result.rc, result.text))),
            Err(error) => Err(broken(error)),
        }
    }
}

impl managed::Manager for Manager {
    type Type = Handle;
    type Error = LdapFault;

    async fn create(&self) -> Result<Handle, LdapFault> {
        let first = self.preferred.load(Ordering::Relaxed);
        let mut last = LdapFault::Timeout;
        for offset in 0..self.urls.len() {
            let index = (first + offset) % self.urls.len();
            let Some(url) = self.urls.get(index) else { continue };
            match self.connect(url).await {
                Ok(ldap) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return Ok(Handle { ldap, timeout: self.timeout });
                }
                Err(fault) => {
                    tracing::warn!(%url, %fault, "a domain controller does not serve");
                    last = fault;
                }
            }
        }
        Err(last)
    }

    async fn recycle(&self, handle: &mut Handle, _: &Metrics) -> RecycleResult<LdapFault> {
        if handle.ldap.is_closed() { Err(RecycleError::message("closed")) } else { Ok(()) }
    }
}

/// The system's certificate authorities and the configured ones.
pub(super) fn trusting(files: &[(String, PathBuf)]) -> Result<ClientConfig, SettingError> {
    let mut roots = tls::system_roots();
    for (setting, file) in files {
        let wrong = |problem: String| SettingError::new(setting, format!("{}: {problem}", file.display()));
        let pem = fs::read(file).map_err(|error| wrong(error.to_string()))?;
        let certificates: Vec<_> =
            CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
        let (added, _) = roots.add_parsable_certificates(iter::empty().chain(certificates));
        if added == 0 {
            return Err(wrong("holds no certificate".to_owned()));
        }
    }
    tls::client(roots).map_err(|error| SettingError::new("ad", error))
}
