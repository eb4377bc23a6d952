//! Parameters are strings on the wire: what only says how a string is spelled makes no type.

use serde_json::{Map, Value, json};

use super::openapi::{METHODS, items, resolve};

/// Brings the schemas of the parameters into the form that can be sent.
pub fn normalize(document: &mut Value) {
    let whole = document.clone();
    let mut lists: Vec<&mut Value> = Vec::new();
    for (_, item) in document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        let Some(item) = item.as_object_mut() else { continue };
        // Clients do not send it, and the generator would make a method without an operation.
        item.remove("trace");
        for (key, part) in item.iter_mut() {
            if key == "parameters" {
                lists.push(part);
            } else if METHODS.contains(&key.as_str()) {
                lists.extend(part.get_mut("parameters"));
            }
        }
    }
    for list in lists {
        for parameter in list.as_array_mut().into_iter().flatten() {
            one(&whole, parameter);
        }
    }
    for (_, parameter) in
        document.pointer_mut("/components/parameters").and_then(Value::as_object_mut).into_iter().flatten()
    {
        one(&whole, parameter);
    }
}

fn one(document: &Value, parameter: &mut Value) {
    let Some(schema) = parameter.get_mut("schema") else { return };
    scalar(document, schema);
    if let Some(items) = schema.get_mut("items") {
        scalar(document, items);
    }
}

fn scalar(document: &Value, schema: &mut Value) {
    // There is no null in a path, a query or a header.
    if let Some(map) = schema.as_object_mut() {
        map.remove("nullable");
    }
    if let [only] = items(schema, "allOf")
        && schema.as_object().is_some_and(|map| map.keys().all(|key| ["allOf", "description"].contains(&key.as_str())))
    {
        *schema = only.clone();
    }
    let Some(resolved) = resolve(document, schema).and_then(Value::as_object) else { return };
    let is_secret = resolved.get("format") == Some(&json!("password"));
    if is_secret || is_choice_of_scalars(document, resolved) {
        *schema = json!({"type": "string"});
    } else if resolved.get("type") == Some(&json!("boolean")) {
        // A type of its own around a flag would only be in the way.
        *schema = json!({"type": "boolean"});
    }
}

/// A union of scalars is one string or another.
pub fn is_choice_of_scalars(document: &Value, schema: &Map<String, Value>) -> bool {
    let whole = Value::Object(schema.clone());
    is_choice(document, &whole, 0)
}

fn is_choice(document: &Value, schema: &Value, depth: usize) -> bool {
    let mut branches = ["oneOf", "anyOf"].into_iter().flat_map(|key| items(schema, key)).peekable();
    branches.peek().is_some() && branches.all(|branch| is_scalar(document, branch, depth))
}

/// Behind references, behind an `allOf` around one of them, and as a choice of its own.
fn is_scalar(document: &Value, schema: &Value, depth: usize) -> bool {
    const DEEPEST: usize = 4;
    let Some(schema) = resolve(document, schema).filter(|_| depth < DEEPEST) else { return false };
    match (schema.get("type").and_then(Value::as_str), items(schema, "allOf")) {
        (Some(kind), _) => ["string", "integer", "number", "boolean"].contains(&kind),
        (None, [only]) => is_scalar(document, only, depth + 1),
        (None, _) => is_choice(document, schema, depth + 1),
    }
}
