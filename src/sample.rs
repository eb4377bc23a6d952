//! Values of the response types, made from the API description, for callers' tests.

use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A value of the schema with this name.
#[expect(clippy::panic, reason = "used only in tests, and a test of this crate makes each sample")]
pub(crate) fn sample<T: DeserializeOwned>(name: &str) -> T {
    let value = find(document(), name).map(|schema| value(document(), schema, name, &mut Vec::new()));
    match serde_json::from_value(value.flatten().unwrap_or_default()) {
        Ok(value) => value,
        Err(error) => panic!("no sample of {name}: {error}"),
    }
}

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(crate::SPEC_JSON).unwrap_or_default())
}

/// The schema of a type: by our own name for it, or by that of its component.
fn find<'a>(document: &'a Value, name: &str) -> Option<&'a Value> {
    let flat = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let components = document.pointer("/components/schemas")?.as_object()?;
    let named = components.iter().find(|(key, schema)| match schema.get("x-rust-name").and_then(Value::as_str) {
        Some(ours) => ours == name,
        None => flat(key) == flat(name),
    });
    named.map(|(_, schema)| schema).or_else(|| inline(document, name))
}

/// The first nested schema to which we gave this name.
fn inline<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) if map.get("x-rust-name").and_then(Value::as_str) == Some(name) => Some(value),
        Value::Object(map) => map.values().find_map(|inner| inline(inner, name)),
        Value::Array(items) => items.iter().find_map(|inner| inline(inner, name)),
        _ => None,
    }
}

/// A value of a schema with every property; `None` where a type contains itself.
fn value(document: &Value, schema: &Value, name: &str, open: &mut Vec<String>) -> Option<Value> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        if open.iter().any(|other| other == reference) {
            return None;
        }
        open.push(reference.to_owned());
        let made = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
        let made = made.and_then(|schema| value(document, schema, name, open));
        open.pop();
        return made;
    }
    for key in ["x-example", "example"] {
        if let Some(example) = schema.get(key) {
            return Some(example.clone());
        }
    }
    for key in ["enum", "x-known-values"] {
        if let Some(first) = schema.get(key).and_then(|values| values.get(0)) {
            return Some(first.clone());
        }
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let made: Vec<Value> = parts.iter().filter_map(|part| value(document, part, name, open)).collect();
        return match made.iter().all(Value::is_object) {
            true => Some(Value::Object(made.into_iter().filter_map(object).flatten().collect())),
            false => made.into_iter().next(),
        };
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(choices) = schema.get(key).and_then(Value::as_array) {
            return choices.iter().find_map(|choice| value(document, choice, name, open));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => {
            let item = schema.get("items").and_then(|items| value(document, items, name, open));
            Some(Value::Array(item.into_iter().collect()))
        }
        Some("boolean") => Some(true.into()),
        Some("integer" | "number") => Some(schema.get("minimum").cloned().unwrap_or_else(|| 1.into())),
        Some("string") => Some(text(schema, name).into()),
        _ if properties.is_some() => {
            let properties = properties.into_iter().flatten();
            Some(Value::Object(
                properties
                    .filter_map(|(key, inner)| value(document, inner, key, open).map(|made| (key.clone(), made)))
                    .collect(),
            ))
        }
        Some("object") => Some(Value::Object(Map::new())),
        _ => Some(Value::Null),
    }
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

fn text(schema: &Value, name: &str) -> String {
    match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => id(name),
        Some("date-time") => "2026-09-18T12:39:20Z".to_owned(),
        Some("date") => "2026-09-18".to_owned(),
        Some("email") => "sample@example.com".to_owned(),
        Some("password") => "sample-Secret-value-7".to_owned(),
        _ => format!("sample-{}", name.to_ascii_lowercase()),
    }
}

/// The same name always gives the same id: the group of a sample workspace is the sample group.
fn id(name: &str) -> String {
    // FNV-1a.
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    uuid::Builder::from_random_bytes(((u128::from(hash) << 64) | u128::from(hash.rotate_left(32))).to_be_bytes())
        .into_uuid()
        .to_string()
}

#[cfg(test)]
mod tests {
    use crate::raw::all_samples;
    use crate::types::{Workspace, WorkspaceGroup};

    #[test]
    fn every_response_type_has_a_sample() {
        assert!(all_samples().len() > 60, "only {}", all_samples().len());
        let workspace = Workspace::sample();
        assert_eq!(workspace.workspace_group_id, Some(WorkspaceGroup::sample().workspace_group_id));
        assert_eq!(workspace, Workspace::sample());
        assert!(!workspace.name.is_empty() && workspace.endpoint.is_some());
    }
}
