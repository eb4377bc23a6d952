//! What the generated request types share: how they are sent, and what awaiting them returns.

pub(crate) mod list;
pub(crate) mod not_a_future;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde::de::DeserializeOwned;

use crate::Error;
use crate::client::Client;
use crate::de::Value;
use crate::operation::{CallOptions, OperationInfo};
pub(crate) use crate::raw::Built;
use crate::raw::{self, NotBuilt};
use crate::response::Response;
use crate::transport::call::CallState;
use crate::transport::core::{Core, Reply};
use crate::transport::send;

/// A boxed future that can be sent to another thread.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;

/// A request of one operation, as implemented by the generated request types.
///
/// A request that is constructed directly has no client. It is sent with [`Client::send`], or bound by `with_client`:
///
/// ```compile_fail,E0277
/// use singlestore_management::requests::ListWorkspaceGroups;
///
/// async fn groups() {
///     let _ = ListWorkspaceGroups::new().await; // this request has no client
/// }
/// ```
///
/// ```
/// use singlestore_management::Client;
/// use singlestore_management::requests::ListWorkspaceGroups;
///
/// async fn groups(client: &Client) {
///     let _ = ListWorkspaceGroups::new().with_client(client).await;
/// }
/// ```
///
/// A request becomes a future only when it is awaited. Functions that take futures, such as `spawn` and `join_all`, get one from
/// `into_future()`:
///
/// ```compile_fail,E0277
/// use singlestore_management::Client;
///
/// fn in_the_background(client: &Client) {
///     tokio::spawn(client.regions().list());
/// }
/// ```
///
/// ```
/// use singlestore_management::Client;
/// use std::future::IntoFuture;
///
/// fn in_the_background(client: &Client) {
///     tokio::spawn(client.regions().list().into_future());
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a request of an operation",
    note = "the types of the module `requests` are, with or without a client; paths of your own go through `Client::request`"
)]
pub trait Operation: Send + Sized + 'static {
    /// What the operation returns.
    type Output: Send + 'static;
    /// What the API description says about it.
    const INFO: &'static OperationInfo;
    /// The options of the call.
    fn options(&self) -> &CallOptions;
    #[doc(hidden)]
    fn run(self, call: Call) -> Pending<Self::Output>;
}

/// A call under way, and how its response is read. Reading is separate, so that sending is compiled once and not for each type of
/// response.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "nobody outside can hold one")]
pub struct Pending<T> {
    received: BoxFuture<Result<Received, Error>>,
    read: fn(&Received) -> Result<T, Error>,
}

/// What a call received.
pub(crate) struct Received {
    reply: Reply,
    state: Arc<CallState>,
}

impl Received {
    fn body(&self) -> &[u8] {
        &self.reply.body
    }

    /// The error of an unreadable response keeps the headers, which include the request id.
    #[cold]
    fn unreadable(&self, source: serde_json::Error) -> Error {
        let mut error = crate::decode::failure(&self.reply.body, source);
        error.inner_mut().headers.clone_from(&self.reply.headers);
        self.state.complete(error)
    }

    fn refuse_page(&self) -> Result<(), Error> {
        refuse_page(&self.reply, &self.state)
    }
}

impl<T: 'static> Pending<T> {
    pub(crate) fn with_response(self) -> BoxFuture<Result<Response<T>, Error>> {
        Box::pin(WithResponse(self))
    }
}

impl<T> Pending<T> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(T, Received), Error>> {
        match self.received.as_mut().poll(context) {
            Poll::Ready(Ok(received)) => Poll::Ready((self.read)(&received).map(|value| (value, received))),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// The value with what came with it.
struct WithResponse<T>(Pending<T>);

impl<T> Future for WithResponse<T> {
    type Output = Result<Response<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(context).map_ok(|(value, received)| {
            let Received { reply, state } = received;
            Response::new(value, reply.status, reply.headers, &state)
        })
    }
}

/// One call being made.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "nobody outside can hold one")]
pub struct Call {
    pub(crate) core: Arc<Core>,
    pub(crate) raw: raw::Client,
    pub(crate) state: Arc<CallState>,
}

impl Call {
    /// Records an argument that would name a path other than the caller expects, for sending to refuse: URLs treat `.` and `..`
    /// as steps, `\` as `/`.
    pub(crate) fn check_path_argument(&self, name: &str, value: &str) {
        let problem = if value.is_empty() {
            "must not be empty: the request would name the folder above"
        } else {
            match crate::path_check::problem(value) {
                Some(problem) => problem,
                None => return,
            }
        };
        let error = Error::invalid_request(format!("the argument {name:?} {problem}"));
        self.state.put_error(error.with_operation(self.state.info));
    }

