//! Calls without async: the same client, handles, requests and waiters, ended by `call()` instead of `.await`.
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::builder().polls_until_ready(0).start()?;
//! use singlestore_management::blocking::Client;
//! use singlestore_management::types::WorkspaceGroupCreate;
//!
//! // With a key in the environment: let client = Client::from_env()?;
//! let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! let region = client.regions().list().call()?.remove(0).region_id;
//! let group = client
//!     .workspace_groups()
//!     .create(WorkspaceGroupCreate::new("tenants", ["203.0.113.0/24"]).region_id(region))
//!     .call()?;
//! let group = client.workspace_groups().wait_until_ready(group.workspace_group_id).call()?;
//! println!("{} is {}", group.name, group.state);
//! # Ok(()) }
//! ```
//!
//! No runtime is needed: the first call of the process starts one thread that drives the sockets and timers of all blocking
//! calls, from whichever threads they are made. Connections are reused between calls.
//!
//! What is an `async fn`, such as the look-ups by name, gets its `call()` from the trait [`Call`]:
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! use singlestore_management::blocking::Call as _;
//!
//! let error = client.workspace_groups().find_by_name("tenants").call().unwrap_err();
//! assert!(error.is_not_found());
//! # Ok(()) }
//! ```
//!
//! # Errors
//!
//! Besides the errors of the call itself: [`ErrorKind::Config`](crate::ErrorKind::Config) inside a Tokio runtime, where blocking
//! would stop other tasks. Await the request there, or make the call on a thread of its own.
//!
//! Use a client either here or in a runtime of yours, not in both: its connections belong to the runtime that opened them.

use std::future::IntoFuture;

use crate::Error;
use crate::block_on::block_on;

pub use crate::Client;

/// Ends whatever can be awaited with a blocking call; see the [module](self).
///
/// ```
/// # use singlestore_management_emulator::Emulator;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start()?;
/// # let client = singlestore_management::Client::builder()
/// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
/// # emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?;
/// use singlestore_management::blocking::Call as _;
///
/// let group = client.workspace_groups().find_by_name("tenants").call()?;
/// println!("{} is {}", group.name, group.state);
/// # Ok(()) }
/// ```
pub trait Call: IntoFuture<Output = Result<Self::Value, Error>> + Sized {
    /// What the call gives.
    type Value;

    /// Makes the call and blocks until it has ended.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::blocking::Call as _;
    ///
    /// // Any future will do, so a few steps can be one call.
    /// let steps = async {
    ///     let regions = client.regions().list().await?;
    ///     let groups = client.workspace_groups().list().await?;
    ///     Ok::<_, singlestore_management::Error>((regions, groups))
    /// };
    /// let (regions, groups) = steps.call()?;
    /// println!("{} regions, {} groups", regions.len(), groups.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of the call, and [`ErrorKind::Config`](crate::ErrorKind::Config) inside a Tokio runtime.
    fn call(self) -> Result<Self::Value, Error> {
        block_on(self)
    }
}

impl<F: IntoFuture<Output = Result<T, Error>>, T> Call for F {
    type Value = T;
}
