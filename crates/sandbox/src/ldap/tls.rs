//! The domain controller's own certificate authority and certificate.

use std::{fs, path::Path, sync::Arc};

use anyhow::Context;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

/// The CA's certificate for clients, and what the server answers TLS with.
#[derive(Clone)]
pub struct Tls {
    ca_pem: String,
    pub(super) acceptor: TlsAcceptor,
}

impl Tls {
    /// Makes a CA and a certificate for the loopback names; with a folder they are kept there and used again, so that
    /// clients' trust outlives a restart.
    pub fn generate(folder: Option<&Path>) -> anyhow::Result<Self> {
        let kept = folder.map(|folder| folder.join("sandbox-tls.pem"));
        if let Some(pem) = kept.as_ref().and_then(|file| fs::read_to_string(file).ok())
            && let Ok(tls) = Self::from_pem(&pem)
        {
            return Ok(tls);
        }
        let pem = make()?;
        if let Some(file) = kept {
            fs::write(&file, &pem).with_context(|| format!("writing {}", file.display()))?;
        }
        Self::from_pem(&pem)
    }

    /// The certificate authority to trust, as PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Server certificate, CA certificate, server key.
    fn from_pem(pem: &str) -> anyhow::Result<Self> {
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())?;
        let ca_pem = pem.split_inclusive("-----END CERTIFICATE-----\n").nth(1).context("the CA is missing")?.to_owned();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(certificates, key)?;
        Ok(Self { ca_pem, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }
}

fn make() -> anyhow::Result<String> {
    let mut authority = CertificateParams::new(Vec::<String>::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name.push(DnType::CommonName, "Sandbox AD CA");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let mut server =
        CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "dc1.corp.example.com".to_owned()])?;
    server.distinguished_name.push(DnType::CommonName, "dc1.corp.example.com");
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &authority)?;
    Ok(format!("{}{}{}", certificate.pem(), authority.pem(), key.serialize_pem()))
}
