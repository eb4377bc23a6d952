//! Component schemas: which were added, removed or renamed, and what changed inside.

use super::change::{Recorder, Subject};
use super::place::Place;
use super::resolve::Pair;
use super::rules::Rule;
use super::schema;
use crate::naming::pascal;
use crate::openapi::essence;
use serde_json::Value;
use std::collections::BTreeMap;

/// Old to new name of the schemas in which nothing changed except the name.
pub fn renamed<'a>(pair: &Pair<'a>) -> BTreeMap<&'a str, &'a str> {
    let mut gone: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
    let mut came: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
    for (name, schema) in &pair.old.schemas {
        if !pair.new.schemas.contains_key(name) {
            gone.entry(shape(schema)).or_default().push(name);
        }
    }
    for (name, schema) in &pair.new.schemas {
        if !pair.old.schemas.contains_key(name) {
            came.entry(shape(schema)).or_default().push(name);
        }
    }
    // Only if unambiguous: exactly one schema of this shape was removed and one added.
    let certain = gone.iter().filter_map(|(shape, old)| match (old.as_slice(), came.get(shape)?.as_slice()) {
        (&[old], &[new]) => Some((old, new)),
        _ => None,
    });
    certain.collect()
}

fn shape(schema: &Value) -> String {
    essence(schema).to_string()
}

pub fn compare<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>) {
    let renamed = recorder.renamed.clone();
    for (name, old) in &pair.old.schemas {
        let subject = Subject::Schema((*name).to_owned());
        let item = || vec![format!("types::{}", pascal(name))];
        match (pair.new.schemas.get(name), renamed.get(name)) {
            (Some(new), _) => both(pair, recorder, name, old, new),
            (None, Some(new)) => {
                let items = vec![format!("types::{}", pascal(name)), format!("types::{}", pascal(new))];
                recorder.add(
                    Subject::Schema((*new).to_owned()),
                    Rule::SchemaRenamed,
                    format!("was called `{name}`"),
                    items,
                );
            }
            (None, None) => recorder.add(subject, Rule::SchemaRemoved, "is gone".to_owned(), item()),
        }
    }
    for name in pair.new.schemas.keys() {
        if !pair.old.schemas.contains_key(name) && !renamed.values().any(|new| new == name) {
            let items = vec![format!("types::{}", pascal(name))];
            recorder.add(Subject::Schema((*name).to_owned()), Rule::SchemaAdded, "is new".to_owned(), items);
        }
    }
}

fn both<'a>(pair: &Pair<'a>, recorder: &mut Recorder<'a>, name: &str, old: &'a Value, new: &'a Value) {
    let subject = Subject::Schema(name.to_owned());
    let (before, after) = (recorder.uses_old.get(name), recorder.uses_new.get(name));
    let item = format!("types::{}", pascal(name));
    let mut note = |rule: Rule, text: &str| recorder.add(subject.clone(), rule, text.to_owned(), vec![item.clone()]);
    match (before.request, after.request) {
        (false, true) => note(Rule::SchemaUseAdded, "is now also sent"),
        (true, false) => note(Rule::SchemaUseRemoved, "is no longer sent"),
        _ => {}
    }
    if before.patch != after.patch {
        let text = if after.patch { "is now part of a PATCH" } else { "is no longer part of a PATCH" };
        note(Rule::SchemaPatchChanged, text);
    }
    let place = Place::root(subject, before.or(after), pascal(name));
    schema::schema(pair, recorder, &place, old, new);
}
