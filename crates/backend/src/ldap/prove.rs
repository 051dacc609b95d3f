//! Whether an account can do for a connector what Directory Service will do with it. Its password is used for one bind, over TLS
//! only, and kept nowhere.

use std::{
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Scope, SearchEntry, SearchOptions, SearchResult, StdStream,
};
use model::people::Standing;
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};

use super::{entry, filter};

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A domain controller, found by DNS or set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Door {
    /// The name that its certificate has to name.
    pub host: String,
    pub address: SocketAddr,
    /// LDAPS; otherwise StartTLS.
    pub tls_at_once: bool,
}

/// What a domain controller says of itself to anybody (rootDSE; MS-ADTS 3.1.1.3.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RootDse {
    /// `DC=corp,DC=example,DC=com`
    pub naming_context: Option<String>,
    /// 2 is Windows Server 2003, 7 is 2016.
    pub domain_functionality: Option<u32>,
    pub host: Option<String>,
}

/// Why the account will not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProofFault {
    /// The domain controller can't be reached from here, or not over TLS: nothing was sent to it.
    #[error("{0}")]
    Unreachable(String),
    /// Active Directory does not take the account with this password; its own code, such as `52e`.
    #[error("Active Directory refuses the account ({0})")]
    Refused(String),
    #[error("{0}")]
    Unsuitable(&'static str),
}

impl Door {
    /// A connection over TLS on which nobody has signed in.
    ///
    /// # Errors
    /// [`ProofFault::Unreachable`].
    async fn open(&self, tls: &Arc<ClientConfig>) -> Result<Ldap, ProofFault> {
        let unreachable = |error: &dyn std::fmt::Display| ProofFault::Unreachable(format!("{}: {error}", self.host));
        let address = self.address;
        let connected = tokio::task::spawn_blocking(move || TcpStream::connect_timeout(&address, PATIENCE)).await;
        let stream = connected.map_err(|error| unreachable(&error))?.map_err(|error| unreachable(&error))?;
        let settings = LdapConnSettings::new()
            .set_conn_timeout(PATIENCE)
            .set_config(Arc::clone(tls))
            .set_starttls(!self.tls_at_once)
            .set_std_stream(StdStream::Tcp(stream));
        let scheme = if self.tls_at_once { "ldaps" } else { "ldap" };
        let url = format!("{scheme}://{}:{}", self.host, self.address.port());
        let connecting = tokio::time::timeout(PATIENCE, LdapConnAsync::with_settings(settings, &url)).await;
        let (connection, ldap) =
            connecting.map_err(|_| unreachable(&"it does not speak TLS in time"))?.map_err(|error| unreachable(&error))?;
        tokio::spawn(async move { drop(connection.drive().await) });
        Ok(ldap)
    }

    /// What the controller says of itself.
    ///
    /// # Errors
    /// [`ProofFault::Unreachable`].
    pub(crate) async fn root_dse(&self, tls: &Arc<ClientConfig>) -> Result<RootDse, ProofFault> {
        let mut ldap = self.open(tls).await?;
        let wanted = ["defaultNamingContext", "domainFunctionality", "dnsHostName"];
        let search = ldap.with_timeout(PATIENCE).search("", Scope::Base, "(objectClass=*)", wanted).await;
        let (entries, _) = search.and_then(SearchResult::success).map_err(|error| ProofFault::Unreachable(error.to_string()))?;
        let Some(found) = entries.into_iter().next().map(SearchEntry::construct) else { return Ok(RootDse::default()) };
        Ok(RootDse {
            naming_context: entry::text(&found, "defaultNamingContext"),
            domain_functionality: entry::text(&found, "domainFunctionality").and_then(|level| level.parse().ok()),
            host: entry::text(&found, "dnsHostName"),
        })
    }

