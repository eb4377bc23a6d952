//! Waits until a resource is in the requested state.

mod run;
mod state;
#[cfg(test)]
mod tests;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use state::{Verdict, WaitState};

use crate::operation::OperationInfo;
use crate::request::Operation;
use crate::response::Response;
use crate::{BoxFuture, Client, Error};

type Fetch<T> = Box<dyn Fn(Duration) -> BoxFuture<Result<T, Error>> + Send + Sync>;
type Judge<T> = Box<dyn Fn(&T) -> WaitState + Send + Sync>;
type Callback<T> = Box<dyn Fn(&WaitProgress<'_, T>) + Send + Sync>;

/// Polls until a resource is in the requested state, and returns the last value.
///
/// Created by methods such as [`Workspaces::wait_until_ready`](crate::Workspaces::wait_until_ready), or by
/// [`Waiter::new`](Self::new) where there is none. Await it, or set its options first. Dropping the future stops the
/// polling and does not affect the service.
///
/// - **A state counts once it has been seen several times in a row**, failed states included: the service is known to
///   report an old state after a new one. See [`with_stable_polls`](Self::with_stable_polls).
/// - **Failed polls are tolerated by time**: an outage, a proxy's page or a rejected token in the middle of a wait ends
///   it only when no poll has succeeded for 10 min. See [`with_error_tolerance`](Self::with_error_tolerance). A refusal
///   by the service before anything has been seen ends it at once.
/// - **Not found** means that the service itself says so about the id. At the beginning of a wait it means "not yet",
///   for 60 s; see [`with_missing_grace`](Self::with_missing_grace). For a resource that has been seen it means that it
///   is gone, once at least two polls in a row say so: that completes a wait for its end, with the value that was seen
///   last, and fails any other.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// use singlestore_management::types::WorkspaceGroupCreate;
/// use std::time::Duration;
///
/// # let region = client.regions().list().await?.remove(0).region_id;
/// let group = client
///     .workspace_groups()
///     .create(WorkspaceGroupCreate::new("tenants", ["203.0.113.0/24"]).region_id(region))
///     .await?;
/// let group = client
///     .workspace_groups()
///     .wait_until_ready(group.workspace_group_id)
///     .with_deadline(Duration::from_secs(20 * 60))
///     .with_poll_interval(Duration::from_millis(1), Duration::from_millis(5))
///     .with_progress(|progress| println!("{} after {:?}", progress.state, progress.elapsed))
///     .await?;
/// assert_eq!(group.name, "tenants");
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`ErrorKind::WaitTimedOut`](crate::ErrorKind::WaitTimedOut) after the deadline,
/// [`ErrorKind::WaitFailed`](crate::ErrorKind::WaitFailed) for a terminal state other than the requested one. Any other
/// error is that of the poll that ended the wait, and says what the wait was for. All of them keep the value that was
/// seen [last](Error::last_value).
#[must_use = "a waiter does nothing until it is awaited"]
pub struct Waiter<T> {
    resource: String,
    operation: Option<&'static OperationInfo>,
    /// The path of the polls, once one has received a response.
    path: Arc<OnceLock<Arc<str>>>,
    fetch: Fetch<T>,
    judge: Judge<T>,
    missing: Missing,
    deadline: Duration,
    first_poll: Duration,
    max_poll: Duration,
    stable: u32,
    tolerance: Duration,
    grace: Duration,
    callback: Option<Callback<T>>,
}

/// The meaning of "not found" for a resource that has been seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// During the grace period, that the service lags behind; afterwards, that the wait has failed.
    Early,
    /// It is gone, as requested.
    Gone,
}

/// How long a resource may be missing after its creation.
const GRACE: Duration = Duration::from_secs(60);

/// How long polls may fail in a row.
const TOLERANCE: Duration = Duration::from_secs(10 * 60);

/// What a waiter sees with each poll, for [`with_progress`](Waiter::with_progress).
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let group = emulator.insert_workspace_group(serde_json::json!({"name": "g"}))?;
/// # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
/// let wait = client.workspace_groups().wait_until_ready(group).with_progress(|progress| {
///     println!("{} after {} polls, {:?}", progress.state, progress.polls, progress.elapsed);
/// });
/// # let quick = std::time::Duration::from_millis(1);
/// # let wait = wait.with_poll_interval(quick, quick);
/// wait.await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct WaitProgress<'a, T> {
    /// The state: that of the resource, and what is still missing.
    pub state: &'a str,
    /// How long the wait has lasted.
    pub elapsed: Duration,
    /// How many polls have been made.
    pub polls: u32,
    /// The value that was read; none if the poll failed.
    pub value: Option<&'a T>,
    /// Why the poll failed, if it did and is tolerated.
    pub error: Option<&'a Error>,
}

impl<T> std::fmt::Debug for Waiter<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Waiter");
        shown.field("resource", &self.resource).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

