//! The door to a domain's DNS: one server is asked at a time, as Directory Service asks it, and nobody else's answer counts.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::rr::{RData, RecordType},
};

/// How long a server has for one question.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a server told nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DnsFault {
    /// It does not answer from here.
    #[error("no answer: {0}")]
    Silent(String),
    /// It answers, and knows no such record.
    #[error("no such record")]
    Unknown,
    /// It answers that it does not want to, or is at fault.
    #[error("{0}")]
    Refused(String),
}

/// Where a service is (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    /// Without the dot at the end.
    pub host: String,
    pub port: u16,
}

/// One DNS server.
pub(crate) struct Server {
    resolver: TokioResolver,
}

impl Server {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// There can be no resolver.
    pub(crate) fn at(address: SocketAddr) -> Result<Self, DnsFault> {
        let port = |connection: ConnectionConfig| {
            let mut connection = connection;
            connection.port = address.port();
            connection
        };
        let connections = vec![port(ConnectionConfig::udp()), port(ConnectionConfig::tcp())];
        let server = NameServerConfig::new(address.ip(), true, connections);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
        let options = builder.options_mut();
        options.timeout = PATIENCE;
        options.attempts = 1;
        options.cache_size = 0;
        options.use_hosts_file = hickory_resolver::config::ResolveHosts::Never;
        builder.build().map(|resolver| Self { resolver }).map_err(|error| DnsFault::Silent(error.to_string()))
    }

    /// The SRV records of a name, the preferred first.
    ///
    /// # Errors
    /// No answer, or no such record.
    pub(crate) async fn services(&self, name: &str) -> Result<Vec<Service>, DnsFault> {
        let mut found: Vec<_> = self
            .records(name, RecordType::SRV)
            .await?
            .into_iter()
            .filter_map(|data| match data {
                RData::SRV(record) => Some((
                    (record.priority, u16::MAX - record.weight),
                    Service { host: record.target.to_utf8().trim_end_matches('.').to_lowercase(), port: record.port },
                )),
                _ => None,
            })
            .collect();
        found.sort_by_key(|(order, _)| *order);
        Ok(found.into_iter().map(|(_, service)| service).collect())
    }

    /// The IPv4 addresses of a host.
    ///
    /// # Errors
    /// As [`Server::services`].
    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<Ipv4Addr>, DnsFault> {
        if let Ok(IpAddr::V4(address)) = host.parse() {
            return Ok(vec![address]);
        }
        let found = self.records(host, RecordType::A).await?;
        Ok(found.into_iter().filter_map(|data| if let RData::A(address) = data { Some(address.0) } else { None }).collect())
    }

    async fn records(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, DnsFault> {
        let answer = self.resolver.lookup(format!("{}.", name.trim_end_matches('.')), kind).await.map_err(meaning)?;
        let found: Vec<_> =
            answer.answers().iter().filter(|record| record.record_type() == kind).map(|record| record.data.clone()).collect();
        if found.is_empty() { Err(DnsFault::Unknown) } else { Ok(found) }
    }
}

fn meaning(error: NetError) -> DnsFault {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(_)) => DnsFault::Unknown,
        NetError::Dns(error) => DnsFault::Refused(error.to_string()),
        other => DnsFault::Silent(other.to_string()),
    }
}