    /// Signs in as the account and reads what a connector reads: itself, a user, a group.
    ///
    /// # Errors
    /// All of [`ProofFault`].
    pub(crate) async fn prove(
        &self,
        tls: &Arc<ClientConfig>,
        domain: &str,
        account: &str,
        password: &SecretString,
        now: i64,
    ) -> Result<(), ProofFault> {
        let base = self.root_dse(tls).await?.naming_context.unwrap_or_else(|| model::dn::of_domain(domain));
        let mut ldap = self.open(tls).await?;
        let bound = ldap.with_timeout(PATIENCE).simple_bind(&format!("{account}@{domain}"), password.expose_secret()).await;
        match bound.and_then(LdapResult::success) {
            Ok(_) => {}
            Err(LdapError::LdapResult { result }) => return Err(ProofFault::Refused(sub_code(&result.text, result.rc))),
            Err(error) => return Err(ProofFault::Unreachable(error.to_string())),
        }
        let own = read(&mut ldap, &base, &filter::account(account), entry::ATTRIBUTES).await?;
        let person = own.first().and_then(|own| entry::person(own, domain, now));
        let Some(person) = person else {
            return Err(ProofFault::Unsuitable("It can't read its own entry, so it can't read users."));
        };
        if let Some(problem) = unsuitable(person.standing) {
            return Err(ProofFault::Unsuitable(problem));
        }
        for (what, problem) in [
            ("(&(objectCategory=person)(objectClass=user))", "It can't read users of the domain. Give it that right."),
            ("(objectClass=group)", "It can't read groups of the domain. Give it that right."),
        ] {
            if !has_some(&mut ldap, &base, what).await? {
                return Err(ProofFault::Unsuitable(problem));
            }
        }
        drop(ldap.unbind().await);
        Ok(())
    }
}

async fn read(ldap: &mut Ldap, base: &str, filter: &str, attributes: &[&str]) -> Result<Vec<SearchEntry>, ProofFault> {
    let search = ldap.with_timeout(PATIENCE).search(base, Scope::Subtree, filter, attributes).await;
    let found = search.and_then(SearchResult::success).map_err(|error| ProofFault::Unreachable(error.to_string()))?;
    Ok(found.0.into_iter().map(SearchEntry::construct).filter(|entry| !entry.dn.is_empty()).collect())
}

/// Whether the filter finds anything that the account may see.
async fn has_some(ldap: &mut Ldap, base: &str, filter: &str) -> Result<bool, ProofFault> {
    let one = SearchOptions::new().sizelimit(1);
    let search = ldap.with_timeout(PATIENCE).with_search_options(one).search(base, Scope::Subtree, filter, ["1.1"]).await;
    let SearchResult(entries, result) = search.map_err(|error| ProofFault::Unreachable(error.to_string()))?;
    // 4: there are more than one.
    Ok(matches!(result.rc, 0 | 4) && entries.into_iter().map(SearchEntry::construct).any(|entry| !entry.dn.is_empty()))
}

/// What keeps an account from being a connector's.
fn unsuitable(standing: Standing) -> Option<&'static str> {
    if standing.disabled {
        Some("It is disabled. Enable it in Active Directory.")
    } else if standing.expired {
        Some("It has expired. Give it a later end, or none, in Active Directory.")
    } else if standing.locked_out {
        Some("It is locked out. Unlock it in Active Directory.")
    } else if standing.must_change_password {
        Some("It has to change its password first. Take that away in Active Directory.")
    } else if standing.preauthentication_off {
        Some("Kerberos pre-authentication is off for it. Untick \u{201c}Do not require Kerberos preauthentication\u{201d}.")
    } else {
        None
    }
}

/// `52e` of `80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data 52e, v4563`.
fn sub_code(text: &str, code: u32) -> String {
    let data = text.split("data ").nth(1).and_then(|rest| rest.split([',', ' ']).next());
    data.filter(|data| !data.is_empty() && data.len() <= 8).map_or_else(|| format!("LDAP {code}"), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_directorys_own_code_is_found() {
        let text = "80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data 533, v4563";
        assert_eq!(sub_code(text, 49), "533");
        assert_eq!(sub_code("", 49), "LDAP 49");
    }
}
