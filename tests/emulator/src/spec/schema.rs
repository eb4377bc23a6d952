//! Resolves references and `allOf` in one place, so that nothing else has to know about them.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// The longest chain of references and `allOf` that is followed; a deeper one is circular.
const DEPTH: usize = 32;

/// Looks up a local `$ref`; anything else is returned unchanged.
pub(super) fn dereference<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let mut current = value;
    for _ in 0..DEPTH {
        let Some(target) = current.get("$ref").and_then(Value::as_str) else {
            return current;
        };
        let Some(found) = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer)) else {
            return current;
        };
        current = found;
    }
    current
}

/// Follows references and merges `allOf` into one plain schema.
pub(super) fn resolve<'a>(document: &'a Value, schema: &'a Value) -> Cow<'a, Value> {
    resolve_at(document, schema, 0)
}

fn resolve_at<'a>(document: &'a Value, schema: &'a Value, depth: usize) -> Cow<'a, Value> {
    let schema = dereference(document, schema);
    let Some(parts) = schema.get("allOf").and_then(Value::as_array) else {
        return Cow::Borrowed(schema);
    };
    if depth >= DEPTH {
        return Cow::Borrowed(schema);
    }
    let mut merged = schema.as_object().cloned().unwrap_or_default();
    merged.remove("allOf");
    for part in parts {
        if let Some(part) = resolve_at(document, part, depth + 1).as_object() {
            merge(&mut merged, part);
        }
    }
    Cow::Owned(Value::Object(merged))
}

fn merge(into: &mut Map<String, Value>, part: &Map<String, Value>) {
    for (key, value) in part {
        match (into.get_mut(key), value) {
            (Some(Value::Object(have)), Value::Object(more)) if key == "properties" => {
                for (name, property) in more {
                    have.entry(name.clone()).or_insert_with(|| property.clone());
                }
            }
            (Some(Value::Array(have)), Value::Array(more)) if key == "required" => have.extend(more.iter().cloned()),
            (Some(_), _) => {}
            (None, _) => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Names that a schema requires.
pub(super) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
