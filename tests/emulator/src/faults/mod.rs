//! What a test can make the emulator do wrong.

mod fault;
mod queue;
mod weird;
mod wire;

pub(crate) use fault::Action;
pub use fault::Fault;
pub(crate) use queue::Queue;
pub(crate) use weird::rewrite;
pub(crate) use wire::{Next, deliver, reset};
