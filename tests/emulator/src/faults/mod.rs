//! The failures that a test can make the emulator produce.

mod described;
mod fault;
mod items;
mod newer_server;
mod queue;
mod wire;

pub(crate) use described::{COMMON, KINDS, read};
pub(crate) use fault::Action;
pub use fault::Fault;
pub(crate) use newer_server::rewrite;
pub(crate) use queue::Queue;
pub(crate) use wire::{Next, deliver, reset};
