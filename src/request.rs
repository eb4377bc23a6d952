//! What the generated request types share: their options, how they are run, and what they return.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Attempt;
use crate::transport::{CallState, Core, Reply, send};
use crate::{Error, raw};

/// A boxed future that can be sent to another thread.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;

/// What the API description says of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationInfo {
    /// The operationId, such as `list_workspaces`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path template.
    pub path: &'static str,
    /// The family.
    pub tag: &'static str,
    /// What the operation does, in one line.
    pub summary: &'static str,
    /// Whether repeating the request has the effect of sending it once.
    pub idempotent: bool,
    /// Whether a conflict over the lock of the organization proves that nothing was created.
    pub lock_conflict: bool,
    /// The key that the service may wrap the answer in.
    pub unwrap: Option<&'static str>,
    /// The JSON that an empty answer stands for.
    pub empty_answer: Option<&'static str>,
    /// For an operation that the vendor does not publish: `sdk` or `live-verified`.
    pub confidence: Option<&'static str>,
}

/// Options of a single call; what is not set is the client's.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// The time limit of the whole call, attempts and waits together.
    pub deadline: Option<Duration>,
    /// The time limit of each attempt, from sending the request to the end of the answer.
    pub attempt_timeout: Option<Duration>,
    /// Whether the request may be repeated although the operation is not idempotent, or must not although it is.
    pub idempotent: Option<bool>,
    /// The largest number of attempts.
    pub max_attempts: Option<u32>,
}

/// A request of one operation: what the generated request types are.
pub trait Operation: Send + Sized + 'static {
    /// What the operation answers.
    type Output: Send + 'static;
    /// What the API description says of it.
    const INFO: &'static OperationInfo;
    /// The options of the call.
    fn options(&self) -> &CallOptions;
    #[doc(hidden)]
    fn run(self, call: Call) -> BoxFuture<Result<Response<Self::Output>, Error>>;
}

/// An answer: the value, and what came with it.
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
    fn new(value: T, status: StatusCode, headers: HeaderMap, state: &CallState) -> Self {
        let (body, attempts, elapsed) = state.learned();
        Self { value, status, headers, body, attempts, elapsed }
    }

    /// The value.
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

    /// The body as it was sent, with whatever the types of this version do not know.
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

/// One call that is being made.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "nobody outside can hold one")]
pub struct Call {
    pub(crate) core: Arc<Core>,
    pub(crate) raw: raw::Client,
    pub(crate) state: Arc<CallState>,
}

impl Call {
    /// The body of a request that need not have one. The raw client always sends one, so it is taken out again.
    pub(crate) fn optional_body<'a, T: Default + Clone>(&self, body: &'a Option<T>) -> std::borrow::Cow<'a, T> {
        match body {
            Some(body) => std::borrow::Cow::Borrowed(body),
            None => {
                self.state.without_body();
                std::borrow::Cow::Owned(T::default())
            }
        }
    }

    /// Notes, for the sending to refuse, what would name another path than the caller thinks: URLs treat `.` and `..` as steps, `\` as `/`.
    pub(crate) fn check_path_argument(&self, name: &str, value: &str) {
        let problem = if value.is_empty() {
            "must not be empty: the request would name the folder above"
        } else if value.split('/').any(|part| part == "." || part == "..") {
            "must not hold the steps `.` or `..`"
        } else if value.contains('\\') {
            "must not hold `\\`; folders are separated by `/`"
        } else if value.chars().any(char::is_control) {
            "must not hold control characters"
        } else {
            return;
        };
        let error = Error::invalid_request(format!("the argument {name:?} {problem}"));
        self.state.put_error(error.with_operation(self.state.info));
    }

    /// Sends, and reads the answer as JSON.
    pub(crate) fn json<T: DeserializeOwned + Send + 'static>(
        self,
        request: Built,
    ) -> BoxFuture<Result<Response<T>, Error>> {
        Box::pin(async move {
            let (reply, state) = self.reply(request).await?;
            match serde_json::from_slice(&reply.body) {
                Ok(value) => Ok(Response::new(value, reply.status, reply.headers, &state)),
                Err(source) => {
                    let mut error = crate::decode::failure(&reply.body, source);
                    let inner = error.inner_mut();
                    (inner.body, inner.headers) = (reply.body, reply.headers);
                    Err(state.complete(error))
                }
            }
        })
    }

    /// Sends; whatever body the answer has is in the response.
    pub(crate) fn empty(self, request: Built) -> BoxFuture<Result<Response<()>, Error>> {
        Box::pin(async move {
            let (reply, state) = self.reply(request).await?;
            Ok(Response::new((), reply.status, reply.headers, &state))
        })
    }

    /// Sends, and reads the answer as text.
    pub(crate) fn text(self, request: Built) -> BoxFuture<Result<Response<String>, Error>> {
        Box::pin(async move {
            let (reply, state) = self.reply(request).await?;
            let text = String::from_utf8_lossy(&reply.body).into_owned();
            Ok(Response::new(text, reply.status, reply.headers, &state))
        })
    }

    async fn reply(self, request: Built) -> Result<(Reply, Arc<CallState>), Error> {
        let Self { core, state, raw: _ } = self;
        if let Some(error) = state.take_error() {
            return Err(error);
        }
        // Building the request is all that can fail: a header or a body that cannot be encoded.
        let request = request.map_err(|error| {
            let error = match error {
                progenitor_client::Error::CommunicationError(source) => {
                    Error::invalid_request("the request cannot be built").with_source(source.without_url())
                }
                other => Error::invalid_request(format!("the request cannot be built: {other}")),
            };
            state.complete(error)
        })?;
        let reply = send::send(&core, &state, request).await?;
        Ok((reply, state))
    }
}

