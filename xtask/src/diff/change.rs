//! The record of what changed.

use super::resolve::{Operation, Pair};
use super::rules::{Rule, Severity};
use crate::codegen::uses::{Use, Uses};
use std::collections::BTreeMap;

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Document,
    /// The path and method of the new document, or of the old one if it is gone.
    Operation {
        path: String,
        method: String,
    },
    Schema(String),
}

impl Subject {
    pub fn of(operation: &Operation<'_>) -> Self {
        Self::Operation { path: operation.path.to_owned(), method: operation.method.to_owned() }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Document => f.write_str("document"),
            Self::Operation { path, method } => write!(f, "{} {path}", method.to_uppercase()),
            Self::Schema(name) => write!(f, "schema {name}"),
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    pub subject: Subject,
    pub severity: Severity,
    /// The id of a row of the table in `spec/README.md`.
    pub rule: &'static str,
    /// What changed, without a full stop.
    pub text: String,
    /// The Rust items that users see change.
    pub items: Vec<String>,
}

/// Everything that changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Diff {
    pub changes: Vec<Change>,
}

impl Diff {
    /// The most severe change.
    pub fn severity(&self) -> Option<Severity> {
        self.changes.iter().map(|change| change.severity).max()
    }

    pub fn of(&self, severity: Severity) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.severity == severity)
    }
}

/// Collects changes and looks up how severe they are.
pub struct Recorder<'a> {
    changes: Vec<Change>,
    pub uses_old: Uses<'a>,
    pub uses_new: Uses<'a>,
    /// Old to new name of schemas in which nothing changed except the name.
    pub renamed: BTreeMap<&'a str, &'a str>,
}

impl<'a> Recorder<'a> {
    pub fn new(pair: &Pair<'a>, renamed: BTreeMap<&'a str, &'a str>) -> Self {
        let (uses_old, uses_new) = (Uses::of(pair.old.value), Uses::of(pair.new.value));
        Self { changes: Vec::new(), uses_old, uses_new, renamed }
    }

    /// Records a change to which direction does not matter.
    pub fn add(&mut self, subject: Subject, rule: Rule, text: String, items: Vec<String>) {
        self.add_used(subject, rule, Use::default(), text, items);
    }

    /// Records a change of something used in these directions: the more severe one counts.
    pub fn add_used(&mut self, subject: Subject, rule: Rule, used: Use, text: String, items: Vec<String>) {
        let row = rule.row();
        let (severity, rule) = (row.severity(used), row.id);
        self.changes.push(Change { subject, severity, rule, text, items });
    }

    pub fn finish(mut self) -> Diff {
        self.changes.sort();
        self.changes.dedup();
        Diff { changes: self.changes }
    }
}
