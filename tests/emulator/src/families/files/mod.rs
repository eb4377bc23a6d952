//! Stage and file spaces: trees of files, uploads, and downloads by redirect.

mod handlers;

pub(crate) use handlers::{handler, stored};
