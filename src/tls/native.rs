//! TLS of the operating system.

use reqwest::{Certificate, ClientBuilder, Identity, tls::Version};
use zeroize::Zeroizing;

use super::{TlsOptions, pem, refused};
use crate::Error;

/// Sets up TLS, whatever other backends the library has.
pub(crate) fn apply(builder: ClientBuilder, options: &TlsOptions, _: bool) -> Result<ClientBuilder, Error> {
    let mut builder = builder
        .tls_backend_native()
        .tls_version_min(Version::TLS_1_2)
        .tls_danger_accept_invalid_certs(false)
        .tls_danger_accept_invalid_hostnames(false)
        .tls_sni(true);
    for given in &options.roots {
        let pem = pem::roots(given)?;
        let roots = Certificate::from_pem_bundle(&pem).map_err(|source| refused::certificate(source.without_url()))?;
        if roots.is_empty() {
            return Err(refused::no_certificate("a section without an end"));
        }
        builder = builder.tls_certs_merge(roots);
    }
    if let Some(given) = &options.identity {
        let pem = pem::identity(given)?;
        let text = std::str::from_utf8(&pem).map_err(|_| refused::no_identity("PEM"))?;
        let chain = sections(text, |label| label == "CERTIFICATE");
        let key = sections(text, |label| label == "PRIVATE KEY");
        if chain.is_empty() {
            return Err(refused::no_identity("certificate"));
        }
        if key.is_empty() {
            return Err(refused::no_identity("private key in PKCS #8 form (`-----BEGIN PRIVATE KEY-----`)"));
        }
        let identity = Identity::from_pkcs8_pem(chain.as_bytes(), key.as_bytes());
        builder = builder.identity(identity.map_err(|source| refused::identity(source.without_url()))?);
    }
    Ok(builder)
}

/// The sections of a PEM string with a wanted label.
fn sections(text: &str, wanted: impl Fn(&str) -> bool) -> Zeroizing<String> {
    let mut kept = Zeroizing::new(String::new());
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        let label = |begin| line.strip_prefix(begin).and_then(|rest: &str| rest.strip_suffix("-----"));
        if let Some(label) = label("-----BEGIN ") {
            inside = wanted(label);
        }
        if inside {
            kept.push_str(line);
            kept.push('\n');
        }
        if label("-----END ").is_some() {
            inside = false;
        }
    }
    kept
}
