//! What changed between two documents in meaning, and what that means for users of the crate.

mod bodies;
mod change;
mod components;
mod flat;
mod judge;
mod operations;
mod parameters;
mod place;
mod resolve;
mod rules;
mod scalars;
mod schema;
mod version;

pub use change::{Change, Diff, Subject};
pub use judge::{judge, judged, severity_of_code};
pub use resolve::shape as path_shape;
pub use rules::{RULES, Row, Rule, Severity};
pub use version::next_version;

use change::Recorder;
use resolve::Document;
use serde_json::Value;

/// Compares two OpenAPI documents; the changes are sorted by what they are about.
pub fn diff(old: &Value, new: &Value) -> Diff {
    let pair = resolve::Pair { old: Document::new(old), new: Document::new(new) };
    let renamed = components::renamed(&pair);
    let mut recorder = Recorder::new(&pair, renamed);
    document(old, new, &mut recorder);
    operations::compare(&pair, &mut recorder);
    components::compare(&pair, &mut recorder);
    recorder.finish()
}

/// The parts of the document that do not belong to an operation or schema.
fn document(old: &Value, new: &Value, recorder: &mut Recorder<'_>) {
    let types = |document: &Value| document.get("x-id-types").and_then(Value::as_object).cloned().unwrap_or_default();
    let (before, after) = (types(old), types(new));
    for name in before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))) {
        // A type for a name that did not exist before changes no existing code.
        if before.get(name) != after.get(name) && resolve::has_name(old, name) {
            let show = |ty: Option<&Value>| ty.and_then(Value::as_str).unwrap_or("plain string").to_owned();
            let items = [before.get(name), after.get(name)].into_iter().flatten().filter_map(Value::as_str);
            recorder.add(
                Subject::Document,
                Rule::IdTypeChanged,
                format!(
                    "identifiers called `{name}` were {} and are {}",
                    show(before.get(name)),
                    show(after.get(name))
                ),
                items.map(|ty| format!("ids::{ty}")).collect(),
            );
        }
    }
    // The version is in the heading of every report.
    for key in ["servers", "security", "tags"] {
        if old.get(key) != new.get(key) {
            recorder.add(Subject::Document, Rule::TextChanged, format!("`{key}` changed"), Vec::new());
        }
    }
}
