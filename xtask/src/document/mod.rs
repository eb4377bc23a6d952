//! OpenAPI documents as plain JSON values: how they are read and written.

mod read;
mod write;

pub use read::{MAX_BYTES, parse_yaml, read_openapi, yaml_options};
pub use write::to_text;