/// What a method of the raw client makes.
type Built = Result<reqwest::Request, progenitor_client::Error<()>>;

/// A request to a path that this version of the crate has no type for; see [`Client::request`](crate::Client::request).
#[must_use = "a request does nothing until it is sent"]
pub struct RawRequest {
    client: crate::Client,
    method: Result<http::Method, Error>,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Result<Vec<u8>, serde_json::Error>>,
    options: CallOptions,
}

impl std::fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The path and the query may hold anything, and so may the body.
        f.debug_struct("RawRequest").field("method", &self.method.as_ref().ok()).finish_non_exhaustive()
    }
}

impl RawRequest {
    pub(crate) fn new(client: crate::Client, method: Result<http::Method, Error>, path: String) -> Self {
        Self { client, method, path, query: Vec::new(), body: None, options: CallOptions::default() }
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// Sets a JSON body.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        self.body = Some(serde_json::to_vec(body));
        self
    }

    /// Sets the time limit of the whole call.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets the time limit of each attempt.
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.options.attempt_timeout = Some(timeout);
        self
    }

    /// Says whether the request may be repeated. By default the method decides: POST and PATCH may not.
    pub fn with_idempotent(mut self, idempotent: bool) -> Self {
        self.options.idempotent = Some(idempotent);
        self
    }

    /// Sends the request, with the credentials, retries, limits and errors of every other call.
    ///
    /// # Errors
    /// As every call.
    pub async fn send(self) -> Result<Response<Bytes>, Error> {
        let body = match self.body {
            Some(Ok(body)) => Some(body),
            Some(Err(source)) => {
                return Err(Error::invalid_request("the body cannot be written as JSON").with_source(source));
            }
            None => None,
        };
        let (reply, state) = self.client.send_raw(self.method, &self.path, &self.query, body, self.options).await?;
        Ok(Response::new(reply.body, reply.status, reply.headers, &state))
    }

    /// Sends the request and decodes the JSON of the answer.
    ///
    /// # Errors
    /// As every call; [`ErrorKind::Decode`](crate::ErrorKind::Decode) when the answer does not fit `T`.
    pub async fn fetch<T: DeserializeOwned>(self) -> Result<T, Error> {
        let info = self.method.as_ref().ok().map(crate::client::raw_info);
        let response = self.send().await?;
        serde_json::from_slice(response.body()).map_err(|source| {
            let mut error = crate::decode::failure(response.body(), source);
            if let Some(info) = info {
                error = error.with_operation(info);
            }
            let inner = error.inner_mut();
            inner.status = Some(response.status);
            inner.attempts = response.attempts.clone();
            inner.elapsed = response.elapsed;
            inner.body = response.body().clone();
            error
        })
    }
}

/// What awaiting a request comes to: the value of the answer alone.
#[must_use = "a future does nothing until it is awaited"]
pub struct CallFuture<T>(pub(crate) BoxFuture<Result<Response<T>, Error>>);

impl<T> Future for CallFuture<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        self.0.as_mut().poll(context).map_ok(Response::into_inner)
    }
}

impl<T> std::fmt::Debug for CallFuture<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallFuture").finish_non_exhaustive()
    }
}

/// What every generated request type can do beside its own arguments.
macro_rules! awaitable {
    ($name:ident, $output:ty) => {
        impl<C> $name<C> {
            /// Sets the time limit of the whole call, attempts and waits together.
            pub fn with_deadline(mut self, deadline: ::std::time::Duration) -> Self {
                self.options.deadline = Some(deadline);
                self
            }

            /// Sets the time limit of each attempt.
            pub fn with_attempt_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.options.attempt_timeout = Some(timeout);
                self
            }

            /// Says whether the request may be repeated, whatever the API description says.
            pub fn with_idempotent(mut self, idempotent: bool) -> Self {
                self.options.idempotent = Some(idempotent);
                self
            }

            /// Sets the largest number of attempts.
            pub fn with_max_attempts(mut self, attempts: u32) -> Self {
                self.options.max_attempts = Some(attempts);
                self
            }
        }

        impl $name<crate::Client> {
            /// Sends the request; the answer has status and headers beside the value, which `await` gives alone.
            ///
            /// # Errors
            /// As every call; see [`Error`](crate::Error).
            // Inline, here and below: only the operations that a program uses are then compiled, and in the program.
            #[inline]
            pub fn send(self) -> crate::BoxFuture<::std::result::Result<crate::Response<$output>, crate::Error>> {
                let client = self.client.clone();
                client.send(self)
            }
        }

        impl ::std::future::IntoFuture for $name<crate::Client> {
            type Output = ::std::result::Result<$output, crate::Error>;
            type IntoFuture = crate::CallFuture<$output>;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                crate::request::CallFuture(self.send())
            }
        }
    };
}

pub(crate) use awaitable;
