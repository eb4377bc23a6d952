//! Hooks for counting and measuring, without a dependency on a metrics library.

use std::time::Duration;

use http::StatusCode;

use crate::ErrorKind;
use crate::operation::OperationInfo;

/// Observes every attempt and every call.
///
/// The methods run on the caller's task: they should count and return.
///
/// ```
/// use singlestore_management::{AttemptEvent, Observer};
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// #[derive(Debug, Default)]
/// struct Requests(AtomicU64);
///
/// impl Observer for Requests {
///     fn on_attempt(&self, event: &AttemptEvent<'_>) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///         let _ = (event.operation.id, event.status, event.elapsed);
///     }
/// }
/// ```
pub trait Observer: Send + Sync + std::fmt::Debug + 'static {
    /// Called when an attempt has ended.
    fn on_attempt(&self, event: &AttemptEvent<'_>) {
        let _ = event;
    }

    /// Called when a call has ended, or its future was dropped.
    fn on_call(&self, event: &CallEvent<'_>) {
        let _ = event;
    }
}

/// One attempt of a call.
#[derive(Debug)]
#[non_exhaustive]
pub struct AttemptEvent<'a> {
    /// The operation.
    pub operation: &'a OperationInfo,
    /// The path of the request with the ids in it, as in [`Error::path`](crate::Error::path).
    pub path: &'a str,
    /// The number of the attempt, counting from one.
    pub attempt: u32,
    /// The host, if the attempt went somewhere other than the service: to the storage that a download was redirected to.
    pub host: Option<&'a str>,
    /// The status, if the server responded.
    pub status: Option<StatusCode>,
    /// How long the attempt took.
    pub elapsed: Duration,
    /// Bytes of the request body that were sent.
    pub request_bytes: u64,
    /// Bytes of the response body that were read.
    pub response_bytes: u64,
    /// Why the call is retried, if it is.
    pub retry: Option<&'a str>,
}

/// One call with all its attempts.
///
/// ```
/// use singlestore_management::{CallEvent, Observer};
///
/// /// Prints the calls that failed.
/// #[derive(Debug)]
/// struct Failures;
///
/// impl Observer for Failures {
///     fn on_call(&self, event: &CallEvent<'_>) {
///         if let Some(kind) = event.error {
///             println!("{} {kind:?} after {} attempts, {:?}", event.operation.id, event.attempts, event.elapsed);
///         }
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct CallEvent<'a> {
    /// The operation.
    pub operation: &'a OperationInfo,
    /// The path of the request with the ids in it, as in [`Error::path`](crate::Error::path).
    pub path: &'a str,
    /// How many attempts were made.
    pub attempts: u32,
    /// The status of the last response.
    pub status: Option<StatusCode>,
    /// The kind of failure; none for a success or for a call that was dropped.
    pub error: Option<ErrorKind>,
    /// Whether the caller dropped the call before it had ended.
    pub dropped: bool,
    /// How long the call took, waits included.
    pub elapsed: Duration,
}
