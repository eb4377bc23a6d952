//! One error type for everything: what happened, for which operation, what was already done, and what to do next.

mod classify;
mod create_outcome;
mod display;
mod kind;
mod nouns;
mod request_words;
#[cfg(feature = "test-util")]
mod sample;
mod service_text;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

pub(crate) use classify::OTHER_KIND;
pub use create_outcome::CreateOutcome;
pub(crate) use display::{cut, span};
pub use kind::ErrorKind;
pub(crate) use request_words::RequestWords;
#[cfg(feature = "test-util")]
pub use sample::ErrorSample;
pub(crate) use service_text::{Meaning, is_harmless, is_retryable, may_have_acted};

use crate::operation::OperationInfo;

/// The error of every call of this crate.
///
/// `match` on [`kind`](Self::kind), or ask one of the predicates, which cover what callers decide on. `Display` is one
/// line with the operation, the status and the server's own words; the cause is in `source()`.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start()?;
/// use singlestore_management::{Client, WorkspaceId};
///
/// let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// let id: WorkspaceId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse()?;
/// let error = client.workspaces().get(id).await.unwrap_err();
/// assert!(error.is_not_found());
/// assert_eq!(error.status().map(|status| status.as_u16()), Some(404));
/// assert_eq!(error.operation(), Some("get_workspace"));
/// // It can be stored and passed on: a clone shares the cause and the last value.
/// assert_eq!(error.clone().to_string(), error.to_string());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

/// The longest request id that is shown.
const LONGEST_ID: usize = 128;

#[derive(Clone)]
pub(crate) struct Inner {
    pub kind: ErrorKind,
    /// Our own message. Empty for a response of the server, whose own words are shown instead.
    pub message: String,
    /// What to do next, where we know.
    pub advice: Option<&'static str>,
    pub operation: Option<&'static OperationInfo>,
    /// The path of the request.
    pub path: Option<Arc<str>>,
    pub status: Option<StatusCode>,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub body_truncated: bool,
    pub retry_after: Option<Duration>,
    /// What the server's words mean.
    pub meaning: Meaning,
    pub attempts: Vec<Attempt>,
    pub elapsed: Duration,
    /// Whether an attempt before the last may have taken effect.
    pub open_before: bool,
    pub json_path: Option<String>,
    /// Which element of a list the error is about.
    pub item_index: Option<u64>,
    /// What is known about a creation.
    pub creation: Option<CreateOutcome>,
    /// Whether a write belonging to the same work may have taken effect, whichever call failed in the end.
    pub open_write: bool,
    /// Whether the response is an HTML page.
    pub page: bool,
    /// Whether a waiter saw that the resource is gone.
    pub gone: bool,
    /// Whether the same call may succeed later, where that is known more precisely than kind and status tell.
    pub retryable: Option<bool>,
    /// What a waiter saw last.
    pub last_value: Option<Arc<dyn std::any::Any + Send + Sync>>,
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// One attempt of a call: how it ended, how long it took, and why it was tried again.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// use singlestore_management_emulator::Fault;
///
/// emulator.inject(Fault::status(503).times(1));
/// let response = client.regions().list().send().await?;
/// for attempt in response.attempts() {
///     println!("{} in {:?}, then a wait of {:?}", attempt.outcome, attempt.elapsed, attempt.delay);
/// }
/// assert_eq!(response.attempts().len(), 2);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The status, if the server responded.
    pub status: Option<StatusCode>,
    /// How the attempt ended, such as `503` or `connection refused`.
    pub outcome: std::borrow::Cow<'static, str>,
    /// How long the attempt took.
    pub elapsed: Duration,
    /// How long the client waited after it.
    pub delay: Option<Duration>,
}

