//! Stage and file spaces: trees of files, uploads, and downloads by redirect.

mod handlers;
mod tree;

pub(crate) use handlers::{handler, stored};
pub(crate) use tree::{Node, Trees};
