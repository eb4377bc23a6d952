//! Creating exactly once, although the response may be lost.
//!
//! The service has no idempotency keys. It does have names that are unique among live resources, lists, and creation times;
//! after a failure that leaves the outcome unknown, this code looks for what the call may have created.

mod baseline;
mod family;
mod handles;
mod run;

use std::fmt::Display;
use std::future::IntoFuture;
use std::time::Duration;

use family::Family;
use run::Run;

use crate::{BoxFuture, Error, Secret};

/// What [`create_once`](crate::WorkspaceGroups::create_once) created or found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created<I> {
    /// Its id.
    pub id: I,
    /// The password of `admin`, if the service generated one and its response arrived. It is lost with a lost response,
    /// and never shown again: set your own in the request, or change it afterwards.
    pub admin_password: Option<Secret>,
    /// Whether the response was lost and the resource was found afterwards.
    pub recovered: bool,
    /// Whether it existed before, which [`CreateOnce::or_existing`] accepts as success.
    pub existed: bool,
}

/// A creation that survives a lost response: it looks for what it may have created before it reports a failure.
///
/// Made by `create_once` and `find_or_create` of [`WorkspaceGroups`](crate::WorkspaceGroups::create_once),
/// [`Workspaces`](crate::Workspaces::create_once), [`Clusters`](crate::Clusters::create_once),
/// [`VirtualWorkspaces`](crate::VirtualWorkspaces::create_once) and
/// [`VirtualClusters`](crate::VirtualClusters::create_once). Await it, or set its options first. An error says what is known in
/// [`create_outcome`](Error::create_outcome):
///
/// - `NotCreated`: the service refused, or received no request.
/// - `AlreadyExists`: the service itself refused the name, and no attempt of this call can have taken it.
/// - `Unknown`: an attempt may have created something, and no certain evidence of it was found. Whatever has the name is in
///   [`last_value`](Error::last_value). Exactly these errors are [`is_outcome_unknown`](Error::is_outcome_unknown).
///
/// It takes a list before the creation; a resource that has the name afterwards and is not in that list is its own. Limits:
///
/// - A resource that another caller creates under the same name, within seconds of an attempt whose response is lost, may be
///   taken for its own.
/// - Lists lag. What does not appear within [`with_search_timeout`](Self::with_search_timeout) is reported as unknown, not as
///   absent.
/// - A canceled call does not search.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::builder().polls_until_ready(0).start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # let region = client.regions().list().await?.remove(0).region_id;
/// use singlestore_management::types::WorkspaceGroupCreate;
/// use std::time::Duration;
///
/// let group = WorkspaceGroupCreate::new("tenants", ["203.0.113.0/24"]).region_id(region);
/// let created = client.workspace_groups().create_once(group).or_existing().with_deadline(Duration::from_secs(600)).await?;
/// println!("{} ({})", created.id, if created.existed { "was there" } else { "is new" });
/// # Ok(()) }
/// ```
#[must_use = "nothing is created until it is awaited"]
pub struct CreateOnce<T, I> {
    family: Box<dyn Family<Item = T, Id = I>>,
    deadline: Duration,
    patience: Duration,
    first_look: Duration,
    longest_pause: Duration,
    repetitions: u32,
    baseline: bool,
    or_existing: bool,
    find_first: bool,
}

impl<T, I> std::fmt::Debug for CreateOnce<T, I>
where
    T: Send + Sync + 'static,
    I: Copy + PartialEq + Display + Send + Sync + 'static,
{
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, name) = (self.family.kind(), self.family.name());
        f.debug_struct("CreateOnce").field("kind", &kind).field("name", &name).finish_non_exhaustive()
    }
}

impl<T, I> CreateOnce<T, I>
where
    T: Send + Sync + 'static,
    I: Copy + PartialEq + Display + Send + Sync + 'static,
{
    fn new(family: impl Family<Item = T, Id = I> + 'static) -> Self {
        Self {
            family: Box::new(family),
            deadline: Duration::from_secs(15 * 60),
            patience: Duration::from_secs(3 * 60),
            first_look: Duration::from_secs(1),
            longest_pause: Duration::from_secs(15),
            repetitions: 0,
            baseline: true,
            or_existing: false,
            find_first: false,
        }
    }

    /// Accepts an existing resource with the name as success: `existed` is then set, and the password is not known.
    ///
    /// The creation is sent all the same, since lists lag and only the service can say that the name is taken;
    /// `find_or_create` looks first. A resource being terminated does not count. An unknown outcome is still an error.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let region = client.regions().list().await?.remove(0).region_id;
    /// use singlestore_management::types::WorkspaceGroupCreate;
    ///
    /// let body = WorkspaceGroupCreate::new("tenants", ["203.0.113.0/24"]).region_id(region);
    /// let first = client.workspace_groups().create_once(body.clone()).or_existing().await?;
    /// let second = client.workspace_groups().create_once(body).or_existing().await?;
    /// assert!(!first.existed && second.existed);
    /// assert_eq!(first.id, second.id);
    /// # Ok(()) }
    /// ```
    pub fn or_existing(mut self) -> Self {
        self.or_existing = true;
        self
    }

    /// Sets the time limit of the whole operation. Default 15 min. A third of it, or the search timeout if that is
    /// less, is reserved for searching after a lost response.
    pub fn with_deadline(mut self, limit: Duration) -> Self {
        self.deadline = limit;
        self
    }

    /// Sets how long to search for a resource that may have been created after its response was lost. Default 3 min. A
    /// list request already under way may take 30 s more.
    pub fn with_search_timeout(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets the first wait between two searches, and the maximum to which it grows. Default 1 s and 15 s.
    pub fn with_search_interval(mut self, first: Duration, longest: Duration) -> Self {
        self.first_look = first;
        self.longest_pause = longest.max(first);
        self
    }

    /// Sets how often the creation is retried if nothing of it was found. Default never.
    ///
    /// That is safe as long as the service refuses a second live resource with the same name, which it is known to do.
    /// Once it has refused, the creation is not retried again. Starters, whose names are not known to be unique, are
    /// never retried.
    pub fn with_retry_if_absent(mut self, times: u32) -> Self {
        self.repetitions = times;
        self
    }

    /// Sets whether a list is taken before the creation. Default yes: it is one more request, and tells the caller's
    /// own creation from an older resource.
    ///
    /// Without it only the creation time can tell, as far as the service reports its time and its clocks agree; within
    /// their margin of error the outcome is unknown. Starters have no creation time, so a lost response always stays
    /// unknown, and a second starter with the same name is possible.
    pub fn with_baseline(mut self, baseline: bool) -> Self {
        self.baseline = baseline;
        self
    }

    /// Creates the resource, blocking until it is done; see [`blocking`](crate::blocking).
    ///
    /// # Errors
    /// Those of awaiting it, and [`ErrorKind::Config`](crate::ErrorKind::Config) inside a task of a Tokio runtime.
    #[cfg(feature = "blocking")]
    pub fn call(self) -> Result<Created<I>, Error> {
        crate::block_on::block_on(self)
    }
}

crate::request::not_a_future::not_a_future!(CreateOnce<T, I>);

impl<T, I> IntoFuture for CreateOnce<T, I>
where
    T: Send + Sync + 'static,
    I: Copy + PartialEq + Display + Send + Sync + 'static,
{
    type Output = Result<Created<I>, Error>;
    type IntoFuture = BoxFuture<Self::Output>;

    #[inline]
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Run::new(&self).run().await })
    }
}
