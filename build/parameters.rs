//! Parameters are strings on the wire: a schema that only says how a string is written needs no type.

use serde_json::{Map, Value, json};

use super::openapi::{METHODS, items, resolve};

/// Brings the schemas of the parameters into a form that can be sent.
pub fn normalize(document: &mut Value) {
    let whole = document.clone();
    let mut lists: Vec<&mut Value> = Vec::new();
    for (_, item) in document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        let Some(item) = item.as_object_mut() else { continue };
        // Clients do not send TRACE, and the generator would create a method without an operation.
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
        if let Some(list) = list.as_array_mut() {
            list.retain(|parameter| !resolve(&whole, parameter).is_some_and(is_own_header));
        }
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

/// Whether the client sends this header by itself. OpenAPI ignores parameters with the first three names; the others
/// frame the message.
pub fn is_own_header(parameter: &Value) -> bool {
    const OWN: [&str; 7] =
        ["accept", "authorization", "content-type", "connection", "content-length", "host", "transfer-encoding"];
    let text = |key: &str| parameter.get(key).and_then(Value::as_str);
    text("in") == Some("header") && text("name").is_some_and(|name| OWN.contains(&name.to_ascii_lowercase().as_str()))
}

fn one(document: &Value, parameter: &mut Value) {
    let Some(schema) = parameter.get_mut("schema") else { return };
    scalar(document, schema);
    if let Some(items) = schema.get_mut("items") {
        scalar(document, items);
    }
}

fn scalar(document: &Value, schema: &mut Value) {
    // A path, a query and a header cannot contain null.
    if let Some(map) = schema.as_object_mut() {
        map.remove("nullable");
    }
    if let [only] = items(schema, "allOf")
        && schema.as_object().is_some_and(|map| map.keys().all(|key| ["allOf", "description"].contains(&key.as_str())))
    {
        *schema = only.clone();
    }
    let Some(resolved) = resolve(document, schema).and_then(Value::as_object) else { return };
    if resolved.get("format") == Some(&json!("password")) || is_choice_of_scalars(document, resolved) {
        *schema = json!({"type": "string"});
    } else if let Some(kind @ ("boolean" | "integer" | "number")) = resolved.get("type").and_then(Value::as_str) {
        // A dedicated type for a flag or a number would only get in the way, whatever values are listed.
        let format = resolved.get("format").filter(|_| kind != "boolean").cloned();
        let plain =
            [("type".to_owned(), json!(kind))].into_iter().chain(format.map(|format| ("format".to_owned(), format)));
        *schema = Value::Object(plain.collect());
    }
}

/// A union of scalars is just a string.
pub fn is_choice_of_scalars(document: &Value, schema: &Map<String, Value>) -> bool {
    let whole = Value::Object(schema.clone());
    is_choice(document, &whole, 0)
}

fn is_choice(document: &Value, schema: &Value, depth: usize) -> bool {
    let mut branches = ["oneOf", "anyOf"].into_iter().flat_map(|key| items(schema, key)).peekable();
    branches.peek().is_some() && branches.all(|branch| is_scalar(document, branch, depth))
}

/// Whether a value is or may be a secret: directly, by reference or as a choice.
pub fn may_be_secret(document: &Value, schema: &Value) -> bool {
    may_be(document, schema, 0)
}

fn may_be(document: &Value, schema: &Value, depth: usize) -> bool {
    let Some(schema) = resolve(document, schema).filter(|_| depth < DEEPEST) else { return false };
    let mut branches = ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|key| items(schema, key));
    schema.get("format") == Some(&json!("password")) || branches.any(|branch| may_be(document, branch, depth + 1))
}

/// How deep references and choices are followed: they may be circular.
const DEEPEST: usize = 4;

/// Follows references, an `allOf` around one of them, and choices.
fn is_scalar(document: &Value, schema: &Value, depth: usize) -> bool {
    let Some(schema) = resolve(document, schema).filter(|_| depth < DEEPEST) else { return false };
    match (schema.get("type").and_then(Value::as_str), items(schema, "allOf")) {
        (Some(kind), _) => ["string", "integer", "number", "boolean"].contains(&kind),
        (None, [only]) => is_scalar(document, only, depth + 1),
        (None, _) => is_choice(document, schema, depth + 1),
    }
}
