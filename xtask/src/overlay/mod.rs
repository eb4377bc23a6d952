//! OpenAPI Overlay 1.0 with expectations: what we change in the published document, as data.
//!
//! Beside the standard keys an action may have `x-expect` (see [`Expect`]) and `x-adds`, which marks what we add that
//! the published document does not have yet.

mod apply;
mod expect;
mod parse;

pub use apply::{Problem, apply};
pub use expect::Expect;
pub use parse::parse;

use serde_json::Value;
use serde_json_path::JsonPath;

/// A parsed overlay document.
pub struct Overlay {
    /// The file that the overlay is for, a plain name in the directory of the overlay.
    pub extends: Option<String>,
    pub actions: Vec<Action>,
}

/// One rule.
pub struct Action {
    /// Position in the document, from 0; with the target it says where a rule is.
    pub index: usize,
    pub target: String,
    pub path: JsonPath,
    pub reason: String,
    pub expect: Expect,
    /// `operations`, `schemas`, `parameters` or `tags`: the action adds these beside what is published.
    pub adds: Option<String>,
    pub change: Change,
}

pub enum Change {
    Update(Value),
    Remove,
}
