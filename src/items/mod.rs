//! Lists of any length: pages, streams and sweeps.
//!
//! Every list of the service can be read in two ways. Awaiting the request returns what the service sends in one
//! response, as a `Vec` or as a page. `items()` returns [`Items`], a stream of the elements, which works the same for
//! all lists:
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! let mut groups = client.workspace_groups().list().items();
//! while let Some(group) = groups.try_next().await? {
//!     println!("{}: {}", group.name, group.state);
//! }
//! # Ok(()) }
//! ```
//!
//! Nothing is sent before the first element is requested. Elements are not kept, so a list of 200,000 takes hardly more
//! memory than one of 20. No element is lost when the future of `try_next` is dropped, as `select!` does.
//!
//! # Streams
//!
//! [`Items`] is a [`Stream`](futures_core::Stream), for use with the combinators of other crates. Its own methods do
//! not need such a crate; those named like a combinator do the same.
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! use singlestore_management::types::Team;
//!
//! let first_ten: Vec<Team> = client.teams().list().items().with_max_items(10).try_collect().await?;
//! println!("{} teams", first_ten.len());
//! # Ok(()) }
//! ```
//!
//! Without async, with the feature `blocking`, it is an iterator:
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! for team in client.teams().list().items() {
//!     println!("{}", team?.name);
//! }
//! # Ok(()) }
//! ```
//!
//! # Elements that cannot be read
//!
//! An element that does not match the API description is an error in its place: with its index, the path of the value
//! that did not fit, and its bytes. The elements after it follow. An error that ends the list is returned once, and
//! nothing follows it.
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! let (groups, errors) = client.workspace_groups().list().items().collect_with_errors().await;
//! for error in &errors {
//!     eprintln!("element {:?}, at {:?}: {error}", error.item_index(), error.json_path());
//! }
//! println!("{} groups", groups.len());
//! # Ok(()) }
//! ```
//!
//! # Broken connections, and time
//!
//! When the connection breaks in the middle of a list, the list is read again, within the retry policy and the
//! deadline, and elements that were already returned are skipped. If the elements have no id, that is impossible, and
//! the break is an error. Deadline, attempt timeout and silence limit count only while the client waits for the
//! service, not while the program works on an element. A service that drops idle connections needs
//! [`with_buffered_body`](Items::with_buffered_body).
//!
//! # Pagination
//!
//! Audit logs, cloud functions and the executions of a job come in pages. `items()` goes from page to page; `pages()`
//! returns them whole. [`Items::resume_token`] says where reading stopped, and `resume` continues there, even in
//! another process.
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! let mut pages = client.cloud_functions().list().limit(50).pages();
//! while let Some(page) = pages.try_next().await? {
//!     println!("{} functions", page.len());
//! }
//! # Ok(()) }
//! ```
//!
//! A page that is temporarily unavailable is an error, after which the same page is requested again. Audit logs can be
//! followed: the stream then waits for new entries.
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! use std::time::Duration;
//!
//! let mut entries = client.audit_logs().list().follow(Duration::from_secs(30));
//! # let mut entries = entries.with_max_items(0);
//! while let Some(entry) = entries.try_next().await? {
//!     println!("{:?} {:?}", entry.created_at, entry.type_);
//! }
//! # Ok(()) }
//! ```
//!
//! # Sweeps
//!
//! The service lists workspaces group by group. [`Workspaces::list_all`](crate::Workspaces::list_all) lists them all, several
//! groups at a time:
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start()?;
//! # let client = singlestore_management::Client::builder()
//! #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//! let mut all = client.workspaces().list_all().with_concurrency(8);
//! while let Some(workspace) = all.try_next().await? {
//!     println!("{} of {}", workspace.name, workspace.group_name);
//! }
//! # Ok(()) }
//! ```

mod after;
mod allowance;
mod array;
mod asking;
mod handed;
mod paged;
mod pager;
mod scan;
mod source;
mod stopwatch;
pub(crate) mod stream;
mod sweep;
mod walk;
mod whole;

pub(crate) use stream::{follow_methods, list_methods, page_methods};

pub use crate::resume_token::ResumeToken;
pub use paged::Page;
pub use source::SweepProgress;
pub use stream::Items;
pub use sweep::InGroup;

pub(crate) use after::After;
pub(crate) use source::{Settings, Source};
pub(crate) use sweep::{Group, Sweep};