    /// Sends, and reads the response as JSON.
    pub(crate) fn json<T: Value>(self, request: Built) -> Pending<T> {
        self.sent(request, |received| {
            crate::de::of_slice(received.body()).map_err(|source| received.unreadable(source))
        })
    }

    /// Sends, and reads the response as a list.
    pub(crate) fn list<T: Value>(self, request: Built) -> Pending<Vec<T>> {
        self.sent(request, |received| crate::de::list(received.body()).map_err(|source| received.unreadable(source)))
    }

    /// The same for a response that only serde reads.
    #[allow(dead_code, reason = "the document may have none")]
    pub(crate) fn any_json<T: DeserializeOwned>(self, request: Built) -> Pending<T> {
        self.sent(request, |received| {
            serde_json::from_slice(received.body()).map_err(|source| received.unreadable(source))
        })
    }

    /// The same for a list of elements that only serde reads.
    #[allow(dead_code, reason = "the document may have none")]
    pub(crate) fn any_list<T: DeserializeOwned>(self, request: Built) -> Pending<Vec<T>> {
        self.sent(request, |received| {
            crate::de::any_list(received.body()).map_err(|source| received.unreadable(source))
        })
    }

    /// Sends; the body, if any, is only kept in the response.
    pub(crate) fn empty(self, request: Built) -> Pending<()> {
        self.sent(request, Received::refuse_page)
    }

    /// Sends, and reads the response as text.
    pub(crate) fn text(self, request: Built) -> Pending<String> {
        self.sent(request, |received| {
            received.refuse_page()?;
            Ok(String::from_utf8_lossy(&received.reply.body).into_owned())
        })
    }

    fn sent<T>(self, request: Built, read: fn(&Received) -> Result<T, Error>) -> Pending<T> {
        Pending { received: self.received(request), read }
    }

    /// Refuses to send one page with the token of a whole list, which would be ignored.
    pub(crate) fn check_resume(&self, has_token: bool) {
        if has_token {
            let error = Error::invalid_request("a list that is resumed is read with `items` or `pages`");
            self.state.put_error(error.with_operation(self.state.info));
        }
    }

    /// Sends the request, unless it was refused. The future is small, since it is moved once.
    #[inline(never)]
    fn received(self, request: Built) -> BoxFuture<Result<Received, Error>> {
        let Self { core, state, raw: _ } = self;
        let request = match state.take_error() {
            Some(error) => Err(error),
            None => request.map_err(|failed| state.complete(not_built(failed))),
        };
        Box::pin(async move {
            let reply = send::send(&core, &state, request?).await?;
            Ok(Received { reply, state })
        })
    }
}

/// A proxy's HTML page is never treated as a success. The error keeps the headers, which include the request id.
pub(crate) fn refuse_page(reply: &Reply, state: &CallState) -> Result<(), Error> {
    crate::decode::refuse_page(&reply.body).map_err(|mut error| {
        error.inner_mut().headers.clone_from(&reply.headers);
        state.complete(error)
    })
}

/// Only a header or an argument that cannot be written can fail.
#[cold]
fn not_built(failed: NotBuilt) -> Error {
    const TEXT: &str = "the request cannot be built";
    match failed {
        NotBuilt::Header(name) => {
            Error::invalid_request(format!("{TEXT}: the value of the header {name} contains control characters"))
        }
        NotBuilt::Form(source) => Error::invalid_request(TEXT).with_source(source),
        NotBuilt::Json(source) => Error::invalid_request(TEXT).with_source(source),
    }
}

impl Client {
    /// Sends a request of any operation; the response has the status and headers in addition to the value.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::requests::ListWorkspaceGroups;
    ///
    /// let response = client.send(ListWorkspaceGroups::new().include_terminated(true)).await?;
    /// println!("{} groups, {}", response.len(), response.status());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Same as for any call; see [`Error`].
    pub fn send<O: Operation>(&self, operation: O) -> BoxFuture<Result<Response<O::Output>, Error>> {
        let call = self.prepare(O::INFO, operation.options());
        operation.run(call).with_response()
    }

