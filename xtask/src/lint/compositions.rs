//! Schemas composed from something that contains them: each branch of an `allOf` is copied into the whole, so a copy would
//! contain the next one, and the generator would not terminate.

use super::Finding;
use super::types::branches;
use crate::openapi::{child, entries, items};
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

pub fn check(document: &Value, findings: &mut Vec<Finding>) {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let components = document.get("components").unwrap_or(&Value::Null);
    let mut waiting = Vec::new();
    for (name, schema) in entries(components, "schemas") {
        held(schema, child("/components/schemas", name), &mut waiting);
    }
    while let Some(pointer) = waiting.pop() {
        if let Entry::Vacant(entry) = found.entry(pointer) {
            let held = copied(document, entry.key());
            waiting.extend(held.iter().cloned());
            entry.insert(held);
        }
    }
    for pointer in found.keys().filter(|pointer| reaches_itself(&found, pointer)) {
        findings.push(Finding::fatal(
            pointer,
            "this `allOf` is composed of something that contains it, so it would contain a copy of itself without end; \
             make it a separate component, and refer to that.",
        ));
    }
}

/// The composed inline schemas within a schema, without following references.
fn held(schema: &Value, pointer: String, found: &mut Vec<String>) {
    let Some(map) = schema.as_object() else { return };
    if branches(map).len() > 1 {
        found.push(pointer);
        return;
    }
    inside(schema, &pointer, found);
}

fn inside(schema: &Value, pointer: &str, found: &mut Vec<String>) {
    let properties = child(pointer, "properties");
    for (name, inner) in entries(schema, "properties") {
        held(inner, child(&properties, name), found);
    }
    for key in ["items", "additionalProperties"] {
        schema.get(key).into_iter().for_each(|inner| held(inner, child(pointer, key), found));
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        for (index, inner) in items(schema, key).iter().enumerate() {
            held(inner, format!("{pointer}/{key}/{index}"), found);
        }
    }
}

/// What the branches of a schema contain, which is copied into it.
fn copied(document: &Value, pointer: &str) -> Vec<String> {
    let (mut found, mut seen, mut waiting) = (Vec::new(), Vec::new(), vec![pointer.to_owned()]);
    while let Some(pointer) = waiting.pop() {
        let Some(schema) = document.pointer(&pointer).filter(|_| !seen.contains(&pointer)) else { continue };
        for (index, branch) in items(schema, "allOf").iter().enumerate() {
            let target = branch.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
            waiting.push(target.map_or_else(|| format!("{pointer}/allOf/{index}"), str::to_owned));
        }
        let without_branches = schema.as_object().map(|map| {
            map.iter().filter(|(key, _)| *key != "allOf").map(|(key, value)| (key.clone(), value.clone())).collect()
        });
        inside(&Value::Object(without_branches.unwrap_or_default()), &pointer, &mut found);
        seen.push(pointer);
    }
    found
}

fn reaches_itself(edges: &BTreeMap<String, Vec<String>>, from: &String) -> bool {
    let (mut seen, mut waiting) = (Vec::new(), vec![from]);
    while let Some(pointer) = waiting.pop() {
        for next in edges.get(pointer).into_iter().flatten() {
            if next == from {
                return true;
            }
            if !seen.contains(&next) {
                seen.push(next);
                waiting.push(next);
            }
        }
    }
    false
}
