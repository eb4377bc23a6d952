//! Looking things up in a document that may not be well-formed everywhere: what does not resolve is left as it is.

use crate::naming;
use serde_json::Value;
use std::collections::BTreeMap;

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

/// One operation.
pub struct Operation<'a> {
    pub path: &'a str,
    pub method: &'a str,
    pub item: &'a Value,
    pub value: &'a Value,
    /// Its name; made from method and path when the document has none.
    pub id: String,
    /// Whether the document itself names it.
    pub named: bool,
}

impl Operation<'_> {
    /// The request type that users see.
    pub fn request_type(&self) -> String {
        format!("requests::{}", naming::pascal(&self.id))
    }
}

pub struct Document<'a> {
    pub value: &'a Value,
    pub operations: Vec<Operation<'a>>,
    pub schemas: BTreeMap<&'a str, &'a Value>,
}

pub struct Pair<'a> {
    pub old: Document<'a>,
    pub new: Document<'a>,
}

impl<'a> Document<'a> {
    pub fn new(value: &'a Value) -> Self {
        let names = naming::names(value);
        let mut operations = Vec::new();
        for (path, item) in entries(value, "paths") {
            for method in METHODS {
                let Some(operation) = item.get(method).filter(|operation| operation.is_object()) else { continue };
                let key = (path.to_owned(), method.to_owned());
                let id = names.get(&key).cloned().unwrap_or_default();
                let named = operation.get("operationId").is_some();
                operations.push(Operation { path, method, item, value: operation, id, named });
            }
        }
        operations.sort_by(|a, b| (a.path, a.method).cmp(&(b.path, b.method)));
        let components = value.get("components").unwrap_or(&Value::Null);
        Self { value, operations, schemas: entries(components, "schemas").collect() }
    }

    /// Follows references of parameters, bodies and answers.
    pub fn resolve(&self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..16 {
            let target = value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
            match target.and_then(|local| self.value.pointer(local)) {
                Some(next) => value = next,
                None => return value,
            }
        }
        value
    }
}

pub fn entries<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
    value.get(key).and_then(Value::as_object).into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

pub fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The name of the component that a schema is, also when it says so through `allOf`.
pub fn reference(schema: &Value) -> Option<&str> {
    let holder = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) if !has_shape(schema) => only,
        _ => schema,
    };
    holder.get("$ref").and_then(Value::as_str)?.strip_prefix("#/components/schemas/")
}

fn has_shape(schema: &Value) -> bool {
    ["properties", "type", "enum", "oneOf", "anyOf"].iter().any(|key| schema.get(*key).is_some())
}

/// A schema without what makes no type and with sorted keys, for telling whether two are the same.
pub fn essence(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            // A property may be called `description`; its value is then a schema and no text.
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

/// A list whose order means nothing.
fn as_set(items: &[Value]) -> Value {
    let mut items = items.to_vec();
    items.sort_by_cached_key(ToString::to_string);
    Value::Array(items)
}

/// A path in which only the places of the parameters count.
pub fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                shape.push_str("{}");
            }
            '}' => inside = false,
            c if !inside => shape.push(c),
            _ => {}
        }
    }
    shape.trim_end_matches('/').to_owned()
}

/// Whether a property or parameter has this name.
pub fn has_name(document: &Value, name: &str) -> bool {
    let mut waiting = vec![document];
    while let Some(value) = waiting.pop() {
        let property = value.get("properties").is_some_and(|properties| properties.get(name).is_some());
        if property || value.get("name").and_then(Value::as_str) == Some(name) {
            return true;
        }
        match value {
            Value::Object(map) => waiting.extend(map.values()),
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    false
}
