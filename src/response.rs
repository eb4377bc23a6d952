//! What a call returns: the value, and what came with it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::error::Attempt;
use crate::transport::call::CallState;

/// A response: the value, and what came with it.
///
/// The fields and methods of the value are reached through it, even a field `status`: only the six methods below are its own, and
/// no value of this crate has one of those names. `*response` is the value itself, should a type of yours have one.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// let response = client.regions().list().send().await?;
/// assert_eq!(response.status().as_u16(), 200);
/// assert!(!response.is_empty() && response[0].region_id == response.clone().into_inner()[0].region_id);
/// # Ok(()) }
/// ```
///
/// `Debug` shows neither the value, which may be a body of bytes, nor the values of the headers; print `*response` to see
/// the value.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    attempts: Vec<Attempt>,
    elapsed: Duration,
    path: Option<Arc<str>>,
}

impl<T> std::fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("bytes", &self.body.len())
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, status: StatusCode, headers: HeaderMap, state: &CallState) -> Self {
        let (body, attempts, elapsed) = state.learned();
        Self { value, status, headers, body, attempts, elapsed, path: state.shared_path() }
    }

    /// The path of the request with its ids.
    pub(crate) fn path(&self) -> Option<&Arc<str>> {
        self.path.as_ref()
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it was sent, including whatever the types of this version do not know.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Every attempt of the call, the successful one last.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// How long the call took, waits included.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

impl<T> std::ops::Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
