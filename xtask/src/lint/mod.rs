//! What the generator would panic on or mangle, as messages with a place and, if one is known, a fix to paste into
//! `spec/overlay.yaml`.
//!
//! What the generator fixes by rule is not a finding.

mod bodies;
mod compositions;
mod extensions;
mod fix;
mod operations;
mod pagination;
mod parameters;
mod references;
mod schemas;
mod types;
mod validators;
mod walk;

use crate::openapi::sorted;
use serde_json::Value;

/// One problem in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// JSON pointer of the place.
    pub pointer: String,
    /// What is wrong and what it leads to.
    pub message: String,
    /// Overlay actions to paste, as YAML.
    pub fix: Option<String>,
    /// The document cannot be generated until this is fixed. Otherwise the result compiles, but is not what is wanted.
    pub fatal: bool,
}

impl Finding {
    fn fatal(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), fix: None, fatal: true }
    }

    fn warning(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { fatal: false, ..Self::fatal(pointer, message) }
    }

    fn with_fix(mut self, fix: String) -> Self {
        self.fix = Some(fix);
        self
    }
}

/// All problems in a document, sorted by place.
pub fn lint(document: &Value) -> Vec<Finding> {
    // Which of two colliding names is reported must not depend on the order of keys.
    let document = &sorted(document);
    let mut findings = Vec::new();
    match document.get("openapi").and_then(Value::as_str) {
        Some(version) if version.starts_with("3.0.") => {}
        _ => findings
            .push(Finding::fatal("/openapi", "the generator understands OpenAPI 3.0.x only; convert the document.")),
    }
    // References first: the other checks follow them and skip what does not resolve.
    references::check(document, &mut findings);
    operations::check(document, &mut findings);
    extensions::check(document, &mut findings);
    pagination::check(document, &mut findings);
    parameters::check(document, &mut findings);
    bodies::check(document, &mut findings);
    schemas::check(document, &mut findings);
    types::check(document, &mut findings);
    compositions::check(document, &mut findings);
    validators::check(document, &mut findings);
    findings.sort();
    findings.dedup();
    findings
}
