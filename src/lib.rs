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
//! # let api_key = emulator.api_key();
//! // Or `Client::from_env()?`, with the variables of the official tools.
//! let client = Client::builder()
//! #   .base_url(emulator.url())
//!     .api_key(api_key)
//!     .build()?;
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
//! # Where to go
//!
//! | I want to | see |
//! | --- | --- |
//! | get started | [the guide](guide): [install](guide::install), [first call](guide::first_call), [v1 or v2](guide::versions) |
//! | create without creating twice | [creating safely](guide::creating), [`CreateOnce`] |
//! | wait until it is ready | [waiting](guide::waiting), [`Waiter`] |
//! | know what failed and what to do | [errors](guide::errors), [`Error`] |
//! | list thousands (pagination, pages, streams) | [pages](guide::pages), [`items`] |
//! | upload and download files | [files](guide::files), [`files`] |
//! | set timeouts, retry policy, rate | [limits](guide::limits), [`RetryPolicy`] |
//! | rotate keys, read them from a vault | [credentials](guide::credentials), [`CredentialsProvider`] |
//! | use a proxy, trust a private CA | [network](guide::network) |
//! | log, trace, count | [logging and metrics](guide::logging), [`Observer`] |
//! | test without an account (mock) | [the emulator](guide::testing) |
//! | call without async | [`blocking`], with the feature of that name |
//! | call what is newer than this version | [newer](guide::newer), [`Client::request`] |
//!
//! # Three layers
//!
//! * **Handles**: [`Client::workspaces`], [`Client::clusters`] and the others return requests that are bound to the client, look
//!   up resources by name, and make [waiters](Waiter).
//! * **Requests**: the module [`requests`] has a type for every operation, and [`types`] for every schema, exactly as in the API
//!   description. [`Client::send`] sends any of them; [`OPERATIONS`] lists them all.
//! * **Anything else**: [`Client::request`] reaches paths that are newer than this version.
//!
//! All three use the same credentials, retries, limits, traces and errors.
//!
//! # What the service does, and how this crate handles it
//!
//! * Creations, changes and terminations are **asynchronous**: the response only says that work has begun. [Waiters](Waiter)
//!   follow it to the end, although the service may report old states after new ones.
//! * Terminated deployments **remain**: they can be read, with the state `TERMINATED`, and are listed for a while. `find_by_name`
//!   skips them.
//! * Failures are **plain text**. [`Error`] keeps the message and has predicates such as [`Error::is_already_exists`].
//! * Enums **grow**, nulls come and go, and times have a dozen forms: enums keep unknown values, and [`Timestamp`] keeps its
//!   string.
//! * Creations in one organization **exclude each other** for seconds. The client waits; see [`RetryPolicy`].
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
pub mod guide;
mod ids;
mod integer;
pub mod items;
mod json;
mod open_enum;
mod operation;
mod order;
mod patch;
mod path_check;
mod raw;
mod request;
mod resources;
mod response;
mod resume_token;
#[cfg(feature = "test-util")]
mod sample;
mod secret;
mod ser;
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
#[cfg(feature = "test-util")]
pub use error::ErrorSample;
pub use error::{Attempt, CreateOutcome, Error, ErrorKind};
pub use files::UploadBody;
pub use firewall::firewall_matches;
pub use ids::{IntoId, InvalidId};
pub use integer::IntoInteger;
pub use items::{InGroup, Items, Page};
pub use operation::{CallOptions, Confidence, ListInfo, OperationInfo, Pagination};
pub use patch::Patch;
pub use raw::ids::*;
pub use raw::{OPERATIONS, requests, types};
pub use request::not_a_future::NoClient;
pub use request::{BoxFuture, CallFuture, Operation};
pub use resources::{
    AuditLogs, Billing, CloudFunctions, CloudPrincipals, ClusterStage, Clusters, CreateOnce, Created, Egress, Files,
    FirewallChange, Flows, GroupChange, Inference, Invitations, JobTarget, Jobs, Organizations, PrivateConnections,
    Projects, Regions, Roles, RunNotebook, Secrets, ServiceAccounts, Stage, Teams, Terminated, Termination, Users,
    VirtualClusters, VirtualWorkspaces, WorkspaceGroups, Workspaces,
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
/// Libraries whose types are part of the public API: the HTTP library in [`ClientBuilder::configure_http`], `time` in
/// [`Timestamp`], `uuid` in the ids, `bytes` in bodies.
pub use {bytes, http, reqwest, time, uuid};

/// The OpenAPI document that this crate was generated from.
pub const SPEC_JSON: &str = include_str!("../spec/openapi.json");

/// The code of the README is compiled as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
