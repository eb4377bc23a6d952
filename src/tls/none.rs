//! A build without TLS.

use reqwest::ClientBuilder;

use super::TlsOptions;
use crate::Error;

pub(crate) fn apply(builder: ClientBuilder, options: &TlsOptions, encrypted: bool) -> Result<ClientBuilder, Error> {
    if encrypted || !options.is_empty() {
        return Err(Error::config(
            "this build has no TLS: enable one of the features rustls-ring, rustls-aws-lc and native-tls",
        ));
    }
    Ok(builder)
}
