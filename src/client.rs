//! The client: cheap to clone, and shared by all threads.

mod base_url;
mod builder;
mod network;
mod proxy;
mod raw_request;

use std::sync::Arc;
use std::time::Duration;

pub use builder::ClientBuilder;
pub use raw_request::{IntoMethod, RawRequest};

use crate::Error;
use crate::transport::core::Core;

/// A client of the Management API.
///
/// Cloning it is cheap; clones share connections, credentials and the retry budget.
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start()?;
/// use singlestore_management::Client;
///
/// let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// for region in client.regions().list().await? {
///     println!("{}: {}", region.provider, region.region);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    core: Arc<Core>,
    poll_interval: Option<(Duration, Duration)>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.core.base.as_str())
            .field("organization", &self.core.organization)
            .field("retry", &self.core.policy)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Starts the configuration of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Creates a client from the environment variables of the official tools.
    ///
    /// The key or JWT is taken from `SINGLESTOREDB_MANAGEMENT_TOKEN`, `SINGLESTOREDB_API_KEY` or `SINGLESTORE_API_KEY`,
    /// the base URL from `SINGLESTOREDB_MANAGEMENT_BASE_URL`, the organization from `SINGLESTOREDB_ORGANIZATION`.
    ///
    /// ```no_run
    /// // no_run: there may be no key in the environment that builds the documentation.
    /// let client = singlestore_management::Client::from_env()?;
    /// # Ok::<(), singlestore_management::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) without a key, with two different keys, or with an invalid
    /// value.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::default().env_from(|name| std::env::var(name).ok()).build()
    }

    pub(crate) fn from_core(core: Core) -> Self {
        Self { core: Arc::new(core), poll_interval: None }
    }

    /// The poll interval of waiters that do not set their own.
    pub(crate) fn poll_interval(&self) -> Option<(Duration, Duration)> {
        self.poll_interval
    }

    /// What all clones of this client share.
    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }
}
