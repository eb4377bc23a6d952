//! The maintainer's tools: from a new upstream document to a reviewed release. One module per command; all access to the outside
//! goes through `io`.
#![forbid(unsafe_code)]
// Only its own tests see this crate from outside, and the modules of the generator are also those of build.rs, where nothing is
// reachable: `pub` here means what `pub(crate)` means elsewhere.
#![allow(unreachable_pub)]

pub mod api;
pub mod args;
pub mod ci;
#[path = "../../build/mod.rs"]
pub mod codegen;
mod command;
pub mod coverage;
pub mod diff;
pub mod document;
pub mod host;
pub mod io;
pub mod lint;
mod manifest;
pub mod naming;
pub mod openapi;
pub mod overlay;
pub mod propose_update;
pub mod raw_check;
pub mod references;
pub mod release;
pub mod report;
pub mod spec_diff;
pub mod spec_lint;
pub mod update_spec;

pub use command::{Outcome, run};
