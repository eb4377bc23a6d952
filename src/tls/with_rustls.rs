//! TLS by rustls, with the certificates of the operating system. The configuration is our own, so that nothing another crate does
//! to the library or the process changes it.

use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::{TlsOptions, pem, refused};
use crate::Error;

/// The protocols offered to the server, in order of preference.
const PROTOCOLS: &[&[u8]] = if cfg!(feature = "http2") { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };

#[cfg(feature = "rustls-ring")]
use rustls::crypto::ring::default_provider;

#[cfg(not(feature = "rustls-ring"))]
use rustls::crypto::aws_lc_rs::default_provider;

/// Sets up TLS. Without `encrypted`, nothing is loaded that only https needs.
pub(crate) fn apply(builder: ClientBuilder, options: &TlsOptions, encrypted: bool) -> Result<ClientBuilder, Error> {
    let provider = Arc::new(default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|source| Error::config("TLS cannot be set up").with_source(source))?;
    let roots = roots(options)?;
    let config = if encrypted {
        config.dangerous().with_custom_certificate_verifier(verifier(roots, provider)?)
    } else {
        // Plain http is for loopback; should it ever lead to https, only the caller's certificates are trusted.
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(root).map_err(refused::certificate)?;
        }
        config.with_root_certificates(store)
    };
    let mut config = match &options.identity {
        Some(given) => {
            let pem = pem::identity(given)?;
            let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
            let chain = chain.ok().filter(|chain| !chain.is_empty());
            let chain = chain.ok_or_else(|| refused::no_identity("certificate"))?;
            let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| refused::no_identity("private key"))?;
            config.with_client_auth_cert(chain, key).map_err(refused::identity)?
        }
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = PROTOCOLS.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(builder.tls_backend_preconfigured(config))
}

fn roots(options: &TlsOptions) -> Result<Vec<CertificateDer<'static>>, Error> {
    let mut all = Vec::new();
    for given in &options.roots {
        let pem = pem::roots(given)?;
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let read = read.map_err(|source| refused::certificate(source.to_string()))?;
        if read.is_empty() {
            return Err(refused::no_certificate("a section without an end"));
        }
        all.extend(read);
    }
    Ok(all)
}

fn verifier(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let given = !roots.is_empty();
    #[cfg(not(target_os = "android"))]
    let verifier = Verifier::new_with_extra_roots(roots, provider);
    #[cfg(target_os = "android")]
    let verifier = match given {
        true => {
            return Err(Error::config("`root_certificate` has no effect on Android: install the certificate there"));
        }
        false => Verifier::new(provider),
    };
    verifier.map(|verifier| Arc::new(verifier) as _).map_err(|source| {
        if given {
            return refused::certificate(source);
        }
        Error::config("TLS cannot be set up").with_source(source).with_advice(
            "install the certificates of the operating system (ca-certificates), or name them with SSL_CERT_FILE or \
             `root_certificate`",
        )
    })
}
