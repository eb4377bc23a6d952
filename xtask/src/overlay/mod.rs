//! OpenAPI Overlay 1.0 and 1.1 with expectations: what we change in the published document, as data.
//!
//! Beside the standard keys an action may have `x-expect` (see [`Expect`]) and `x-adds`, which marks what we add that
//! the published document does not have yet.

mod additions;
mod apply;
mod expect;
mod parse;

pub use additions::{Recognised, recognise, unused_schemas};
pub use apply::{Problem, apply};
pub use expect::Expect;
pub use parse::parse;

use serde_json::Value;
use serde_json_path::JsonPath;

/// A parsed overlay document.
#[derive(Debug)]
pub struct Overlay {
    /// The file that the overlay is for, a plain name in the directory of the overlay.
    pub extends: Option<String>,
    pub actions: Vec<Action>,
}

/// One rule.
#[derive(Debug)]
pub struct Action {
    /// Position in the document, from 1.
    pub number: usize,
    /// Where it stands: `spec/overlay.yaml:123`.
    pub place: String,
    pub target: String,
    pub path: JsonPath,
    pub reason: String,
    pub expect: Expect,
    pub adds: Option<Adds>,
    pub change: Change,
}

/// What an action adds beside what is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Adds {
    Operations,
    Schemas,
    Parameters,
    Tags,
}

#[derive(Debug)]
pub enum Change {
    Update(Value),
    /// Of 1.1: as an update with what is at this place when the rule is applied.
    Copy(JsonPath),
    Remove,
}
