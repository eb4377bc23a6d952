//! What a test can make the emulator do wrong.

mod fault;
mod items;
mod newer_server;
mod queue;
mod wire;

pub(crate) use fault::Action;
pub use fault::Fault;
pub(crate) use newer_server::rewrite;
pub(crate) use queue::Queue;
pub(crate) use wire::{Next, deliver, reset};
