//! The TLS of the HTTP client, chosen by feature: ring before aws-lc before the operating system.

use reqwest::ClientBuilder;

use crate::Error;

/// A builder that is set up for TLS. Without `encrypted` nothing is loaded that only https needs.
#[cfg(feature = "rustls-ring")]
pub(crate) fn builder(encrypted: bool) -> Result<ClientBuilder, Error> {
    use rustls_platform_verifier::BuilderVerifierExt as _;
    use std::sync::Arc;

    let failed = |source: rustls::Error| Error::config("TLS cannot be set up").with_source(source);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(failed)?;
    let config = if encrypted {
        config.with_platform_verifier().map_err(|source| {
            failed(source).with_advice("install the certificates of the operating system (ca-certificates)")
        })?
    } else {
        // Plain http is for loopback; should it ever lead to https, no certificate is trusted.
        config.with_root_certificates(rustls::RootCertStore::empty())
    };
    Ok(reqwest::Client::builder().tls_backend_preconfigured(config.with_no_client_auth()))
}

/// A builder with the TLS that comes with the HTTP library.
#[cfg(all(not(feature = "rustls-ring"), any(feature = "rustls-aws-lc", feature = "native-tls")))]
pub(crate) fn builder(_: bool) -> Result<ClientBuilder, Error> {
    Ok(reqwest::Client::builder())
}

/// A builder without TLS.
#[cfg(not(any(feature = "rustls-ring", feature = "rustls-aws-lc", feature = "native-tls")))]
pub(crate) fn builder(encrypted: bool) -> Result<ClientBuilder, Error> {
    if encrypted {
        return Err(Error::config(
            "this build has no TLS: enable one of the features rustls-ring, rustls-aws-lc and native-tls, or give an `http_client`",
        ));
    }
    Ok(reqwest::Client::builder())
}
