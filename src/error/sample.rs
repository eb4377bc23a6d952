//! Sample errors for callers' tests.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use super::{Attempt, CreateOutcome, Error, ErrorKind, Meaning, RequestWords};
use crate::OPERATIONS;
use crate::operation::OperationInfo;

/// An [`Error`] of a chosen kind, for testing how a program handles it: feature `test-util`.
///
/// The server's message decides the predicates, just as in a call.
///
/// ```
/// use singlestore_management::{Error, ErrorKind};
///
/// let error = Error::sample(ErrorKind::Api).with_status(404).with_body("workspace not found").build();
/// assert!(error.is_not_found() && !error.is_retryable());
///
/// let error = Error::sample(ErrorKind::Timeout).with_operation("create_workspace").build();
/// assert!(error.is_outcome_unknown());
/// ```
#[derive(Clone, Debug)]
#[must_use = "it is not an error until `build`"]
pub struct ErrorSample {
    error: Error,
    /// Used when no operation is chosen.
    operation: Option<&'static OperationInfo>,
}

impl Error {
    /// Starts an error of this kind, for tests: feature `test-util`.
    ///
    /// By default, [`ErrorKind::Api`] is a 500 with an empty body, and [`ErrorKind::Decode`] a 200.
    pub fn sample(kind: ErrorKind) -> ErrorSample {
        let status = match kind {
            ErrorKind::Api => Some(StatusCode::INTERNAL_SERVER_ERROR),
            ErrorKind::Decode => Some(StatusCode::OK),
            _ => None,
        };
        let message = match kind {
            ErrorKind::Api => String::new(),
            _ => format!("a sample of {}", kind.as_str()),
        };
        let mut error = Error::new(kind, message);
        error.0.status = status;
        ErrorSample { error, operation: None }
    }
}

impl ErrorSample {
    /// Sets the status of the response. An invalid status is ignored.
    pub fn with_status(mut self, status: u16) -> Self {
        if let Ok(status) = StatusCode::from_u16(status) {
            self.error.0.status = Some(status);
        }
        self
    }

    /// Sets the body of the response: the server's words.
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.error.0.body = body.into();
        self
    }

    /// Adds a header of the response. An invalid header is ignored.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            self.error.0.headers.append(name, value);
        }
        self
    }

    /// Sets the error's own message, shown in addition to the server's words.
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.error.0.message = message.into();
        self
    }

    /// Sets the operation by its operationId, such as `create_workspace`. An unknown one leaves the error without an
    /// operation.
    pub fn with_operation(mut self, id: &str) -> Self {
        self.operation = OPERATIONS.iter().find(|operation| operation.id == id);
        self
    }

    /// Sets how long the server asked to wait.
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.error.0.retry_after = Some(wait);
        self
    }

    /// Sets what `create_once` knows about a creation.
    pub fn with_create_outcome(mut self, outcome: CreateOutcome) -> Self {
        self.error.0.creation = Some(outcome);
        self
    }

    /// Sets what a waiter saw last.
    pub fn with_last_value(mut self, value: impl std::any::Any + Send + Sync) -> Self {
        self.error = self.error.with_last_value(value);
        self
    }

    /// Sets the cause.
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.error = self.error.with_source(source);
        self
    }

    /// Returns the error.
    pub fn build(self) -> Error {
        let Self { mut error, operation } = self;
        let inner = error.inner_mut();
        inner.operation = operation;
        if inner.kind == ErrorKind::Api
            && let Some(status) = inner.status
        {
            // Without an operation, assume a call that names a resource, as most do.
            let info = operation.or_else(|| OPERATIONS.iter().find(|operation| operation.path.contains('{')));
            let url = info.and_then(|info| format!("https://api.example.com{}", info.path).parse().ok());
            let words = info.zip(url).map(|(info, url)| RequestWords::of(info, &url, None)).unwrap_or_default();
            inner.meaning = Meaning::of(status.as_u16(), &inner.body, &words);
        }
        if let Some(outcome) = attempt(inner.kind, inner.status) {
            let status = inner.status;
            inner.attempts = vec![Attempt { status, outcome: outcome.into(), elapsed: Duration::ZERO, delay: None }];
        }
        error
    }
}

/// The outcome of the attempt that this kind describes; `None` if nothing was sent.
fn attempt(kind: ErrorKind, status: Option<StatusCode>) -> Option<String> {
    use ErrorKind::{Api, Connect, Decode, Redirect, Storage, Timeout, TooLarge, Transport};
    match kind {
        Api | Decode | Redirect | TooLarge | Storage | Connect | Timeout | Transport => {
            Some(status.map_or_else(|| kind.as_str().to_owned(), |status| status.as_u16().to_string()))
        }
        _ => None,
    }
}

impl From<ErrorSample> for Error {
    fn from(sample: ErrorSample) -> Self {
        sample.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_the_predicates_of_a_real_one() {
        let api =
            |status, body: &'static str| Error::sample(ErrorKind::Api).with_status(status).with_body(body).build();
        assert!(api(404, "workspace not found").is_not_found() && !api(404, "<html>").is_not_found());
        assert!(api(500, "workspace a already exists").is_already_exists());
        assert!(api(429, "").is_rate_limited() && api(401, "").is_unauthorized() && api(403, "").is_forbidden());
        assert!(api(403, "no active plan found for project").is_out_of_credits());
        let list = Error::sample(ErrorKind::Api).with_operation("list_workspaces").with_status(404);
        let list = list.with_body("workspace not found").build();
        assert!(!list.is_not_found(), "a list names nothing");
        assert_eq!(list.operation(), Some("list_workspaces"));
        assert!(Error::sample(ErrorKind::Transport).with_operation("create_workspace").build().is_outcome_unknown());
        assert!(!Error::sample(ErrorKind::Connect).build().is_outcome_unknown());
        let waited = Error::sample(ErrorKind::WaitTimedOut).with_last_value(7_u8).with_source("cause").build();
        assert!(waited.is_timeout() && waited.attempts().is_empty());
        let clone = waited.clone();
        drop(waited);
        assert_eq!(clone.last_value(), Some(&7_u8));
        assert!(std::error::Error::source(&clone).is_some_and(|source| source.to_string() == "cause"));
        assert_eq!(api(503, "down").with_remark("x").status(), StatusCode::from_u16(503).ok());
        assert_eq!(http::HeaderMap::new(), *Error::sample(ErrorKind::Api).with_header("\n", "").build().headers());
        assert_eq!(Error::sample(ErrorKind::Api).with_header("X-Request-Id", "r").build().request_id(), Some("r"));
    }
}
