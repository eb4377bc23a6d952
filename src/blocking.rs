//! Calls without async: the same client, handles, requests and waiters, with `call()` instead of `.await`.
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
//! calls, whatever thread makes them. Connections are reused between calls.
//!
//! An `async fn`, such as a look-up by name, gets its `call()` from the trait [`Call`]:
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
//! # Lists and downloads
//!
//! A `for` loop reads a list element by element, and a download piece by piece; each is a `Result`:
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::builder().polls_until_ready(0).start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! # let group = emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?;
//! # let group: singlestore_management::WorkspaceGroupId = group.parse()?;
//! # client.stage().upload(group, "a.csv", "id\n1\n").call()?;
//! use singlestore_management::blocking::Call as _;
//!
//! for group in client.workspace_groups().list().items() {
//!     println!("{}", group?.name);
//! }
//! let mut lines = 0;
//! for piece in client.stage().download(group, "a.csv").stream().call()? {
//!     lines += piece?.iter().filter(|byte| **byte == b'\n').count();
//! }
//! assert_eq!(lines, 2);
//! # Ok(()) }
//! ```
//!
//! [`AsyncReader`] makes an upload from a `std::fs::File`, a pipe or any other reader, and [`AsyncWriter`] downloads into a
//! writer. Paths and bytes need neither: see [`UploadBody`](crate::files::UploadBody) and
//! [`Download::to_file`](crate::files::Download::to_file).
//!
//! # Errors
//!
//! In addition to the errors of the call itself: [`ErrorKind::Config`](crate::ErrorKind::Config) where the thread polls the tasks
//! of a Tokio runtime, since blocking would stop them. Await the request there, or make the call where blocking is allowed, in
//! `spawn_blocking` or on a thread of its own:
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! let regions = tokio::task::spawn_blocking(move || client.regions().list().call()).await??;
//! println!("{} regions", regions.len());
//! # Ok(()) }
//! ```
//!
//! A connection belongs to the runtime that opened it, and stalls while that runtime does not run. In `spawn_blocking` a client
//! may be shared with async tasks; outside your runtime, use a separate client.

mod io;
mod iter;

use std::future::IntoFuture;

use crate::Error;
use crate::block_on::block_on;

pub use crate::Client;
pub use io::{AsyncReader, AsyncWriter};
pub use iter::Iter;

/// Ends anything awaitable with a blocking call; see the [module](self).
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
    /// What the call returns.
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
    /// Same as for the call itself, and [`ErrorKind::Config`](crate::ErrorKind::Config) inside a task of a Tokio runtime.
    fn call(self) -> Result<Self::Value, Error> {
        block_on(self)
    }
}

impl<F: IntoFuture<Output = Result<T, Error>>, T> Call for F {
    type Value = T;
}
