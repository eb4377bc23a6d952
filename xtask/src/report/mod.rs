//! What a maintainer reads: Markdown for pull requests, JSON for programs, a draft of the changelog.

mod changelog;
mod json;
mod markdown;
mod pages;

pub use changelog::{changelog, release_kind};
pub use json::{diff_json, finding_json, update_json};
pub use markdown::{diff_markdown, finding_markdown};
pub use pages::update_markdown;

use crate::diff::Diff;
use crate::lint::Finding;
use crate::naming::Key;
use crate::overlay::{Problem, Recognized};
use crate::raw_check::Broken;

/// The version and size of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edition {
    pub version: String,
    pub operations: usize,
    pub schemas: usize,
}

/// An operation that is gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Removed {
    /// `DELETE /v1/things/{thingID}`.
    pub operation: String,
    pub id: String,
    /// `file:line` of every reference in the overlay and in code that is not generated.
    pub references: Vec<String>,
}

/// Everything that an update reports.
#[derive(Debug, Default)]
pub struct Update {
    /// The published document before and after.
    pub before: Edition,
    pub after: Edition,
    /// Published and overlay together.
    pub resolved: Edition,
    pub diff: Diff,
    /// The current and the next version of the crate.
    pub crate_version: String,
    pub next_version: String,
    pub nameless: Vec<(Key, String)>,
    pub removed: Vec<Removed>,
    pub recognized: Vec<Recognized>,
    pub unused: Vec<(String, String)>,
    /// Rules that do not fit; fatal unless stale rules are allowed.
    pub stale: Vec<Problem>,
    pub findings: Vec<Finding>,
    /// Places in our own code that no longer compile.
    pub broken: Broken,
    /// Files whose content changes; `None` if the update failed.
    pub changed: Option<Vec<String>>,
}
