//! Waiting until something has become what it is to become.

mod judge;
#[cfg(test)]
mod tests;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub(crate) use judge::Judgement;

use crate::operation::OperationInfo;
use crate::{BoxFuture, Error, ErrorKind};

type Fetch<T> = Arc<dyn Fn(Duration) -> BoxFuture<Result<T, Error>> + Send + Sync>;
type Judge<T> = Box<dyn Fn(&T) -> Judgement + Send + Sync>;
type Callback<T> = Box<dyn Fn(&WaitProgress<'_, T>) + Send + Sync>;

/// Polls until a resource is in the state that is waited for, and hands out the last value.
///
/// Made by methods such as [`Workspaces::wait_until_ready`](crate::Workspaces::wait_until_ready). Await it, or set its
/// options first. The service is known to report an old state after a new one, so a state counts once it has been seen
/// several times in a row, a failure included. Dropping the future stops the polling and leaves the service alone.
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
/// [`ErrorKind::WaitTimedOut`] after the deadline, [`ErrorKind::WaitFailed`] for a state from which the awaited one cannot
/// come; both keep the [last value](Error::last_value). Other errors are those of the polls: transient ones are tolerated,
/// the rest end the wait.
#[must_use = "a waiter does nothing until it is awaited"]
pub struct Waiter<T> {
    target: String,
    operation: &'static OperationInfo,
    fetch: Fetch<T>,
    judge: Judge<T>,
    missing: Missing,
    deadline: Duration,
    first_poll: Duration,
    max_poll: Duration,
    stable: u32,
    tolerated: u32,
    callback: Option<Callback<T>>,
}

/// What it means that the resource is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Not yet: a resource can be missing for a moment after its creation. After the grace period it is an error.
    Early,
    /// It is gone, which is what is waited for, if it has been seen before; an id that never was is an error.
    Gone,
}

/// How long a resource may be missing after its creation.
const GRACE: Duration = Duration::from_secs(60);

/// What a waiter sees with each poll.
#[derive(Debug)]
#[non_exhaustive]
pub struct WaitProgress<'a, T> {
    /// The state in words: the state of the resource, and what is still missing.
    pub state: &'a str,
    /// How long the wait has lasted.
    pub elapsed: Duration,
    /// How many polls were made.
    pub polls: u32,
    /// The value that was seen; none when the poll failed.
    pub value: Option<&'a T>,
}

impl<T> std::fmt::Debug for Waiter<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiter").field("target", &self.target).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

