//! Additions of the overlay that upstream now publishes itself: upstream takes precedence, our names remain, and the copy can be
//! removed.

use super::{Adds, Change, Overlay};
use crate::diff::{self, Subject, diff};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// An addition that upstream now publishes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recognized {
    /// File and line of the rule that has the copy.
    pub place: String,
    /// What it is: `GET /v2/clusters` or `schema Cluster`.
    pub name: String,
    /// Where upstream differs from the copy.
    pub differences: Vec<String>,
}

/// Removes from the overlay what the published document has. The name, the tags and the `x-` keys of an operation remain where
/// upstream does not set them: users know it by that name.
pub fn recognize(overlay: &mut Overlay, published: &Value) -> Vec<Recognized> {
    let components = all_components(overlay, published);
    let mut found = Vec::new();
    for action in &mut overlay.actions {
        let Change::Update(update) = &mut action.change else { continue };
        let Some(update) = update.as_object_mut() else { continue };
        let mut note = |name: String, differences| {
            found.push(Recognized { place: action.place.clone(), name, differences });
        };
        match action.adds {
            Some(Adds::Operations) => operations(update, published, &components, &mut note),
            Some(Adds::Schemas) => named(update, published, "schemas", |name, ours, theirs| {
                note(format!("schema {name}"), schema_differences(name, &components, ours, theirs));
            }),
            Some(Adds::Parameters) => named(update, published, "parameters", |name, ours, theirs| {
                let differ = if ours == theirs { Vec::new() } else { vec!["its definition".to_owned()] };
                note(format!("parameter {name}"), differ);
            }),
            Some(Adds::Tags) | None => continue,
        }
        // The rule expects that its addition does not exist, but it is now known to.
        let table = match action.adds {
            Some(Adds::Operations) => "/paths",
            Some(Adds::Schemas) => "/components/schemas",
            _ => "/components/parameters",
        };
        let theirs = published.pointer(table);
        action.expect.lacks.retain(|name| theirs.is_none_or(|theirs| theirs.get(name).is_none()));
    }
    found.sort();
    found
}

/// Schemas that the overlay adds and nothing refers to, not even in a cycle.
pub fn unused_schemas(overlay: &Overlay, resolved: &Value) -> Vec<(String, String)> {
    let mut used = BTreeSet::new();
    let mut waiting = vec![resolved.get("paths").unwrap_or(&Value::Null)];
    waiting.extend(resolved.pointer("/components/parameters"));
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(Value::as_str)
                    && used.insert(reference)
                {
                    waiting.extend(reference.strip_prefix('#').and_then(|local| resolved.pointer(local)));
                }
                waiting.extend(map.values());
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    let mut unused = Vec::new();
    for action in overlay.actions.iter().filter(|action| action.adds == Some(Adds::Schemas)) {
        let Change::Update(Value::Object(update)) = &action.change else { continue };
        for name in update.keys().filter(|name| !used.contains(format!("#/components/schemas/{name}").as_str())) {
            unused.push((action.place.clone(), name.clone()));
        }
    }
    unused
}

fn operations(
    update: &mut Map<String, Value>,
    published: &Value,
    components: &Value,
    note: &mut dyn FnMut(String, Vec<String>),
) {
    let shape = crate::diff::path_shape;
    let all: Vec<(&String, &Value)> = published.get("paths").and_then(Value::as_object).into_iter().flatten().collect();
    let mut moved: Vec<(String, String, Value)> = Vec::new();
    for (path, item) in update.iter_mut() {
        let same = all.iter().filter(|(other, _)| shape(other) == shape(path));
        for (their_path, their_item) in same {
            let Some(item) = item.as_object_mut() else { continue };
            let methods: Vec<String> =
                item.keys().filter(|key| their_item.get(key.as_str()).is_some()).cloned().collect();
            for method in methods.iter().filter(|method| *method != "parameters") {
                let Some(ours) = item.remove(method) else { continue };
                let theirs = their_item.get(method).unwrap_or(&Value::Null);
                let mut differences = operation_differences((path, their_path), method, components, &ours, theirs);
                if path != *their_path {
                    differences.insert(0, format!("the path, which is {their_path}"));
                }
                note(format!("{} {path}", method.to_uppercase()), differences);
                moved.push(((*their_path).clone(), method.clone(), what_stays(&ours, theirs)));
            }
        }
    }
    update.retain(|_, item| item.as_object().is_none_or(|item| item.keys().any(|key| key != "parameters")));
    for (path, method, kept) in moved {
        let item = update.entry(path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(method, kept);
        }
    }
}

