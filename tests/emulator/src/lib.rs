//! An in-process server that behaves like the SingleStore Management API as far as its behavior is documented or observed.
//!
//! It listens on a free port of 127.0.0.1, in its own thread, and stops when it is dropped. Requests are checked against the
//! interface document; deployments, files, users and the like have state; an operation without behavior responds with a sample
//! that fits the document. It can fail the way servers and networks do, and records every request.
//!
//! ```
//! use singlestore_management_emulator::{Emulator, Fault};
//!
//! let emulator = Emulator::builder().polls_until_ready(2).start()?;
//! let group = emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?;
//! emulator.inject(Fault::status(503).header("Retry-After", "1").on_operation("list_workspaces"));
//! // ... point a client at emulator.url() with emulator.api_key() ...
//! assert_eq!(emulator.violations(), Vec::<String>::new());
//! # let _ = group;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod builder;
mod check;
mod control;
mod credentials;
mod emulator;
mod families;
mod faults;
mod gauges;
mod http;
mod limits;
mod log;
mod record;
mod seed_file;
mod server;
mod service;
pub mod spec;
#[cfg(feature = "sql")]
mod sql;
mod state;
mod world;

pub use builder::Builder;
pub use control::{Control, ControlBuilder};
pub use emulator::Emulator;
pub use faults::Fault;
pub use record::RecordedRequest;
pub use seed_file::SeedError;
pub use server::StartError;
pub use spec::{Operation, Spec};
#[cfg(feature = "sql")]
pub use sql::SqlServer;
pub use state::InsertError;
pub use world::PageTokens;

/// The code of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