impl<T: Send + Sync + 'static> Waiter<T> {
    /// Creates a waiter from a call that reads the resource and a function that judges the value.
    ///
    /// The call is passed the time left in the wait. The resource name appears in progress and errors.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::{UserInvitation, UserInvitationCreate};
    /// use singlestore_management::{WaitState, Waiter};
    /// # use std::time::Duration;
    ///
    /// let invitations = client.invitations();
    /// let id = invitations.create(UserInvitationCreate::new("new@example.com")).await?.invitation_id.ok_or("no id")?;
    /// let waiter = Waiter::new(
    ///     format!("invitation {id}"),
    ///     move |left| invitations.get(id).with_deadline(left),
    ///     |invitation: &UserInvitation| {
    ///         let state = invitation.state.as_ref().map_or("unknown", |state| state.as_str());
    ///         WaitState::by_name(state, &["Pending", "Accepted"], &["Refused", "Revoked"])
    ///     },
    /// );
    /// # let waiter = waiter.with_poll_interval(Duration::from_millis(1), Duration::from_millis(1));
    /// let invitation = waiter.await?;
    /// # Ok(()) }
    /// ```
    pub fn new<F>(
        resource: impl Into<String>,
        fetch: impl Fn(Duration) -> F + Send + Sync + 'static,
        judge: impl Fn(&T) -> WaitState + Send + Sync + 'static,
    ) -> Self
    where
        F: IntoFuture<Output = Result<T, Error>>,
        F::IntoFuture: Send + 'static,
    {
        Self {
            resource: resource.into(),
            operation: None,
            path: Arc::default(),
            fetch: Box::new(move |left| Box::pin(fetch(left).into_future())),
            judge: Box::new(judge),
            missing: Missing::Early,
            deadline: Duration::from_secs(30 * 60),
            first_poll: Duration::from_secs(2),
            max_poll: Duration::from_secs(15),
            stable: 3,
            tolerance: TOLERANCE,
            grace: GRACE,
            callback: None,
        }
    }

    /// Creates the waiter of an operation that reads a resource, at the client's poll interval.
    pub(crate) fn polling<R>(
        client: &Client,
        resource: String,
        request: impl Fn(Duration) -> R + Send + Sync + 'static,
        judge: impl Fn(&T) -> WaitState + Send + Sync + 'static,
    ) -> Self
    where
        R: Operation<Output = T>,
    {
        let (path, bound) = (Arc::new(OnceLock::new()), client.clone());
        let noted = path.clone();
        let fetch = move |left| {
            let (call, noted) = (bound.send(request(left)), noted.clone());
            async move {
                let outcome = call.await;
                let path = outcome.as_ref().map_or_else(Error::shared_path, Response::path);
                if let (Some(path), None) = (path, noted.get()) {
                    let _ = noted.set(path.clone());
                }
                outcome.map(Response::into_inner)
            }
        };
        Self { operation: Some(R::INFO), path, ..Self::new(resource, fetch, judge) }.at_pace_of(client)
    }

    pub(crate) fn at_pace_of(self, client: &Client) -> Self {
        match client.poll_interval() {
            Some((first, longest)) => self.with_poll_interval(first, longest),
            None => self,
        }
    }

    /// Adds a condition that must hold in addition to the waiter's own; its error says what is lacking.
    pub(crate) fn and(mut self, condition: impl Fn(&T) -> Result<(), String> + Send + Sync + 'static) -> Self {
        let judge = self.judge;
        self.judge = Box::new(move |value| match (judge(value), condition(value)) {
            (state, Ok(())) => state,
            (state, Err(lacks)) => state.lacking(&lacks),
        });
        self
    }

    /// Waits for the end: a resource that has been seen and is no longer found completes the wait. An id that is not
    /// found at the first poll is then an error at once, unless a [grace period](Self::with_missing_grace) is set.
    pub fn until_gone(mut self) -> Self {
        (self.missing, self.grace) = (Missing::Gone, Duration::ZERO);
        self
    }

    /// Sets the maximum duration of the wait. Default 30 min: the smallest cluster takes about 8.
    pub fn with_deadline(mut self, limit: Duration) -> Self {
        self.deadline = limit;
        self
    }

    /// Sets the wait between polls: the first, and the longest that it grows to. Default 2 s and 15 s, or what
    /// [`ClientBuilder::poll_interval`](crate::ClientBuilder::poll_interval) sets for all waiters of a client. Less
    /// than a millisecond counts as one.
    pub fn with_poll_interval(mut self, first: Duration, longest: Duration) -> Self {
        self.first_poll = first;
        self.max_poll = longest.max(first);
        self
    }

    /// Sets how many polls in a row must agree. Default 3.
    pub fn with_stable_polls(mut self, polls: u32) -> Self {
        self.stable = polls.max(1);
        self
    }

    /// Sets how long polls may fail in a row, on top of the retries of each, before the wait gives up. Default 10 min;
    /// zero ends the wait with the first failure.
    pub fn with_error_tolerance(mut self, limit: Duration) -> Self {
        self.tolerance = limit;
        self
    }

    /// Sets how long, from the beginning of the wait, "not found" means "not yet". Default 60 s, since the service can
    /// take a moment to find what it has just created, and zero in a wait for the end. After it, an id that was never
    /// seen is an error that is [`Error::is_not_found`].
    pub fn with_missing_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Sets a function that is called after each poll.
    pub fn with_progress(mut self, callback: impl Fn(&WaitProgress<'_, T>) + Send + Sync + 'static) -> Self {
        self.callback = Some(Box::new(callback));
        self
    }

    /// Blocks until the wait has ended; see [`blocking`](crate::blocking).
    ///
    /// # Errors
    /// Same as when it is awaited, and [`ErrorKind::Config`](crate::ErrorKind::Config) inside a task of a Tokio
    /// runtime.
    #[cfg(feature = "blocking")]
    pub fn call(self) -> Result<T, Error> {
        crate::block_on::block_on(self)
    }
}

crate::request::not_a_future::not_a_future!(Waiter<T>);

impl<T: Send + Sync + 'static> IntoFuture for Waiter<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    #[inline]
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
