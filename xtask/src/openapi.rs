//! OpenAPI documents as the generator sees them, and what only the comparison tools need.

pub use crate::codegen::openapi::{METHODS, child, component, entries, items, operations, resolve};

use serde_json::Value;
use std::collections::BTreeMap;

/// A value with sorted keys, so that its output does not depend on how it was written.
pub fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries: BTreeMap<&String, &Value> = map.iter().collect();
            Value::Object(entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// A schema with sorted keys and without what does not affect the type, for comparing schemas.
pub fn essence(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            // A property may be called `description`; its value is then a schema and not a string.
            let text = |key: &str, value: &Value| {
                ["description", "summary", "example", "externalDocs"].contains(&key) && !value.is_object()
            };
            let kept = map.iter().filter(|(key, value)| !text(key, value) && !key.starts_with("x-"));
            let sorted: BTreeMap<&String, &Value> = kept.collect();
            let entry = |key: &String, value: &Value| match value {
                Value::Array(items) if ["required", "enum"].contains(&key.as_str()) => as_set(items),
                other => essence(other),
            };
            Value::Object(sorted.into_iter().map(|(key, value)| (key.clone(), entry(key, value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(essence).collect()),
        other => other.clone(),
    }
}

/// A list whose order has no meaning.
fn as_set(items: &[Value]) -> Value {
    let mut items = items.to_vec();
    items.sort_by_cached_key(ToString::to_string);
    Value::Array(items)
}