    #[inline(never)]
    pub(crate) fn prepare(&self, info: &'static OperationInfo, options: &CallOptions) -> Call {
        let core = self.core().clone();
        let state = Arc::new(CallState::new(info, options.clone()));
        let raw = core.requests.client();
        Call { core, raw, state }
    }
}

/// What awaiting a request returns: the value of the response alone.
#[must_use = "a future does nothing until it is awaited"]
pub struct CallFuture<T>(Pending<T>);

impl<T> CallFuture<T> {
    pub(crate) fn of(pending: Pending<T>) -> Self {
        Self(pending)
    }
}

impl<T> Future for CallFuture<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Not through a pair with what was received: values are large, and moving them costs more than reading their bytes.
        match self.0.received.as_mut().poll(context) {
            Poll::Ready(Ok(received)) => Poll::Ready((self.0.read)(&received)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T> std::fmt::Debug for CallFuture<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallFuture").finish_non_exhaustive()
    }
}

/// Methods that every generated request type has in addition to its own arguments.
macro_rules! awaitable {
    ($name:ident, $output:ty, $info:path) => {
        impl<C> $name<C> {
            /// Sets the time limit of the whole call, attempts and waits together.
            #[inline]
            pub fn with_deadline(mut self, deadline: ::std::time::Duration) -> Self {
                self.options.deadline = Some(deadline);
                self
            }

            /// Sets the time limit of each attempt.
            #[inline]
            pub fn with_attempt_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.options.attempt_timeout = Some(timeout);
                self
            }

            /// Says whether the request may be repeated, whatever the API description says.
            #[inline]
            pub fn with_idempotent(mut self, idempotent: bool) -> Self {
                self.options.idempotent = Some(idempotent);
                self
            }

            /// Sets the maximum number of attempts.
            #[inline]
            pub fn with_max_attempts(mut self, attempts: u32) -> Self {
                self.options.max_attempts = Some(attempts);
                self
            }
        }

        impl $name<crate::Client> {
            /// Sends the request; the response has the status and headers in addition to the value, which is all that `await`
            /// gives.
            ///
            /// # Errors
            /// Same as for any call; see [`Error`](crate::Error).
            // Inline, here and below: only the operations that a program uses are compiled, and in the program itself.
            #[inline]
            pub fn send(self) -> crate::BoxFuture<::std::result::Result<crate::Response<$output>, crate::Error>> {
                let call = self.client.prepare(&$info, &self.options);
                self.prepared(call).with_response()
            }

            /// Makes the call and blocks until it has ended; see [`blocking`](crate::blocking).
            ///
            /// # Errors
            /// Same as for any call, and [`ErrorKind::Config`](crate::ErrorKind::Config) inside a task of a Tokio runtime.
            #[cfg(feature = "blocking")]
            #[inline]
            pub fn call(self) -> ::std::result::Result<$output, crate::Error> {
                crate::block_on::block_on(self)
            }
        }

        #[doc(hidden)]
        impl<C> ::std::future::Future for $name<C>
        where
            C: crate::request::not_a_future::HasClient,
            C::Lacks: crate::request::not_a_future::IsFuture,
        {
            type Output = ::std::result::Result<$output, crate::Error>;

            fn poll(
                self: ::std::pin::Pin<&mut Self>,
                _: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<Self::Output> {
                ::std::task::Poll::Pending
            }
        }

        impl ::std::future::IntoFuture for $name<crate::Client> {
            type Output = ::std::result::Result<$output, crate::Error>;
            type IntoFuture = crate::CallFuture<$output>;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                let call = self.client.prepare(&$info, &self.options);
                crate::request::CallFuture::of(self.prepared(call))
            }
        }
    };
}

pub(crate) use awaitable;
