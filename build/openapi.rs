//! Helpers for reading an OpenAPI document that may not be well-formed everywhere.

use serde_json::Value;

/// The HTTP methods of a path item, in the order used for generated items.
pub const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

/// The entries of the mapping `key`; none if it is missing or not a mapping.
pub fn entries<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
    value.get(key).and_then(Value::as_object).into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// The items of the list `key`; none if it is missing or not a list.
pub fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Follows a reference, and references to references; `None` when it leads nowhere.
pub fn resolve<'a>(document: &'a Value, value: &'a Value) -> Option<&'a Value> {
    let mut value = value;
    for _ in 0..32 {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Some(value) };
        value = document.pointer(reference.strip_prefix('#')?)?;
    }
    None
}

/// The component schema that a schema refers to.
pub fn component(schema: &Value) -> Option<&str> {
    schema.get("$ref").and_then(Value::as_str)?.strip_prefix("#/components/schemas/")
}

/// Every operation: path, path item, method, operation.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &Value, &'static str, &Value)> {
    entries(document, "paths").flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| Some((path, item, method, item.get(method)?)))
    })
}

/// Extends a JSON pointer by one step.
pub fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}