impl Error {
    // Cold, like the rest: building an error stays out of the way of the successful path.
    #[cold]
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::saying(kind, message.into())
    }

    #[cold]
    fn saying(kind: ErrorKind, message: String) -> Self {
        Self(Box::new(Inner {
            kind,
            message,
            advice: None,
            operation: None,
            path: None,
            status: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            body_truncated: false,
            retry_after: None,
            meaning: Meaning::default(),
            attempts: Vec::new(),
            elapsed: Duration::ZERO,
            open_before: false,
            json_path: None,
            item_index: None,
            creation: None,
            open_write: false,
            page: false,
            gone: false,
            retryable: None,
            last_value: None,
            source: None,
        }))
    }

    #[cold]
    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    #[cold]
    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidRequest, message)
    }

    /// Sets the outcome of a creation.
    pub(crate) fn with_create_outcome(mut self, outcome: CreateOutcome, remark: Option<String>) -> Self {
        self.0.creation = Some(outcome);
        match remark {
            Some(remark) => self.with_remark(remark),
            None => self,
        }
    }

    /// Adds what the caller of the failed call knows.
    pub(crate) fn with_remark(self, remark: impl std::fmt::Display) -> Self {
        self.remarking(&remark)
    }

    #[cold]
    fn remarking(mut self, remark: &dyn std::fmt::Display) -> Self {
        let message = std::mem::take(&mut self.0.message);
        self.0.message = if message.is_empty() { remark.to_string() } else { format!("{message}; {remark}") };
        self
    }

    /// Sets whether the resource is gone: its state is `TERMINATED`, which the service reports with 200.
    pub(crate) fn gone_if(mut self, gone: bool) -> Self {
        self.0.gone = gone;
        self
    }

    /// Sets whether the same call may succeed later.
    pub(crate) fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = Some(retryable);
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static OperationInfo) -> Self {
        self.0.operation.get_or_insert(operation);
        self
    }

    /// Sets the path of the request, unless it is set.
    pub(crate) fn with_path(mut self, path: &Arc<str>) -> Self {
        self.0.path.get_or_insert_with(|| path.clone());
        self
    }

    pub(crate) fn with_advice(mut self, advice: &'static str) -> Self {
        self.0.advice = Some(advice);
        self
    }

    pub(crate) fn with_last_value(mut self, value: impl std::any::Any + Send + Sync) -> Self {
        self.0.last_value = Some(Arc::new(value));
        self
    }

    pub(crate) fn inner_mut(&mut self) -> &mut Inner {
        &mut self.0
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether an attempt before the last may have taken effect.
    pub(crate) fn was_open_before(&self) -> bool {
        self.0.open_before
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operationId of the call, such as `create_workspace`; none outside of a call.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation.map(|operation| operation.id)
    }

    /// The HTTP method of the call.
    pub fn method(&self) -> Option<&'static str> {
        self.0.operation.map(|operation| operation.method)
    }

    /// The path template of the call, such as `/v1/workspaces/{workspaceID}`.
    pub fn path_template(&self) -> Option<&'static str> {
        self.0.operation.map(|operation| operation.path)
    }

    /// The path of the request with the ids in it, such as `/v1/workspaces/3f2504e0-4f89-41d3-9a0c-0305e82c3301`; never its
    /// query. None when no request was made.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    pub(crate) fn shared_path(&self) -> Option<&Arc<str>> {
        self.0.path.as_ref()
    }

    /// The status of the response, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The headers of the response; empty if there was none.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The request id of the response, if it has one; include it in a support case.
    ///
    /// No client of this API has recorded such a header, so the usual names are tried.
    pub fn request_id(&self) -> Option<&str> {
        static NAMES: [HeaderName; 6] = [
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("request-id"),
            HeaderName::from_static("x-correlation-id"),
            HeaderName::from_static("x-amzn-requestid"),
            HeaderName::from_static("x-amz-cf-id"),
            HeaderName::from_static("traceparent"),
        ];
        let ascii = |value: &HeaderValue| value.as_bytes().is_ascii();
        let id = NAMES.iter().find_map(|name| self.0.headers.get(name).filter(|value| ascii(value)))?;
        let id = std::str::from_utf8(id.as_bytes()).ok()?;
        // An id is one word; anything after it is not shown.
        let id = id.split(|c: char| c.is_ascii_control()).next().unwrap_or_default();
        Some(id.get(..LONGEST_ID).unwrap_or(id))
    }

    /// The server's words: the body of a failure, or of a response that could not be read.
    pub fn server_message(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.0.body).ok()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The body of the response, at most 64 KiB of it, with the request's secrets removed.
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// Whether [`body`](Self::body) is only the beginning.
    pub fn is_body_truncated(&self) -> bool {
        self.0.body_truncated
    }

    /// How long the server asked to wait, from the `Retry-After` header.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Every attempt of the call, in order; empty when nothing was sent.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// How long the call took, waits included.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Where in the response decoding failed, such as `$[3].state`.
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// Which element of a list could not be read, counting from zero; none for every other error.
    pub fn item_index(&self) -> Option<u64> {
        self.0.item_index
    }

    /// What is known about a creation that was made with `create_once` and failed.
    pub fn create_outcome(&self) -> Option<CreateOutcome> {
        self.0.creation
    }

    /// What a waiter saw last before it gave up, or what [`CreateOnce`](crate::CreateOnce) found instead of what it was
    /// to create, if it is of this type.
    pub fn last_value<T: 'static>(&self) -> Option<&T> {
        self.0.last_value.as_deref().and_then(|value| value.downcast_ref())
    }
}

impl std::fmt::Debug for Error {
    /// The line of `Display`, without body and headers: an error is safe to log as it is.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Error");
        shown.field("kind", &self.0.kind).field("message", &format_args!("{self}"));
        if let Some(source) = &self.0.source {
            shown.field("source", source);
        }
        shown.finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

impl From<crate::InvalidId> for Error {
    fn from(invalid: crate::InvalidId) -> Self {
        Error::invalid_request(invalid.to_string())
    }
}
