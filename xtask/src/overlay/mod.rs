//! OpenAPI Overlay 1.0 and 1.1 with expectations: our changes to the published document, as data.
//!
//! In addition to the standard keys, an action may have `x-expect` (see [`Expect`]) and `x-adds`, which marks additions that the
//! published document does not have yet.

mod additions;
mod apply;
mod expect;
mod parse;

pub use additions::{Recognized, recognize, unused_schemas};
pub use apply::{Problem, apply};
pub use expect::Expect;
pub use parse::parse;

use serde_json::Value;
use serde_json_path::JsonPath;

/// A parsed overlay document.
#[derive(Debug)]
pub struct Overlay {
    /// The file that the overlay applies to, a plain name in the directory of the overlay.
    pub extends: Option<String>,
    pub actions: Vec<Action>,
}

/// One rule.
#[derive(Debug)]
pub struct Action {
    /// Position in the document, from 1.
    pub number: usize,
    /// Where it is written: `spec/overlay.yaml:123`.
    pub place: String,
    pub target: String,
    pub path: JsonPath,
    pub reason: String,
    pub expect: Expect,
    pub adds: Option<Adds>,
    pub change: Change,
}

/// What an action adds to the published document.
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
    /// From 1.1: like an update with what is at this place when the rule is applied.
    Copy(JsonPath),
    Remove,
}
