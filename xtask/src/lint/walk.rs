//! Read-only iteration over a document, with the JSON pointer of everything that is visited.

use crate::openapi::{self, child, entries, items};
use serde_json::{Map, Value};

/// An operation and its place.
pub struct Operation<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub pointer: String,
    pub item: &'a Value,
    pub value: &'a Value,
}

pub fn operations(document: &Value) -> Vec<Operation<'_>> {
    let found = openapi::operations(document);
    found
        .map(|(path, item, method, value)| {
            let pointer = child(&child("/paths", path), method);
            Operation { method, path, pointer, item, value }
        })
        .collect()
}

/// A schema and its place.
pub struct Schema<'a> {
    pub pointer: String,
    pub map: &'a Map<String, Value>,
    /// The name of the property or parameter that it describes.
    pub name: Option<&'a str>,
}

/// Every schema that reaches the generator, parents first. Failure responses do not: they all share one error type.
pub fn schemas(document: &Value) -> Vec<Schema<'_>> {
    let mut found = Vec::new();
    let components = document.get("components").unwrap_or(&Value::Null);
    for (name, schema) in entries(components, "schemas") {
        schema_tree(schema, child("/components/schemas", name), None, &mut found);
    }
    for (name, parameter) in entries(components, "parameters") {
        parameter_schema(parameter, &child("/components/parameters", name), &mut found);
    }
    for kind in ["requestBodies", "responses"] {
        for (name, holder) in entries(components, kind) {
            content_schemas(holder, &child(&format!("/components/{kind}"), name), &mut found);
        }
    }
    for (path, item) in entries(document, "paths") {
        parameter_list(item, &child("/paths", path), &mut found);
    }
    for operation in operations(document) {
        parameter_list(operation.value, &operation.pointer, &mut found);
        if let Some(body) = operation.value.get("requestBody") {
            content_schemas(body, &child(&operation.pointer, "requestBody"), &mut found);
        }
        let responses = child(&operation.pointer, "responses");
        for (status, response) in entries(operation.value, "responses").filter(|(status, _)| status.starts_with('2')) {
            content_schemas(response, &child(&responses, status), &mut found);
        }
    }
    found
}

fn parameter_list<'a>(holder: &'a Value, pointer: &str, found: &mut Vec<Schema<'a>>) {
    for (index, parameter) in items(holder, "parameters").iter().enumerate() {
        parameter_schema(parameter, &format!("{pointer}/parameters/{index}"), found);
    }
}

fn parameter_schema<'a>(parameter: &'a Value, pointer: &str, found: &mut Vec<Schema<'a>>) {
    if let Some(schema) = parameter.get("schema") {
        schema_tree(schema, child(pointer, "schema"), parameter.get("name").and_then(Value::as_str), found);
    }
}

fn content_schemas<'a>(holder: &'a Value, pointer: &str, found: &mut Vec<Schema<'a>>) {
    let content = child(pointer, "content");
    for (media, value) in entries(holder, "content") {
        if let Some(schema) = value.get("schema") {
            schema_tree(schema, child(&child(&content, media), "schema"), None, found);
        }
    }
}

fn schema_tree<'a>(schema: &'a Value, pointer: String, name: Option<&'a str>, found: &mut Vec<Schema<'a>>) {
    let Value::Object(map) = schema else { return };
    let at = found.len();
    found.push(Schema { pointer, map, name });
    let pointer = found[at].pointer.clone();
    for (property, schema) in entries(schema, "properties") {
        schema_tree(schema, child(&child(&pointer, "properties"), property), Some(property), found);
    }
    for key in ["items", "additionalProperties", "not"] {
        if let Some(inner) = map.get(key) {
            schema_tree(inner, child(&pointer, key), name, found);
        }
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        for (index, branch) in items(schema, key).iter().enumerate() {
            schema_tree(branch, format!("{pointer}/{key}/{index}"), name, found);
        }
    }
}
