//! What `build.rs` generated from `spec/openapi.json`. Types and requests are re-exported; the rest stays inside.

#![allow(unused_mut, unused_imports, dead_code, clippy::all, rustdoc::all, missing_docs, unreachable_pub)]

#[cfg(test)]
pub(crate) mod every_operation;

include!(concat!(env!("OUT_DIR"), "/raw.rs"));
