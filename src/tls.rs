//! The TLS of the HTTP client, chosen by feature: ring takes precedence over aws-lc, and aws-lc over the operating system.

#[cfg(all(feature = "native-tls", not(any(feature = "rustls-ring", feature = "rustls-aws-lc"))))]
mod native;
#[cfg(not(any(feature = "rustls-ring", feature = "rustls-aws-lc", feature = "native-tls")))]
mod none;
#[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc", feature = "native-tls"))]
mod pem;
#[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc"))]
mod with_rustls;

#[cfg(all(feature = "native-tls", not(any(feature = "rustls-ring", feature = "rustls-aws-lc"))))]
pub(crate) use native::apply;
#[cfg(not(any(feature = "rustls-ring", feature = "rustls-aws-lc", feature = "native-tls")))]
pub(crate) use none::apply;
#[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc"))]
pub(crate) use with_rustls::apply;
use zeroize::Zeroizing;

/// The caller's TLS options, as PEM; parsed when the client is built.
#[derive(Default)]
pub(crate) struct TlsOptions {
    /// Certificates that are trusted in addition to those of the operating system.
    pub roots: Vec<Vec<u8>>,
    /// The client's certificate, with its chain and its key.
    pub identity: Option<Zeroizing<Vec<u8>>>,
}

#[cfg(not(any(feature = "rustls-ring", feature = "rustls-aws-lc", feature = "native-tls")))]
impl TlsOptions {
    pub(crate) fn is_empty(&self) -> bool {
        self.roots.is_empty() && self.identity.is_none()
    }
}

impl std::fmt::Debug for TlsOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (roots, identity) = (self.roots.len(), self.identity.is_some());
        f.debug_struct("TlsOptions").field("roots", &roots).field("identity", &identity).finish()
    }
}

/// Error messages shared by all backends.
#[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc", feature = "native-tls"))]
mod refused {
    use crate::Error;

    pub(super) fn no_certificate(given: &str) -> Error {
        Error::config(format!(
            "`root_certificate` was given no certificate, but {given}: it takes PEM, with `-----BEGIN CERTIFICATE-----`"
        ))
    }

    pub(super) fn certificate(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::config("`root_certificate` was given a certificate that cannot be read").with_source(source)
    }

    pub(super) fn no_identity(lacks: &str) -> Error {
        Error::config(format!(
            "`client_identity` was given no {lacks}: it takes PEM with the certificate, its chain and its key, unencrypted"
        ))
    }

    pub(super) fn identity(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::config("`client_identity` was given a certificate and a key that cannot be used together")
            .with_source(source)
    }
}
