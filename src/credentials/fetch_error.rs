//! Why there is no token to send.

use super::CredentialsError;
use crate::{Error, ErrorKind};

/// Why there is no token to send, and whether asking again may help.
#[derive(Debug)]
pub(crate) struct FetchError {
    message: String,
    advice: Option<&'static str>,
    transient: bool,
    source: Option<CredentialsError>,
}

impl FetchError {
    pub(super) fn permanent(message: impl Into<String>) -> Self {
        Self { message: message.into(), advice: None, transient: false, source: None }
    }

    pub(super) fn with_advice(mut self, advice: &'static str) -> Self {
        self.advice = Some(advice);
        self
    }

    /// The same for a call that waited while another asked; only the one that asked keeps the cause.
    pub(super) fn for_others(&self) -> Self {
        Self { message: self.message.clone(), advice: self.advice, transient: self.transient, source: None }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn is_transient(&self) -> bool {
        self.transient
    }
}

impl From<CredentialsError> for FetchError {
    fn from(source: CredentialsError) -> Self {
        let message = format!("no token: {source}");
        Self { message, advice: None, transient: source.is_transient(), source: Some(source) }
    }
}

impl From<FetchError> for Error {
    fn from(failed: FetchError) -> Self {
        let mut error = Error::new(ErrorKind::Credentials, failed.message).with_retryable(failed.transient);
        if let Some(advice) = failed.advice {
            error = error.with_advice(advice);
        }
        match failed.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}