/// What users and tools know the operation by.
fn what_stays(ours: &Value, theirs: &Value) -> Value {
    let keep = |key: &str| ["operationId", "tags", "description", "summary"].contains(&key) || key.starts_with("x-");
    let kept =
        ours.as_object().into_iter().flatten().filter(|(key, _)| keep(key) && theirs.get(key.as_str()).is_none());
    // What we recorded about the sources of an unpublished operation is no longer true.
    let kept = kept.filter(|(key, _)| !["x-source", "x-confidence"].contains(&key.as_str()));
    Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn named(update: &mut Map<String, Value>, published: &Value, kind: &str, mut note: impl FnMut(&str, &Value, &Value)) {
    let theirs = published.pointer(&format!("/components/{kind}")).and_then(Value::as_object);
    let both: Vec<String> =
        update.keys().filter(|name| theirs.is_some_and(|theirs| theirs.contains_key(*name))).cloned().collect();
    for name in both {
        if let (Some(ours), Some(theirs)) = (update.remove(&name), theirs.and_then(|theirs| theirs.get(&name))) {
            note(&name, &ours, theirs);
        }
    }
}

/// The published components and, for names that they lack, those that the overlay adds.
fn all_components(overlay: &Overlay, published: &Value) -> Value {
    let mut components = published.get("components").cloned().unwrap_or_else(|| json!({}));
    for action in &overlay.actions {
        let kind = match action.adds {
            Some(Adds::Schemas) => "schemas",
            Some(Adds::Parameters) => "parameters",
            _ => continue,
        };
        let Change::Update(Value::Object(update)) = &action.change else { continue };
        let Some(components) = components.as_object_mut() else { continue };
        let table = components.entry(kind).or_insert_with(|| json!({}));
        for (name, value) in update {
            if let Some(table) = table.as_object_mut()
                && !table.contains_key(name)
            {
                table.insert(name.clone(), value.clone());
            }
        }
    }
    components
}

fn operation_differences(
    (our_path, their_path): (&str, &str),
    method: &str,
    components: &Value,
    ours: &Value,
    theirs: &Value,
) -> Vec<String> {
    let document =
        |path: &str, operation: &Value| json!({"paths": {path: {method: operation}}, "components": components});
    let changes = diff(&document(our_path, ours), &document(their_path, theirs)).changes;
    worth_telling(changes.into_iter().filter(|change| matches!(change.subject, Subject::Operation { .. })))
}

fn schema_differences(name: &str, components: &Value, ours: &Value, theirs: &Value) -> Vec<String> {
    let document = |schema: &Value| {
        let mut components = components.clone();
        if let Some(place) = components.get_mut("schemas").and_then(|schemas| schemas.get_mut(name)) {
            *place = schema.clone();
        }
        json!({"components": components})
    };
    worth_telling(diff(&document(ours), &document(theirs)).changes.into_iter())
}

/// Our texts, families and `x-` keys remain where upstream has none.
fn worth_telling(changes: impl Iterator<Item = diff::Change>) -> Vec<String> {
    let noise = ["text-changed", "extension-changed", "tag-changed"];
    changes.filter(|change| !noise.contains(&change.rule)).map(|change| change.text).collect()
}
