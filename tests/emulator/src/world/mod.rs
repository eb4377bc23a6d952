//! The state of the emulated organization.

mod call;
pub(crate) mod clock;
pub(crate) mod ids;
mod item;
mod kind;
mod store;

pub(crate) use call::{Call, Reply, refuse};
pub(crate) use item::{Item, is_live};
pub(crate) use kind::{Kind, kinds};
pub(crate) use store::{Config, World};
