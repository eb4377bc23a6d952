//! Operations: which were added, removed or moved, and what changed in the others.

use super::change::{Recorder, Subject};
use super::resolve::{Operation, Pair, shape};
use super::rules::Rule;
use super::{bodies, parameters};
use std::collections::BTreeSet;

pub fn compare<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>) {
    let mut matched = BTreeSet::new();
    for old in &pair.old.operations {
        let same_place = |new: &&Operation<'_>| new.method == old.method && shape(new.path) == shape(old.path);
        // A name in the document takes precedence over the path: an operation that moved keeps its name.
        let same_name = |new: &&Operation<'_>| old.named && new.named && new.id == old.id;
        let new = &pair.new.operations;
        let Some(new) = new.iter().find(same_place).or_else(|| new.iter().find(same_name)) else {
            recorder.add(Subject::of(old), Rule::OperationRemoved, "is gone".to_owned(), vec![old.request_type()]);
            continue;
        };
        matched.insert((new.path, new.method));
        if !same_place(&new) {
            let text = format!("moved here from {} {}", old.method.to_uppercase(), old.path);
            recorder.add(Subject::of(new), Rule::OperationMoved, text, vec![new.request_type()]);
        }
        both(pair, recorder, old, new);
    }
    for new in pair.new.operations.iter().filter(|new| !matched.contains(&(new.path, new.method))) {
        recorder.add(Subject::of(new), Rule::OperationAdded, "is new".to_owned(), vec![new.request_type()]);
    }
}

fn both<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>, old: &Operation<'a>, new: &Operation<'a>) {
    if old.id != new.id && old.named == new.named {
        recorder.add(
            Subject::of(new),
            Rule::OperationRenamed,
            format!("was called `{}` and is called `{}`", old.id, new.id),
            vec![old.request_type(), new.request_type()],
        );
    }
    let mut note = |rule: Rule, text: String| recorder.add(Subject::of(new), rule, text, vec![new.request_type()]);
    let different = |key: &str| old.value.get(key) != new.value.get(key);
    for key in ["summary", "description", "security", "servers", "externalDocs"] {
        if different(key) {
            note(Rule::TextChanged, format!("has another `{key}`"));
        }
    }
    if different("tags") {
        note(Rule::TagChanged, "belongs to another family".to_owned());
    }
    if different("deprecated") {
        note(Rule::DeprecatedChanged, "is or is no longer deprecated".to_owned());
    }
    let keys =
        |operation: &Operation<'a>| operation.value.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
    let extensions: BTreeSet<&str> = keys(old).chain(keys(new)).filter(|key| key.starts_with("x-")).collect();
    for key in extensions.into_iter().filter(|key| different(key)) {
        let rule = if key == "x-pagination" { Rule::PaginationChanged } else { Rule::ExtensionChanged };
        note(rule, format!("has another `{key}`"));
    }
    parameters::compare(pair, recorder, old, new);
    bodies::request(pair, recorder, old, new);
    bodies::response(pair, recorder, old, new);
}
