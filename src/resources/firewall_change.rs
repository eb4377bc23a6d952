//! Changes to one part of a firewall, which the service only accepts as a whole: read, change, write, read back.

mod networks;
mod readings;
#[cfg(test)]
mod tests;

use std::fmt::{Debug, Display};
use std::future::IntoFuture;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use readings::{Change, ReadBack, Steady};
use tokio::time::Instant;

use crate::operation::OperationInfo;
use crate::{BoxFuture, Client, Error, ErrorKind, WaitState, Waiter};

type Fetch<T> = Arc<dyn Fn(Duration) -> BoxFuture<Result<T, Error>> + Send + Sync>;
type Write = Box<dyn FnOnce(Vec<String>, Duration) -> BoxFuture<Result<(), Error>> + Send + Sync>;

/// How long an empty firewall is observed before it is believed: the service shows one until the real one has landed.
const EMPTY_FOR: Duration = Duration::from_secs(60);

/// The properties of a deployment that a firewall change looks at.
pub(crate) struct View<'a> {
    pub state: WaitState,
    pub ranges: Option<&'a [String]>,
    pub allow_all: Option<bool>,
}

/// A firewall change: reads the firewall, changes it, writes it, and waits until it has landed.
///
/// Made by `firewall` of [`WorkspaceGroups`](crate::WorkspaceGroups::firewall) and [`Clusters`](crate::Clusters::firewall). Say
/// what to change, then await it: everything goes into one write, or none if the firewall is already as requested. The value is
/// the deployment as last seen.
///
/// The service accepts a firewall only as a whole, so of two concurrent changes one can overwrite the other. This reads until
/// three polls in a row agree, writes, and reads back: if this change or another was overwritten, the error is
/// [`ErrorKind::LostUpdate`] and names the ranges. A change that was written and overwritten between two polls cannot be seen:
/// callers that share a firewall should take turns, or own all of it with [`set`](Self::set).
///
/// A firewall that is neither the old one nor the one this change asks for is attributed to another caller once it has been
/// seen for a minute and for three polls in a row; before that it may be a stale reading.
///
/// An empty firewall is believed only after 60 s, since the service shows one until the real one has landed; see
/// [`with_empty_for`](Self::with_empty_for).
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] for a [`remove`](Self::remove) of a range that another range of the firewall still admits,
/// [`ErrorKind::LostUpdate`], [`ErrorKind::WaitTimedOut`] if it has not landed in time, and the errors of the calls.
#[must_use = "nothing is changed until it is awaited"]
pub struct FirewallChange<T> {
    resource: String,
    client: Client,
    info: &'static OperationInfo,
    /// The path of the write, including the id.
    path: Arc<str>,
    fetch: Fetch<T>,
    write: Write,
    view: fn(&T) -> View<'_>,
    change: Change,
    deadline: Duration,
    empty_for: Duration,
    interval: Option<(Duration, Duration)>,
}

impl<T> Debug for FirewallChange<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("FirewallChange");
        shown.field("resource", &self.resource).field("change", &self.change).finish_non_exhaustive()
    }
}

