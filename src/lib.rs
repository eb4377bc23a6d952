//! An async client for the Management API of SingleStore Helios: it creates, resizes, suspends, resumes and terminates
//! database deployments in the cloud.
//!
//! ```
//! # use singlestore_management_emulator::Emulator;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::builder().polls_until_ready(0).start()?;
//! use singlestore_management::Client;
//! use singlestore_management::types::{WorkspaceCreate, WorkspaceGroupCreate};
//!
//! // With a key in the environment: let client = Client::from_env()?;
//! let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build()?;
//!
//! let region = client.regions().list().await?.remove(0).region_id;
//! let group = client
//!     .workspace_groups()
//!     .create(WorkspaceGroupCreate::new("tenants", ["203.0.113.0/24"]).region_id(region))
//!     .await?;
//! let workspace = client
//!     .workspaces()
//!     .create(WorkspaceCreate::new("tenant-42", group.workspace_group_id).size("S-00"))
//!     .await?;
//! # let (first, longest) = (std::time::Duration::from_millis(1), std::time::Duration::from_millis(2));
//! let workspace = client
//!     .workspaces()
//!     .wait_until_ready(workspace.workspace_id)
//! #   .with_poll_interval(first, longest)
//!     .await?;
//! println!("{} is {} at {:?}", workspace.name, workspace.state, workspace.endpoint);
//! # Ok(()) }
//! ```
//!
//! # Three layers
//!
//! * **Handles**: [`Client::workspaces`], [`Client::clusters`] and the others return requests that are bound to the client,
//!   look things up by name, and make [waiters](Waiter).
//! * **Requests**: the module [`requests`] has a type for every operation, and [`types`] every schema, just as the API
//!   description says. [`Client::send`] sends any of them; [`OPERATIONS`] is the table of all.
//! * **Anything else**: [`Client::request`] reaches paths that are newer than this version.
//!
//! All three have the same credentials, retries, limits, traces and errors.
//!
//! # A request
//!
//! What must be given is in `new` (or in the method of the handle), the rest are setters, and options of the call begin with
//! `with_`. Awaiting it gives the value; `send` gives a [`Response`] with status, headers, attempts and the body as it was
//! sent.
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
//! let answer = client
//!     .workspace_groups()
//!     .list()
//!     .include_terminated(true)
//!     .with_deadline(Duration::from_secs(30))
//!     .send()
//!     .await?;
//! println!("{} groups after {} attempts", answer.len(), answer.attempts().len());
//! # Ok(()) }
//! ```
//!
//! # What the service does, and what this crate makes of it
//!
//! * Creations, changes and terminations are **asynchronous**: the answer says that work has begun. [Waiters](Waiter) see it
//!   through, although the service reports old states after new ones.
//! * Terminated things **stay**: they can be read, with the state `TERMINATED`, and are listed for a while. `find_by_name`
//!   skips them.
//! * Failures are **plain text**. [`Error`] keeps the words and answers questions such as [`Error::is_already_exists`].
//! * Enums **grow**, nulls come and go, and times have a dozen forms: enums keep what they do not know, and [`Timestamp`]
//!   keeps its text.
//! * Creations of one organization **exclude each other** for seconds. The client waits; see [`RetryPolicy`].
//!
//! # Testing against it
//!
//! The crate `singlestore-management-emulator` is the service in your process, as far as anyone knows how it behaves: the
//! examples of this documentation run on it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(feature = "blocking")]
mod block_on;
#[cfg(feature = "blocking")]
pub mod blocking;
mod client;
mod credentials;
mod de;
mod decode;
mod error;
pub mod files;
mod firewall;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod ids;
pub mod items;
mod open_enum;
mod operation;
mod patch;
mod raw;
mod request;
mod resources;
mod response;
mod resume_token;
mod secret;
mod timestamp;
mod tls;
mod transport;
mod waiter;

pub use open_enum::UnknownValue;
pub(crate) use open_enum::open_enum;

pub use client::{Client, ClientBuilder, IntoMethod, RawRequest};
pub use credentials::{
    CredentialsChain, CredentialsError, CredentialsProvider, EnvironmentToken, Token, TokenFile, TokenFuture,
};
pub use error::{Attempt, CreateOutcome, Error, ErrorKind};
pub use files::UploadBody;
pub use firewall::firewall_matches;
pub use ids::InvalidId;
pub use items::{InGroup, Items, Page};
pub use operation::{CallOptions, Confidence, ListInfo, OperationInfo, Pagination};
pub use patch::Patch;
pub use raw::ids::*;
pub use raw::{OPERATIONS, requests, types};
pub use request::{BoxFuture, CallFuture, Operation};
pub use resources::{
    AuditLogs, Billing, CloudFunctions, CloudPrincipals, ClusterStage, Clusters, CreateOnce, Created, Egress, Files,
    Flows, GroupChange, Inference, Invitations, JobTarget, Jobs, Organizations, PrivateConnections, Projects, Regions,
    Roles, RunNotebook, Secrets, ServiceAccounts, Stage, Teams, Terminated, Termination, Users, VirtualClusters,
    VirtualWorkspaces, WorkspaceGroups, Workspaces,
};
pub use response::Response;
pub use resume_token::ResumeToken;
pub use secret::Secret;
pub use timestamp::Timestamp;
pub use transport::backoff::Backoff;
pub use transport::observe::{AttemptEvent, CallEvent, Observer};
pub use transport::rate::RateLimit;
pub use transport::retry::RetryPolicy;
pub use waiter::{Verdict, WaitProgress, WaitState, Waiter};
/// The HTTP library, whose types stand in [`ClientBuilder::configure_http`] and in the bodies of uploads.
pub use {bytes, http, reqwest, uuid};

/// The OpenAPI document that this crate was generated from.
pub const SPEC_JSON: &str = include_str!("../spec/openapi.json");

/// The code of the README is compiled as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
