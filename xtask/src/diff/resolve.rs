//! Looks things up in a document that may be malformed: what does not resolve is left unchanged.

use crate::naming;
use crate::openapi::{self, component, entries, operations as operations_of};
use serde_json::Value;
use std::collections::BTreeMap;

/// One operation.
#[derive(Debug)]
pub struct Operation<'a> {
    pub path: &'a str,
    pub method: &'a str,
    pub item: &'a Value,
    pub value: &'a Value,
    /// Its name; derived from method and path if the document has none.
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
        for (path, item, method, operation) in operations_of(value).filter(|(.., operation)| operation.is_object()) {
            let key = (path.to_owned(), method.to_owned());
            let id = names.get(&key).cloned().unwrap_or_default();
            let named = operation.get("operationId").is_some();
            operations.push(Operation { path, method, item, value: operation, id, named });
        }
        operations.sort_by(|a, b| (a.path, a.method).cmp(&(b.path, b.method)));
        let components = value.get("components").unwrap_or(&Value::Null);
        Self { value, operations, schemas: entries(components, "schemas").collect() }
    }

    /// Follows references of parameters, bodies and responses; broken ones are left unchanged.
    pub fn resolve(&self, value: &'a Value) -> &'a Value {
        openapi::resolve(self.value, value).unwrap_or(value)
    }
}

/// The name of the component that a schema refers to, directly or through `allOf`.
pub fn reference(schema: &Value) -> Option<&str> {
    let holder = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) if !has_shape(schema) => only,
        _ => schema,
    };
    component(holder)
}

fn has_shape(schema: &Value) -> bool {
    ["properties", "type", "enum", "oneOf", "anyOf"].iter().any(|key| schema.get(*key).is_some())
}

/// A path reduced to its literal parts and the positions of its parameters.
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
