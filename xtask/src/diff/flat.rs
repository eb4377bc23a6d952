//! A schema with its `allOf` merged into it.

use crate::openapi::items;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A schema whose `allOf` is merged into it.
pub type Flat<'a> = BTreeMap<&'a str, &'a Value>;

/// Properties and required names of the parts are found by [`all_properties`]; here the first value of a key wins.
pub fn flat<'a>(document: &'a Value, schema: &'a Value) -> Flat<'a> {
    let mut merged = Flat::new();
    for part in parts(document, schema) {
        for (key, value) in part.iter().filter(|(key, _)| *key != "allOf") {
            merged.entry(key.as_str()).or_insert(value);
        }
    }
    // The whole `allOf` stays reachable for the properties.
    merged.insert("", schema);
    merged
}

/// The properties of a schema and of all parts of its `allOf`, with whether they are required.
pub fn all_properties<'a>(document: &'a Value, schema: &Flat<'a>) -> BTreeMap<&'a str, (&'a Value, bool)> {
    let parts = schema.get("").map(|schema| parts(document, schema)).unwrap_or_default();
    let required: Vec<&str> = parts
        .iter()
        .flat_map(|part| part.get("required").and_then(Value::as_array).into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    let properties =
        parts.iter().flat_map(|part| part.get("properties").and_then(Value::as_object).into_iter().flatten());
    properties.map(|(name, value)| (name.as_str(), (value, required.contains(&name.as_str())))).collect()
}

fn parts<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Map<String, Value>> {
    let mut found: Vec<&'a Map<String, Value>> = Vec::new();
    // Each target only once: a branching cycle would never end.
    let mut seen = BTreeSet::new();
    let mut waiting = vec![schema];
    while let Some(schema) = waiting.pop() {
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(target) = reference.and_then(|text| document.pointer(text.strip_prefix('#')?)) {
            if seen.insert(reference) {
                waiting.push(target);
            }
        } else if let Some(map) = schema.as_object() {
            found.push(map);
        }
        waiting.extend(items(schema, "allOf").iter().rev());
    }
    found
}
