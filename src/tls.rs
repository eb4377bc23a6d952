//! The TLS of the HTTP client.

use crate::Error;

/// A builder that is set up for the TLS that was chosen by feature.
pub(crate) fn builder() -> Result<reqwest::ClientBuilder, Error> {
    Ok(reqwest::Client::builder())
}
