//! The maintainer's tools: from a new upstream document to a reviewed release. One module per command; `io` is the
//! only door to the outside.
#![forbid(unsafe_code)]
// The generator is compiled into this crate and into build.rs, with different ends.
#![allow(unreachable_pub, missing_debug_implementations)]

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
