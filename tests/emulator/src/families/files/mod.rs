//! Stage and file spaces: trees of files, uploads, and downloads by redirect.

mod handlers;
mod storage;

pub(crate) use handlers::handler;
pub(crate) use storage::{error, stored};
