//! The state of the emulated organization.

mod call;
pub(crate) mod clock;
pub(crate) mod disk;
mod grant;
pub(crate) mod ids;
mod item;
mod kind;
mod sql_change;
mod store;
pub(crate) mod tree;

pub(crate) use call::{Call, Handler, Reply, refuse};
pub(crate) use grant::Grant;
pub(crate) use item::{Item, is_live};
pub(crate) use kind::{Kind, kinds};
pub(crate) use sql_change::{Made, SqlChange};
pub use store::PageTokens;
pub(crate) use store::{Config, World, name_is_free};
