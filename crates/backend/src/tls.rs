//! TLS to the outside, where it is not the AWS SDK's or sqlx's own: whom we trust, by a provider that is named here, so that
//! nothing depends on what else the process has set.

use std::{sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore};

/// The system's certificate authorities.
pub(crate) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let (_, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// A client that trusts these.
///
/// # Errors
/// The provider supports no version of TLS that is safe.
pub(crate) fn client(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// An HTTP client that trusts what the system trusts and follows no redirects.
///
/// # Errors
/// There can be no client.
pub fn web(timeout: Duration) -> Result<reqwest::Client, WebFault> {
    let client = reqwest::Client::builder().use_preconfigured_tls(client(system_roots())?);
    Ok(client.redirect(reqwest::redirect::Policy::none()).timeout(timeout).build()?)
}

/// Why there can be no client.
#[derive(Debug, thiserror::Error)]
pub enum WebFault {
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("{0}")]
    Client(#[from] reqwest::Error),
}
