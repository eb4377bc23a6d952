//! Terminations that wait until the service accepts them.

use std::fmt::Debug;
use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::span;
use crate::requests::{
    TerminateCluster, TerminateVirtualCluster, TerminateVirtualWorkspace, TerminateWorkspace, TerminateWorkspaceGroup,
};
use crate::{BoxFuture, Client, Error};

/// The result of a [`Termination`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Terminated {
    /// The service has accepted the termination; wait for its end with `wait_until_terminated`.
    Accepted,
    /// The service does not know the resource, which [`Termination::ok_if_gone`] accepts as success.
    Gone,
}

/// A termination that handles what commonly prevents it.
///
/// Made by `when_possible` and `ok_if_gone` of the requests that terminate. Await it, or set its options first.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key())
/// #     .poll_interval(std::time::Duration::from_millis(1), std::time::Duration::from_millis(1)).build()?;
/// # let region = client.regions().list().await?.remove(0).region_id;
/// use singlestore_management::Terminated;
/// use singlestore_management::types::WorkspaceGroupCreate;
/// use std::time::Duration;
///
/// let body = WorkspaceGroupCreate::new("tenants", ["203.0.113.0/24"]).region_id(region);
/// let group = client.workspace_groups().create(body).await?.workspace_group_id;
/// // It is still pending, and for now the service refuses to terminate it.
/// let limit = Duration::from_secs(10 * 60);
/// let ended = client.workspace_groups().terminate(group).force(true).when_possible(limit).ok_if_gone().await?;
/// assert_eq!(ended, Terminated::Accepted);
/// # Ok(()) }
/// ```
///
/// # Errors
/// Those of the request itself. If the limit of [`when_possible`](Self::when_possible) passes, the last refusal, which is
/// [`Error::is_pending`] or [`Error::is_conflict`].
#[derive(Clone, Debug)]
#[must_use = "nothing is terminated until it is awaited"]
pub struct Termination<R> {
    request: R,
    limit: Duration,
    ok_if_gone: bool,
    first_pause: Duration,
    longest_pause: Duration,
}

impl<R> Termination<R> {
    fn new(request: R, client: &Client) -> Self {
        let (first_pause, longest_pause) =
            client.poll_interval().unwrap_or((Duration::from_secs(5), Duration::from_secs(15)));
        Self { request, limit: Duration::ZERO, ok_if_gone: false, first_pause, longest_pause }
    }

    /// Retries the termination for at most this long, while the service refuses it because the resource is pending or
    /// changing. Such a refusal says that nothing was done.
    pub fn when_possible(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Accepts a resource that the service says it does not know as terminated.
    pub fn ok_if_gone(mut self) -> Self {
        self.ok_if_gone = true;
        self
    }

    /// Sets the first wait between attempts, and the maximum to which it grows. Default 5 s and 15 s, or what
    /// [`ClientBuilder::poll_interval`](crate::ClientBuilder::poll_interval) sets.
    pub fn with_retry_interval(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest.max(first);
        self
    }

    async fn run<O>(self) -> Result<Terminated, Error>
    where
        R: Clone + IntoFuture<Output = Result<O, Error>>,
    {
        crate::transport::runtime::check()?;
        let started = Instant::now();
        let mut pause = self.first_pause.max(Duration::from_millis(1));
        loop {
            let error = match self.request.clone().await {
                Ok(_) => return Ok(Terminated::Accepted),
                Err(error) if self.ok_if_gone && error.is_not_found() => return Ok(Terminated::Gone),
                Err(error) => error,
            };
            let left = self.limit.saturating_sub(started.elapsed());
            if !(error.is_pending() || error.is_conflict()) {
                return Err(error);
            }
            if left.is_zero() {
                return Err(match self.limit.is_zero() {
                    true => error,
                    false => error.with_remark(format!("it was not possible within {}", span(self.limit))),
                });
            }
            tracing::debug!(%error, "waiting until a termination is possible");
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause.saturating_mul(3) / 2).min(self.longest_pause);
        }
    }
}

crate::request::not_a_future::not_a_future!(Termination<R>);

impl<R, O> IntoFuture for Termination<R>
where
    R: Clone + IntoFuture<Output = Result<O, Error>> + Send + Sync + 'static,
    R::IntoFuture: Send,
    O: Send + 'static,
{
    type Output = Result<Terminated, Error>;
    type IntoFuture = BoxFuture<Self::Output>;

    #[inline]
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

#[cfg(feature = "blocking")]
impl<R, O> Termination<R>
where
    R: Clone + IntoFuture<Output = Result<O, Error>> + Send + Sync + 'static,
    R::IntoFuture: Send,
    O: Send + 'static,
{
    /// Terminates the resource, blocking until the call has ended; see [`blocking`](crate::blocking).
    ///
    /// # Errors
    /// Those of awaiting it, and [`ErrorKind::Config`](crate::ErrorKind::Config) inside a task of a Tokio runtime.
    #[cfg(feature = "blocking")]
    pub fn call(self) -> Result<Terminated, Error> {
        crate::block_on::block_on(self)
    }
}

macro_rules! terminations {
    ($($request:ident)*) => {$(
        impl $request<Client> {
            /// Waits, for at most this long, until the service accepts the termination: it refuses to terminate a
            /// resource that is pending or changing. See [`Termination`](crate::Termination).
            #[inline]
            pub fn when_possible(self, limit: Duration) -> Termination<Self> {
                Termination::new(self.clone(), &self.client).when_possible(limit)
            }

            /// Accepts a resource that the service says it does not know as terminated. See
            /// [`Termination`](crate::Termination).
            #[inline]
            pub fn ok_if_gone(self) -> Termination<Self> {
                Termination::new(self.clone(), &self.client).ok_if_gone()
            }
        }
    )*};
}

terminations! {
    TerminateWorkspaceGroup TerminateWorkspace TerminateCluster TerminateVirtualWorkspace TerminateVirtualCluster
}
