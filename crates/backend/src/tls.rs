//! TLS to the outside, where it is not the AWS SDK's or sqlx's own: whom we trust, by a provider that is named here, so that
//! nothing depends on what else the process has set.

use std::sync::Arc;

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