impl<T: Clone + Send + Sync + 'static> Waiter<T> {
    pub(crate) fn new<F>(
        target: String,
        operation: &'static OperationInfo,
        fetch: impl Fn(Duration) -> F + Send + Sync + 'static,
        judge: impl Fn(&T) -> Judgement + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        Self {
            target,
            operation,
            fetch: Arc::new(move |left| Box::pin(fetch(left))),
            judge: Box::new(judge),
            missing: Missing::Early,
            deadline: Duration::from_secs(30 * 60),
            first_poll: Duration::from_secs(2),
            max_poll: Duration::from_secs(15),
            stable: 3,
            tolerated: 5,
            callback: None,
        }
    }

    pub(crate) fn missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// Adds a condition that must hold beside those of the waiter.
    pub(crate) fn and(mut self, condition: impl Fn(&T) -> Result<(), String> + Send + Sync + 'static) -> Self {
        let judge = self.judge;
        self.judge = Box::new(move |value| match judge(value) {
            Judgement::Reached(state) => match condition(value) {
                Ok(()) => Judgement::Reached(state),
                Err(lacks) => Judgement::Waiting(format!("{state}, {lacks}")),
            },
            other => other,
        });
        self
    }

    /// Sets how long to wait at most. Default 30 min: the smallest cluster takes about 8.
    pub fn with_deadline(mut self, limit: Duration) -> Self {
        self.deadline = limit;
        self
    }

    /// Sets the wait between polls: the first, and the longest, to which it grows. Default 2 s and 15 s.
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

    /// Sets how many failed polls in a row are tolerated, beyond the retries of each. Default 5.
    pub fn with_tolerated_errors(mut self, polls: u32) -> Self {
        self.tolerated = polls;
        self
    }

    /// Sets a function that is called after each poll.
    pub fn with_progress(mut self, callback: impl Fn(&WaitProgress<'_, T>) + Send + Sync + 'static) -> Self {
        self.callback = Some(Box::new(callback));
        self
    }

    async fn run(self) -> Result<T, Error> {
        let started = Instant::now();
        let mut seen = Seen {
            last: None,
            state: "not seen yet".to_owned(),
            last_error: None,
            same: 0,
            verdict: None,
            failures: 0,
            polls: 0,
        };
        let mut pause = self.first_poll;
        loop {
            let left = self.deadline.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(self.timed_out(seen));
            }
            let polled = tokio::time::timeout(left, (self.fetch)(left)).await;
            seen.polls += 1;
            let polled = match polled {
                // The poll has what is left of the wait as its own deadline: either of the two may fire first.
                Ok(Err(error)) if error.kind() == ErrorKind::Timeout && started.elapsed() >= self.deadline => {
                    return Err(self.timed_out(seen));
                }
                Ok(polled) => polled,
                Err(_) => return Err(self.timed_out(seen)),
            };
            let (verdict, value) = self.evaluate(polled, &mut seen, started.elapsed())?;
            let state = match &seen.last_error {
                Some(error) => &format!("not to be seen for the moment ({error})"),
                None => &seen.state,
            };
            if let Some(callback) = &self.callback {
                callback(&WaitProgress { state, elapsed: started.elapsed(), polls: seen.polls, value: value.as_ref() });
            }
            tracing::debug!(target = %self.target, state = %state, polls = seen.polls, "waiting");
            let changed = seen.verdict != verdict;
            seen.same = if changed { 1 } else { seen.same + 1 };
            seen.verdict = verdict;
            if value.is_some() {
                seen.last = value;
            }
            match (verdict, seen.same >= self.stable) {
                (Some(true), true) => {
                    if let Some(value) = seen.last {
                        return Ok(value);
                    }
                }
                (Some(false), true) => {
                    let text = format!("{} is {}, and will not become what is waited for", self.target, seen.state);
                    let gone = seen.state.starts_with("TERMINATED");
                    return Err(self.failed(ErrorKind::WaitFailed, text, seen.last).gone_if(gone));
                }
                _ => {}
            }
            // A state that only needs to be confirmed is looked at again soon.
            let wait = if verdict.is_some() { self.first_poll } else { pause }.max(Duration::from_millis(1));
            pause = (pause.max(Duration::from_millis(1)).saturating_mul(3) / 2).min(self.max_poll);
            tokio::time::sleep(wait.min(self.deadline.saturating_sub(started.elapsed()))).await;
        }
    }

    /// What a poll says: reached, failed or neither; an error that ends the wait is returned as such.
    fn evaluate(
        &self,
        polled: Result<T, Error>,
        seen: &mut Seen<T>,
        elapsed: Duration,
    ) -> Result<(Option<bool>, Option<T>), Error> {
        seen.last_error = None;
        match polled {
            Ok(value) => {
                seen.failures = 0;
                let (verdict, state) = match (self.judge)(&value) {
                    Judgement::Reached(state) => (Some(true), state),
                    Judgement::Failed(state) => (Some(false), state),
                    Judgement::Waiting(state) => (None, state),
                };
                seen.state = state;
                Ok((verdict, Some(value)))
            }
            Err(error) if error.is_not_found() && self.missing == Missing::Early && elapsed < GRACE => {
                seen.state = "not visible yet".to_owned();
                Ok((None, None))
            }
            // What was there and is not any more is gone, which is what is waited for.
            Err(error) if error.is_not_found() && self.missing == Missing::Gone && seen.last.is_some() => {
                seen.state = "gone".to_owned();
                Ok((Some(true), None))
            }
            Err(error) if error.is_retryable() && seen.failures < self.tolerated => {
                seen.failures += 1;
                seen.last_error = Some(error);
                Ok((None, None))
            }
            Err(error) => Err(match seen.last.take() {
                Some(value) => error.with_last_value(value),
                None => error,
            }),
        }
    }

    fn timed_out(&self, seen: Seen<T>) -> Error {
        let mut text =
            format!("{} was still {} after {:?} and {} polls", self.target, seen.state, self.deadline, seen.polls);
        if let Some(last_error) = &seen.last_error {
            text = format!("{text}, and the last poll failed: {last_error}");
        }
        let error = self
            .failed(ErrorKind::WaitTimedOut, text, seen.last)
            .with_advice("it may still get there: wait again, with a longer deadline");
        match seen.last_error {
            Some(last_error) => error.with_source(last_error),
            None => error,
        }
    }

    fn failed(&self, kind: ErrorKind, text: String, last: Option<T>) -> Error {
        let error = Error::new(kind, text).with_operation(self.operation);
        match last {
            Some(value) => error.with_last_value(value),
            None => error,
        }
    }
}

struct Seen<T> {
    last: Option<T>,
    /// The state of the last poll that was answered.
    state: String,
    /// Why the last poll failed, if it did.
    last_error: Option<Error>,
    same: u32,
    verdict: Option<bool>,
    failures: u32,
    polls: u32,
}

impl<T: Clone + Send + Sync + 'static> IntoFuture for Waiter<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
