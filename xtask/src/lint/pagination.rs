//! What `x-pagination` says of a list, held against the response.

use super::Finding;
use super::walk::operations;
use crate::openapi::{child, entries, items, resolve};
use serde_json::Value;

pub fn check(document: &Value, findings: &mut Vec<Finding>) {
    for operation in operations(document) {
        let Some(extension) = operation.value.get("x-pagination") else { continue };
        let pointer = child(&operation.pointer, "x-pagination");
        let Some(schema) = success(document, operation.value) else {
            findings.push(Finding::fatal(pointer, "x-pagination is said of an operation whose response has no JSON."));
            continue;
        };
        let text = |key: &str| extension.get(key).and_then(Value::as_str);
        let Some(element) = element(document, schema, text("items")) else {
            let message = match text("items") {
                Some(key) => format!("the response is neither a list nor an object with the list `{key}`."),
                None => "the response is no list, and x-pagination names none in `items`.".to_owned(),
            };
            findings.push(Finding::fatal(pointer, message));
            continue;
        };
        for (what, schema) in [("the response", schema), ("an element of the list", element)] {
            if can_be_null(document, schema) {
                let message = format!("{what} may be null, so there is no list to go through; take `nullable` away.");
                findings.push(Finding::fatal(&pointer, message));
            }
        }
        match properties(document, element) {
            Some(names) => {
                let missing = text("id").filter(|id| !names.iter().any(|name| name == id));
                findings.extend(missing.map(|id| {
                    Finding::fatal(
                        &pointer,
                        format!("the elements of the list have no property `{id}` to be told apart by."),
                    )
                }));
            }
            None => {
                findings.push(Finding::fatal(pointer, "the elements of the list are no objects, so they have no type."))
            }
        }
    }
}

fn success<'a>(document: &'a Value, operation: &'a Value) -> Option<&'a Value> {
    let responses = entries(operation, "responses").filter(|(status, _)| status.starts_with('2'));
    let mut schemas = responses.filter_map(|(_, response)| {
        resolve(document, response)?.get("content")?.get("application/json")?.get("schema")
    });
    schemas.next()
}

/// The schema of an element; `None` when there is no list.
fn element<'a>(document: &'a Value, schema: &'a Value, key: Option<&str>) -> Option<&'a Value> {
    let schema = whole(document, schema)?;
    if let Some(element) = schema.get("items") {
        return Some(element);
    }
    let list = whole(document, schema.get("properties")?.get(key?)?)?;
    list.get("items")
}

/// Follows references, also through an `allOf` of one.
fn whole<'a>(document: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let mut schema = resolve(document, schema)?;
    for _ in 0..32 {
        let [only] = items(schema, "allOf") else { break };
        schema = resolve(document, only)?;
    }
    Some(schema)
}

fn can_be_null(document: &Value, schema: &Value) -> bool {
    let flag = |schema: &Value| schema.get("nullable") == Some(&Value::Bool(true));
    flag(schema) || whole(document, schema).is_some_and(flag)
}

/// The names of the properties of an object, `allOf` included; `None` for what is none.
fn properties<'a>(document: &'a Value, schema: &'a Value) -> Option<Vec<&'a str>> {
    let mut names: Vec<&str> = Vec::new();
    let (mut waiting, mut steps) = (vec![schema], 0);
    while let Some(schema) = waiting.pop().filter(|_| steps < 200) {
        steps += 1;
        let schema = resolve(document, schema)?;
        names.extend(entries(schema, "properties").map(|(name, _)| name));
        waiting.extend(items(schema, "allOf"));
    }
    (!names.is_empty()).then_some(names)
}