impl<T: Send + Sync + 'static> FirewallChange<T> {
    pub(crate) fn new(
        client: &Client,
        kind: &str,
        id: impl Display,
        info: &'static OperationInfo,
        fetch: impl Fn(Duration) -> BoxFuture<Result<T, Error>> + Send + Sync + 'static,
        write: impl FnOnce(Vec<String>, Duration) -> BoxFuture<Result<(), Error>> + Send + Sync + 'static,
        view: fn(&T) -> View<'_>,
    ) -> Self {
        let (before, after) = info.path.split_once('{').unwrap_or((info.path, ""));
        let path = format!("{before}{id}{}", after.split_once('}').map_or("", |(_, rest)| rest)).into();
        Self {
            resource: format!("{kind} {id}"),
            client: client.clone(),
            info,
            path,
            fetch: Arc::new(fetch),
            write: Box::new(write),
            view,
            change: Change::default(),
            deadline: Duration::from_secs(30 * 60),
            empty_for: EMPTY_FOR,
            interval: None,
        }
    }

    /// Adds a range, such as `203.0.113.0/24`, and keeps the others.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key())
    /// #     .poll_interval(std::time::Duration::from_millis(1), std::time::Duration::from_millis(1)).build()?;
    /// # let id: singlestore_management::WorkspaceGroupId =
    /// #     emulator.insert_workspace_group(serde_json::json!({"firewallRanges": ["203.0.113.0/24"]}))?.parse()?;
    /// let group = client.workspace_groups().firewall(id).add("198.51.100.7/32").await?;
    /// assert_eq!(group.firewall_ranges.unwrap_or_default(), ["198.51.100.7/32", "203.0.113.0/24"]);
    /// # Ok(()) }
    /// ```
    #[expect(clippy::should_implement_trait, reason = "a firewall is not a number")]
    pub fn add(mut self, range: impl Into<String>) -> Self {
        self.change.add(range.into());
        self
    }

    /// Removes a range, written as the firewall shows it, and keeps the others. From a firewall that admits everything
    /// only `0.0.0.0/0` itself can be removed; it then admits nothing.
    ///
    /// A range that is not in the firewall is already removed, and that is not an error. If it is not there but another
    /// range admits all or part of it, such as `198.51.100.0/24` when `198.51.100.9/24` is to be removed, the error
    /// names that range and nothing is changed.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key())
    /// #     .poll_interval(std::time::Duration::from_millis(1), std::time::Duration::from_millis(1)).build()?;
    /// # let ranges = serde_json::json!({"firewallRanges": ["198.51.100.7/32", "203.0.113.0/24"]});
    /// # let id: singlestore_management::WorkspaceGroupId = emulator.insert_workspace_group(ranges)?.parse()?;
    /// let group = client.workspace_groups().firewall(id).remove("198.51.100.7/32").await?;
    /// assert_eq!(group.firewall_ranges.unwrap_or_default(), ["203.0.113.0/24"]);
    /// # Ok(()) }
    /// ```
    pub fn remove(mut self, range: impl Into<String>) -> Self {
        self.change.remove(range.into());
        self
    }

    /// Replaces the whole firewall. An empty one admits nobody; one with `0.0.0.0/0` admits everybody.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key())
    /// #     .poll_interval(std::time::Duration::from_millis(1), std::time::Duration::from_millis(1)).build()?;
    /// # let ranges = serde_json::json!({"firewallRanges": ["203.0.113.0/24"], "endpoint": "svc.example.com"});
    /// # let id: singlestore_management::ClusterId = emulator.insert_cluster(ranges)?.parse()?;
    /// let cluster = client.clusters().firewall(id).set(["192.0.2.0/24", "198.51.100.7/32"]).await?;
    /// assert_eq!(cluster.firewall_ranges.unwrap_or_default(), ["192.0.2.0/24", "198.51.100.7/32"]);
    /// # Ok(()) }
    /// ```
    pub fn set(mut self, ranges: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.change.set(ranges.into_iter().map(Into::into));
        self
    }

    /// Sets the time limit of the whole operation. Default 30 min.
    pub fn with_deadline(mut self, limit: Duration) -> Self {
        self.deadline = limit;
        self
    }

    /// Sets the first wait between polls, and the maximum to which it grows. Default 2 s and 15 s, or what
    /// [`ClientBuilder::poll_interval`](crate::ClientBuilder::poll_interval) sets.
    pub fn with_poll_interval(mut self, first: Duration, longest: Duration) -> Self {
        self.interval = Some((first, longest));
        self
    }

    /// Sets how long a firewall must read as empty before [`add`](Self::add) and [`remove`](Self::remove) believe it.
    /// Default 60 s. For a deployment that was not created or changed recently, zero is safe.
    pub fn with_empty_for(mut self, time: Duration) -> Self {
        self.empty_for = time;
        self
    }

    async fn run(self) -> Result<T, Error> {
        let started = Instant::now();
        let (view, info) = (self.view, self.info);
        // What `set` writes does not depend on the current firewall.
        let empty_for = if self.change.replaces() { Duration::ZERO } else { self.empty_for };
        let steady = Mutex::new(Steady::new(empty_for));
        let before = self.waiter(started, move |value| {
            let View { state, ranges, allow_all } = view(value);
            lock(&steady).judge(state, ranges, allow_all)
        });
        let path = self.path.clone();
        let placed = |error: Error| error.with_operation(info).with_path(&path);
        let value = before.await.map_err(placed)?;
        let View { ranges, allow_all, .. } = view(&value);
        let base = readings::reported(ranges, allow_all);
        let wanted = self.change.applied_to(&base).map_err(placed)?;
        if wanted == base {
            return Ok(value);
        }
        let back = Arc::new(Mutex::new(ReadBack::new(self.change.clone(), base, wanted.clone())));
        let judging = back.clone();
        let after = self.waiter(started, move |value| {
            let View { state, ranges, allow_all } = view(value);
            lock(&judging).judge(state, ranges, allow_all)
        });
        let left = self.deadline.saturating_sub(started.elapsed());
        let unclear = match (self.write)(wanted.into_iter().collect(), left).await {
            Ok(()) => None,
            // Reading back shows whether it took effect.
            Err(error) if error.is_outcome_unknown() => Some(error),
            Err(error) => return Err(error),
        };
        let result = after.await;
        let back = lock(&back);
        match result {
            Ok(value) => match back.overwritten() {
                Some(text) => Err(placed(lost(&self.resource, text, true).with_last_value(value))),
                None => Ok(value),
            },
            Err(mut error) => {
                if let Some(text) = back.lost() {
                    let lost = lost(&self.resource, text, false);
                    let value = error.inner_mut().last_value.take();
                    error = lost.with_source(error);
                    error.inner_mut().last_value = value;
                } else if let Some(unclear) = unclear {
                    error.inner_mut().open_write = true;
                    error = error.with_remark(format!("the change itself had failed: {unclear}")).with_source(unclear);
                }
                Err(placed(error))
            }
        }
    }

    fn waiter(&self, started: Instant, judge: impl Fn(&T) -> WaitState + Send + Sync + 'static) -> Waiter<T> {
        let fetch = self.fetch.clone();
        let waiter = Waiter::new(self.resource.clone(), move |left| fetch(left), judge);
        let waiter = waiter.at_pace_of(&self.client).with_deadline(self.deadline.saturating_sub(started.elapsed()));
        match self.interval {
            Some((first, longest)) => waiter.with_poll_interval(first, longest),
            None => waiter,
        }
    }

    /// Changes the firewall, blocking until it has landed; see [`blocking`](crate::blocking).
    ///
    /// # Errors
    /// Those of awaiting it, and [`ErrorKind::Config`](crate::ErrorKind::Config) inside a task of a Tokio runtime.
    #[cfg(feature = "blocking")]
    pub fn call(self) -> Result<T, Error> {
        crate::block_on::block_on(self)
    }
}

crate::request::not_a_future::not_a_future!(FirewallChange<T>);

impl<T: Send + Sync + 'static> IntoFuture for FirewallChange<T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<Self::Output>;

    #[inline]
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

fn lost(resource: &str, text: String, landed: bool) -> Error {
    let advice = match landed {
        true => "this change has landed: tell whoever made the other, or make it again",
        false => "make this change again; callers that share a firewall should take turns",
    };
    let error = Error::new(ErrorKind::LostUpdate, format!("the firewall of {resource}: {text}"));
    error.with_advice(advice).with_retryable(!landed)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
