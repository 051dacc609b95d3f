//! Whose address a request comes from: the connection's other end, or what a proxy says that is trusted to say it.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{HeaderMap, StatusCode, request::Parts},
};
use axum_client_ip::{ClientIp, ClientIpSource};
use backend::settings::SettingError;
use ipnet::IpNet;

/// Where a client's address stands, and whose word is taken for it.
#[derive(Debug, Clone)]
pub struct Clients {
    source: ClientIpSource,
    trusted: Vec<IpNet>,
}

impl Clients {
    /// `source` names the header (`client_ip`), `trusted` are the addresses and networks of the proxies (`trusted_proxies`).
    ///
    /// # Errors
    /// A setting that can't be used. A header that nobody is trusted to set would be anybody's.
    pub fn new(source: &str, trusted: &[String]) -> Result<Self, SettingError> {
        let source: ClientIpSource = source.parse().map_err(|_| {
            let known = "ConnectInfo, RightmostXForwardedFor (load balancers of AWS), XRealIp (nginx) or CloudFrontViewerAddress";
            SettingError::new("client_ip", format!("is one of {known}"))
        })?;
        let network = |text: &String| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let wrong = |text: &str| {
            SettingError::new("trusted_proxies", format!("{text} is not an address or a network such as 10.0.0.0/8"))
        };
        let trusted = trusted.iter().map(|text| network(text).map_err(|_| wrong(text))).collect::<Result<Vec<_>, _>>()?;
        if source != ClientIpSource::ConnectInfo && trusted.is_empty() {
            let problem = "is missing: name the proxies whose header client_ip takes, or anybody could claim any address";
            return Err(SettingError::new("trusted_proxies", problem));
        }
        Ok(Self { source, trusted })
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// The last address in `X-Forwarded-For` that is no proxy of ours. What stands left of it is the client's own word.
    fn forwarded(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
        let mut client = peer;
        for address in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            let Ok(address) = address.trim().parse::<IpAddr>() else { break };
            client = address.to_canonical();
            if !self.trusts(client) {
                break;
            }
        }
        client
    }

    async fn of(&self, parts: &mut Parts, peer: IpAddr) -> IpAddr {
        // An IPv4 address as a socket for both kinds has it.
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return peer;
        }
        match self.source {
            ClientIpSource::RightmostXForwardedFor => self.forwarded(peer, &parts.headers),
            _ => {
                parts.extensions.insert(self.source.clone());
                ClientIp::from_request_parts(parts, &()).await.map_or(peer, |ClientIp(address)| address.to_canonical())
            }
        }
    }
}

/// The address that a request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Client
where
    Clients: FromRef<S>,
{
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let peer = peer.ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Self(Clients::from_ref(state).of(parts, peer).await))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn client(clients: &Clients, peer: &str, header: (&str, &str)) -> String {
        let request = Request::builder().header(header.0, header.1).body(()).unwrap();
        let peer: IpAddr = peer.parse().unwrap();
        let mut parts = request.into_parts().0;
        parts.extensions.insert(ConnectInfo(SocketAddr::from((peer, 1))));
        clients.of(&mut parts, peer).await.to_string()
    }

    fn behind(source: &str) -> Clients {
        Clients::new(source, &["10.0.0.0/8".to_owned(), "::1".to_owned()]).unwrap()
    }

    #[tokio::test]
    async fn a_header_counts_only_from_a_trusted_proxy() {
        for (source, header) in [("RightmostXForwardedFor", "x-forwarded-for"), ("XRealIp", "x-real-ip")] {
            let clients = behind(source);
            assert_eq!(client(&clients, "10.1.2.3", (header, "203.0.113.7")).await, "203.0.113.7", "{source}");
            assert_eq!(client(&clients, "::1", (header, "2001:db8::7")).await, "2001:db8::7", "{source}");
            assert_eq!(client(&clients, "::ffff:10.1.2.3", (header, "203.0.113.7")).await, "203.0.113.7", "{source}");
            assert_eq!(client(&clients, "192.0.2.9", (header, "203.0.113.7")).await, "192.0.2.9", "{source}");
            assert_eq!(client(&clients, "10.1.2.3", (header, "nonsense")).await, "10.1.2.3", "{source}");
        }
    }

    #[tokio::test]
    async fn what_a_client_writes_itself_stands_left_of_what_proxies_add() {
        let clients = behind("RightmostXForwardedFor");
        let forwarded = ("x-forwarded-for", "198.51.100.1, 203.0.113.7, 10.9.9.9");
        assert_eq!(client(&clients, "10.1.2.3", forwarded).await, "203.0.113.7");
        assert_eq!(client(&clients, "10.1.2.3", ("x-forwarded-for", "10.8.8.8, 10.9.9.9")).await, "10.8.8.8");
    }

    #[test]
    fn a_header_that_nobody_is_trusted_to_set_is_refused() {
        let error = Clients::new("XRealIp", &[]).unwrap_err().to_string();
        assert!(error.starts_with("trusted_proxies: is missing"), "{error}");
        assert!(Clients::new("ConnectInfo", &[]).is_ok());
        assert!(Clients::new("XForwardedFor", &[]).unwrap_err().to_string().starts_with("client_ip: is one of ConnectInfo"));
        let error = Clients::new("XRealIp", &["10.0.0.0/40".to_owned()]).unwrap_err().to_string();
        assert_eq!(error, "trusted_proxies: 10.0.0.0/40 is not an address or a network such as 10.0.0.0/8");
    }
}
