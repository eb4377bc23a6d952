//! OpenAPI documents as plain JSON values: how they come in and how they are written.

mod read;
mod write;

pub use read::{parse_yaml, read_openapi};
pub use write::to_text;
